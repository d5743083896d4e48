//! One hash chain for each dossier, and a log that seals the entries of all dossiers.
//!
//! The entries of the old journal keep their number and hash: the new hash of such an entry covers both, and
//! `motcua audit verify` still recomputes the old chain.

use motcua_domain::dossier::journal::{JournalEntry, MigratedFrom, entry_hash, genesis, payload_digest};
use motcua_domain::names::Digest;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand once `BLOB` is replaced for PostgreSQL.
const BEFORE_THE_JOURNAL: &[&str] = &[
    // The journal is the truth. The portal only appends to it, and only a payload may be erased after its time.
    "CREATE TABLE chained_journal (
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        at TEXT NOT NULL,
        event TEXT NOT NULL,
        command TEXT NOT NULL,
        payload_digest TEXT NOT NULL,
        payload TEXT,
        old_number BIGINT,
        old_hash TEXT,
        hash TEXT NOT NULL,
        CONSTRAINT journal_chain PRIMARY KEY (dossier, version)
    )",
];

const AFTER_THE_JOURNAL: &[&str] = &[
    // The entry that caused a notice is its key.
    "CREATE TABLE entry_notice (
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        account TEXT NOT NULL,
        procedure_name TEXT NOT NULL,
        at BIGINT NOT NULL,
        event TEXT NOT NULL,
        CONSTRAINT notice_entry PRIMARY KEY (dossier, version)
    )",
    "INSERT INTO entry_notice SELECT n.dossier, j.version, n.account, n.procedure_name, n.at, n.event
     FROM notice n JOIN journal j ON j.number = n.number",
    // The last entry of a dossier whose notices its applicant has seen.
    "CREATE TABLE notice_seen (
        account TEXT NOT NULL,
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (account, dossier)
    )",
    "INSERT INTO notice_seen SELECT n.account, n.dossier, MAX(j.version)
     FROM notice n JOIN journal j ON j.number = n.number JOIN account a ON a.id = n.account
     WHERE n.number <= a.notices_read GROUP BY n.account, n.dossier",
    "DROP TABLE notice",
    "ALTER TABLE entry_notice RENAME TO notice",
    "CREATE INDEX notice_account ON notice (account, at)",
    "ALTER TABLE account DROP COLUMN notices_read",
    "DROP TABLE journal",
    "ALTER TABLE chained_journal RENAME TO journal",
    "CREATE UNIQUE INDEX journal_old_number ON journal (old_number) WHERE old_number IS NOT NULL",
    // Entries that are committed and not yet in the log.
    "CREATE TABLE unsealed (
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (dossier, version)
    )",
    "INSERT INTO unsealed SELECT dossier, version FROM journal",
    // The log: its leaves, its tiles (C2SP tlog-tiles, 256 hashes of 32 bytes) and its signed heads. A leaf without a
    // dossier announces a new key.
    "CREATE TABLE log_leaf (
        number BIGINT NOT NULL PRIMARY KEY,
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        UNIQUE (dossier, version)
    )",
    "CREATE TABLE log_tile (
        level BIGINT NOT NULL,
        number BIGINT NOT NULL,
        hashes BLOB NOT NULL,
        PRIMARY KEY (level, number)
    )",
    "CREATE TABLE log_head (
        size BIGINT NOT NULL PRIMARY KEY,
        at BIGINT NOT NULL,
        note TEXT NOT NULL
    )",
    "CREATE TABLE log_key (
        number BIGINT NOT NULL PRIMARY KEY,
        verifier TEXT NOT NULL,
        since BIGINT NOT NULL
    )",
    // The files of dossiers, so that the sweeper deletes no file of a dossier.
    "CREATE TABLE dossier_file (
        dossier TEXT NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (dossier, digest)
    )",
    "CREATE INDEX dossier_file_digest ON dossier_file (digest)",
];

/// Most updates of a dossier's row change no indexed column, so PostgreSQL can write the new row to the same page, if
/// the page has room.
const ON_POSTGRES: &[&str] = &["ALTER TABLE dossier SET (fillfactor = 70)"];

/// The number of entries that are copied at a time.
const AT_ONCE: i64 = 500;

#[derive(FromQueryResult)]
struct OldEntry {
    number: i64,
    dossier: String,
    version: i64,
    at: String,
    event: String,
    payload: String,
    hash: String,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        let run = async |statements: &[&str]| {
            for statement in statements {
                let sql = if postgres { statement.replace("BLOB", "BYTEA") } else { (*statement).to_owned() };
                connection.execute_unprepared(&sql).await?;
            }
            Ok::<_, DbErr>(())
        };
        if postgres {
            // A node of the previous version that still runs waits here. Then it fails, instead of writing to a table
            // that is already copied.
            let locked = "LOCK TABLE journal, notice, account, dossier IN ACCESS EXCLUSIVE MODE";
            connection.execute_unprepared(locked).await?;
        }
        run(BEFORE_THE_JOURNAL).await?;
        copy_journal(connection).await?;
        run(AFTER_THE_JOURNAL).await?;
        run(if postgres { ON_POSTGRES } else { &[] }).await
    }
}

/// Copies the entries, dossier by dossier, and chains those of each dossier.
async fn copy_journal(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    const SELECT: &str = "SELECT number, dossier, version, at, event, payload, hash FROM journal
        WHERE (dossier, version) > ($1, $2) ORDER BY dossier, version LIMIT $3";
    let backend = connection.get_database_backend();
    let (mut dossier, mut version, mut previous) = (String::new(), 0_i64, genesis());
    loop {
        let values: [Value; 3] = [dossier.as_str().into(), version.into(), AT_ONCE.into()];
        let query = Statement::from_sql_and_values(backend, SELECT, values);
        let page = OldEntry::find_by_statement(query).all(connection).await?;
        if page.is_empty() {
            return Ok(());
        }
        for old in page {
            if old.dossier != dossier {
                previous = genesis();
            }
            previous = copy_entry(connection, &old, &previous).await?;
            (dossier, version) = (old.dossier, old.version);
        }
    }
}

async fn copy_entry(connection: &impl ConnectionTrait, old: &OldEntry, previous: &Digest) -> Result<Digest, DbErr> {
    const INSERT: &str = "INSERT INTO chained_journal
        (dossier, version, at, event, command, payload_digest, payload, old_number, old_hash, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let digest = payload_digest(&old.payload);
    let command = format!("migrated-{}", old.number);
    let entry = JournalEntry {
        dossier: &old.dossier,
        version: old.version,
        at: &old.at,
        event: &old.event,
        command: &command,
        payload_digest: &digest,
        migrated: Some(MigratedFrom { number: old.number, hash: &old.hash }),
    };
    let hash = entry_hash(previous, &entry);
    let values: [Value; 10] = [
        old.dossier.as_str().into(),
        old.version.into(),
        old.at.as_str().into(),
        old.event.as_str().into(),
        command.as_str().into(),
        digest.as_str().into(),
        old.payload.as_str().into(),
        old.number.into(),
        old.hash.as_str().into(),
        hash.as_str().into(),
    ];
    let backend = connection.get_database_backend();
    connection.execute_raw(Statement::from_sql_and_values(backend, INSERT, values)).await?;
    Ok(hash)
}
