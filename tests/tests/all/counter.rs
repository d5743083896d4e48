//! People who come to the counter with paper: the officer who receives them, and the account that they get.

use crate::store::{rows, tamper};
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::walk::{self, CHILD, JPEG, PARENTS, With};

on_both! {
    a_counter_receives_a_person_with_paper_in_one_go
    a_scan_that_is_no_card_fills_nothing_and_says_why
    the_person_takes_the_account_over_by_a_code_of_the_counter_and_sees_the_dossier
    a_person_with_an_account_gets_the_dossier_there_and_their_own_drafts_stay_theirs
    nobody_else_receives_and_nobody_else_sees_what_is_filled_in
    a_phone_number_tells_nobody_whose_it_is
    an_account_whose_phone_number_nobody_verified_gets_no_dossier
    the_figures_say_how_many_dossiers_came_at_the_counter
    an_upload_at_the_counter_counts_for_the_officer_and_not_for_the_person
    an_auditor_sees_who_opened_an_account_who_handed_out_its_code_and_that_it_was_used
    what_somebody_brings_for_a_supplement_is_received_at_the_counter
    another_officer_corrects_the_name_of_an_account_that_nobody_has_taken_over
    a_code_is_handed_out_for_the_card_of_the_owner_and_used_where_no_officer_is_logged_in
}

const NUMBER: &str = "074195000321";
const PHONE: &str = "0912345678";
const CARD: &str = "074195000321||Nguyễn Thị Ngân|02091995|Nữ|Phường Phú Cường, Bình Dương|10052021";
/// The form that hands the account to the person with the card.
const HAND_OVER: &[(&str, &str)] = &[("do", "hand-over"), ("card", CARD)];
const NEW_PASSWORD: &str = "bốn con mèo lười";

/// Returns the facts of the person for the form, with the tick that the card was compared.
fn person(action: &str) -> Vec<(&'static str, String)> {
    let facts = [("number", NUMBER), ("name", "Nguyễn Thị Ngân"), ("phone", PHONE), ("q", "khai sinh")];
    let facts = facts.into_iter().chain([("checked", "yes"), ("do", action)]);
    facts.map(|(name, value)| (name, value.to_owned())).collect()
}

async fn send(counter: &Browser, fields: &[(&'static str, String)]) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    counter.post("/counter", &fields).await
}

/// Returns the value of the button that begins the registration of a birth.
async fn birth(counter: &Browser) -> String {
    counter.get("/counter").await.ok();
    let page = send(counter, &person("find")).await.ok().has(&["Đăng ký khai sinh"]);
    let found = page
        .body
        .split("value=\"start:")
        .skip(1)
        .find(|rest| rest.split("</button>").next().is_some_and(|button| button.ends_with(">Đăng ký khai sinh")));
    let value = found.and_then(|rest| rest.split('"').next()).expect("a birth is registered here");
    format!("start:{value}")
}

/// Begins the registration of a birth and returns its draft, such as `/drafts/…`.
pub async fn begin(counter: &Browser) -> String {
    let start = birth(counter).await;
    let page = send(counter, &person(&start)).await.ok();
    page.path.trim_end_matches("/1").to_owned()
}

/// Fills in the registration of a birth, whose paper the officer has seen, and files it.
async fn receive(counter: &Browser) -> String {
    let draft = begin(counter).await;
    counter.post(&format!("{draft}/1"), CHILD).await.ok();
    counter.post(&format!("{draft}/2"), PARENTS).await.ok();
    tick(counter, &draft).await;
    walk::file(counter, &draft).await
}

async fn tick(counter: &Browser, draft: &str) -> Page {
    let ticks = [("draft-checks", "yes"), ("draft-seen", "birth_proof"), ("do", "next")];
    counter.upload(&format!("{draft}/papers"), &ticks, &[]).await.ok()
}

async fn a_counter_receives_a_person_with_paper_in_one_go(app: App) {
    let thu = app.officer("thu.phucuong").await;
    thu.get("/desk").await.ok().has(&["href=\"/counter\""]);
    thu.get("/counter").await.ok().has(&["Quét mã QR"]);
    let page = thu.post("/counter", &[("scan", CARD), ("q", "khai sinh"), ("do", "find")]).await.ok();
    page.has(&["value=\"Nguyễn Thị Ngân\"", NUMBER, "02/09/1995", "Phường Phú Cường", "chưa có tài khoản"]);

    let start = birth(&thu).await;
    let mut unseen = person(&start);
    unseen.retain(|(name, _)| *name != "checked");
    let page = send(&thu, &unseen).await;
    assert_eq!(page.status, 422, "the card was not compared");
    page.has(&["Hãy đối chiếu thẻ căn cước"]);
    let accounts = format!("SELECT id, password FROM account WHERE login = '{NUMBER}'");
    assert!(rows(app.services.database(), &accounts).await.is_empty(), "no account is opened before");

    let draft = begin(&thu).await;
    assert_eq!(begin(&thu).await, draft, "the same person and procedure go on");
    thu.get("/counter").await.ok().has(&["Hồ sơ đang nhập tại quầy", &draft]);
    thu.get(&format!("{draft}/1")).await.ok().has(&["Nhập thay Nguyễn Thị Ngân"]);
    thu.post(&format!("{draft}/1"), CHILD).await.ok();
    thu.post(&format!("{draft}/2"), PARENTS).await.ok();
    thu.get(&format!("{draft}/review")).await.ok().has(&["Hãy đính kèm"]);
    tick(&thu, &draft).await.has(&["quầy đã xem bản giấy"]).lacks(&["Hãy đính kèm"]);
    let dossier = walk::file(&thu, &draft).await;
    let receipt = thu.get(&format!("{dossier}/receipt")).await.ok();
    receipt.has(&[
        "Nguyễn Thị Ngân",
        "Người tiếp nhận tại quầy",
        "Ngô Minh Thư",
        "quầy đã xem bản giấy",
        "<svg",
        "Người tiếp theo",
    ]);
    thu.get(&dossier).await.ok().has(&["Người tiếp nhận tại quầy", "quầy đã xem bản giấy"]);
    thu.get("/counter").await.ok().lacks(&["Hồ sơ đang nhập tại quầy"]);

    let account = rows(app.services.database(), &accounts).await;
    assert_eq!(account.len(), 1, "one account, however often the form was sent");
    assert_eq!(account[0]["password"], "", "nobody can log in to it");
    let code = dossier.trim_start_matches("/dossiers/");
    let filed = format!("SELECT payload FROM journal WHERE dossier = '{code}' AND version = 1");
    let payload = rows(app.services.database(), &filed).await[0]["payload"].as_str().expect("a payload").to_owned();
    assert!(payload.contains("\"channel\":\"counter\"") && payload.contains("Ngô Minh Thư"), "{payload}");
    // The account was opened after the first search, and found afterwards.
    let read = format!("SELECT account_name FROM reading WHERE dossier = '{}'", account[0]["id"].as_str().expect("id"));
    assert!(rows(app.services.database(), &read).await.iter().all(|row| row["account_name"] == "Ngô Minh Thư"));
    assert!(!rows(app.services.database(), &read).await.is_empty(), "finding a person is a reading");
}

async fn a_scan_that_is_no_card_fills_nothing_and_says_why(app: App) {
    let thu = app.officer("thu.phucuong").await;
    thu.get("/counter").await.ok();
    for (scan, says) in [
        ("https://example.vn", "không có dạng của thẻ căn cước"),
        ("000195000321||An|02091995|Nữ||", "không phải số định danh cá nhân"),
        ("074195000321||An|02091990|Nữ||", "không khớp năm sinh hoặc giới tính"),
    ] {
        let page = thu.post("/counter", &[("scan", scan), ("name", "Lê Văn Bình"), ("do", "find")]).await;
        assert_eq!(page.status, 422, "{scan}");
        page.has(&[says, "value=\"Lê Văn Bình\""]).lacks(&["value=\"An\""]);
    }
}

async fn the_person_takes_the_account_over_by_a_code_of_the_counter_and_sees_the_dossier(app: App) {
    let thu = app.officer("thu.phucuong").await;
    let dossier = receive(&thu).await;
    let ngan = app.visitor();
    ngan.get("/password").await.ok().has(&["do quầy một cửa cấp"]);
    let claim = async |code: &str| {
        ngan.post("/password", &[("login", NUMBER), ("code", code), ("password", NEW_PASSWORD)]).await
    };
    assert_eq!(claim("00000000").await.status, 422, "no code was handed out");

    let phone = format!("{dossier}/phone");
    thu.get(&phone).await.ok().has(&["Trao tài khoản cho người nộp"]);
    let elsewhere = "INSERT INTO dossier (code, draft, procedure, procedure_name, procedure_version, agency, unit,
            applicant, applicant_name, phone, search, step_name, status, queue, rank, filed_at, version)
        SELECT code || '9', draft || '9', procedure, procedure_name, procedure_version, 'so-khdt', unit,
            applicant, applicant_name, phone, search, step_name, status, queue, rank, filed_at, version FROM dossier";
    tamper(app.services.database(), elsewhere).await;
    assert_eq!(thu.post(&phone, HAND_OVER).await.status, 403, "it opens a dossier of another agency");
    tamper(app.services.database(), "DELETE FROM dossier WHERE agency = 'so-khdt'").await;
    thu.get(&phone).await.ok();
    let handed = thu.post(&phone, HAND_OVER).await.ok();
    let code = handed.between("<p class=\"code\"><strong>", "</strong>").expect("a code").to_owned();
    let wrong = if code == "00000000" { "00000001" } else { "00000000" };
    assert_eq!(claim(wrong).await.status, 422);
    claim(&code).await.ok().has(&["Đã đặt mật khẩu mới"]);
    ngan.log_in(NUMBER, NEW_PASSWORD).await;
    ngan.get("/account").await.ok().has(&[dossier.trim_start_matches("/dossiers/")]);
    ngan.get(&dossier).await.ok().has(&["Người tiếp nhận tại quầy"]);

    let again = thu.post(&phone, HAND_OVER).await;
    assert_eq!(again.status, 422, "the account has an owner now");
    again.has(&["Chủ tài khoản đã có mật khẩu"]);
    let lan = app.officer("lan.khdt").await;
    lan.get("/desk").await.ok();
    assert_eq!(lan.post(&phone, HAND_OVER).await.status, 404);
}

async fn a_person_with_an_account_gets_the_dossier_there_and_their_own_drafts_stay_theirs(app: App) {
    let ngan = app.citizen("Nguyễn Thị Ngân", PHONE).await;
    let phone = format!("{}/phone", walk::birth(&ngan).await);
    let own = walk::birth_draft(&ngan).await;
    let thu = app.officer("thu.phucuong").await;
    thu.get(&phone).await.ok();
    thu.post(&phone, &[]).await.ok();
    thu.get("/counter").await.ok();
    send(&thu, &person("find")).await.ok().has(&["Người nộp đã có tài khoản"]).lacks(&["chưa xác nhận"]);
    let draft = begin(&thu).await;
    assert_ne!(draft, own);
    assert_eq!(thu.get(&format!("{own}/1")).await.status, 404, "the person's own draft");
    assert_eq!(ngan.get(&format!("{draft}/1")).await.status, 404, "the officer fills it in");
    ngan.get("/account").await.ok().lacks(&[draft.as_str()]);
    let dossier = receive(&thu).await;
    ngan.get("/account").await.ok().has(&[dossier.trim_start_matches("/dossiers/")]);
    ngan.get(&format!("{own}/review")).await.ok();
    ngan.get("/account/readings").await.ok().has(&["Ngô Minh Thư", "Tìm tài khoản của bạn"]);
    let accounts = format!("SELECT id FROM account WHERE login = '{NUMBER}'");
    assert!(rows(app.services.database(), &accounts).await.is_empty(), "no second account is opened");
}

async fn nobody_else_receives_and_nobody_else_sees_what_is_filled_in(app: App) {
    let thu = app.officer("thu.phucuong").await;
    let draft = begin(&thu).await;
    thu.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "giấy.jpg", JPEG)]).await.ok();
    let papers = thu.get(&format!("{draft}/papers")).await.ok();
    let file = papers.between(&format!("{draft}/files/"), "\"").expect("a file").to_owned();
    thu.get(&format!("{draft}/files/{file}")).await.ok();
    let lan = app.officer("lan.khdt").await;
    let yen = app.officer("yen.phucuong").await;
    for path in ["/1", "/papers", "/review", &format!("/files/{file}")] {
        assert_eq!(lan.get(&format!("{draft}{path}")).await.status, 404, "{path}");
        assert_eq!(yen.get(&format!("{draft}{path}")).await.status, 403, "{path}");
    }
    let start = birth(&thu).await;
    lan.get("/counter").await.ok();
    send(&lan, &person("find")).await.ok().lacks(&["Đăng ký khai sinh</button>"]);
    assert_eq!(send(&lan, &person(&start)).await.status, 403, "another agency receives births");
    yen.get("/desk").await.ok();
    assert_eq!(send(&yen, &person(&start)).await.status, 403);
    let citizen = app.citizen("Trần Văn Em", "0908111222").await;
    citizen.get("/account").await.ok();
    assert_eq!(send(&citizen, &person(&start)).await.status, 403);
    let own = walk::birth_draft(&citizen).await;
    let ticks = [("draft-checks", "yes"), ("draft-seen", "birth_proof")];
    assert_eq!(citizen.upload(&format!("{own}/papers"), &ticks, &[]).await.status, 403, "nobody sees paper at home");
}

async fn a_phone_number_tells_nobody_whose_it_is(app: App) {
    app.citizen("Trần Văn Em", PHONE).await;
    let thu = app.officer("thu.phucuong").await;
    thu.get("/counter").await.ok();
    let page = thu.post("/counter", &[("phone", PHONE), ("name", "Nguyễn Thị Ngân"), ("do", "find")]).await;
    assert_eq!(page.status, 422);
    page.has(&["Số này thuộc tài khoản mang tên khác"]).lacks(&["Trần Văn Em"]);
    // The citizen number leads to an account of their own, whoever has the phone number.
    send(&thu, &person("find")).await.ok().has(&["chưa có tài khoản"]).lacks(&["Trần Văn Em"]);
    let dossier = receive(&thu).await;
    let em = app.visitor();
    em.log_in(PHONE, PASSWORD).await;
    assert_eq!(em.get(&dossier).await.status, 404);
}

async fn an_account_whose_phone_number_nobody_verified_gets_no_dossier(app: App) {
    let stranger = app.citizen("Nguyễn Thị Ngân", PHONE).await;
    let thu = app.officer("thu.phucuong").await;
    thu.get("/counter").await.ok();
    send(&thu, &person("find")).await.ok().has(&["chưa có tài khoản"]);
    let dossier = receive(&thu).await;
    assert_eq!(stranger.get(&dossier).await.status, 404);
    stranger.get("/account").await.ok().lacks(&[dossier.trim_start_matches("/dossiers/")]);
}

async fn the_figures_say_how_many_dossiers_came_at_the_counter(app: App) {
    let thu = app.officer("thu.phucuong").await;
    let database = app.services.database();
    let at_counter = async || {
        let figures = database.figures(None, app.services.now().as_second()).await.expect("read");
        figures.iter().map(|figures| figures.at_counter).sum::<i64>()
    };
    let dossier = receive(&thu).await;
    assert_eq!(at_counter().await, 1, "while it is open");
    let note = With { note: "Không thuộc thẩm quyền.", ..With::default() };
    walk::act(&thu, &dossier, "decline", note).await.ok();
    assert_eq!(at_counter().await, 1, "once it has ended");
    database.count_ended(1_000).await.expect("counted");
    assert_eq!(at_counter().await, 1, "once it is in the sums");
    let citizen = app.citizen("Trần Văn Em", "0908111222").await;
    walk::birth(&citizen).await;
    assert_eq!(at_counter().await, 1, "a dossier that came online is not among them");
    let yen = app.officer("yen.phucuong").await;
    yen.get("/desk/figures").await.ok().has(&["Trong đó nộp tại quầy"]);
}

async fn an_upload_at_the_counter_counts_for_the_officer_and_not_for_the_person(app: App) {
    let thu = app.officer("thu.phucuong").await;
    let draft = begin(&thu).await;
    thu.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "giấy.jpg", JPEG)]).await.ok();
    let used = "SELECT a.kind FROM account_usage u JOIN account a ON a.id = u.account WHERE u.what = 'files'";
    let used = rows(app.services.database(), used).await;
    assert_eq!(used.len(), 1, "{used:?}");
    assert_eq!(used[0]["kind"], "officer");
}

/// Returns the kinds of the recorded acts with accounts, in order.
async fn acts(app: &App) -> Vec<String> {
    let acts = rows(app.services.database(), "SELECT kind FROM account_act ORDER BY id").await;
    acts.iter().map(|act| act["kind"].as_str().expect("a kind").to_owned()).collect()
}

async fn an_auditor_sees_who_opened_an_account_who_handed_out_its_code_and_that_it_was_used(app: App) {
    let thu = app.officer("thu.phucuong").await;
    let dossier = receive(&thu).await;
    assert_eq!(acts(&app).await, ["sought", "opened"], "the search before the account, and the account");
    let phone = format!("{dossier}/phone");
    thu.get(&phone).await.ok();
    let handed = thu.post(&phone, HAND_OVER).await.ok();
    let code = handed.between("<p class=\"code\"><strong>", "</strong>").expect("a code").to_owned();
    let ngan = app.visitor();
    ngan.get("/password").await.ok();
    let claim = [("login", NUMBER), ("code", code.as_str()), ("password", NEW_PASSWORD)];
    ngan.post("/password", &claim).await.ok();
    ngan.post("/password", &claim).await.ok();
    assert_eq!(acts(&app).await, ["sought", "opened", "code-handed", "claimed"], "a repeated form claims once");
    let basis = "SELECT b.kind FROM account_act c JOIN account_act b ON b.id = c.basis WHERE c.kind = 'claimed'";
    assert_eq!(rows(app.services.database(), basis).await[0]["kind"], "code-handed");

    let auditor = app.officer("kiemsoat").await;
    auditor.get("/desk/accounts").await.ok().has(&[
        "Tìm người nộp, không có tài khoản",
        "…321",
        "Mở tài khoản",
        "Cấp mã nhận tài khoản",
        "Mã đã được dùng",
        "Người cấp mã: Ngô Minh Thư",
        "Nguyễn Thị Ngân",
        &dossier,
    ]);
    let other = app.officer("dung.khdt").await;
    other.get("/desk/accounts").await.ok().lacks(&["Nguyễn Thị Ngân", "Mở tài khoản</strong>"]);
    assert_eq!(thu.get("/desk/accounts").await.status, 403, "a counter does not watch itself");
}

async fn a_code_is_handed_out_for_the_card_of_the_owner_and_used_where_no_officer_is_logged_in(app: App) {
    let thu = app.officer("thu.phucuong").await;
    let phone = format!("{}/phone", receive(&thu).await);
    thu.get(&phone).await.ok();
    for card in ["", "074195000322", "077095001234"] {
        let page = thu.post(&phone, &[("do", "hand-over"), ("card", card)]).await;
        assert_eq!(page.status, 422, "{card}");
        page.lacks(&["class=\"code\""]);
    }
    let handed = thu.post(&phone, &[("do", "hand-over"), ("card", NUMBER)]).await.ok();
    let code = handed.between("<p class=\"code\"><strong>", "</strong>").expect("a code").to_owned();
    thu.get("/password").await.ok();
    let claim = [("login", NUMBER), ("code", code.as_str()), ("password", NEW_PASSWORD)];
    let page = thu.post("/password", &claim).await;
    assert_eq!(page.status, 422);
    page.has(&["đăng nhập bằng tài khoản cán bộ"]);
    assert!(!acts(&app).await.contains(&"claimed".to_owned()));
    let ngan = app.visitor();
    ngan.get("/password").await.ok();
    ngan.post("/password", &claim).await.ok().has(&["Đã đặt mật khẩu mới"]);
}

async fn another_officer_corrects_the_name_of_an_account_that_nobody_has_taken_over(app: App) {
    let thu = app.officer("thu.phucuong").await;
    let dossier = receive(&thu).await;
    let facts = |reason: &'static str, checked: &'static str| {
        let name = "Nguyễn Thị Nga";
        [("number", NUMBER), ("name", name), ("phone", PHONE), ("reason", reason), ("checked", checked)]
    };
    let correct = async |counter: &Browser, reason: &'static str, checked: &'static str| {
        counter.get("/counter").await.ok();
        counter.post("/counter", &[facts(reason, checked).as_slice(), &[("do", "correct")]].concat()).await
    };
    thu.get("/counter").await.ok();
    let asked = thu.post("/counter", &[facts("", "").as_slice(), &[("do", "find")]].concat()).await;
    assert_eq!(asked.status, 422);
    asked.has(&["Sửa họ tên của tài khoản"]).lacks(&["Nguyễn Thị Ngân"]);
    assert_eq!(correct(&thu, "Gõ sai dấu", "yes").await.status, 422, "the officer who opened the account");
    let lan = app.officer("lan.khdt").await;
    for (reason, checked) in [("Gõ sai dấu", ""), ("", "yes")] {
        assert_eq!(correct(&lan, reason, checked).await.status, 422, "{reason} {checked}");
    }
    let yen = app.officer("yen.phucuong").await;
    yen.get("/desk").await.ok();
    let page = yen.post("/counter", &[facts("Gõ sai dấu", "yes").as_slice(), &[("do", "correct")]].concat()).await;
    assert_eq!(page.status, 403, "a leader");
    correct(&lan, "Gõ sai dấu", "yes").await.ok().has(&["Đã sửa họ tên của tài khoản", "Nguyễn Thị Nga"]);
    correct(&lan, "Gõ sai dấu", "yes").await.ok();
    assert_eq!(acts(&app).await, ["sought", "opened", "renamed"], "the same correction twice is one");
    let auditor = app.officer("kiemsoat").await;
    auditor.get("/desk/accounts").await.ok().has(&["Từ Nguyễn Thị Ngân thành Nguyễn Thị Nga", "Gõ sai dấu"]);
    thu.get(&dossier).await.ok().has(&["Nguyễn Thị Ngân"]);

    let phone = format!("{dossier}/phone");
    thu.get(&phone).await.ok();
    let handed = thu.post(&phone, HAND_OVER).await.ok();
    let code = handed.between("<p class=\"code\"><strong>", "</strong>").expect("a code").to_owned();
    let ngan = app.visitor();
    ngan.get("/password").await.ok();
    ngan.post("/password", &[("login", NUMBER), ("code", code.as_str()), ("password", NEW_PASSWORD)]).await.ok();
    let name = [("number", NUMBER), ("name", "Nguyễn Thị Nguyệt"), ("phone", PHONE), ("reason", "Gõ sai")];
    lan.get("/counter").await.ok();
    let late = lan.post("/counter", &[name.as_slice(), &[("checked", "yes"), ("do", "correct")]].concat()).await;
    assert_eq!(late.status, 422, "the name is the owner's now");
}

async fn what_somebody_brings_for_a_supplement_is_received_at_the_counter(app: App) {
    let citizen = app.citizen("Trần Văn Em", "0908111222").await;
    let dossier = walk::birth(&citizen).await;
    let code = dossier.trim_start_matches("/dossiers/").to_owned();
    let start = format!("{dossier}/supplement");
    let thu = app.officer("thu.phucuong").await;
    thu.get(&dossier).await.ok().lacks(&["Nhận bổ sung tại quầy"]);
    walk::act(&thu, &dossier, "request-supplement", With { note: "Thiếu giấy.", ..With::default() }).await.ok();

    thu.get("/counter").await.ok();
    let scan = format!("https://x.vn/lookup?code={code}");
    let found = thu.post("/counter", &[("scan", scan.as_str()), ("do", "find")]).await.ok();
    assert_eq!(found.path, dossier, "the code of the receipt leads to the dossier");
    found.has(&["Nhận bổ sung tại quầy", "Thiếu giấy."]);
    for (login, status) in [("lan.khdt", 404), ("yen.phucuong", 403), ("kiemsoat", 403)] {
        let other = app.officer(login).await;
        other.get("/desk").await.ok();
        assert_eq!(other.post(&start, &[]).await.status, status, "{login}");
    }
    let draft = thu.post(&start, &[]).await.ok().path.trim_end_matches("/1").to_owned();
    assert_eq!(thu.post(&start, &[]).await.ok().path, format!("{draft}/1"), "it goes on");
    thu.get("/counter").await.ok().has(&["Hồ sơ đang nhập tại quầy", &draft, &format!("bổ sung hồ sơ {code}")]);
    assert_eq!(citizen.get(&format!("{draft}/1")).await.status, 404, "the officer fills it in");
    thu.get(&format!("{draft}/1")).await.ok().has(&["Nhập thay Trần Văn Em"]);
    tick(&thu, &draft).await;
    let reviewed = walk::review(&thu, &draft).await;
    let fields = [("draft-reviewed", reviewed.as_str()), ("dossier", code.as_str())];
    for _ in 0..2 {
        let receipt = thu.post(&format!("{draft}/supplement"), &fields).await.ok();
        assert_eq!(receipt.path, format!("{dossier}/receipt"), "posting twice supplements once");
        receipt.has(&["Bổ sung tại quầy", "Ngô Minh Thư", "Trần Văn Em", "quầy đã xem bản giấy"]);
    }
    let event = format!("SELECT payload FROM journal WHERE dossier = '{code}' AND event = 'supplemented'");
    let events = rows(app.services.database(), &event).await;
    assert_eq!(events.len(), 1);
    let payload = events[0]["payload"].as_str().expect("a payload");
    assert!(payload.contains("\"channel\":\"counter\"") && payload.contains("Ngô Minh Thư"), "{payload}");
    citizen.get(&dossier).await.ok().lacks(&["Bổ sung ngay"]);
    citizen.get("/account/notices").await.ok().has(&["Hồ sơ đã được bổ sung"]);
}
