//! Commands that only look, and starts that do not replace newer versions.

use crate::command_line::path;
use clap::{CommandFactory as _, Parser as _};
use motcua::access::CommandAccess;
use motcua::cli::Cli;
use motcua::runtime::{self, RuntimeOptions};
use motcua_domain::time::calendar::instant;
use motcua_service::TimeSource;
use motcua_tests::portal::{Kind, database_of, install, morning};
use motcua_tests::process::{Server, motcua};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use std::collections::BTreeMap;
use std::path::Path;

const PROCEDURE: &str = "so-khdt/thanh-lap-ho-kinh-doanh";

/// Commands that only look. `DIR` is the install folder, `OUT` a folder for their output.
const LOOKS: &[&str] = &[
    "check DIR",
    "check DIR --format json",
    "migrate --status --dir DIR",
    "procedure test DIR --only ho-kinh-doanh",
    "procedure list DIR",
    "procedure list DIR --published",
    "procedure pack PROCEDURE --dir DIR --out OUT/packed.motcua",
    "procedure diagram PROCEDURE --dir DIR",
    "procedure diff PROCEDURE --dir DIR",
    "procedure keep PROCEDURE --dir DIR --out OUT/kept.json",
    "procedure rename PROCEDURE field business_name trade_name --dir DIR",
    "procedure source 000000 --dir DIR",
    "procedure export DIR",
    "workflow export PROCEDURE --dir DIR",
    "workflow simulate PROCEDURE --dir DIR --days 5 --runs 1",
    "workflow simulate PROCEDURE --dir DIR --days 5 --runs 1 --from-journal",
    "plugin check OUT/none.wasm",
    "plugin run OUT/none.wasm --dossier OUT/none.json",
    "plugin bench OUT/none.wasm --dossier OUT/none.json --calls 1",
    "plugin inspect OUT/none.wasm",
    "plugin verify OUT/none.wasm --key RWQ",
    "user list --dir DIR",
    "audit verify --dir DIR",
    "audit head --dir DIR",
    "audit consistency OUT/head --to OUT/consistency.json --dir DIR",
    "audit check-proof OUT/proof.json",
    "files verify --dir DIR",
    "files sweep --dry-run --dir DIR",
    "mail test an@example.vn --dir DIR",
    "sms test 0912345678 --dir DIR",
    "connect test directory --dir DIR",
    "theme check OUT/none",
    "explain",
    "doctor --dir DIR",
];

/// Commands that change something or serve. One of their forms may only look, and is among those above.
const OTHERS: &[&str] = &[
    "init",
    "serve",
    "migrate",
    "demo",
    "procedure new",
    "procedure share",
    "procedure preview",
    "procedure install",
    "procedure publish",
    "procedure retire",
    "procedure import",
    "procedure set",
    "workflow import",
    "plugin new",
    "plugin build",
    "plugin sign",
    "user add",
    "user lock",
    "user unlock",
    "user password",
    "user reset-factor",
    "user link",
    "user unlink",
    "audit prove",
    "audit rebuild",
    "audit rotate-key",
    "audit forget-readings",
    "files sweep",
    "backup",
    "restore",
    "org apply",
    "dossier migrate",
    "dossier replay",
    "theme new",
    "theme preview",
    "schema",
];

/// Collects the commands without subcommands, such as `audit verify`.
fn leaves(command: &clap::Command, before: &str, found: &mut Vec<String>) {
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("{before}{}", sub.get_name());
        if sub.has_subcommands() {
            leaves(sub, &format!("{name} "), found);
        } else {
            found.push(name);
        }
    }
}

#[test]
fn every_command_says_whether_it_only_looks_and_those_that_do_are_walked() {
    let mut all = Vec::new();
    leaves(&Cli::command(), "", &mut all);
    for name in all {
        let is = |known: &&&str| **known == name || known.starts_with(&format!("{name} "));
        assert!(LOOKS.iter().any(|known| is(&known)) || OTHERS.contains(&name.as_str()), "`{name}` is in no list");
    }
    for words in LOOKS {
        let cli = Cli::try_parse_from(std::iter::once("motcua").chain(words.split(' '))).expect("it is parsed");
        assert_eq!(cli.command.access(), CommandAccess::Look, "{words}");
    }
}

/// Collects the content of every file below a folder. The two files of SQLite beside a database are left out, because
/// they have no content of their own as long as the log is empty.
pub fn files(dir: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.display().to_string();
        if path.is_dir() {
            found.insert(format!("{name}/"), Vec::new());
            files(&path, found);
        } else if name.ends_with(".db-wal") {
            assert_eq!(std::fs::metadata(&path).expect("a file").len(), 0, "nothing was written to {name}");
        } else if !name.ends_with(".db-shm") {
            found.insert(name, std::fs::read(&path).expect("readable"));
        }
    }
}

/// Returns all rows of all tables of a PostgreSQL database, as one digest for each table.
pub async fn tables(url: &str) -> BTreeMap<String, String> {
    let database = sea_orm::Database::connect(url).await.expect("the database");
    let ask = async |sql: String| {
        let rows = database.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("rows");
        rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a text")).collect::<Vec<_>>()
    };
    let names = ask("SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()".to_owned()).await;
    let mut found = BTreeMap::new();
    for name in names {
        let rows = format!("SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {name} t");
        found.insert(name, ask(rows).await.concat());
    }
    database.close().await.expect("closed");
    found
}

async fn a_command_that_only_looks_leaves_database_and_folder_as_they_are(kind: Kind) {
    let (dir, out) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let demo = dir.path().join("demo");
    match kind {
        Kind::Sqlite => {
            drop(Server::demo(&demo).await.expect("it serves"));
            let connection = rusqlite::Connection::open(demo.join("data/motcua.db")).expect("the database");
            // The portal was killed, so its last writes may be in the log of SQLite only.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("it is in the file");
        }
        Kind::Postgres => {
            install(&demo, kind, None).await.expect("an install folder");
            drop(Server::start(&demo, &[]).await.expect("it serves"));
        }
    }
    // An unfinished draft of the author, which looking does not publish.
    let draft = demo.join("procedures").join(PROCEDURE).join("procedure.toml");
    let text = std::fs::read_to_string(&draft).expect("a procedure");
    std::fs::write(&draft, text.replacen("vi = \"", "vi = \"Nháp ", 1)).expect("written");
    let url = database_of(&demo).expect("an address");
    let state = async || {
        let mut found = BTreeMap::new();
        files(&demo, &mut found);
        let rows = if kind == Kind::Postgres { tables(&url).await } else { BTreeMap::new() };
        (found, rows)
    };
    let before = state().await;
    for words in LOOKS {
        let words = words.replace("DIR", path(&demo)).replace("OUT", path(out.path()));
        let words = words.replace("PROCEDURE", PROCEDURE);
        let output = motcua().args(words.split(' ')).output().expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{words}: {errors}");
        let after = state().await;
        let changed = after.0.iter().filter(|(name, bytes)| before.0.get(*name) != Some(*bytes)).map(|(name, _)| name);
        assert_eq!(changed.collect::<Vec<_>>(), Vec::<&String>::new(), "{words} changed or made files");
        assert_eq!(after.0.len(), before.0.len(), "{words} removed files");
        assert_eq!(after.1, before.1, "{words} changed rows");
    }
}

#[test]
fn looking_at_a_folder_that_is_not_there_makes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let nowhere = dir.path().join("nowhere");
    for words in LOOKS.iter().filter(|words| words.contains("DIR")) {
        let words = words.replace("DIR", path(&nowhere)).replace("PROCEDURE", PROCEDURE);
        let output = motcua().args(words.split(' ')).current_dir(dir.path()).output().expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(!nowhere.exists(), "{words}");
    }
}

async fn a_start_does_not_go_back_to_a_version_that_was_replaced_unless_it_is_told_to(kind: Kind) {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), kind, None).await.expect("an install folder");
    let clock = TimeSource::set_to(instant(morning()));
    let file = dir.path().join("procedures").join(PROCEDURE).join("procedure.toml");
    let older = std::fs::read_to_string(&file).expect("a procedure");
    let start = async |options: RuntimeOptions| {
        let services = runtime::open(dir.path(), clock.clone(), options).await.expect("it starts").services;
        let catalogue = services.procedures.catalogue();
        let live = catalogue.at(&format!("/procedures/{PROCEDURE}")).expect("it is offered");
        let offered = (live.version.clone(), live.history.len());
        services.database().clone().close().await.expect("closed");
        offered
    };
    let (first, releases) = start(RuntimeOptions::serving()).await;
    assert_eq!(releases, 1);
    std::fs::write(&file, older.replacen("vi = \"", "vi = \"Mới ", 1)).expect("written");
    let (second, releases) = start(RuntimeOptions::serving()).await;
    assert_eq!((second != first, releases), (true, 2), "what is new is published");
    std::fs::write(&file, &older).expect("written");
    assert_eq!(start(RuntimeOptions::serving()).await, (second, 2), "a folder from last week changes nothing");
    let told = RuntimeOptions { publish_older: true, ..RuntimeOptions::serving() };
    assert_eq!(start(told).await, (first, 3));
}

on_both_kinds! {
    a_command_that_only_looks_leaves_database_and_folder_as_they_are
    a_start_does_not_go_back_to_a_version_that_was_replaced_unless_it_is_told_to
}
