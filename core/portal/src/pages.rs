//! The pages, each with its context beside its handler.

pub mod account;
pub mod account_acts;

/// The pages of administrators.
pub mod admin {
    pub mod jobs;
    pub mod people;
    pub mod plugins;
    pub mod procedures;
}

pub mod answers;
pub mod applicant;
pub mod assets;
pub mod audit;
pub mod bulk;
pub mod bulk_report;
mod bulk_table;
pub mod cash;
pub mod catalogue;
mod check;
pub mod counter;

/// Figures of a period: the address that asks for them, the dossiers behind one, and tables to take along.
pub mod counting {
    pub mod asked;
    pub mod export;
    pub mod lines;
    pub mod quality;
    pub mod rows;
}

pub mod crawlers;
pub mod desk;
mod desk_filters;
pub mod desk_search;
pub mod digest;

/// One dossier: its page, the changes that are made from it, its receipt and its readings.
pub mod dossier {
    pub mod answer;
    pub mod attempt;
    pub mod changes;
    pub mod delivery;
    pub mod diagram;
    pub mod documents;
    pub mod money;
    pub mod page;
    mod page_files;
    pub mod pay;
    pub mod phone;
    pub mod readings;
    pub mod receipt;
    mod receiver;
    mod refused;
    pub mod sealed;
    pub mod show;
    pub mod steps;
    pub mod transfer;
    mod undone;
    mod unsent;
    pub mod visits;
    pub mod way;
}

/// A draft: the pages of its form, its papers and its review.
pub mod draft {
    pub mod asked;
    pub mod controls;
    pub mod delivery;
    pub mod form;
    pub mod papers;
    pub mod progress;
    pub mod review;
    pub mod seen;
    pub mod signers;
    pub mod start;
}

pub mod eligibility;
pub mod error;
pub mod factor;
pub mod figures;
pub mod gallery;
pub mod help;
pub mod home;
pub mod kiosk;
pub mod leave;
pub mod log;
pub mod lookup;
pub mod mail;
pub mod open_data;

/// An applicant's own account: the profile, a forgotten password, readings, an export, and the end of the account.
pub mod own {
    pub mod export;
    pub mod forgotten;
    pub mod leaving;
    pub mod logins;
    pub mod profile;
    pub mod proven;
    pub mod readers;
}

pub mod preview;
pub mod procedure;
pub mod provider;
pub mod public;
pub mod public_figures;
pub mod published;
pub mod render;
pub mod results;
pub mod resume;
pub mod secure;
mod sheet;
pub mod signing;
pub mod sms;

/// Complaints and suggestions: sending one, its page, and the lists.
pub mod suggestion {
    pub mod lists;
    pub mod send;
    pub mod show;
}

pub mod verify;

use crate::pages::account::{log_out, second};
use crate::pages::admin::{jobs, people, plugins, procedures};
use crate::pages::counting::rows as counted;
use crate::pages::dossier::{delivery as dossier_delivery, money, page as dossier_page, pay, phone, readings, receipt};
use crate::pages::draft::{form, papers, review, signers};
use crate::pages::own::{forgotten, leaving, logins, profile, readers};
use crate::pages::suggestion::{lists as suggestion_lists, send as suggestion_send, show as suggestion_show};
use crate::theme::{Listed, ListedPage};

/// Lists the pages. Only a page in the list is [`Listed`], so that no page is left out of what follows from the list.
macro_rules! pages {
    ($($module:ident::$page:ident,)*) => {
        $(impl Listed for $module::$page {
            const NAME: &'static str = stringify!($page);
        })*

        /// Every page of the portal, in the order of the guide for themes.
        pub static PAGES: &[ListedPage] = &[$(ListedPage::of::<$module::$page>(),)*];
    };
}

pages! {
    home::HomePage,
    catalogue::ProceduresPage,
    procedure::ProcedurePage,
    eligibility::EligibilityPage,
    lookup::LookUpPage,
    verify::VerifyPage,
    kiosk::KioskPage,
    published::PublishedPage,
    account::LoginPage,
    log_out::LoggedOutPage,
    second::SecondStepPage,
    account::RegisterPage,
    resume::ResumePage,
    forgotten::ForgottenPage,
    applicant::AccountPage,
    applicant::NoticesPage,
    applicant::WalletPage,
    profile::ProfilePage,
    logins::LoginsPage,
    readers::ReadersPage,
    leaving::LeavingPage,
    form::FormPage,
    papers::PapersPage,
    review::ReviewPage,
    signers::DraftSignersPage,
    signing::InvitationPage,
    signing::SigningPage,
    signing::SignedPage,
    receipt::ReceiptPage,
    dossier_page::DossierPage,
    money::MoneyPage,
    money::MoneyReceiptPage,
    pay::PayPage,
    pay::PayReturnPage,
    readings::ReadingsPage,
    phone::PhonePage,
    dossier_delivery::DeliveryPage,
    desk::DeskPage,
    answers::AnswersPage,
    digest::DigestPage,
    desk_search::DeskSearchPage,
    bulk::BulkPage,
    bulk_report::BulkWorksPage,
    bulk_report::BulkWorkPage,
    counter::CounterPage,
    cash::CashiersPage,
    cash::CashPage,
    results::ResultsPage,
    figures::FiguresPage,
    counted::CountedRowsPage,
    account_acts::AccountActsPage,
    public_figures::PublicFiguresPage,
    help::HelpPage,
    leave::LeavePage,
    secure::SecurityPage,
    factor::FactorPage,
    log::LogPage,
    procedures::AdminProceduresPage,
    plugins::PluginsPage,
    plugins::PluginPage,
    jobs::JobsPage,
    people::PeoplePage,
    audit::AuditPage,
    suggestion_lists::SuggestionsPage,
    suggestion_send::SuggestionFormPage,
    suggestion_lists::OwnSuggestionsPage,
    suggestion_show::SuggestionPage,
    suggestion_lists::SuggestionDeskPage,
    error::ErrorPage,
}
