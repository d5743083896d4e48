//! The language in which commands tell people what they found: that of `--lang`, or that of the locale.

use clap::ValueEnum;
use motcua_domain::text::{Language, Text};
use std::ffi::OsString;
use std::sync::OnceLock;

/// The variables that name the locale, in the order in which they count.
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// The language of this process.
static CHOSEN: OnceLock<Language> = OnceLock::new();

/// A language on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputLanguage {
    Vi,
    En,
}

impl From<OutputLanguage> for Language {
    fn from(language: OutputLanguage) -> Self {
        match language {
            OutputLanguage::Vi => Self::Vi,
            OutputLanguage::En => Self::En,
        }
    }
}

/// Chooses the language of this process, once: the one on the command line, or the one of the locale.
pub fn choose(named: Option<OutputLanguage>) {
    CHOSEN.get_or_init(|| named.map_or_else(of_environment, Language::from));
}

/// Returns the language of this process: English, unless another one was chosen.
pub fn chosen() -> Language {
    CHOSEN.get().copied().unwrap_or(Language::En)
}

/// Returns the language that the words of a command line name before they are parsed, or that of the locale.
pub fn of_words(words: &[OsString]) -> Language {
    let named = words.iter().enumerate().find_map(|(at, word)| {
        let word = word.to_str()?;
        let next = || words.get(at + 1).and_then(|next| next.to_str());
        word.strip_prefix("--lang=").or_else(|| (word == "--lang").then(next).flatten())
    });
    match named {
        Some("vi") => Language::Vi,
        Some("en") => Language::En,
        _ => of_environment(),
    }
}

/// Returns a text in the language of this process.
pub fn told(text: &Text) -> &str {
    text.get(chosen())
}

/// Returns the language of the locale.
fn of_environment() -> Language {
    of_locale(|variable| std::env::var(variable).ok())
}

/// Returns the language of the first variable that names a locale: Vietnamese for `vi` or `vi_VN.UTF-8`, and English
/// for every other locale.
fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Language {
    let locale = VARIABLES.into_iter().find_map(|name| variable(name).filter(|locale| !locale.is_empty()));
    let is_vietnamese = locale.is_some_and(|locale| locale.split(['_', '.', '@']).next() == Some("vi"));
    if is_vietnamese { Language::Vi } else { Language::En }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_names_the_language_at_any_place_of_the_command_line() {
        let of = |line: &str| of_words(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of("motcua --lang vi check ."), Language::Vi);
        assert_eq!(of("motcua check . --lang=vi"), Language::Vi);
        assert_eq!(of("motcua check . --lang en"), Language::En);
    }

    #[test]
    fn the_first_variable_that_names_a_locale_decides_and_other_languages_are_english() {
        let of = |set: &[(&str, &str)]| {
            of_locale(|name| set.iter().find(|(known, _)| *known == name).map(|(_, locale)| (*locale).to_owned()))
        };
        assert_eq!(of(&[]), Language::En);
        assert_eq!(of(&[("LANG", "vi_VN.UTF-8")]), Language::Vi);
        assert_eq!(of(&[("LANG", "vi")]), Language::Vi);
        assert_eq!(of(&[("LC_ALL", ""), ("LC_MESSAGES", "vi_VN"), ("LANG", "en_GB.UTF-8")]), Language::Vi);
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "vi_VN.UTF-8")]), Language::En);
        assert_eq!(of(&[("LANG", "fr_FR.UTF-8")]), Language::En);
        assert_eq!(of(&[("LANG", "vis_XX")]), Language::En);
    }
}
