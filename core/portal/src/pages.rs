//! The pages, each with its context beside its handler.

pub mod account;
pub mod admin;
pub mod applicant;
pub mod apply;
pub mod assets;
pub mod attempt;
pub mod changes;
mod check;
pub mod dossier;
pub mod error;
pub mod jobs;
pub mod late;
pub mod leave;
pub mod log;
pub mod lookup;
pub mod office;
pub mod papers;
pub mod plugins;
pub mod procedure;
pub mod progress;
pub mod public;
pub mod receipt;
pub mod render;
pub mod resume;
pub mod review;
pub mod sealed;
pub mod secure;
pub mod steps;
pub mod transfer;

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
    public::HomePage,
    public::ProceduresPage,
    procedure::ProcedurePage,
    procedure::EligibilityPage,
    lookup::LookUpPage,
    account::LoginPage,
    account::RegisterPage,
    resume::ResumePage,
    applicant::AccountPage,
    applicant::NoticesPage,
    applicant::WalletPage,
    apply::FormPage,
    papers::PapersPage,
    review::ReviewPage,
    receipt::ReceiptPage,
    dossier::DossierPage,
    office::ReadingsPage,
    office::DeskPage,
    office::FiguresPage,
    leave::LeavePage,
    secure::SecurityPage,
    log::LogPage,
    admin::AdminProceduresPage,
    plugins::PluginsPage,
    plugins::PluginPage,
    jobs::JobsPage,
    error::ErrorPage,
}
