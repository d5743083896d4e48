//! Help pages: limited Markdown in the files `pages/NAME.vi.md` and `pages/NAME.en.md` of a theme.

use crate::theme::Theme;
use crate::theme::files::{self, ThemeFiles, Unusable};
use crate::theme::markdown;
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use std::collections::BTreeMap;

/// The folder of help pages in a theme.
pub const FOLDER: &str = "pages/";

/// The beginning of the addresses of help pages.
pub const ADDRESS: &str = "/help/";

/// The most bytes of a page in one language.
const MOST_BYTES: usize = 64 * 1024;

/// The most pages of a theme.
const MOST_PAGES: usize = 100;

/// The languages of pages, each with the end of the names of its files.
const LANGUAGES: [(Language, &str); 2] = [(Language::Vi, ".vi.md"), (Language::En, ".en.md")];

/// A help page in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpText {
    /// The heading of the first level, on the first line. It is empty if the file has none.
    pub title: String,
    /// The text below the title, in limited Markdown.
    pub text: String,
}

impl HelpText {
    fn read(source: &str) -> Self {
        let source = source.trim_start();
        let (first, rest) = source.split_once('\n').unwrap_or((source, ""));
        first.strip_prefix("# ").map_or_else(
            || Self { title: String::new(), text: source.to_owned() },
            |title| Self { title: title.trim().to_owned(), text: rest.trim().to_owned() },
        )
    }
}

/// The help pages of a theme, by name.
pub type HelpTexts = BTreeMap<String, HelpInLanguages>;

/// A help page in the languages of the portal.
#[derive(Debug, Clone, Default)]
pub struct HelpInLanguages {
    vi: Option<HelpText>,
    en: Option<HelpText>,
}

impl HelpInLanguages {
    const fn of(&self, language: Language) -> Option<&HelpText> {
        match language {
            Language::Vi => self.vi.as_ref(),
            Language::En => self.en.as_ref(),
        }
    }
}

/// Returns whether a text is the name of a page: small letters, digits and dashes.
fn is_name(name: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.len() <= 60 && name.bytes().all(is_sign)
}

/// Reads the help pages of a theme and of its parents. A page of a theme replaces that of its parents.
pub fn read(chain: &[(String, ThemeFiles)]) -> Result<HelpTexts, Unusable> {
    let mut pages = HelpTexts::new();
    for (theme, of_theme) in chain.iter().rev() {
        for (file, path) in of_theme.keys().filter_map(|path| Some((path.strip_prefix(FOLDER)?, path))) {
            let unusable = |reason: &str| Unusable::File { file: format!("{theme}/{path}"), reason: reason.to_owned() };
            let found = LANGUAGES.into_iter().find_map(|(language, end)| Some((language, file.strip_suffix(end)?)));
            let named = found.filter(|(_, name)| is_name(name));
            let (language, name) = named.ok_or_else(|| {
                unusable("name it NAME.vi.md or NAME.en.md, with small letters, digits and dashes as the name")
            })?;
            let source = files::text(theme, of_theme, path)?;
            if source.len() > MOST_BYTES {
                return Err(unusable("a page has at most 64 KiB, so divide it into several pages"));
            }
            if pages.len() >= MOST_PAGES && !pages.contains_key(name) {
                return Err(unusable("a theme has at most 100 pages, so leave some out"));
            }
            let page = pages.entry(name.to_owned()).or_default();
            let read = Some(HelpText::read(&source));
            match language {
                Language::Vi => page.vi = read,
                Language::En => page.en = read,
            }
        }
    }
    Ok(pages)
}

impl Theme {
    /// Returns the names of the help pages, in order.
    pub(crate) fn help_names(&self) -> impl Iterator<Item = &str> {
        self.help.keys().map(String::as_str)
    }

    /// Returns a help page in a language, or in the other one if it was not translated, with the language that it has.
    pub(crate) fn help(&self, name: &str, language: Language) -> Option<(&HelpText, Language)> {
        let page = self.help.get(name)?;
        let other = if language == Language::Vi { Language::En } else { Language::Vi };
        [language, other].into_iter().find_map(|language| Some((page.of(language)?, language)))
    }

    /// Checks the help pages, and returns the problems.
    pub(crate) fn check_help(&self) -> Vec<Text> {
        let mut problems = Vec::new();
        for (name, page) in &self.help {
            for (language, end) in LANGUAGES {
                let file = format!("{FOLDER}{name}{end}");
                match page.of(language) {
                    Some(page) => {
                        problems.extend(self.check_page(page).iter().map(|told| {
                            let (vi, en) = told.both();
                            text!("{file}: {vi}", "{file}: {en}")
                        }));
                    }
                    None => problems.push(text!(
                        "{file}: chưa có trang bằng ngôn ngữ này",
                        "{file}: the page is missing in this language",
                    )),
                }
            }
        }
        problems
    }

    fn check_page(&self, page: &HelpText) -> Vec<Text> {
        let mut problems = Vec::new();
        if page.title.is_empty() {
            problems.push(text!(
                "dòng đầu không phải là tiêu đề; hãy viết `# ` và tiêu đề ở đó",
                "the first line is no title; write `# ` and the title there",
            ));
        }
        if page.text.is_empty() {
            problems.push(text!("trang không có nội dung", "the page has no text"));
        }
        let found = markdown::elements(&page.text);
        problems.extend(found.others.values().map(|other| {
            let (vi, en) = other.both();
            text!("trang không hiện {vi}", "pages do not show {en}")
        }));
        let own = found.links.iter().filter_map(|link| link.strip_prefix(ADDRESS));
        let lost = own.filter(|name| !self.help.contains_key(*name));
        problems.extend(lost.map(|name| {
            text!(
                "liên kết tới `{ADDRESS}{name}` không dẫn tới trang nào",
                "the link to `{ADDRESS}{name}` leads to no page",
            )
        }));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_of_a_page_is_its_first_line() {
        let page = |title: &str, text: &str| HelpText { title: title.to_owned(), text: text.to_owned() };
        assert_eq!(HelpText::read("\n# Hỏi đáp \n\nChữ\n"), page("Hỏi đáp", "Chữ"));
        assert_eq!(HelpText::read("# Hỏi đáp"), page("Hỏi đáp", ""));
        assert_eq!(HelpText::read("Chữ\n# Hỏi"), page("", "Chữ\n# Hỏi"));
    }

    #[test]
    fn a_page_without_its_translation_is_shown_in_the_language_that_it_has() {
        let files = ThemeFiles::from([("pages/faq.vi.md".to_owned(), "# Hỏi đáp\n\nChữ".as_bytes().to_vec())]);
        let pages = read(&[("mau".to_owned(), files)]).expect("read");
        assert!(pages["faq"].of(Language::En).is_none());
        assert_eq!(pages["faq"].of(Language::Vi).map(|page| page.title.as_str()), Some("Hỏi đáp"));
    }

    #[test]
    fn a_file_that_is_no_page_is_refused() {
        for file in ["pages/faq.md", "pages/FAQ.vi.md", "pages/.vi.md", "pages/a/b.vi.md", "pages/faq.fr.md"] {
            let files = ThemeFiles::from([(file.to_owned(), b"# A".to_vec())]);
            let told = read(&[("mau".to_owned(), files)]).map_err(|error| error.to_string());
            assert!(told.is_err_and(|error| error.contains(file)), "{file}");
        }
        let long = ThemeFiles::from([("pages/a.vi.md".to_owned(), vec![b'a'; MOST_BYTES + 1])]);
        assert!(read(&[("mau".to_owned(), long)]).is_err());
    }
}
