//! Marks of news in the officers' lists: the last events of a dossier that can be news, and how far each officer has read.
//! The daily digests of officers by e-mail. The standard answers of agencies.
//!
//! The migration only expands. A node of the previous version leaves the new columns as they are for what it changes, until
//! the projections are computed again. An officer who opened a dossier before the migration has read it up to now.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The versions of the dossier with its last message of the applicant, its last supplement, the later of the two, and
    // its last step that an officer got. Each is 0 if there is none, or if it is no news any more.
    "ALTER TABLE dossier ADD COLUMN message_version BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE dossier ADD COLUMN supplement_version BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE dossier ADD COLUMN news_version BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE dossier ADD COLUMN handed_version BIGINT NOT NULL DEFAULT 0",
    // Most dossiers have no message and no supplement, so most changes leave the index as it is.
    "CREATE INDEX dossier_news ON dossier (agency, queue, rank, code) WHERE news_version > 0",
    // The version of a dossier up to which an officer has read it. A message writes no row here, and a page that is opened
    // writes one.
    "CREATE TABLE reading_position (
        account TEXT NOT NULL,
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (account, dossier)
    )",
    "INSERT INTO reading_position (account, dossier, version)
     SELECT DISTINCT r.account, r.dossier, d.version FROM reading r JOIN dossier d ON d.code = r.dossier",
    // The officers who get a digest by e-mail, each with the day of the last one. Its language, and an address that a mail
    // server refused, are in `mail_choice`.
    "CREATE TABLE digest (
        account TEXT PRIMARY KEY,
        address TEXT NOT NULL,
        day TEXT NOT NULL
    )",
    // The standard answers of an agency, each with a title of its own.
    "CREATE TABLE standard_answer (
        id TEXT PRIMARY KEY,
        agency TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL
    )",
    "CREATE UNIQUE INDEX standard_answer_title ON standard_answer (agency, title)",
    // The record of their changes, which nothing deletes. The deed is `added`, `changed` or `removed`.
    "CREATE TABLE answer_change (
        id TEXT PRIMARY KEY,
        answer TEXT NOT NULL,
        agency TEXT NOT NULL,
        deed TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        at BIGINT NOT NULL,
        account TEXT NOT NULL,
        account_name TEXT NOT NULL
    )",
    "CREATE INDEX answer_change_agency ON answer_change (agency, id)",
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
