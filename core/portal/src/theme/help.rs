//! Help pages: limited Markdown in the files `pages/NAME.vi.md` and `pages/NAME.en.md` of a theme, and in files with the
//! tags of further languages.

use crate::theme::files::{self, ThemeFiles, Unusable};
use crate::theme::markdown;
use crate::theme::{PageLanguage, Theme};
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

/// The languages that every page has.
pub(super) const LANGUAGES: [Language; 2] = [Language::Vi, Language::En];

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

/// A help page by the tags of its languages.
pub type HelpInLanguages = BTreeMap<String, HelpText>;

/// Returns whether a text is the name of a page: small letters, digits and dashes.
fn is_name(name: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.len() <= 60 && name.bytes().all(is_sign)
}

/// Reads the pages in a folder of a theme and of its parents, in the languages with these tags beside those of the portal.
/// A page of a theme replaces that of its parents.
pub fn read(chain: &[(String, ThemeFiles)], folder: &str, further: &[&str]) -> Result<HelpTexts, Unusable> {
    let is_known = |tag: &str| LANGUAGES.iter().any(|own| own.tag() == tag) || further.contains(&tag);
    let mut pages = HelpTexts::new();
    for (theme, of_theme) in chain.iter().rev() {
        for (file, path) in of_theme.keys().filter_map(|path| Some((path.strip_prefix(folder)?, path))) {
            let unusable = |reason: &str| Unusable::File { file: format!("{theme}/{path}"), reason: reason.to_owned() };
            let found = file.strip_suffix(".md").and_then(|file| file.rsplit_once('.'));
            let (name, tag) = found.filter(|&(name, tag)| is_name(name) && is_known(tag)).ok_or_else(|| {
                unusable("name it NAME.vi.md or NAME.en.md, with small letters, digits and dashes as the name")
            })?;
            let source = files::text(theme, of_theme, path)?;
            if source.len() > MOST_BYTES {
                return Err(unusable("a page has at most 64 KiB, so divide it into several pages"));
            }
            if pages.len() >= MOST_PAGES && !pages.contains_key(name) {
                return Err(unusable("a theme has at most 100 pages, so leave some out"));
            }
            pages.entry(name.to_owned()).or_default().insert(tag.to_owned(), HelpText::read(&source));
        }
    }
    Ok(pages)
}

impl Theme {
    /// Returns the names of the help pages, in order.
    pub(crate) fn help_names(&self) -> impl Iterator<Item = &str> {
        self.help.keys().map(String::as_str)
    }

    /// Returns a help page in a language, or in that of its content, or in any of the portal if it was not translated, with
    /// the tag of the language that it has.
    pub(crate) fn help(&self, name: &str, language: PageLanguage) -> Option<(&HelpText, &str)> {
        let page = self.help.get(name)?;
        let [vi, en] = LANGUAGES.map(Language::tag);
        let tags = [self.tag(language), language.content().tag(), vi, en];
        tags.into_iter().find_map(|tag| Some((page.get(tag)?, tag)))
    }

    /// Checks the help pages, and returns the problems.
    pub(crate) fn check_help(&self) -> Vec<Text> {
        let mut problems = Vec::new();
        for (name, page) in &self.help {
            for tag in self.languages().map(|language| self.tag(language)) {
                let file = format!("{FOLDER}{name}.{tag}.md");
                match page.get(tag) {
                    Some(page) => {
                        problems.extend(self.check_page(page).iter().map(|told| {
                            let (vi, en) = told.both();
                            text!("{file}: {vi}", "{file}: {en}")
                        }));
                    }
                    // A further language need not have every page.
                    None if LANGUAGES.iter().all(|own| own.tag() != tag) => {}
                    None => problems.push(text!(
                        "{file}: chưa có trang bằng ngôn ngữ này",
                        "{file}: the page is missing in this language",
                    )),
                }
            }
        }
        problems
    }

    /// Returns the problems of a page in limited Markdown.
    pub(super) fn check_page(&self, page: &HelpText) -> Vec<Text> {
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
        let pages = read(&[("mau".to_owned(), files)], FOLDER, &[]).expect("read");
        assert!(!pages["faq"].contains_key("en"));
        assert_eq!(pages["faq"]["vi"].title, "Hỏi đáp");
    }

    #[test]
    fn a_file_that_is_no_page_is_refused() {
        for file in ["pages/faq.md", "pages/FAQ.vi.md", "pages/.vi.md", "pages/a/b.vi.md", "pages/faq.fr.md"] {
            let files = ThemeFiles::from([(file.to_owned(), b"# A".to_vec())]);
            let told = read(&[("mau".to_owned(), files)], FOLDER, &["km"]).map_err(|error| error.to_string());
            assert!(told.is_err_and(|error| error.contains(file)), "{file}");
        }
        let french = ThemeFiles::from([("pages/faq.fr.md".to_owned(), b"# A".to_vec())]);
        assert!(
            read(&[("mau".to_owned(), french)], FOLDER, &["fr"]).is_ok_and(|pages| pages["faq"].contains_key("fr"))
        );
        let long = ThemeFiles::from([("pages/a.vi.md".to_owned(), vec![b'a'; MOST_BYTES + 1])]);
        assert!(read(&[("mau".to_owned(), long)], FOLDER, &[]).is_err());
    }
}
