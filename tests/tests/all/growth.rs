//! Data that grows with the years: sums for the figures, the log of readings, and nodes of two versions beside one
//! another.

use crate::store::{rows, story, tamper};
use jiff::civil::date;
use motcua::access::CommandAccess;
use motcua::runtime::{self, RunningPortal, RuntimeOptions};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::Rating;
use motcua_domain::names::{AgencyId, DossierCode};
use motcua_domain::time::calendar::instant;
use motcua_service::TimeSource;
use motcua_store::figures::AgencySums;
use motcua_store::log::LogTrust;
use motcua_store::{Database, accounts, backup, lists};
use motcua_tests::portal::{Kind, install};
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult as _, Statement};

on_both_kinds! {
    figures_are_the_sums_over_all_dossiers_whatever_is_counted_already
    figures_stay_whole_while_nodes_count_and_citizens_rate
    sums_that_somebody_changed_are_named_and_made_again
    readings_before_a_moment_are_forgotten_and_later_ones_are_kept
    a_node_of_the_version_before_still_writes_and_what_it_writes_is_read
}

/// Returns the figures as sums over all rows of dossiers.
async fn summed(database: &Database, now: i64) -> Vec<AgencySums> {
    let count =
        |condition: &str, name: &str| format!("CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT) AS {name}");
    let has_result =
        "processed_at IS NOT NULL AND COALESCE(outcome, '') NOT IN ('withdrawn', 'lapsed', 'not-received')";
    let columns = [
        "COUNT(*) AS filed".to_owned(),
        count("queue <> 'ended'", "open"),
        count(&format!("queue <> 'ended' AND due_at < {now}"), "overdue"),
        count("queue = 'applicant'", "waiting"),
        count("queue = 'ended'", "ended"),
        count(&format!("{has_result} AND ended_punctuality IN ('early', 'on-time')"), "in_time"),
        count(&format!("{has_result} AND ended_punctuality = 'late'"), "late"),
        count("rating IS NOT NULL", "rated"),
        "CAST(COALESCE(SUM(rating), 0) AS BIGINT) AS points".to_owned(),
        count("channel = 'counter'", "at_counter"),
    ];
    let sql = format!("SELECT agency, {} FROM dossier GROUP BY agency ORDER BY agency", columns.join(", "));
    let reader = database.reader();
    let query = AgencySums::find_by_statement(Statement::from_string(reader.get_database_backend(), sql));
    query.all(reader).await.expect("the query works")
}

async fn assert_figures(database: &Database, now: i64) {
    let all = summed(database, now).await;
    assert_eq!(database.figures(None, now).await.expect("read"), all);
    for expected in all {
        let agency: AgencyId = expected.agency.as_str().into();
        assert_eq!(database.figures(Some(&agency), now).await.expect("read"), [expected]);
    }
}

async fn assert_sound(database: &Database) {
    let report = database.verify(&LogTrust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);
}

/// Numbers that look like chance, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }
}

async fn figures_are_the_sums_over_all_dossiers_whatever_is_counted_already(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let (database, now) = (services.database(), services.now().as_second());
    assert_figures(database, now).await;
    let mut chance = Chance(20_261_124);
    for _ in 0..80 {
        let place = chance.below(6);
        let one =
            |of: &str| format!("code = (SELECT code FROM dossier WHERE {of} ORDER BY code LIMIT 1 OFFSET {place})");
        match chance.below(4) {
            0 => {
                let word = ["early", "on-time", "late"][chance.below(3)];
                let outcome = ["returned", "withdrawn", "approved-by-silence"][chance.below(3)];
                let end = format!(
                    "queue = 'ended', ended_at = {now}, processed_at = {now}, outcome = '{outcome}',
                     ended_punctuality = '{word}'"
                );
                tamper(database, &format!("UPDATE dossier SET {end} WHERE {}", one("queue <> 'ended'"))).await;
            }
            1 => {
                let unrated = one("queue = 'ended' AND rating IS NULL");
                let rating = chance.below(11);
                tamper(database, &format!("UPDATE dossier SET rating = {rating} WHERE {unrated}")).await;
            }
            2 => {
                let due = now - 1;
                let open = one("queue <> 'ended'");
                tamper(database, &format!("UPDATE dossier SET queue = 'office', due_at = {due} WHERE {open}")).await;
            }
            _ => {
                let most = u64::try_from(place + 1).expect("few");
                database.count_ended(most).await.expect("counted");
            }
        }
        assert_figures(database, now).await;
    }
    services.lists.count_ended().await.expect("counted");
    assert_figures(database, now).await;
    let left = rows(database, "SELECT code FROM dossier WHERE queue = 'ended' AND counted = 0").await;
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(database.count_ended(10).await.expect("counted"), 0, "each is counted once");
}

async fn figures_stay_whole_while_nodes_count_and_citizens_rate(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let (database, now) = (services.database(), services.now().as_second());
    let reader = database.reader();
    let filed = i64::try_from(rows(database, "SELECT code FROM dossier").await.len()).expect("few");
    let mut work = Vec::new();
    let unrated = "SELECT code, applicant FROM dossier WHERE queue = 'ended' AND rating IS NULL ORDER BY code";
    for row in rows(database, unrated).await {
        let code = DossierCode::parse(row["code"].as_str().expect("text")).expect("a code");
        let applicant = row["applicant"].as_str().expect("text").into();
        let account = accounts::by_id(reader, &applicant).await.expect("read").expect("an account");
        let actor = accounts::actor(reader, &account, date(2026, 11, 24)).await.expect("read");
        let services = services.clone();
        work.push(tokio::spawn(async move {
            let rating = Rating { points: [2, 1, 2, 0, 2], text: String::new(), at_counter: false };
            let rated = services.dossiers.change(&actor, &code, services.new_command(), Command::Rate(rating)).await;
            rated.unwrap_or_else(|error| panic!("{code}: {error}"));
        }));
    }
    assert!(work.len() >= 5, "{} dossiers are rated", work.len());
    for _ in 0..2 {
        let database = database.clone();
        work.push(tokio::spawn(async move { while database.count_ended(1).await.expect("counted") > 0 {} }));
    }
    let look = async {
        for _ in 0..20 {
            let figures = database.figures(None, now).await.expect("read");
            assert_eq!(figures.iter().map(|figures| figures.filed).sum::<i64>(), filed);
        }
    };
    let (done, ()) = tokio::join!(futures::future::join_all(work), look);
    for done in done {
        done.expect("nobody failed");
    }
    assert_figures(database, now).await;
    services.lists.count_ended().await.expect("counted");
    assert_figures(database, now).await;
    assert_sound(database).await;
}

async fn sums_that_somebody_changed_are_named_and_made_again(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let (database, now) = (services.database(), services.now().as_second());
    assert!(services.lists.count_ended().await.expect("counted") > 5);
    assert_sound(database).await;
    let spoilt = [
        "UPDATE figure SET late = late + 1 WHERE agency = (SELECT MIN(agency) FROM figure)",
        "DELETE FROM figure WHERE agency = (SELECT MIN(agency) FROM figure)",
        "UPDATE dossier SET counted = 0 WHERE code = (SELECT MIN(code) FROM dossier WHERE counted > 0)",
    ];
    for spoilt in spoilt {
        tamper(database, spoilt).await;
        let report = database.verify(&LogTrust::default()).await.expect("read");
        assert_eq!((report.wrong, report.journal_is_wrong), (1, false), "{spoilt}: {:?}", report.findings);
        assert!(report.findings[0].to_string().starts_with("the figures of agency "), "{}", report.findings[0]);
        database.rebuild_projections().await.expect("rebuilt");
        assert_sound(database).await;
        assert_figures(database, now).await;
    }
}

async fn readings_before_a_moment_are_forgotten_and_later_ones_are_kept(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let read = "SELECT at, dossier, account FROM reading ORDER BY at, id";
    let all = rows(database, read).await;
    let before = all[all.len() / 2]["at"].as_i64().expect("a number");
    let (old, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| row["at"].as_i64() < Some(before));
    assert!(!old.is_empty() && !kept.is_empty());
    assert_eq!(database.forget_readings(before).await.expect("deleted"), old.len() as u64);
    assert_eq!(rows(database, read).await, kept);
    assert_eq!(database.forget_readings(before).await.expect("deleted"), 0);
}

/// The write statements of the last release, and rows as it writes them.
const STATEMENTS: &str = include_str!("../../fixtures/statements_0_2.sql");
const ROWS: &str = include_str!("../../fixtures/before_m0006_growth.sql");

/// Returns a statement of PostgreSQL for SQLite. One statement of several parts becomes as many.
fn for_sqlite(sql: &str) -> Vec<String> {
    let plain = |sql: &str| sql.replace(" IN ((", " IN (VALUES (").replace(" FOR UPDATE SKIP LOCKED", "");
    let Some(mut rest) = sql.strip_prefix("WITH s0 AS (") else { return vec![plain(sql)] };
    let mut parts = Vec::new();
    for number in 1.. {
        let Some((part, after)) = rest.split_once(&format!("), s{number} AS (")) else { break };
        parts.push(plain(part));
        rest = after;
    }
    let (last, _) = rest.split_once(") SELECT CAST(").expect("the number of updated rows comes last");
    parts.push(plain(last));
    parts
}

/// Returns an insert whose parameters are replaced by a value that every column accepts.
fn with_values(sql: &str) -> String {
    let mut parts = sql.split('$');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |sql, part| sql + "'1'" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Runs inserts, which may need the rows of one another, in a transaction that is not committed.
async fn carry_out(database: &Database, mut inserts: Vec<String>) {
    let transaction = database.begin().await.expect("a transaction");
    let run = async |sql: &str| transaction.connection().execute_unprepared(sql).await;
    while !inserts.is_empty() {
        let mut refused = Vec::new();
        for sql in &inserts {
            run("SAVEPOINT one").await.expect("a savepoint");
            if let Err(error) = run(sql).await {
                run("ROLLBACK TO SAVEPOINT one").await.expect("rolled back");
                refused.push((sql.clone(), error));
            }
        }
        assert!(refused.len() < inserts.len(), "{refused:#?}");
        inserts = refused.into_iter().map(|(sql, _)| sql).collect();
    }
}

async fn a_node_of_the_version_before_still_writes_and_what_it_writes_is_read(kind: Kind) {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), kind, None).await.expect("an install folder");
    let clock = TimeSource::set_to(instant(date(2026, 11, 24).at(14, 0, 0, 0)));
    let province = runtime::ProvinceFolder::read(dir.path(), &clock).expect("the folder").to(CommandAccess::Change);
    let database = province.database().await.expect("opened");
    database.migrate().await.expect("it migrates");
    let statements: Vec<&str> = STATEMENTS.lines().filter(|line| !line.starts_with("--")).collect();
    assert!(statements.iter().any(|sql| sql.starts_with("WITH ")), "a change of a dossier is among them");
    let inserts = statements.iter().filter(|sql| sql.starts_with("INSERT ")).map(|sql| with_values(sql));
    carry_out(&database, inserts.collect()).await;
    if let Some(file) = backup::file_of(&database) {
        let connection = rusqlite::Connection::open(file).expect("opened");
        for sql in statements.into_iter().flat_map(for_sqlite) {
            connection.prepare(&sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        }
    } else {
        let transaction = database.begin().await.expect("a transaction");
        for (number, sql) in statements.into_iter().enumerate() {
            let prepared = transaction.connection().execute_unprepared(&format!("PREPARE old_{number} AS {sql}")).await;
            prepared.unwrap_or_else(|error| panic!("{error}: {sql}"));
        }
    }
    tamper(&database, ROWS).await;
    // This version computes more rows of a dossier than the old node knows.
    for row in rows(&database, "SELECT code FROM dossier ORDER BY code").await {
        let code = DossierCode::parse(row["code"].as_str().expect("text")).expect("a code");
        database.rebuild_dossier(&code).await.expect("its lists are made again");
    }
    assert_sound(&database).await;
    let now = clock.now().as_second();
    assert_figures(&database, now).await;
    assert_eq!(database.count_ended(10).await.expect("counted"), 1, "the old node ended one");
    assert_figures(&database, now).await;
    let open = lists::open_codes(database.reader(), None, "", 10).await.expect("read");
    assert_eq!(open.len(), 5, "{open:?}");
    assert_sound(&database).await;
}

/// Writes the statements of this version to a fixture, for later versions.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it records a fixture at a release"]
async fn record_the_statements_of_this_version() {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), Kind::Postgres, None).await.expect("an install folder");
    // One connection writes everything, so it has prepared every statement.
    let file = dir.path().join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("read").replace("listen = ", "readers = 1\nlisten = ");
    std::fs::write(&file, settings).expect("written");
    let clock = TimeSource::set_to(instant(date(2026, 11, 24).at(14, 0, 0, 0)));
    let RunningPortal { services, .. } =
        runtime::open(dir.path(), clock.clone(), RuntimeOptions::migrating()).await.expect("it opens");
    motcua::demo::tell(&services, &clock, clock.now()).await.expect("the story is told");
    services.lists.count_ended().await.expect("counted");
    services.log.seal().await.expect("sealed");
    let transaction = services.database().begin().await.expect("a transaction");
    let query = Statement::from_string(DbBackend::Postgres, "SELECT statement FROM pg_prepared_statements");
    let found = transaction.connection().query_all_raw(query).await.expect("read");
    let text = |row: &sea_orm::QueryResult| row.try_get_by_index::<String>(0).expect("a text");
    let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let writes = |sql: &String| ["INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|verb| sql.starts_with(verb));
    let mut lines: Vec<String> = found.iter().map(text).map(one_line).filter(writes).collect();
    lines.retain(|sql| !sql.contains("seaql_migrations"));
    lines.sort();
    let (major, minor) = (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"));
    let head = format!("-- The statements with which version {major}.{minor} writes on PostgreSQL, one a line.\n");
    let path = format!("{}/fixtures/statements_{major}_{minor}.sql", env!("CARGO_MANIFEST_DIR"));
    std::fs::write(path, head + &lines.join(";\n") + ";\n").expect("written");
}
