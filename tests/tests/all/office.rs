//! Officers at work: conflicts, lists, limits that pass, and the view of officers of other agencies.

use crate::store::tamper;
use jiff::civil::date;
use motcua_tests::browser::Page;
use motcua_tests::portal::App;
use motcua_tests::walk::{self, With, act};
use std::collections::BTreeSet;

on_both! {
    two_officers_act_at_once_and_one_is_told_what_happened
    an_action_is_taken_although_the_applicant_wrote_and_the_message_is_pointed_out
    an_action_is_refused_once_the_answers_have_changed
    a_refusal_brings_back_which_officer_was_chosen_and_why
    a_second_click_on_an_action_is_not_an_error
    an_officer_of_another_agency_sees_nothing
    a_dossier_whose_applicant_let_the_limit_pass_is_closed_by_the_portal
    lists_are_searched_by_code_name_and_procedure
    the_code_of_a_dossier_leads_to_it_from_any_view
    a_list_of_any_length_is_read_page_by_page
    a_list_that_is_cut_says_so
    the_page_is_the_same_in_english
    a_result_is_the_only_thing_a_specialist_can_upload
    an_address_that_is_none_is_told_so_on_a_page
}

async fn two_officers_act_at_once_and_one_is_told_what_happened(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let seen = thu.get(&dossier).await.ok().hidden("seen").expect("the version").to_owned();
    let accept = format!("{dossier}/actions/accept");
    let decline = format!("{dossier}/actions/decline");
    let accepting = [("seen", seen.as_str()), ("note", "")];
    let declining = [("seen", seen.as_str()), ("reason", "Sai thẩm quyền, nộp tại phường khác.")];
    let (one, two) = tokio::join!(thu.upload(&accept, &accepting, &[]), thu.upload(&decline, &declining, &[]));
    let statuses = [one.status, two.status];
    assert!(statuses.contains(&200), "{statuses:?}");
    assert!(statuses.contains(&422) || statuses.contains(&403), "{statuses:?}");
    let steps = citizen.get(&dossier).await.ok();
    assert_ne!(
        steps.body.contains("Không tiếp nhận"),
        steps.body.contains("<strong>Thẩm tra, giải quyết</strong>"),
        "exactly one happened"
    );
}

async fn an_action_is_taken_although_the_applicant_wrote_and_the_message_is_pointed_out(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let (thu, binh) = (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await);
    act(&thu, &dossier, "accept", With::default()).await.ok();
    let seen = binh.get(&dossier).await.ok().hidden("seen").expect("the version").to_owned();
    citizen.post(&format!("{dossier}/messages"), &[("text", "Tôi gửi thêm ảnh rõ hơn.")]).await.ok();
    let note = [("seen", seen.as_str()), ("note", "Giấy chứng sinh hợp lệ, trình ký.")];
    let page = binh.upload(&format!("{dossier}/actions/propose"), &note, &[]).await.ok();
    let told = page.between("Trong lúc bạn mở trang", "</div>").expect("what happened meanwhile");
    assert!(told.contains("Nguyễn Văn An") && told.contains("Tôi gửi thêm ảnh rõ hơn."), "{told}");
    assert!(!told.contains("Dương Văn Bình"), "the officer knows what they did: {told}");
    // Nothing happened meanwhile.
    binh.get(&dossier).await.ok().lacks(&["Trong lúc bạn mở trang"]);
    let yen = app.officer("yen.phucuong").await;
    act(&yen, &dossier, "approve", With::default()).await.ok().lacks(&["Trong lúc bạn mở trang"]);
}

async fn an_action_is_refused_once_the_answers_have_changed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let (thu, binh) = (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await);
    act(&thu, &dossier, "accept", With::default()).await.ok();
    let seen = binh.get(&dossier).await.ok().hidden("seen").expect("the version").to_owned();
    act(&binh, &dossier, "request-supplement", With { note: "Ảnh mờ.", ..With::default() }).await.ok();
    let draft = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok();
    let draft = draft.path.trim_end_matches("/1").to_owned();
    let reviewed = walk::review(&citizen, &draft).await;
    citizen.post(&format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]).await.ok();
    let note = [("seen", seen.as_str()), ("note", "Giấy chứng sinh hợp lệ, trình ký.")];
    let page = binh.upload(&format!("{dossier}/actions/propose"), &note, &[]).await;
    assert_eq!(page.status, 422);
    page.has(&["vừa có thay đổi khác", "bổ sung hồ sơ", "Giấy chứng sinh hợp lệ, trình ký."]);
}

/// The colleague who holds the same post as Lê Thị Mai.
const SON: &str = "Phan Thanh Sơn";

/// Returns the id of an officer whom the page offers.
fn offered(page: &Page, name: &str) -> String {
    let before = page.body.split(&format!("\">{name}</option>")).next().expect("a text");
    before.rsplit("<option value=\"").next().expect("an option").to_owned()
}

async fn a_refusal_brings_back_which_officer_was_chosen_and_why(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::company(&citizen).await;
    let lan = app.officer("lan.khdt").await;
    act(&lan, &dossier, "accept", With::default()).await.ok();
    let paid = [("amount", "50000"), ("method", "cash"), ("receipt", "BL-0001")];
    lan.post(&format!("{dossier}/payments"), &paid).await.ok();
    // A version that the page did not show.
    let stale = "0";
    let hung = app.officer("hung.khdt").await;
    let page = hung.get(&dossier).await.ok();
    let mai = offered(&page, "Lê Thị Mai");
    let typed = [("seen", stale), ("assignee", mai.as_str()), ("note", "Chị Mai quen hồ sơ này.")];
    let refused = hung.upload(&format!("{dossier}/actions/assign"), &typed, &[]).await;
    assert_eq!(refused.status, 422);
    refused.has(&[&format!("value=\"{mai}\" selected>Lê Thị Mai"), "Chị Mai quen hồ sơ này.</textarea>"]);
    act(&hung, &dossier, "assign", With { assignee: Some("Lê Thị Mai"), ..With::default() }).await.ok();

    let mai = app.officer("mai.khdt").await;
    let page = mai.get(&dossier).await.ok();
    let stay = page.hidden("stay").expect("a step");
    let son = offered(&page, SON);
    let typed = [("seen", stale), ("to", son.as_str()), ("note", "Tôi nghỉ từ mai.")];
    let refused = mai.post(&format!("{dossier}/steps/{stay}/give"), &typed).await;
    assert_eq!(refused.status, 422);
    refused.has(&["class=\"pool\" open", &format!("value=\"{son}\" selected>{SON}"), "value=\"Tôi nghỉ từ mai.\""]);
}

async fn a_second_click_on_an_action_is_not_an_error(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let ask = [("seen", "1"), ("reason", "Ảnh mờ.")];
    let proof = thu.get(&dossier).await.ok().hidden("proof").expect("a form").to_owned();
    for _ in 0..3 {
        thu.back_to(&proof);
        let page = thu.upload(&format!("{dossier}/actions/request-supplement"), &ask, &[]).await.ok();
        assert_eq!(page.has(&["Chờ bổ sung"]).body.matches("<p class=\"pre\">Ảnh mờ.</p>").count(), 1);
    }
}

async fn an_officer_of_another_agency_sees_nothing(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let code = dossier.trim_start_matches("/dossiers/");
    for login in ["lan.khdt", "hung.khdt", "mai.khdt", "dung.khdt", "hoa.tnmt", "nga.tnmt"] {
        let officer = app.officer(login).await;
        assert_eq!(officer.get(&dossier).await.status, 404, "{login}");
        for view in ["todo", "waiting", "open", "ended"] {
            officer.get(&format!("/desk?view={view}")).await.ok().lacks(&[code]);
            officer.get(&format!("/desk?view={view}&q={code}")).await.ok().lacks(&[&format!("<code>{code}")]);
        }
    }
}

async fn a_dossier_whose_applicant_let_the_limit_pass_is_closed_by_the_portal(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    act(&thu, &dossier, "request-supplement", With { note: "Ảnh mờ.", ..With::default() }).await.ok();
    app.at(date(2026, 4, 2).at(23, 59, 59, 0));
    assert_eq!(app.services.jobs.run_jobs().await.expect("it looks"), 0, "the last day counts");
    app.at(date(2026, 4, 3).at(0, 0, 0, 0));
    assert_eq!(app.services.jobs.run_jobs().await.expect("it looks"), 1);
    assert_eq!(app.services.jobs.run_jobs().await.expect("it looks"), 0, "once");
    let citizen = app.officer("0912345678").await;
    citizen.get(&dossier).await.ok().has(&["Hồ sơ đã dừng vì quá thời hạn"]);
    citizen.get("/account/notices").await.ok().has(&["Hồ sơ đã dừng vì quá thời hạn"]);
}

async fn lists_are_searched_by_code_name_and_procedure(app: App) {
    let an = app.citizen("Nguyễn Văn An", "0912345678").await;
    let em = app.citizen("Đặng Thị Én", "0908111222").await;
    let first = walk::birth(&an).await;
    let second = walk::birth(&em).await;
    let codes = [&first, &second].map(|dossier| dossier.trim_start_matches("/dossiers/").to_owned());
    let thu = app.officer("thu.phucuong").await;
    for (query, found) in [
        ("thi en", [false, true]),
        ("THỊ ÉN", [false, true]),
        ("khai sinh", [true, true]),
        ("nguyen khai", [true, false]),
        ("%", [false, false]),
        ("không có ai", [false, false]),
    ] {
        let page = thu.get(&format!("/desk?q={}", query.replace(' ', "+").replace('%', "%25"))).await.ok();
        let shown = codes.clone().map(|code| page.body.contains(&format!("<code>{code}</code>")));
        assert_eq!(shown, found, "{query}");
    }
}

async fn the_code_of_a_dossier_leads_to_it_from_any_view(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let code = dossier.trim_start_matches("/dossiers/");
    let (own, other) = (app.officer("thu.phucuong").await, app.officer("lan.khdt").await);
    for view in ["todo", "waiting", "open", "ended"] {
        for typed in [code.to_owned(), format!("+{}", code.to_lowercase())] {
            let address = format!("/desk?view={view}&q={typed}");
            assert_eq!(own.get(&address).await.ok().path, dossier, "{address}");
            assert_eq!(other.get(&address).await.ok().lacks(&[&dossier]).path, "/desk", "{address}");
        }
    }
}

async fn a_list_of_any_length_is_read_page_by_page(app: App) {
    const NEXT: &str = "<a class=\"button primary\" href=\"";
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    walk::birth(&citizen).await;
    let dossiers = "INSERT INTO dossier (code, draft, procedure, procedure_name, procedure_version, agency, unit,
            applicant, applicant_name, phone, search, step_name, status, queue, rank, filed_at, version)
        SELECT code || n, draft || n, procedure, procedure_name, procedure_version, agency, unit,
            applicant, applicant_name, phone, search, step_name, status, queue, rank + n % 3, filed_at, version
        FROM dossier, numbers";
    let stays = "INSERT INTO stay (dossier, number, step_name, post, rank)
        SELECT dossier || n, number, step_name, post, rank + n % 3 FROM stay, numbers";
    for insert in [dossiers, stays] {
        tamper(app.services.database(), &format!("{NUMBERS}120) {insert}")).await;
    }
    let thu = app.officer("thu.phucuong").await;
    for first in ["/desk", "/desk?view=open", "/desk?view=open&q=nguyen+an"] {
        let (mut seen, mut sizes, mut address) = (BTreeSet::new(), Vec::new(), first.to_owned());
        loop {
            let page = thu.get(&address).await.ok();
            let codes: Vec<String> =
                page.body.split("<code>").skip(1).map(|rest| rest[..rest.find('<').unwrap_or(0)].to_owned()).collect();
            sizes.push(codes.len());
            seen.extend(codes);
            let Some(at) = page.body.find(NEXT).map(|at| at + NEXT.len()) else { break };
            let length = page.body[at..].find('"').expect("the end of an address");
            address = page.body[at..at + length].replace("&amp;", "&");
        }
        assert_eq!((sizes, seen.len()), (vec![50, 50, 21], 121), "{first}");
    }
    thu.get("/desk?after=nothing").await.ok().lacks(&["Về đầu danh sách"]);
}

/// The beginning of a statement that makes many rows of one.
const NUMBERS: &str = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ";

async fn a_list_that_is_cut_says_so(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let code = dossier.trim_start_matches("/dossiers/").to_owned();
    let dossiers = "INSERT INTO dossier (code, draft, procedure, procedure_name, procedure_version, agency, unit,
            applicant, applicant_name, phone, search, step_name, status, queue, rank, filed_at, version)
        SELECT code || n, draft || n, procedure, procedure_name, procedure_version, agency, unit,
            applicant, applicant_name, phone, search, step_name, status, queue, rank, filed_at - n, version
        FROM dossier, numbers";
    let notices = "INSERT INTO notice (dossier, version, account, procedure_name, at, event)
        SELECT dossier, version + 100 + n, account, procedure_name, at - n, event
        FROM notice, numbers WHERE version = 1";
    let readings = format!(
        "INSERT INTO reading (id, dossier, account, account_name, at)
        SELECT 'reading-' || n, '{code}', 'somebody', 'Một người', n FROM numbers"
    );
    let readings_of = format!("{dossier}/readings");
    for (path, insert, shown, line, said) in [
        ("/account", dossiers, 200, "<li class=\"card", "Các hồ sơ cũ hơn"),
        ("/account/notices", notices, 50, "<li class=\"card", "Các thông báo cũ hơn"),
        (readings_of.as_str(), readings.as_str(), 200, "Một người</li>", "Các lần xem trước đó"),
    ] {
        let page = citizen.get(path).await.ok().lacks(&[said]);
        let known = page.body.matches(line).count();
        // As many as the list shows, and then one more.
        let missing = shown - known;
        tamper(app.services.database(), &format!("{NUMBERS}{missing}) {insert}")).await;
        let page = citizen.get(path).await.ok().lacks(&[said]);
        assert_eq!(page.body.matches(line).count(), shown, "{path}");
        let more = insert.replace("|| n", "|| 'x'").replace("version + 100 + n", "version + 1000");
        tamper(app.services.database(), &format!("{NUMBERS}1) {more} LIMIT 1")).await;
        let page = citizen.get(path).await.ok().has(&[said]);
        assert_eq!(page.body.matches(line).count(), shown, "{path}");
    }
}

async fn the_page_is_the_same_in_english(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let back = citizen.get(&format!("/language/en?back={dossier}")).await.ok();
    assert_eq!(back.path, dossier);
    back.has(&["lang=\"en\"", "Birth registration", "Newly filed", "4 Mar 2026 09:00"]);
    for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let back = citizen.get(&format!("/language/vi?back={elsewhere}")).await.ok();
        assert_eq!(back.path, "/");
    }
}

async fn a_result_is_the_only_thing_a_specialist_can_upload(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let with = With { result: Some(("virus.exe", b"MZ")), ..With::default() };
    let page = act(&thu, &dossier, "accept", with).await;
    assert_eq!(page.status, 422);
    page.has(&["Loại tệp này không được nhận."]);
}

async fn an_address_that_is_none_is_told_so_on_a_page(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    for path in [
        "/nowhere",
        "/drafts/not-an-id/1",
        "/drafts/00000000-0000-0000-0000-000000000000/1",
        "/dossiers/not-a-code",
        "/dossiers/H09.31-260303-0001/files/..%2f..%2fmotcua.toml",
        "/procedures/so-khdt/nothing",
        "/procedures/%ff/%00",
        "/drafts/x/file",
    ] {
        let page = citizen.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        page.has(&["Không tìm thấy", "Về trang chủ"]);
    }
    let page = citizen.post("/desk", &[]).await;
    assert_eq!(page.status, 404);
}
