//! Logging in at providers of OpenID Connect, which misbehave in every way.

mod staff;

use crate::store::rows;
use jiff::SignedDuration;
use motcua_service::{CounterPerson, Error, InputRule, TimeSource};
use motcua_store::accounts;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD, morning, serve_again};
use motcua_tests::provider::{IdentityProvider, Misdeed, SigningAlgorithm};
use motcua_tests::walk::BIRTH;
use serde_json::json;
use std::fs;

on_both! {
    a_citizen_logs_in_at_a_provider_and_gets_an_account_with_the_verified_identity
    a_person_is_known_by_the_subject_and_never_by_the_number
    no_counter_hands_out_an_account_that_a_provider_opened
    no_answer_that_breaks_a_rule_lets_anybody_in
    an_answer_is_good_once_in_the_browser_and_at_the_provider_where_it_began
    keys_that_were_replaced_are_fetched_again_and_not_too_often
    a_provider_that_is_down_locks_nobody_out
    a_provider_that_never_answers_is_given_up
    a_log_in_that_is_not_sure_enough_is_refused
    a_citizen_links_a_log_in_with_the_password_and_ends_the_link
    a_link_that_began_in_another_account_links_nothing
    who_logged_in_at_a_provider_can_log_out_there_and_set_a_first_password
    what_was_posted_without_a_session_goes_on_after_the_log_in
    a_network_begins_a_bounded_number_of_log_ins
}

/// The way to the provider for citizens.
const WAY: &str = "/login/with/vneid";

/// The claims of a citizen.
fn an() -> serde_json::Value {
    json!({ "name": "Nguyễn Văn An", "citizen_id": "074085000123", "phone_number": "+84 912 345 678" })
}

/// The keys of the provider for citizens.
const CLAIMS: &str = "claims = { number = \"citizen_id\", phone = \"phone_number\" }";

/// Serves the portal again with more settings, and returns its address.
async fn with_providers(app: &App, tables: &str) -> String {
    let file = app.dir.path().join("motcua.toml");
    let settings = fs::read_to_string(&file).expect("the settings");
    fs::write(&file, settings + tables).expect("they can be written");
    serve_again(app.dir.path(), app.clock.clone()).await
}

/// Opens a provider for citizens and a portal that knows it.
async fn with_citizens(app: &App) -> (IdentityProvider, String) {
    let provider = IdentityProvider::open(app.clock.clone()).await;
    provider.knows("an-1", &an());
    let base = with_providers(app, &provider.settings("vneid", "citizens", CLAIMS)).await;
    (provider, base)
}

fn later(clock: &TimeSource, seconds: i64) {
    clock.set(clock.now() + SignedDuration::from_secs(seconds));
}

/// Fails unless nobody is logged in in the browser.
async fn is_stranger(browser: &Browser, why: &str) {
    assert_eq!(browser.get("/account").await.status, 401, "{why}");
}

/// Fails unless the page says why nobody was let in, and offers the password.
fn is_refused(page: &Page, words: &str, why: &str) {
    assert!([422, 503].contains(&page.status), "{why}: {} {}", page.status, page.text());
    assert!(page.body.contains(words), "{why}: {}", page.text());
    assert!(page.form_to("/login").is_some(), "{why}: {}", page.text());
}

async fn a_citizen_logs_in_at_a_provider_and_gets_an_account_with_the_verified_identity(app: App) {
    let (provider, base) = with_citizens(&app).await;
    let browser = Browser::new(&base);
    browser.get("/login?next=%2Faccount%2Fprofile").await.ok().has(&["/login/with/vneid?next=", "Định danh vneid"]);
    let page = browser.get("/login/with/vneid?next=%2Faccount%2Fprofile").await.ok();
    assert_eq!(page.path, "/account/profile");
    page.has(&["Nguyễn Văn An", "0912345678", "074085000123"]);
    for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256] {
        provider.signs_with(algorithm);
        let again = Browser::new(&base);
        assert_eq!(again.get(WAY).await.ok().path, "/account", "{algorithm:?}");
    }
    // The page about the person has what the token lacks.
    provider.knows("binh-1", &json!({}));
    provider.tells_more(&json!({ "name": "Lê Thị Bình" }));
    Browser::new(&base).get(WAY).await.ok().has(&["Lê Thị Bình"]);
    // Without a name nobody gets an account.
    provider.knows("cuong-1", &json!({ "phone_number": "0912345679" }));
    let unnamed = Browser::new(&base);
    is_refused(&unnamed.get(WAY).await, "không cho biết họ tên", "no name");
    let database = app.services.database();
    let known = rows(database, "SELECT subject FROM external_login ORDER BY subject").await;
    assert_eq!(known, [json!({ "subject": "an-1" }), json!({ "subject": "binh-1" })]);
    assert!(rows(database, "SELECT * FROM login_attempt").await.is_empty(), "secrets are used up");
}

async fn a_person_is_known_by_the_subject_and_never_by_the_number(app: App) {
    let (provider, base) = with_citizens(&app).await;
    // Somebody has the number of the citizen, and another has the citizen number as the log-in.
    let owner = Browser::new(&base);
    owner.register("Trần Văn Chủ", "0912345678", PASSWORD).await;
    Browser::new(&base).get(WAY).await.ok().has(&["Nguyễn Văn An"]).lacks(&["Trần Văn Chủ"]);
    provider.knows("an-2", &an());
    Browser::new(&base).get(WAY).await.ok().has(&["Nguyễn Văn An"]);
    let accounts = rows(app.services.database(), "SELECT DISTINCT account FROM external_login").await;
    assert_eq!(accounts.len(), 2, "two subjects are two people, whatever number they have");
    let taken = rows(app.services.database(), "SELECT id FROM account WHERE login = '074085000123'").await;
    assert_eq!(taken.len(), 1);
    // An account without a password is opened by none.
    let guesser = Browser::new(&base);
    guesser.get("/login").await.ok();
    let page = guesser.post("/login", &[("login", "074085000123"), ("password", "")]).await;
    assert_eq!(page.status, 422);
}

async fn no_counter_hands_out_an_account_that_a_provider_opened(app: App) {
    let (_provider, base) = with_citizens(&app).await;
    Browser::new(&base).get(WAY).await.ok();
    let reader = app.services.database().reader();
    let clerk = accounts::by_login(reader, "thu.phucuong").await.expect("read").expect("an account");
    let clerk = accounts::actor(reader, &clerk, morning().date()).await.expect("read");
    let (number, name) = ("074085000123".to_owned(), "Nguyễn Văn An".to_owned());
    let person = CounterPerson { number, name, ..CounterPerson::default() };
    let met = app.services.account.meet(&clerk, &person).await.expect("found").expect("an account");
    assert!(!met.is_unclaimed, "its owner has a way in");
    let other = CounterPerson { name: "Nguyễn Văn Ân Ân".to_owned(), ..person };
    let renamed = app.services.account.meet(&clerk, &other).await;
    assert!(matches!(renamed, Err(Error::Invalid(InputRule::PersonName))), "its name is the provider's");
}

async fn no_answer_that_breaks_a_rule_lets_anybody_in(app: App) {
    let (provider, base) = with_citizens(&app).await;
    let (unverified, begun, cancelled) = ("không kiểm chứng được", "không bắt đầu từ trình duyệt này", "đã hủy");
    for (misdeed, words) in [
        (Misdeed::Issuer, unverified),
        (Misdeed::Audience, unverified),
        (Misdeed::MoreAudiences, unverified),
        (Misdeed::Party, unverified),
        (Misdeed::Nonce, unverified),
        (Misdeed::NoNonce, unverified),
        (Misdeed::Expired, unverified),
        (Misdeed::Old, unverified),
        (Misdeed::Unsigned, unverified),
        (Misdeed::PublicSecret, unverified),
        (Misdeed::ClientSecret, unverified),
        (Misdeed::UnknownKey, unverified),
        (Misdeed::ForeignKey, unverified),
        (Misdeed::Sender, unverified),
        (Misdeed::NoSender, unverified),
        (Misdeed::State, begun),
        (Misdeed::Cancel, cancelled),
        (Misdeed::Flood, "hiện không trả lời"),
    ] {
        for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::Rs256] {
            provider.signs_with(algorithm);
            provider.does(misdeed);
            let (browser, why) = (Browser::new(&base), format!("{misdeed:?} {algorithm:?}"));
            is_refused(&browser.get(WAY).await, words, &why);
            is_stranger(&browser, &why).await;
        }
    }
    // The page about the person is asked if the token lacks a claim.
    provider.knows("an-1", &json!({}));
    provider.tells_more(&an());
    provider.does(Misdeed::Somebody);
    let browser = Browser::new(&base);
    is_refused(&browser.get(WAY).await, unverified, "somebody");
    is_stranger(&browser, "somebody").await;
    let database = app.services.database();
    assert!(rows(database, "SELECT * FROM external_login").await.is_empty());
    assert!(rows(database, "SELECT * FROM provider_session").await.is_empty());
    provider.does(Misdeed::None);
    browser.get(WAY).await.ok().has(&["Nguyễn Văn An"]);
}

async fn an_answer_is_good_once_in_the_browser_and_at_the_provider_where_it_began(app: App) {
    let (one, two) = (IdentityProvider::open(app.clock.clone()).await, IdentityProvider::open(app.clock.clone()).await);
    one.knows("an-1", &an());
    two.knows("an-1", &an());
    let tables = one.settings("vneid", "citizens", CLAIMS) + &two.settings("other", "citizens", CLAIMS);
    let base = with_providers(&app, &tables).await;
    let begun = "không bắt đầu từ trình duyệt này";
    let victim = Browser::new(&base);
    one.does(Misdeed::Hold);

    // The answer of an attacker's log-in does nothing in the browser of a victim, and is used up.
    let attacker = Browser::new(&base);
    attacker.get(WAY).await;
    let answer = one.last_answer();
    is_refused(&victim.get(&answer).await, begun, "another browser");
    is_stranger(&victim, "another browser").await;
    is_refused(&attacker.get(&answer).await, begun, "used up");

    // The answer of one provider is not taken for that of another (mix-up).
    victim.get(WAY).await;
    let mixed = one.last_answer().replace("/login/with/vneid/", "/login/with/other/");
    is_refused(&victim.get(&mixed).await, begun, "another provider");

    // A log-in takes ten minutes at most.
    victim.get(WAY).await;
    let late = one.last_answer();
    later(&app.clock, 601);
    is_refused(&victim.get(&late).await, begun, "too late");
    is_stranger(&victim, "too late").await;

    // The same answer twice is one log-in.
    victim.get(WAY).await;
    let right = one.last_answer();
    victim.get(&right).await.ok().has(&["Nguyễn Văn An"]);
    let elsewhere = Browser::new(&base);
    is_refused(&elsewhere.get(&right).await, begun, "twice");
    let made_up = elsewhere.get("/login/with/vneid/answer?code=code-1&state=abc").await;
    is_refused(&made_up, begun, "made up");
    assert_eq!(elsewhere.get("/login/with/nobody").await.status, 404);
}

async fn keys_that_were_replaced_are_fetched_again_and_not_too_often(app: App) {
    let (provider, base) = with_citizens(&app).await;
    Browser::new(&base).get(WAY).await.ok();
    provider.rotate_keys();
    Browser::new(&base).get(WAY).await.ok().has(&["Nguyễn Văn An"]);
    assert_eq!(provider.keys_asked(), 2);
    // Tokens with made-up keys do not make the portal ask the provider again and again.
    provider.does(Misdeed::UnknownKey);
    for _ in 0..5 {
        is_refused(&Browser::new(&base).get(WAY).await, "không kiểm chứng được", "an unknown key");
    }
    assert_eq!(provider.keys_asked(), 2);
    provider.does(Misdeed::None);
    provider.rotate_keys();
    later(&app.clock, 61);
    Browser::new(&base).get(WAY).await.ok().has(&["Nguyễn Văn An"]);
    assert_eq!(provider.keys_asked(), 3);
}

async fn a_provider_that_is_down_locks_nobody_out(app: App) {
    let provider = IdentityProvider::open(app.clock.clone()).await;
    provider.knows("an-1", &an());
    provider.does(Misdeed::Fault);
    let base = with_providers(&app, &provider.settings("vneid", "citizens", CLAIMS)).await;
    let owner = Browser::new(&base);
    owner.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    owner.post("/logout", &[]).await.ok();
    let page = owner.get(WAY).await;
    assert_eq!(page.status, 503);
    is_refused(&page, "hiện không trả lời", "down");
    owner.get("/login").await.ok().has(&["vừa không trả lời"]);
    owner.log_in("0912345678", PASSWORD).await.has(&["Đăng xuất"]);
    // A moment later it is asked again.
    provider.does(Misdeed::None);
    let citizen = Browser::new(&base);
    assert_eq!(citizen.get(WAY).await.status, 503);
    later(&app.clock, 31);
    citizen.get(WAY).await.ok().has(&["Nguyễn Văn An"]);
}

async fn a_provider_that_never_answers_is_given_up(app: App) {
    let (provider, base) = with_citizens(&app).await;
    provider.does(Misdeed::Mute);
    let browser = Browser::new(&base);
    is_refused(&browser.get(WAY).await, "hiện không trả lời", "mute");
    is_stranger(&browser, "mute").await;
    browser.get("/").await.ok();
}

async fn a_log_in_that_is_not_sure_enough_is_refused(app: App) {
    let provider = IdentityProvider::open(app.clock.clone()).await;
    provider.knows("an-1", &an());
    let levels = "least_level = 2\nlevel = [{ acr = \"loa2\", level = 2 }, { acr = \"loa1\", level = 1 }]";
    let base = with_providers(&app, &provider.settings("vneid", "citizens", levels)).await;
    for acr in [None, Some("loa1"), Some("loa9")] {
        provider.assures(acr);
        let browser = Browser::new(&base);
        is_refused(&browser.get(WAY).await, "thấp hơn mức cổng yêu cầu", &format!("{acr:?}"));
        is_stranger(&browser, "not sure").await;
    }
    provider.assures(Some("loa2"));
    let browser = Browser::new(&base);
    browser.get(WAY).await.ok().has(&["Nguyễn Văn An"]);
    browser.get("/account/logins").await.ok().has(&["mức độ định danh"]);
}

/// Follows the link of a page to the provider, and returns the answer. The provider does not send the browser back.
async fn answer_of(page: &Page, provider: &IdentityProvider) -> String {
    let start = format!("href=\"{}", provider.issuer());
    let rest = page.between(&start, "\"").expect("a link to the provider").replace("&amp;", "&");
    // Anybody may open the address of the provider. The answer belongs to the browser in which the log-in began.
    Browser::new(provider.issuer()).get(&rest).await;
    provider.last_answer()
}

/// Begins a link with the password, and lets the provider answer. Returns the answer.
async fn begin_link(browser: &Browser, provider: &IdentityProvider) -> String {
    browser.get("/account/logins").await.ok();
    let page = browser.post("/account/logins", &[("provider", "vneid"), ("password", PASSWORD)]).await.ok();
    answer_of(&page, provider).await
}

async fn what_was_posted_without_a_session_goes_on_after_the_log_in(app: App) {
    let (provider, base) = with_citizens(&app).await;
    provider.does(Misdeed::Hold);
    let browser = Browser::new(&base);
    browser.get(BIRTH).await.ok();
    let ended = browser.post(&format!("{BIRTH}/apply"), &[]).await;
    assert_eq!(ended.status, 401, "{}", ended.text());
    let form = ended.form_to("/login").expect("a form");
    let mut fields: Vec<(&str, &str)> =
        form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("at", "vneid"));
    let page = browser.post("/login", &fields).await.ok().has(&["Tiếp tục đăng nhập"]);
    let answer = answer_of(&page, &provider).await;
    let begun = browser.get(&answer).await.ok();
    assert!(begun.path.starts_with("/drafts/"), "{} {}", begun.path, begun.text());
    // A form whose log-in nobody ends does not stay.
    Browser::new(&base).get(WAY).await;
    later(&app.clock, 601);
    assert_eq!(app.services.people.forget_begun_logins().await.expect("forgotten"), 1);
    assert!(rows(app.services.database(), "SELECT * FROM login_attempt").await.is_empty());
}

async fn a_citizen_links_a_log_in_with_the_password_and_ends_the_link(app: App) {
    let (provider, base) = with_citizens(&app).await;
    provider.does(Misdeed::Hold);
    let owner = Browser::new(&base);
    owner.register("Trần Văn Chủ", "0987654321", PASSWORD).await;
    owner.get("/account/logins").await.ok().has(&["Chưa có tài khoản nào được liên kết"]);
    let wrong = owner.post("/account/logins", &[("provider", "vneid"), ("password", "sai mật khẩu")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let foreign = owner.post_from_elsewhere("/account/logins", &[("provider", "vneid"), ("password", PASSWORD)]).await;
    assert_eq!(foreign.status, 403);

    let answer = begin_link(&owner, &provider).await;
    owner.get(&answer).await.ok().has(&["Đã liên kết", "Nguyễn Văn An"]);
    provider.does(Misdeed::None);
    let again = Browser::new(&base);
    again.get(WAY).await.ok().has(&["Trần Văn Chủ"]).lacks(&["Nguyễn Văn An"]);

    // The person at the provider belongs to one account.
    provider.does(Misdeed::Hold);
    let other = Browser::new(&base);
    other.register("Lê Thị Khác", "0987654322", PASSWORD).await;
    let answer = begin_link(&other, &provider).await;
    other.get(&answer).await.has(&["đã liên kết với một tài khoản khác"]);

    let page = owner.get("/account/logins").await.ok();
    let link = page.between("name=\"link\" value=\"", "\"").expect("a link").to_owned();
    let ended = owner.post("/account/logins", &[("link", &link), ("password", PASSWORD)]).await.ok();
    ended.has(&["Đã bỏ liên kết", "Chưa có tài khoản nào được liên kết"]);
    provider.does(Misdeed::None);
    Browser::new(&base).get(WAY).await.ok().has(&["Nguyễn Văn An"]).lacks(&["Trần Văn Chủ"]);
}

async fn a_link_that_began_in_another_account_links_nothing(app: App) {
    let (provider, base) = with_citizens(&app).await;
    provider.does(Misdeed::Hold);
    let browser = Browser::new(&base);
    browser.register("Trần Văn Chủ", "0987654321", PASSWORD).await;
    let answer = begin_link(&browser, &provider).await;
    // Somebody else logs in in the same browser before the answer comes.
    browser.get("/account").await.ok();
    browser.post("/logout", &[]).await.ok();
    browser.register("Lê Thị Khác", "0987654322", PASSWORD).await;
    browser.get(&answer).await.ok().lacks(&["Đã liên kết"]);
    // Nobody links without a session either.
    let answer = begin_link(&browser, &provider).await;
    browser.post("/logout", &[]).await.ok();
    let page = browser.get(&answer).await;
    is_refused(&page, "không bắt đầu từ trình duyệt này", "without a session");
    assert!(rows(app.services.database(), "SELECT * FROM external_login").await.is_empty());
}

async fn who_logged_in_at_a_provider_can_log_out_there_and_set_a_first_password(app: App) {
    let (provider, base) = with_citizens(&app).await;
    let browser = Browser::new(&base);
    browser.get(WAY).await.ok();
    browser.get("/account/logins").await.ok().has(&["cách đăng nhập duy nhất"]);
    // The link is the only way into the account.
    let refused = browser.post("/account/logins", &[("link", "0"), ("password", "")]).await;
    assert_eq!(refused.status, 422);
    browser.get("/account/security").await.ok().has(&["mật khẩu đầu tiên"]);
    let changed = browser.post("/account/security", &[("new_password", PASSWORD)]).await.ok();
    assert_eq!(changed.path, "/account/security");
    changed.has(&["name=\"old_password\""]);
    // From then on the old password is asked for.
    let other = browser.post("/account/security", &[("new_password", "bốn con mèo lười")]).await;
    assert_eq!(other.status, 422);

    let end = format!("{}/end?client_id=motcua", provider.issuer());
    browser.post("/logout", &[]).await.ok().has(&[&end, "post_logout_redirect_uri="]);
    is_stranger(&browser, "after logging out").await;
    browser.log_in("074085000123", PASSWORD).await.has(&["Nguyễn Văn An"]);
    // A log-in by password ends here alone.
    browser.post("/logout", &[]).await.ok().lacks(&["/end?"]);

    // An hour after the log-in nobody sets a first password.
    provider.knows("binh-1", &json!({ "name": "Lê Thị Bình" }));
    let late = Browser::new(&base);
    late.get(WAY).await.ok();
    later(&app.clock, 3600);
    late.get("/account/security").await.ok().lacks(&["mật khẩu đầu tiên"]);
    let page = late.post("/account/security", &[("new_password", PASSWORD)]).await;
    assert_eq!(page.status, 422);
}

async fn a_network_begins_a_bounded_number_of_log_ins(app: App) {
    let (provider, base) = with_citizens(&app).await;
    provider.does(Misdeed::Hold);
    let browser = Browser::new(&base);
    for _ in 0..200 {
        assert_eq!(browser.get(WAY).await.body, "held");
    }
    let page = browser.get(WAY).await;
    assert_eq!(page.status, 429, "{}", page.text());
    page.has(&["Quá nhiều lần đăng nhập đang dở"]);
    later(&app.clock, 601);
    assert_eq!(browser.get(WAY).await.body, "held");
    assert_eq!(rows(app.services.database(), "SELECT * FROM login_attempt").await.len(), 1, "the others have expired");
}
