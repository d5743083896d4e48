//! A mark for dossiers whose agency owes the applicant money, for the list of the counter that pays it back.
//!
//! The migration only expands. A node of the previous version does not write the mark, so the lists are computed again
//! after the upgrade.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The post that pays the money back, written as `stay.post`, or nothing if nothing is owed.
    "ALTER TABLE dossier ADD COLUMN pay_back TEXT",
    // Few dossiers have the mark, so most changes leave the index as it is.
    "CREATE INDEX dossier_pay_back ON dossier (pay_back, rank) WHERE pay_back IS NOT NULL",
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
