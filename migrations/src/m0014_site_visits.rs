//! The appointments on the spot of open dossiers, for the lists of the units that made them.
//!
//! The migration only expands. No entry of a version before has such an appointment, so the table begins empty.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // An appointment that was not called off. The number is its place among all appointments of the dossier.
    "CREATE TABLE site_visit (
        dossier TEXT NOT NULL,
        number BIGINT NOT NULL,
        agency TEXT NOT NULL,
        unit TEXT NOT NULL,
        from_at BIGINT NOT NULL,
        to_at BIGINT NOT NULL,
        place TEXT NOT NULL,
        PRIMARY KEY (dossier, number)
    )",
    "CREATE INDEX site_visit_coming ON site_visit (agency, to_at, unit)",
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
