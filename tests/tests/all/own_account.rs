//! The applicant's own account: codes by e-mail over a real server, a forgotten password, sessions, and the end.

use crate::own_export::complain;
use crate::store::{rows, tamper};
use jiff::SignedDuration;
use jiff::civil::date;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD, serve_again};
use motcua_tests::smtp::{PostOffice, TakenMail};
use motcua_tests::walk;

on_both! {
    an_address_is_changed_by_the_code_that_it_got_and_by_no_other
    a_code_is_tried_a_few_times_and_for_some_minutes
    a_forgotten_password_is_replaced_by_a_code_to_the_verified_address
    nobody_learns_from_a_forgotten_password_whether_an_account_exists
    an_account_gets_so_many_codes_a_day
    an_address_that_the_mail_server_refuses_is_not_taken
    a_name_and_a_number_are_changed_by_the_password_and_the_number_is_the_new_log_in
    a_counter_verifies_the_number_of_a_dossier_and_another_number_is_not_verified
    a_person_sees_where_they_are_logged_in_and_ends_it
    a_form_with_a_password_names_the_log_in_of_the_account
    an_applicant_sees_who_read_their_dossiers_and_in_which_post
    an_account_is_deleted_once_its_dossiers_have_ended_and_they_stay
    a_complaint_stays_without_the_name_when_its_sender_leaves
}

pub const PHONE: &str = "0912345678";
const ADDRESS: &str = "an@example.vn";
const NEW_PASSWORD: &str = "bốn con mèo lười";

/// Starts a node that sends mails over a server of the test, and returns the server and the address of the node.
async fn mailing(app: &App) -> (PostOffice, String) {
    let post = PostOffice::open().await;
    let file = app.dir.path().join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("settings");
    std::fs::write(&file, format!("{settings}\n{}", post.settings("security = \"none\""))).expect("written");
    let base = serve_again(app.dir.path(), app.clock.clone()).await;
    (post, base)
}

/// Returns a browser in English, because the subject of a mail in English is plain.
async fn visitor(base: &str) -> Browser {
    let browser = Browser::new(base);
    browser.get("/language/en?back=/login").await.ok();
    browser
}

async fn citizen(base: &str, phone: &str) -> Browser {
    let browser = visitor(base).await;
    browser.register("Nguyen Van An", phone, PASSWORD).await;
    browser
}

/// Returns the code in the subject of a mail.
fn code(mail: &TakenMail) -> String {
    let subject = mail.head("Subject").expect("a subject");
    subject.rsplit(' ').next().expect("a word").to_owned()
}

async fn ask(browser: &Browser, address: &str) -> Page {
    browser.post("/account/email", &[("email", address), ("password", PASSWORD)]).await
}

async fn confirm(browser: &Browser, code: &str) -> Page {
    browser.post("/account/email", &[("code", code)]).await
}

/// Gives an account a verified address.
async fn verify(browser: &Browser, post: &PostOffice, address: &str) {
    let before = post.taken().len();
    ask(browser, address).await.ok();
    confirm(browser, &code(&post.taken()[before])).await.ok().has(&["The e-mail address was saved"]);
}

fn wait(app: &App, seconds: i64) {
    app.clock.set(app.clock.now() + SignedDuration::from_secs(seconds));
}

/// Returns a code that differs from the right one.
fn wrong(right: &str) -> &'static str {
    if right == "00000000" { "00000001" } else { "00000000" }
}

async fn an_address_is_changed_by_the_code_that_it_got_and_by_no_other(app: App) {
    let (post, base) = mailing(&app).await;
    let citizen = citizen(&base, PHONE).await;
    citizen.get("/account/profile").await.ok();
    let page = citizen.post("/account/email", &[("email", ADDRESS), ("password", "sai mật khẩu")]).await;
    assert_eq!(page.status, 422);
    page.has(&["The present password is wrong", "<title>Error: ", "id=\"email_password-finding\""]);
    assert_eq!(ask(&citizen, "an@").await.status, 422);
    assert_eq!(post.taken().len(), 0);

    ask(&citizen, ADDRESS).await.ok().has(&["A code was sent to the address", ADDRESS]);
    ask(&citizen, ADDRESS).await.ok();
    let [mail] = post.taken().try_into().expect("one mail, though the form was posted twice");
    let right = code(&mail);
    assert_eq!((mail.to.as_str(), right.len()), (ADDRESS, 8));
    let stored = rows(app.services.database(), "SELECT hash, target FROM one_time_code").await;
    assert!(!stored[0]["hash"].as_str().expect("a hash").contains(&right), "{stored:?}");
    let accounts = format!("SELECT email FROM account WHERE login = '{PHONE}'");
    assert!(rows(app.services.database(), &accounts).await[0]["email"].is_null(), "nothing is changed yet");

    let page = confirm(&citizen, wrong(&right)).await;
    assert_eq!(page.status, 422);
    page.has(&["The code is wrong, has expired, or was used", "href=\"#code\""]);
    // A code of another account is of no use.
    let other = self::citizen(&base, "0908111222").await;
    other.get("/account/profile").await.ok();
    assert_eq!(confirm(&other, &right).await.status, 422);

    let twin = citizen.twin();
    let spelt = format!("{} {}", &right[..4], &right[4..]);
    confirm(&citizen, &spelt).await.ok().has(&["The e-mail address was saved", "known to be yours since"]);
    confirm(&twin, &spelt).await.ok();
    assert_eq!(rows(app.services.database(), &accounts).await[0]["email"], ADDRESS);
    assert_eq!(post.taken().len(), 1);
}

async fn a_code_is_tried_a_few_times_and_for_some_minutes(app: App) {
    let (post, base) = mailing(&app).await;
    let citizen = citizen(&base, PHONE).await;
    citizen.get("/account/profile").await.ok();
    ask(&citizen, ADDRESS).await.ok();
    let first = code(&post.taken()[0]);
    wait(&app, 15 * 60);
    assert_eq!(confirm(&citizen, &first).await.status, 422, "it has expired");
    ask(&citizen, ADDRESS).await.ok();
    let second = code(&post.taken()[1]);
    for number in 0..10 {
        wait(&app, 40);
        assert_eq!(confirm(&citizen, wrong(&second)).await.status, 422, "{number}");
    }
    // Wrong tries make the person wait, too.
    wait(&app, 70);
    assert_eq!(confirm(&citizen, &second).await.status, 422, "it was tried too often");
    wait(&app, 130);
    ask(&citizen, ADDRESS).await.ok();
    confirm(&citizen, &code(&post.taken()[2])).await.ok();
}

async fn forget(browser: &Browser, login: &str) -> Page {
    browser.get("/password").await.ok();
    browser.post("/password", &[("login", login)]).await.ok()
}

async fn replace(browser: &Browser, login: &str, code: &str, password: &str) -> Page {
    browser.post("/password", &[("login", login), ("code", code), ("password", password)]).await
}

async fn a_forgotten_password_is_replaced_by_a_code_to_the_verified_address(app: App) {
    let (post, base) = mailing(&app).await;
    let citizen = citizen(&base, PHONE).await;
    verify(&citizen, &post, ADDRESS).await;
    let stranger = visitor(&base).await;
    forget(&stranger, "0912 345 678").await.has(&["a code is on its way"]);
    post.wait_for(2).await;
    let mail = post.taken()[1].clone();
    let right = code(&mail);
    assert_eq!(mail.to, ADDRESS);

    let page = replace(&stranger, PHONE, wrong(&right), NEW_PASSWORD).await;
    assert_eq!(page.status, 422);
    page.has(&["The code is wrong, has expired, or was used", "<title>Error: "]);
    let page = replace(&stranger, PHONE, &right, "ngắn").await;
    assert_eq!(page.status, 422);
    page.has(&["at least 10 characters"]);
    citizen.get("/account").await.ok();

    let twin = stranger.twin();
    replace(&stranger, PHONE, &right, NEW_PASSWORD).await.ok().has(&["The password was changed"]);
    assert_eq!(citizen.get("/account").await.status, 401, "all sessions end");
    replace(&twin, PHONE, &right, NEW_PASSWORD).await.ok();
    let page = replace(&stranger, PHONE, &right, "năm con mèo lười").await;
    assert_eq!(page.status, 422, "a code is used once");
    let owner = visitor(&base).await;
    owner.log_in(PHONE, NEW_PASSWORD).await;
    owner.get("/account").await.ok();
    owner.post("/logout", &[]).await.ok();
    owner.get("/login").await.ok();
    assert_eq!(owner.post("/login", &[("login", PHONE), ("password", PASSWORD)]).await.status, 422);
}

async fn nobody_learns_from_a_forgotten_password_whether_an_account_exists(app: App) {
    let (post, base) = mailing(&app).await;
    verify(&citizen(&base, PHONE).await, &post, ADDRESS).await;
    // This account has an address that is not verified.
    citizen(&base, "0908111222").await;
    let unverified = "UPDATE account SET email = 'em@example.vn' WHERE login = '0908111222'";
    tamper(app.services.database(), unverified).await;
    let stranger = visitor(&base).await;
    let mut answers = Vec::new();
    for login in ["0999999999", "0908111222", "lan.khdt", PHONE] {
        answers.push(forget(&stranger, login).await.text());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    post.wait_for(2).await;
    let mut refusals = Vec::new();
    for login in ["0999999999", "0908111222", "lan.khdt", PHONE] {
        let page = replace(&stranger, login, wrong(&code(&post.taken()[1])), NEW_PASSWORD).await;
        refusals.push((page.status, page.text()));
    }
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
    let to: Vec<String> = post.taken().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, [ADDRESS, ADDRESS]);
}

async fn an_account_gets_so_many_codes_a_day(app: App) {
    let (post, base) = mailing(&app).await;
    app.at(date(2026, 3, 4).at(23, 30, 0, 0));
    let citizen = citizen(&base, PHONE).await;
    citizen.get("/account/profile").await.ok();
    for _ in 0..10 {
        wait(&app, 61);
        ask(&citizen, ADDRESS).await.ok();
    }
    wait(&app, 61);
    let page = ask(&citizen, ADDRESS).await;
    assert_eq!((page.status, post.taken().len()), (422, 10));
    page.has(&["You have asked for many codes today"]);
    // In Greenwich the day goes on.
    app.at(date(2026, 3, 5).at(0, 1, 0, 0));
    ask(&citizen, ADDRESS).await.ok();
    assert_eq!(post.taken().len(), 11, "tomorrow begins at the midnight of the province");
}

async fn an_address_that_the_mail_server_refuses_is_not_taken(app: App) {
    let (post, base) = mailing(&app).await;
    let citizen = citizen(&base, PHONE).await;
    citizen.get("/account/profile").await.ok();
    post.answer(&format!("RCPT {ADDRESS}"), "550 5.1.1 no such user");
    let page = ask(&citizen, ADDRESS).await;
    assert_eq!(page.status, 422);
    page.has(&["The mail server does not know this address"]);
    assert!(rows(app.services.database(), "SELECT * FROM one_time_code").await.is_empty());
    // The next try is not taken for the same one.
    post.answer_as_usual();
    ask(&citizen, ADDRESS).await.ok();
    assert_eq!(post.taken().len(), 1);
}

async fn a_name_and_a_number_are_changed_by_the_password_and_the_number_is_the_new_log_in(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", PHONE).await;
    let other = app.citizen("Trần Văn Em", "0908111222").await;
    citizen.get("/account/profile").await.ok().has(&["Nguyễn Văn An", PHONE]);
    let change = async |name: &str, phone: &str, password: &str| {
        citizen.post("/account/profile", &[("name", name), ("phone", phone), ("password", password)]).await
    };
    for (name, phone, password, told) in [
        ("An", "0912345679", "sai mật khẩu", "Mật khẩu hiện tại không đúng"),
        (" ", "0912345679", PASSWORD, "href=\"#name\""),
        ("An", "12", PASSWORD, "href=\"#phone\""),
        ("An", "0908111222", PASSWORD, "đã có tài khoản"),
    ] {
        let page = change(name, phone, password).await;
        assert_eq!(page.status, 422, "{told}");
        page.has(&[told, "<title>Lỗi: "]);
    }
    change("Nguyễn  Văn Ân", "0912 345 679", PASSWORD).await.ok().has(&["Nguyễn Văn Ân", "0912345679"]);
    app.visitor().log_in("0912345679", PASSWORD).await.has(&["Nguyễn Văn Ân"]);
    other.get("/account/profile").await.ok().has(&["Trần Văn Em"]);
}

async fn a_counter_verifies_the_number_of_a_dossier_and_another_number_is_not_verified(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", PHONE).await;
    let dossier = walk::birth(&citizen).await;
    let page = format!("{dossier}/phone");
    citizen.get("/account/profile").await.ok().has(&["bộ phận một cửa xác nhận số"]);
    let counter = app.officer("thu.phucuong").await;
    counter.get(&dossier).await.ok().has(&[&page]);
    counter.get(&page).await.ok().has(&["Nguyễn Văn An", PHONE]);
    counter.post(&page, &[]).await.ok().has(&["Đã xác nhận số điện thoại"]);
    citizen.get("/account/profile").await.ok().has(&["Đã xác nhận là số của bạn từ 03/03/2026 09:00"]);

    let fields = [("name", "Nguyễn Văn An"), ("phone", "0912345679"), ("password", PASSWORD)];
    citizen.post("/account/profile", &fields).await.ok().has(&["bộ phận một cửa xác nhận số"]);
    let refused = counter.post(&page, &[]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Tài khoản nay dùng số khác"]);
}

async fn a_person_sees_where_they_are_logged_in_and_ends_it(app: App) {
    let here = app.citizen("Nguyễn Văn An", PHONE).await;
    let (second, third) = (app.visitor(), app.visitor());
    let stranger = app.citizen("Trần Văn Em", "0908111222").await;
    second.log_in(PHONE, PASSWORD).await;
    let page = here.get("/account/security").await.ok().has(&["(thiết bị này)", "Thiết bị không rõ"]);
    assert_eq!(page.body.matches("đăng nhập 03/03/2026 09:00").count(), 2);
    let id = page.between("name=\"session\" value=\"", "\"").expect("another session").to_owned();
    stranger.get("/account/security").await.ok().lacks(&[&id]);
    stranger.post("/account/sessions", &[("session", &id)]).await.ok();
    second.get("/account").await.ok();
    here.post("/account/sessions", &[("session", &id)]).await.ok().has(&["Đã đăng xuất ở đó"]);
    assert_eq!(second.get("/account").await.status, 401);

    second.log_in(PHONE, PASSWORD).await;
    third.log_in(PHONE, PASSWORD).await;
    here.get("/account/security").await.ok();
    here.post("/account/sessions", &[("session", "others")]).await.ok();
    here.get("/account").await.ok();
    assert_eq!((second.get("/account").await.status, third.get("/account").await.status), (401, 401));
    stranger.get("/account").await.ok();
}

async fn a_form_with_a_password_names_the_log_in_of_the_account(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", PHONE).await;
    let named = |login: &str| format!("value=\"{login}\" autocomplete=\"username\" readonly hidden");
    for path in ["/account/security", "/account/profile", "/account/delete"] {
        citizen.get(path).await.ok().has(&[&named(PHONE)]);
    }
    let wrong = citizen.post("/account/security", &[("old_password", "x"), ("new_password", NEW_PASSWORD)]).await;
    assert_eq!(wrong.status, 422);
    wrong.has(&[&named(PHONE)]);
    let officer = app.officer("thu.phucuong").await;
    officer.get("/account/security").await.ok().has(&[&named("thu.phucuong")]);
}

async fn an_applicant_sees_who_read_their_dossiers_and_in_which_post(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", PHONE).await;
    let other = app.citizen("Trần Văn Em", "0908111222").await;
    let dossier = walk::birth(&citizen).await;
    citizen.get("/account/readings").await.ok().lacks(&[&dossier]);
    app.officer("thu.phucuong").await.get(&dossier).await.ok();
    let page = citizen.get("/account/readings").await.ok();
    page.has(&[&dossier, "<strong>Ngô Minh Thư</strong>", "bộ phận một cửa", "03/03/2026 09:00"]);
    other.get("/account/readings").await.ok().lacks(&[&dossier]);
}

async fn an_account_is_deleted_once_its_dossiers_have_ended_and_they_stay(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", PHONE).await;
    let dossier = walk::birth(&citizen).await;
    let draft = walk::birth_draft(&citizen).await;
    let delete =
        async |password: &str| citizen.post("/account/delete", &[("sure", "yes"), ("password", password)]).await;
    citizen.get("/account/delete").await.ok().has(&["Còn 1 hồ sơ chưa kết thúc"]);
    let page = delete(PASSWORD).await;
    assert_eq!(page.status, 422);
    page.has(&["chưa xóa được tài khoản"]);
    citizen.get(&dossier).await.ok();
    citizen.post(&format!("{dossier}/withdraw"), &[("reason", "Thôi.")]).await.ok();

    citizen.get("/account/delete").await.ok();
    assert_eq!(citizen.post("/account/delete", &[("password", PASSWORD)]).await.status, 422, "nobody is sure");
    assert_eq!(delete("sai mật khẩu").await.status, 422);
    delete(PASSWORD).await.ok().has(&["Đã xóa tài khoản"]);
    let form = format!("{draft}/1");
    for path in ["/account", dossier.as_str(), form.as_str()] {
        assert_eq!(citizen.get(path).await.status, 401, "{path}");
    }
    let visitor = app.visitor();
    visitor.get("/login").await.ok();
    assert_eq!(visitor.post("/login", &[("login", PHONE), ("password", PASSWORD)]).await.status, 422);

    let database = app.services.database();
    for table in ["draft", "wallet_paper"] {
        assert!(rows(database, &format!("SELECT * FROM {table}")).await.is_empty(), "{table}");
    }
    let known = rows(database, "SELECT * FROM account WHERE kind = 'applicant'").await;
    assert!(!format!("{known:?}").contains(PHONE) && !format!("{known:?}").contains("Nguyễn Văn An"), "{known:?}");
    app.officer("thu.phucuong").await.get(&dossier).await.ok().has(&["Nguyễn Văn An"]);
    let rebuilt = database.rebuild_projections().await.expect("rebuilt");
    assert!(rebuilt.is_whole(), "{rebuilt:?}");
    // The number is free for its next owner.
    app.citizen("Lê Thị Bưởi", PHONE).await.get("/account").await.ok().lacks(&[&dossier]);
}

async fn a_complaint_stays_without_the_name_when_its_sender_leaves(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", PHONE).await;
    let dossier = walk::birth(&citizen).await;
    let id = complain(&citizen, &dossier, "Đã hẹn lại ba lần.").await;
    let page = format!("/suggestions/{id}");
    citizen.get(&page).await.ok();
    citizen.post(&format!("{page}/consent"), &[("may_publish", "yes")]).await.ok();
    let leader = app.officer("yen.phucuong").await;
    leader.get(&page).await.ok().has(&["Nguyễn Văn An"]);
    leader.post(&format!("{page}/deeds/answer"), &[("text", "Cơ quan xin lỗi.")]).await.ok();

    citizen.get(&dossier).await.ok();
    citizen.post(&format!("{dossier}/withdraw"), &[("reason", "Thôi.")]).await.ok();
    let told = ["họ tên trong phản ánh, kiến nghị đã gửi", "không còn họ tên và thông tin liên hệ của bạn"];
    citizen.get("/account/delete").await.ok().has(&told);
    citizen.post("/account/delete", &[("sure", "yes"), ("password", PASSWORD)]).await.ok();

    for table in ["suggestion", "suggestion_event"] {
        let kept = format!("{:?}", rows(app.services.database(), &format!("SELECT * FROM {table}")).await);
        assert!(kept.contains("Đã hẹn lại ba lần."), "{table}: {kept}");
        assert!(!kept.contains("Nguyễn Văn An") && !kept.contains(PHONE), "{table}: {kept}");
    }
    let shown = leader.get(&page).await.ok();
    shown
        .has(&["Đã hẹn lại ba lần.", "Người gửi đã xóa tài khoản", "không đồng ý công khai"])
        .lacks(&["Nguyễn Văn An"]);
    let words = [("text", "Hẹn lại ba lần."), ("answer", "Cơ quan xin lỗi.")];
    let refused = leader.post(&format!("{page}/deeds/publish"), &words).await;
    assert_eq!(refused.status, 422, "nobody can say whether the words have the name");
    // Whoever gets the number reads nothing of it.
    let next = app.citizen("Lê Thị Bưởi", PHONE).await;
    assert_eq!(next.get(&page).await.status, 404);
    next.get("/account/suggestions").await.ok().lacks(&[&id]);
    next.get("/account/notices").await.ok().lacks(&[&id]);
}
