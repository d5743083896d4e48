//! Themes: templates, texts, colours and the emblem.
//!
//! A theme has a parent and overrides one template, one block, one text or one colour at a time. The last parent is the
//! default theme, which is in the binary.

mod announcements;
mod chain;
mod content;
mod contrast;
mod fault;
mod files;
mod help;
mod language;
mod load;
mod markdown;
mod named;
mod page;
mod shell;
mod spliced;
mod texts;

pub(crate) use content::MadeContent;
pub(crate) use contrast::faint;
pub(crate) use fault::in_words;
pub use files::Unusable;
pub(crate) use help::ADDRESS as HELP_ADDRESS;
pub use language::PageLanguage;
pub(crate) use named::unnamed;
pub(crate) use page::Listed;
pub use page::{ListedPage, Page};
pub use shell::{PreviewPerson, Shell, ShellLanguage, ShellUser};
pub(crate) use spliced::SplicedPage;
pub(crate) use texts::{lacking, repeated};

use minijinja::value::Serde;
use minijinja::{Environment, Error, Value, context};
use motcua_domain::text::Language;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A theme that is ready to render.
pub struct Theme {
    /// The templates with the Vietnamese and with the English texts.
    environments: [Environment<'static>; 2],
    /// The languages that the theme brings, in the order of their tags.
    further: Vec<language::FurtherLanguage>,
    /// The files by their path below `static`, with their media types.
    assets: BTreeMap<String, (MadeContent, &'static str)>,
    digest: String,
    /// The templates of the forms on paper by their path below `documents`.
    documents: BTreeMap<String, String>,
    /// The help pages by name.
    help: help::HelpTexts,
    /// The announcements of the province by name.
    announcements: announcements::Announcements,
    origin: ThemeOrigin,
}

/// The place from which a theme was read.
#[derive(Debug)]
struct ThemeOrigin {
    /// The folder of all themes.
    themes: PathBuf,
    name: String,
}

impl std::fmt::Debug for Theme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Theme").field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl Theme {
    /// Returns the digest of the theme's files.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns a file of the theme and its media type.
    pub fn asset(&self, file: &str) -> Option<(&[u8], &'static str)> {
        self.served(file).map(|(made, kind)| (made.content(), kind))
    }

    /// Returns a file of the theme as it is sent, and its media type.
    pub(crate) fn served(&self, file: &str) -> Option<(&MadeContent, &'static str)> {
        self.assets.get(file).map(|(made, kind)| (made, *kind))
    }

    /// Compresses the files of the theme with brotli, which takes long. Until then they are sent in gzip.
    pub fn press(&self) {
        for (made, _) in self.assets.values() {
            made.press();
        }
    }

    /// Returns the files of the theme that are sent with more bytes than this, with the bytes.
    pub(crate) fn larger_than(&self, bytes: usize) -> impl Iterator<Item = (&str, usize)> {
        let sizes = self.assets.iter().map(|(name, (made, _))| (name.as_str(), made.sent()));
        sizes.filter(move |(_, sent)| *sent > bytes)
    }

    /// Returns a template of the forms on paper.
    pub(crate) fn document(&self, file: &str) -> Option<&str> {
        self.documents.get(file).map(String::as_str)
    }

    /// Renders a page in a language.
    pub fn render<P: Page>(&self, language: impl Into<PageLanguage>, shell: &Shell, page: &P) -> Result<String, Error> {
        self.environment(language.into()).get_template(P::TEMPLATE)?.render(context! {
            shell => Value::from(Serde(shell)),
            page => Value::from(Serde(page)),
        })
    }

    /// Renders a template that is not of the theme with the parts and the texts of the theme.
    pub(crate) fn render_own(
        &self,
        language: PageLanguage,
        shell: &Shell,
        name: &str,
        source: &str,
    ) -> Result<String, Error> {
        self.environment(language).render_named_str(name, source, context! { shell => Value::from(Serde(shell)) })
    }

    /// Returns a text of the theme with its arguments, which is plain and not HTML. A missing text is an error.
    pub(crate) fn plain(&self, language: Language, key: &str, arguments: Value) -> Result<String, Error> {
        let environment = self.environment(language.into());
        let text = environment.compile_expression("t(key, **arguments)")?.eval(context! { key, arguments })?;
        Ok(text.to_string())
    }

    /// Returns a text of the theme without arguments, or its key if the text does not exist.
    pub fn text(&self, language: impl Into<PageLanguage>, key: &str) -> String {
        self.environment(language.into())
            .render_str("{{ t(key) }}", context! { key })
            .unwrap_or_else(|_| key.to_owned())
    }
}
