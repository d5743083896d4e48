//! The portal as monitoring sees it: log, numbers of requests, figures, states.

use crate::command_line::{path, said};
use crate::looks::{files, tables};
use crate::store::tamper;
use jiff::civil::date;
use motcua_domain::time::calendar::instant;
use motcua_service::TimeSource;
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, Kind, database_of, install, morning, serve_again};
use motcua_tests::process::{Server, motcua};
use motcua_tests::tmpfs::Tmpfs;
use motcua_tests::walk;
use sea_orm::ConnectionTrait as _;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Stdio;

on_both_kinds! {
    the_log_of_a_journey_has_every_request_and_nothing_about_people
    figures_are_for_those_whom_the_operator_allows
    a_portal_that_cannot_listen_changes_nothing
    a_database_that_is_down_is_said_at_once_and_once
    the_number_of_a_fault_is_that_of_its_request_and_stands_in_a_log_without_colours
    a_node_whose_database_lacks_a_migration_is_not_ready
}

on_both! {
    whoever_asks_often_whether_the_node_is_ready_does_not_make_the_database_work
}

const NAME: &str = "Trần Thị Bưởi";
const PHONE: &str = "0987654321";
const PASSWORD: &str = "một mật khẩu rất riêng";

async fn the_log_of_a_journey_has_every_request_and_nothing_about_people(kind: Kind) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    install(&folder, kind, None).await.expect("an install folder");
    let log = dir.path().join("log");
    let variables = [("MOTCUA_LOG_OUTPUT__FORMAT", "json")];
    let server = Server::start_logging(&folder, &log, &variables).await.expect("it serves");
    let citizen = Browser::new(&server.base);
    let proof = citizen.register(NAME, PHONE, PASSWORD).await.ok().hidden("proof").map(str::to_owned);
    let dossier = walk::birth(&citizen).await;
    let page = citizen.get(&dossier).await.ok();
    let code = dossier.trim_start_matches("/dossiers/");
    citizen.post("/lookup", &[("code", code), ("digits", &PHONE[6..])]).await;
    citizen.post("/login", &[("login", PHONE), ("password", "sai")]).await;
    citizen.get("/nowhere?q=bí+mật").await;
    let number = page.headers["x-request-id"].to_str().expect("plain").to_owned();
    server.stop().await.expect("it ends");

    let text = std::fs::read_to_string(&log).expect("the log");
    assert!(text.contains(&number), "the number of the request is in the log");
    assert!(!text.contains('\u{1b}'), "no colours in a file");
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
    }
    let answered = |route: &str, status: u16| {
        text.lines().any(|line| {
            line.contains(&format!("\"route\":\"{route}\"")) && line.contains(&format!("\"status\":{status}"))
        })
    };
    assert!(answered("/dossiers/{code}", 200) && answered("/login", 422) && answered("none", 404), "{text}");
    let typed = ["Bưởi", PHONE, PASSWORD, "mật", dossier.as_str()];
    for private in typed.into_iter().chain(proof.as_deref()) {
        assert!(!text.contains(private), "`{private}` is in the log:\n{text}");
    }
}

async fn figures_are_for_those_whom_the_operator_allows(kind: Kind) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    install(&folder, kind, None).await.expect("an install folder");
    let log = dir.path().join("log");
    let server = Server::start_logging(&folder, &log, &[]).await.expect("it serves");
    let browser = Browser::new(&server.base);
    assert_eq!(browser.get("/metrics").await.status, 404, "nobody, as long as nothing is said");
    browser.get("/livez").await.ok();
    browser.get("/readyz").await.ok().has(&["ok"]);
    drop(server);
    let variables = [("MOTCUA_METRICS__TOKEN", "a token that nobody can guess")];
    let server = Server::start_logging(&folder, &log, &variables).await.expect("it serves");
    let browser = Browser::new(&server.base);
    browser.get("/").await.ok();
    assert_eq!(browser.get("/metrics").await.status, 404, "without the token");
    let client = reqwest::Client::new();
    let ask = client.get(format!("{}/metrics", server.base)).bearer_auth(variables[0].1);
    let text = ask.send().await.expect("answered").text().await.expect("a text");
    for line in [
        "motcua_requests_total{method=\"GET\",route=\"/\",status=\"200\"} 1",
        "motcua_requests_total{method=\"GET\",route=\"/metrics\",status=\"404\"} 1",
        "motcua_database_writes 1",
        "motcua_jobs_dead 0",
        "motcua_plugins_suspended 0",
        "# EOF",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} is not in\n{text}");
    }
    assert!(text.contains("motcua_database_bytes ") && text.contains("motcua_readers_open "), "{text}");
    drop(server);
    let settings = std::fs::read_to_string(folder.join("motcua.toml")).expect("the settings");
    let settings = format!("{settings}\n[metrics]\naddresses = [\"127.0.0.0/8\"]\n");
    std::fs::write(folder.join("motcua.toml"), settings).expect("written");
    let server = Server::start_logging(&folder, &log, &[]).await.expect("it serves");
    Browser::new(&server.base).get("/metrics").await.ok();
}

async fn whoever_asks_often_whether_the_node_is_ready_does_not_make_the_database_work(app: App) {
    let visitor = app.visitor();
    let second = |second: i8| app.at(date(2026, 3, 3).at(9, 0, second, 0));
    let rename = async |from: &str, to: &str| {
        let sql = format!("UPDATE seaql_migrations SET version = '{to}' WHERE version = '{from}'");
        tamper(app.services.database(), &sql).await;
    };
    visitor.get("/readyz").await.ok();
    // A check would find that the schema lacks something.
    rename("m0007_accounts", "m0007_elsewhere").await;
    for path in ["/readyz", "/healthz", "/readyz"] {
        visitor.get(path).await.ok();
    }
    second(1);
    let page = visitor.get("/readyz").await;
    assert_eq!(page.status, 503, "the next second");
    page.has(&["m0007_accounts"]);
    rename("m0007_elsewhere", "m0007_accounts").await;
    assert_eq!(visitor.get("/readyz").await.status, 503, "a bad answer is kept, too");
    second(2);
    visitor.get("/readyz").await.ok();
}

async fn a_portal_that_cannot_listen_changes_nothing(kind: Kind) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    install(&folder, kind, None).await.expect("an install folder");
    let url = database_of(&folder).expect("an address");
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let socket = dir.path().join("held.sock");
    let _held = UnixListener::bind(&socket).expect("a socket");
    let places = [
        (port.local_addr().expect("an address").to_string(), "cannot listen on"),
        (format!("unix:{}", socket.display()), "another process listens at"),
        (format!("unix:{}/nowhere/motcua.sock", dir.path().display()), "cannot listen at"),
    ];
    let state = async || {
        let mut found = BTreeMap::new();
        files(&folder, &mut found);
        let rows = if kind == Kind::Postgres { tables(&url).await } else { BTreeMap::new() };
        (found, rows)
    };
    let refused = async |when: &str| {
        let before = state().await;
        for (place, reason) in &places {
            let words = ["serve", "--dir", path(&folder), "--listen", place.as_str()];
            let told = said(&motcua().args(words).output().expect("it runs"), 1);
            assert!(told.contains(*reason), "{when}: {told}");
            assert!(state().await == before, "{when}: a start at {place} changed files or rows");
        }
    };
    refused("no database yet").await;
    assert!(state().await.1.is_empty() && !folder.join("data").exists());

    Server::start(&folder, &[]).await.expect("it serves").stop().await.expect("it ends");
    let change = |file: &str, from: &str, to: &str| {
        let file = folder.join(file);
        let before = std::fs::read_to_string(&file).expect("a file");
        let after = before.replacen(from, to, 1);
        assert_ne!(before, after);
        std::fs::write(&file, after).expect("written");
    };
    // The next start closes the account of an officer and publishes a procedure.
    change("organisation.toml", "\"mai.khdt\"", "\"mai2.khdt\"");
    change("procedures/so-khdt/thanh-lap-ho-kinh-doanh/procedure.toml", "vi = \"", "vi = \"Mới ");
    if kind == Kind::Sqlite {
        let connection = rusqlite::Connection::open(folder.join("data/motcua.db")).expect("the database");
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("it is in the file");
    }
    refused("a changed folder").await;
}

async fn a_database_that_is_down_is_said_at_once_and_once(kind: Kind) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    install(&folder, kind, None).await.expect("an install folder");
    // Nobody listens at this port, and nobody may write into this folder.
    let url = match kind {
        Kind::Postgres => "postgres://portal:geheim@127.0.0.1:1/motcua",
        Kind::Sqlite => "sqlite:///proc/motcua/motcua.db",
    };
    let socket = dir.path().join("motcua.sock");
    let place = format!("unix:{}", socket.display());
    let words = ["serve", "--dir", path(&folder), "--listen", place.as_str()];
    let output = motcua().args(words).env("MOTCUA_DATABASE", url).output().expect("it runs");
    assert!(!socket.exists(), "the socket that it made is removed");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), errors.matches("error: ").count()), (Some(1), 1), "{errors}");
    assert!(!errors.contains("geheim"), "{errors}");
    if kind == Kind::Postgres {
        assert_eq!(errors.matches("refused").count(), 1, "the cause is said once: {errors}");
    }
}

async fn the_number_of_a_fault_is_that_of_its_request_and_stands_in_a_log_without_colours(kind: Kind) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    install(&folder, kind, None).await.expect("an install folder");
    let log = dir.path().join("log");
    let server = Server::start_logging(&folder, &log, &[]).await.expect("it serves");
    let url = match kind {
        Kind::Sqlite => format!("sqlite://{}", folder.join("data/motcua.db").display()),
        Kind::Postgres => database_of(&folder).expect("an address"),
    };
    let client = sea_orm::Database::connect(url).await.expect("a client of the database");
    client.execute_unprepared("ALTER TABLE log_head RENAME TO gone").await.expect("a table is gone");
    client.close().await.expect("closed");
    let page = Browser::new(&server.base).get("/log").await;
    assert_eq!(page.status, 500);
    let number = page.headers["x-request-id"].to_str().expect("plain").to_owned();
    page.has(&[&format!("Số của lỗi: {number}")]);
    server.stop().await.expect("it ends");
    let text = std::fs::read_to_string(&log).expect("the log");
    for part in ["a request failed", "route=\"/log\" status=500"] {
        assert!(text.lines().any(|line| line.contains(&number) && line.contains(part)), "{number} {part}:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours in a file: {text}");
}

async fn a_node_whose_database_lacks_a_migration_is_not_ready(kind: Kind) {
    let app = App::start(kind).await;
    let last = "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)";
    tamper(app.services.database(), last).await;
    let page = app.visitor().get("/readyz").await;
    assert_eq!(page.status, 503);
    page.has(&["the schema of the database lacks m0"]);
    app.visitor().get("/livez").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_room_for_files_is_not_ready() {
    let (dir, disk) = (tempfile::tempdir().expect("a folder"), Tmpfs::mount(3).expect("a disk of its own"));
    install(dir.path(), Kind::Sqlite, None).await.expect("an install folder");
    let settings = dir.path().join("motcua.toml");
    let text = std::fs::read_to_string(&settings).expect("the settings");
    let files = format!("files = \"{}\"", path(disk.path()));
    std::fs::write(&settings, text.replace("files = \"data/files\"", &files)).expect("written");
    let base = serve_again(dir.path(), TimeSource::set_to(instant(morning()))).await;
    let page = Browser::new(&base).get("/readyz").await;
    assert_eq!(page.status, 503);
    page.has(&["the disk of the files has only "]);
}

#[test]
fn the_address_of_a_database_that_cannot_be_read_is_not_repeated() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    said(&motcua().args(["init", path(&folder)]).output().expect("it runs"), 0);
    for url in ["postgres://tinh:Sieu/MatKhau@127.0.0.1:1/motcua", "mysql://user:MatKhau@host/name"] {
        for words in [["doctor", "--dir"], ["serve", "--dir"], ["migrate", "--dir"]] {
            let variables = [("MOTCUA_DATABASE", url), ("MOTCUA_LISTEN", "127.0.0.1:0")];
            let output = motcua().args(words).arg(&folder).envs(variables).output().expect("it runs");
            let text = said(&output, 1);
            assert!(!text.contains("MatKhau"), "{words:?}: {text}");
        }
    }
}

#[test]
fn values_of_the_environment_pass_the_checks_of_the_file() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    said(&motcua().args(["init", path(&folder)]).output().expect("it runs"), 0);
    for (name, value) in [
        ("MOTCUA_BASE_URL", "ftp://x/"),
        ("MOTCUA_BASE_URL", "https://tinh.example.vn/cong"),
        ("MOTCUA_LISTEN", "here"),
        ("MOTCUA_DATABASE", "mysql://root@host/name"),
        ("MOTCUA_READERS", "0"),
        ("MOTCUA_LOG_OUTPUT__FORMAT", "xml"),
        ("MOTCUA_METRICS__TOKEN", "short"),
    ] {
        let output = motcua().args(["check", path(&folder)]).env(name, value).output().expect("it runs");
        assert!(said(&output, 1).contains(name), "{name}={value}");
    }
    let good = motcua().args(["check", path(&folder)]).env("MOTCUA_BASE_URL", "https://tinh.example.vn").output();
    said(&good.expect("it runs"), 0);
    let settings = folder.join("motcua.toml");
    let text = std::fs::read_to_string(&settings).expect("the settings");
    let text = text.replacen("http://127.0.0.1:8080", "https://tinh.example.vn/cong", 1);
    std::fs::write(&settings, text).expect("written");
    let told = said(&motcua().args(["check", path(&folder)]).output().expect("it runs"), 1);
    assert!(told.contains("bad-address") && told.contains("without a path"), "{told}");
}

#[test]
fn a_command_whose_reader_is_gone_ends_without_a_word() {
    for words in [vec!["explain"], vec!["--help"], vec!["explain", "bad-address"]] {
        let child = motcua().args(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("it runs");
        drop(child.stdout.take());
        let mut errors = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut errors).expect("UTF-8");
        child.wait().expect("it ends");
        assert_eq!(errors, "", "{words:?}");
    }
}

#[test]
fn the_portal_listens_at_a_socket_and_takes_the_place_of_one_that_was_killed() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    said(&motcua().args(["init", path(&folder)]).output().expect("it runs"), 0);
    let socket = dir.path().join("motcua.sock");
    for _ in 0..2 {
        let mut command = motcua();
        command.args(["serve", "--dir", path(&folder), "--listen", &format!("unix:{}", socket.display())]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        assert!(line.contains("unix:"), "{line}");
        let mode = std::fs::metadata(&socket).expect("a socket").permissions().mode();
        assert_eq!(mode & 0o777, 0o660);
        let mut stream = UnixStream::connect(&socket).expect("it listens");
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");
        // Killed: the socket stays behind.
        child.kill().expect("killed");
        child.wait().expect("it ends");
        assert!(socket.exists());
    }
}

#[test]
fn what_a_new_portal_makes_is_for_its_owner_alone_and_doctor_says_when_it_is_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    said(&motcua().args(["init", path(&folder)]).output().expect("it runs"), 0);
    said(&motcua().args(["user", "password", "lan", "--dir", path(&folder)]).output().expect("it runs"), 0);
    let mode = |file: &str| std::fs::metadata(folder.join(file)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/files"), mode("data/motcua.db")), (0o700, 0o700, 0o600));

    let this_year = motcua_domain::time::calendar::local(TimeSource::System.now()).year();
    std::fs::remove_file(folder.join(format!("calendar/{this_year}.toml"))).expect("removed");
    std::fs::set_permissions(folder.join("data"), std::fs::Permissions::from_mode(0o755)).expect("changed");
    let organisation = folder.join("organisation.toml");
    let text = std::fs::read_to_string(&organisation).expect("the organisation");
    let idle = "[[officer]]\nlogin = \"moi\"\nname = \"Người Mới\"\nposts = []\n";
    std::fs::write(&organisation, format!("{text}\n{idle}")).expect("written");
    let doctor = |base_url: &str| {
        let output = motcua().args(["doctor", "--dir", path(&folder)]).env("MOTCUA_BASE_URL", base_url).output();
        said(&output.expect("it runs"), 1)
    };
    let told = doctor("https://tinh.example.vn");
    let missing = format!("there is no calendar for {this_year}");
    let idle = "officers without a post: moi";
    for problem in ["every user of the machine can read", "behind_proxy is false", missing.as_str(), idle] {
        assert!(told.contains(problem), "{problem} is not in\n{told}");
    }
    assert!(told.contains("ok       database: sqlite 3."), "{told}");
    assert_eq!(mode("data"), 0o755, "it changes nothing");
}
