//! The pages, each with its context beside its handler.

pub mod account;
pub mod admin;
pub mod applicant;
pub mod apply;
pub mod assets;
pub mod attempt;
pub mod changes;
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

use crate::theme::Check;

/// Renders every page with its samples.
pub fn check_all(check: &mut Check<'_>) {
    check.page::<public::HomePage>();
    check.page::<public::ProceduresPage>();
    check.page::<procedure::ProcedurePage>();
    check.page::<procedure::EligibilityPage>();
    check.page::<lookup::LookUpPage>();
    check.page::<account::LoginPage>();
    check.page::<account::RegisterPage>();
    check.page::<resume::ResumePage>();
    check.page::<applicant::AccountPage>();
    check.page::<applicant::NoticesPage>();
    check.page::<applicant::WalletPage>();
    check.page::<admin::AdminProceduresPage>();
    check.page::<apply::FormPage>();
    check.page::<papers::PapersPage>();
    check.page::<review::ReviewPage>();
    check.page::<dossier::DossierPage>();
    check.page::<receipt::ReceiptPage>();
    check.page::<office::DeskPage>();
    check.page::<office::FiguresPage>();
    check.page::<office::ReadingsPage>();
    check.page::<leave::LeavePage>();
    check.page::<secure::SecurityPage>();
    check.page::<log::LogPage>();
    check.page::<jobs::JobsPage>();
    check.page::<plugins::PluginsPage>();
    check.page::<plugins::PluginPage>();
    check.page::<error::ErrorPage>();
}
