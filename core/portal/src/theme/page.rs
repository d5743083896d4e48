//! Pages as a theme sees them: a context with its template.

use crate::theme::{PageLanguage, Shell, Theme};
use minijinja::Error;
use serde::Serialize;
use serde_json::Value as Json;

/// A mark that only the list in `pages.rs` gives, so that a page outside of the list does not compile.
pub trait Listed {
    /// The name of the type of the context.
    const NAME: &'static str;
}

/// A page, which is a context with a template.
pub trait Page: Listed + Serialize + Sized {
    const TEMPLATE: &'static str;

    /// The names of fields that the page must have, because its form is rejected without them.
    const ALWAYS: &'static [&'static str] = &[];

    /// Returns contexts with which a theme is checked: every branch of the template at least once.
    fn samples() -> Vec<Self>;
}

/// A page in the list of all pages, from which the check of a theme, the snapshots and the guide for themes follow.
#[derive(Debug, Clone, Copy)]
pub struct ListedPage {
    /// The name of the type of the context.
    pub name: &'static str,
    pub template: &'static str,
    /// The names of fields that the page must have.
    pub(crate) always: &'static [&'static str],
    render: fn(&Theme, PageLanguage, &Shell) -> Vec<Result<String, Error>>,
    contexts: fn() -> Result<Vec<Json>, serde_json::Error>,
}

impl ListedPage {
    /// Describes a page by its type.
    pub(crate) const fn of<P: Page>() -> Self {
        Self { name: P::NAME, template: P::TEMPLATE, always: P::ALWAYS, render: rendered::<P>, contexts: contexts::<P> }
    }

    /// Renders the page with each of its samples.
    pub fn rendered(
        &self,
        theme: &Theme,
        language: impl Into<PageLanguage>,
        shell: &Shell,
    ) -> Vec<Result<String, Error>> {
        (self.render)(theme, language.into(), shell)
    }

    /// Returns the samples of the page as a template reads them.
    pub fn contexts(&self) -> Result<Vec<Json>, serde_json::Error> {
        (self.contexts)()
    }
}

fn rendered<P: Page>(theme: &Theme, language: PageLanguage, shell: &Shell) -> Vec<Result<String, Error>> {
    P::samples().iter().map(|sample| theme.render(language, shell, sample)).collect()
}

fn contexts<P: Page>() -> Result<Vec<Json>, serde_json::Error> {
    P::samples().iter().map(serde_json::to_value).collect()
}
