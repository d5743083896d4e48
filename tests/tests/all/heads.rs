//! Heads of the log outside of the database: a node's own head, published heads, and proofs for others.

use crate::command_line::{path, said};
use crate::sealing::{assert_found, seal_all};
use crate::store::{first_code, message, story, tamper};
use axum::http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use motcua::runtime::{self, RuntimeOptions};
use motcua_service::{Services, TimeSource};
use motcua_store::Database;
use motcua_store::log::{HEAD_FILE, LogTrust, RETRY};
use motcua_tests::portal::Kind;
use motcua_tests::process::motcua;
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};

on_both_kinds! {
    a_log_that_was_emptied_or_put_back_is_not_signed
    a_newer_head_is_proved_to_begin_with_an_older_one
    heads_are_published_once_in_their_time_by_one_node
    a_published_head_stays_when_another_of_its_size_comes
    a_node_that_lags_or_does_not_seal_publishes_no_old_head
}

async fn note(database: &Database) -> String {
    database.log_head().await.expect("read").expect("a head").note
}

fn kept(dir: &Path) -> String {
    std::fs::read_to_string(dir.join(HEAD_FILE)).expect("a head")
}

/// Writes an entry and seals it.
async fn seal_one(services: &Services, command: &str) {
    let database = services.database();
    let code = first_code(database).await;
    let entry = message(database, &code, "Lời nhắn", command).await;
    database.append(&entry).await.expect("it is written");
    assert_eq!(seal_all(services).await, 1);
}

async fn assert_refused(services: &Services, reason: &str) {
    let refused = services.log.seal().await.expect_err("it is refused").to_string();
    assert!(refused.contains(reason), "{refused}");
}

/// Opens the node as after a restart, with the install folder and without its memory.
async fn started_again(dir: &Path, services: &Services) -> Services {
    let clock = TimeSource::set_to(services.now());
    runtime::open(dir, clock, RuntimeOptions::serving()).await.expect("the services open").services
}

fn run(dir: &Path, words: &[&str]) -> Output {
    motcua().args(words).args(["--dir", path(dir)]).output().expect("it runs")
}

async fn a_log_that_was_emptied_or_put_back_is_not_signed(kind: Kind) {
    let (dir, services) = story(kind).await;
    let (dir, database) = (dir.path(), services.database());
    let entries = seal_all(&services).await;
    let before = note(database).await;
    assert_eq!(kept(dir), before);
    seal_one(&services, "late").await;
    let after = note(database).await;
    assert_eq!(kept(dir), after);
    let sound = said(&run(dir, &["audit", "verify"]), 0);
    assert!(sound.contains("the log is compared with the head in ") && sound.contains(HEAD_FILE), "{sound}");
    let doctor = String::from_utf8_lossy(&run(dir, &["doctor"]).stdout).into_owned();
    assert!(doctor.contains(&format!("log: it begins with the head of {} entries", entries + 1)), "{doctor}");

    // Somebody puts the log back to an earlier state, under its true head.
    tamper(database, &format!("DELETE FROM log_leaf WHERE number = {entries}")).await;
    let head = format!("UPDATE log_head SET size = {entries}, note = '{before}' WHERE size = {}", entries + 1);
    tamper(database, &head).await;
    let unknown = "INSERT INTO unsealed SELECT j.dossier, j.version FROM journal j WHERE NOT EXISTS
        (SELECT 1 FROM log_leaf l WHERE l.dossier = j.dossier AND l.version = j.version)";
    tamper(database, unknown).await;
    let again = started_again(dir, &services).await;
    let reason = format!("the log in the database, with {entries} entries, does not begin with the head");
    for node in [&services, &again] {
        assert_refused(node, &reason).await;
    }
    let keys = database.log_keys().await.expect("read");
    assert_found(database, &LogTrust { keys, kept: Some(after.clone()) }, "entries were removed").await;
    assert!(said(&run(dir, &["audit", "verify"]), 1).contains("entries were removed"));
    assert!(said(&run(dir, &["doctor"]), 1).contains(&reason));

    // Somebody empties the log, and the node with its true key finds a new one.
    for table in ["log_leaf", "log_tile", "log_head", "log_key", "unsealed"] {
        tamper(database, &format!("DELETE FROM {table}")).await;
    }
    tamper(database, "INSERT INTO unsealed SELECT dossier, version FROM journal").await;
    for node in [&services, &again, &started_again(dir, &services).await] {
        assert_refused(node, "with 0 entries, does not begin with the head").await;
    }
    assert!(database.log_head().await.expect("read").is_none(), "nothing was signed");
    assert_eq!(kept(dir), after);

    // An operator who knows why the log is new lets a node trust it once. A node that remembers still does not.
    std::fs::remove_file(dir.join(HEAD_FILE)).expect("removed");
    assert_refused(&services, "with 0 entries, does not begin with the head").await;
    let trusting = started_again(dir, &services).await;
    assert_eq!(seal_all(&trusting).await, entries + 1);
    assert_eq!(kept(dir), note(database).await);
    assert_refused(&services, "does not begin with the head").await;

    // A file that is no head stops the sealing.
    std::fs::write(dir.join(HEAD_FILE), "no head").expect("written");
    assert_refused(&trusting, "log-head of the install folder cannot be trusted").await;
}

async fn a_newer_head_is_proved_to_begin_with_an_older_one(kind: Kind) {
    let (dir, services) = story(kind).await;
    let dir = dir.path();
    assert!(said(&run(dir, &["audit", "head"]), 1).contains("nothing is sealed yet"));
    let files = tempfile::tempdir().expect("a folder");
    let file = |name: &str| path(&files.path().join(name)).to_owned();
    let (old, new, proof) = (file("old"), file("new"), file("proof.json"));
    let head = || run(dir, &["audit", "head"]).stdout;
    seal_all(&services).await;
    std::fs::write(&old, head()).expect("written");
    assert!(said(&run(dir, &["audit", "consistency", &old, "--to", &proof]), 0).contains("wrote the proof"));
    seal_one(&services, "1").await;
    std::fs::write(&new, head()).expect("written");
    seal_one(&services, "2").await;

    let key = services.database().log_keys().await.expect("read")[0].to_string();
    // The check needs no install folder.
    let check = |words: &[&str]| motcua().args(["audit", "check-proof", &proof]).args(words).output().expect("it runs");
    for newer in [None, Some(&new)] {
        let words: Vec<&str> = [Some("audit"), Some("consistency"), Some(old.as_str()), newer.map(String::as_str)]
            .into_iter()
            .flatten()
            .chain(["--to", proof.as_str()])
            .collect();
        assert!(said(&run(dir, &words), 0).contains("wrote the proof"));
        let proven = said(&check(&["--key", &key]), 0);
        assert!(proven.contains("proven: the head of ") && !proven.contains("the same file"), "{proven}");
        assert!(said(&check(&[]), 0).contains("The key comes from the same file"));
    }
    let sound = std::fs::read_to_string(&proof).expect("a proof");
    let read: serde_json::Value = serde_json::from_str(&sound).expect("JSON");
    let mut changed = read.clone();
    changed["old"] = read["new"].clone();
    changed["new"] = read["old"].clone();
    std::fs::write(&proof, changed.to_string()).expect("written");
    assert!(said(&check(&["--key", &key]), 1).contains("not proven: "));

    let backwards = said(&run(dir, &["audit", "consistency", &new, &old, "--to", &proof]), 1);
    assert!(backwards.contains("not proved: the newer head does not begin with the older one"), "{backwards}");
    std::fs::write(&old, "no head").expect("written");
    let unread = said(&run(dir, &["audit", "consistency", &old, "--to", &proof]), 1);
    assert!(unread.contains("not proved: the older head cannot be trusted"), "{unread}");
}

/// The content type and the body of each request.
type Posts = Arc<Mutex<Vec<(String, String)>>>;

/// Starts a witness that is not ready for the first head, and returns its address and the requests that it got.
async fn witness() -> (String, Posts) {
    let posts = Posts::default();
    let got = posts.clone();
    let answer = move |headers: HeaderMap, body: String| {
        let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let mut got = got.lock().expect("whole");
        got.push((kind, body));
        let status = if got.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT };
        async move { status }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/heads", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    (address, posts)
}

/// Lets the nodes of an install folder publish heads, at most every two hours.
fn publish_at(dir: &Path, places: &[&str]) {
    let settings = std::fs::read_to_string(dir.join("motcua.toml")).expect("settings");
    let section = format!("\n[log]\npublish = {places:?}\nevery = \"2h\"\n");
    std::fs::write(dir.join("motcua.toml"), settings + &section).expect("written");
}

async fn heads_are_published_once_in_their_time_by_one_node(kind: Kind) {
    let (dir, services) = story(kind).await;
    let dir = dir.path();
    let (address, posts) = witness().await;
    publish_at(dir, &["heads/", "latest", &address]);
    assert!(said(&motcua().args(["check", path(dir)]).output().expect("it runs"), 0).contains("no mistakes"));
    let doctor = String::from_utf8_lossy(&run(dir, &["doctor"]).stdout).into_owned();
    assert!(doctor.contains("log: heads are published at 3 places"), "{doctor}");

    let clock = TimeSource::set_to(services.now());
    let node = async || {
        runtime::open(dir, clock.clone(), RuntimeOptions::serving()).await.expect("the services open").services
    };
    let (one, two) = (node().await, node().await);
    let publish = async |node: &Services| node.log.publish_heads().await.expect("it publishes");
    assert_eq!(publish(&one).await, 0, "nothing is sealed");
    let size = seal_all(&one).await;
    assert_eq!(seal_all(&two).await, 0, "the other node sees the head");
    let first = note(one.database()).await;
    assert_eq!((publish(&one).await, publish(&two).await), (2, 0), "the witness did not take it");
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    for name in ["heads/checkpoint", &format!("heads/checkpoint-{size}"), "latest"] {
        assert_eq!(read(name), first, "{name}");
    }
    clock.set(clock.now() + SignedDuration::from_secs(RETRY));
    assert_eq!((publish(&two).await, publish(&one).await), (1, 0), "the witness took it");

    seal_one(&one, "1").await;
    let second = note(one.database()).await;
    assert_eq!(publish(&one).await, 0, "two hours are not over");
    clock.set(clock.now() + SignedDuration::from_hours(2));
    assert_eq!((publish(&one).await, publish(&one).await), (3, 0));
    assert_eq!(read("heads/checkpoint"), second);
    assert_eq!(read(&format!("heads/checkpoint-{size}")), first);
    assert_eq!(read(&format!("heads/checkpoint-{}", size + 1)), second);
    let plain = |note: &String| ("text/plain; charset=utf-8".to_owned(), note.clone());
    assert_eq!(*posts.lock().expect("whole"), [plain(&first), plain(&first), plain(&second)]);
}

async fn a_published_head_stays_when_another_of_its_size_comes(kind: Kind) {
    let (dir, services) = story(kind).await;
    let dir = dir.path();
    publish_at(dir, &["heads/"]);
    let clock = TimeSource::set_to(services.now());
    let node = runtime::open(dir, clock.clone(), RuntimeOptions::serving()).await.expect("the services open").services;
    let size = seal_all(&node).await;
    let first = note(node.database()).await;
    let heads = dir.join("heads");
    std::fs::create_dir(&heads).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(heads.join(name), text).expect("written");
    let read = |name: &str| std::fs::read_to_string(heads.join(name)).expect("read");
    let names = || {
        let mut names: Vec<_> = std::fs::read_dir(&heads)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .collect();
        names.sort();
        names
    };

    // The log had another root when it had this size.
    let root = first.lines().nth(2).expect("a root");
    let (name, evidence) = (format!("checkpoint-{size}"), first.replace(root, &format!("{}=", "A".repeat(43))));
    assert_ne!(evidence, first);
    write(&name, &evidence);
    assert_eq!(node.log.publish_heads().await.expect("it publishes"), 1);
    assert_eq!(read(&name), evidence);
    let found = names();
    let [there, beside] = found.as_slice() else { panic!("{found:?}") };
    assert!(*there == name && beside.starts_with(&format!("{name}-")), "{beside}");
    assert_eq!(read(beside), first);

    // The same head, signed at another time, is not another head.
    seal_one(&node, "1").await;
    let second = note(node.database()).await;
    let (name, earlier) = (format!("checkpoint-{}", size + 1), second.replace("\nat 2", "\nat 1"));
    assert_ne!(earlier, second);
    write(&name, &earlier);
    clock.set(clock.now() + SignedDuration::from_hours(2));
    assert_eq!(node.log.publish_heads().await.expect("it publishes"), 1);
    assert_eq!((read(&name), read("checkpoint")), (earlier, second));
    assert_eq!(names().len(), 4, "{:?}", names());
}

async fn a_node_that_lags_or_does_not_seal_publishes_no_old_head(kind: Kind) {
    let (dir, services) = story(kind).await;
    let dir = dir.path();
    publish_at(dir, &["heads/"]);
    let clock = TimeSource::set_to(services.now());
    let node = async || {
        runtime::open(dir, clock.clone(), RuntimeOptions::serving()).await.expect("the services open").services
    };
    let (one, two) = (node().await, node().await);
    let publish = async |node: &Services| node.log.publish_heads().await.expect("it publishes");
    seal_all(&one).await;
    assert_eq!(seal_all(&two).await, 0, "the other node sees the head");
    seal_one(&one, "1").await;
    let head = note(one.database()).await;
    assert_eq!(publish(&two).await, 0, "it has not seen the last head");
    assert_eq!(publish(&one).await, 1);
    clock.set(clock.now() + SignedDuration::from_hours(2));
    assert_eq!(publish(&two).await, 0, "it would publish an older head over a newer one");

    // Somebody puts the log of the database back to the start. The nodes do not seal it.
    tamper(one.database(), "DELETE FROM log_head").await;
    for node in [&one, &two] {
        assert_refused(node, "does not begin with the head").await;
        assert_eq!(publish(node).await, 0);
    }
    assert_eq!(std::fs::read_to_string(dir.join("heads/checkpoint")).expect("a head"), head);
}
