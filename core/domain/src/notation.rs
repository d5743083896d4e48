//! Signs that authors type in place of those of TOML and CEL: curved quotes of word processors, numbers as they are
//! written in Vietnam, and `=` or `and` in conditions.

use crate::fold::fold;
use crate::text;
use crate::text::{Text, is_invisible, narrow_char};
use unicode_normalization::UnicodeNormalization;

/// A language that authors write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    Cel,
    Toml,
}

/// A source with the signs of its notation in place of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewriting {
    pub source: String,
    /// The reasons of the changes, in Vietnamese and in English.
    reasons: Vec<(&'static str, &'static str)>,
}

const STRAIGHT: (&str, &str) = ("dấu nháy thẳng, không phải dấu nháy cong", "straight quotes, not curved ones");
const PLAIN: (&str, &str) = ("dấu cách, chữ và dấu thường", "ordinary blanks, letters and signs");
const POINT: (&str, &str) = ("dấu chấm trước phần thập phân", "a point before decimals");
const GROUPS: (&str, &str) =
    ("không dấu chấm hay dấu phẩy giữa các nhóm ba chữ số", "no point or comma between groups");
const COMPARE: (&str, &str) = ("so sánh bằng ==, !=, <=, >=", "comparisons by ==, !=, <=, >=");
const JOIN: (&str, &str) = ("&& là và, || là hoặc", "&& is and, || is or");
const NAMES: (&str, &str) =
    ("tên viết không dấu, chuỗi viết trong dấu nháy", "names without diacritics, texts in quotes");

impl Rewriting {
    /// Returns a source with the signs of its notation.
    pub fn of(source: &str, notation: Notation) -> Self {
        let mut scan = NotationScan::of(source, notation);
        while let Some(&raw) = scan.left.first() {
            scan.sign(raw);
        }
        Self { source: scan.written, reasons: scan.reasons }
    }

    /// Returns whether nothing is written otherwise.
    pub const fn is_same(&self) -> bool {
        self.reasons.is_empty()
    }

    /// Returns the advice to write the source like this, if it is right then.
    pub fn advice(&self, is_right: bool) -> Text {
        let (vi, en): (Vec<&str>, Vec<&str>) = self.reasons.iter().copied().unzip();
        let (source, vi, en) = (self.source.trim(), vi.join("; "), en.join("; "));
        if is_right {
            text!("hãy viết `{source}`: {vi}", "write `{source}`: {en}")
        } else {
            text!("hãy viết {vi}", "write {en}")
        }
    }
}

/// A source that is being rewritten.
struct NotationScan {
    notation: Notation,
    /// The characters from the current place.
    left: Vec<char>,
    written: String,
    /// The number of open brackets, within which a comma stands between values.
    depth: usize,
    reasons: Vec<(&'static str, &'static str)>,
}

impl NotationScan {
    fn of(source: &str, notation: Notation) -> Self {
        Self { notation, left: source.nfc().collect(), written: String::new(), depth: 0, reasons: Vec::new() }
    }

    /// Takes so many characters off the source.
    fn take(&mut self, count: usize) -> String {
        let count = count.min(self.left.len());
        self.left.drain(..count).collect()
    }

    /// Writes a text in place of so many characters.
    fn put(&mut self, count: usize, text: &str, reason: (&'static str, &'static str)) {
        self.take(count);
        self.written.push_str(text);
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Writes so many characters as they are.
    fn keep(&mut self, count: usize) {
        let kept = self.take(count);
        self.written.push_str(&kept);
    }

    /// Returns the number of the next characters that are like this as plain ones.
    fn run(&self, is_like: impl Fn(char) -> bool) -> usize {
        self.left.iter().take_while(|c| is_like(narrow_char(**c))).count()
    }

    /// Rewrites the next sign, word, number or text.
    fn sign(&mut self, raw: char) {
        let c = narrow_char(raw);
        let next = self.left.get(1).copied().map(narrow_char);
        match c {
            '\'' | '"' => self.straight(c, raw == c),
            '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' | '‛' => self.curved(c),
            '#' if self.notation == Notation::Toml => self.keep(self.left.len()),
            '/' if next == Some('/') && self.notation == Notation::Cel => self.keep(self.left.len()),
            c if c.is_ascii_digit() => self.number(),
            c if c.is_alphabetic() || c == '_' => self.word(),
            c if !c.is_ascii() && is_invisible(c) => self.put(1, "", PLAIN),
            c if !c.is_ascii() && c.is_whitespace() => self.put(1, " ", PLAIN),
            c if self.notation == Notation::Cel => self.operator(c, next, raw == c),
            c => self.plain(c, raw == c),
        }
    }

    /// Writes a sign that is no operator.
    fn plain(&mut self, c: char, is_plain: bool) {
        match c {
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if is_plain {
            self.keep(1);
        } else {
            self.put(1, c.encode_utf8(&mut [0; 4]), PLAIN);
        }
    }

    fn operator(&mut self, c: char, next: Option<char>, is_plain: bool) {
        match (c, next) {
            ('=' | '!' | '<' | '>', Some('=')) | ('&', Some('&')) | ('|', Some('|')) => self.keep(2),
            ('=', Some('<')) => self.put(2, "<=", COMPARE),
            ('=', Some('>')) => self.put(2, ">=", COMPARE),
            ('<', Some('>')) => self.put(2, "!=", COMPARE),
            ('=', _) => self.put(1, "==", COMPARE),
            ('≤', _) => self.put(1, "<=", COMPARE),
            ('≥', _) => self.put(1, ">=", COMPARE),
            ('≠', _) => self.put(1, "!=", COMPARE),
            ('&', _) => self.put(1, "&&", JOIN),
            ('|', _) => self.put(1, "||", JOIN),
            (c, _) => self.plain(c, is_plain),
        }
    }

    /// Writes a text in straight quotes as it is, unless a curved quote ends it.
    fn straight(&mut self, mark: char, is_plain: bool) {
        let has_escapes = mark == '"' || self.notation == Notation::Cel;
        let mut is_escaped = false;
        let end = self.left.iter().skip(1).position(|c| {
            let ends = !is_escaped && narrow_char(*c) == mark;
            is_escaped = has_escapes && !is_escaped && *c == '\\';
            ends
        });
        match end {
            Some(end) if is_plain => self.keep(end + 2),
            Some(end) => self.quoted(end, mark),
            None => match self.left.iter().skip(1).position(|c| is_curved_as(mark, *c)) {
                Some(end) => self.quoted(end, mark),
                None => self.keep(self.left.len()),
            },
        }
    }

    /// Writes a text that begins with a curved quote in straight ones.
    fn curved(&mut self, opening: char) {
        let mark = if is_curved_as('"', opening) { '"' } else { '\'' };
        let ends = |c: &char| is_curved_as(mark, *c) || narrow_char(*c) == mark;
        match self.left.iter().skip(1).position(ends) {
            Some(end) => {
                let mark = if self.notation == Notation::Cel { '\'' } else { '"' };
                self.quoted(end, mark);
            }
            None => self.put(1, "\"", STRAIGHT),
        }
    }

    /// Writes the text of so many characters between the next mark and the one behind the text.
    fn quoted(&mut self, length: usize, mark: char) {
        let inner: String = self.left.iter().skip(1).take(length).collect();
        self.put(length + 2, &format!("{mark}{inner}{mark}"), STRAIGHT);
    }

    fn word(&mut self) {
        let length = self.run(|c| c.is_alphanumeric() || c == '_');
        let raw: String = self.left.iter().take(length).collect();
        let word: String = raw.chars().map(narrow_char).collect();
        match (self.notation, word.to_lowercase().as_str()) {
            (Notation::Cel, "and" | "và") => self.put(length, "&&", JOIN),
            (Notation::Cel, "or" | "hoặc") => self.put(length, "||", JOIN),
            (Notation::Cel, _) if !word.is_ascii() => self.put(length, &fold(&word), NAMES),
            _ if word != raw => self.put(length, &word, PLAIN),
            _ => self.keep(length),
        }
    }

    /// Writes a number with a point before its decimals, and with the groups that the notation allows.
    fn number(&mut self) {
        let is_part = |at: usize| {
            let c = |at: usize| self.left.get(at).copied().map(narrow_char);
            let is_digit = |at: usize| c(at).is_some_and(|c| c.is_ascii_digit());
            is_digit(at) || (c(at).is_some_and(|c| ".,_".contains(c)) && is_digit(at + 1))
        };
        let length = (0..self.left.len()).take_while(|at| is_part(*at)).count();
        let raw: String = self.left.iter().take(length).collect();
        let narrow: String = raw.chars().map(narrow_char).collect();
        let separators: Vec<char> = narrow.chars().filter(|c| !c.is_ascii_digit()).collect();
        let groups: Vec<&str> = narrow.split(['.', ',', '_']).collect();
        let are_thousands = |groups: &[&str]| groups.iter().skip(1).all(|group| group.len() == 3);
        let between = if self.notation == Notation::Toml { "_" } else { "" };
        let has_comma = separators.contains(&',');
        match (separators.as_slice(), groups.split_last()) {
            _ if has_comma && self.depth > 0 => self.keep(length),
            ([first, .., last], Some((decimals, whole))) if *first != ',' && *last == ',' && are_thousands(whole) => {
                self.put(length, &format!("{}.{decimals}", whole.join(between)), POINT);
            }
            ([first, _, ..], _) if *first != '_' && separators.iter().all(|c| c == first) && are_thousands(&groups) => {
                self.put(length, &groups.join(between), GROUPS);
            }
            // Three digits may be a group or decimals.
            ([','], Some((decimals, whole))) if decimals.len() != 3 => {
                self.put(length, &format!("{}.{decimals}", whole.concat()), POINT);
            }
            _ if self.notation == Notation::Cel && separators.contains(&'_') => {
                self.put(length, &narrow.replace('_', ""), GROUPS);
            }
            _ if narrow != raw => self.put(length, &narrow, PLAIN),
            _ => self.keep(length),
        }
    }
}

/// Returns whether a character is a curved quote in place of a straight one.
fn is_curved_as(mark: char, c: char) -> bool {
    let curved = if mark == '"' { "“”„‟«»" } else { "‘’‚‛" };
    curved.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;

    #[test]
    fn a_condition_is_written_with_the_signs_of_cel() {
        for (typed, right) in [
            ("muc_dich = 'vat-lieu'", "muc_dich == 'vat-lieu'"),
            ("a == 1 and b == 2", "a == 1 && b == 2"),
            ("a == 1 và b == 2 hoặc c == 3", "a == 1 && b == 2 || c == 3"),
            ("kind == ‘well’", "kind == 'well'"),
            ("kind == “well”", "kind == 'well'"),
            ("kind == 'well’", "kind == 'well'"),
            ("dien_tich > 20,5", "dien_tich > 20.5"),
            ("gia > 4.500.000", "gia > 4500000"),
            ("gia > 4_500_000", "gia > 4500000"),
            ("gia > 4.500.000,5", "gia > 4500000.5"),
            ("depth\u{a0}> 3", "depth > 3"),
            ("depth > ３０", "depth > 30"),
            ("depth ≥ 30 & depth <> 40", "depth >= 30 && depth != 40"),
            ("diện_tích > 20.0", "dien_tich > 20.0"),
        ] {
            let rewriting = Rewriting::of(typed, Notation::Cel);
            assert_eq!(rewriting.source, right, "{typed}");
            assert!(!rewriting.is_same(), "{typed}");
            assert!(Expression::parse(right).is_ok(), "{right}");
        }
        for right in ["a == 'và = “1,5”' && size([1,5]) >= 2", "a != 1.5 || b <= max(1,5)", "r'\\d' == name // = 1"]
        {
            let rewriting = Rewriting::of(right, Notation::Cel);
            assert_eq!((rewriting.source.as_str(), rewriting.is_same()), (right, true));
        }
    }

    #[test]
    fn a_line_is_written_with_the_signs_of_toml() {
        for (typed, right) in [
            ("name = “Sơ đồ vị trí”", "name = \"Sơ đồ vị trí\""),
            ("name = \"Sơ đồ”", "name = \"Sơ đồ\""),
            ("amount = 4.500.000", "amount = 4_500_000"),
            ("max = 20,5", "max = 20.5"),
            ("level\u{a0}= ４", "level = 4"),
        ] {
            let rewriting = Rewriting::of(typed, Notation::Toml);
            assert_eq!((rewriting.source.as_str(), rewriting.is_same()), (right, false), "{typed}");
        }
        for right in ["a = { vi = \"“x” 1,5\", en = 'y' } # 1,5", "at = 2026-03-02", "list = [1,5]"] {
            let rewriting = Rewriting::of(right, Notation::Toml);
            assert_eq!((rewriting.source.as_str(), rewriting.is_same()), (right, true));
        }
    }
}
