//! Accounts that can be locked, sessions that end, failed log-ins that their owner sees, and quotas.
//!
//! The migration only expands. A node of the previous version opens sessions without an end of their own, and lets a
//! locked officer log in.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The reason why the account cannot log in: 'locked' by a command, or 'removed' from organisation.toml. NULL if it
    // can.
    "ALTER TABLE account ADD COLUMN closed TEXT",
    // A command added the account, so organisation.toml does not mention it.
    "ALTER TABLE account ADD COLUMN by_command BOOLEAN NOT NULL DEFAULT FALSE",
    // The holder of the post may approve their own proposals.
    "ALTER TABLE post_holding ADD COLUMN approves_own BOOLEAN NOT NULL DEFAULT FALSE",
    // The last moment of the session, regardless of activity. `expires_at` is its end without activity. 0 if a node of
    // the previous version opened it.
    "ALTER TABLE session ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX session_account ON session (account)",
    // Log-ins with a wrong password.
    "CREATE TABLE failed_log_in (
        id TEXT NOT NULL PRIMARY KEY,
        account TEXT NOT NULL REFERENCES account (id),
        at BIGINT NOT NULL
    )",
    "CREATE INDEX failed_log_in_account ON failed_log_in (account, at)",
    // The use of a quota by an account, in the period that began at this moment.
    "CREATE TABLE account_usage (
        account TEXT NOT NULL REFERENCES account (id),
        what TEXT NOT NULL,
        period BIGINT NOT NULL,
        amount BIGINT NOT NULL,
        PRIMARY KEY (account, what)
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
