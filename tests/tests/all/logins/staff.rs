//! Officers who log in at a provider for staff: the subject, the second factor, and the password.

use super::{is_refused, is_stranger, later, with_providers};
use crate::command_line::{path, run, said};
use crate::second_factor::{code, set_up};
use crate::store::rows;
use motcua_store::accounts;
use motcua_tests::browser::Browser;
use motcua_tests::portal::App;
use motcua_tests::provider::{IdentityProvider, Misdeed};
use serde_json::json;
use std::fs;

on_both! {
    an_officer_logs_in_by_the_subject_that_the_organisation_or_an_administrator_names
    an_officer_types_the_code_of_the_second_factor_after_a_provider_too
    a_province_that_requires_a_second_factor_requires_it_after_a_provider_too
    an_officer_without_a_password_gets_one_from_an_administrator_alone
}

/// The way to the provider for staff.
const WAY: &str = "/login/with/directory";

/// Opens a provider for staff that recognises an officer, and a portal whose organisation names the officer's subject.
async fn with_staff(app: &App, more: &str) -> (IdentityProvider, String) {
    let provider = IdentityProvider::open(app.clock.clone()).await;
    let file = app.dir.path().join("organisation.toml");
    let organisation = fs::read_to_string(&file).expect("the organisation");
    let named = "login = \"thu.phucuong\"\nsubjects = [\"directory:thu-0f3c\"]";
    fs::write(&file, organisation.replace("login = \"thu.phucuong\"", named)).expect("written");
    provider.knows("thu-0f3c", &json!({}));
    let base = with_providers(app, &(provider.settings("directory", "staff", "") + more)).await;
    (provider, base)
}

async fn an_officer_types_the_code_of_the_second_factor_after_a_provider_too(app: App) {
    let (provider, base) = with_staff(&app, "").await;
    let (secret, _) = set_up(&app, "thu.phucuong").await;
    later(&app.clock, 30);
    let browser = Browser::new(&base);
    let page = browser.get(WAY).await.ok().has(&["Nhập mã xác thực"]);
    let ticket = page.hidden("ticket").expect("a ticket").to_owned();
    is_stranger(&browser, "the provider alone opens nothing").await;
    let typed = async |code: &str| {
        browser.post("/login/code", &[("ticket", ticket.as_str()), ("code", code), ("next", "/")]).await
    };
    assert_eq!(typed("000000").await.status, 422);
    assert_eq!(typed(&code(&app, &secret)).await.ok().path, "/desk");
    let end = format!("{}/end?client_id=motcua", provider.issuer());
    browser.post("/logout", &[]).await.ok().has(&[&end]);
}

async fn a_province_that_requires_a_second_factor_requires_it_after_a_provider_too(app: App) {
    let (_provider, base) = with_staff(&app, "\n[staff]\nsecond_factor = \"required\"\n").await;
    let browser = Browser::new(&base);
    browser.get(WAY).await.ok().has(&["Tỉnh yêu cầu mọi cán bộ"]);
    is_stranger(&browser, "a second factor is required").await;
}

async fn an_officer_without_a_password_gets_one_from_an_administrator_alone(app: App) {
    let (_provider, base) = with_staff(&app, "").await;
    let database = app.services.database();
    let account = accounts::by_login(database.reader(), "thu.phucuong").await.expect("read").expect("an account");
    let transaction = database.begin().await.expect("a transaction");
    transaction.set_password(&account.id, "").await.expect("set");
    transaction.commit().await.expect("committed");
    let officer = Browser::new(&base);
    officer.get(WAY).await.ok();
    officer.get("/account/security").await.ok().lacks(&["mật khẩu đầu tiên"]);
    let page = officer.post("/account/security", &[("new_password", "bốn con mèo lười")]).await;
    assert_eq!(page.status, 422, "{}", page.text());
}

async fn an_officer_logs_in_by_the_subject_that_the_organisation_or_an_administrator_names(app: App) {
    let (provider, base) = with_staff(&app, "").await;

    assert_eq!(Browser::new(&base).get(WAY).await.ok().path, "/desk");
    // A subject that nobody named opens nothing, whatever the claims say.
    provider.knows("binh-1", &json!({ "name": "Ngô Minh Thư", "preferred_username": "binh.phucuong" }));
    let browser = Browser::new(&base);
    is_refused(&browser.get(WAY).await, "Không có tài khoản cán bộ", "an unknown subject");
    is_stranger(&browser, "an unknown subject").await;

    let dir = app.dir.path();
    let at = ["--provider", "directory", "--dir", path(dir)];
    let link = |words: &[&str]| run(&[&["user"][..], words, &at[..]].concat());
    said(&link(&["link", "binh.phucuong", "--subject", "binh-1"]), 0);
    assert!(said(&link(&["link", "thu.phucuong", "--subject", "binh-1"]), 1).contains("belongs to an officer"));
    assert!(said(&link(&["link", "nobody", "--subject", "x"]), 1).contains("no officer"));
    browser.get(WAY).await.ok().has(&["Đăng xuất"]);
    said(&run(&["user", "lock", "binh.phucuong", "--dir", path(dir)]), 0);
    let locked = Browser::new(&base);
    is_refused(&locked.get(WAY).await, "đã bị khóa", "a locked officer");
    let failed = "SELECT id FROM staff_event WHERE kind = 'log-in-failed'";
    assert_eq!(rows(app.services.database(), failed).await.len(), 1, "the auditor sees the try");
    said(&run(&["user", "unlock", "binh.phucuong", "--dir", path(dir)]), 0);
    said(&link(&["unlink", "binh.phucuong"]), 0);
    is_refused(&locked.get(WAY).await, "Không có tài khoản cán bộ", "an officer without a link");
    let changes = "SELECT kind FROM staff_event WHERE kind LIKE 'subject%' ORDER BY at, id";
    let changes = rows(app.services.database(), changes).await;
    assert_eq!(changes, [json!({ "kind": "subject-linked" }), json!({ "kind": "subjects-taken" })]);

    let told = said(&run(&["connect", "test", "directory", "--dir", path(dir)]), 0);
    assert!(told.contains(&format!("{}/authorize?", provider.issuer())), "{told}");
    assert!(told.contains("/login/with/directory/answer"), "{told}");
    provider.does(Misdeed::Fault);
    said(&run(&["connect", "test", "directory", "--dir", path(dir)]), 1);
    said(&run(&["connect", "test", "vneid", "--dir", path(dir)]), 1);
}
