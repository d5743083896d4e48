//! The check of a theme, which must show every page.

use crate::pages::PAGES;
use crate::theme::{ListedPage, Shell, Theme, unnamed};
use motcua_domain::text::Language;

impl Theme {
    /// Renders every page with sample contexts, in both languages, for every kind of visitor, writes every mail, and
    /// checks every help page and that no file has a text twice. Returns the number of rendered pages and the problems.
    pub fn check(&self) -> (usize, Vec<String>) {
        let mut check = PagesCheck { theme: self, rendered: 0, problems: Vec::new() };
        for page in PAGES {
            check.page(page);
        }
        check.problems.extend(self.check_mails());
        check.problems.extend(self.check_help());
        check.problems.extend_from_slice(self.repeated_texts());
        (check.rendered, check.problems)
    }
}

/// Renders samples and collects problems.
struct PagesCheck<'a> {
    theme: &'a Theme,
    rendered: usize,
    problems: Vec<String>,
}

impl PagesCheck<'_> {
    /// Renders all samples of a page.
    fn page(&mut self, page: &ListedPage) {
        let shells = [Language::Vi, Language::En].into_iter().flat_map(|language| {
            let shells = Shell::samples(language).into_iter();
            shells.map(move |shell| (language, shell))
        });
        let contexts = page.contexts().unwrap_or_default();
        let places = contexts.iter().filter_map(|context| unnamed(context, "page"));
        self.problems.extend(places.map(|place| format!("{}: {place} has fields without names", page.template)));
        let mut lacking = page.always.to_vec();
        for (language, shell) in shells {
            for shown in page.rendered(self.theme, language, &shell) {
                self.rendered += 1;
                match shown {
                    Err(error) => self.problems.push(format!("{} ({}): {error}", page.template, language.tag())),
                    Ok(html) => lacking.retain(|name| !html.contains(*name)),
                }
            }
        }
        self.problems.extend(lacking.iter().map(|name| format!("{}: it lacks the field `{name}`", page.template)));
        self.problems.dedup();
    }
}
