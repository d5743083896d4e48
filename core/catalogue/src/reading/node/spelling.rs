//! Words that are almost right: the known word that the author likely meant, and the correction if it is certain.

use super::{FileTable, Placed};
use crate::reading::patch::TextPatch;
use std::ops::Range;

impl FileTable<'_> {
    /// Ties the missing key to the one that was written with other letters, and proposes the right letters if they are
    /// certain.
    pub(super) fn finish_misspelt(&self, name: &str, span: &Range<usize>, known: &str) {
        let written = self.report.len().saturating_sub(1);
        for (_, missing) in self.missed.borrow().iter().filter(|(key, _)| key == known) {
            self.report.tie(*missing, written);
        }
        let asked = self.asked.borrow();
        if !self.entries.contains_key(known) && sole_nearest(name, asked.iter().copied()).is_some() {
            self.propose(name, span, known);
        }
    }

    /// Proposes to write `known` for a word, if the file has exactly this word at the place.
    fn propose(&self, word: &str, span: &Range<usize>, known: &str) {
        let written = self.source.text.get(span.clone()).unwrap_or_default();
        let is_bare = known.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let is_plain = !known.contains(|letter: char| letter.is_control() || "\"'\\".contains(letter));
        let in_quotes =
            |quote: &str| written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) == Some(word);
        let bytes = if written == word && is_bare {
            span.clone()
        } else if is_plain && (in_quotes("\"") || in_quotes("'")) {
            span.start + 1..span.end - 1
        } else {
            return;
        };
        self.report.fix_latest(TextPatch { bytes, text: known.to_owned() });
    }

    /// Reports a word that is not among the known ones.
    pub fn unknown_word<'n>(&self, key: &str, word: &Placed<String>, known: impl Iterator<Item = &'n str>) {
        let known: Vec<&str> = known.collect();
        let help = match nearest(&word.value, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "there is none yet, so declare it first, or leave this out".to_owned(),
            None => format!("write one of {}", known.join(", ")),
        };
        let message = format!("`{}` is not a known {}", word.value, noun(key));
        self.mistake("unknown-name", word.span.clone(), &message, &help);
        if let Some(known) = sole_nearest(&word.value, known.iter().copied()) {
            self.propose(&word.value, &word.span, known);
        }
    }
}

/// Returns the noun for the values of a key.
fn noun(key: &str) -> String {
    let noun = match key {
        "accept" => "kind of file",
        "at" | "units" => "unit",
        "builtin" => "plugin of the kit",
        "by" => "way to assign a step",
        "count" => "way to count",
        "escalate" => "role",
        "from" => "source of a value",
        "methods" => "method",
        "on_failure" => "consequence of a failure",
        "posts" => "post",
        "requires" => "requirement",
        "tell" => "event",
        "way" => "way to round",
        key => return key.replace('_', " "),
    };
    noun.to_owned()
}

/// Returns the known word that the author meant, if no other word is as near.
fn sole_nearest<'n>(word: &str, mut known: impl Iterator<Item = &'n str> + Clone) -> Option<&'n str> {
    let near = nearest(word, known.clone())?;
    let distance = strsim::damerau_levenshtein(word, near);
    let is_other = |other: &str| other != near && strsim::damerau_levenshtein(word, other) <= distance;
    (!known.any(is_other)).then_some(near)
}

/// Returns the known word that the author likely meant.
pub fn nearest<'n>(word: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}
