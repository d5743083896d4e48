//! Officers: their admission and their exclusion, and the moment of each.

use crate::command_line::{path, run, run_with, said};
use crate::store::{rows, tamper};
use motcua_service::{Error, InputRule, OfficerState, Services};
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, Kind, PASSWORD, install, serve, serve_again};
use motcua_tests::process::Server;

on_both! {
    an_officer_who_is_locked_is_out_at_once_on_all_nodes
    organisation_toml_says_who_can_log_in_and_how_they_are_called
    an_officer_who_was_added_by_a_command_stays_when_the_portal_starts_again
    an_officer_whom_organisation_toml_names_after_a_command_is_out_when_it_no_longer_does
    an_officer_whom_organisation_toml_names_in_capitals_logs_in_by_any_spelling
    an_applicant_who_has_the_log_in_of_an_officer_stays_an_applicant
    a_leave_that_is_sent_empty_names_every_empty_field
}

on_both_kinds! {
    all_commands_say_the_same_of_an_officer_who_is_gone_from_the_file_and_one_unlocking_is_enough
}

/// Opens another node that reads the install folder as it is now.
async fn reopen(app: &App) -> (Services, String) {
    serve(app.dir.path(), app.clock.clone()).await.expect("the portal starts")
}

fn state_of(officers: &[motcua_service::OfficerAccount], login: &str) -> OfficerState {
    officers.iter().find(|officer| officer.login == login).expect("an officer").state
}

async fn an_officer_who_is_locked_is_out_at_once_on_all_nodes(app: App) {
    let other = serve_again(app.dir.path(), app.clock.clone()).await;
    let (one, two) = (app.officer("lan.khdt").await, Browser::new(&other));
    two.log_in("lan.khdt", PASSWORD).await;
    two.get("/desk").await.ok();
    app.services.lock_account("lan.khdt", true).await.expect("locked");
    for browser in [&one, &two] {
        assert_eq!(browser.get("/desk").await.status, 401);
        browser.get("/login").await.ok();
        let page = browser.post("/login", &[("login", "lan.khdt"), ("password", PASSWORD)]).await;
        assert_eq!(page.status, 422, "and is not told why");
    }
    app.services.lock_account("lan.khdt", false).await.expect("unlocked");
    two.log_in("lan.khdt", PASSWORD).await;
    two.get("/desk").await.ok();
}

async fn organisation_toml_says_who_can_log_in_and_how_they_are_called(app: App) {
    let (lan, mai) = (app.officer("lan.khdt").await, app.officer("mai.khdt").await);
    let file = app.dir.path().join("organisation.toml");
    let before = std::fs::read_to_string(&file).expect("the organisation");
    let after = before.replace("\"Nguyễn Thị Lan\"", "\"Nguyễn Thị Lan Anh\"").replace("\"mai.khdt\"", "\"mai2.khdt\"");
    assert_ne!(before, after);
    std::fs::write(&file, after).expect("written");
    let (services, other) = reopen(&app).await;
    lan.get("/desk").await.ok().has(&["Nguyễn Thị Lan Anh"]);
    assert_eq!(mai.get("/desk").await.status, 401, "on the node that read the old file too");
    let officers = services.people.officers().await.expect("read");
    assert_eq!(state_of(&officers, "mai.khdt"), OfficerState::Removed);
    assert_eq!(state_of(&officers, "mai2.khdt"), OfficerState::NoPassword);
    std::fs::write(&file, before).expect("written");
    let (services, _) = reopen(&app).await;
    assert_eq!(state_of(&services.people.officers().await.expect("read"), "mai.khdt"), OfficerState::CanLogIn);
    let mai = Browser::new(&other);
    mai.log_in("mai.khdt", PASSWORD).await;
    mai.get("/desk").await.ok();
}

async fn an_officer_who_was_added_by_a_command_stays_when_the_portal_starts_again(app: App) {
    let posts = app.services.province().agencies[0].posts.clone();
    app.services.people.add_officer("them.nguoi", "Người Thêm", &posts[..1]).await.expect("added");
    app.services.people.set_password("them.nguoi", PASSWORD).await.expect("set");
    let again = app.services.people.add_officer("them.nguoi", "Người Thêm", &posts[..1]).await;
    assert!(matches!(again, Err(Error::Duplicate)), "{again:?}");
    serve_again(app.dir.path(), app.clock.clone()).await;
    let officers = app.services.people.officers().await.expect("read");
    assert_eq!(state_of(&officers, "them.nguoi"), OfficerState::CanLogIn);
    app.officer("them.nguoi").await.get("/desk").await.ok();
}

async fn an_officer_whom_organisation_toml_names_after_a_command_is_out_when_it_no_longer_does(app: App) {
    for login in ["them.nguoi", "chi.lenh"] {
        app.services
            .people
            .add_officer(login, "Người Thêm", &app.services.province().agencies[0].posts[..1])
            .await
            .expect("added");
        app.services.people.set_password(login, PASSWORD).await.expect("set");
    }
    let file = app.dir.path().join("organisation.toml");
    let before = std::fs::read_to_string(&file).expect("the organisation");
    let after = before.replace("\"mai.khdt\"", "\"them.nguoi\"");
    assert_ne!(before, after);
    std::fs::write(&file, after).expect("written");
    let other = serve_again(app.dir.path(), app.clock.clone()).await;
    let (one, two) = (app.officer("them.nguoi").await, Browser::new(&other));
    two.log_in("them.nguoi", PASSWORD).await;
    one.get("/desk").await.ok().has(&["Lê Thị Mai"]);
    two.get("/desk").await.ok();
    let by_command = app.officer("chi.lenh").await;
    std::fs::write(&file, before).expect("written");
    let (services, base) = reopen(&app).await;
    for browser in [&one, &two] {
        assert_eq!(browser.get("/desk").await.status, 401, "on the nodes that read the other file too");
    }
    by_command.get("/desk").await.ok();
    let officers = services.people.officers().await.expect("read");
    assert_eq!(state_of(&officers, "them.nguoi"), OfficerState::Removed);
    assert_eq!(state_of(&officers, "chi.lenh"), OfficerState::CanLogIn);

    // Neither unlocking nor locking first lets the officer in again.
    for lock_first in [false, true] {
        if lock_first {
            services.lock_account("them.nguoi", true).await.expect("locked");
        }
        let unlocked = services.lock_account("them.nguoi", false).await;
        assert!(matches!(unlocked, Err(Error::Invalid(InputRule::OfficerRemoved))), "{lock_first}: {unlocked:?}");
        let browser = Browser::new(&base);
        browser.get("/login").await.ok();
        assert_eq!(browser.post("/login", &[("login", "them.nguoi"), ("password", PASSWORD)]).await.status, 422);
    }
    services.lock_account("chi.lenh", true).await.expect("locked");
    services.lock_account("chi.lenh", false).await.expect("no file says anything about this officer");
}

async fn an_officer_whom_organisation_toml_names_in_capitals_logs_in_by_any_spelling(app: App) {
    let file = app.dir.path().join("organisation.toml");
    let before = std::fs::read_to_string(&file).expect("the organisation");
    let after = before.replace("\"mai.khdt\"", "\"Mai.KHDT\"");
    assert_ne!(before, after);
    std::fs::write(&file, after).expect("written");
    // The version before wrote the log-in as the file has it.
    tamper(app.services.database(), "UPDATE account SET login = 'Mai.KHDT' WHERE login = 'mai.khdt'").await;
    let (services, base) = reopen(&app).await;
    let officers = services.people.officers().await.expect("read");
    assert_eq!(officers.len(), services.province().officers.len(), "nobody has two accounts");
    assert_eq!(state_of(&officers, "mai.khdt"), OfficerState::CanLogIn);
    for login in ["mai.khdt", "Mai.KHDT", " ＭＡＩ.khdt"] {
        let browser = Browser::new(&base);
        browser.log_in(login, PASSWORD).await;
        browser.get("/desk").await.ok().has(&["Lê Thị Mai"]);
    }
}

async fn an_applicant_who_has_the_log_in_of_an_officer_stays_an_applicant(app: App) {
    let (citizen, other) =
        (app.citizen("Nguyễn Văn An", "0912345678").await, app.citizen("Trần Thị Bình", "0912345679").await);
    let file = app.dir.path().join("organisation.toml");
    let before = std::fs::read_to_string(&file).expect("the organisation");
    let after = before.replace("\"mai.khdt\"", "\"0912345678\"");
    assert_ne!(before, after);
    std::fs::write(&file, after).expect("written");
    let (services, base) = reopen(&app).await;
    assert!(services.people.officers().await.expect("read").iter().all(|officer| officer.login != "0912345678"));
    let known = services.people.know_officer("0912345678").await;
    assert!(matches!(known, Err(Error::Duplicate)), "whoever means the officer is not given the account: {known:?}");
    let again = Browser::new(&base);
    again.log_in("0912345678", PASSWORD).await;
    let refused = other.get("/desk").await.status;
    assert!(refused >= 400, "{refused}");
    for browser in [&citizen, &again] {
        browser.get("/account").await.ok().has(&["Nguyễn Văn An"]);
        assert_eq!(browser.get("/desk").await.status, refused);
    }
    let posts = rows(
        services.database(),
        "SELECT h.account FROM post_holding h JOIN account a ON a.id = h.account WHERE a.login = '0912345678'",
    );
    assert!(posts.await.is_empty());
}

async fn all_commands_say_the_same_of_an_officer_who_is_gone_from_the_file_and_one_unlocking_is_enough(kind: Kind) {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), kind, None).await.expect("an install folder");
    let server = Server::start(dir.path(), &[]).await.expect("it serves");
    let input = format!("{PASSWORD}\n");
    let user = |words: &[&str]| run_with(&[&["user"][..], words, &["--dir", path(dir.path())]].concat(), &input);
    let listed = || {
        let list = said(&user(&["list"]), 0);
        list.lines().find(|line| line.starts_with("mai.khdt ")).expect("a line").to_owned()
    };
    let agreed = |state: &str| {
        assert!(listed().contains(state), "{}", listed());
        let unlock = &["unlock", "mai.khdt"];
        let password = &["password", "mai.khdt", "--stdin"];
        let add = &["add", "mai.khdt", "--name", "Mai", "--post", "so-khdt/mot-cua/counter"];
        for words in [&unlock[..], password, add] {
            let told = said(&user(words), 1);
            assert!(told.contains(state) && told.contains("name mai.khdt in organisation.toml"), "{told}");
        }
    };
    let doctor = || said(&run(&["doctor", "--dir", path(dir.path())]), 1);
    let file = dir.path().join("organisation.toml");
    let named = std::fs::read_to_string(&file).expect("the organisation");
    let gone = named.replace("\"mai.khdt\"", "\"mai2.khdt\"");
    assert_ne!(named, gone);
    said(&user(&["password", "mai.khdt", "--stdin"]), 0);

    std::fs::write(&file, &gone).expect("written");
    agreed("is gone from organisation.toml; the account is open until the portal starts again");
    assert!(doctor().contains("problem  mai.khdt is gone from organisation.toml; the account is open"));
    said(&user(&["lock", "mai.khdt"]), 0);
    agreed("is locked, and is gone from organisation.toml");
    let start = async || Server::start(dir.path(), &[]).await.expect("it serves").stop().await.expect("it ends");
    start().await;
    agreed("is locked, and is gone from organisation.toml");
    assert!(!doctor().contains("mai.khdt"));

    std::fs::write(&file, &named).expect("written");
    assert!(listed().ends_with(" is locked"), "{}", listed());
    assert!(said(&user(&["unlock", "mai.khdt"]), 0).contains("mai.khdt can log in again"));
    assert!(listed().ends_with(" can log in"), "{}", listed());
    let browser = Browser::new(&server.base);
    browser.log_in("mai.khdt", PASSWORD).await;
    browser.get("/desk").await.ok().has(&["Lê Thị Mai"]);

    std::fs::write(&file, &gone).expect("written");
    start().await;
    assert_eq!(browser.get("/desk").await.status, 401);
    agreed("is gone from organisation.toml; the account is closed");
    std::fs::write(&file, &named).expect("written");
    let again = "mai.khdt is in organisation.toml again; the account is closed until the portal starts again";
    assert!(doctor().contains(again));
    assert!(said(&user(&["password", "mai.khdt", "--stdin"]), 0).contains(again));
    said(&user(&["unlock", "mai.khdt"]), 0);
    assert!(listed().ends_with(" can log in"), "{}", listed());
}

async fn a_leave_that_is_sent_empty_names_every_empty_field(app: App) {
    let officer = app.officer("mai.khdt").await;
    officer.get("/leave").await.ok();
    let page = officer.post("/leave", &[("deputy", ""), ("since", ""), ("until", "")]).await;
    assert_eq!(page.status, 422);
    page.has(&["href=\"#deputy\"", "href=\"#since\"", "href=\"#until\"", "Hãy chọn ngày bắt đầu."]);
}
