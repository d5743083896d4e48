//! What is kept: the journal and its projections, accounts, drafts and files; on SQLite and PostgreSQL alike.
//!
//! The store knows rows and transactions, not rules: what an event means is the business of `motcua-domain`,
//! whether it may happen that of `motcua-desk`.

pub mod accounts;
mod batch;
mod database;
mod direct;
pub mod drafts;
mod entities;
pub mod files;
pub mod jobs;
pub mod journal;
pub mod lists;
pub mod projections;
pub mod versions;
pub mod wallet;
mod writer;

pub use database::{Database, Options, Transaction};
pub use entities::{
    account as account_row, delegation as delegation_row, dossier as dossier_row, notice as notice_row,
    reading as reading_row, stay as stay_row,
};
pub use writer::{End, Outcome, Pending, Portion, Tail, Work, Written};

/// The database or the file store failed. A fault for the operator, never the applicant's doing.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    #[error("file store: {0}")]
    Files(#[from] object_store::Error),
    #[error("the database holds text that is not what was written: {0}")]
    Unreadable(String),
    #[error("the journal of dossier {dossier} is unreadable: {reason}")]
    Journal { dossier: String, reason: String },
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Whether the fault is that a row with this key is there already.
pub fn is_duplicate(fault: &Fault) -> bool {
    matches!(fault, Fault::Database(error)
        if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))))
}
