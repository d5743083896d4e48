//! Complaints and suggestions, with the events that led to them.
//!
//! The migration only expands.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The state of a suggestion. The desk is an agency, or an empty text for the administrators of the portal. The
    // content is the whole state as JSON.
    "CREATE TABLE suggestion (
        id TEXT NOT NULL PRIMARY KEY,
        account TEXT NOT NULL,
        desk TEXT NOT NULL,
        state TEXT NOT NULL,
        sent_at BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        ended_at BIGINT,
        published_at BIGINT,
        content TEXT NOT NULL
    )",
    "CREATE INDEX suggestion_account ON suggestion (account, sent_at)",
    "CREATE INDEX suggestion_desk ON suggestion (desk, due_at)",
    "CREATE INDEX suggestion_published ON suggestion (published_at, id)",
    // The events, which are only ever inserted. The command is unique, so it is carried out once.
    "CREATE TABLE suggestion_event (
        suggestion TEXT NOT NULL,
        number BIGINT NOT NULL,
        at BIGINT NOT NULL,
        command TEXT NOT NULL,
        actor TEXT NOT NULL,
        event TEXT NOT NULL,
        PRIMARY KEY (suggestion, number),
        UNIQUE (suggestion, command)
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
