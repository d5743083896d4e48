//! A day of cash that another officer closed for the cashier.
//!
//! The migration only expands. A node of the previous version leaves the new columns empty, and closes days of its own
//! cashiers only.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The account of the officer who closed the day for a cashier who was away, and the reason. Both are empty if the
    // cashier closed it.
    "ALTER TABLE cash_day ADD COLUMN closer TEXT",
    "ALTER TABLE cash_day ADD COLUMN reason TEXT",
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
