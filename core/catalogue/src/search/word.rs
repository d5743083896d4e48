//! A word as the search compares it.

use crate::search::LONGEST_WORD;
use motcua_domain::fold::{fold, spelling};

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
    let is_mark = |sign: char| ('\u{300}'..='\u{36f}').contains(&sign);
    let words = text.split(move |sign: char| !sign.is_alphanumeric() && !is_mark(sign));
    words.map(SearchWord::new).filter(|word| !word.folded.is_empty())
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
}
