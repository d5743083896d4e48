//! The database schema, forward only, alike on SQLite and PostgreSQL.
//!
//! Instants are whole seconds since 1970 (UTC), except in the journal, whose text is hashed and never changes.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m0001_first;
mod m0002_releases;
mod m0003_flow;
mod m0004_lean;
mod m0005_chains;
mod m0006_growth;
mod m0007_accounts;
mod m0008_partners;
mod m0009_offers;
mod m0010_results;
mod m0011_sources;
mod m0012_filings;
mod m0013_refunds;
mod m0014_site_visits;
mod m0015_mail;
mod m0016_suggestions;
mod m0017_own_account;
mod m0018_co_signing;
mod m0019_sender_names;
mod m0020_counter;
mod m0021_desk;
mod m0023_money;
mod m0024_account_acts;
mod m0025_counting;
mod m0028_audit;
mod m0029_bulk;
mod m0030_desk_news;
mod m0031_logins;
mod m0032_phone_choice;
mod m0033_waiting_dossiers;
mod m0034_staff_bars;
mod m0035_desk_sizes;
mod m0039_on_behalf;
mod m0041_online_payments;

/// The list of all migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first::Migration),
            Box::new(m0002_releases::Migration),
            Box::new(m0003_flow::Migration),
            Box::new(m0004_lean::Migration),
            Box::new(m0005_chains::Migration),
            Box::new(m0006_growth::Migration),
            Box::new(m0007_accounts::Migration),
            Box::new(m0008_partners::Migration),
            Box::new(m0009_offers::Migration),
            Box::new(m0010_results::Migration),
            Box::new(m0011_sources::Migration),
            Box::new(m0012_filings::Migration),
            Box::new(m0013_refunds::Migration),
            Box::new(m0014_site_visits::Migration),
            Box::new(m0015_mail::Migration),
            Box::new(m0016_suggestions::Migration),
            Box::new(m0017_own_account::Migration),
            Box::new(m0018_co_signing::Migration),
            Box::new(m0019_sender_names::Migration),
            Box::new(m0020_counter::Migration),
            Box::new(m0021_desk::Migration),
            Box::new(m0023_money::Migration),
            Box::new(m0024_account_acts::Migration),
            Box::new(m0025_counting::Migration),
            Box::new(m0028_audit::Migration),
            Box::new(m0029_bulk::Migration),
            Box::new(m0030_desk_news::Migration),
            Box::new(m0031_logins::Migration),
            Box::new(m0032_phone_choice::Migration),
            Box::new(m0033_waiting_dossiers::Migration),
            Box::new(m0034_staff_bars::Migration),
            Box::new(m0035_desk_sizes::Migration),
            Box::new(m0039_on_behalf::Migration),
            Box::new(m0041_online_payments::Migration),
        ]
    }
}
