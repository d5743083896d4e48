//! Payments over a payment gateway that applicants have begun.
//!
//! The migration only expands. A node of the previous version begins no such payment.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // A payment that an applicant has begun. The gateway knows it by its reference. The payment itself is an event of the
    // dossier.
    "CREATE TABLE online_payment (
        reference TEXT PRIMARY KEY,
        dossier TEXT NOT NULL,
        amount BIGINT NOT NULL,
        begun_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        state TEXT NOT NULL,
        transaction_number TEXT NOT NULL,
        settled_at BIGINT
    )",
    "CREATE INDEX online_payment_dossier ON online_payment (dossier, begun_at)",
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
