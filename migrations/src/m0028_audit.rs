//! The audit: the entries of the log by time, officer, event, agency and dossier, and what happens to officers' accounts.
//! Second factors of officers, and their recovery codes.
//!
//! The migration only expands. A node of the previous version logs officers in without a second factor, and records
//! neither log-ins nor locks.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The sealed entries, by the number of their leaf. The rows follow from the log. `officer` is the account of an
    // officer, and NULL for all other actors. The agency is the one that had the dossier when the row was written.
    "CREATE TABLE audit_event (
        number BIGINT NOT NULL PRIMARY KEY,
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        at BIGINT NOT NULL,
        event TEXT NOT NULL,
        actor TEXT NOT NULL,
        officer TEXT,
        agency TEXT NOT NULL
    )",
    "CREATE INDEX audit_event_at ON audit_event (at, number)",
    "CREATE INDEX audit_event_officer ON audit_event (officer, at, number)",
    "CREATE INDEX audit_event_event ON audit_event (event, at, number)",
    "CREATE INDEX audit_event_agency ON audit_event (agency, at, number)",
    "CREATE INDEX audit_event_dossier ON audit_event (dossier, at, number)",
    // Log-ins of officers, and changes of their accounts. `by_account` is the officer who did it, and NULL for a command
    // of the operator.
    "CREATE TABLE staff_event (
        id TEXT NOT NULL PRIMARY KEY,
        at BIGINT NOT NULL,
        kind TEXT NOT NULL,
        account TEXT NOT NULL REFERENCES account (id),
        by_account TEXT,
        device TEXT NOT NULL
    )",
    "CREATE INDEX staff_event_at ON staff_event (at, id)",
    "CREATE INDEX staff_event_account ON staff_event (account, at, id)",
    "CREATE INDEX staff_event_kind ON staff_event (kind, account, at)",
    // The readings of everybody, the latest first.
    "CREATE INDEX reading_at ON reading (at, id)",
    "CREATE INDEX reading_account ON reading (account, at, id)",
    // The second factor of an officer. The secret follows from the nonce and the portal's own key. A code of a step of
    // time is taken only after `last_step`.
    "CREATE TABLE second_factor (
        account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
        nonce TEXT NOT NULL,
        since BIGINT NOT NULL,
        last_step BIGINT NOT NULL
    )",
    // The codes by which an officer logs in without the device. A code is random and long, so its hash is a plain digest.
    "CREATE TABLE recovery_code (
        account TEXT NOT NULL REFERENCES account (id),
        hash TEXT NOT NULL,
        used_at BIGINT,
        PRIMARY KEY (account, hash)
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
