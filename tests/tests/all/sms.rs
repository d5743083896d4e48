//! Notices and codes on the phone, over a real gateway on this machine.

use crate::command_line::{path, run, said};
use crate::store::{rows, tamper};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use motcua_domain::people::phone::PhoneChannel;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::instant;
use motcua_portal::Theme;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::flow::{CITIZEN_PHONE, COUNTER, Case, Office, SPECIALIST, With, workflow};
use motcua_tests::gateway::TextGateway;
use motcua_tests::portal::{App, Kind, PASSWORD, serve_again};

on_both_kinds! {
    a_filing_and_a_decision_each_send_one_message_to_a_verified_number_and_rebuilding_sends_none
    a_number_that_nobody_verified_gets_no_message
    a_message_whose_answer_is_lost_is_sent_again_with_its_id_and_goes_on_once
    a_number_that_is_refused_for_good_gets_no_more_messages_until_its_owner_asks
    a_gateway_that_is_busy_or_wrong_is_tried_again_and_a_message_that_it_refuses_is_given_up
    messages_of_quiet_hours_wait_for_the_morning
    two_nodes_send_a_message_once
    a_person_chooses_between_sms_and_zalo_or_none
    what_is_asked_is_reminded_of_once_before_its_time_ends
}

on_both! {
    a_number_is_verified_by_the_code_that_it_got_and_by_no_other
    a_number_that_the_gateway_does_not_take_is_not_verified
    a_forgotten_password_is_replaced_by_a_code_to_the_verified_number
    an_applicant_chooses_the_way_of_notices_on_the_page_of_the_account
}

const NUMBER: &str = "+84912345678";
const NEW_PASSWORD: &str = "bốn con mèo lười";

/// Opens an office that sends messages over a gateway, with further lines in `[sms]`. The number of the citizen is verified.
async fn texting(kind: Kind, gateway: &TextGateway, more: &str) -> Office {
    let thu = workflow(&[
        "work specialist; status = 'processing' | sign advance; to = 'hand'",
        "hand counter; status = 'processed' | give hand-over",
    ]);
    texting_on(kind, gateway, more, &thu).await
}

/// Opens an office as [`texting`] does, on another workflow.
async fn texting_on(kind: Kind, gateway: &TextGateway, more: &str, thu: &str) -> Office {
    let mut office = Office::open_on(kind, None, thu, &[]).await;
    let settings = std::fs::read_to_string(office.dir.path().join("motcua.toml")).expect("settings");
    office.write("motcua.toml", &format!("{settings}\n{}", gateway.settings(more)));
    office.reopen().await;
    let verified = format!(
        "INSERT INTO verified_contact (account, channel, value, at)
         SELECT id, 'phone', '{CITIZEN_PHONE}', 0 FROM account WHERE login = '{CITIZEN_PHONE}'"
    );
    tamper(office.services.database(), &verified).await;
    office
}

/// Sends the messages that are due, and returns their number or the reason why the gateway took none.
async fn try_to_text(office: &Office) -> Result<usize, String> {
    let theme = Theme::embedded().expect("the default theme");
    office.services.jobs.run_sms(&theme).await.map_err(|error| error.to_string())
}

async fn text(office: &Office) -> usize {
    try_to_text(office).await.expect("the gateway answers")
}

fn later(office: &Office, time: SignedDuration) {
    office.clock.set(office.clock.now() + time);
}

/// Returns the errors of the messages that wait or were given up.
async fn troubles(office: &Office) -> Vec<String> {
    let jobs = rows(office.services.database(), "SELECT error FROM job WHERE kind = 'sms' ORDER BY key").await;
    jobs.iter().map(|job| job["error"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn a_filing_and_a_decision_each_send_one_message_to_a_verified_number_and_rebuilding_sends_none(kind: Kind) {
    let gateway = TextGateway::open().await;
    let office = texting(kind, &gateway, "").await;
    let case = office.file(true, false).await;
    assert_eq!(text(&office).await, 1);
    case.act(SPECIALIST, "sign").await.expect("decided");
    assert_eq!((text(&office).await, text(&office).await), (1, 0), "each once");
    let came = gateway.came();
    let ids: Vec<&str> = came.iter().map(|message| message.id.as_str()).collect();
    assert_eq!(ids, [1, 2].map(|version| format!("{}.{version}", case.code)));
    for message in &came {
        assert_eq!((message.said("to"), message.said("channel"), message.said("language")), (NUMBER, "sms", "vi"));
        assert_eq!(message.code(), case.code.as_str());
        assert!(message.signature.starts_with("v1,") && message.said("text").contains(case.code.as_str()));
        assert!(message.said("plain").is_ascii(), "{message:?}");
    }
    assert_eq!(came[1].said("template"), "notice-result-ready");
    let rebuilt = office.services.database().rebuild_projections().await.expect("rebuilt");
    assert!(rebuilt.is_whole(), "{rebuilt:?}");
    later(&office, SignedDuration::from_hours(48));
    assert_eq!((text(&office).await, gateway.delivered()), (0, 2));
}

async fn a_number_that_nobody_verified_gets_no_message(kind: Kind) {
    let gateway = TextGateway::open().await;
    let office = texting(kind, &gateway, "").await;
    tamper(office.services.database(), "DELETE FROM verified_contact").await;
    office.file(true, false).await;
    assert_eq!(text(&office).await, 0);
    // A number that was verified before it was changed says nothing about the new one.
    let old = "INSERT INTO verified_contact (account, channel, value, at)
               SELECT id, 'phone', '0908111222', 0 FROM account WHERE phone <> ''";
    tamper(office.services.database(), old).await;
    office.file(false, false).await;
    assert_eq!((text(&office).await, gateway.came().len(), troubles(&office).await.len()), (0, 0, 0));
}

async fn a_message_whose_answer_is_lost_is_sent_again_with_its_id_and_goes_on_once(kind: Kind) {
    let gateway = TextGateway::open().await;
    let office = texting(kind, &gateway, "").await;
    office.file(true, false).await;
    gateway.hang_up();
    let why = try_to_text(&office).await.expect_err("no answer came");
    assert!(why.contains(&gateway.place()), "{why}");
    gateway.answer_as_usual();
    assert_eq!(text(&office).await, 0, "its time has not come");
    later(&office, SignedDuration::from_secs(61));
    assert_eq!(text(&office).await, 1);
    let [first, second] = gateway.came().try_into().expect("two messages");
    assert_eq!((first.id, gateway.delivered()), (second.id, 1));
}

async fn a_number_that_is_refused_for_good_gets_no_more_messages_until_its_owner_asks(kind: Kind) {
    let gateway = TextGateway::open().await;
    let office = texting(kind, &gateway, "").await;
    let case = office.file(true, false).await;
    gateway.refuse(422, &format!("{{\"refused\": \"number\", \"why\": \"{NUMBER} is not in use\"}}"));
    assert_eq!((text(&office).await, troubles(&office).await.len()), (0, 0));
    let citizen = office.actor(CITIZEN_PHONE).await;
    let wish = async || office.services.sms.wish(&citizen).await.expect("read").expect("there is a gateway");
    assert_eq!(wish().await.refused_at, Some(office.clock.now().as_second()));
    let kept = rows(office.services.database(), "SELECT reason FROM phone_choice").await;
    assert!(kept[0]["reason"].as_str().is_some_and(|why| why.contains("not in use") && !why.contains("912345678")));
    gateway.answer_as_usual();
    case.act(SPECIALIST, "sign").await.expect("decided");
    assert_eq!((text(&office).await, gateway.came().len()), (0, 1), "the number is not tried again");

    office.services.sms.choose(&citizen, Some(PhoneChannel::Sms), Language::En).await.expect("asked again");
    assert_eq!(wish().await.refused_at, None);
    case.act(COUNTER, "give").await.expect("given");
    assert_eq!(text(&office).await, 1);
    let last = gateway.came().pop().expect("a message");
    assert_eq!(last.said("language"), "en");
}

async fn a_gateway_that_is_busy_or_wrong_is_tried_again_and_a_message_that_it_refuses_is_given_up(kind: Kind) {
    let gateway = TextGateway::open().await;
    let office = texting(kind, &gateway, "").await;
    office.file(true, false).await;
    office.file(false, false).await;
    // Neither a redirect nor a page of another server is a message that was taken.
    for (status, body) in [(503, ""), (429, ""), (401, "<html>log in</html>"), (302, "")] {
        gateway.refuse(status, body);
        let before = gateway.came().len();
        let why = try_to_text(&office).await.expect_err("nothing is taken");
        assert!(why.contains(&status.to_string()) && why.contains(&gateway.place()), "{why}");
        assert_eq!(gateway.came().len() - before, 1, "{status}: the other message is not tried at once");
        later(&office, SignedDuration::from_hours(2));
    }
    gateway.answer_as_usual();
    assert_eq!((text(&office).await, gateway.delivered()), (2, 2));

    office.file(true, true).await;
    gateway.refuse(500, "");
    assert_eq!(text(&office).await, 0);
    later(&office, SignedDuration::from_secs(61));
    gateway.refuse(422, "{\"refused\": \"text\", \"why\": \"no template\"}");
    assert_eq!(text(&office).await, 0);
    gateway.answer_as_usual();
    later(&office, SignedDuration::from_hours(24));
    assert_eq!(text(&office).await, 0, "the message itself is refused for good");
    let admin = office.actor("quantri").await;
    let (dead, ..) = office.services.jobs.list(&admin).await.expect("an administrator looks");
    assert!(dead.iter().any(|job| job.kind == "sms" && job.error.contains("no template")), "{dead:?}");
}

async fn messages_of_quiet_hours_wait_for_the_morning(kind: Kind) {
    let gateway = TextGateway::open().await;
    let office = texting(kind, &gateway, "quiet = { from = \"21:00\", to = \"07:00\" }").await;
    let at = |day: i8, hour: i8| office.clock.set(instant(date(2026, 3, day).at(hour, 30, 0, 0)));
    at(3, 21);
    office.file(true, false).await;
    assert_eq!(text(&office).await, 0);
    at(4, 6);
    assert_eq!((text(&office).await, gateway.came().len()), (0, 0));
    at(4, 7);
    assert_eq!(text(&office).await, 1);
}

async fn two_nodes_send_a_message_once(kind: Kind) {
    let gateway = TextGateway::open().await;
    let office = texting(kind, &gateway, "").await;
    let other = office.another_node().await;
    let theme = Theme::embedded().expect("the default theme");
    for _ in 0..8 {
        office.file(true, false).await;
    }
    let (one, two) = tokio::join!(office.services.jobs.run_sms(&theme), other.jobs.run_sms(&theme));
    assert_eq!(one.expect("sent") + two.expect("sent"), 8);
    assert_eq!((text(&office).await, gateway.came().len()), (0, 8));
}

async fn a_person_chooses_between_sms_and_zalo_or_none(kind: Kind) {
    let gateway = TextGateway::open().await;
    let office = texting(kind, &gateway, "channels = [\"sms\", \"zalo\"]").await;
    let citizen = office.actor(CITIZEN_PHONE).await;
    let choose = async |channel| office.services.sms.choose(&citizen, channel, Language::Vi).await;
    choose(Some(PhoneChannel::Zalo)).await.expect("chosen");
    office.file(true, false).await;
    assert_eq!((text(&office).await, gateway.came()[0].said("channel")), (1, "zalo"));
    choose(None).await.expect("switched off");
    office.file(false, false).await;
    assert_eq!((text(&office).await, gateway.came().len()), (0, 1));
    assert!(office.services.sms.wish(&office.actor(COUNTER).await).await.is_err(), "officers get no notices");

    // A gateway without Zalo sends by its first way to those who chose Zalo, and takes no such wish.
    choose(Some(PhoneChannel::Zalo)).await.expect("chosen");
    let mut office = office;
    let settings = std::fs::read_to_string(office.dir.path().join("motcua.toml")).expect("settings");
    office.write("motcua.toml", &settings.replace("\"sms\", \"zalo\"", "\"sms\""));
    office.reopen().await;
    office.file(true, true).await;
    assert_eq!((text(&office).await, gateway.came()[1].said("channel")), (1, "sms"));
    office.services.sms.choose(&citizen, Some(PhoneChannel::Zalo), Language::Vi).await.expect_err("not offered");
}

/// Asks the applicant of a dossier for a supplement, and returns the end of their time, in seconds since 1970.
async fn ask_for_more(office: &Office, case: &Case<'_>) -> i64 {
    let ask = With { note: "Thiếu.", ..With::default() };
    case.act_with(COUNTER, "more", ask).await.expect("asked");
    let sql = format!("SELECT waiting_until FROM dossier WHERE code = '{}'", case.code);
    rows(office.services.database(), &sql).await[0]["waiting_until"].as_i64().expect("it waits")
}

async fn what_is_asked_is_reminded_of_once_before_its_time_ends(kind: Kind) {
    let gateway = TextGateway::open().await;
    let thu = workflow(&["a counter | more request-supplement | done hand-over"]);
    let office = texting_on(kind, &gateway, "", &thu).await;
    let remind = async || office.services.jobs.remind_of_asked().await.expect("the database answers");
    let at = |second: i64| office.clock.set(Timestamp::from_second(second).expect("a moment"));
    let case = office.file(true, false).await;
    let until = ask_for_more(&office, &case).await;
    assert_eq!((text(&office).await, remind().await), (2, 0), "the applicant was just told");
    at(until - 73 * 3600);
    assert_eq!(remind().await, 0, "there is time left");
    at(until - 71 * 3600);
    assert_eq!((remind().await, remind().await), (1, 0), "once");
    assert_eq!((text(&office).await, text(&office).await), (1, 0));
    let last = gateway.came().pop().expect("a message");
    assert_eq!((last.said("template"), last.code()), ("notice-asked-waits", case.code.as_str()));
    let rebuilt = office.services.database().rebuild_projections().await.expect("rebuilt");
    assert!(rebuilt.is_whole(), "{rebuilt:?}");
    assert_eq!((remind().await, text(&office).await), (0, 0));

    // Who gives what was asked is not reminded any more.
    let other = office.file(false, false).await;
    let until = ask_for_more(&office, &other).await;
    at(until - 3600);
    assert_eq!(remind().await, 1);
    let (citizen, drafts) = (office.actor(CITIZEN_PHONE).await, &office.services.drafts);
    let draft = drafts.start_supplement(&citizen, &other.code).await.expect("a draft");
    drafts.supplement(&citizen, draft).await.expect("supplemented");
    text(&office).await;
    let reminders = gateway.came().into_iter().filter(|message| message.said("template") == "notice-asked-waits");
    assert_eq!((reminders.count(), remind().await), (1, 0));
}

/// Starts a node that sends messages over a gateway of the test, and returns the address of the node.
async fn texting_node(app: &App, gateway: &TextGateway) -> String {
    let file = app.dir.path().join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("settings");
    std::fs::write(&file, format!("{settings}\n{}", gateway.settings("channels = [\"sms\", \"zalo\"]")))
        .expect("written");
    serve_again(app.dir.path(), app.clock.clone()).await
}

/// Returns a browser of a citizen on a page with a proof.
async fn citizen_of(base: &str, phone: &str) -> Browser {
    let browser = Browser::new(base);
    browser.register("Nguyễn Văn An", phone, PASSWORD).await;
    browser.get("/account/profile").await.ok();
    browser
}

async fn ask(browser: &Browser) -> Page {
    browser.post("/account/phone", &[]).await
}

async fn confirm(browser: &Browser, code: &str) -> Page {
    browser.post("/account/phone", &[("code", code)]).await
}

/// Returns a code that differs from the right one.
fn wrong(right: &str) -> &'static str {
    if right == "00000000" { "00000001" } else { "00000000" }
}

fn wait(app: &App, seconds: i64) {
    app.clock.set(app.clock.now() + SignedDuration::from_secs(seconds));
}

/// Verifies the number of a citizen by a code.
async fn verify(browser: &Browser, gateway: &TextGateway) {
    ask(browser).await.ok();
    let code = gateway.came().pop().expect("a message").code().to_owned();
    confirm(browser, &code).await.ok().has(&["Đã xác nhận số điện thoại"]);
}

async fn a_number_is_verified_by_the_code_that_it_got_and_by_no_other(app: App) {
    let gateway = TextGateway::open().await;
    let base = texting_node(&app, &gateway).await;
    let citizen = citizen_of(&base, CITIZEN_PHONE).await;
    citizen.get("/account/profile").await.ok().has(&["Gửi mã đến điện thoại"]);
    ask(&citizen).await.ok().has(&["Đã gửi mã đến điện thoại của bạn", "id=\"phone_code\""]);
    ask(&citizen).await.ok();
    let [message] = gateway.came().try_into().expect("one message, though the form was posted twice");
    assert_eq!((message.said("to"), message.said("template")), (NUMBER, "code-phone"));
    let right = message.code().to_owned();
    assert!(message.said("text").contains(&right) && right.len() == 8);
    let stored = format!("{:?}", rows(app.services.database(), "SELECT * FROM one_time_code").await);
    assert!(!stored.contains(&right), "{stored}");

    let page = confirm(&citizen, wrong(&right)).await;
    assert_eq!(page.status, 422);
    page.has(&["href=\"#phone_code\"", "<title>Lỗi: "]);
    // A code of another account is of no use.
    let other = citizen_of(&base, "0908111222").await;
    assert_eq!(confirm(&other, &right).await.status, 422);
    // Nor is one of a number that the account has no more.
    let change = async |phone: &str| {
        let fields = [("name", "Nguyễn Văn An"), ("phone", phone), ("password", PASSWORD)];
        citizen.post("/account/profile", &fields).await.ok();
    };
    change("0912345679").await;
    assert_eq!(confirm(&citizen, &right).await.status, 422);
    change(CITIZEN_PHONE).await;

    let twin = citizen.twin();
    let spelt = format!("{} {}", &right[..4], &right[4..]);
    confirm(&citizen, &spelt).await.ok().has(&["Đã xác nhận số điện thoại", "Đã xác nhận là số của bạn từ"]);
    confirm(&twin, &spelt).await.ok();
    wait(&app, 120);
    ask(&citizen).await.ok().lacks(&["Đã gửi mã đến điện thoại của bạn"]);
    assert_eq!(gateway.came().len(), 1, "a number that is verified needs no further code");
}

async fn a_number_that_the_gateway_does_not_take_is_not_verified(app: App) {
    let gateway = TextGateway::open().await;
    let base = texting_node(&app, &gateway).await;
    let citizen = citizen_of(&base, CITIZEN_PHONE).await;
    for (status, body, told) in
        [(422, "{\"refused\": \"number\"}", "Cổng nhắn tin không nhận số này"), (503, "", "Chưa gửi được tin nhắn")]
    {
        gateway.refuse(status, body);
        let page = ask(&citizen).await;
        assert_eq!(page.status, 422, "{told}");
        page.has(&[told, "<title>Lỗi: "]);
        assert!(rows(app.services.database(), "SELECT * FROM one_time_code").await.is_empty());
    }
    // The next try is not taken for the same one.
    gateway.answer_as_usual();
    verify(&citizen, &gateway).await;
    // The portal of the test without a gateway offers no code.
    let elsewhere = app.visitor();
    elsewhere.log_in(CITIZEN_PHONE, PASSWORD).await;
    elsewhere.get("/account/profile").await.ok().lacks(&["/account/phone\""]);
}

async fn a_forgotten_password_is_replaced_by_a_code_to_the_verified_number(app: App) {
    let gateway = TextGateway::open().await;
    let base = texting_node(&app, &gateway).await;
    let owner = citizen_of(&base, CITIZEN_PHONE).await;
    let stranger = Browser::new(&base);
    stranger.get("/password").await.ok();
    let forget = async || stranger.post("/password", &[("login", CITIZEN_PHONE)]).await.ok();
    let unknown = forget().await.text();
    verify(&owner, &gateway).await;
    stranger.get("/password").await.ok();
    assert_eq!(forget().await.text(), unknown, "the answer says nothing about the account");
    // The work goes on after the answer.
    let code = loop {
        match gateway.came().into_iter().find(|message| message.said("template") == "code-password") {
            Some(message) => break message.code().to_owned(),
            None => tokio::task::yield_now().await,
        }
    };
    let replace = async |code: &str, password: &str| {
        stranger.post("/password", &[("login", CITIZEN_PHONE), ("code", code), ("password", password)]).await
    };
    assert_eq!(replace(wrong(&code), NEW_PASSWORD).await.status, 422);
    replace(&code, NEW_PASSWORD).await.ok().has(&["Đã đặt mật khẩu mới"]);
    assert_eq!(owner.get("/account").await.status, 401, "all sessions end");
    let again = Browser::new(&base);
    again.log_in(CITIZEN_PHONE, NEW_PASSWORD).await;
    again.get("/account").await.ok();
}

async fn an_applicant_chooses_the_way_of_notices_on_the_page_of_the_account(app: App) {
    let gateway = TextGateway::open().await;
    let base = texting_node(&app, &gateway).await;
    let citizen = citizen_of(&base, CITIZEN_PHONE).await;
    let (off, by_zalo) = ("Không nhận trên điện thoại", "Nhận qua Zalo");
    citizen.get("/account").await.ok().has(&["chưa được xác nhận", "/account/profile#phone-code"]).lacks(&[off]);
    verify(&citizen, &gateway).await;
    citizen.get("/account").await.ok().has(&["qua tin nhắn SMS", off, by_zalo]);
    let choose = async |way: &str| citizen.post("/account/phone-notices", &[("channel", way)]).await.ok();
    choose("zalo").await.has(&["qua Zalo.", "Nhận qua SMS"]).lacks(&[by_zalo]);
    choose("none").await.has(&["Cổng không gửi thông báo đến", by_zalo]).lacks(&[off]);
    choose("pigeon").await.has(&["Cổng không gửi thông báo đến"]);
    // The portal without a gateway shows nothing.
    let elsewhere = app.visitor();
    elsewhere.log_in(CITIZEN_PHONE, PASSWORD).await;
    elsewhere.get("/account").await.ok().lacks(&["Thông báo trên điện thoại"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_sends_a_message_and_says_what_an_answer_means() {
    let gateway = TextGateway::open().await;
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    said(&run(&["init", path(&province)]), 0);
    let words = ["sms", "test", CITIZEN_PHONE, "--dir", path(&province)];
    let told = said(&run(&words), 1);
    assert!(told.contains("names no gateway"), "{told}");
    let file = province.join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("settings");
    std::fs::write(&file, format!("{settings}\n{}", gateway.settings("channels = [\"zalo\"]"))).expect("written");
    let told = said(&run(&words), 0);
    assert!(told.contains(&format!("{} took the message (zalo) to {CITIZEN_PHONE}", gateway.place())), "{told}");
    gateway.refuse(422, "{\"refused\": \"number\", \"why\": \"unknown\"}");
    let told = said(&run(&words), 1);
    assert!(told.contains("unknown") && told.contains("refused for good"), "{told}");
    gateway.refuse(503, "");
    let told = said(&run(&words), 1);
    assert!(told.contains("again later"), "{told}");
    let told = said(&run(&[&words[..], &["--channel", "sms"]].concat()), 1);
    assert!(told.contains("does not name `sms`"), "{told}");
    said(&run(&["migrate", "--dir", path(&province)]), 0);
    let doctor = |text: &str| {
        std::fs::write(&file, format!("{settings}\n{text}")).expect("written");
        String::from_utf8_lossy(&run(&["doctor", "--dir", path(&province)]).stdout).into_owned()
    };
    let signs = format!("gateway for messages {}: messages can be signed", gateway.place());
    assert!(doctor(&gateway.settings("")).contains(&signs));
    let told = doctor(&gateway.settings("").replace("whsec_", ""));
    assert!(told.contains("`secret` under [sms] is not whsec_ and base64"), "{told}");
    let told = said(&run(&["sms", "test", "12", "--dir", path(&province)]), 1);
    assert!(told.contains("no mobile number"), "{told}");
}
