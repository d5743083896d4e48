//! The wishes of applicants about e-mail, and addresses that a mail server refused for good.
//!
//! The migration only expands. A node of the previous version neither writes nor sends mails. It leaves jobs of the
//! kind `mail` to other nodes.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // An account without a row wants mails in Vietnamese. `refused` is the address that a mail server refused for good,
    // with its reason and the moment. It holds as long as the account has this address.
    "CREATE TABLE mail_choice (
        account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
        wanted BOOLEAN NOT NULL DEFAULT TRUE,
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
