//! The lists of officers: filters and counts that agree with the rows, those who took part, and the search of all pages.

use crate::store::{rows, tamper};
use motcua_domain::dossier::event::Channel;
use motcua_domain::names::{AgencyId, ProcedureCode, StepId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::local;
use motcua_service::{AskedFilters, COUNTED, DeskHolder, DeskWish, DueSpan, OfficerView, RowNews};
use motcua_store::accounts;
use motcua_tests::browser::Browser;
use motcua_tests::flow::{COUNTER, Office, SPECIALIST, workflow};
use motcua_tests::portal::{App, Kind};
use motcua_tests::walk::{self, With, act};
use std::collections::HashSet;

on_both! {
    every_count_of_a_list_is_the_number_of_its_lines_whatever_the_filters_are
    a_list_takes_at_most_six_statements_however_long_it_is
    an_address_with_filters_shows_them_as_chips_and_keeps_them_on_every_page
    a_filter_with_an_unknown_value_is_left_out_with_a_notice
    an_officer_finds_a_person_from_every_page_in_whatever_way_the_person_is_named
    a_search_for_the_number_of_a_person_is_a_reading_and_one_for_a_name_is_not
    no_number_and_no_name_of_a_searched_person_is_in_an_address
    an_officer_keeps_a_dossier_in_sight_after_acting_on_it
    a_dossier_is_news_to_each_officer_until_the_officer_opens_it
    a_message_to_an_ended_dossier_is_marked_where_its_officers_find_it
    a_supplement_is_told_as_such_to_the_officer_who_asked_for_it
}

on_both_kinds! {
    a_partner_keeps_a_dossier_in_sight_and_its_owner_sees_that_it_is_elsewhere
}

/// The officers who look at the lists: of the agency of the dossiers, of a partner, and one who reads everything.
const LOGINS: [&str; 6] = ["thu.phucuong", "binh.phucuong", "yen.phucuong", "mai.khdt", "dung.khdt", "kiemsoat"];

/// The procedure of the dossiers, and their first step.
const BIRTH: &str = "1.001193";
const STEP: &str = "intake";

async fn actor(app: &App, login: &str) -> Actor {
    let reader = app.services.database().reader();
    let account = accounts::by_login(reader, login).await.expect("read").expect("an account");
    accounts::actor(reader, &account, local(app.services.now()).date()).await.expect("an officer")
}

/// Makes so many dossiers of the only one: in every queue, of both channels, some with an officer, with a partner, with
/// money to pay back, or elsewhere.
async fn multiply(app: &App, copies: usize) {
    let numbers =
        format!("WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {copies})");
    let thu = "(SELECT id FROM account WHERE login = 'thu.phucuong')";
    let statements = [
        "INSERT INTO dossier (code, draft, procedure, procedure_name, procedure_version, agency, unit, applicant,
            applicant_name, phone, search, step_name, status, queue, rank, filed_at, due_at, ended_punctuality, version,
            channel, elsewhere, pay_back, message_version, news_version, handed_version)
        SELECT code || n, draft || n, procedure, procedure_name, procedure_version, agency, unit, applicant,
            applicant_name, phone, search, step_name, status,
            CASE n % 4 WHEN 0 THEN 'ended' WHEN 1 THEN 'applicant' ELSE 'office' END,
            rank + (n % 5 - 3) * 86400, filed_at - n, due_at, CASE WHEN n % 8 = 0 THEN 'late' END, version,
            CASE n % 3 WHEN 0 THEN 'counter' ELSE 'online' END, n % 4 = 2 AND n % 7 = 0,
            CASE WHEN n % 10 = 0 THEN 'ubnd-phu-cuong//counter' END, CASE WHEN n % 3 > 0 THEN 2 ELSE 0 END,
            CASE WHEN n % 3 > 0 THEN 2 ELSE 0 END, 1
        FROM dossier, numbers"
            .to_owned(),
        format!(
            "INSERT INTO stay (dossier, number, step_name, post, rank, step, assignee)
            SELECT dossier || n, number, step_name, post, rank + (n % 5 - 3) * 86400, step,
                CASE WHEN n % 3 = 0 THEN {thu} END
            FROM stay, numbers WHERE n % 4 > 1"
        ),
        "INSERT INTO partner (dossier, agency, unit, queue, rank)
        SELECT d.code, 'so-khdt', 'dang-ky-kinh-doanh', d.queue, d.rank FROM dossier d, numbers
        WHERE numbers.n = 1 AND d.filed_at % 5 = 0"
            .to_owned(),
        format!(
            "INSERT INTO participation (dossier, who, rank)
            SELECT d.code, {thu}, -d.filed_at FROM dossier d, numbers WHERE numbers.n = 1 AND d.filed_at % 2 = 0"
        ),
        format!(
            "INSERT INTO reading_position (account, dossier, version)
            SELECT {thu}, d.code, 1 + d.filed_at % 2 FROM dossier d, numbers WHERE numbers.n = 1 AND d.filed_at % 3 = 0"
        ),
        "INSERT INTO participation (dossier, who, rank)
        SELECT p.dossier, CASE numbers.n WHEN 1 THEN 'so-khdt/' ELSE 'so-khdt/dang-ky-kinh-doanh' END, -d.filed_at
        FROM partner p JOIN dossier d ON d.code = p.dossier, numbers WHERE numbers.n < 3"
            .to_owned(),
    ];
    for statement in statements {
        tamper(app.services.database(), &format!("{numbers} {statement}")).await;
    }
}

/// Returns the lines of a view, page by page, each as its code and its step.
async fn lines(app: &App, actor: &Actor, view: OfficerView, wish: &DeskWish) -> Vec<(String, String)> {
    let (mut lines, mut after) = (Vec::new(), None);
    loop {
        let page = app.services.lists.desk(actor, view, wish, after.as_ref()).await.expect("a list");
        lines.extend(page.rows.into_iter().map(|row| (row.code, row.step.vi)));
        after = page.last;
        if after.is_none() {
            return lines;
        }
    }
}

/// Returns filters that fit many, some or no dossiers.
fn wish(app: &App, holder: &Actor, mut next: impl FnMut(usize) -> usize) -> DeskWish {
    let now = app.services.now().as_second();
    let Actor::Officer { id, .. } = holder else { panic!("{holder:?}") };
    let words = ["", "", "nguyen", "khai sinh", "khong co ai"][next(5)];
    DeskWish {
        words: words.to_owned(),
        procedure: [None, None, Some(BIRTH), Some("9.999999")][next(4)].map(ProcedureCode::from),
        step: [None, None, None, Some(STEP)][next(4)].map(StepId::from),
        agency: [None, None, Some("ubnd-phu-cuong"), Some("so-khdt")][next(4)].map(AgencyId::from),
        unit: None,
        holder: [None, None, Some(DeskHolder::Nobody), Some(DeskHolder::Officer(id.clone()))][next(4)].clone(),
        due: [
            None,
            None,
            Some(DueSpan { from: None, before: now }),
            Some(DueSpan { from: Some(now), before: now + 6 * 86400 }),
        ][next(4)],
        channel: [None, None, Some(Channel::Online), Some(Channel::Counter)][next(4)],
        unread_by: [None, None, Some(id.clone())][next(3)].clone(),
    }
}

async fn every_count_of_a_list_is_the_number_of_its_lines_whatever_the_filters_are(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    walk::birth(&citizen).await;
    multiply(&app, 240).await;
    let thu = actor(&app, "thu.phucuong").await;
    let mut seed: u64 = 20_261_127;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below
    };
    let mut found = [0; OfficerView::ALL.len()];
    for round in 0..16 {
        let wish = if round == 0 { DeskWish::default() } else { wish(&app, &thu, &mut next) };
        for login in LOGINS {
            let actor = actor(&app, login).await;
            let counts = app.services.lists.desk_counts(&actor, &wish).await.expect("counts");
            for ((view, count), found) in OfficerView::ALL.into_iter().zip(counts).zip(&mut found) {
                let lines = lines(&app, &actor, view, &wish).await;
                let once: HashSet<_> = lines.iter().collect();
                assert_eq!(once.len(), lines.len(), "{login} {view:?} {wish:?}: each line once");
                assert_eq!(u64::try_from(lines.len()).expect("few"), count, "{login} {view:?} {wish:?}");
                *found += lines.len();
            }
        }
    }
    assert!(found.iter().all(|found| *found > 50), "every view had lines: {found:?}");
    tamper(
        app.services.database(),
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1100)
        INSERT INTO participation (dossier, who, rank) SELECT 'x' || n, 'so-khdt/', n FROM numbers",
    )
    .await;
    let leader = actor(&app, "dung.khdt").await;
    let counts = app.services.lists.desk_counts(&leader, &DeskWish::default()).await.expect("counts");
    assert_eq!(counts[3], COUNTED + 1, "a count ends there");
    app.officer("dung.khdt").await.get("/desk").await.ok().has(&["(hơn 1.000)"]);
}

async fn a_list_takes_at_most_six_statements_however_long_it_is(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let officer = actor(&app, "thu.phucuong").await;
    let mut taken = Vec::new();
    for _ in 0..2 {
        let (reader, lists) = (app.services.database().reader(), &app.services.lists);
        thu.get("/desk").await.ok();
        let before = reader.statements();
        let filters = lists.desk_filters(&officer, &AskedFilters::default()).await.expect("filters");
        lists.desk(&officer, OfficerView::Todo, &filters.wish, None).await.expect("a list");
        lists.desk_counts(&officer, &filters.wish).await.expect("counts");
        lists.site_visits(&officer).await.expect("appointments");
        let list = reader.statements() - before;
        assert!(list <= 6, "{list} statements");
        let before = reader.statements();
        thu.get("/desk").await.ok();
        taken.push((list, reader.statements() - before));
        if taken.len() == 1 {
            multiply(&app, 200).await;
        }
    }
    assert_eq!(taken[0], taken[1], "as many for 1 line as for 50");
}

async fn an_address_with_filters_shows_them_as_chips_and_keeps_them_on_every_page(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    walk::birth(&citizen).await;
    multiply(&app, 240).await;
    let thu = app.officer("thu.phucuong").await;
    let page = thu.get("/desk?view=open&channel=online&officer=nobody").await.ok();
    let page = page.has(&["class=\"chip\"", "Nơi nộp: Trực tuyến", "Người giữ việc: Chưa có ai"]);
    let next = page.between("<a class=\"button primary\" href=\"", "\"").expect("a next page").replace("&amp;", "&");
    for kept in ["view=open", "channel=online", "officer=nobody", "after="] {
        assert!(next.contains(kept), "{next}");
    }
    thu.get(&next).await.ok().has(&["Nơi nộp: Trực tuyến", "Về đầu danh sách"]);
    let all = thu.get("/desk?view=open").await.ok().lacks(&["class=\"chip\""]);
    assert_ne!(all.between("Đang giải quyết (", ")"), page.between("Đang giải quyết (", ")"));
    let late = thu.get("/desk?view=open&due=late&channel=counter&unit=ubnd-phu-cuong&procedure=1.001193").await.ok();
    late.has(&["Hạn: Đã trễ hạn", "Bỏ mọi bộ lọc"]);
}

async fn a_filter_with_an_unknown_value_is_left_out_with_a_notice(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let asked = "/desk?view=open&procedure=9.99&step=x&unit=so-tnmt&officer=%3Cb%3E&due=soon&channel=fax&colour=red";
    let mut page = thu.get(asked).await.ok().has(&[&dossier]).lacks(&["class=\"chip\""]);
    for name in ["Thủ tục", "Bước", "Đơn vị thụ lý", "Người giữ việc", "Hạn", "Nơi nộp"] {
        page = page.has(&[&format!("Bộ lọc “{name}” trong địa chỉ không còn giá trị này")]);
    }
}

/// Returns whether a search finds a dossier, or leads to it.
async fn finds(officer: &Browser, typed: &str, dossier: &str) -> bool {
    let page = officer.post("/desk/search", &[("q", typed)]).await.ok();
    page.path == dossier || page.body.contains(&format!("href=\"{dossier}\""))
}

async fn an_officer_finds_a_person_from_every_page_in_whatever_way_the_person_is_named(app: App) {
    let citizen = app.citizen("Nguyễn Thị Ân", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let code = dossier.trim_start_matches("/dossiers/").to_owned();
    tamper(app.services.database(), "UPDATE account SET login = '074190001234' WHERE login = '0912345678'").await;
    tamper(app.services.database(), "UPDATE dossier SET queue = 'ended'").await;
    let (thu, binh) = (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await);
    let (auditor, other) = (app.officer("kiemsoat").await, app.officer("lan.khdt").await);
    thu.get("/leave").await.ok().has(&["action=\"/desk/search\""]);
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let lower = code.to_lowercase().replace('-', " ");
    let typed = [
        "0912345678",
        "+84 912 345 678",
        "074190001234",
        &code,
        &plain,
        &lower,
        "nguyen thi",
        "Nguyễn Thị",
        "thi a",
        "ân",
    ];
    for typed in typed {
        for officer in [&thu, &auditor] {
            assert!(finds(officer, typed, &dossier).await, "{typed}");
        }
        assert!(!finds(&other, typed, &dossier).await, "{typed} at another agency");
    }
    for nothing in ["guyen", "0912345679", "074190001235", "nguyen an"] {
        assert!(!finds(&thu, nothing, &dossier).await, "{nothing}");
    }
    let digits = "1".repeat(40);
    for (odd, encoded) in [
        ("🙂", "%F0%9F%99%82"),
        ("%", "%25"),
        ("'", "%27"),
        ("\\", "%5C"),
        ("\0", "%00"),
        (digits.as_str(), digits.as_str()),
    ] {
        thu.post("/desk/search", &[("q", odd)]).await.ok();
        binh.get(&format!("/desk?q={encoded}")).await.ok();
    }
    for (typed, by, after) in [("", "name", "x"), ("1", "phone", "H09.01-261124-0001~x"), ("an", "colour", "")] {
        thu.post("/desk/search", &[("q", typed), ("by", by), ("after", after)]).await.ok();
    }
    thu.post("/desk/search", &[("q", &digits)]).await.ok().has(&["Không hiểu"]);
}

async fn no_number_and_no_name_of_a_searched_person_is_in_an_address(app: App) {
    let citizen = app.citizen("Nguyễn Thị Ân", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let form = thu.get("/desk").await.ok().form_to("/desk/search").expect("the search of all pages");
    assert!(form.fields.iter().any(|(name, _)| name == "proof"), "it is posted");
    // An old bookmark finds nobody.
    thu.get("/desk/search?q=0912345678").await.ok().lacks(&[&dossier, "0912345678"]);
    // The copies were filed before the dossier, each a second before the last one.
    multiply(&app, 12).await;
    let (ninth, twelfth) = (format!("href=\"{dossier}9\""), format!("href=\"{dossier}12\""));
    let first = thu.post("/desk/search", &[("q", "0912345678")]).await.ok().has(&[&ninth]).lacks(&[&twelfth]);
    let field = |name: &str| first.hidden(name).expect("the form of further dossiers").to_owned();
    let (by, after) = (field("by"), field("after"));
    let next = [("q", "0912345678"), ("by", by.as_str()), ("after", after.as_str())];
    let last = thu.post("/desk/search", &next).await.ok().has(&[&twelfth]).lacks(&[&ninth]);
    for page in [first, last] {
        assert_eq!(page.path, "/desk/search");
        for mark in ["href=\"", "action=\"", "src=\""] {
            for address in page.body.split(mark).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(!address.contains("0912345678"), "{address}");
            }
        }
    }
}

async fn a_search_for_the_number_of_a_person_is_a_reading_and_one_for_a_name_is_not(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let readings = async || rows(app.services.database(), "SELECT id FROM reading").await.len();
    let before = readings().await;
    assert!(finds(&thu, "nguyen van", &dossier).await);
    assert_eq!(readings().await, before);
    assert!(finds(&thu, "0912345678", &dossier).await);
    assert_eq!(readings().await, before + 1);
    assert!(!finds(&app.officer("lan.khdt").await, "0912345678", &dossier).await);
    assert_eq!(readings().await, before + 1, "who finds nothing reads nothing");
}

async fn an_officer_keeps_a_dossier_in_sight_after_acting_on_it(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let (thu, binh) = (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await);
    thu.get("/desk?view=taken-part").await.ok().lacks(&[&dossier]);
    act(&thu, &dossier, "accept", With::default()).await.ok();
    thu.get("/desk?view=taken-part").await.ok().has(&[&dossier, "Đã tham gia (1)"]);
    binh.get("/desk?view=taken-part").await.ok().lacks(&[&dossier]);
    binh.get("/desk").await.ok().has(&[&dossier, "Cần làm (1)"]);
}

/// The news of a line that an officer has read.
const NOTHING: [RowNews; 0] = [];

/// Returns the news of the only line of a view.
async fn news(app: &App, login: &str, view: OfficerView) -> Vec<RowNews> {
    let wish = DeskWish::default();
    let page = app.services.lists.desk(&actor(app, login).await, view, &wish, None).await.expect("a list");
    page.rows.into_iter().flat_map(|row| row.news).collect()
}

async fn positions(app: &App) -> usize {
    rows(app.services.database(), "SELECT * FROM reading_position").await.len()
}

async fn a_dossier_is_news_to_each_officer_until_the_officer_opens_it(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let (thu, yen) = (app.officer("thu.phucuong").await, app.officer("yen.phucuong").await);
    assert_eq!(news(&app, "thu.phucuong", OfficerView::Todo).await, [RowNews::New]);
    assert_eq!(news(&app, "thu.phucuong", OfficerView::Open).await, NOTHING, "it is due in the other list");
    assert_eq!(positions(&app).await, 0, "a filing writes nothing for officers");
    thu.get("/desk?unread=yes").await.ok().has(&[&dossier, "Cần làm (1)", "Đang giải quyết (0)", "tag news"]);
    thu.get(&dossier).await.ok();
    assert_eq!(news(&app, "thu.phucuong", OfficerView::Todo).await, NOTHING);
    thu.get("/desk?unread=yes").await.ok().lacks(&[&dossier]).has(&["Cần làm (0)"]);

    let before = positions(&app).await;
    citizen.post(&format!("{dossier}/messages"), &[("text", "Khi nào có kết quả ạ?")]).await.ok();
    assert_eq!(positions(&app).await, before, "a message writes nothing for officers");
    for view in [OfficerView::Todo, OfficerView::Open] {
        assert_eq!(news(&app, "thu.phucuong", view).await, [RowNews::Message], "{view:?}");
    }
    thu.get(&format!("{dossier}/money")).await.ok();
    let list = thu.get("/desk?unread=yes").await.ok();
    list.has(&[&format!("{dossier}?list="), "#unread\"", "tin nhắn mới", "Cần làm (1)", "Đang giải quyết (1)"]);
    thu.get(&dossier).await.ok().has(&["id=\"unread\"", "tin nhắn mới"]);
    thu.get(&dossier).await.ok().lacks(&["id=\"unread\""]);
    citizen.get(&dossier).await.ok().lacks(&["id=\"unread\""]);
    assert_eq!(news(&app, "thu.phucuong", OfficerView::Open).await, NOTHING);
    assert_eq!(news(&app, "yen.phucuong", OfficerView::Open).await, [RowNews::Message], "another reads for themselves");
    yen.get(&dossier).await.ok();
    assert_eq!(news(&app, "yen.phucuong", OfficerView::Open).await, NOTHING);

    act(&thu, &dossier, "accept", With::default()).await.ok();
    assert_eq!(news(&app, "thu.phucuong", OfficerView::Open).await, NOTHING, "who acts is told nothing of it");
    assert_eq!(news(&app, "binh.phucuong", OfficerView::Todo).await, [RowNews::New, RowNews::Message]);
    thu.get("/desk?unread=maybe").await.ok().has(&["Bộ lọc “Chưa đọc”"]);
}

async fn a_message_to_an_ended_dossier_is_marked_where_its_officers_find_it(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    act(&thu, &dossier, "accept", With::default()).await.ok();
    citizen.post(&format!("{dossier}/withdraw"), &[("reason", "Tôi nộp nhầm nơi.")]).await.ok();
    for view in [OfficerView::Ended, OfficerView::TakenPart] {
        assert_eq!(news(&app, "thu.phucuong", view).await, NOTHING, "{view:?}");
    }
    citizen.post(&format!("{dossier}/messages"), &[("text", "Cho tôi xin lại giấy tờ.")]).await.ok();
    for view in [OfficerView::Ended, OfficerView::TakenPart] {
        assert_eq!(news(&app, "thu.phucuong", view).await, [RowNews::Message], "{view:?}");
    }
    thu.get("/desk?view=ended&unread=yes").await.ok().has(&[&dossier, "Đã tham gia (1)", "Đã xong (1)"]);
    app.officer("binh.phucuong").await.post(&format!("{dossier}/messages"), &[("text", "Mời đến quầy 3.")]).await.ok();
    assert_eq!(news(&app, "thu.phucuong", OfficerView::Ended).await, NOTHING, "a colleague has answered");
}

async fn a_supplement_is_told_as_such_to_the_officer_who_asked_for_it(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    act(&thu, &dossier, "request-supplement", With { note: "Ảnh mờ.", ..With::default() }).await.ok();
    assert_eq!(news(&app, "thu.phucuong", OfficerView::Waiting).await, NOTHING);
    let draft = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok();
    let draft = draft.path.trim_end_matches("/1").to_owned();
    let reviewed = walk::review(&citizen, &draft).await;
    citizen.post(&format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]).await.ok();
    for view in [OfficerView::Todo, OfficerView::Open] {
        assert_eq!(news(&app, "thu.phucuong", view).await, [RowNews::Supplement], "{view:?}");
    }
    thu.get("/desk?unread=yes").await.ok().has(&[&dossier, "đã bổ sung"]);
}

async fn a_partner_keeps_a_dossier_in_sight_and_its_owner_sees_that_it_is_elsewhere(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = 'b'",
        "b specialist; at = 'so-khdt/dang-ky-kinh-doanh' | done advance; to = 'c'",
        "c counter | end hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    let lists = async |login: &str, view: OfficerView| {
        let actor = office.actor(login).await;
        let found = office.services.lists.desk(&actor, view, &DeskWish::default(), None).await.expect("a list");
        found.rows.iter().any(|row| row.code == case.code.as_str())
    };
    assert!(!lists(COUNTER, OfficerView::Waiting).await);
    case.act(COUNTER, "go").await.expect("at the partner");
    assert!(lists(COUNTER, OfficerView::Waiting).await, "it waits for another agency");
    assert!(!lists("dung.khdt", OfficerView::TakenPart).await, "nobody there acted yet");
    case.act("mai.khdt", "done").await.expect("done");
    assert!(!lists(COUNTER, OfficerView::Waiting).await);
    case.act(COUNTER, "end").await.expect("handed over");
    for login in ["mai.khdt", "dung.khdt", COUNTER] {
        assert!(lists(login, OfficerView::TakenPart).await, "{login}");
    }
    for login in [SPECIALIST, "thu.phucuong"] {
        assert!(!lists(login, OfficerView::TakenPart).await, "{login}");
    }
}
