//! The record of what officers and owners did with accounts that a counter opened.
//!
//! The migration only expands. A node of the previous version writes no records, so an auditor sees less while both
//! versions run.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The rows are only ever inserted. The id begins with the time.
    "CREATE TABLE account_act (
        id TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        at BIGINT NOT NULL,
        -- The account, or NULL for a search that found none.
        account TEXT,
        -- The agency at whose counter it was, or an empty text.
        agency TEXT NOT NULL,
        -- The officer, or NULL for the owner of the account.
        officer TEXT,
        officer_name TEXT NOT NULL,
        dossier TEXT,
        -- The act that handed out the code by which this one was done.
        basis TEXT,
        old_name TEXT,
        new_name TEXT,
        -- The reason of a correction, the device of a claim, or the ends of the numbers of a search.
        detail TEXT NOT NULL
    )",
    "CREATE INDEX account_act_agency ON account_act (agency, id)",
    "CREATE INDEX account_act_account ON account_act (account, kind, id)",
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
