//! Text in the portal's two languages, and text as people type it.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A language of the portal. Vietnamese comes first everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Vi,
    En,
}

impl Language {
    /// Returns the BCP 47 tag: `vi` or `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// Returns the language with this tag, or Vietnamese.
    pub fn from_tag(tag: &str) -> Self {
        if tag == "en" { Self::En } else { Self::Vi }
    }
}

/// Words shown to people: always in Vietnamese, and in English if the author wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Text {
    pub vi: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Text {
    /// Returns a text in both languages.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: Some(en.into()) }
    }

    /// Returns a text in Vietnamese only.
    pub fn vi(vi: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: None }
    }

    /// Returns the words in `language`, falling back to Vietnamese.
    pub fn get(&self, language: Language) -> &str {
        match (language, &self.en) {
            (Language::En, Some(en)) => en,
            _ => &self.vi,
        }
    }

    /// Returns whether the words are those of one of the languages.
    pub fn is_named(&self, words: &str) -> bool {
        self.vi == words || self.en.as_deref() == Some(words)
    }

    /// Returns the Vietnamese and the English words, to compose a text of them.
    pub fn both(&self) -> (&str, &str) {
        (self.get(Language::Vi), self.get(Language::En))
    }
}

impl From<(&str, &str)> for Text {
    /// Returns a text from its Vietnamese and its English words, which a constant can have.
    fn from((vi, en): (&str, &str)) -> Self {
        Self::new(vi, en)
    }
}

/// Returns a [`Text`] from two format strings with the same arguments: Vietnamese first, then English.
#[macro_export]
macro_rules! text {
    ($vi:literal, $en:literal $(,)?) => {
        $crate::text::Text::new(::std::format!($vi), ::std::format!($en))
    };
}

/// Displays reasons by their English words, as logs and the errors around them have them, and makes them errors. The type
/// has a method `text` with the words of both languages.
#[macro_export]
macro_rules! displayed_in_english {
    ($reason:ty) => {
        impl ::std::fmt::Display for $reason {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.text().get($crate::text::Language::En))
            }
        }

        impl ::std::error::Error for $reason {}
    };
}

/// Returns whether a character is invisible and changes how readers see the text around it: controls, zero-width and
/// bidirectional marks, fillers, and code points that are no characters.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || c as u32 & 0xfffe == 0xfffe
}

/// Returns a text without invisible characters, in NFC. Line ends are `\n`, and a tab is a blank.
pub fn clean(text: &str) -> String {
    let mut before = '\0';
    let kept = |c: char| {
        let after_return = std::mem::replace(&mut before, c) == '\r';
        match c {
            '\n' if after_return => None,
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\t' => Some(' '),
            c if is_invisible(c) => None,
            c => Some(c),
        }
    };
    let visible: String = text.chars().filter_map(kept).collect();
    visible.nfc().collect()
}

/// Returns a cleaned text on one line: all blanks and line ends between words become one blank.
pub fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a cleaned text with the wide letters, digits and signs of East Asian keyboards as plain ones, and every dash
/// as `-`. For numbers, dates and identifiers.
pub fn narrow(text: &str) -> String {
    // A plain letter may combine with a mark that its wide form did not accept.
    clean(text).chars().map(narrow_char).nfc().collect()
}

/// Returns a wide letter, digit or sign of an East Asian keyboard as a plain one, and every dash as `-`.
pub(crate) fn narrow_char(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_written_in_both_languages_with_the_same_arguments() {
        let (field, most) = ("name", 3);
        let text = crate::text!("`{field}` có nhiều hơn {most} chữ", "`{field}` has more than {most} letters");
        assert_eq!(text, Text::new("`name` có nhiều hơn 3 chữ", "`name` has more than 3 letters"));
        assert_eq!(text, Text::from(text.both()), "a text is its words in both languages");
    }

    #[test]
    fn what_nobody_sees_is_left_out() {
        assert_eq!(clean("An\0\u{7}\u{200b}\u{202e}\u{feff} Bình\u{e0041}"), "An Bình");
        assert_eq!(clean("một\r\nhai\rba\u{2028}bốn\tnăm"), "một\nhai\nba\nbốn năm");
        assert_eq!(clean("Hoa\u{200d}\u{300}"), "Hoà", "marks between a letter and its tone do not keep them apart");
        assert_eq!(one_line(" Nguyễn\n Văn\u{a0} An "), "Nguyễn Văn An");
        assert_eq!(narrow("０９１２–３４５"), "0912-345");
    }

    proptest! {
        #[test]
        fn a_clean_text_is_composed_has_nothing_invisible_and_stays_as_it_is(text in any::<String>()) {
            for once in [clean(&text), one_line(&text), narrow(&text)] {
                prop_assert!(once.chars().all(|c| c == '\n' || !is_invisible(c)));
                prop_assert!(unicode_normalization::is_nfc(&once));
                prop_assert_eq!(clean(&once), once.clone());
            }
            prop_assert_eq!(one_line(&one_line(&text)), one_line(&text));
            prop_assert_eq!(narrow(&narrow(&text)), narrow(&text));
        }
    }
}
