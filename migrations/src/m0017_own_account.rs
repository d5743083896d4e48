//! The applicant's own account: codes by e-mail, verified addresses and numbers, and the devices of sessions. A reading
//! names the posts of its reader.
//!
//! The migration only expands. A node of the previous version opens sessions without a device and logs readings without
//! posts.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The last code for a purpose: `email` proves that `target` is the address of the account, and `password` lets its
    // owner set a new password. The hash is that of a password. A code that was used stays until the next one, so that
    // a repeated form gets the same answer.
    "CREATE TABLE one_time_code (
        account TEXT NOT NULL REFERENCES account (id),
        purpose TEXT NOT NULL,
        target TEXT NOT NULL,
        hash TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        tries BIGINT NOT NULL,
        used_at BIGINT,
        PRIMARY KEY (account, purpose)
    )",
    // The address (`email`) or the number (`phone`) that is known to be the owner's. It holds as long as the account
    // has this value.
    "CREATE TABLE verified_contact (
        account TEXT NOT NULL REFERENCES account (id),
        channel TEXT NOT NULL,
        value TEXT NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (account, channel)
    )",
    // The moments of the log-in and of the last use, or 0 if a node of the previous version opened the session.
    "ALTER TABLE session ADD COLUMN opened_at BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE session ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0",
    // The browser and the system in words, such as `Firefox, Android`.
    "ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT ''",
    // The posts of the reader at that moment, each as `agency/role`, with blanks between them.
    "ALTER TABLE reading ADD COLUMN posts TEXT NOT NULL DEFAULT ''",
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
