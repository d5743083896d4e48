//! The text of each installed version, byte for byte, with its comments.
//!
//! The migration only expands. A node of the previous version writes no text, so a version that it installs has none.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The TOML files of a version by path, as JSON: its procedure, its scenarios and its workflows.
    "CREATE TABLE version_source (
        version TEXT NOT NULL PRIMARY KEY,
        files TEXT NOT NULL
    )",
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
