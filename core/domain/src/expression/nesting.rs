//! The nesting of a text that may be no CEL. It is measured before the text is parsed, because the parser uses the stack of a
//! thread for each bracket, and a thread without stack ends the portal.
//!
//! Texts and comments therefore end here where they end for the parser. A text that the parser would read in another way is
//! no CEL, and is refused.

use super::NotCel;
use crate::text;

/// A written text.
#[derive(Clone, Copy)]
struct QuotedText {
    mark: char,
    /// It begins and ends with three marks, and may have several lines.
    is_long: bool,
    /// A backslash in it is an ordinary sign.
    is_raw: bool,
}

/// Returns the nesting of brackets and of choices with `?`.
pub(super) fn nesting(source: &str) -> Result<usize, NotCel> {
    let (mut open, mut choices, mut deepest) = (0_usize, 0_usize, 0);
    // The letters and digits before the current place: a name, a number, or the prefix of a text.
    let mut word = String::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '\'' | '"' => after_text(after, c, &word)?,
            '/' if after.starts_with('/') => after.find('\n').and_then(|end| after.get(end..)).unwrap_or_default(),
            '`' => {
                return Err(NotCel(text!(
                    "không viết tên giữa hai dấu nháy ngược",
                    "a name is not written between backquotes"
                )));
            }
            _ => after,
        };
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            '?' => choices += 1,
            _ => {}
        }
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
        } else {
            word.clear();
        }
        deepest = deepest.max(open + choices);
    }
    Ok(deepest)
}

/// Returns the source behind a written text. `after` begins behind its first mark, and `prefix` stands before the mark.
fn after_text<'s>(after: &'s str, mark: char, prefix: &str) -> Result<&'s str, NotCel> {
    let is_raw = match prefix.to_ascii_lowercase().as_str() {
        "" | "b" => false,
        "r" | "br" => true,
        _ => {
            return Err(NotCel(text!(
                "một chuỗi bắt đầu ngay trong `{prefix}{mark}`",
                "a text begins within `{prefix}{mark}`"
            )));
        }
    };
    let long = after.strip_prefix(mark).and_then(|second| second.strip_prefix(mark));
    let text = QuotedText { mark, is_long: long.is_some(), is_raw };
    let mut rest = long.unwrap_or(after);
    loop {
        if let Some(behind) = text.end(rest) {
            return Ok(behind);
        }
        rest = text.next(rest)?;
    }
}

impl QuotedText {
    /// Returns the source behind the end of the text, if `rest` begins with the end.
    fn end(self, rest: &str) -> Option<&str> {
        let behind = rest.strip_prefix(self.mark)?;
        if self.is_long { behind.strip_prefix(self.mark)?.strip_prefix(self.mark) } else { Some(behind) }
    }

    /// Returns the source behind the next sign of the text.
    fn next(self, rest: &str) -> Result<&str, NotCel> {
        let mark = self.mark;
        let endless = || NotCel(text!("một chuỗi chưa kết thúc: thiếu {mark}", "a text has no end: {mark} is missing"));
        let c = rest.chars().next().ok_or_else(endless)?;
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\n' | '\r' if !self.is_long => Err(endless()),
            '\\' if !self.is_raw => after_escape(after),
            _ => Ok(after),
        }
    }
}

/// Returns the source behind a sign that is written with a backslash. `after` begins behind the backslash.
fn after_escape(after: &str) -> Result<&str, NotCel> {
    let sign = after.chars().next().unwrap_or_default();
    let digits = match sign {
        'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '"' | '\'' | '\\' | '?' | '`' => 0,
        'x' | 'X' | '0'..='3' => 2,
        'u' => 4,
        'U' => 8,
        _ => {
            return Err(NotCel(text!(
                "dấu gạch chéo ngược trong chuỗi phải viết thành hai dấu",
                "a backslash in a text is written as two backslashes"
            )));
        }
    };
    let radix = if sign.is_ascii_digit() { 8 } else { 16 };
    let written = after.get(1..1 + digits).filter(|written| written.chars().all(|digit| digit.is_digit(radix)));
    let behind = written.and_then(|_| after.get(1 + digits..));
    let short = || text!("`\\{sign}` trong chuỗi cần {digits} chữ số", "`\\{sign}` in a text needs {digits} digits");
    behind.ok_or_else(|| NotCel(short()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;

    #[test]
    fn brackets_in_texts_and_comments_do_not_count() {
        for (source, deep) in [
            ("(a) + (b)", 1),
            ("a ? b : c ? d : e", 2),
            ("'((('", 0),
            ("'' + ((a))", 2),
            (r#""\"(((""#, 0),
            (r"'\x28\u0028\050((' + (a)", 1),
            (r"r'\' + (a)", 1),
            ("'''(\n'((''' + (a)", 1),
            ("(a // (((\n)", 1),
            (r"a.matches('^\\d{3}$')", 1),
        ] {
            assert_eq!(nesting(source), Ok(deep), "{source}");
        }
    }

    #[test]
    fn brackets_behind_a_text_that_seems_to_go_on_do_not_end_the_portal() {
        let deep = format!("{}1{}", "(".repeat(900), ")".repeat(900));
        for before in
            ["//'\n", "'\n", "'\\q", "r'\\' + ", "xr'\\' + ", "1r'\\' + ", "'''", "'\\x4' + ", "\"a' + ", "`//`"]
        {
            for behind in ["", "'", "\n'"] {
                assert!(Expression::parse(&format!("{before}{deep}{behind}")).is_err(), "{before:?} {behind:?}");
            }
        }
    }
}
