//! The dossiers that wait for their applicants, in the order in which their time ends.
//!
//! The migration only expands. A node of the previous version reminds nobody.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Most dossiers wait for nobody or have ended, so most changes leave the index as it is.
        let sql = "CREATE INDEX dossier_waiting ON dossier (waiting_until) WHERE waiting_until IS NOT NULL";
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }
}
