//! The books of receipts, the numbers that were given or typed, the movements of money, and the entries of double entry.
//!
//! The migration only expands. A node of the previous version records money without rows here, so the lists are computed
//! again after the upgrade. Numbers that were typed twice before keep their first place. Cash that was recorded before
//! the upgrade belongs to no day of a cashier, because it was handed over without one.

use sea_orm_migration::prelude::*;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The last running number of a series, which is a book of an agency in a year.
    "CREATE TABLE receipt_book (
        series TEXT NOT NULL PRIMARY KEY,
        last BIGINT NOT NULL
    )",
    // The numbers of an agency's receipts and vouchers, as they are compared, each with the entry that has it.
    "CREATE TABLE receipt_number (
        number_key TEXT NOT NULL,
        agency TEXT NOT NULL,
        book TEXT NOT NULL,
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (number_key, agency, book)
    )",
    "CREATE INDEX receipt_number_dossier ON receipt_number (dossier)",
    // The payments, reversals and refunds. The amount is what the agency got. A reversal moves the money of the officer
    // who had recorded the payment, whose entry is `reverses`; `recorded_by` is who recorded the movement.
    "CREATE TABLE money_movement (
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        kind TEXT NOT NULL,
        agency TEXT NOT NULL,
        cashier TEXT NOT NULL,
        cashier_name TEXT NOT NULL,
        recorded_by TEXT NOT NULL,
        at BIGINT NOT NULL,
        method TEXT NOT NULL,
        amount BIGINT NOT NULL,
        number TEXT NOT NULL,
        reverses BIGINT,
        PRIMARY KEY (dossier, version)
    )",
    "CREATE INDEX money_movement_cashier ON money_movement (agency, cashier, at)",
    // The entries of an event, whose amounts add up to nothing. The cashier is NULL but for cash.
    "CREATE TABLE money_entry (
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        line BIGINT NOT NULL,
        agency TEXT NOT NULL,
        account TEXT NOT NULL,
        cashier TEXT,
        amount BIGINT NOT NULL,
        PRIMARY KEY (dossier, version, line)
    )",
    "CREATE INDEX money_entry_account ON money_entry (agency, account, cashier)",
    // A closed day of a cashier, with its movements as a list in JSON. It is never changed.
    "CREATE TABLE cash_day (
        agency TEXT NOT NULL,
        cashier TEXT NOT NULL,
        number BIGINT NOT NULL,
        cashier_name TEXT NOT NULL,
        closed_at BIGINT NOT NULL,
        closed_by TEXT NOT NULL,
        lines TEXT NOT NULL,
        PRIMARY KEY (agency, cashier, number)
    )",
    // The movements that a closed day has. A movement has at most one day.
    "CREATE TABLE cash_day_line (
        dossier TEXT NOT NULL,
        version BIGINT NOT NULL,
        agency TEXT NOT NULL,
        cashier TEXT NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (dossier, version)
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    #[expect(clippy::disallowed_methods, reason = "a migration is handed no clock")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        // A new portal has no such cash.
        let begun = format!(
            "INSERT INTO setting (name, value) SELECT 'cash-since', '{now}' WHERE EXISTS (SELECT 1 FROM journal)"
        );
        manager.get_connection().execute_unprepared(&begun).await?;
        Ok(())
    }
}
