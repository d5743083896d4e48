//! The register of results that dossiers ended with.
//!
//! The migration only expands. A node of the previous version writes no results, so the lists are computed again after
//! the upgrade.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // One row for each dossier that ended with a result. Days are written as `2026-09-02`. `account` is the applicant,
    // and `number_key` the number without blanks, in small letters. A result without `until` is valid without limit.
    // `follows` names the dossier of the earlier result, on which the result has an `effect`: `replaced` or `ended`.
    // `data` has the kept answers as JSON, and `search` the words by which officers look for the
    // result, without capitals and diacritics.
    "CREATE TABLE result (
        dossier TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        procedure TEXT NOT NULL,
        agency TEXT NOT NULL,
        unit TEXT NOT NULL,
        account TEXT NOT NULL,
        number TEXT NOT NULL,
        number_key TEXT NOT NULL,
        holder_name TEXT NOT NULL,
        holder_identity TEXT,
        issued_on TEXT NOT NULL,
        until TEXT,
        follows TEXT,
        effect TEXT,
        data TEXT NOT NULL,
        search TEXT NOT NULL
    )",
    "CREATE INDEX result_account ON result (account, issued_on, dossier)",
    "CREATE INDEX result_issued ON result (issued_on, dossier)",
    "CREATE INDEX result_until ON result (until, dossier)",
    "CREATE INDEX result_agency ON result (agency, issued_on, dossier)",
    "CREATE INDEX result_expiry ON result (agency, until, dossier)",
    "CREATE INDEX result_number ON result (number_key)",
    "CREATE INDEX result_follows ON result (follows)",
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
