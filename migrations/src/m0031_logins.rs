//! Log-in at providers of OpenID Connect: the log-ins that have begun, the people who are known, and the sessions that they
//! opened.
//!
//! The migration only expands. A node of the previous version neither begins nor ends such a log-in.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // A log-in that has begun at a provider. It is bound to the browser by the hash of its token, and is deleted with the
    // answer. `account` links its person to an account, instead of logging in. `carried` is the form that was posted when
    // the session had ended.
    "CREATE TABLE login_attempt (
        state_hash TEXT PRIMARY KEY,
        provider TEXT NOT NULL,
        browser TEXT NOT NULL,
        network TEXT NOT NULL,
        nonce TEXT NOT NULL,
        verifier TEXT NOT NULL,
        next TEXT NOT NULL,
        carried TEXT NOT NULL,
        account TEXT REFERENCES account (id),
        expires_at BIGINT NOT NULL
    )",
    "CREATE INDEX login_attempt_network ON login_attempt (network)",
    "CREATE INDEX login_attempt_expires ON login_attempt (expires_at)",
    // A person at a provider, whose subject means nobody else, and the account of that person. The level is that of the
    // last log-in, or 0.
    "CREATE TABLE external_login (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        account TEXT NOT NULL REFERENCES account (id),
        provider TEXT NOT NULL,
        name TEXT NOT NULL,
        level BIGINT NOT NULL,
        linked_at BIGINT NOT NULL,
        used_at BIGINT NOT NULL,
        PRIMARY KEY (issuer, subject)
    )",
    "CREATE INDEX external_login_account ON external_login (account)",
    // The provider at which a session was opened, so that the person can log out there too.
    "CREATE TABLE provider_session (
        token_hash TEXT PRIMARY KEY,
        provider TEXT NOT NULL,
        ends_at BIGINT NOT NULL
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
