//! The dossiers of procedures that bound their filings: so many in a period, or one for each person. Decisions that are
//! published.
//!
//! The migration only expands. A node of the previous version files without a row here, so a bound holds as soon as all
//! nodes run the new version.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // A filing that was counted. The holder is the digest of the answer that may have one dossier only, or NULL.
    "CREATE TABLE counted_filing (
        dossier TEXT NOT NULL PRIMARY KEY,
        procedure TEXT NOT NULL,
        agency TEXT NOT NULL,
        filed_at BIGINT NOT NULL,
        holder TEXT
    )",
    "CREATE INDEX counted_filing_period ON counted_filing (procedure, agency, filed_at)",
    "CREATE INDEX counted_filing_holder ON counted_filing (procedure, holder)",
    // A result that was handed over and is published. The holder is a name, or NULL if it is not published.
    "CREATE TABLE published_result (
        dossier TEXT NOT NULL PRIMARY KEY,
        procedure TEXT NOT NULL,
        procedure_name TEXT NOT NULL,
        agency TEXT NOT NULL,
        holder TEXT,
        at BIGINT NOT NULL
    )",
    "CREATE INDEX published_result_at ON published_result (at, dossier)",
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
