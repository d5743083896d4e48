//! The number of the person or the organisation for whom somebody else filed a dossier.
//!
//! The migration only expands. A node of the previous version files for nobody else.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    "ALTER TABLE dossier ADD COLUMN represented TEXT",
    // Few dossiers are filed for somebody else.
    "CREATE INDEX dossier_represented ON dossier (represented, filed_at, code) WHERE represented IS NOT NULL",
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
