//! The second factor of officers: codes of an app, recovery codes, and the rule of the province.

use motcua_domain::people::organisation::Actor;
use motcua_service::{Error, InputRule, Services, TimeSource};
use motcua_store::accounts;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD, morning, serve};
use totp_rs::{Builder, Secret};

on_both! {
    an_officer_sets_an_app_up_and_then_no_password_alone_opens_the_desk
    a_code_is_taken_once_also_by_two_at_the_same_moment
    a_recovery_code_opens_one_session_and_the_auditor_sees_it
    wrong_codes_are_counted_with_wrong_passwords_and_a_right_password_ends_no_wait
    an_administrator_removes_a_second_factor_and_the_auditor_sees_who_did_it
    a_province_that_requires_it_lets_nobody_in_without
    a_ticket_opens_nothing_when_it_is_old_made_up_or_of_another_password
}

/// Returns the code that an app shows now.
pub fn code(app: &App, secret: &str) -> String {
    code_at(&app.clock, secret)
}

fn code_at(clock: &TimeSource, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("base 32");
    let now = u64::try_from(clock.now().as_second()).expect("after 1970");
    Builder::new().with_secret(secret).build_noncompliant().generate(now).to_string()
}

async fn actor(services: &Services, login: &str) -> Actor {
    let reader = services.database().reader();
    let account = accounts::by_login(reader, login).await.expect("read").expect("an account");
    accounts::actor(reader, &account, morning().date()).await.expect("read")
}

/// Sets the second factor of an officer up. Returns the secret and the recovery codes.
pub async fn set_up(app: &App, login: &str) -> (String, Vec<String>) {
    let (people, actor) = (&app.services.people, actor(&app.services, login).await);
    let factor = people.new_factor(&actor).await.expect("a secret");
    let code = code(app, &factor.secret);
    let codes = people.set_factor(&actor, PASSWORD, &factor.ticket, &code).await.expect("set");
    (factor.secret, codes.expect("set for the first time"))
}

/// Types the password, and returns the page that asks for the code, with its ticket.
async fn ticket(browser: &Browser, login: &str) -> String {
    browser.get("/login").await.ok();
    let page = browser.post("/login", &[("login", login), ("password", PASSWORD)]).await.ok();
    page.hidden("ticket").expect("a ticket").to_owned()
}

async fn type_code(browser: &Browser, ticket: &str, code: &str) -> Page {
    browser.post("/login/code", &[("ticket", ticket), ("code", code), ("next", "/")]).await
}

/// Lets half a minute pass, so that the app shows another code.
fn wait_for_a_code(app: &App) {
    app.clock.set(app.clock.now() + jiff::SignedDuration::from_secs(30));
}

async fn an_officer_sets_an_app_up_and_then_no_password_alone_opens_the_desk(app: App) {
    let lan = app.officer("lan.khdt").await;
    let page = lan.get("/account/factor").await.ok();
    let nonce = page.hidden("nonce").expect("a nonce").to_owned();
    let secret = page.between("<code class=\"long\">", "<").expect("a secret").to_owned();
    let set = async |code: &str, password: &str| {
        lan.post("/account/factor", &[("nonce", nonce.as_str()), ("code", code), ("password", password)]).await
    };
    assert_eq!(set("000000", PASSWORD).await.status, 422);
    assert_eq!(set(&code(&app, &secret), "sai mật khẩu").await.status, 422);
    let page = set(&code(&app, &secret), PASSWORD).await.ok().has(&["mã dự phòng"]);
    assert_eq!(page.body.matches("<li><code>").count(), 10);
    lan.get("/account/factor").await.ok().lacks(&["<li><code>"]).has(&["Còn 10 mã dự phòng"]);

    let visitor = app.visitor();
    let ticket = ticket(&visitor, "lan.khdt").await;
    assert_eq!(visitor.get("/desk").await.status, 401, "the password alone opens nothing");
    let refused = app.services.people.log_in("lan.khdt", PASSWORD).await;
    assert!(matches!(refused, Err(Error::Invalid(InputRule::Login))), "by no other way either");
    assert_eq!(type_code(&visitor, &ticket, "000000").await.status, 422);
    wait_for_a_code(&app);
    assert_eq!(type_code(&visitor, &ticket, &code(&app, &secret)).await.ok().path, "/desk");
}

async fn a_code_is_taken_once_also_by_two_at_the_same_moment(app: App) {
    let (secret, _) = set_up(&app, "lan.khdt").await;
    let (one, two) = (app.visitor(), app.visitor());
    let (first, second) = (ticket(&one, "lan.khdt").await, ticket(&two, "lan.khdt").await);
    let of_set_up = code(&app, &secret);
    assert_eq!(type_code(&one, &first, &of_set_up).await.status, 422, "setting up took it");
    wait_for_a_code(&app);
    let code = code(&app, &secret);
    let (one, two) = tokio::join!(type_code(&one, &first, &code), type_code(&two, &second, &code));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422], "one of them");
}

async fn a_recovery_code_opens_one_session_and_the_auditor_sees_it(app: App) {
    let (_, codes) = set_up(&app, "lan.khdt").await;
    let visitor = app.visitor();
    let first = ticket(&visitor, "lan.khdt").await;
    type_code(&visitor, &first, &codes[0].to_uppercase().replace('-', " ")).await.ok();
    visitor.get("/account/factor").await.ok().has(&["Còn 9 mã dự phòng"]);
    let other = app.visitor();
    let second = ticket(&other, "lan.khdt").await;
    assert_eq!(type_code(&other, &second, &codes[0]).await.status, 422, "once");
    type_code(&other, &second, &codes[1]).await.ok();
    let auditor = app.officer("kiemsoat").await;
    auditor.get("/audit/staff?kind=recovery-used").await.ok().has(&["Nguyễn Thị Lan"]);
    let database = app.services.database();
    let rows = crate::store::rows(database, "SELECT hash FROM recovery_code").await;
    assert!(!format!("{rows:?}").contains(&codes[2]), "only a digest is kept");
}

async fn wrong_codes_are_counted_with_wrong_passwords_and_a_right_password_ends_no_wait(app: App) {
    let (secret, _) = set_up(&app, "lan.khdt").await;
    wait_for_a_code(&app);
    let visitor = app.visitor();
    for _ in 0..5 {
        let ticket = ticket(&visitor, "lan.khdt").await;
        assert_eq!(type_code(&visitor, &ticket, "000000").await.status, 422);
    }
    visitor.get("/login").await.ok();
    let page = visitor.post("/login", &[("login", "lan.khdt"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 429, "the wrong codes are not forgotten");
    app.clock.set(app.clock.now() + jiff::SignedDuration::from_mins(5));
    let ticket = ticket(&visitor, "lan.khdt").await;
    // The password was another try, so the code waits again.
    app.clock.set(app.clock.now() + jiff::SignedDuration::from_secs(90));
    type_code(&visitor, &ticket, &code(&app, &secret)).await.ok();
}

async fn an_administrator_removes_a_second_factor_and_the_auditor_sees_who_did_it(app: App) {
    set_up(&app, "lan.khdt").await;
    set_up(&app, "quantri").await;
    let admin = app.visitor();
    let (secret, _) = {
        wait_for_a_code(&app);
        app.services.people.reset_factor_by_command("quantri").await.expect("removed");
        set_up(&app, "quantri").await
    };
    wait_for_a_code(&app);
    let own = ticket(&admin, "quantri").await;
    type_code(&admin, &own, &code(&app, &secret)).await.ok();
    admin.get("/admin/people").await.ok();
    assert_eq!(admin.post("/admin/people/factor", &[("login", "quantri")]).await.status, 422, "not their own");
    admin.get("/admin/people").await.ok();
    admin.post("/admin/people/factor", &[("login", "lan.khdt")]).await.ok().has(&["Đã gỡ xác thực hai lớp"]);
    app.officer("lan.khdt").await.get("/desk").await.ok();
    let auditor = app.officer("kiemsoat").await;
    let page = auditor.get("/audit/staff?kind=factor-reset").await.ok();
    page.has(&["Nguyễn Thị Lan", "Mai Xuân Trường", "lệnh của người vận hành"]);
}

async fn a_province_that_requires_it_lets_nobody_in_without(app: App) {
    let file = app.dir.path().join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("the settings");
    std::fs::write(&file, format!("{settings}\n[staff]\nsecond_factor = \"required\"\n")).expect("written");
    let (_, base) = serve(app.dir.path(), app.clock.clone()).await.expect("the portal starts");
    let lan = Browser::new(&base);
    lan.get("/login").await.ok();
    let page = lan.post("/login", &[("login", "lan.khdt"), ("password", PASSWORD)]).await.ok();
    let page = page.has(&["Tỉnh yêu cầu mọi cán bộ"]);
    assert_eq!(lan.get("/desk").await.status, 401);
    let ticket = page.hidden("ticket").expect("a ticket").to_owned();
    let secret = page.between("<code class=\"long\">", "<").expect("a secret").to_owned();
    let again = type_code(&lan, &ticket, "000000").await;
    assert_eq!(again.status, 422);
    again.has(&[&secret]);
    let page = type_code(&lan, &ticket, &code(&app, &secret)).await.ok().has(&["Mỗi mã dùng được một lần"]);
    assert_eq!(page.body.matches("<li><code>").count(), 10);
    lan.get("/desk").await.ok();
    // Applicants log in as before.
    app.citizen("Nguyễn Văn An", "0912345678").await;
    Browser::new(&base).log_in("0912345678", PASSWORD).await;
}

async fn a_ticket_opens_nothing_when_it_is_old_made_up_or_of_another_password(app: App) {
    const NEW: &str = "con-meo-luoi-nam";
    let (secret, _) = set_up(&app, "lan.khdt").await;
    wait_for_a_code(&app);
    let visitor = app.visitor();
    let good = ticket(&visitor, "lan.khdt").await;
    let other_person = good.replace("lan.khdt", "hung.khdt");
    let other_end = good.replacen('.', ".9", 1);
    for made_up in ["", "x", &good[1..], &other_person, &other_end] {
        let page = type_code(&visitor, made_up, &code(&app, &secret)).await;
        assert_eq!(page.status, 422, "{made_up}");
        page.has(&["Hãy đăng nhập lại"]);
    }
    app.services.people.set_password("lan.khdt", NEW).await.expect("set");
    assert_eq!(type_code(&visitor, &good, &code(&app, &secret)).await.status, 422, "of another password");
    app.services.people.set_password("lan.khdt", PASSWORD).await.expect("set");
    let late = ticket(&visitor, "lan.khdt").await;
    app.clock.set(app.clock.now() + jiff::SignedDuration::from_mins(16));
    assert_eq!(type_code(&visitor, &late, &code(&app, &secret)).await.status, 422, "too late");
}
