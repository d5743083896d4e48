//! Releases of procedures, installed versions that are not yet published, and the applicants' paper wallets.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // A version is first installed and then published. Both may happen at the same moment.
    "ALTER TABLE procedure_version RENAME COLUMN published_at TO installed_at",
    "ALTER TABLE procedure_version ADD COLUMN signer TEXT",
    // The table has not only components, but also forms to download.
    "ALTER TABLE component RENAME TO content",
    // Publications and retirements. The last release of each code decides whether the procedure is offered.
    "CREATE TABLE release (
        number BIGINT NOT NULL PRIMARY KEY,
        code TEXT NOT NULL,
        version TEXT NOT NULL REFERENCES procedure_version (digest),
        retired BOOLEAN NOT NULL,
        by_folder BOOLEAN NOT NULL,
        at BIGINT NOT NULL,
        actor TEXT NOT NULL,
        changes TEXT NOT NULL
    )",
    "CREATE INDEX release_code ON release (code, number)",
    // Versions published before releases existed came from the install folder.
    "INSERT INTO release (number, code, version, retired, by_folder, at, actor, changes)
        SELECT ROW_NUMBER() OVER (ORDER BY installed_at, digest), code, digest, FALSE, TRUE, installed_at, '', '[]'
        FROM procedure_version",
    // Papers that an applicant attached before and can use again.
    "CREATE TABLE wallet_paper (
        account TEXT NOT NULL REFERENCES account (id),
        digest TEXT NOT NULL REFERENCES file (digest),
        name TEXT NOT NULL,
        paper_name TEXT NOT NULL,
        added_at BIGINT NOT NULL,
        PRIMARY KEY (account, digest)
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
