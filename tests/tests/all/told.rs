//! Notices of applicants, and what each reader of a page sees.

use crate::store::rows;
use jiff::SignedDuration;
use motcua_service::{DeskWish, OfficerView};
use motcua_store::log::LogTrust;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::flow::{COUNTER, Case, LEADER, Office, PROCEDURE, SPECIALIST, workflow};
use motcua_tests::portal::{App, Kind, PASSWORD, serve_again};
use motcua_tests::walk::{self, PDF, With, act};

on_both_kinds! {
    an_applicant_is_told_once_that_the_appointment_passes_without_a_result
    an_applicant_is_told_that_a_step_is_theirs_although_the_status_is_the_same
    a_partner_finds_its_dossiers_while_they_are_open_and_after_they_ended
}

on_both! {
    a_note_for_the_staff_is_shown_to_nobody_else
    a_result_is_downloaded_by_its_applicant_once_it_is_issued_and_paid_for
    a_supplement_that_changes_the_fees_says_the_difference_and_leaves_the_receipt
    a_difference_that_is_to_be_paid_back_is_said_until_it_is_paid_back
    a_message_marks_a_dossier_in_the_lists_of_officers_until_one_answers
    a_page_says_what_a_dossier_waits_for_and_until_when
    the_story_names_every_deed_to_the_staff_and_no_officer_to_the_applicant
    an_auditor_reads_every_event_of_a_dossier_with_its_hash
    a_step_that_was_let_pass_is_nobodys_and_stays_so_after_the_end
    the_list_of_an_applicant_names_no_officer
    a_message_of_an_officer_reaches_the_applicant_as_the_word_of_the_agency
}

/// Returns the words of all notices, in order.
async fn notices(office: &Office) -> Vec<String> {
    let told = rows(office.services.database(), "SELECT event FROM notice ORDER BY dossier, version").await;
    told.iter().map(|row| row["event"].as_str().expect("a word").to_owned()).collect()
}

async fn an_applicant_is_told_once_that_the_appointment_passes_without_a_result(kind: Kind) {
    let office = Office::open(kind, &workflow(&["a counter | done hand-over"]), &[]).await;
    let (late, done) = (office.file(false, false).await, office.file(false, false).await);
    done.act(COUNTER, "done").await.expect("handed over");
    let at = late.dossier().await.late_notice_at().expect("an appointment");
    office.clock.set(at);
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 0, "the moment itself must have passed");
    office.clock.set(at + SignedDuration::from_secs(1));
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 1);
    office.clock.set(at + SignedDuration::from_hours(24 * 30));
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 0, "once");
    assert_eq!(notices(&office).await, ["filed", "late-soon", "filed", "returned"]);
    let report = office.services.database().verify(&LogTrust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);
}

async fn an_applicant_is_told_that_a_step_is_theirs_although_the_status_is_the_same(kind: Kind) {
    let thu = workflow(&[
        "a specialist; status = 'processing' | ask advance; to = 'b' | done hand-over",
        "b applicant; status = 'processing' | answer advance; to = 'a'",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    for _ in 0..2 {
        case.act(SPECIALIST, "ask").await.expect("asked");
        case.act("0912345678", "answer").await.expect("answered");
    }
    let told = notices(&office).await;
    assert_eq!(told.iter().filter(|word| *word == "step-requested").count(), 2, "{told:?}");
}

/// Takes an action with words to the applicant and a note for the staff.
async fn act_and_write(officer: &Browser, dossier: &str, action: &str, reason: &str, note: &str) -> Page {
    let page = officer.get(dossier).await.ok();
    let seen = page.hidden("seen").expect("a version").to_owned();
    let fields = [("seen", seen.as_str()), ("reason", reason), ("note", note)];
    officer.upload(&format!("{dossier}/actions/{action}"), &fields, &[]).await.ok()
}

async fn a_note_for_the_staff_is_shown_to_nobody_else(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let (thu, binh) = (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await);
    let yen = app.officer("yen.phucuong").await;
    let (asked, refused) = (walk::birth(&citizen).await, walk::birth(&citizen).await);
    let page = thu.get(&asked).await.ok();
    page.has(&["Người nộp hồ sơ đọc được nội dung này.", "Chỉ cán bộ, công chức đọc được"]);

    act_and_write(&thu, &asked, "request-supplement", "Ảnh mờ.", "Nghi giả mạo.").await;
    act(&thu, &refused, "accept", With { note: "Đã gọi điện.", ..With::default() }).await.ok();
    act(&binh, &refused, "propose", With { note: "Đề nghị từ chối.", ..With::default() }).await.ok();
    act_and_write(&yen, &refused, "refuse", "Trẻ đã được khai sinh.", "Chuyển công an.").await;
    app.services.log.seal().await.expect("sealed");
    let notices = citizen.get("/account/notices").await.ok();
    for (dossier, told, internal) in [
        (&asked, "Ảnh mờ.", vec!["Nghi giả mạo."]),
        (&refused, "Trẻ đã được khai sinh.", vec!["Đã gọi điện.", "Đề nghị từ chối.", "Chuyển công an."]),
    ] {
        thu.get(dossier).await.ok().has(&[told]).has(&internal);
        citizen.get(dossier).await.ok().has(&[told]).lacks(&internal);
        citizen.get(&format!("{dossier}/receipt")).await.ok().lacks(&internal);
        citizen.get(&format!("{dossier}/proof")).await.ok().lacks(&internal);
        yen.get(&format!("{dossier}/proof")).await.ok().has(&internal);
        notices.clone().lacks(&internal);
        let code = dossier.trim_start_matches("/dossiers/");
        let visitor = app.visitor();
        visitor.get("/lookup").await.ok();
        let found = visitor.post("/lookup", &[("code", code), ("digits", "5678")]).await.ok();
        found.has(&[code]).lacks(&[told]).lacks(&internal);
    }
}

/// A portal of the sample province with a procedure of the test's own.
pub struct OwnPortal {
    base: String,
}

impl OwnPortal {
    /// Adds a procedure with a workflow and with more keys to a portal, and serves it.
    pub async fn serve(app: &App, thu: &str, more: &str) -> Self {
        let folder = app.dir.path().join("procedures/so-tnmt/thu");
        std::fs::create_dir_all(&folder).expect("made");
        let text = PROCEDURE.replacen("\n\n[[section]]", &format!("\n{more}\n\n[[section]]"), 1);
        std::fs::write(folder.join("procedure.toml"), text).expect("written");
        std::fs::write(app.dir.path().join("workflows/thu.toml"), thu).expect("written");
        Self { base: serve_again(app.dir.path(), app.clock.clone()).await }
    }

    pub async fn officer(&self, login: &str) -> Browser {
        let browser = Browser::new(&self.base);
        browser.log_in(login, PASSWORD).await;
        browser
    }

    /// Returns a new citizen, and the address of a dossier of theirs.
    pub async fn file(&self, deep: &str) -> (Browser, String) {
        let citizen = Browser::new(&self.base);
        citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
        let draft = walk::begin(&citizen, "/procedures/so-tnmt/thu").await;
        citizen.post(&format!("{draft}/1"), &answers(deep)).await.ok();
        let dossier = walk::file(&citizen, &draft).await;
        (citizen, dossier)
    }
}

/// Returns the answers to the form of the procedure.
pub fn answers(deep: &str) -> [(&str, &str); 4] {
    [("deep", deep), ("area", "bac"), ("wide", "false"), ("do", "next")]
}

/// The officer of one of the units that are asked.
const BAO: &str = "Lâm Quốc Bảo";

/// A fee that is owed in each case.
pub const FEE: &str = "[[fee]]\nname = \"Phí thử\"\nkind = \"fee\"\namount = 50_000";

async fn a_result_is_downloaded_by_its_applicant_once_it_is_issued_and_paid_for(app: App) {
    let thu = workflow(&[
        "a specialist; status = 'processing' | propose advance; to = 'b'; requires = ['result-file']",
        "b leader; status = 'processing' | sign advance; to = 'c'",
        "c counter; status = 'processed' | give hand-over; requires = ['fee-paid']",
    ]);
    let portal = OwnPortal::serve(&app, &thu, FEE).await;
    let (citizen, dossier) = portal.file("true").await;
    let (specialist, leader) = (portal.officer(SPECIALIST).await, portal.officer(LEADER).await);
    let counter = portal.officer(COUNTER).await;
    let file = With { result: Some(("quyết định.pdf", PDF)), ..With::default() };
    let page = act(&specialist, &dossier, "propose", file).await.ok();
    let page = page.has(&["quyết định.pdf", "Người nộp hồ sơ chưa nhận được tệp này"]);
    let begin = format!("{dossier}/files/");
    let rest = page.between(&begin, "\"").expect("a link to the file").replace("&amp;", "&");
    let address = format!("{begin}{rest}");
    leader.get(&address).await.ok();
    citizen.get(&dossier).await.ok().lacks(&["quyết định.pdf", "Đã có kết quả"]);
    assert_eq!(citizen.get(&address).await.status, 404, "a draft of a result");
    app.services.log.seal().await.expect("sealed");
    let proof = citizen.get(&format!("{dossier}/proof")).await.ok();
    proof.has(&["Nguyễn Văn An"]).lacks(&["quyết định.pdf", "\\\"officer\\\""]);

    act(&leader, &dossier, "sign", With::default()).await.ok();
    let unpaid = "Bạn nhận được tại đây sau khi nộp đủ";
    citizen.get(&dossier).await.ok().has(&[unpaid]).lacks(&["quyết định.pdf"]);
    assert_eq!(citizen.get(&address).await.status, 404, "it is not paid for");
    citizen.get("/account/notices").await.ok().has(&["mời nộp phí, lệ phí để nhận"]);

    let paid = [("amount", "50000"), ("method", "cash"), ("receipt", "BL-1")];
    counter.post(&format!("{dossier}/payments"), &paid).await.ok();
    citizen.get(&dossier).await.ok().has(&["quyết định.pdf"]).lacks(&[unpaid]);
    citizen.get(&address).await.ok();
    let stranger = Browser::new(&portal.base);
    stranger.register("Trần Văn Em", "0908111222", PASSWORD).await;
    assert_eq!(stranger.get(&address).await.status, 404);
}

/// Serves a procedure whose fee is 50.000 đ, and 150.000 đ if the well is deep.
pub async fn with_a_fee_for_deep_wells(app: &App) -> OwnPortal {
    let deep = "[[fee]]\nname = \"Phí giếng sâu\"\nkind = \"fee\"\namount = 100_000\nwhen = \"deep == true\"";
    let thu = workflow(&["a counter | ask request-supplement | done hand-over; requires = ['fee-paid']"]);
    OwnPortal::serve(app, &thu, &format!("{FEE}\n\n{deep}")).await
}

async fn a_supplement_that_changes_the_fees_says_the_difference_and_leaves_the_receipt(app: App) {
    let portal = with_a_fee_for_deep_wells(&app).await;
    let (citizen, dossier) = portal.file("false").await;
    let counter = portal.officer(COUNTER).await;
    let paid = |amount, receipt| [("amount", amount), ("method", "cash"), ("receipt", receipt)];
    counter.post(&format!("{dossier}/payments"), &paid("50000", "BL-1")).await.ok();
    act(&counter, &dossier, "ask", With { note: "Giếng sâu bao nhiêu?", ..With::default() }).await.ok();
    let draft = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok();
    let draft = draft.path.trim_end_matches("/1").to_owned();
    citizen.post(&format!("{draft}/1"), &answers("true")).await.ok();
    let review = citizen.get(&format!("{draft}/review")).await.ok().has(&["150.000 đ", "Trước khi bổ sung: 50.000 đ"]);
    let reviewed = review.hidden("draft-reviewed").expect("what the review showed");
    let page = citizen.post(&format!("{draft}/supplement"), &[("draft-reviewed", reviewed)]).await.ok();
    page.has(&["Khi nộp hồ sơ: 50.000 đ. Theo nội dung bổ sung: 150.000 đ.", "Phải nộp thêm 100.000 đ"]);
    citizen.get("/account/notices").await.ok().has(&["Phí, lệ phí thay đổi theo nội dung bổ sung"]);
    citizen.get(&format!("{dossier}/receipt")).await.ok().has(&["50.000 đ"]).lacks(&["150.000 đ"]);
    assert_eq!(act(&counter, &dossier, "done", With::default()).await.status, 422, "the difference is owed");
    counter.post(&format!("{dossier}/payments"), &paid("100000", "BL-2")).await.ok();
    act(&counter, &dossier, "done", With::default()).await.ok();
}

async fn a_difference_that_is_to_be_paid_back_is_said_until_it_is_paid_back(app: App) {
    let portal = with_a_fee_for_deep_wells(&app).await;
    let (citizen, dossier) = portal.file("false").await;
    let counter = portal.officer(COUNTER).await;
    // The fee rises and is paid, and falls to the fee of the filing.
    for (deep, owed, receipt) in [("true", "50000", "BL-1"), ("false", "100000", "BL-2")] {
        let paid = [("amount", owed), ("method", "cash"), ("receipt", receipt)];
        counter.post(&format!("{dossier}/payments"), &paid).await.ok();
        let ask = With { note: "Giếng sâu bao nhiêu?", new_grounds: "Số liệu đo mới.", ..With::default() };
        act(&counter, &dossier, "ask", ask).await.ok();
        let draft = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok();
        let draft = draft.path.trim_end_matches("/1").to_owned();
        citizen.post(&format!("{draft}/1"), &answers(deep)).await.ok();
        let reviewed = walk::review(&citizen, &draft).await;
        citizen.post(&format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]).await.ok();
    }
    let owes = "Cơ quan hoàn lại cho người nộp hồ sơ 100.000 đ";
    citizen.get(&dossier).await.ok().has(&[owes]).lacks(&["Đã hoàn trả", "refund.amount"]);
    counter.get(&dossier).await.ok().has(&[owes, "Phí, lệ phí đã giảm", "value=\"100000\""]);
    act(&counter, &dossier, "done", With::default()).await.ok();
    let back = [("amount", "100000"), ("method", "cash"), ("receipt", "PC-1")];
    counter.post(&format!("{dossier}/refunds"), &back).await.ok().has(&["Đã hoàn trả", "PC-1"]).lacks(&[owes]);
    citizen.get(&dossier).await.ok().has(&["Đã hoàn trả", "100.000 đ", "Tiền mặt", "PC-1"]).lacks(&[owes]);
}

/// Returns whether an officer's view lists the only dossier, by its code and without a search.
async fn is_listed(case: &Case<'_>, login: &str, view: OfficerView) -> bool {
    let (services, actor) = (&case.office.services, case.office.actor(login).await);
    let mut found = Vec::new();
    for search in ["", case.code.as_str()] {
        let found_here = services.lists.desk(&actor, view, &DeskWish::words(search), None).await.expect("a list");
        found.push(found_here.rows.iter().filter(|row| row.code == case.code.as_str()).count());
    }
    assert_eq!(found[0], found[1], "{login}: a search finds what the view lists");
    assert!(found[0] <= 1, "{login}: once");
    found[0] == 1
}

async fn a_partner_finds_its_dossiers_while_they_are_open_and_after_they_ended(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = 'b'",
        "b specialist; at = 'so-khdt/dang-ky-kinh-doanh' | more request-supplement | done advance; to = 'c'",
        "c counter | end hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    // A specialist of the unit that takes part, and the leader of its agency.
    let partners = ["mai.khdt", "dung.khdt"];
    for login in partners {
        assert!(!is_listed(&case, login, OfficerView::Open).await, "{login} has nothing to do with it yet");
    }
    case.act(COUNTER, "go").await.expect("at the partner");
    for login in [COUNTER, "mai.khdt", "dung.khdt"] {
        assert!(is_listed(&case, login, OfficerView::Open).await, "{login}");
    }
    let ask = motcua_tests::flow::With { note: "Thiếu.", ..motcua_tests::flow::With::default() };
    case.act_with("mai.khdt", "more", ask).await.expect("asked");
    for login in partners {
        assert!(is_listed(&case, login, OfficerView::Waiting).await, "{login}");
        assert!(!is_listed(&case, login, OfficerView::Open).await, "{login}");
    }
    let citizen = office.actor("0912345678").await;
    let draft = office.services.drafts.start_supplement(&citizen, &case.code).await.expect("a draft");
    office.services.drafts.supplement(&citizen, draft).await.expect("supplemented");
    case.act("mai.khdt", "done").await.expect("done");
    for login in partners {
        assert!(is_listed(&case, login, OfficerView::Open).await, "{login}: the work of others is under way");
    }
    case.act(COUNTER, "end").await.expect("handed over");
    for login in partners {
        assert!(is_listed(&case, login, OfficerView::Ended).await, "{login}");
        assert!(!is_listed(&case, login, OfficerView::Open).await, "{login}");
    }
    for view in [OfficerView::Todo, OfficerView::Waiting, OfficerView::Open, OfficerView::Ended] {
        assert!(!is_listed(&case, "thu.phucuong", view).await, "an agency that takes no part");
    }
    let database = office.services.database();
    let before = rows(database, "SELECT * FROM partner").await;
    database.rebuild_projections().await.expect("rebuilt");
    assert_eq!(rows(database, "SELECT * FROM partner").await, before);
}

async fn a_message_marks_a_dossier_in_the_lists_of_officers_until_one_answers(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let (thu, binh) = (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await);
    let (messages, mark) = (format!("{dossier}/messages"), "có tin nhắn chưa trả lời");
    thu.get("/desk").await.ok().lacks(&[mark]);
    citizen.post(&messages, &[("text", "Khi nào xong ạ?")]).await.ok();
    thu.get("/desk").await.ok().has(&[mark]);
    citizen.get("/account").await.ok().lacks(&[mark]);
    thu.post(&messages, &[("text", "Trong hôm nay.")]).await.ok();
    thu.get("/desk").await.ok().lacks(&[mark]);
    citizen.post(&messages, &[("text", "Cảm ơn.")]).await.ok();
    thu.get("/desk?view=open").await.ok().has(&[mark]);
    act(&thu, &dossier, "accept", With::default()).await.ok();
    binh.get("/desk").await.ok().lacks(&[mark]);
}

async fn a_page_says_what_a_dossier_waits_for_and_until_when(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let office = "Đang chờ cơ quan thực hiện: Tiếp nhận.";
    for reader in [&citizen, &thu] {
        let page = reader.get(&dossier).await.ok().has(&[office, "Hẹn trả kết quả của cả hồ sơ: 04/03/2026 09:00."]);
        page.lacks(&["Chậm nhất"]);
    }
    act(&thu, &dossier, "request-supplement", With { note: "Ảnh mờ.", ..With::default() }).await.ok();
    let supplement = "Đang chờ người nộp bổ sung hồ sơ.";
    for reader in [&citizen, &thu] {
        reader.get(&dossier).await.ok().has(&[supplement, "Chậm nhất 02/04/2026 23:59."]).lacks(&[office]);
    }
    citizen.post(&format!("{dossier}/withdraw"), &[("reason", "Khai nhầm.")]).await.ok();
    citizen.get(&dossier).await.ok().lacks(&[supplement, "Đang chờ"]);
}

/// Returns the steps of a dossier's page.
fn timeline(page: &Page) -> &str {
    page.between("<ol class=\"timeline\">", "</ol>").expect("the steps")
}

async fn the_story_names_every_deed_to_the_staff_and_no_officer_to_the_applicant(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let (thu, binh) = (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await);
    let yen = app.officer("yen.phucuong").await;
    for deed in ["take", "release"] {
        let page = thu.get(&dossier).await.ok();
        let (seen, stay) = (page.hidden("seen").expect("a version"), page.hidden("stay").expect("a step"));
        thu.post(&format!("{dossier}/steps/{stay}/{deed}"), &[("seen", seen)]).await.ok();
    }
    act(&thu, &dossier, "accept", With::default()).await.ok();
    act(&binh, &dossier, "propose", With { note: "Hợp lệ.", ..With::default() }).await.ok();
    let seen = binh.get(&dossier).await.ok().hidden("seen").expect("a version").to_owned();
    let page = binh.post(&format!("{dossier}/undo"), &[("seen", seen.as_str())]).await.ok();
    page.has(&["Đã thu hồi.", ">Hợp lệ.</textarea>"]);
    act(&binh, &dossier, "propose", With { note: "Hợp lệ.", ..With::default() }).await.ok();
    act(&yen, &dossier, "send-back", With { note: "Xem lại ngày sinh.", ..With::default() }).await.ok();

    let page = thu.get(&dossier).await.ok();
    let story = page.between("<summary>Toàn bộ diễn biến</summary>", "</details>").expect("the story");
    let story = story.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in [
        "<strong>Ngô Minh Thư</strong>: nhận việc",
        "<strong>Ngô Minh Thư</strong>: trả việc về bộ phận",
        "<strong>Ngô Minh Thư</strong>: Tiếp nhận hồ sơ",
        "<strong>Dương Văn Bình</strong>: thu hồi thao tác vừa rồi: Trình ký",
        "<strong>Lý Hải Yến</strong>: Trả lại chuyên viên",
    ] {
        assert!(story.contains(told), "{told}: {story}");
    }
    assert!(timeline(&page).contains("Trả lại chuyên viên") && timeline(&page).contains("Lý Hải Yến"), "{story}");

    let page = citizen.get(&dossier).await.ok().lacks(&["Ngô Minh Thư", "Dương Văn Bình", "Lý Hải Yến"]);
    let steps = timeline(&page);
    for told in ["Tiếp nhận hồ sơ", "Thẩm tra, giải quyết", "chuyên viên", "lãnh đạo cơ quan"] {
        assert!(steps.contains(told), "{told}: {steps}");
    }
    for internal in ["Trình ký", "Trả lại chuyên viên"] {
        assert!(!steps.contains(internal), "{internal}: {steps}");
    }
    assert!(!steps.contains("hạn"), "no limit and no punctuality of an officer: {steps}");
    page.lacks(&["Toàn bộ diễn biến", "thu hồi thao tác"]);
}

async fn an_auditor_reads_every_event_of_a_dossier_with_its_hash(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    act(&thu, &dossier, "accept", With { note: "Đủ giấy tờ.", ..With::default() }).await.ok();
    citizen.post(&format!("{dossier}/messages"), &[("text", "Khi nào xong ạ?")]).await.ok();
    let code = dossier.trim_start_matches("/dossiers/");
    let entries = format!("SELECT hash FROM journal WHERE dossier = '{code}' ORDER BY version");
    let hashes: Vec<String> = rows(app.services.database(), &entries)
        .await
        .iter()
        .map(|row| row["hash"].as_str().expect("a hash").to_owned())
        .collect();
    assert_eq!(hashes.len(), 3);
    let hashes: Vec<&str> = hashes.iter().map(String::as_str).collect();
    let journal = format!("{dossier}/readings");
    for login in ["kiemsoat", "yen.phucuong"] {
        let page = app.officer(login).await.get(&journal).await.ok();
        page.has(&hashes).has(&["Mục 3 của sổ", "Ngô Minh Thư", "Đủ giấy tờ.", "Khi nào xong ạ?"]);
    }
    citizen.get(&journal).await.ok().lacks(&hashes).lacks(&["Đủ giấy tờ."]);
    assert_eq!(thu.get(&journal).await.status, 403, "a colleague does not read the journal");
    citizen.get(&journal).await.ok().has(&["Huỳnh Tấn Phát"]);
}

async fn a_step_that_was_let_pass_is_nobodys_and_stays_so_after_the_end(app: App) {
    let units = "units = ['so-tnmt/moi-truong', 'so-tnmt/khoang-san', 'so-xaydung/quan-ly-xay-dung']";
    let thu = workflow(&[
        "a counter | go advance; to = 'ask'",
        &format!(
            "ask specialist; limit = '3 working-days'; ask = {{ {units}, then = 'd', enough = 1 }} | agree answer"
        ),
        "d leader | done hand-over",
    ]);
    let portal = OwnPortal::serve(&app, &thu, "").await;
    let (_, dossier) = portal.file("true").await;
    let leader = portal.officer(LEADER).await;
    act(&portal.officer(COUNTER).await, &dossier, "go", With::default()).await.ok();
    let bao = portal.officer("bao.tnmt").await;
    let page = bao.get(&dossier).await.ok();
    let stay = page.between("name=\"stay\" value=\"", "\"").expect("the step of the unit").to_owned();
    let seen = page.hidden("seen").expect("the version").to_owned();
    bao.upload(&format!("{dossier}/actions/agree"), &[("seen", &seen), ("stay", &stay)], &[]).await.ok();
    for ended in [false, true] {
        if ended {
            act(&leader, &dossier, "done", With::default()).await.ok();
        }
        let page = leader.get(&dossier).await.ok();
        let steps = timeline(&page);
        let passed: Vec<&str> = steps.split("<li class=\"cancelled\">").skip(1).collect();
        assert_eq!(passed.len(), 2, "{steps}");
        for step in passed {
            let step = step.split("</li>").next().unwrap_or_default();
            assert!(step.contains("không còn cần") && !step.contains(BAO) && !step.contains("hạn"), "{step}");
        }
        assert_eq!(steps.matches(BAO).count(), 1, "{steps}");
    }
}

async fn the_list_of_an_applicant_names_no_officer(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let page = thu.get(&dossier).await.ok();
    let (seen, stay) = (page.hidden("seen").expect("a version"), page.hidden("stay").expect("a step"));
    thu.post(&format!("{dossier}/steps/{stay}/take"), &[("seen", seen)]).await.ok();
    let code = dossier.trim_start_matches("/dossiers/");
    thu.get("/desk").await.ok().has(&[code, "<span class=\"quiet\">Ngô Minh Thư</span>"]);
    citizen.get("/account").await.ok().has(&[code, "Tiếp nhận"]).lacks(&["Ngô Minh Thư"]);
}

async fn a_message_of_an_officer_reaches_the_applicant_as_the_word_of_the_agency(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let (thu, binh) = (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await);
    act(&thu, &dossier, "accept", With::default()).await.ok();
    thu.post(&format!("{dossier}/messages"), &[("text", "Trong hôm nay.")]).await.ok();
    binh.get(&dossier).await.ok().has(&["Trong hôm nay.", "<strong>Ngô Minh Thư</strong>"]);
    let page = citizen.get(&dossier).await.ok().lacks(&["Ngô Minh Thư"]);
    page.has(&["Trong hôm nay.", "<strong>Cơ quan giải quyết</strong>"]);
}
