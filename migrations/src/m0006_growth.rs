//! Lower costs of data that grow for ever: the figures of ended dossiers are stored as sums, and an index contains only
//! open dossiers.
//!
//! The migration only expands. A node of the previous version writes as before. It knows neither the new column nor the
//! new table, and the dossiers that it ends are still counted.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The part of the dossier that `figure` counts: 0 nothing, 1 its end, 2 its end and its rating. Changes of dossiers
    // do not touch it.
    "ALTER TABLE dossier ADD COLUMN counted BIGINT NOT NULL DEFAULT 0",
    // Sums over the dossiers that are counted.
    "CREATE TABLE figure (
        agency TEXT NOT NULL PRIMARY KEY,
        ended BIGINT NOT NULL,
        in_time BIGINT NOT NULL,
        late BIGINT NOT NULL,
        rated BIGINT NOT NULL,
        points BIGINT NOT NULL
    )",
    // The dossiers that are still to be counted. The index has no row of an open dossier, so most changes do not touch
    // it. The condition is an expression that equals a number, because PostgreSQL expects few rows of such a condition.
    // For a plain condition it would expect many rows, and read the whole table.
    "CREATE INDEX dossier_uncounted ON dossier (agency)
        WHERE CASE WHEN ended_at IS NOT NULL AND (counted = 0 OR (counted = 1 AND rating IS NOT NULL))
              THEN 1 ELSE 0 END = 1",
    // The open dossiers under a version of a procedure, because queries look only for those.
    "CREATE INDEX dossier_open ON dossier (procedure_version, code) WHERE queue <> 'ended'",
    "DROP INDEX dossier_version",
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
