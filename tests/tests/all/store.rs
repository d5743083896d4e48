//! The journal and its projections, the schema, and concurrent writers.

use jiff::civil::date;
use motcua::runtime::{self, Options, Running};
use motcua_desk::{Change, Clock, Desk};
use motcua_domain::calendar::instant;
use motcua_domain::dossier::Dossier;
use motcua_domain::event::{Event, Recorded};
use motcua_domain::names::DossierCode;
use motcua_migrations::{Migrator, MigratorTrait as _};
use motcua_store::journal::{Audit, verify};
use motcua_store::{Database, End, Pending, Work, Written, accounts, journal};
use motcua_tests::portal::{App, Kind, install};
use motcua_tests::walk;
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult, JsonValue, Statement};
use tempfile::TempDir;

/// The sample province with its whole story, on a database of its own.
async fn story(kind: Kind) -> (TempDir, Desk) {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), kind, None).await.expect("an install folder");
    let clock = Clock::set_to(instant(date(2026, 11, 24).at(14, 0, 0, 0)));
    let Running { desk, .. } =
        runtime::open(dir.path(), clock.clone(), Options::migrating()).await.expect("the desk opens");
    motcua::demo::tell(&desk, &clock, clock.now()).await.expect("the story is told");
    (dir, desk)
}

async fn rows(database: &Database, sql: &str) -> Vec<JsonValue> {
    let backend = database.reader().get_database_backend();
    let query = JsonValue::find_by_statement(Statement::from_string(backend, sql));
    query.all(database.reader()).await.expect("the query works")
}

/// What somebody with a database client does behind the portal's back.
async fn tamper(database: &Database, sql: &str) {
    let transaction = database.begin().await.expect("a transaction");
    transaction.connection().execute_unprepared(sql).await.expect("the change works");
    transaction.commit().await.expect("it is committed");
}

on_both_kinds! {
    rebuilding_the_projections_from_the_journal_gives_identical_tables
    the_dossiers_of_a_procedure_are_read_with_all_their_events
    nodes_that_write_beside_one_another_lose_nothing_and_fail_nobody
    a_change_is_never_hung_on_one_that_was_not_written
    dossiers_of_several_agencies_are_numbered_in_a_row_and_written_together
    a_changed_byte_anywhere_in_the_journal_is_found_and_its_event_named
    every_migration_keeps_the_data_of_the_version_before
}

on_both! {
    filings_at_the_same_time_get_different_codes_in_a_row
}

async fn rebuilding_the_projections_from_the_journal_gives_identical_tables(kind: Kind) {
    let (_dir, desk) = story(kind).await;
    let database = desk.database();
    let tables = [
        "SELECT * FROM dossier ORDER BY code",
        "SELECT * FROM stay ORDER BY dossier, number",
        "SELECT * FROM job ORDER BY key",
        "SELECT * FROM notice ORDER BY number",
        "SELECT * FROM code_counter ORDER BY agency_code, day",
    ];
    let mut before = Vec::new();
    for table in tables {
        before.push(rows(database, table).await);
    }
    assert!(before[0].len() >= 40, "{} dossiers", before[0].len());
    let states = rows(database, "SELECT DISTINCT status FROM dossier").await;
    assert_eq!(states.len(), 10, "every status: {states:?}");
    let outcomes = rows(database, "SELECT DISTINCT outcome FROM dossier WHERE outcome IS NOT NULL").await;
    assert_eq!(outcomes.len(), 5, "every outcome: {outcomes:?}");
    let transaction = database.begin().await.expect("a transaction");
    transaction.rebuild_projections().await.expect("they are rebuilt");
    transaction.commit().await.expect("it is committed");
    for (table, before) in tables.into_iter().zip(before) {
        assert_eq!(rows(database, table).await, before, "{table}");
    }
}

async fn the_dossiers_of_a_procedure_are_read_with_all_their_events(kind: Kind) {
    let (_dir, desk) = story(kind).await;
    let reader = desk.database().reader();
    let mut events = 0;
    for row in rows(desk.database(), "SELECT DISTINCT procedure FROM dossier").await {
        let past =
            journal::of_procedure(reader, &row["procedure"].as_str().expect("a code").into()).await.expect("read");
        assert!(past.iter().all(|events| Dossier::replay(events).is_ok()));
        events += past.iter().map(Vec::len).sum::<usize>();
    }
    assert_eq!(events, rows(desk.database(), "SELECT number FROM journal").await.len());
}

async fn nodes_that_write_beside_one_another_lose_nothing_and_fail_nobody(kind: Kind) {
    let (dir, desk) = story(kind).await;
    let clock = Clock::set_to(desk.now());
    let Running { desk: other, .. } =
        runtime::open(dir.path(), clock, Options::migrating()).await.expect("the other node opens");
    let reader = desk.database().reader();
    let before = rows(desk.database(), "SELECT number FROM journal").await.len();
    let mut work = Vec::new();
    for row in rows(desk.database(), "SELECT code, applicant FROM dossier ORDER BY code LIMIT 12").await {
        let code = DossierCode::parse(row["code"].as_str().expect("text")).expect("a code");
        let applicant = row["applicant"].as_str().expect("text").into();
        let account = accounts::by_id(reader, &applicant).await.expect("read").expect("an account");
        let actor = accounts::actor(reader, &account, date(2026, 11, 24)).await.expect("read");
        for node in [&desk, &other] {
            let (node, actor, code) = (node.clone(), actor.clone(), code.clone());
            work.push(tokio::spawn(async move {
                for number in 0..5 {
                    let change = Change::Message { text: format!("Lời nhắn {number}") };
                    node.change(&actor, &code, change).await.unwrap_or_else(|error| panic!("{code}: {error}"));
                }
            }));
        }
    }
    let written = 5 * work.len();
    for done in futures::future::join_all(work).await {
        done.expect("nobody failed");
    }
    let Ok(Audit::Sound { entries, .. }) = verify(desk.database(), None).await else { panic!("it is sound") };
    assert_eq!(usize::try_from(entries).expect("few"), before + written);
}

/// What a database could take for something else.
const ODD: &str = r#"đang "chờ" ở \"{nhà}\", NULL, ''); -- {$1,?1} \"#;

/// A message to a dossier as it stands.
async fn message(database: &Database, code: &DossierCode, text: &str) -> Work {
    let before = journal::dossier(database.reader(), code).await.expect("read").expect("a dossier");
    let filed = journal::events(database.reader(), code).await.expect("read").remove(0);
    let event = Event::MessageSent { text: text.to_owned() };
    let recorded = Recorded { event, ..filed };
    let mut after = before.clone();
    after.apply(&recorded).expect("it applies");
    Work { recorded, before: Some(before), after, draft: None, tell: Vec::new(), numbered: None }
}

async fn a_change_is_never_hung_on_one_that_was_not_written(kind: Kind) {
    let (_dir, desk) = story(kind).await;
    let database = desk.database();
    let codes = rows(database, "SELECT code FROM dossier ORDER BY code LIMIT 2").await;
    let codes = codes.iter().map(|row| DossierCode::parse(row["code"].as_str().expect("text")).expect("a code"));
    let [one, two] = codes.collect::<Vec<_>>().try_into().expect("two");
    let done = |code: &DossierCode| Written::Done(code.clone());

    // The second time nobody says how the portion ended.
    for told in [true, false] {
        let mut pending = Pending::default();
        pending.add(message(database, &one, "đầu tiên").await);
        let first = database.write(pending.take()).await;
        assert!(matches!(first.end, End::Elsewhere(Some(_))), "nobody knew the journal's end");
        pending.ended(first.end);

        pending.add(message(database, &one, "quá muộn").await);
        let late = pending.take();
        pending.add(message(database, &two, ODD).await);
        let mut other_node = Pending::default();
        other_node.add(message(database, &one, "nhanh hơn").await);
        let [Ok(faster)] = &database.write(other_node.take()).await.results[..] else { panic!("it is written") };
        assert_eq!(faster, &done(&one));

        let late = database.write(late).await;
        assert!(matches!(late.results[..], [Ok(Written::Overtaken)]), "{:?}", late.results);
        if told {
            pending.ended(late.end);
        }
        let waited = database.write(pending.take()).await;
        let [Ok(written)] = &waited.results[..] else { panic!("{:?}", waited.results) };
        assert_eq!(written, &done(&two));
        assert_eq!(matches!(waited.end, End::Foreseen), told, "ready only where it was said how it ended");
        let last = journal::events(database.reader(), &two).await.expect("read").pop();
        assert_eq!(last.map(|last| last.event), Some(Event::MessageSent { text: ODD.to_owned() }));
        let audit = verify(database, None).await.expect("read");
        assert!(matches!(audit, Audit::Sound { .. }), "{audit:?}");
    }
}

/// A filing like one that is there, under a number that is still to be given.
async fn filing(database: &Database, like: &DossierCode, agency: &str) -> Work {
    let mut recorded = journal::events(database.reader(), like).await.expect("read").remove(0);
    let Event::Filed(filed) = &mut recorded.event else { panic!("it was filed first") };
    filed.draft = uuid::Uuid::now_v7();
    let after = Dossier::replay([&recorded]).expect("it applies");
    let numbered = Some((agency.to_owned(), date(2026, 11, 24)));
    Work { recorded, before: None, after, draft: None, tell: Vec::new(), numbered }
}

async fn dossiers_of_several_agencies_are_numbered_in_a_row_and_written_together(kind: Kind) {
    let (_dir, desk) = story(kind).await;
    let database = desk.database();
    let row = rows(database, "SELECT code FROM dossier ORDER BY code LIMIT 1").await.remove(0);
    let like = DossierCode::parse(row["code"].as_str().expect("text")).expect("a code");
    let day = |agency: &str| (agency.to_owned(), date(2026, 11, 24));
    let code = |agency: &str, number| Written::Done(DossierCode::new(agency, date(2026, 11, 24), number));
    let mut pending = Pending::default();
    let mut file = async |agencies: &[&str], learnt: &[&str]| {
        for agency in learnt {
            assert!(!pending.knows(&day(agency)), "{agency}");
            pending.learn(&day(agency), database.last_number(&day(agency)).await.expect("read"));
        }
        for agency in agencies {
            pending.add(filing(database, &like, agency).await);
        }
        let outcome = database.write(pending.take()).await;
        let foreseen = matches!(outcome.end, End::Foreseen);
        pending.ended(outcome.end);
        (outcome.results.into_iter().map(|result| result.expect("written")).collect::<Vec<_>>(), foreseen)
    };
    // Where nothing is known yet, and where a day was not learnt, the numbers are read under the lock of the journal.
    assert_eq!(file(&["T01", "T01"], &[]).await, (vec![code("T01", 1), code("T01", 2)], false));
    assert_eq!(
        file(&["T01", "T02", "T01"], &["T02"]).await,
        (vec![code("T01", 3), code("T02", 1), code("T01", 4)], true)
    );
    assert_eq!(file(&["T02", "T03"], &[]).await, (vec![code("T02", 2), code("T03", 1)], false));
    assert_eq!(file(&["T01", "T03"], &["T01"]).await, (vec![code("T01", 5), code("T03", 2)], true));
    let audit = verify(database, None).await.expect("read");
    assert!(matches!(audit, Audit::Sound { .. }), "{audit:?}");
}

async fn a_changed_byte_anywhere_in_the_journal_is_found_and_its_event_named(kind: Kind) {
    let (_dir, desk) = story(kind).await;
    let database = desk.database();
    let Ok(Audit::Sound { entries, head }) = verify(database, None).await else { panic!("it is sound") };
    assert!(entries > 200, "{entries} events");
    assert_eq!(
        verify(database, Some(head.as_str())).await.expect("read"),
        Audit::Sound { entries, head: head.clone() }
    );
    let row = rows(database, "SELECT * FROM journal WHERE number = 57").await.remove(0);
    let text = |column: &str| row[column].as_str().expect("text").to_owned();

    // One byte of each column of one event, changed by hand and put back.
    for column in ["dossier", "at", "event", "payload", "hash"] {
        let right = text(column);
        let wrong = format!("{}{}", if right.starts_with('0') { '1' } else { '0' }, &right[1..]);
        let set =
            |value: &str| format!("UPDATE journal SET {column} = '{}' WHERE number = 57", value.replace('\'', "''"));
        tamper(database, &set(&wrong)).await;
        match verify(database, None).await.expect("read") {
            Audit::Broken { number: 57, .. } => {}
            other => panic!("{column}: {other:?}"),
        }
        tamper(database, &set(&right)).await;
    }
    tamper(database, "UPDATE journal SET version = version + 90 WHERE number = 57").await;
    assert!(matches!(verify(database, None).await.expect("read"), Audit::Broken { number: 57, .. }));
    tamper(database, "UPDATE journal SET version = version - 90 WHERE number = 57").await;

    // An event taken out in the middle, and events taken off the end.
    tamper(database, &format!("DELETE FROM journal WHERE number = {entries}")).await;
    assert!(matches!(verify(database, None).await.expect("read"), Audit::Sound { .. }));
    let kept = verify(database, Some(head.as_str())).await.expect("read");
    assert_eq!(kept, Audit::HeadMissing { entries: entries - 1 });
    tamper(database, "DELETE FROM journal WHERE number = 57").await;
    assert!(matches!(verify(database, None).await.expect("read"), Audit::Broken { number: 58, .. }));
}

async fn every_migration_keeps_the_data_of_the_version_before(kind: Kind) {
    for (at, migration) in Migrator::migrations().iter().enumerate() {
        let dir = tempfile::tempdir().expect("a folder");
        install(dir.path(), kind, None).await.expect("an install folder");
        let clock = Clock::set_to(instant(date(2026, 11, 24).at(14, 0, 0, 0)));
        let province = runtime::Province::read(dir.path(), &clock).expect("the folder");
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
        assert!(matches!(verify(&database, None).await.expect("read"), Audit::Sound { .. }));
    }
}

async fn filings_at_the_same_time_get_different_codes_in_a_row(app: App) {
    let mut drafts = Vec::new();
    for number in 0..12 {
        let citizen = app.citizen("Nguyễn Văn An", &format!("09123456{number:02}")).await;
        let draft = walk::birth_draft(&citizen).await;
        drafts.push((citizen, draft));
    }
    let mut codes = futures::future::join_all(drafts.iter().map(|(citizen, draft)| walk::file(citizen, draft))).await;
    codes.sort();
    let expected: Vec<String> = (1..=12).map(|number| format!("/dossiers/H09.31-260303-{number:04}")).collect();
    assert_eq!(codes, expected);
    assert!(matches!(verify(app.desk.database(), None).await.expect("read"), Audit::Sound { entries: 12, .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_writes_durably_with_one_writer_and_readers_beside_it() {
    let app = App::start(Kind::Sqlite).await;
    let database = app.desk.database();
    let transaction = database.begin().await.expect("a transaction");
    let pragma = async |name: &str| {
        let statement = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
        let row = transaction.connection().query_one_raw(statement).await.expect("read").expect("a row");
        row.try_get_by_index::<String>(0).or_else(|_| row.try_get_by_index::<i64>(0).map(|number| number.to_string()))
    };
    assert_eq!(pragma("journal_mode").await.expect("a text"), "wal");
    assert_eq!(pragma("synchronous").await.expect("a number"), "2", "FULL");
    assert_eq!(pragma("foreign_keys").await.expect("a number"), "1");
    // While the writer holds its transaction, readers read; and they cannot write.
    assert!(rows(database, "SELECT * FROM journal").await.is_empty());
    let written = database.reader().execute_unprepared("DELETE FROM journal").await;
    assert!(written.is_err_and(|error| error.to_string().contains("readonly")), "a reader wrote");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_finds_rows_to_write_by_their_keys_and_readers_cannot_write() {
    let app = App::start(Kind::Postgres).await;
    let database = app.desk.database();
    let transaction = database.begin().await.expect("a transaction");
    // As the writer deletes steps that are done; the tables are empty, so that reading them whole costs least.
    let gone = "DELETE FROM stay WHERE (dossier, number) IN (SELECT unnest('{}'::text::text[]) AS dossier, unnest('{}'::text::bigint[]) AS number)";
    let explain = Statement::from_string(DbBackend::Postgres, format!("EXPLAIN {gone}"));
    let lines = transaction.connection().query_all_raw(explain).await.expect("a plan");
    let lines: Vec<String> = lines.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect();
    let plan = lines.join("\n");
    assert!(plan.contains("using stay_pkey") && !plan.contains("Seq Scan"), "{plan}");
    let written = database.reader().execute_unprepared("DELETE FROM stay").await;
    assert!(written.is_err_and(|error| error.to_string().contains("read-only transaction")), "a reader wrote");
}
