//! The log over all dossiers. A sealed entry cannot be changed, removed or reordered without a finding.

use crate::store::{rows, story, tamper};
use motcua_domain::names::DossierCode;
use motcua_domain::transparency::checkpoint::Checkpoint;
use motcua_domain::transparency::note::SigningKey;
use motcua_domain::transparency::proof::Proof;
use motcua_store::Database;
use motcua_store::journal::JournalReport;
use motcua_store::log::{KeptHead, LogTrust, Sealed, Signer};
use motcua_tests::portal::Kind;

on_both_kinds! {
    what_was_sealed_is_named_when_it_is_changed_removed_or_swapped
    a_head_that_a_stranger_signed_is_named
    a_proof_holds_offline_and_breaks_with_any_change
    a_head_that_was_kept_proves_what_came_before_it
    nodes_that_seal_at_once_give_each_entry_one_leaf
}

/// Seals everything, and returns the number of entries.
pub async fn seal_all(services: &motcua_service::Services) -> u64 {
    let mut sealed = 0;
    loop {
        match services.log.seal().await.expect("it seals") {
            0 => return sealed,
            count => sealed += count,
        }
    }
}

pub async fn verify(database: &Database, trust: &LogTrust) -> JournalReport {
    database.verify(trust).await.expect("read")
}

/// Asserts that a verification with this trust has this finding.
pub async fn assert_found(database: &Database, trust: &LogTrust, said: &str) {
    let report = verify(database, trust).await;
    assert!(report.findings.iter().any(|finding| finding.reason.contains(said)), "{said}: {:#?}", report.findings);
}

async fn assert_named(database: &Database, what: &str, said: &str) {
    let report = verify(database, &LogTrust::default()).await;
    let said = |finding: &motcua_store::journal::JournalFinding| finding.to_string().contains(said);
    assert!(report.findings.iter().any(said), "{what}: {:#?}", report.findings);
}

/// Returns the codes of two dossiers with more than two entries each.
async fn two_codes(database: &Database) -> [String; 2] {
    let sql = "SELECT dossier FROM journal GROUP BY dossier HAVING COUNT(*) > 2 ORDER BY dossier LIMIT 2";
    let code = |row: &sea_orm::JsonValue| row["dossier"].as_str().expect("text").to_owned();
    rows(database, sql).await.iter().map(code).collect::<Vec<_>>().try_into().expect("two")
}

async fn what_was_sealed_is_named_when_it_is_changed_removed_or_swapped(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let entries = rows(database, "SELECT version FROM journal").await.len();
    let waiting = verify(database, &LogTrust::default()).await;
    assert_eq!((waiting.sealed, usize::try_from(waiting.unsealed)), (0, Ok(entries)));
    assert_eq!(usize::try_from(seal_all(&services).await), Ok(entries));
    let report = verify(database, &LogTrust::default()).await;
    assert!(report.is_sound() && report.head.is_some(), "{:#?}", report.findings);
    assert_eq!((usize::try_from(report.sealed), report.unsealed), (Ok(entries), 0));

    let [one, two] = two_codes(database).await;
    // A hash that was recomputed after a change. The chain fits, and the log does not.
    let row = rows(database, &format!("SELECT hash FROM journal WHERE dossier = '{one}' AND version = 1")).await;
    let hash = row[0]["hash"].as_str().expect("text").to_owned();
    let set = |value: &str| format!("UPDATE journal SET hash = '{value}' WHERE dossier = '{one}' AND version = 1");
    tamper(database, &set(&hash.replace(|c: char| c.is_ascii_digit(), "a"))).await;
    assert_named(database, "a hash", &format!("entry 1 (filed) of dossier {one}: it is not the entry that was sealed"))
        .await;
    tamper(database, &set(&hash)).await;

    // Two leaves that change their places.
    let number = async |code: &str| {
        let sql = format!("SELECT number FROM log_leaf WHERE dossier = '{code}' AND version = 1");
        rows(database, &sql).await[0]["number"].as_i64().expect("a number")
    };
    let (first, second) = (number(&one).await, number(&two).await);
    let renumber = |from: i64, to: i64| format!("UPDATE log_leaf SET number = {to} WHERE number = {from}");
    let swap = async || {
        for (from, to) in [(first, -1), (second, first), (-1, second)] {
            tamper(database, &renumber(from, to)).await;
        }
    };
    swap().await;
    assert_named(database, "swapped", &format!("of dossier {one}: it is not the entry that was sealed")).await;
    assert_named(database, "swapped", &format!("of dossier {two}: it is not the entry that was sealed")).await;
    swap().await;
    assert!(verify(database, &LogTrust::default()).await.is_sound());

    // The last entry of a dossier, which no later entry misses.
    let sql = format!("SELECT version FROM journal WHERE dossier = '{one}' ORDER BY version DESC LIMIT 1");
    let last = rows(database, &sql).await[0]["version"].as_i64().expect("a number");
    tamper(database, &format!("DELETE FROM journal WHERE dossier = '{one}' AND version = {last}")).await;
    assert_named(database, "the last", &format!("entry {last} (removed) of dossier {one}: it was sealed in the log"))
        .await;

    // A whole dossier, with all of its rows.
    for table in ["journal", "log_leaf", "unsealed", "stay", "job", "notice", "dossier_file"] {
        tamper(database, &format!("DELETE FROM {table} WHERE dossier = '{two}'")).await;
    }
    tamper(database, &format!("DELETE FROM dossier WHERE code = '{two}'")).await;
    assert_named(database, "a dossier", &format!("leaf {second} of the log is missing: its entry was removed")).await;

    // A content that was removed from its entry leaves the chain as it is, and is a finding.
    let wrong = verify(database, &LogTrust::default()).await.wrong;
    tamper(database, &format!("UPDATE journal SET payload = NULL WHERE dossier = '{one}' AND version = 1")).await;
    assert_named(database, "a content", &format!("entry 1 (filed) of dossier {one}: its content was removed")).await;
    let report = verify(database, &LogTrust::default()).await;
    assert_eq!(report.wrong, wrong + 1, "{:#?}", report.findings);

    // A byte of a tile. The sealer does not sign the root that follows from it.
    let zero = if kind == Kind::Postgres { r"decode(repeat('00', 32), 'hex')" } else { "zeroblob(32)" };
    tamper(database, &format!("UPDATE log_tile SET hashes = {zero} WHERE level = 0 AND number = 0")).await;
    assert!(!verify(database, &LogTrust::default()).await.is_sound());
    tamper(database, "INSERT INTO unsealed (dossier, version) VALUES ('waits', 1)").await;
    assert!(services.log.seal().await.is_err());
    assert_named(database, "stray", "entry 1 (unknown) of dossier waits: it waits to be sealed").await;
}

async fn a_head_that_a_stranger_signed_is_named(kind: Kind) {
    let (dir, services) = story(kind).await;
    let database = services.database();
    seal_all(&services).await;
    let own = database.log_keys().await.expect("read");
    let public = std::fs::read_to_string(dir.path().join("log-key.pub")).expect("the public key");
    assert_eq!(public.trim(), own[0].to_string());
    let head = database.log_head().await.expect("read").expect("a head");
    let (checkpoint, _) = Checkpoint::open(&head.note, &own).expect("our own head");
    let stranger = SigningKey::from_seed(own[0].name(), [7; 32]).expect("a key");
    let note = checkpoint.sign(&stranger).expect("a note");
    tamper(database, &format!("UPDATE log_head SET note = '{note}'")).await;
    assert_named(database, "a stranger's head", "the head of the log cannot be trusted").await;
    // The key in the install folder exposes the change, even if the key in the database is replaced too.
    tamper(database, &format!("UPDATE log_key SET verifier = '{}'", stranger.verifier())).await;
    assert!(verify(database, &LogTrust::default()).await.is_sound());
    assert_found(database, &LogTrust { keys: own, kept: None }, "cannot be trusted").await;
    // And this node does not sign under a key that is not the log's.
    let refused = services.log.seal().await.expect_err("it is refused").to_string();
    assert!(refused.contains("as the key of the log, and log-key.pub of the install folder"), "{refused}");
}

async fn a_proof_holds_offline_and_breaks_with_any_change(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let [one, two] = two_codes(database).await;
    let code = DossierCode::parse(&one).expect("a code");
    assert!(database.prove(&code).await.expect("read").is_none(), "nothing is sealed yet");
    assert_eq!(services.log.sealed_at(&code).await.expect("read"), None);
    seal_all(&services).await;
    assert_eq!(services.log.sealed_at(&code).await.expect("read"), Some(services.now().as_second()));
    let keys = database.log_keys().await.expect("read");
    let proof = database.prove(&code).await.expect("read").expect("a proof");
    let entries = rows(database, &format!("SELECT version FROM journal WHERE dossier = '{one}'")).await.len();
    let text = serde_json::to_string(&proof).expect("JSON");
    let read: Proof = serde_json::from_str(&text).expect("a proof");
    assert_eq!(read.check(&keys).expect("proven").entries, entries);
    let changes: [fn(&mut Proof, &Proof); 6] = [
        |proof, _| proof.dossier.push('9'),
        |proof, _| proof.entries[1].at.insert(0, ' '),
        |proof, _| proof.entries[0].payload = Some("{}".to_owned()),
        |proof, _| proof.entries.swap(0, 1),
        |proof, _| _ = proof.entries.remove(0),
        |proof, other| proof.entries[1] = other.entries[1].clone(),
    ];
    let other = database.prove(&DossierCode::parse(&two).expect("a code")).await.expect("read").expect("a proof");
    for (number, change) in changes.iter().enumerate() {
        let mut changed = proof.clone();
        change(&mut changed, &other);
        assert!(changed.check(&keys).is_err(), "change {number}");
    }
}

async fn a_head_that_was_kept_proves_what_came_before_it(kind: Kind) {
    let (dir, services) = story(kind).await;
    let database = services.database();
    seal_all(&services).await;
    let keys = database.log_keys().await.expect("read");
    let kept = database.log_head().await.expect("read").expect("a head").note;
    let trust = LogTrust { keys, kept: Some(kept) };
    assert!(verify(database, &trust).await.is_sound());
    // The verification goes on without the heads that were removed.
    tamper(database, "DELETE FROM log_head").await;
    assert_named(database, "no head", "the log has leaves that no signed head covers").await;
    // Somebody who has the key writes the whole log again, without its last entry.
    for table in ["log_leaf", "log_tile", "log_head", "unsealed"] {
        tamper(database, &format!("DELETE FROM {table}")).await;
    }
    tamper(database, "INSERT INTO unsealed SELECT dossier, version FROM journal WHERE version > 1").await;
    tamper(database, "INSERT INTO unsealed SELECT dossier, version FROM journal WHERE version = 1").await;
    let [one, _] = two_codes(database).await;
    tamper(
        database,
        &format!("UPDATE journal SET hash = '{}' WHERE dossier = '{one}' AND version = 1", "0".repeat(64)),
    )
    .await;
    let key = std::fs::read_to_string(dir.path().join("log-key.pem")).expect("the key");
    let key = SigningKey::from_pem(trust.keys[0].name(), &key).expect("a key");
    let signer = Signer { key, keys: trust.keys.clone(), kept: KeptHead::default() };
    while database.seal(&signer, services.now()).await.expect("it seals") != Sealed::Entries(0) {}
    assert_found(database, &trust, "does not begin with the head that was kept").await;
}

async fn nodes_that_seal_at_once_give_each_entry_one_leaf(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let entries = rows(services.database(), "SELECT version FROM journal").await.len();
    let nodes = (0..4).map(|_| {
        let services = services.clone();
        tokio::spawn(async move { seal_all(&services).await })
    });
    let mut sealed = 0;
    for node in futures::future::join_all(nodes).await {
        sealed += node.expect("it seals");
    }
    sealed += seal_all(&services).await;
    assert_eq!(usize::try_from(sealed), Ok(entries));
    assert!(verify(services.database(), &LogTrust::default()).await.is_sound());
}
