//! The wishes of applicants about notices on the phone, and numbers that the gateway refused for good.
//!
//! The migration only expands. A node of the previous version neither writes nor sends messages to phones. It leaves jobs
//! of the kind `sms` to other nodes.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // An account without a row wants notices by the first way of the gateway, in Vietnamese. So does one without a channel,
    // which is `sms` or `zalo`. `refused` is the number that the gateway refused for good, with its reason and the moment.
    // It holds as long as the account has this number.
    "CREATE TABLE phone_choice (
        account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
        wanted BOOLEAN NOT NULL DEFAULT TRUE,
        channel TEXT,
        language TEXT NOT NULL DEFAULT 'vi',
        refused TEXT,
        reason TEXT,
        refused_at BIGINT
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
