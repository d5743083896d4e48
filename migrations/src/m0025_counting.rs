//! The steps that officers took, and the money of dossiers, for the figures of any period.
//!
//! The migration only expands. A node of the previous version writes neither, so the figures of steps and of fees lack what
//! it changes until the dossier changes again or `motcua audit rebuild` runs. The projections are recomputed afterwards.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // What the agency has of the dossier's fees, in đồng: payments without refunds.
    "ALTER TABLE dossier ADD COLUMN collected BIGINT NOT NULL DEFAULT 0",
    // The figures of a period are about the dossiers that had not ended when it began.
    "CREATE INDEX dossier_ended ON dossier (ended_at)",
    "CREATE INDEX dossier_filed ON dossier (filed_at)",
    // A step that somebody took. The number is its place among all stays of the dossier. The punctuality is NULL for a step
    // without a limit.
    "CREATE TABLE taken_step (
        dossier TEXT NOT NULL,
        number BIGINT NOT NULL,
        agency TEXT NOT NULL,
        unit TEXT NOT NULL,
        step_name TEXT NOT NULL,
        left_at BIGINT NOT NULL,
        punctuality TEXT,
        PRIMARY KEY (dossier, number)
    )",
    "CREATE INDEX taken_step_left ON taken_step (left_at, agency)",
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
