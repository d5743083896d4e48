//! Dossiers that stand at several steps at once, scheduled jobs, and officers on leave.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand. Projections are recomputed from the journal afterwards.
const STATEMENTS: &[&str] = &[
    "DROP TABLE dossier",
    "CREATE TABLE dossier (
        code TEXT NOT NULL PRIMARY KEY,
        draft TEXT NOT NULL UNIQUE,
        procedure TEXT NOT NULL,
        procedure_name TEXT NOT NULL,
        procedure_version TEXT NOT NULL,
        agency TEXT NOT NULL,
        unit TEXT NOT NULL,
        applicant TEXT NOT NULL,
        applicant_name TEXT NOT NULL,
        phone TEXT NOT NULL,
        search TEXT NOT NULL,
        step_name TEXT NOT NULL,
        assignee_name TEXT,
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
    "CREATE INDEX dossier_unit ON dossier (agency, unit, queue, rank)",
    "CREATE INDEX dossier_agency ON dossier (agency, queue, rank)",
    "CREATE INDEX dossier_queue ON dossier (queue, rank)",
    "CREATE INDEX dossier_applicant ON dossier (applicant, filed_at)",
    "CREATE INDEX dossier_version ON dossier (procedure_version, queue)",
    // The open steps that wait for an officer.
    "CREATE TABLE stay (
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
    )",
    "CREATE INDEX stay_post ON stay (post, assignee, rank)",
    "CREATE INDEX stay_superior ON stay (superior, rank)",
    "CREATE INDEX stay_assignee ON stay (assignee, rank)",
    // Scheduled jobs, each of which takes effect once, whatever fails. The key is derived from the purpose, so no job
    // can exist twice.
    "CREATE TABLE job (
        key TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        dossier TEXT NOT NULL,
        stay BIGINT,
        run_at BIGINT NOT NULL,
        attempts BIGINT NOT NULL DEFAULT 0,
        leased_until BIGINT NOT NULL DEFAULT 0,
        dead BOOLEAN NOT NULL DEFAULT FALSE,
        error TEXT
    )",
    "CREATE INDEX job_due ON job (dead, run_at)",
    "CREATE INDEX job_dossier ON job (dossier)",
    // The deputies of officers on leave, from one day to another.
    "CREATE TABLE delegation (
        id TEXT NOT NULL PRIMARY KEY,
        officer TEXT NOT NULL REFERENCES account (id),
        deputy TEXT NOT NULL REFERENCES account (id),
        since TEXT NOT NULL,
        until TEXT NOT NULL
    )",
    "CREATE INDEX delegation_deputy ON delegation (deputy, until)",
    "CREATE INDEX delegation_officer ON delegation (officer, until)",
    // The portal's own state, such as the calendar by which due times were computed.
    "CREATE TABLE setting (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
