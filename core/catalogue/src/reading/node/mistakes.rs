//! Reporting mistakes in tables.

use super::{FileTable, Placed, nearest};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

impl FileTable<'_> {
    /// Reports a mistake in this table.
    pub fn mistake(&self, code: &'static str, span: Range<usize>, message: impl Into<Text>, help: impl Into<Text>) {
        self.report.add(code, self.source, span, message, help);
    }

    /// Reports a warning in this table. A warning does not keep the portal from starting.
    pub fn warn(&self, code: &'static str, span: Range<usize>, message: impl Into<Text>, help: impl Into<Text>) {
        self.report.warn(code, self.source, span, message, help);
    }

    /// Reports mistakes that may follow from a mistake in one of these files. The first of them becomes the cause.
    pub fn resting_on<T>(&self, files: &[&str], read: impl FnOnce() -> T) -> T {
        let before = self.report.mark();
        let value = read();
        self.report.rest_on(before, files);
        value
    }

    /// Reports that a key is missing, or the tables under `[[key]]`. If the key exists, its own mistake is reported
    /// already. Only an empty list has none.
    pub fn missing(&self, key: &str, example: &str) {
        let is_table = key.starts_with('[');
        let name = key.trim_matches(['[', ']']).rsplit('.').next().unwrap_or(key);
        let line = if is_table { format!("{key}\n{}", example.trim_start()) } else { format!("{key} = {example}") };
        debug_assert!(DeTable::parse(&line).is_ok(), "this is not TOML: {line}");
        match self.entries.get(name) {
            Some(value) if value.get_ref().as_array().is_some_and(|items| items.is_empty()) => {
                self.mistake("empty", value.span(), &format!("`{name}` is empty"), &format!("write: {line}"));
            }
            None => {
                self.missed.borrow_mut().push((name.to_owned(), self.report.len()));
                self.mistake("missing-key", self.span.clone(), &format!("`{key}` is missing"), &format!("add: {line}"));
            }
            Some(_) => {}
        }
    }

    pub(super) fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let message = format!("`{key}` is {}, not {wanted}", type_in_words(value.get_ref()));
        self.mistake("wrong-type", value.span(), &message, &format!("write {wanted}"));
    }

    /// Reports the keys that no reader asked for, each with the nearest known key.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.entries.keys() {
            let name = key.get_ref().as_ref();
            if !asked.contains(name) {
                let near = nearest(name, asked.iter().copied());
                let help = match near {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("known keys are {}", asked.iter().copied().collect::<Vec<_>>().join(", ")),
                };
                self.mistake("unknown-key", key.span(), &format!("unknown key `{name}`"), &help);
                if let Some(known) = near {
                    self.finish_misspelt(name, &key.span(), known);
                }
            }
        }
    }
}

/// Returns the type of a value in the words of the messages.
fn type_in_words(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(number) if number.as_str().ends_with(['n', 'f']) => "no number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Returns a word with its indefinite article. The words are names of roles and of kinds of fields.
pub fn with_article(word: &str) -> String {
    let vowel = word.starts_with(['a', 'e', 'i', 'o']) && !word.starts_with("one");
    format!("{} {word}", if vowel { "an" } else { "a" })
}

/// Reads a limit, and reports a limit that cannot be read.
pub fn parse_limit(table: &FileTable<'_>, text: &Placed<String>) -> Option<Limit> {
    let limit = Limit::parse(&text.value);
    if limit.is_none() {
        let help = format!(
            "write a whole number from 1 to {} and working-hours, working-days or calendar-days, such as \"3 \
             working-days\"",
            Limit::MOST
        );
        table.mistake("bad-limit", text.span.clone(), &format!("`{}` is not a limit", text.value), &help);
    }
    limit
}

#[cfg(test)]
mod tests {
    use super::with_article;

    #[test]
    fn an_article_fits_the_sound_of_its_word() {
        let words = ["appraiser", "leader", "integer", "one-of", "unit-head", "email"].map(with_article);
        assert_eq!(words, ["an appraiser", "a leader", "an integer", "a one-of", "a unit-head", "an email"]);
    }
}
