//! The people who sign beside an applicant: their invitations and their consents.
//!
//! The migration only expands. A node of the previous version knows no procedure with signers, and files none.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // An invitation of one person to sign one draft. `signer` and `person` name the person: the signer of the procedure,
    // and a mark of the draft and the person's number. A new invitation of the person takes the place of the row.
    // `account` is the account that proved the number, the only one that reads the draft. `content` is the content to
    // which it consented at `signed_at`. The row stays when the draft is filed, so that the person finds the dossier.
    "CREATE TABLE co_signing (
        id TEXT NOT NULL PRIMARY KEY,
        draft TEXT NOT NULL,
        signer TEXT NOT NULL,
        person TEXT NOT NULL,
        procedure_name TEXT NOT NULL,
        role TEXT NOT NULL,
        secret_hash TEXT NOT NULL UNIQUE,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        tries BIGINT NOT NULL DEFAULT 0,
        account TEXT REFERENCES account (id),
        account_name TEXT,
        signed_at BIGINT,
        content TEXT,
        declined_at BIGINT,
        reason TEXT,
        UNIQUE (draft, signer, person)
    )",
    "CREATE INDEX co_signing_account ON co_signing (account, created_at)",
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
