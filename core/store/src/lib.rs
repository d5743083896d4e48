//! Storage: the journal and its projections, accounts, drafts and files, on SQLite and PostgreSQL alike.
//!
//! The store knows rows and transactions, not rules. `motcua-domain` defines the meaning of events, and `motcua-service`
//! decides whether an event may happen.

pub mod account_acts;
pub mod accounts;
pub mod answers;
pub mod asked;
pub mod audit;
pub mod backup;
mod batch;
pub mod bulk;
pub mod cash;
pub mod co_signing;
pub mod contacts;
pub mod counted;
pub mod counting;
mod database;
pub mod desk;
pub mod digests;
pub mod drafts;
pub mod durable;
pub mod factors;
mod fault;
pub mod figures;
pub mod files;
mod grants;
pub mod health;
pub mod jobs;
pub mod journal;
pub mod left_drafts;
pub mod lists;
pub mod log;
pub mod logins;
pub mod mail;
pub mod online_payments;
pub mod organisation;
pub mod phones;
mod postgres;
pub mod projections;
pub mod public_figures;
pub mod published;
mod reader;
pub mod register;
mod replica;
mod rows;
pub mod sessions;
pub mod site_visits;
mod sqlite;
pub mod staffing;
pub mod suggestions;
pub mod usage;
pub mod versions;
pub mod wallet;

pub use database::{Database, DatabaseOptions, Transaction};
pub(crate) use fault::duplicate_in;
pub use fault::{Fault, NotSealed, is_duplicate};
pub use grants::Granted;
pub use postgres::{Certificate, Weakness, certificates, weakness};
pub use reader::DatabaseReader;
pub use rows::{
    account as account_row, account_act as account_act_row, answer_change as answer_change_row,
    audit_event as audit_event_row, bulk_line as bulk_line_row, bulk_work as bulk_work_row,
    co_signing as co_signing_row, delegation as delegation_row, dossier as dossier_row,
    external_login as external_login_row, login_attempt as login_attempt_row, name_part as name_part_row,
    notice as notice_row, one_time_code as code_row, online_payment as online_payment_row,
    participation as participation_row, provider_session as provider_session_row, reading as reading_row,
    second_factor as factor_row, session as session_row, staff_event as staff_event_row, standard_answer as answer_row,
    stay as stay_row,
};

/// Makes *ring* the provider of cryptography of this process, unless a provider is installed.
///
/// TLS clients of this process panic without a provider, and when they find two to choose from.
pub fn install_crypto_provider() {
    // The only error is that a provider is installed.
    drop(rustls::crypto::ring::default_provider().install_default());
}
