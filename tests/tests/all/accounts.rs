//! Accounts: guessing, sessions, lock-outs, deputies, the log, and the limits of one account.

use crate::store::{rows, tamper};
use jiff::civil::date;
use motcua::runtime::{self, RunningPortal, RuntimeOptions};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::instant;
use motcua_service::Error;
use motcua_tests::browser::Browser;
use motcua_tests::flow::{APPRAISER, COUNTER, LEADER, Office, SPECIALIST, workflow};
use motcua_tests::portal::{App, Kind, PASSWORD, morning, serve_again};
use motcua_tests::walk::{self, BIRTH, COMPANY, JPEG, PDF};
use std::net::SocketAddr;

on_both! {
    however_a_log_in_or_a_code_is_spelt_it_is_guessed_at_as_one
    a_stranger_who_guesses_does_not_hold_the_owner_up
    a_network_without_tries_left_holds_up_neither_a_known_device_nor_who_is_logged_in
    failed_log_ins_are_shown_to_their_owner
    a_password_is_changed_by_its_owner_who_is_logged_out_elsewhere
    a_session_ends_when_nothing_is_done_and_at_last_whatever_is_done
    a_session_of_the_version_before_goes_on
    with_https_browsers_are_told_to_stay_with_it
    with_https_the_session_is_bound_to_its_host
    a_number_that_somebody_else_registered_locks_nobody_out
    somebody_who_is_logged_in_is_led_past_the_log_in
    every_file_that_an_officer_opens_is_logged
    an_account_uploads_so_much_a_day_and_goes_on_tomorrow
    a_file_that_is_refused_counts_for_the_day
    a_draft_and_an_account_hold_so_much
    an_account_keeps_so_many_drafts
    an_account_writes_so_many_messages_an_hour_and_keeps_what_it_typed
    an_account_files_so_many_dossiers_an_hour_and_keeps_its_draft
}

on_both_kinds! {
    a_deputy_takes_the_steps_of_who_is_away_and_is_shown_as_acting_for_them
    nobody_approves_what_they_proposed_unless_the_configuration_says_why
}

/// Starts another node with other settings on the same database, and returns its address.
pub async fn with_settings(app: &App, changes: &[(&str, &str)]) -> String {
    let file = app.dir.path().join("motcua.toml");
    let mut settings = std::fs::read_to_string(&file).expect("the settings");
    for (from, to) in changes {
        assert!(settings.contains(from), "{from} is not in {settings}");
        settings = settings.replace(from, to);
    }
    std::fs::write(&file, settings).expect("they can be written");
    serve_again(app.dir.path(), app.clock.clone()).await
}

async fn citizen_of(base: &str) -> Browser {
    let citizen = Browser::new(base);
    citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    citizen
}

async fn however_a_log_in_or_a_code_is_spelt_it_is_guessed_at_as_one(app: App) {
    let dossier = walk::birth(&app.citizen("Nguyễn Văn An", "0912345678").await).await;
    let visitor = app.visitor();
    visitor.get("/login").await.ok();
    let spelt = ["0912345678", "+84912345678", "0912 345 678", "0912.345.678", " 0912-345-678 ", "+84 912 345 678"];
    let mut answers = Vec::new();
    for login in spelt {
        answers.push(visitor.post("/login", &[("login", login), ("password", "không phải")]).await.status);
    }
    assert_eq!(answers, [422, 422, 422, 422, 422, 429]);
    let page = visitor.post("/login", &[("login", spelt[0]), ("password", "x"), ("carried.note", "Đủ")]).await;
    page.has(&["hãy đợi một phút", "carried.note"]);
    let code = dossier.trim_start_matches("/dossiers/");
    let spelt = [code.to_owned(), code.to_lowercase(), format!(" {code}"), code.replace('-', " - "), code.to_owned()];
    let mut answers = Vec::new();
    for (number, code) in spelt.iter().chain([&spelt[0]]).enumerate() {
        let digits = format!("{number:04}");
        answers.push(visitor.post("/lookup", &[("code", code), ("digits", &digits)]).await.status);
    }
    assert_eq!(answers, [404, 404, 404, 404, 404, 429]);
    app.at(date(2026, 3, 3).at(9, 0, 1, 0));
    visitor.post("/lookup", &[("code", code), ("digits", "5678")]).await.ok();
}

async fn a_stranger_who_guesses_does_not_hold_the_owner_up(app: App) {
    let owner = app.officer("lan.khdt").await;
    owner.post("/logout", &[]).await.ok();
    let stranger = app.visitor();
    stranger.get("/login").await.ok();
    for number in 0..20 {
        let guess = format!("mật khẩu {number}");
        stranger.post("/login", &[("login", "lan.khdt"), ("password", &guess)]).await;
    }
    // Behind the same address, but on a device on which the owner logged in before.
    owner.log_in("lan.khdt", PASSWORD).await;
    owner.get("/desk").await.ok();
    assert_eq!(stranger.post("/login", &[("login", "lan.khdt"), ("password", PASSWORD)]).await.status, 429);
}

async fn a_network_without_tries_left_holds_up_neither_a_known_device_nor_who_is_logged_in(app: App) {
    const TRIES: usize = 10;
    let base = with_settings(&app, &[("tries_per_minute = 1000000", "tries_per_minute = 10")]).await;
    let (owner, stranger) = (Browser::new(&base), Browser::new(&base));
    owner.log_in("lan.khdt", PASSWORD).await;
    owner.post("/logout", &[]).await.ok();
    stranger.get("/login").await.ok();
    let mut answers = Vec::new();
    for number in 0..=TRIES {
        let login = format!("officer{number}");
        answers.push(stranger.post("/login", &[("login", &login), ("password", "không phải")]).await.status);
    }
    assert_eq!(answers, [vec![422; TRIES], vec![429]].concat());
    // Behind the same address.
    owner.log_in("lan.khdt", PASSWORD).await;
    owner.get("/account/security").await.ok();
    let fields = [("old_password", PASSWORD), ("new_password", "bốn con mèo lười")];
    owner.post("/account/security", &fields).await.ok().has(&["Đã đổi mật khẩu"]);
    let new = Browser::new(&base);
    new.get("/login").await.ok();
    let page = new.post("/login", &[("login", "lan.khdt"), ("password", "bốn con mèo lười")]).await;
    assert_eq!(page.status, 429, "an unknown device has to wait");
}

async fn failed_log_ins_are_shown_to_their_owner(app: App) {
    let stranger = app.visitor();
    stranger.get("/login").await.ok();
    stranger.post("/login", &[("login", "lan.khdt"), ("password", "mật khẩu nào đó")]).await;
    stranger.post("/login", &[("login", "khong.co"), ("password", "mật khẩu nào đó")]).await;
    let lan = app.officer("lan.khdt").await;
    let page = lan.get("/account/security").await.ok().has(&["03/03/2026 09:00"]);
    assert_eq!(page.body.matches("<li>03/03/2026").count(), 1);
    // The page names the time of the present log-in too.
    app.officer("mai.khdt").await.get("/account/security").await.ok().lacks(&["<li>03/03/2026"]);
}

async fn a_password_is_changed_by_its_owner_who_is_logged_out_elsewhere(app: App) {
    let (here, elsewhere) = (app.officer("lan.khdt").await, app.officer("lan.khdt").await);
    let change = async |old: &str, new: &str| {
        here.get("/account/security").await.ok();
        here.post("/account/security", &[("old_password", old), ("new_password", new)]).await
    };
    for (old, new, words) in [
        ("sai mật khẩu", "bốn con mèo lười", "Mật khẩu hiện tại không đúng"),
        (PASSWORD, "ngắn", "cần ít nhất 10 ký tự"),
        (PASSWORD, "1234567890", "dễ đoán"),
        (PASSWORD, "Nguyễn Thị Lan", "dễ đoán"),
    ] {
        let page = change(old, new).await;
        assert_eq!(page.status, 422, "{new}");
        page.has(&[words]);
    }
    change(PASSWORD, "bốn con mèo lười").await.ok().has(&["Đã đổi mật khẩu"]);
    here.get("/desk").await.ok();
    assert_eq!(elsewhere.get("/desk").await.status, 401);
    app.visitor().log_in("lan.khdt", "bốn con mèo lười").await;
}

async fn a_session_ends_when_nothing_is_done_and_at_last_whatever_is_done(app: App) {
    let base = with_settings(&app, &[("idle = \"14h\"", "idle = \"2h\"")]).await;
    let citizen = citizen_of(&base).await;
    let after = |minutes: i64| {
        app.clock.set(instant(morning()) + jiff::SignedDuration::from_mins(minutes));
    };
    for minutes in [110, 220, 330] {
        after(minutes);
        citizen.get("/account").await.ok();
    }
    after(330 + 121);
    assert_eq!(citizen.get("/account").await.status, 401, "two hours without a page");
    let citizen = Browser::new(&base);
    citizen.log_in("0912345678", PASSWORD).await;
    for hours in 1..14 {
        after(330 + 121 + hours * 60);
        citizen.get("/account").await.ok();
    }
    after(330 + 121 + 14 * 60);
    assert_eq!(citizen.get("/account").await.status, 401, "fourteen hours after the log-in");
}

async fn a_session_of_the_version_before_goes_on(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    tamper(app.services.database(), "UPDATE session SET ends_at = 0").await;
    app.at(date(2026, 3, 3).at(22, 59, 0, 0));
    citizen.get("/account").await.ok();
    app.at(date(2026, 3, 3).at(23, 0, 0, 0));
    assert_eq!(citizen.get("/account").await.status, 401);
}

/// Serves the portal as behind a proxy that speaks https, and returns its address.
async fn behind_https(app: &App) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let options = RuntimeOptions { base_url: Some("https://tinh.example.vn".to_owned()), ..RuntimeOptions::serving() };
    let RunningPortal { router, .. } =
        runtime::open(app.dir.path(), app.clock.clone(), options).await.expect("it opens");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    base
}

async fn with_https_browsers_are_told_to_stay_with_it(app: App) {
    const STAY: &str = "strict-transport-security";
    let secure = Browser::new(&behind_https(&app).await);
    for path in ["/", "/nowhere", "/healthz", "/catalogue.json"] {
        let headers = secure.get(path).await.headers;
        assert_eq!(headers[STAY], "max-age=31536000", "{path}");
        assert!(!app.visitor().get(path).await.headers.contains_key(STAY), "{path}");
    }
}

async fn with_https_the_session_is_bound_to_its_host(app: App) {
    let base = behind_https(&app).await;
    let cookie = |page: &motcua_tests::browser::Page| page.headers["set-cookie"].to_str().expect("plain").to_owned();
    let secure = cookie(&Browser::new(&base).get("/").await);
    assert!(secure.starts_with("__Host-motcua="), "{secure}");
    for needed in ["; Path=/;", "; Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(secure.contains(needed) && !secure.contains("Domain"), "{secure}");
    }
    let plain = cookie(&app.visitor().get("/").await);
    assert!(plain.starts_with("motcua=") && !plain.contains("Secure"), "{plain}");
}

async fn a_number_that_somebody_else_registered_locks_nobody_out(app: App) {
    app.citizen("Kẻ Mạo Danh", "0912345678").await;
    let owner = app.visitor();
    owner.get("/register").await.ok();
    let with = |email: &'static str, by_email: &'static str| {
        [
            ("name", "Nguyễn Văn An"),
            ("phone", "0912345678"),
            ("email", email),
            ("password", PASSWORD),
            ("by_email", by_email),
        ]
    };
    let page = owner.post("/register", &with("", "")).await;
    assert_eq!(page.status, 422);
    page.has(&["đã có tài khoản", "name=\"by_email\""]);
    assert_eq!(owner.post("/register", &with("", "yes")).await.status, 422, "an address is needed");
    owner.post("/register", &with("An@Example.vn", "yes")).await.ok();
    owner.get("/account").await.ok();
    let again = app.visitor();
    again.log_in("an@example.vn", PASSWORD).await;
    again.get("/account").await.ok().has(&["Nguyễn Văn An"]);
    let third = app.visitor();
    third.get("/register").await.ok();
    let page = third.post("/register", &with("an@example.vn", "yes")).await;
    assert_eq!(page.status, 422);
    page.has(&["thư điện tử này đã có tài khoản"]);
}

async fn somebody_who_is_logged_in_is_led_past_the_log_in(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let officer = app.officer("lan.khdt").await;
    for (browser, asked, led) in [
        (&citizen, "/login", "/account"),
        (&citizen, "/register?next=/procedures", "/procedures"),
        (&citizen, "/login?next=/login", "/account"),
        (&officer, "/login", "/desk"),
        (&officer, "/register", "/desk"),
    ] {
        assert_eq!(browser.get(asked).await.ok().path, led, "{asked}");
    }
}

async fn every_file_that_an_officer_opens_is_logged(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let count = async || rows(app.services.database(), "SELECT id FROM reading").await.len();
    assert_eq!(count().await, 0);
    let page = thu.get(&dossier).await.ok();
    let file = page.between(&format!("{dossier}/files/"), "\"").expect("a file").to_owned();
    assert_eq!(count().await, 1, "the page");
    thu.get(&format!("{dossier}/files/{file}")).await.ok();
    assert_eq!(count().await, 2, "the file");
    thu.get(&format!("{dossier}/receipt")).await.ok();
    assert_eq!(count().await, 3, "the receipt");
    app.services.log.seal().await.expect("sealed");
    thu.get(&format!("{dossier}/proof")).await.ok();
    assert_eq!(count().await, 4, "the proof");
    citizen.get(&format!("{dossier}/files/{file}")).await.ok();
    let stranger = app.officer("lan.khdt").await;
    assert_eq!(stranger.get(&format!("{dossier}/files/{file}")).await.status, 404);
    assert_eq!(count().await, 4, "neither the applicant nor who sees nothing");
}

async fn an_account_uploads_so_much_a_day_and_goes_on_tomorrow(app: App) {
    let base = with_settings(&app, &[("day_files = 1000000", "day_files = 2")]).await;
    let citizen = citizen_of(&base).await;
    let draft = walk::birth_draft(&citizen).await;
    let paper = format!("{draft}/papers/birth_proof");
    let upload = async |name: &str, bytes: &[u8]| citizen.upload(&paper, &[], &[("file", name, bytes)]).await;
    upload("b.jpg", JPEG).await;
    let page = upload("c.jpg", JPEG).await;
    assert_eq!(page.status, 422);
    page.has(&["Hôm nay bạn đã tải lên quá nhiều"]);
    app.at(date(2026, 3, 4).at(8, 0, 0, 0));
    citizen.log_in("0912345678", PASSWORD).await;
    citizen.get(&format!("{draft}/papers")).await.ok().has(&["giấy chứng sinh.jpg"]);
    upload("c.jpg", JPEG).await.lacks(&["Hôm nay bạn đã tải lên quá nhiều"]);
}

async fn a_file_that_is_refused_counts_for_the_day(app: App) {
    let base = with_settings(&app, &[("day_files = 1000000", "day_files = 3")]).await;
    let citizen = citizen_of(&base).await;
    let draft = walk::birth_draft(&citizen).await;
    let paper = format!("{draft}/papers/birth_proof");
    let full = "Hôm nay bạn đã tải lên quá nhiều";
    for name in ["a.exe", "b.exe"] {
        let page = citizen.upload(&paper, &[], &[("file", name, b"MZ\x90\0")]).await;
        assert_eq!(page.status, 422);
        page.has(&["Loại tệp này không được nhận."]).lacks(&[full]);
    }
    let page = citizen.upload(&paper, &[], &[("file", "c.jpg", JPEG)]).await;
    assert_eq!(page.status, 422, "one file that was taken and two that were not");
    page.has(&[full]);
    app.at(date(2026, 3, 4).at(8, 0, 0, 0));
    citizen.log_in("0912345678", PASSWORD).await;
    citizen.get(&format!("{draft}/papers")).await.ok().lacks(&["c.jpg"]);
    citizen.upload(&paper, &[], &[("file", "c.jpg", JPEG)]).await.ok().has(&["c.jpg"]);
}

async fn a_draft_and_an_account_hold_so_much(app: App) {
    let base =
        with_settings(&app, &[("day_files = 1000000", "day_files = 1000000\ndraft_files = 1\naccount_files = 2")])
            .await;
    let citizen = citizen_of(&base).await;
    let draft = walk::birth_draft(&citizen).await;
    let paper = format!("{draft}/papers/birth_proof");
    let full = citizen.upload(&paper, &[], &[("file", "b.pdf", PDF)]).await;
    assert_eq!(full.status, 422);
    full.has(&["Hồ sơ nháp này đã có quá nhiều tệp"]);
    citizen.get(&format!("{draft}/papers")).await.ok().has(&["giấy chứng sinh.jpg"]).lacks(&["b.pdf"]);
    let other = fill_wallet(&citizen).await;
    assert_eq!(other.status, 422);
    other.has(&["kho giấy tờ của bạn đã đầy"]);
}

/// Puts other files into the wallet, one after the other, through a draft that has one file at a time.
async fn fill_wallet(citizen: &Browser) -> motcua_tests::browser::Page {
    let draft = walk::begin(citizen, COMPANY).await;
    let papers = citizen.get(&format!("{draft}/papers")).await.ok();
    let paper = papers.between(&format!("action=\"{draft}/papers/"), "\"").expect("a paper").to_owned();
    let mut last = None;
    for number in 0..3 {
        let mut content = PDF.to_vec();
        content.extend(format!("\n% {number}\n").bytes());
        let name = format!("{number}.pdf");
        let page = citizen.upload(&format!("{draft}/papers/{paper}"), &[], &[("file", &name, &content)]).await;
        if page.status == 422 {
            return page;
        }
        let attached = page.between(&format!("{draft}/detach/"), "\"").expect("attached").to_owned();
        last = Some(citizen.post(&format!("{draft}/detach/{attached}"), &[]).await);
    }
    last.expect("three were taken")
}

async fn an_account_keeps_so_many_drafts(app: App) {
    let base = with_settings(&app, &[("drafts = 1000000", "drafts = 1")]).await;
    let citizen = citizen_of(&base).await;
    let draft = walk::begin(&citizen, BIRTH).await;
    assert_eq!(walk::begin(&citizen, BIRTH).await, draft, "the one that is there");
    citizen.get(COMPANY).await.ok();
    let page = citizen.post(&format!("{COMPANY}/apply"), &[]).await;
    assert_eq!(page.status, 422);
    page.has(&["quá nhiều hồ sơ nháp"]);
    citizen.get("/account").await.ok();
    citizen.post(&format!("{draft}/discard"), &[]).await.ok();
    walk::begin(&citizen, COMPANY).await;
}

async fn an_account_writes_so_many_messages_an_hour_and_keeps_what_it_typed(app: App) {
    let base = with_settings(&app, &[("messages_per_hour = 1000000", "messages_per_hour = 2")]).await;
    let citizen = citizen_of(&base).await;
    let dossier = walk::birth(&citizen).await;
    let send = async |text: &str| {
        citizen.get(&dossier).await.ok();
        citizen.post(&format!("{dossier}/messages"), &[("text", text)]).await
    };
    send("Một").await.ok();
    send("Hai").await.ok();
    let page = send("Ba lần rồi").await;
    assert_eq!(page.status, 422);
    page.has(&["nhiều tin nhắn trong giờ này", "Ba lần rồi"]);
    app.at(date(2026, 3, 3).at(10, 0, 0, 0));
    send("Ba lần rồi").await.ok();
}

async fn an_account_files_so_many_dossiers_an_hour_and_keeps_its_draft(app: App) {
    let base = with_settings(&app, &[("filings_per_hour = 1000000", "filings_per_hour = 1")]).await;
    let citizen = citizen_of(&base).await;
    walk::birth(&citizen).await;
    let draft = walk::birth_draft(&citizen).await;
    let file = async || {
        let reviewed = walk::review(&citizen, &draft).await;
        citizen.post(&format!("{draft}/file"), &[("consent", "yes"), ("draft-reviewed", &reviewed)]).await
    };
    let page = file().await;
    assert_eq!(page.status, 422);
    page.has(&["nhiều hồ sơ trong một giờ"]);
    app.at(date(2026, 3, 3).at(10, 0, 1, 0));
    file().await.ok();
}

fn id(actor: &Actor) -> UserId {
    actor.reference().user().cloned().expect("a person")
}

/// Returns a workflow in which an appraiser brings a dossier before the leader.
fn appraised() -> String {
    workflow(&[
        "a counter | go advance; to = 'b'",
        "b appraiser | on advance; to = 'c'",
        "c leader | done hand-over | redo advance; to = 'b'",
    ])
}

async fn a_deputy_takes_the_steps_of_who_is_away_and_is_shown_as_acting_for_them(kind: Kind) {
    // An officer of another unit, who sees nothing of the dossier otherwise.
    const STRANGER: &str = "giap.tnmt";
    let office = Office::open(kind, &appraised(), &[]).await;
    let (case, other) = (office.file(false, false).await, office.file(false, false).await);
    for step in [(COUNTER, "go"), (APPRAISER, "on")] {
        case.act(step.0, step.1).await.expect("it goes on");
    }
    let (leader, stranger) = (office.actor(LEADER).await, office.actor(STRANGER).await);
    assert!(case.todo_of(STRANGER).await.is_empty());
    office.services.people.delegate(&leader, &id(&stranger), date(2026, 3, 3), date(2026, 3, 6)).await.expect("named");
    let deputy = office.actor(STRANGER).await;
    assert_eq!(case.todo_of(STRANGER).await, ["c"]);
    assert!(office.services.lists.figures(&leader).await.is_ok());
    assert!(matches!(office.services.lists.figures(&deputy).await, Err(Error::Refused(Refusal::NotAllowed))));
    assert!(
        matches!(office.services.dossiers.dossier(&deputy, &other.code).await, Err(Error::NotFound)),
        "not at the leader's step"
    );
    let done = case.act(STRANGER, "done").await.expect("a deputy acts");
    let by = done.flow.visits[2].left.clone().expect("it is done").by;
    let Actor::Officer { name, .. } = &leader else { panic!("an officer") };
    assert_eq!(by.acting_for().map(|absent| (&absent.id, &absent.name)), Some((&id(&leader), name)));
    assert!(by.is_same(&stranger.reference()), "under their own name");
    office.services.dossiers.dossier(&deputy, &case.code).await.expect("a deputy sees what came of it");
    office.at(date(2026, 3, 9).at(8, 0, 0, 0)).await;
    let later = office.actor(STRANGER).await;
    assert!(
        matches!(office.services.dossiers.dossier(&later, &case.code).await, Err(Error::NotFound)),
        "the leave is over"
    );
}

async fn nobody_approves_what_they_proposed_unless_the_configuration_says_why(kind: Kind) {
    let mut office = Office::open(kind, &appraised(), &[]).await;
    let (leader, appraiser) = (office.actor(LEADER).await, office.actor(APPRAISER).await);
    office.services.people.delegate(&leader, &id(&appraiser), date(2026, 3, 3), date(2026, 3, 6)).await.expect("named");
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it begins");
    case.act(APPRAISER, "on").await.expect("proposed");
    assert_eq!(case.act(APPRAISER, "done").await, Err(Refusal::OwnProposal), "not for the leader on leave");
    case.act(LEADER, "done").await.expect("the leader decides");
    let code = case.code.clone();

    // The specialist of the unit is made its appraiser too.
    let file = office.dir.path().join("organisation.toml");
    let before = std::fs::read_to_string(&file).expect("the organisation");
    let one = "posts = [\"so-tnmt/tai-nguyen-nuoc/specialist\"]";
    let both = "posts = [\"so-tnmt/tai-nguyen-nuoc/specialist\", \"so-tnmt/tai-nguyen-nuoc/appraiser\"]";
    assert!(before.contains(one));
    let after = before.replacen(one, both, 1);
    office.write("organisation.toml", &after);
    office.write(
        "workflows/thu.toml",
        &workflow(&[
            "a counter | go advance; to = 'b'",
            "b specialist | on advance; to = 'c'",
            "c appraiser | done hand-over",
        ]),
    );
    office.reopen().await;
    let case = office.file(false, false).await;
    assert_ne!(case.code, code);
    case.act(COUNTER, "go").await.expect("it begins");
    case.act(SPECIALIST, "on").await.expect("proposed");
    assert_eq!(case.act(SPECIALIST, "done").await, Err(Refusal::OwnProposal));
    let code = case.code.clone();
    let unit = "id = \"tai-nguyen-nuoc\"\n";
    assert!(after.contains(unit));
    let lifted =
        after.replacen(unit, &format!("{unit}approves_own = {{ appraiser = \"Phòng chỉ có một công chức\" }}\n"), 1);
    office.write("organisation.toml", &lifted);
    office.reopen().await;
    let case = motcua_tests::flow::Case { office: &office, code };
    case.act(SPECIALIST, "done").await.expect("the configuration says why");
}
