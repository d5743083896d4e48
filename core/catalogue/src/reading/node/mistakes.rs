//! Reporting mistakes in tables.

use super::{FileTable, Placed, did_you_mean, nearest};
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
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
                let help = text!("hãy viết: {line}", "write: {line}");
                self.mistake("empty", value.span(), text!("`{name}` để trống", "`{name}` is empty"), help);
            }
            None => {
                self.missed.borrow_mut().push((name.to_owned(), self.report.len()));
                let help = text!("hãy thêm: {line}", "add: {line}");
                self.mistake("missing-key", self.span.clone(), text!("thiếu `{key}`", "`{key}` is missing"), help);
            }
            Some(_) => {}
        }
    }

    pub(super) fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &Text) {
        let written = type_in_words(value.get_ref());
        let (written_vi, written) = (written.get(Language::Vi), written.get(Language::En));
        let (vi, en) = (wanted.get(Language::Vi), wanted.get(Language::En));
        let message = text!("`{key}` là {written_vi}, không phải {vi}", "`{key}` is {written}, not {en}");
        let help = match value.get_ref() {
            DeValue::Float(number) if *wanted == whole_number() && is_grouped(number.as_str()) => {
                let whole = number.as_str().replace('.', "_");
                text!("hãy viết {vi}, không có dấu chấm: {whole}", "write {en}, without a point: {whole}")
            }
            DeValue::String(text) if *wanted == whole_number() => as_whole(text).map_or_else(
                || text!("hãy viết {vi}", "write {en}"),
                |number| text!("hãy viết {vi} không có dấu nháy: {number}", "write {en} without quotes: {number}"),
            ),
            _ => text!("hãy viết {vi}", "write {en}"),
        };
        self.mistake("wrong-type", value.span(), message, help);
    }

    /// Reports the keys that no reader asked for, each with the nearest known key.
    pub fn finish(&self) {
        self.tie_misplaced();
        let asked = self.asked.borrow();
        let all = asked.iter().copied().collect::<Vec<_>>().join(", ");
        let mut of_above = Vec::new();
        for key in self.entries.keys() {
            let name: &str = key.get_ref().as_ref();
            if asked.contains(name) {
                continue;
            }
            if self.is_of_above(name) {
                of_above.push((name, key.span()));
                continue;
            }
            let near = nearest(name, asked.iter().copied());
            let help = match near {
                Some(known) => did_you_mean(known),
                None => text!("các khóa đã có là {all}", "known keys are {all}"),
            };
            self.mistake("unknown-key", key.span(), text!("không có khóa `{name}`", "unknown key `{name}`"), help);
            self.report.name_latest(name, near);
            if let Some(known) = near {
                self.finish_misspelt(name, &key.span(), known);
            }
        }
        self.finish_misplaced(of_above, &all);
    }
}

/// Returns whether a number looks like thousands in Vietnam, such as `4.500`.
fn is_grouped(number: &str) -> bool {
    let of_digits = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    let parts = number.split_once('.');
    parts.is_some_and(|(whole, group)| whole.len() <= 3 && group.len() == 3 && of_digits(whole) && of_digits(group))
}

/// Returns the whole number that a text such as `300.000 đ` means, as TOML writes it.
fn as_whole(text: &str) -> Option<String> {
    let number = text.trim().trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let groups: Vec<&str> = number.split(['.', ',', ' ', '_']).collect();
    let are_digits = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|digit| digit.is_ascii_digit()));
    let are_thousands = groups.iter().skip(1).all(|group| group.len() == 3);
    let begins_with_zero = number.len() > 1 && number.starts_with('0');
    (are_digits && are_thousands && !begins_with_zero).then(|| groups.join("_"))
}

/// Returns the words for the type of whole numbers.
pub(super) fn whole_number() -> Text {
    text!("số nguyên", "a whole number")
}

/// Returns the type of a value in the words of the messages.
fn type_in_words(value: &DeValue<'_>) -> Text {
    match value {
        DeValue::String(_) => text!("chuỗi", "a text"),
        DeValue::Integer(_) => whole_number(),
        DeValue::Float(number) if number.as_str().ends_with(['n', 'f']) => text!("giá trị không phải số", "no number"),
        DeValue::Float(_) => text!("số thập phân", "a decimal number"),
        DeValue::Boolean(_) => text!("true hoặc false", "true or false"),
        DeValue::Datetime(_) => text!("ngày hoặc giờ", "a date or a time"),
        DeValue::Array(_) => text!("danh sách", "a list"),
        DeValue::Table(_) => text!("bảng", "a table"),
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
        let (written, most) = (&text.value, Limit::MOST);
        let message = text!("`{written}` không phải là thời hạn", "`{written}` is not a limit");
        let help = text!(
            "hãy viết một số nguyên từ 1 đến {most} và working-hours, working-days hoặc calendar-days, chẳng hạn \
             \"3 working-days\"",
            "write a whole number from 1 to {most} and working-hours, working-days or calendar-days, such as \"3 \
             working-days\"",
        );
        table.mistake("bad-limit", text.span.clone(), message, help);
    }
    limit
}

#[cfg(test)]
mod tests {
    use super::{as_whole, is_grouped, with_article};

    #[test]
    fn a_text_with_thousands_and_a_unit_is_the_whole_number_that_it_means() {
        let written = ["300.000 đ", "3", "1 500 000", "2,5", "four", "007", ""].map(as_whole);
        let expected = [Some("300_000"), Some("3"), Some("1_500_000"), None, None, None, None];
        assert_eq!(written, expected.map(|number| number.map(str::to_owned)));
    }

    #[test]
    fn thousands_with_a_point_are_no_decimals() {
        assert_eq!(["4.500", "20.5", "1234.500", "1.5e3"].map(is_grouped), [true, false, false, false]);
    }

    #[test]
    fn an_article_fits_the_sound_of_its_word() {
        let words = ["appraiser", "leader", "integer", "one-of", "unit-head", "email"].map(with_article);
        assert_eq!(words, ["an appraiser", "a leader", "an integer", "a one-of", "a unit-head", "an email"]);
    }
}
