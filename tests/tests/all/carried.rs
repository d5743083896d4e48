//! Typed content is carried on: from old pages, past ended sessions, through a registration, into the other language.

use crate::accounts::with_settings;
use crate::repeats::{Post, prepare, routes};
use crate::two_tabs::{LICENCE, with};
use motcua_tests::browser::{Again, Browser, Page};
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::walk::{self, BIRTH, CHILD};

on_both! {
    no_form_ends_in_nothing_after_an_ended_session_an_old_page_or_another_language
    an_old_page_carries_on_what_was_typed
    the_language_of_a_page_with_a_form_keeps_what_is_typed
    a_registration_takes_along_what_was_typed_before
    who_has_to_wait_keeps_what_they_typed
}

/// Returns the log-in of the person who posts to a route in [`prepare`].
fn login_of(route: &str, number: usize) -> String {
    let officer = match route {
        "/dossiers/{code}/payments" | "/dossiers/{code}/refunds" | "/dossiers/{code}/money/{entry}/reverse" => {
            "lan.khdt"
        }
        "/counter"
        | "/dossiers/{code}/actions/{action}"
        | "/dossiers/{code}/steps/{stay}/{deed}"
        | "/dossiers/{code}/answer"
        | "/dossiers/{code}/phone" => "thu.phucuong",
        "/dossiers/{code}/undo" => "binh.phucuong",
        "/suggestions/{id}/deeds/{deed}" | "/desk/answers/{agency}" => "yen.phucuong",
        "/account/factor" => "khanh.tnmt",
        "/audit/verify" => "kiemsoat",
        "/desk/notices" => "mai.khdt",
        _ if route.starts_with("/leave") => "mai.khdt",
        "/desk/search" => "thu.phucuong",
        _ if route.starts_with("/desk/bulk") || route.starts_with("/results") => "thu.phucuong",
        _ if route.starts_with("/desk/cash") => "lan.khdt",
        _ if route.starts_with("/admin") => "quantri",
        _ => return format!("09123400{number:02}"),
    };
    officer.to_owned()
}

/// The forms without a log-in.
const OPEN: &[&str] = &[
    "/procedures/{agency}/{slug}/eligibility",
    "/lookup",
    "/kiosk",
    "/verify",
    "/log/check",
    "/language/{tag}",
    "/register",
    "/login",
    "/logout",
    "/password",
];

/// Logs in from the page that says that the session has ended, and sends the carried form.
async fn log_in_again(browser: &Browser, ended: &Page, login: &str, route: &str) -> Page {
    let form = ended.form_to("/login").expect("a log-in");
    let mut fields: Vec<(&str, &str)> =
        form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("login", login), ("password", PASSWORD)]);
    let page = browser.post("/login", &fields).await;
    assert_eq!(page.status, 200, "{route}: {}", page.text());
    page.has(&["Đăng xuất"])
}

/// Returns the fields of a form without the proof.
fn typed(form: &Again) -> Vec<(String, String)> {
    form.fields.iter().filter(|(name, _)| name != "proof").cloned().collect()
}

/// Presses the button for the other language twice. The form for this address must not change.
async fn in_both_languages(browser: &Browser, page: &Page, action: &str, route: &str) {
    let before = typed(&page.form_to(action).unwrap_or_else(|| panic!("{route}: {}", page.text())));
    let mut page = page.clone();
    for language in ["en", "vi"] {
        let form = page.form_to(action).expect("a form");
        page = browser.change_language(&page, &form).await.ok().has(&[&format!("<html lang=\"{language}\"")]);
        let after = page.form_to(action).unwrap_or_else(|| panic!("{route}: {}", page.text()));
        assert_eq!(typed(&after), before, "{route}: in {language}");
    }
}

/// Goes from the log-in that carries a form to the registration, which carries the same form.
async fn register_instead(browser: &Browser, ended: &Page, route: &str) {
    let login = ended.form_to("/login").expect("a log-in");
    let mut open = Again { action: "/register".to_owned(), ..login.clone() };
    open.fields.push(("do".to_owned(), "open".to_owned()));
    let register = browser.send_again(&open).await.ok();
    assert_eq!(register.form_to("/register").map(|form| typed(&form)), Some(typed(&login)), "{route}");
    in_both_languages(browser, &register, "/register", route).await;
}

/// Posts a form without a log-in from a page that was opened before the browser was closed.
async fn post_from_old_page(app: &App, post: &Post, route: &str) {
    post.from.get("/lookup").await.ok();
    let closed = app.visitor();
    closed.back_to(&post.from.proof());
    let stale = post.send(&closed).await;
    assert_eq!(stale.status, 403, "{route}: {}", stale.text());
    let stale = stale.has(&["Trang đã cũ"]);
    let again = stale.again().unwrap_or_else(|| panic!("{route}: {}", stale.text()));
    for (name, value) in post.fields.iter().filter(|(name, _)| *name != "password") {
        assert!(again.fields.contains(&((*name).to_owned(), value.clone())), "{route}: {name} is lost");
    }
    stale.clone().lacks(&[PASSWORD]);
    in_both_languages(&closed, &stale, &again.action, route).await;
    let sent = closed.send_again(&again).await;
    assert!([200, 422].contains(&sent.status), "{route}: {} {}", sent.status, sent.text());
}

async fn no_form_ends_in_nothing_after_an_ended_session_an_old_page_or_another_language(app: App) {
    for (number, route) in routes().enumerate() {
        let post = prepare(&app, route, number).await;
        let (browser, login) = (&post.from, login_of(route, number));
        let language = format!("/language/vi?back={}", post.path);
        let shown = browser.get(&language).await;
        assert_eq!(shown.status, 200, "{route}: the link to the other language leads to {}", shown.path);
        if OPEN.contains(&route) {
            post_from_old_page(&app, &post, route).await;
            continue;
        }

        // A page that was made before a log-in.
        browser.get("/login").await.ok();
        let old = browser.proof();
        browser.log_in(&login, PASSWORD).await;
        browser.back_to(&old);
        let stale = post.send(browser).await;
        assert_eq!(stale.status, 403, "{route}: {}", stale.text());
        let again = stale.clone().has(&["Trang đã cũ"]).again().map(|form| form.action);
        // Passwords are typed again.
        let carried = (route != "/account/security").then(|| post.path.clone());
        assert_eq!(again, carried, "{route}");
        if carried.is_some() {
            in_both_languages(browser, &stale, &post.path, route).await;
        }
        let back = stale.between("<a class=\"button\" href=\"", "\"").expect("a link back").to_owned();
        assert_eq!(browser.get(&back).await.status, 200, "{route}: {back}");

        // A session that ended while the page was open.
        browser.get("/login").await.ok();
        browser.twin().post("/logout", &[]).await.ok();
        let ended = post.send(browser).await;
        assert_eq!(ended.status, 401, "{route}");
        let applies = route.ends_with("/apply");
        let told =
            if applies { "Hãy đăng nhập để nộp hồ sơ" } else { "phiên đăng nhập đã hết hạn" };
        let ended = ended.has(&[told]);
        in_both_languages(browser, &ended, "/login", route).await;
        register_instead(browser, &ended, route).await;
        let page = log_in_again(browser, &ended, &login, route).await;
        if let Some(form) = page.form_to(&post.path).filter(|_| page.body.contains("Gửi tiếp")) {
            in_both_languages(browser, &page, &post.path, route).await;
            let sent = browser.send_again(&form).await;
            assert!([200, 422].contains(&sent.status), "{route}: {} {}", sent.status, sent.text());
        }
        let shown = browser.get(&language).await;
        assert_eq!(shown.status, 200, "{route}: afterwards");
    }
}

async fn an_old_page_carries_on_what_was_typed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let page = format!("{draft}/1");
    citizen.get(&page).await.ok();
    let old = citizen.proof();
    citizen.log_in("0912345678", PASSWORD).await;
    citizen.back_to(&old);
    let stale = citizen.post(&page, CHILD).await;
    assert_eq!(stale.status, 403);
    let form = stale.has(&["những gì bạn nhập vẫn còn", "Nguyễn Minh Khôi"]).again().expect("a form");
    assert_eq!(citizen.send_again(&form).await.ok().path, format!("{draft}/2"));
    citizen.get(&page).await.ok().has(&["Nguyễn Minh Khôi"]);

    // The browser was closed, and its cookie is gone.
    let closed = app.visitor();
    closed.back_to(&old);
    let stale = closed.post(&page, CHILD).await;
    assert_eq!(stale.status, 403);
    let form = stale.again().expect("a form");
    let ended = closed.send_again(&form).await;
    assert_eq!(ended.status, 401);
    let resume = log_in_again(&closed, &ended, "0912345678", "a draft").await.has(&["Nguyễn Minh Khôi"]);
    closed.send_again(&resume.form_to(&page).expect("a form")).await.ok();
}

/// The names and the values of a form.
type Fields<'a> = &'a [(&'a str, &'a str)];

async fn the_language_of_a_page_with_a_form_keeps_what_is_typed(app: App) {
    let eligibility = format!("{LICENCE}/eligibility");
    let (visitor, officer) = (app.visitor(), app.officer("mai.khdt").await);
    let pages: [(&Browser, &str, Fields<'_>); 5] = [
        (&visitor, "/lookup", &[("code", "H09.31-260303-0001"), ("digits", "56")]),
        (&visitor, &eligibility, &[("_language", "vi"), ("overdue_months", "2")]),
        (&visitor, "/register", &[("name", "Lê Thị Bưởi"), ("phone", "0987"), ("password", PASSWORD)]),
        (&visitor, "/login", &[("login", "0987"), ("password", PASSWORD)]),
        (&officer, "/leave", &[("since", "2026-03-05"), ("until", "")]),
    ];
    for (browser, path, fields) in pages {
        let page = browser.get(path).await.ok();
        page.has(&["value=\"language:en\""]).lacks(&["href=\"/language/"]);
        for language in ["en", "vi"] {
            let wish = format!("language:{language}");
            let page = browser.post(path, &with(fields, &[("do", &wish)])).await.ok();
            let page = page.has(&[&format!("<html lang=\"{language}\"")]).lacks(&["role=\"alert\"", PASSWORD]);
            for (name, value) in fields.iter().filter(|(name, _)| !["password", "_language"].contains(name)) {
                page.clone().has(&[&format!("name=\"{name}\" value=\"{value}\"")]);
            }
        }
    }
    let fields = [("revoked", "false"), ("do", "language:vi")];
    visitor.post(&eligibility, &fields).await.ok().has(&["name=\"revoked\" value=\"false\" checked"]);
    assert_eq!(visitor.get("/account").await.status, 401, "nobody registered or logged in");
}

async fn a_registration_takes_along_what_was_typed_before(app: App) {
    let visitor = app.visitor();
    visitor.get(BIRTH).await.ok();
    let typed = [("name", "An"), ("phone", "0912345678"), ("email", ""), ("next", "/lookup"), ("carried.code", "H09")];
    let short = visitor.post("/register", &with(&typed, &[("password", "ngắn")])).await;
    assert_eq!(short.status, 422);
    short.has(&["name=\"carried.code\" value=\"H09\""]);
    let page = visitor.post("/register", &with(&typed, &[("password", PASSWORD)])).await.ok();
    let form = page.has(&["Gửi tiếp", "Đăng xuất"]).form_to("/lookup").expect("a form");
    assert!(form.fields.contains(&("code".to_owned(), "H09".to_owned())));
    assert_eq!(visitor.send_again(&form).await.has(&["value=\"H09\""]).status, 404, "it is sent");
}

async fn who_has_to_wait_keeps_what_they_typed(app: App) {
    let base = with_settings(&app, &[("tries_per_minute = 1000000", "tries_per_minute = 1")]).await;
    let visitor = Browser::new(&base);
    visitor.get("/register").await.ok();
    let typed = [("name", "Lê Thị Bưởi"), ("phone", "0987 654 321"), ("email", "buoi@example.vn"), ("next", "/lookup")];
    let account = [&typed[..], &[("password", "ngắn"), ("carried.text", "Đủ")]].concat();
    assert_eq!(visitor.post("/register", &account).await.status, 422);
    let page = visitor.post("/register", &account).await;
    assert_eq!(page.status, 429);
    assert_eq!(page.headers["retry-after"], "60");
    let page = page.has(&["hãy đợi một phút", "name=\"carried.text\" value=\"Đủ\""]);
    for (name, value) in typed {
        page.clone().has(&[&format!("name=\"{name}\" value=\"{value}\"")]);
    }
    let page = visitor.post("/lookup", &[("code", "H09.31-260303-0001"), ("digits", "5678")]).await;
    assert_eq!(page.status, 429);
    page.has(&["hãy đợi một phút", "value=\"H09.31-260303-0001\"", "value=\"5678\""]);
}
