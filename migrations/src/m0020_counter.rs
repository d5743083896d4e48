//! Drafts that an officer fills in at the counter for a person who came with paper, and the channel of dossiers.
//!
//! The migration only expands. A node of the previous version lists such a draft among those of its applicant, and lets
//! no officer see it. If it counts an ended dossier of a counter, the sum lacks it until `motcua audit rebuild`.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The officer who fills the draft in. NULL for a draft of the applicant's own.
    "ALTER TABLE draft ADD COLUMN officer TEXT REFERENCES account (id)",
    // The papers that the officer has seen on paper, as a list of ids in JSON.
    "ALTER TABLE draft ADD COLUMN on_paper TEXT",
    "CREATE INDEX draft_officer ON draft (officer, updated_at)",
    // The way on which the dossier came. All earlier ones came online.
    "ALTER TABLE dossier ADD COLUMN channel TEXT NOT NULL DEFAULT 'online'",
    // The ended dossiers that came at a counter.
    "ALTER TABLE figure ADD COLUMN at_counter BIGINT NOT NULL DEFAULT 0",
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
