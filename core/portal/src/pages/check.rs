//! The check of a theme, which must show every page.

use crate::pages::{
    account, admin, applicant, apply, dossier, error, jobs, leave, log, lookup, office, papers, plugins, procedure,
    public, receipt, resume, review, secure,
};
use crate::theme::{Page, Shell, Theme, User};
use motcua_domain::text::Language;

impl Theme {
    /// Renders every page with sample contexts, in both languages, for every kind of visitor. Returns the number of
    /// rendered pages and the problems.
    pub fn check(&self) -> (usize, Vec<String>) {
        let mut check = Check { theme: self, rendered: 0, problems: Vec::new() };
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
        (check.rendered, check.problems)
    }
}

/// Renders samples and collects problems.
struct Check<'a> {
    theme: &'a Theme,
    rendered: usize,
    problems: Vec<String>,
}

impl Check<'_> {
    /// Renders all samples of a page.
    fn page<P: Page>(&mut self) {
        let user = |officer: bool| User {
            name: "Nguyễn Văn An".to_owned(),
            officer,
            takes_leave: officer,
            sees_desk: officer,
            sees_figures: officer,
            manages_procedures: officer,
        };
        let mut lacking = P::ALWAYS.to_vec();
        for page in P::samples() {
            for language in [Language::Vi, Language::En] {
                for user in [None, Some(user(false)), Some(user(true))] {
                    let shell = Shell::sample(language, user);
                    self.rendered += 1;
                    match self.theme.render(language, &shell, &page) {
                        Err(error) => self.problems.push(format!("{} ({}): {error}", P::TEMPLATE, language.tag())),
                        Ok(html) => lacking.retain(|name| !html.contains(*name)),
                    }
                }
            }
        }
        self.problems.extend(lacking.iter().map(|name| format!("{}: it lacks the field `{name}`", P::TEMPLATE)));
        self.problems.dedup();
    }
}
