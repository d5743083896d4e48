//! The schema with its migrations, and the connections of each database.

use super::rows;
use jiff::civil::date;
use motcua::access::CommandAccess;
use motcua::runtime::{self, RuntimeOptions};
use motcua_domain::names::SuggestionId;
use motcua_domain::suggestion::Suggestion;
use motcua_domain::time::calendar::instant;
use motcua_migrations::{Migrator, MigratorTrait as _};
use motcua_service::TimeSource;
use motcua_store::log::LogTrust;
use motcua_store::suggestions;
use motcua_tests::portal::{App, Kind, install};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

on_both_kinds! {
    every_migration_keeps_the_data_of_the_version_before
    a_migration_removes_the_names_of_senders_and_nothing_else
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_start_together_on_an_empty_database_both_run() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let dir = tempfile::tempdir().expect("a folder");
        install(dir.path(), kind, None).await.expect("an install folder");
        let clock = || TimeSource::set_to(instant(date(2026, 11, 24).at(14, 0, 0, 0)));
        let start = || runtime::open(dir.path(), clock(), RuntimeOptions::migrating());
        let (one, two, three) = tokio::join!(start(), start(), start());
        for node in [one, two, three] {
            assert!(node.expect("it runs").services.database().pending_migrations().await.expect("read").is_empty());
        }
    }
}

async fn every_migration_keeps_the_data_of_the_version_before(kind: Kind) {
    for (at, migration) in Migrator::migrations().iter().enumerate() {
        let dir = tempfile::tempdir().expect("a folder");
        install(dir.path(), kind, None).await.expect("an install folder");
        let clock = TimeSource::set_to(instant(date(2026, 11, 24).at(14, 0, 0, 0)));
        let province = runtime::ProvinceFolder::read(dir.path(), &clock).expect("the folder").to(CommandAccess::Change);
        let database = province.database().await.expect("the database");
        let transaction = database.begin().await.expect("a transaction");
        let steps = u32::try_from(at).expect("few");
        Migrator::up(transaction.connection(), Some(steps)).await.expect("the version before");
        if at > 0 {
            let name = format!("{}/fixtures/before_{}.sql", env!("CARGO_MANIFEST_DIR"), migration.name());
            let data =
                std::fs::read_to_string(&name).unwrap_or_else(|_| panic!("write data of the version before: {name}"));
            transaction.connection().execute_unprepared(&data).await.expect("its data");
        }
        transaction.commit().await.expect("it is committed");
        assert!(!database.pending_migrations().await.expect("read").is_empty());
        database.migrate().await.expect("it migrates");
        assert!(database.pending_migrations().await.expect("read").is_empty());
        let report = database.verify(&LogTrust::default()).await.expect("read");
        assert!(report.is_sound(), "{}: {:?}", migration.name(), report.findings);
        // Entries that began with a chain of their own never had another hash.
        let others = rows(&database, "SELECT version FROM journal WHERE old_hash IS NULL").await.len();
        let others = u64::try_from(others).expect("few");
        assert!(others == 0 || migration.name() > "m0005_chains", "{}", migration.name());
        assert_eq!(report.entries - report.migrated, others, "every entry keeps the hash that it had");
    }
}

async fn a_migration_removes_the_names_of_senders_and_nothing_else(kind: Kind) {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), kind, None).await.expect("an install folder");
    let clock = TimeSource::set_to(instant(date(2026, 11, 28).at(14, 0, 0, 0)));
    let province = runtime::ProvinceFolder::read(dir.path(), &clock).expect("the folder").to(CommandAccess::Change);
    let database = province.database().await.expect("the database");
    let before = Migrator::migrations().iter().take_while(|known| known.name() != "m0019_sender_names").count();
    let transaction = database.begin().await.expect("a transaction");
    Migrator::up(transaction.connection(), Some(u32::try_from(before).expect("few")))
        .await
        .expect("the version before");
    let data = include_str!("../../../fixtures/before_m0019_sender_names.sql");
    transaction.connection().execute_unprepared(data).await.expect("its data");
    transaction.commit().await.expect("it is committed");
    database.migrate().await.expect("it migrates");

    let kept = rows(&database, "SELECT content FROM suggestion").await;
    let written = rows(&database, "SELECT actor, event FROM suggestion_event").await;
    let all = format!("{kept:?} {written:?}");
    assert!(!all.contains("Đạt") && all.contains("Mai Xuân Trường"), "{all}");
    let id = SuggestionId::from("01a21a2db1e0724d8a3c0d3f");
    let found = suggestions::suggestion(database.reader(), &id).await.expect("read").expect("it is there");
    assert_eq!(found.text, "Họ ghi \"sender_name\":\"tôi\", rồi hẹn lại ba lần.");
    let events = suggestions::events(database.reader(), &id).await.expect("read");
    assert_eq!(Suggestion::replay(id, &events), Some(found));
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_writes_durably_with_one_writer_and_readers_beside_it() {
    let app = App::start(Kind::Sqlite).await;
    let database = app.services.database();
    let transaction = database.begin().await.expect("a transaction");
    let pragma = async |name: &str| {
        let statement = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
        let row = transaction.connection().query_one_raw(statement).await.expect("read").expect("a row");
        row.try_get_by_index::<String>(0).or_else(|_| row.try_get_by_index::<i64>(0).map(|number| number.to_string()))
    };
    assert_eq!(pragma("journal_mode").await.expect("a text"), "wal");
    assert_eq!(pragma("synchronous").await.expect("a number"), "2", "FULL");
    assert_eq!(pragma("foreign_keys").await.expect("a number"), "1");
    // While the writer holds its transaction, readers can read, and cannot write.
    assert!(rows(database, "SELECT * FROM journal").await.is_empty());
    let written = database.reader().execute_unprepared("DELETE FROM journal").await;
    assert!(written.is_err_and(|error| error.to_string().contains("readonly")), "a reader wrote");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_finds_rows_to_write_by_their_keys_and_readers_cannot_write() {
    let app = App::start(Kind::Postgres).await;
    let database = app.services.database();
    let transaction = database.begin().await.expect("a transaction");
    // The writer deletes finished steps in this way. The tables are empty, so reading them whole would cost least.
    let gone = "DELETE FROM stay WHERE (dossier, number) IN (SELECT unnest('{}'::text::text[]) AS dossier, unnest('{}'::text::bigint[]) AS number)";
    let explain = Statement::from_string(DbBackend::Postgres, format!("EXPLAIN {gone}"));
    let lines = transaction.connection().query_all_raw(explain).await.expect("a plan");
    let lines: Vec<String> = lines.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect();
    let plan = lines.join("\n");
    assert!(plan.contains("using stay_pkey") && !plan.contains("Seq Scan"), "{plan}");
    let written = database.reader().execute_unprepared("DELETE FROM stay").await;
    assert!(written.is_err_and(|error| error.to_string().contains("read-only transaction")), "a reader wrote");
}
