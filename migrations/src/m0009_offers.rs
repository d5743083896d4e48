//! The agency to which the applicant of a draft applies, since several agencies may offer the same procedure.
//!
//! The migration only expands. A node of the previous version writes no agency, and its drafts are for the agency that
//! alone offers the procedure.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("ALTER TABLE draft ADD COLUMN agency TEXT").await?;
        Ok(())
    }
}
