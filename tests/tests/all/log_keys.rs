//! The keys of the log: the creation of the first one, its replacement, and the files in the install folder.

use crate::command_line::{path, said};
use crate::sealing::{assert_found, seal_all, verify};
use crate::store::{first_code, message, story, tamper};
use jiff::civil::date;
use motcua::runtime::{self, RunningPortal, RuntimeOptions};
use motcua_domain::time::calendar::instant;
use motcua_domain::transparency::checkpoint::Checkpoint;
use motcua_domain::transparency::note::SigningKey;
use motcua_service::TimeSource;
use motcua_store::Database;
use motcua_store::log::{KeptHead, LogTrust, Sealed, Signer};
use motcua_tests::portal::{Kind, database_of, install};
use motcua_tests::process::motcua;
use std::path::Path;
use std::slice::from_ref;

on_both_kinds! {
    a_key_that_was_replaced_signs_no_later_heads
    nodes_with_folders_of_their_own_agree_on_one_key
    files_of_keys_that_a_crash_left_are_put_right
}

fn read(dir: &Path, name: &str) -> String {
    std::fs::read_to_string(dir.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

async fn open(dir: &Path, options: RuntimeOptions) -> RunningPortal {
    let clock = TimeSource::set_to(instant(date(2026, 11, 24).at(14, 0, 0, 0)));
    runtime::open(dir, clock, options).await.expect("the services open")
}

/// Writes an entry that waits to be sealed.
async fn write_entry(database: &Database, command: &str) {
    let code = first_code(database).await;
    let entry = message(database, &code, "Lời nhắn", command).await;
    database.append(&entry).await.expect("it is written");
}

async fn a_key_that_was_replaced_signs_no_later_heads(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    // The log is under a key of this test.
    tamper(database, "DELETE FROM log_key").await;
    let [old, new] = [1, 2].map(|seed| SigningKey::from_seed("the.log", [seed; 32]).expect("a key"));
    let now = services.now();
    let keys = vec![old.verifier().clone(), new.verifier().clone()];
    let first = Signer { key: old.clone(), keys: keys[..1].to_vec(), kept: KeptHead::default() };
    assert!(matches!(database.seal(&first, now).await.expect("sealed"), Sealed::Entries(count) if count > 200));
    let kept = database.log_head().await.expect("read").expect("a head");
    // Without the leaf that introduces it, a key of the install folder is not the log's.
    let trust = LogTrust { keys: keys.clone(), kept: Some(kept.note) };
    assert_found(database, &trust, "the log does not tell of its key").await;
    assert_eq!(database.rotate_log_key(&first, new.verifier(), now).await.expect("rotated"), Sealed::Entries(1));
    assert!(verify(database, &trust).await.is_sound());

    write_entry(database, "1").await;
    let refused = database.seal(&first, now).await.expect_err("it is refused").to_string();
    assert!(refused.contains(&format!("names {} as the key of the log", new.verifier())), "{refused}");
    let second = Signer { key: new.clone(), keys, kept: KeptHead::default() };
    assert_eq!(database.seal(&second, now).await.expect("sealed"), Sealed::Entries(1));
    assert!(verify(database, &trust).await.is_sound());

    // Somebody who stole the old key signs the same head.
    let head = database.log_head().await.expect("read").expect("a head");
    let (checkpoint, _) = Checkpoint::open(&head.note, from_ref(new.verifier())).expect("signed with the new key");
    assert_eq!(checkpoint.size, kept.size + 2);
    let forged = checkpoint.sign(&old).expect("a note");
    let put = async |note: &str| {
        tamper(database, &format!("UPDATE log_head SET note = '{note}' WHERE size = {}", head.size)).await;
    };
    put(&forged).await;
    let replaced = format!("which was replaced after {} entries", kept.size + 1);
    assert_found(database, &trust, &replaced).await;
    let refused = database.seal(&second, now).await.expect_err("it is refused").to_string();
    assert!(refused.contains(&replaced), "{refused}");
    put(&head.note).await;
    assert!(verify(database, &trust).await.is_sound());

    // The finding names a replaced key that the log had introduced.
    tamper(database, &format!("UPDATE log_key SET verifier = '{}' WHERE number = 2", old.verifier())).await;
    assert!(!verify(database, &trust).await.is_sound());
}

async fn nodes_with_folders_of_their_own_agree_on_one_key(kind: Kind) {
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    install(one.path(), kind, None).await.expect("an install folder");
    motcua::folder::write_binhduong(two.path()).expect("an install folder");
    let database = database_of(one.path()).expect("a database");
    let shared = database.replace("sqlite://data", &format!("sqlite://{}/data", path(one.path())));
    std::fs::write(two.path().join("motcua.toml"), read(one.path(), "motcua.toml").replace(&database, &shared))
        .expect("written");
    // A command that does not serve creates no key.
    open(one.path(), RuntimeOptions::migrating()).await;
    assert!(!one.path().join("log-key.pem").exists());

    let (first, second) =
        tokio::join!(open(one.path(), RuntimeOptions::serving()), open(two.path(), RuntimeOptions::serving()));
    let keys = first.services.database().log_keys().await.expect("read");
    assert_eq!(keys.len(), 1);
    let has_key = |dir: &Path| dir.join("log-key.pem").exists();
    let (owner, other) = if has_key(one.path()) { (&one, &two) } else { (&two, &one) };
    assert_eq!(read(owner.path(), "log-key.pub").trim(), keys[0].to_string());
    for name in ["log-key.pem", "log-key.pub", "log-key.first.pem"] {
        assert!(!other.path().join(name).exists(), "{name} was not kept");
    }
    assert!(!owner.path().join("log-key.first.pem").exists());
    let believed = |running: &RunningPortal| {
        let services = running.services.clone();
        async move { services.log.keys().await.expect("the keys").believed }
    };
    assert_ne!(believed(&first).await, believed(&second).await, "only one folder has keys");

    for name in ["log-key.pem", "log-key.pub"] {
        std::fs::copy(owner.path().join(name), other.path().join(name)).expect("copied");
    }
    let again = open(other.path(), RuntimeOptions::serving()).await;
    assert!(!believed(&again).await);
    assert_eq!(again.services.log.seal().await.expect("it may seal"), 0);
}

async fn files_of_keys_that_a_crash_left_are_put_right(kind: Kind) {
    let (dir, services) = story(kind).await;
    seal_all(&services).await;
    let dir = dir.path();
    let (secret, public) = (read(dir, "log-key.pem"), read(dir, "log-key.pub"));
    let remove = |name: &str| std::fs::remove_file(dir.join(name)).expect("removed");
    let assert_whole = async |secret: &str, public: &str| {
        let node = open(dir, RuntimeOptions::serving()).await.services;
        assert_eq!((read(dir, "log-key.pem").as_str(), read(dir, "log-key.pub").as_str()), (secret, public));
        assert!(!dir.join("log-key.first.pem").exists() && !dir.join("log-key.next.pem").exists());
        assert_eq!(node.log.seal().await.expect("it may seal"), 0);
    };

    // The public key was not written.
    remove("log-key.pub");
    assert_whole(&secret, &public).await;
    // The first key was claimed, and not put in place.
    remove("log-key.pub");
    std::fs::rename(dir.join("log-key.pem"), dir.join("log-key.first.pem")).expect("renamed");
    assert_whole(&secret, &public).await;

    let rotate = || said(&motcua().args(["audit", "rotate-key", "--dir", path(dir)]).output().expect("it runs"), 0);
    assert!(rotate().contains("the log tells of the new key"));
    let (next, both) = (read(dir, "log-key.pem"), read(dir, "log-key.pub"));
    assert!(both.starts_with(&public) && both.lines().count() == 2 && next != secret);
    let put_back = |public: &str| {
        std::fs::rename(dir.join("log-key.pem"), dir.join("log-key.next.pem")).expect("renamed");
        std::fs::write(dir.join("log-key.pem"), &secret).expect("written");
        std::fs::write(dir.join("log-key.pub"), public).expect("written");
    };
    // The public key was written, and the secret one not put in place.
    put_back(&both);
    assert_whole(&next, &both).await;
    // The log has the key, and no file was written. A backup of this state could not be restored.
    put_back(&public);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let archive = elsewhere.path().join("tinh.tar");
    let backup = || motcua().args(["backup", "--dir", path(dir), "--to", path(&archive)]).output().expect("it runs");
    assert!(said(&backup(), 1).contains("names other keys of the log"));
    assert_eq!(std::fs::read_dir(elsewhere.path()).expect("read").count(), 0, "nothing is left of it");
    assert!(rotate().contains("is in place"));
    assert_whole(&next, &both).await;
    said(&backup(), 0);
}
