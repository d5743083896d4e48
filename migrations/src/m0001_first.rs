//! Accounts, drafts, files, published versions, the journal and its projections.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // Accounts.
    "CREATE TABLE account (
        id TEXT NOT NULL PRIMARY KEY,
        login TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        phone TEXT NOT NULL,
        email TEXT,
        password TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        notices_read BIGINT NOT NULL DEFAULT 0
    )",
    "CREATE TABLE post_holding (
        account TEXT NOT NULL REFERENCES account (id),
        agency TEXT NOT NULL,
        unit TEXT NOT NULL,
        role TEXT NOT NULL,
        PRIMARY KEY (account, agency, unit, role)
    )",
    "CREATE INDEX post_holding_post ON post_holding (agency, role, unit)",
    "CREATE TABLE session (
        token_hash TEXT NOT NULL PRIMARY KEY,
        account TEXT NOT NULL REFERENCES account (id),
        expires_at BIGINT NOT NULL
    )",
    "CREATE INDEX session_expiry ON session (expires_at)",
    // The digest of a file is its name, and the object store has its content.
    "CREATE TABLE file (
        digest TEXT NOT NULL PRIMARY KEY,
        media_type TEXT NOT NULL,
        bytes BIGINT NOT NULL,
        stored_at BIGINT NOT NULL
    )",
    // Drafts are not yet dossiers, so they are not in the journal.
    "CREATE TABLE draft (
        id TEXT NOT NULL PRIMARY KEY,
        account TEXT NOT NULL REFERENCES account (id),
        procedure TEXT NOT NULL,
        version TEXT NOT NULL,
        dossier TEXT,
        typed TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    "CREATE INDEX draft_account ON draft (account, updated_at)",
    "CREATE TABLE draft_paper (
        id TEXT NOT NULL PRIMARY KEY,
        draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
        paper TEXT NOT NULL,
        digest TEXT NOT NULL REFERENCES file (digest),
        name TEXT NOT NULL
    )",
    "CREATE INDEX draft_paper_draft ON draft_paper (draft)",
    // Published versions of procedures never change.
    "CREATE TABLE procedure_version (
        digest TEXT NOT NULL PRIMARY KEY,
        code TEXT NOT NULL,
        content TEXT NOT NULL,
        published_at BIGINT NOT NULL
    )",
    "CREATE TABLE component (
        digest TEXT NOT NULL PRIMARY KEY,
        bytes BLOB NOT NULL
    )",
    // The journal is the truth. The portal only appends to it.
    "CREATE TABLE journal (
        number BIGINT NOT NULL PRIMARY KEY,
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        at TEXT NOT NULL,
        event TEXT NOT NULL,
        payload TEXT NOT NULL,
        hash TEXT NOT NULL,
        UNIQUE (dossier, version)
    )",
    // Projections, rebuilt from the journal to the same bytes.
    "CREATE TABLE dossier (
        code TEXT NOT NULL PRIMARY KEY,
        draft TEXT NOT NULL UNIQUE,
        procedure TEXT NOT NULL,
        procedure_name TEXT NOT NULL,
        agency TEXT NOT NULL,
        unit TEXT NOT NULL,
        applicant TEXT NOT NULL,
        applicant_name TEXT NOT NULL,
        phone TEXT NOT NULL,
        search TEXT NOT NULL,
        step TEXT NOT NULL,
        step_name TEXT NOT NULL,
        role TEXT NOT NULL,
        assignee TEXT,
        assignee_name TEXT,
        post TEXT,
        status TEXT NOT NULL,
        queue TEXT NOT NULL,
        rank BIGINT NOT NULL,
        outcome TEXT,
        filed_at BIGINT NOT NULL,
        due_at BIGINT,
        step_due_at BIGINT,
        waiting_until BIGINT,
        processed_at BIGINT,
        ended_at BIGINT,
        ended_punctuality TEXT,
        rating BIGINT,
        version BIGINT NOT NULL
    )",
    // An officer's lists: the work of a post, and the dossiers of a unit, an agency or the province.
    "CREATE INDEX dossier_post ON dossier (post, assignee, rank)",
    "CREATE INDEX dossier_unit ON dossier (agency, unit, queue, rank)",
    "CREATE INDEX dossier_agency ON dossier (agency, queue, rank)",
    "CREATE INDEX dossier_queue ON dossier (queue, rank)",
    "CREATE INDEX dossier_applicant ON dossier (applicant, filed_at)",
    "CREATE TABLE notice (
        number BIGINT NOT NULL PRIMARY KEY,
        account TEXT NOT NULL,
        dossier TEXT NOT NULL,
        procedure_name TEXT NOT NULL,
        at BIGINT NOT NULL,
        event TEXT NOT NULL
    )",
    "CREATE INDEX notice_account ON notice (account, number)",
    "CREATE TABLE code_counter (
        agency_code TEXT NOT NULL,
        day TEXT NOT NULL,
        last BIGINT NOT NULL,
        PRIMARY KEY (agency_code, day)
    )",
    // The reads of personal data by the staff.
    "CREATE TABLE reading (
        id TEXT NOT NULL PRIMARY KEY,
        dossier TEXT NOT NULL,
        account TEXT NOT NULL,
        account_name TEXT NOT NULL,
        at BIGINT NOT NULL
    )",
    "CREATE INDEX reading_dossier ON reading (dossier, at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let postgres = manager.get_database_backend() == sea_orm::DbBackend::Postgres;
        for statement in STATEMENTS {
            let statement = if postgres { statement.replace("BLOB", "BYTEA") } else { (*statement).to_owned() };
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
