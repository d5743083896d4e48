//! A word as the search compares it.

use crate::search::LONGEST_WORD;
use motcua_domain::fold::{fold, spelling};
use std::collections::HashMap;

/// Words that say that somebody wants something, in either language. A query is hardly about them.
const QUIET: [&str; 28] = [
    "a", "an", "and", "can", "cho", "cua", "em", "for", "get", "how", "i", "in", "lam", "minh", "muon", "my", "nao",
    "need", "nhu", "of", "the", "thu", "to", "toi", "tuc", "va", "want", "xin",
];

/// A word of a text or of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SearchWord {
    /// The word without diacritics.
    pub folded: String,
    /// The word with diacritics, and with its tone at the end.
    pub spelling: String,
}

impl SearchWord {
    /// Returns a word. A syllable that ends in `y` after consonants gets an `i`, because people write both: `bác sỹ` and
    /// `bác sĩ`.
    fn new(word: &str) -> Self {
        let word: String = word.chars().take(LONGEST_WORD).collect();
        let (folded, spelling) = (fold(&word), spelling(&word));
        match folded.strip_suffix('y') {
            Some(start) if (1..=2).contains(&start.len()) && !start.contains(['a', 'e', 'i', 'o', 'u', 'y']) => {
                Self { folded: format!("{start}i"), spelling: spelling.replace('y', "i") }
            }
            _ => Self { folded, spelling },
        }
    }

    /// Returns whether the word has a digit.
    pub(super) fn is_number(&self) -> bool {
        self.folded.bytes().any(|sign| sign.is_ascii_digit())
    }

    /// Returns whether the word says little about the subject.
    pub(super) fn is_quiet(&self) -> bool {
        (self.folded.len() == 1 && !self.is_number()) || QUIET.contains(&self.folded.as_str())
    }
}

/// Returns the words of a text. Marks that combine with a letter belong to its word.
pub(super) fn words(text: &str) -> impl Iterator<Item = SearchWord> {
    written(text).map(SearchWord::new).filter(|word| !word.folded.is_empty())
}

/// Returns the words of a text as they are written, with empty texts between them.
fn written(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |sign: char| ('\u{300}'..='\u{36f}').contains(&sign);
    text.split(move |sign: char| !sign.is_alphanumeric() && !is_mark(sign))
}

/// The words that were read. Thousands of procedures share a few thousand words.
#[derive(Default)]
pub(super) struct KnownWords<'a>(HashMap<&'a str, SearchWord>);

impl<'a> KnownWords<'a> {
    /// Returns the words of a text with blanks between them: without diacritics, and with them.
    pub(super) fn of(&mut self, text: &'a str) -> (String, String) {
        let (mut folded, mut spelt) = (String::with_capacity(text.len()), String::with_capacity(text.len()));
        for word in written(text).filter(|word| !word.is_empty()) {
            let word = self.0.entry(word).or_insert_with(|| SearchWord::new(word));
            if word.folded.is_empty() {
                continue;
            }
            for (all, own) in [(&mut folded, &word.folded), (&mut spelt, &word.spelling)] {
                if !all.is_empty() {
                    all.push(' ');
                }
                all.push_str(own);
            }
        }
        (folded, spelt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).map(|word| word.folded).collect()
    }

    #[test]
    fn both_ways_of_writing_a_syllable_are_one_word() {
        assert_eq!(folded("sỹ"), folded("sĩ"));
        assert_eq!(SearchWord::new("kỹ"), SearchWord::new("kĩ"));
        assert_eq!(folded("quý"), ["quy"]);
    }

    #[test]
    fn a_text_is_split_at_signs_and_not_at_marks() {
        let found = folded("Ho\u{302}\u{323} ti\u{323}ch, 60/2014/QH13 (1.001193) - \u{301}");
        assert_eq!(found, ["ho", "tich", "60", "2014", "qh13", "1", "001193"]);
    }

    #[test]
    fn known_words_are_the_words_of_each_text() {
        let mut known = KnownWords::default();
        for text in ["Hộ tịch, hộ khẩu", "hộ tịch", "", " - \u{301}", "Bác sỹ (bác sĩ)"] {
            let joined = |part: fn(SearchWord) -> String| words(text).map(part).collect::<Vec<_>>().join(" ");
            assert_eq!(known.of(text), (joined(|word| word.folded), joined(|word| word.spelling)), "{text}");
        }
    }
}
