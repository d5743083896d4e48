//! Complaints and suggestions without the names of their senders, who are known by their accounts alone.
//!
//! The names go with the accounts, so they are removed from what was written before. No version of the portal that was
//! released has read them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

const ON_SQLITE: &[&str] = &[
    "UPDATE suggestion SET content = json_remove(content, '$.sender_name')",
    "UPDATE suggestion_event SET event = json_remove(event, '$.sender_name') WHERE number = 1",
    "UPDATE suggestion_event SET actor = json_set(actor, '$.name', '')
     WHERE json_extract(actor, '$.kind') = 'applicant'",
];

/// The statements for PostgreSQL, whose JSON does not take every text. A quote within a text has a backslash before it, so no
/// text is mistaken for a name.
const ON_POSTGRES: &[&str] = &[
    r#"UPDATE suggestion SET content = regexp_replace(content, '"sender_name":"([^"\\]|\\.)*",', '')"#,
    r#"UPDATE suggestion_event SET event = regexp_replace(event, '"sender_name":"([^"\\]|\\.)*",', '')
       WHERE number = 1"#,
    r#"UPDATE suggestion_event SET actor = regexp_replace(actor, '"name":"([^"\\]|\\.)*"', '"name":""')
       WHERE actor LIKE '{"kind":"applicant",%'"#,
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for statement in if postgres { ON_POSTGRES } else { ON_SQLITE } {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
