//! Less to write for each change. Rows of small tables are stored in their key, numbers are SQLite's own row numbers,
//! and indexes leave out rows that no query looks for.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// SQLite stores a table twice unless its key is declared as its order.
const ON_SQLITE: &[&str] = &[
    "CREATE TABLE lean_journal (
        number INTEGER NOT NULL PRIMARY KEY,
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        at TEXT NOT NULL,
        event TEXT NOT NULL,
        payload TEXT NOT NULL,
        hash TEXT NOT NULL,
        UNIQUE (dossier, version)
    )",
    "INSERT INTO lean_journal SELECT number, dossier, version, at, event, payload, hash FROM journal ORDER BY number",
    "DROP TABLE journal",
    "ALTER TABLE lean_journal RENAME TO journal",
    "CREATE TABLE lean_notice (
        number INTEGER NOT NULL PRIMARY KEY,
        account TEXT NOT NULL,
        dossier TEXT NOT NULL,
        procedure_name TEXT NOT NULL,
        at BIGINT NOT NULL,
        event TEXT NOT NULL
    )",
    "INSERT INTO lean_notice SELECT number, account, dossier, procedure_name, at, event FROM notice",
    "DROP TABLE notice",
    "ALTER TABLE lean_notice RENAME TO notice",
    "CREATE INDEX notice_account ON notice (account, number)",
    "CREATE TABLE lean_stay (
        dossier TEXT NOT NULL,
        number BIGINT NOT NULL,
        step_name TEXT NOT NULL,
        post TEXT NOT NULL,
        superior TEXT,
        assignee TEXT,
        assignee_name TEXT,
        rank BIGINT NOT NULL,
        due_at BIGINT,
        PRIMARY KEY (dossier, number)
    ) WITHOUT ROWID",
    "INSERT INTO lean_stay SELECT dossier, number, step_name, post, superior, assignee, assignee_name, rank, due_at
     FROM stay",
    "DROP TABLE stay",
    "ALTER TABLE lean_stay RENAME TO stay",
    "CREATE TABLE lean_job (
        key TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        dossier TEXT NOT NULL,
        stay BIGINT,
        run_at BIGINT NOT NULL,
        attempts BIGINT NOT NULL DEFAULT 0,
        leased_until BIGINT NOT NULL DEFAULT 0,
        dead BOOLEAN NOT NULL DEFAULT FALSE,
        error TEXT
    ) WITHOUT ROWID",
    "INSERT INTO lean_job SELECT key, kind, dossier, stay, run_at, attempts, leased_until, dead, error FROM job",
    "DROP TABLE job",
    "ALTER TABLE lean_job RENAME TO job",
    "CREATE INDEX job_due ON job (dead, run_at)",
];

const ON_POSTGRES: &[&str] =
    &["DROP INDEX stay_post", "DROP INDEX stay_superior", "DROP INDEX stay_assignee", "DROP INDEX job_dossier"];

/// The steps without an officer, those of an officer, and those that are escalated to a superior.
const ON_BOTH: &[&str] = &[
    // PostgreSQL cannot use an index for the order of the columns after a column that is null.
    "CREATE INDEX stay_pool ON stay (post, rank) WHERE assignee IS NULL",
    "CREATE INDEX stay_superior ON stay (superior, rank) WHERE superior IS NOT NULL",
    // An index only for readers of all agencies. PostgreSQL would also use a plain index for one agency, and skip all
    // earlier entries of the others.
    "DROP INDEX dossier_queue",
    "CREATE INDEX dossier_all ON dossier ((queue || ''), rank)",
    "CREATE INDEX stay_assignee ON stay (assignee, post, rank) WHERE assignee IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == sea_orm::DbBackend::Postgres;
        for statement in if postgres { ON_POSTGRES } else { ON_SQLITE }.iter().chain(ON_BOTH) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
