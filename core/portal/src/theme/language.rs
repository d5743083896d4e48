//! The languages of pages: those of the portal, and further ones that a theme brings.
//!
//! Words of authors and agencies are in Vietnamese or English only. A further language therefore has one of these as the
//! language of its content, in which numbers and dates are written too.

use crate::theme::Theme;
use minijinja::Environment;
use motcua_domain::text::Language;
use unic_langid::LanguageIdentifier;

/// A language in which a theme shows pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PageLanguage {
    /// The language of what authors wrote, of numbers and of dates.
    content: Language,
    /// The number of the language among the further ones of the theme, or `None` for one of the portal.
    further: Option<usize>,
}

impl PageLanguage {
    /// Returns the language of what authors wrote, of numbers and of dates.
    pub const fn content(self) -> Language {
        self.content
    }
}

impl From<Language> for PageLanguage {
    fn from(content: Language) -> Self {
        Self { content, further: None }
    }
}

/// A language that a theme brings.
pub struct FurtherLanguage {
    pub tag: String,
    /// The name of the language in the language itself.
    pub name: String,
    pub content: Language,
    /// The templates with the texts of the language.
    pub environment: Environment<'static>,
}

/// Returns whether a theme may bring a language with this tag. The tag stands in addresses, cookies and pages.
pub fn may_be_further(tag: &str) -> bool {
    let is_plain = tag.len() <= 20 && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_own = [Language::Vi, Language::En].iter().any(|own| own.tag() == tag);
    is_plain && !is_own && tag.parse::<LanguageIdentifier>().is_ok_and(|parsed| parsed == tag)
}

/// Returns the name of a language of the portal in the language itself.
pub const fn own_name(language: Language) -> &'static str {
    match language {
        Language::Vi => "Tiếng Việt",
        Language::En => "English",
    }
}

impl Theme {
    /// Returns the languages of pages: Vietnamese, English, and those that the theme brings.
    pub fn languages(&self) -> impl Iterator<Item = PageLanguage> {
        let further = self.further.iter().enumerate();
        let further = further.map(|(number, own)| PageLanguage { content: own.content, further: Some(number) });
        [Language::Vi, Language::En].into_iter().map(PageLanguage::from).chain(further)
    }

    /// Returns the language with this tag, if the theme has it.
    pub fn named_language(&self, tag: &str) -> Option<PageLanguage> {
        self.languages().find(|language| self.tag(*language) == tag)
    }

    /// Returns the language with this tag, or Vietnamese.
    pub(crate) fn language(&self, tag: &str) -> PageLanguage {
        self.named_language(tag).unwrap_or_else(|| Language::default().into())
    }

    /// Returns the BCP 47 tag of a language.
    pub fn tag(&self, language: PageLanguage) -> &str {
        self.further_one(language).map_or_else(|| language.content.tag(), |own| own.tag.as_str())
    }

    /// Returns the name of a language in the language itself.
    pub(crate) fn language_name(&self, language: PageLanguage) -> &str {
        self.further_one(language).map_or_else(|| own_name(language.content), |own| own.name.as_str())
    }

    /// Returns a language that the theme brings, or `None` for one of the portal.
    fn further_one(&self, language: PageLanguage) -> Option<&FurtherLanguage> {
        self.further.get(language.further?)
    }

    /// Returns the templates with the texts of a language.
    pub(super) fn environment(&self, language: PageLanguage) -> &Environment<'static> {
        let [vi, en] = &self.environments;
        let own = match language.content {
            Language::Vi => vi,
            Language::En => en,
        };
        self.further_one(language).map_or(own, |further| &further.environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_further_language_has_a_plain_tag_that_the_portal_does_not_have() {
        for tag in ["fr", "km", "hmn", "zh-Hant", "pt-BR"] {
            assert!(may_be_further(tag), "{tag}");
        }
        for tag in ["", "vi", "en", "FR", "f", "fr;x", "fr/../x", "fr_FR", "französisch", "x-abcdefghijklmnopqrstu"] {
            assert!(!may_be_further(tag), "{tag}");
        }
    }
}
