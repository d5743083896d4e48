//! Backups that are made while the portal runs, and archives that are not restored.

use crate::command_line::{path, said};
use age::secrecy::ExposeSecret as _;
use clap::Parser as _;
use motcua::cli::Cli;
use motcua_store::backup::{self as copies, CopyPart};
use motcua_store::{Database, DatabaseOptions, Fault};
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, Kind, PASSWORD, database_of, new_database};
use motcua_tests::process::{Server, motcua};
use motcua_tests::walk;
use sea_orm::ConnectionTrait as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;

on_both! {
    a_backup_under_load_comes_back_whole_and_is_served
    a_backup_goes_only_into_an_empty_database_of_its_kind
}

fn run(words: &[&str]) -> Output {
    motcua().args(words).output().expect("the binary runs")
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

fn is_on_postgres(app: &App) -> bool {
    app.services.database().kind() == "postgresql"
}

/// The drill. Births are filed while the backup is written. Everything that was answered before the backup began must
/// come back.
async fn a_backup_under_load_comes_back_whole_and_is_served(app: App) {
    let dir = tempfile::tempdir().expect("a folder");
    let (archive, copy) = (dir.path().join("province.tar"), dir.path().join("copy"));
    let phone = |number: usize| format!("091234567{number}");
    let (mut citizens, mut promised) = (Vec::new(), Vec::new());
    for number in 0..4 {
        let citizen = app.citizen(&format!("Công dân {number}"), &phone(number)).await;
        for _ in 0..3 {
            promised.push((number, walk::birth(&citizen).await));
        }
        citizens.push(citizen);
    }

    let (busy, meanwhile) = (&AtomicBool::new(true), &AtomicUsize::new(0));
    let load = citizens.iter().map(|citizen| async move {
        while busy.load(Ordering::SeqCst) {
            walk::birth(citizen).await;
            meanwhile.fetch_add(1, Ordering::SeqCst);
        }
    });
    let words = ["backup", "--dir", path(app.dir.path()), "--to", path(&archive)].map(str::to_owned);
    let backup = async {
        let done = tokio::task::spawn_blocking(move || motcua().args(words).output()).await;
        busy.store(false, Ordering::SeqCst);
        done.expect("it ends").expect("the binary runs")
    };
    let (_, done) = tokio::join!(futures::future::join_all(load), backup);
    assert!(said(&done, 0).contains("wrote "));
    assert!(meanwhile.load(Ordering::SeqCst) > 0, "the portal went on");
    assert_eq!(mode(&archive), 0o600, "nobody else may read it");

    let empty = if is_on_postgres(&app) { Some(new_database(None).await.expect("a database")) } else { None };
    let mut words = vec!["restore", path(&archive), "--dir", path(&copy)];
    words.extend(empty.iter().flat_map(|url| ["--database", url.as_str()]));
    let told = said(&run(&words), 0);
    assert!(told.contains("restored: ") && told.contains("the journal is sound; the signed head "), "{told}");
    let events = told.split("restored: ").nth(1).and_then(|rest| rest.split(' ').next());
    let events: usize = events.and_then(|count| count.parse().ok()).expect("a number of events");
    assert!(events >= promised.len(), "{told}");
    assert!(!copy.join(".restore").exists(), "no rows lie about");
    assert!(said(&run(&["doctor", "--dir", path(&copy)]), 0).contains("0 problems"));

    let server = Server::start(&copy, &[]).await.expect("the copy is served");
    for (number, dossier) in promised {
        let browser = Browser::new(&server.base);
        browser.log_in(&phone(number), PASSWORD).await;
        let page = browser.get(&dossier).await.ok().has(&["Nguyễn Minh Khôi"]);
        let file = page.between(&format!("href=\"{dossier}/files/"), "\"").expect("the paper");
        browser.get(&format!("{dossier}/files/{file}")).await.ok();
    }
}

async fn a_backup_goes_only_into_an_empty_database_of_its_kind(app: App) {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = dir.path().join("province.tar");
    said(&run(&["backup", "--dir", path(app.dir.path()), "--to", path(&archive)]), 0);
    let restore = |name: &str, more: &[&str]| {
        let copy = dir.path().join(name);
        run(&[&["restore", path(&archive), "--dir", path(&copy)], more].concat())
    };
    let other = if is_on_postgres(&app) {
        // Without --database it is the one in motcua.toml, which the portal uses.
        assert!(said(&restore("used", &[]), 1).contains("has tables already"));
        "sqlite://data/motcua.db"
    } else {
        "postgres://motcua:geheim@127.0.0.1:1/none"
    };
    let told = said(&restore("other", &["--database", other]), 1);
    assert!(told.contains("of the kind") && !told.contains("geheim"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_postgresql_outlasts_the_limits_of_requests() {
    let app = App::start(Kind::Postgres).await;
    walk::birth(&app.citizen("Nguyễn Văn An", "0912345678").await).await;
    let url = database_of(app.dir.path()).expect("an address");
    // With one connection, the copy gets the one that has these limits.
    let database = Database::open(&DatabaseOptions { url, readers: 1, replica: None }).await.expect("it opens");
    let limits = "SET idle_in_transaction_session_timeout = '100ms'; SET statement_timeout = '100ms'";
    database.reader().execute_unprepared(limits).await.expect("they are set");
    let mut parts = 0;
    let slow = |_: &str, _: CopyPart<'_>| {
        parts += 1;
        if parts < 3 {
            // The archive is slower than the limits allow.
            std::thread::sleep(Duration::from_millis(400));
        }
        Ok::<_, Fault>(())
    };
    let copied = copies::copy(&database, app.dir.path(), slow).await.expect("copied");
    assert!(copied.contents.events > 0 && parts > 3, "{parts}");
}

/// Returns a small install folder with a database and without dossiers.
fn province() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    said(&run(&["init", path(&province)]), 0);
    said(&run(&["migrate", "--dir", path(&province)]), 0);
    (dir, province)
}

/// Returns the same folder with a backup.
fn backed_up() -> (TempDir, Vec<u8>) {
    let (dir, province) = province();
    let archive = dir.path().join("tinh.tar");
    said(&run(&["backup", "--dir", path(&province), "--to", path(&archive)]), 0);
    let bytes = std::fs::read(&archive).expect("the archive");
    (dir, bytes)
}

/// Restores bytes that may be no good archive.
fn restored(dir: &Path, name: &str, bytes: &[u8]) -> Output {
    let (archive, copy) = (dir.join(format!("{name}.tar")), dir.join(name));
    std::fs::write(&archive, bytes).expect("written");
    run(&["restore", path(&archive), "--dir", path(&copy)])
}

fn position(bytes: &[u8], text: &str) -> usize {
    bytes.windows(text.len()).position(|window| window == text.as_bytes()).expect("it is there")
}

#[test]
fn secrets_come_back_as_they_were_and_caches_and_sockets_do_not() {
    let (dir, province) = province();
    let key = province.join("log-key.pem");
    std::fs::write(&key, "bí mật").expect("written");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("closed");
    std::fs::create_dir_all(province.join("data/compiled")).expect("a folder");
    std::fs::write(province.join("data/compiled/x"), "cache").expect("written");
    let _socket = UnixListener::bind(province.join("portal.sock")).expect("a socket");
    let unfinished = "log-head.0123456789abcdef0123456789abcdef.part";
    for name in ["notes.part", unfinished] {
        std::fs::write(province.join(name), "x").expect("written");
    }
    let (archive, copy) = (dir.path().join("tinh.tar"), dir.path().join("copy"));
    said(&run(&["backup", "--dir", path(&province), "--to", path(&archive)]), 0);
    let told = said(&run(&["restore", path(&archive), "--dir", path(&copy)]), 0);
    assert!(told.contains("restored: 0 events, 0 files; the journal is sound"), "{told}");
    assert_eq!(std::fs::read_to_string(copy.join("log-key.pem")).expect("the key"), "bí mật");
    assert_eq!(mode(&copy.join("log-key.pem")), 0o600);
    assert!(!copy.join("data/compiled").exists() && !copy.join("portal.sock").exists());
    assert!(copy.join("notes.part").exists() && !copy.join(unfinished).exists());
    assert!(said(&run(&["check", path(&copy)]), 0).contains("no mistakes"));
    assert!(said(&run(&["migrate", "--status", "--dir", path(&copy)]), 0).contains("up to date"));
}

#[test]
fn a_copy_knows_no_other_database_of_the_old_portal_publishes_no_heads_and_sends_no_mails() {
    let (dir, province) = province();
    let (archive, copy) = (dir.path().join("tinh.tar"), dir.path().join("copy"));
    let file = province.join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("the settings");
    let nobody = "postgres://motcua:geheim@127.0.0.1:1/none";
    let addresses = format!("database_migrate_url = \"{nobody}\"\ndatabase_read_url = \"{nobody}\"\n");
    let log = "\n[log]\npublish = [\n    \"heads/\", # here\n    \"latest\",\n]\nevery = \"2h\"\n";
    let mail = "\n[mail]\nserver = \"smtp.example.vn\"\nfrom = \"cong@example.vn\"\n";
    let sms = "\n[sms]\ngateway = \"https://sms.example.vn/in\"\nchannels = [\"zalo\"]\n";
    std::fs::write(&file, addresses + &settings + log + mail + sms).expect("written");
    said(&run(&["backup", "--dir", path(&province), "--to", path(&archive)]), 0);

    // With the variable, --database is not needed.
    let elsewhere = |words: &[&str]| {
        motcua().env("MOTCUA_DATABASE", "sqlite://data/other.db").args(words).output().expect("it runs")
    };
    let restored = elsewhere(&["restore", path(&archive), "--dir", path(&copy)]);
    let told = said(&restored, 0);
    for what in ["publishes no heads of the log", "sends no mails", "sends no messages to phones"] {
        assert!(told.contains(&format!("The copy {what}")), "{what}: {told}");
    }
    let left = std::fs::read_to_string(copy.join("motcua.toml")).expect("the settings");
    assert!(!left.contains("geheim") && left.contains("[log]\nevery = \"2h\""), "{left}");
    assert!(left.contains("\n# publish = [\n#     \"heads/\", # here\n"), "{left}");
    assert!(left.contains("[mail]\nfrom") && left.contains("\n# server = \"smtp.example.vn\"\n"), "{left}");
    assert!(
        left.contains("[sms]\nchannels") && left.contains("\n# gateway = \"https://sms.example.vn/in\"\n"),
        "{left}"
    );
    assert!(said(&run(&["check", path(&copy)]), 0).contains("no mistakes"));
    let doctor = String::from_utf8_lossy(&elsewhere(&["doctor", "--dir", path(&copy)]).stdout).into_owned();
    assert!(doctor.contains("no heads are published"), "{doctor}");
}

#[test]
fn a_changed_byte_is_named_and_an_archive_that_was_cut_off_is_refused() {
    let (dir, sound) = backed_up();
    let mut changed = sound.clone();
    changed[position(&sound, "listen = \"127.0.0.1:8080") + 10] = b'9';
    let told = said(&restored(dir.path(), "changed", &changed), 1);
    assert!(told.contains("install/motcua.toml was changed after the backup was made"), "{told}");

    let mut rows = sound.clone();
    rows[position(&sound, "SQLite format 3") + 4096] ^= 1;
    let told = said(&restored(dir.path(), "rows", &rows), 1);
    assert!(told.contains("database/motcua.db was changed"), "{told}");

    let manifest = position(&sound, "manifest.json");
    for (name, length) in [("half", sound.len() / 2), ("no-manifest", manifest), ("half-manifest", manifest + 600)] {
        let told = said(&restored(dir.path(), name, &sound[..length]), 1);
        assert!(told.contains("cut off"), "{name}: {told}");
    }
    said(&restored(dir.path(), "sound", &sound), 0);
}

#[test]
fn a_backup_of_a_newer_schema_is_refused_in_words() {
    let (dir, mut bytes) = backed_up();
    let at = position(&bytes, "\"m0001_first\"");
    bytes[at + 2] = b'9';
    let told = said(&restored(dir.path(), "newer", &bytes), 1);
    assert!(told.contains("from a newer motcua") && told.contains("m9001_first"), "{told}");
}

#[test]
fn nothing_is_overwritten_and_no_link_is_followed() {
    let (dir, province) = province();
    let (archive, inside) = (dir.path().join("tinh.tar"), province.join("tinh.tar"));
    let backup = |to: &Path| run(&["backup", "--dir", path(&province), "--to", path(to)]);
    assert!(said(&backup(&inside), 1).contains("is in the install folder"));
    said(&backup(&archive), 0);
    assert!(said(&backup(&archive), 1).contains("is there already"));
    let full = run(&["restore", path(&archive), "--dir", path(&province)]);
    assert!(said(&full, 1).contains("is not empty"));
    std::os::unix::fs::symlink("/etc/passwd", province.join("registries.csv")).expect("a link");
    let linked = dir.path().join("linked.tar");
    assert!(said(&backup(&linked), 1).contains("registries.csv is a symbolic link"));
    assert!(!linked.exists() && !dir.path().join("linked.tar.part").exists());
    let nowhere = dir.path().join("nowhere");
    let lost = run(&["backup", "--dir", path(&nowhere), "--to", path(&linked)]);
    assert!(said(&lost, 1).contains("not an install folder") && !nowhere.exists());
}

#[test]
fn an_encrypted_backup_is_opened_by_its_key_alone() {
    let (dir, province) = province();
    let file = |name: &str| dir.path().join(name);
    let identity = |name: &str| {
        let identity = age::x25519::Identity::generate();
        std::fs::write(file(name), identity.to_string().expose_secret()).expect("written");
        identity.to_public().to_string()
    };
    let (recipient, _) = (identity("key.txt"), identity("other.txt"));
    let archive = file("tinh.tar.age");
    let words = ["backup", "--dir", path(&province), "--to", path(&archive), "--recipient"];
    assert!(said(&run(&[&words[..], &["age1nobody"]].concat()), 1).contains("is not a public key"));
    said(&run(&[&words[..], &[recipient.as_str()]].concat()), 0);
    let bytes = std::fs::read(&archive).expect("the archive");
    assert!(bytes.starts_with(b"age-encryption.org/"));
    assert!(!bytes.windows(11).any(|window| window == b"motcua.toml"), "nothing can be read");

    let restore =
        |copy: &str, more: &[&str]| run(&[&["restore", path(&archive), "--dir", path(&file(copy))], more].concat());
    assert!(said(&restore("without", &[]), 1).contains("is encrypted"));
    assert!(
        said(&restore("wrong", &["--identity", path(&file("other.txt"))]), 1).contains("does not open the archive")
    );
    let told = said(&restore("copy", &["--identity", path(&file("key.txt"))]), 0);
    assert!(told.contains("the journal is sound"), "{told}");

    std::fs::write(file("cut.tar.age"), &bytes[..bytes.len() - 100]).expect("written");
    let words = ["restore", path(&file("cut.tar.age")), "--dir", path(&file("cut")), "--identity"].map(str::to_owned);
    let mut cut: Vec<&str> = words.iter().map(String::as_str).collect();
    let key = file("key.txt");
    cut.push(path(&key));
    assert!(said(&run(&cut), 1).contains("cut off"));
}

#[test]
fn every_command_in_the_operators_guide_can_be_typed() {
    let mut commands = 0;
    for line in include_str!("../../../docs/backup.md").lines().filter(|line| line.starts_with("motcua ")) {
        let parsed = Cli::try_parse_from(line.split_whitespace());
        assert!(parsed.is_ok(), "{line}: {:?}", parsed.err());
        commands += 1;
    }
    assert!(commands >= 5, "{commands}");
}
