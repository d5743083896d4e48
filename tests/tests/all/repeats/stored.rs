//! Everything that a portal stores, to be compared before and after a form is posted.

use motcua_tests::portal::App;
use sea_orm::{ConnectionTrait as _, FromQueryResult as _, JsonValue, Statement};

/// The tables of all stored data, except for sessions, the log of readings, and the audit.
const TABLES: &[&str] = &[
    "account",
    "bulk_line",
    "bulk_work",
    "answer_change",
    "cash_day",
    "cash_day_line",
    "account_act",
    "co_signing",
    "code_counter",
    "counted_filing",
    "delegation",
    "digest",
    "dossier",
    "dossier_file",
    "draft",
    "draft_paper",
    "external_login",
    "file",
    "job",
    "journal",
    "mail_choice",
    "money_entry",
    "money_movement",
    "name_part",
    "notice",
    "officer_contact",
    "one_time_code",
    "online_payment",
    "participation",
    "partner",
    "phone_choice",
    "procedure_version",
    "published_result",
    "receipt_book",
    "receipt_number",
    "release",
    "recovery_code",
    "result",
    "second_factor",
    "setting",
    "site_visit",
    "standard_answer",
    "stay",
    "suggestion",
    "suggestion_event",
    "taken_step",
    "unsealed",
    "verified_contact",
    "version_source",
    "wallet_paper",
];

/// Returns all rows of these tables.
pub async fn state(app: &App) -> Vec<String> {
    let reader = app.services.database().reader();
    let mut state = Vec::new();
    for table in TABLES {
        let query = Statement::from_string(reader.get_database_backend(), format!("SELECT * FROM \"{table}\""));
        let rows = JsonValue::find_by_statement(query).all(reader).await.expect("read");
        state.extend(rows.iter().map(|row| format!("{table} {row}")));
    }
    state.sort();
    state
}
