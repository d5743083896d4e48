//! Bulk work of officers: the same deed on many dossiers, with a row for each of them.
//!
//! The migration only expands. A node of the previous version leaves the jobs of this kind where they are.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The deed is JSON, and so is the name of its action or of its officer, as the author saw it.
    "CREATE TABLE bulk_work (
        id TEXT NOT NULL PRIMARY KEY,
        account TEXT NOT NULL,
        account_name TEXT NOT NULL,
        deed TEXT NOT NULL,
        label TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        stopped BOOLEAN NOT NULL DEFAULT FALSE
    )",
    "CREATE INDEX bulk_work_account ON bulk_work (account, created_at)",
    "CREATE INDEX bulk_work_created ON bulk_work (created_at)",
    // A dossier of bulk work with one of its steps. The number is its place in the list, `seen` the version of the dossier
    // that the author saw. The state is `open`, `done` or `refused`, and `refusal` the word of the broken rule.
    "CREATE TABLE bulk_line (
        work TEXT NOT NULL,
        dossier TEXT NOT NULL,
        stay BIGINT NOT NULL,
        number BIGINT NOT NULL,
        seen BIGINT NOT NULL,
        state TEXT NOT NULL,
        refusal TEXT,
        at BIGINT,
        PRIMARY KEY (work, dossier, stay)
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
