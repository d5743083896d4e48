//! Numbers and texts in the words about a fee.

use crate::expression::ExactDecimal;
use crate::number;
use crate::text::{Language, Text};

/// Returns a text in both languages, each written by `write`.
pub(super) fn both(write: impl Fn(Language) -> String) -> Text {
    Text::new(write(Language::Vi), write(Language::En))
}

/// Returns the text that fits the language.
pub(super) const fn either<'a>(language: Language, vi: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Vi => vi,
        Language::En => en,
    }
}

/// Returns texts as one, with a separator between them.
pub(super) fn joined(texts: &[Text], separator: &str) -> Text {
    both(|language| texts.iter().map(|text| text.get(language)).collect::<Vec<_>>().join(separator))
}

/// Formats a number: `1.234,5`, or `1,234.5` in English.
pub(super) fn plain(number: ExactDecimal, language: Language) -> String {
    let digits = number.to_string();
    number::read(&digits, Language::En).map_or(digits, |written| written.grouped(language))
}

/// Formats a number with its unit: `3 bản`.
pub(super) fn measured(number: &str, unit: Option<&Text>, language: Language) -> String {
    unit.map_or_else(|| number.to_owned(), |unit| format!("{number} {}", unit.get(language)))
}

/// Formats an amount of money that may have decimals.
pub(super) fn money(amount: ExactDecimal, language: Language) -> String {
    format!("{} đ", plain(amount, language))
}
