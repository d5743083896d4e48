//! The cost of filing through HTTP beside bare SQLite transactions of the same rows. Prints ratios measured in this
//! run.

use anyhow::{Context as _, ensure};
use clap::Parser;
use motcua_tests::bare::OF_DOSSIER;
use motcua_tests::browser::Browser;
use motcua_tests::portal::{Kind, PASSWORD, install};
use motcua_tests::process::Server;
use motcua_tests::walk;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use std::path::Path;
use std::time::{Duration, Instant};

/// Measures speed and prints ratios.
#[derive(Parser)]
struct Arguments {
    /// The number of dossiers that each client files.
    #[arg(long, default_value_t = 100)]
    filings: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if cfg!(debug_assertions) {
        println!("this is a debug build: the ratios say little; run it by cargo xtask speed");
    }
    for clients in [1, 4, 16] {
        measure_filings(clients, arguments.filings).await?;
    }
    Ok(())
}

/// Files through HTTP, then writes the very same rows by bare transactions.
async fn measure_filings(clients: usize, each: usize) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    install(dir.path(), Kind::Sqlite, None).await?;
    let server = Server::start(dir.path(), &[]).await?;
    let file = dir.path().join("data/motcua.db");
    let mut people = Vec::new();
    for number in 0..clients {
        let browser = Browser::new(&server.base);
        browser.register("Nguyễn Văn An", &format!("09120000{number:02}"), PASSWORD).await;
        let draft = walk::birth_draft(&browser).await;
        // The copies show the same.
        let reviewed = walk::review(&browser, &draft).await;
        let drafts = copy_draft(&file, draft.trim_start_matches("/drafts/"), each)?;
        people.push((browser, drafts, reviewed));
    }
    let before = dir.path().join("before.db");
    Connection::open(&file)?.execute("VACUUM INTO ?1", [before.to_string_lossy()])?;

    let start = Instant::now();
    let all = people.iter().map(|(browser, drafts, reviewed)| async move {
        for draft in drafts {
            let fields = [("consent", "yes"), ("draft-reviewed", reviewed.as_str())];
            let status = browser.try_submit(&format!("/drafts/{draft}/file"), &fields).await?;
            ensure!(status == 303, "filing gave {status}");
        }
        Ok(())
    });
    futures::future::try_join_all(all).await?;
    let http = rate(clients * each, start.elapsed());
    server.kill().await?;

    let filings = filings(&file)?;
    ensure!(filings.len() == clients * each, "{} dossiers were filed", filings.len());
    let bare = rate(filings.len(), bare_transactions(&filings, &before)?);
    println!("{clients:>2} clients: {http:.0} filings/s through HTTP, {bare:.0}/s bare, ratio {:.2}", http / bare);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a count for people")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// Copies a draft with its paper, and returns the ids of the copies.
fn copy_draft(file: &Path, draft: &str, count: usize) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(file)?;
    let transaction = connection.transaction()?;
    let mut ids = Vec::new();
    for _ in 0..count {
        let id = uuid::Uuid::now_v7().to_string();
        transaction.execute(
            "INSERT INTO draft SELECT ?1, account, procedure, version, dossier, typed, created_at, updated_at
             FROM draft WHERE id = ?2",
            params![id, draft],
        )?;
        transaction.execute(
            "INSERT INTO draft_paper SELECT ?1, ?1, paper, digest, name FROM draft_paper WHERE draft = ?2",
            params![id, draft],
        )?;
        ids.push(id);
    }
    transaction.commit()?;
    Ok(ids)
}

/// A statement with its values.
type Write = (String, Vec<Value>);

/// Returns the rows of a query.
fn rows(connection: &Connection, sql: &str, of: &Value) -> anyhow::Result<Vec<Vec<Value>>> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let rows =
        statement.query_map([of], |row| (0..columns).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>())?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns an insert with as many values as `row` has.
fn insert(table: &str, row: Vec<Value>) -> Write {
    let places: Vec<String> = (1..=row.len()).map(|at| format!("?{at}")).collect();
    (format!("INSERT INTO {table} VALUES ({})", places.join(", ")), row)
}

/// Returns the rows of each filing, without the number that it drew.
fn filings(file: &Path) -> anyhow::Result<Vec<Vec<Write>>> {
    let filed = Connection::open(file)?;
    let mut filings = Vec::new();
    let everything = Value::Integer(0);
    for dossier in rows(&filed, "SELECT code, draft FROM dossier WHERE filed_at > ?1 ORDER BY code", &everything)? {
        let [code, draft] = dossier.try_into().ok().context("two columns")?;
        let mut writes = vec![insert("unsealed", vec![code.clone(), Value::Integer(1)])];
        for (table, column) in OF_DOSSIER {
            let found = rows(&filed, &format!("SELECT * FROM {table} WHERE {column} = ?1"), &code)?;
            writes.extend(found.into_iter().map(|row| insert(table, row)));
        }
        writes.push(("DELETE FROM draft WHERE id = ?1".to_owned(), vec![draft]));
        filings.push(writes);
    }
    Ok(filings)
}

/// Writes the rows of every filing into the database as it was before, one transaction each.
fn bare_transactions(filings: &[Vec<Write>], before: &Path) -> anyhow::Result<Duration> {
    let connection = Connection::open(before)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    let start = Instant::now();
    for writes in filings {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        connection
            .prepare_cached(
                "INSERT INTO code_counter VALUES ('H09.31', 'day', 1)
                 ON CONFLICT DO UPDATE SET last = last + 1",
            )?
            .execute([])?;
        for (sql, values) in writes {
            let changed = connection.prepare_cached(sql)?.execute(params_from_iter(values))?;
            ensure!(changed == 1, "{sql} changed {changed} rows");
        }
        connection.execute_batch("COMMIT")?;
    }
    Ok(start.elapsed())
}
