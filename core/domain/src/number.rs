//! Numbers as people write and read them in the two languages of the portal.
//!
//! Vietnamese writes `1.234,5` and English `1,234.5`. A single sign that could be either groups thousands, if it is the
//! grouping sign of the page's language and exactly three digits follow. Marks that do not group in threes are
//! rejected, so that no value changes silently.

use crate::text::{Language, narrow};
use serde_json::{Value as Json, json};

/// A number taken apart: its sign, the digits before the decimal sign, and those after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenNumber {
    negative: bool,
    whole: String,
    decimals: String,
}

/// A sign between digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Dot,
    Comma,
    Blank,
}

/// Returns the sign that groups thousands.
const fn grouping(language: Language) -> char {
    match language {
        Language::Vi => '.',
        Language::En => ',',
    }
}

/// Returns the decimal sign.
const fn point(language: Language) -> char {
    match language {
        Language::Vi => ',',
        Language::En => '.',
    }
}

/// Returns whether runs of digits are thousands: one to three digits, then three each.
fn in_threes(runs: &[String]) -> bool {
    let Some((first, rest)) = runs.split_first() else { return false };
    let leads = (1..=3).contains(&first.len()) && !first.starts_with('0');
    leads && rest.iter().all(|run| run.len() == 3)
}

/// Splits the input into runs of digits and the marks between them. Returns `None` if the input contains anything else,
/// or if two marks follow one another.
fn runs(text: &str) -> Option<(Vec<String>, Vec<Mark>)> {
    let mut runs = vec![String::new()];
    let mut marks: Vec<Mark> = Vec::new();
    for c in text.chars() {
        let mark = match c {
            '0'..='9' => {
                runs.last_mut()?.push(c);
                continue;
            }
            '.' => Mark::Dot,
            ',' => Mark::Comma,
            c if c.is_whitespace() => Mark::Blank,
            _ => return None,
        };
        let open = runs.last().is_some_and(String::is_empty);
        if open && mark == Mark::Blank && marks.last() == Some(&Mark::Blank) {
            continue;
        }
        marks.push(mark);
        runs.push(String::new());
    }
    runs.iter().all(|run| !run.is_empty()).then_some((runs, marks))
}

/// Returns whether the last mark is the decimal sign.
fn ends_in_decimals(runs: &[String], marks: &[Mark], language: Language) -> bool {
    let groups = if language == Language::Vi { Mark::Dot } else { Mark::Comma };
    let Some((last, before)) = marks.split_last() else { return false };
    if *last == Mark::Blank || before.contains(last) {
        return false;
    }
    let three = runs.last().is_some_and(|run| run.len() == 3);
    let could_group = *last == groups && three && (!before.is_empty() || in_threes(runs));
    // After the other sign, this sign can only be the decimal sign: `1,000.500`.
    !could_group || before.iter().any(|mark| *mark != Mark::Blank)
}

/// Reads a number that was typed on a page in `language`. Returns `None` if the text is not a number, or is ambiguous.
pub fn read(text: &str, language: Language) -> Option<WrittenNumber> {
    let text = narrow(text);
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mut runs, mut marks) = runs(text.trim_start())?;
    let decimals = if ends_in_decimals(&runs, &marks, language) {
        marks.pop();
        runs.pop()?
    } else {
        String::new()
    };
    let is_grouped = marks.iter().all(|mark| marks.first() == Some(mark)) && in_threes(&runs);
    if !(marks.is_empty() || is_grouped) {
        return None;
    }
    Some(WrittenNumber { negative, whole: runs.concat(), decimals })
}

impl WrittenNumber {
    /// Returns a number of a program.
    pub fn of(number: &serde_json::Number) -> Option<Self> {
        // Rust writes a floating point number without an exponent.
        let text = match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => float.to_string(),
            None => number.to_string(),
        };
        let (negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |digits| (true, digits));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        (!whole.is_empty() && plain(whole) && plain(decimals)).then(|| Self {
            negative,
            whole: whole.to_owned(),
            decimals: decimals.to_owned(),
        })
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    /// Returns the value as a whole number. Returns `None` if it has decimals, or too many digits.
    pub fn integer(&self) -> Option<i64> {
        if !self.decimals.is_empty() {
            return None;
        }
        format!("{}{}", self.sign(), self.whole).parse().ok()
    }

    /// Returns the value. Returns `None` if it is too large.
    pub fn decimal(&self) -> Option<f64> {
        let text = format!("{}{}.{}0", self.sign(), self.whole, self.decimals);
        text.parse::<f64>().ok().filter(|number| number.is_finite())
    }

    /// Returns the number of digits after the decimal sign.
    pub const fn places(&self) -> usize {
        self.decimals.len()
    }

    /// Returns the number for readers, with thousands grouped.
    pub fn grouped(&self, language: Language) -> String {
        let mut grouped = String::new();
        for (place, digit) in self.whole.chars().enumerate() {
            if place > 0 && (self.whole.len() - place).is_multiple_of(3) {
                grouped.push(grouping(language));
            }
            grouped.push(digit);
        }
        self.with(&grouped, language)
    }

    /// Returns the number for an input box, without grouped thousands.
    pub fn plain(&self, language: Language) -> String {
        self.with(&self.whole, language)
    }

    /// Returns the number of digits before the decimal sign.
    pub const fn length(&self) -> usize {
        self.whole.len()
    }

    fn with(&self, whole: &str, language: Language) -> String {
        let sign = self.sign();
        if self.decimals.is_empty() {
            return format!("{sign}{whole}");
        }
        format!("{sign}{whole}{}{}", point(language), self.decimals)
    }
}

/// Writes a whole number with thousands grouped.
pub fn whole(number: i64, language: Language) -> String {
    shown(&number.into(), language)
}

/// Writes a number with thousands grouped.
pub fn decimal(number: f64, language: Language) -> String {
    serde_json::Number::from_f64(number).map_or_else(|| number.to_string(), |number| shown(&number, language))
}

/// Writes a number of a program with thousands grouped.
pub fn shown(number: &serde_json::Number, language: Language) -> String {
    WrittenNumber::of(number).map_or_else(|| number.to_string(), |written| written.grouped(language))
}

/// Returns the input of a box for numbers, letter by letter, with the language of the page. Text from Vietnamese pages
/// stays as it is.
pub fn typed(text: &str, language: Language) -> Json {
    match language {
        Language::En if !text.trim().is_empty() => json!({ "en": text }),
        _ => Json::from(text),
    }
}

/// Returns the text that [`typed`] has stored and the language of its page.
pub fn as_typed(kept: &Json) -> Option<(&str, Language)> {
    match kept {
        Json::String(text) => Some((text, Language::Vi)),
        Json::Object(with) => with.get("en").and_then(Json::as_str).map(|text| (text, Language::En)),
        _ => None,
    }
}

/// Returns the input of a box for numbers, converted for a page in `language`. A number that was typed on a page in the
/// other language is converted, because its signs have another meaning here. Any other input stays as it was typed.
pub fn retyped(kept: &Json, language: Language) -> String {
    if let Json::Number(number) = kept {
        return WrittenNumber::of(number).map_or_else(|| number.to_string(), |written| written.plain(language));
    }
    let Some((text, typed_in)) = as_typed(kept) else { return String::new() };
    match read(text, typed_in).filter(|_| typed_in != language) {
        Some(written) => written.plain(language),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str, language: Language) -> Option<f64> {
        read(text, language).and_then(|written| written.decimal())
    }

    #[test]
    fn a_vietnamese_page_reads_dots_as_thousands_only_in_threes() {
        let vi = |text| value(text, Language::Vi);
        for (text, number) in [
            ("1.500", 1500.0),
            ("1.000.000", 1e6),
            ("1,5", 1.5),
            ("1,500", 1.5),
            ("12.5", 12.5),
            ("1500000000.00", 1.5e9),
            ("0.500", 0.5),
            ("1.234,56", 1234.56),
            ("1,234.56", 1234.56),
            ("1,000,000", 1e6),
            ("-2.500", -2500.0),
            ("\u{2212}2.500", -2500.0),
            ("１．５００", 1500.0),
        ] {
            assert_eq!(vi(text), Some(number), "{text}");
        }
        for text in
            ["1.50.000", "1.5000.000", "0.500.000", "1.000,5,5", "1..5", "1.", ".5", "1tr", "1e3", "--5", "", "0x10"]
        {
            assert_eq!(vi(text), None, "{text}");
        }
    }

    #[test]
    fn an_english_page_reads_commas_as_thousands() {
        let en = |text| value(text, Language::En);
        for (text, number) in
            [("1,500", 1500.0), ("1.5", 1.5), ("1.500", 1.5), ("1,234.5", 1234.5), ("1.000.000", 1e6), ("12,5", 12.5)]
        {
            assert_eq!(en(text), Some(number), "{text}");
        }
        assert_eq!(en("1,50,000"), None);
    }

    #[test]
    fn blanks_of_every_width_group_thousands_in_threes() {
        for blank in [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\u{2007}', '\u{3000}'] {
            for language in [Language::Vi, Language::En] {
                assert_eq!(value(&format!("1{blank}500{blank}000"), language), Some(1_500_000.0));
                assert_eq!(value(&format!("12{blank}5"), language), None);
            }
            assert_eq!(value(&format!("1{blank}500,5"), Language::Vi), Some(1500.5));
            assert_eq!(value(&format!("1{blank}500.000"), Language::Vi), None, "thousands or decimals?");
        }
    }

    #[test]
    fn a_whole_number_has_no_decimals() {
        let whole = |text| read(text, Language::Vi).and_then(|written| written.integer());
        assert_eq!(whole("1.500"), Some(1500));
        for text in ["1.5", "1,5", "1500000000.00", "99999999999999999999"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_typed_in_one_language_is_written_anew_in_the_other() {
        let kept = typed("1,500.5", Language::En);
        assert_eq!(retyped(&kept, Language::En), "1,500.5");
        assert_eq!(retyped(&kept, Language::Vi), "1500,5");
        assert_eq!(retyped(&typed("1.500", Language::Vi), Language::En), "1500");
        assert_eq!(retyped(&typed("một", Language::En), Language::Vi), "một", "what is no number stays as it is");
        assert_eq!(retyped(&json!(12.5), Language::Vi), "12,5");
    }

    fn language() -> impl Strategy<Value = Language> {
        prop_oneof![Just(Language::Vi), Just(Language::En)]
    }

    proptest! {
        #[test]
        fn a_whole_number_that_is_written_is_read_as_the_same(number in any::<i64>(), language in language()) {
            let text = whole(number, language);
            prop_assert_eq!(read(&text, language).and_then(|written| written.integer()), Some(number));
            let plain = retyped(&json!(number), language);
            prop_assert_eq!(read(&plain, language).and_then(|written| written.integer()), Some(number));
        }

        #[test]
        fn a_decimal_number_that_is_written_is_read_as_the_same(
            number in prop_oneof![
                any::<f64>().prop_filter("finite", |number| number.is_finite()),
                (-10_000_000_i32..10_000_000).prop_map(|hundredths| f64::from(hundredths) / 100.0),
                (-10_000_000_i32..10_000_000).prop_map(|thousandths| f64::from(thousandths) / 1000.0),
            ],
            language in language(),
        ) {
            let text = decimal(number, language);
            prop_assert_eq!(read(&text, language).and_then(|written| written.decimal()), Some(number), "{}", text);
            let plain = retyped(&json!(number), language);
            prop_assert_eq!(read(&plain, language).and_then(|written| written.decimal()), Some(number), "{}", plain);
        }

        #[test]
        fn what_is_typed_in_one_language_has_the_same_value_in_the_other(
            text in "[0-9]{1,4}([., ][0-9]{1,3}){0,3}", language in language(),
        ) {
            if let Some(before) = read(&text, language) {
                let other = if language == Language::Vi { Language::En } else { Language::Vi };
                let moved = retyped(&typed(&text, language), other);
                prop_assert_eq!(read(&moved, other).and_then(|after| after.decimal()), before.decimal(), "{}", moved);
            }
        }

        #[test]
        fn reading_never_panics(text in any::<String>(), language in language()) {
            let _ = read(&text, language);
        }
    }
}
