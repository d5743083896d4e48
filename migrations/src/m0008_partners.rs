//! Lists of the units that take part in a dossier of another unit, and a mark for messages that nobody has answered.
//!
//! The migration only expands. A node of the previous version writes neither, so the lists are computed again after the
//! upgrade.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The applicant wrote, and no officer has answered or acted since.
    "ALTER TABLE dossier ADD COLUMN unanswered BOOLEAN NOT NULL DEFAULT FALSE",
    // The units that have or had a step of a dossier, apart from its own unit. The queue and the rank are those of the
    // dossier.
    "CREATE TABLE partner (
        dossier TEXT NOT NULL,
        agency TEXT NOT NULL,
        unit TEXT NOT NULL,
        queue TEXT NOT NULL,
        rank BIGINT NOT NULL,
        PRIMARY KEY (dossier, agency, unit)
    )",
    "CREATE INDEX partner_unit ON partner (agency, unit, queue, rank)",
    "CREATE INDEX partner_agency ON partner (agency, queue, rank)",
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
