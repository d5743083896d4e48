//! The lists of a desk with a million dossiers: ended dossiers that were late, and the dossiers of a telephone number.
//!
//! The migration only changes indexes. A node of the previous version reads by them, too.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // Few dossiers end late, so a list of them would read nearly all ended ones.
    "CREATE INDEX dossier_late ON dossier (agency, rank, code) WHERE ended_punctuality = 'late'",
    // With the place of each dossier, a search reads only the rows that it displays.
    "DROP INDEX dossier_phone",
    "CREATE INDEX dossier_phone ON dossier (phone, filed_at, code, agency, unit)",
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
