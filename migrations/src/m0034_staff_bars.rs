//! A day of cash that another officer closed for the cashier, who took a result at the counter, and what is known about
//! the people who are officers.
//!
//! The migration only expands. A node of the previous version leaves the new columns and the new table empty, and knows
//! no bar for officers with an account as an applicant.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The account of the officer who closed the day for a cashier who was away, and the reason. Both are empty if the
    // cashier closed it.
    "ALTER TABLE cash_day ADD COLUMN closer TEXT",
    "ALTER TABLE cash_day ADD COLUMN reason TEXT",
    // The person who took the result at the counter, as a line of the register.
    "ALTER TABLE dossier ADD COLUMN receiver TEXT",
    // What the organisation knows about the person who is an officer, as the officer's account as an applicant has it:
    // the citizen number (`identity`), the phone number (`phone`) and the e-mail address (`email`).
    "CREATE TABLE officer_contact (
        account TEXT NOT NULL,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (account, kind)
    )",
    "CREATE INDEX verified_contact_value ON verified_contact (channel, value)",
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
