//! Advice for sources that are no TOML or no CEL.

use motcua_domain::expression::Expression;
use motcua_domain::notation::{Notation, Rewriting};
use motcua_domain::text;
use motcua_domain::text::Text;
use std::ops::Range;
use toml::de::DeTable;

/// The longest source that is looked at, in bytes.
const LONGEST: usize = 2000;

/// Returns the advice for a place at which a file is no TOML.
pub(super) fn advice(text: &str, span: &Range<usize>) -> Text {
    let start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    // A text of several lines does not show on one line where it begins.
    let is_readable = line.len() <= LONGEST && !line.contains("\"\"\"") && !line.contains("'''");
    let rewriting = is_readable.then(|| Rewriting::of(line, Notation::Toml)).filter(|rewriting| !rewriting.is_same());
    match rewriting {
        Some(rewriting) => rewriting.advice(DeTable::parse(&rewriting.source).is_ok()),
        None => match quoted(line).filter(|_| is_readable) {
            Some(right) => text!(
                "hãy viết `{right}`: giá trị bằng chữ đứng trong dấu nháy kép",
                "write `{right}`: words stand in quotes"
            ),
            None => text!("đây không phải là TOML; xem https://toml.io", "this is not TOML; see https://toml.io"),
        },
    }
}

/// Returns a line of a file with the quotes that its value lacks, or with a small letter in `True` or `False`.
fn quoted(line: &str) -> Option<String> {
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    if let word @ ("true" | "false") = value.to_ascii_lowercase().as_str() {
        return (word != value).then(|| format!("{key} = {word}"));
    }
    let mut words = value.split_whitespace();
    let is_counted = words.next().is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        && words.next().is_some_and(|unit| unit.starts_with(|letter: char| letter.is_ascii_lowercase()));
    let lacks_quotes = value.starts_with(char::is_alphabetic) || is_counted;
    if !lacks_quotes && value.matches('"').count() != 1 {
        return None;
    }
    let right = format!("{key} = \"{}\"", value.trim_matches('"').trim());
    (!value.contains('#') && DeTable::parse(&right).is_ok()).then_some(right)
}

/// Returns the advice for a condition that is no CEL.
pub(super) fn advice_for_condition(source: &str) -> Text {
    let rewriting = (source.len() <= LONGEST).then(|| Rewriting::of(source, Notation::Cel));
    match rewriting.filter(|rewriting| !rewriting.is_same()) {
        Some(rewriting) => rewriting.advice(Expression::parse(&rewriting.source).is_ok()),
        None => text!(
            "điều kiện được viết bằng CEL, chẳng hạn `depth > 30 && kind == 'well'`",
            "conditions are written in CEL, such as `depth > 30 && kind == 'well'`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::text::Language;

    #[test]
    fn the_right_form_is_advised_if_it_is_right() {
        let told = |line: &str| advice(&format!("a = 1\n{line}\nb = 2\n"), &(7..8)).get(Language::Vi).to_owned();
        assert!(told("name = “Sơ đồ”").starts_with("hãy viết `name = \"Sơ đồ\"`: dấu nháy thẳng"));
        assert!(told("  “a”,").starts_with("hãy viết dấu nháy thẳng"), "a line of a list is no file");
        assert!(told("x y").contains("https://toml.io"));
        for lacking in ["unit = \"mot-cua", "unit = mot-cua", "unit = mot-cua\""] {
            assert!(told(lacking).starts_with("hãy viết `unit = \"mot-cua\"`: "), "{lacking}: {}", told(lacking));
        }
        assert!(told("limit = 3 working-days").starts_with("hãy viết `limit = \"3 working-days\"`: "));
        assert!(told("required = True").starts_with("hãy viết `required = true`"));
        for other in ["amount = 300.000", "min = 2026-02-30", "unit = ", "a = mot-cua # \"b"] {
            assert!(told(other).contains("https://toml.io"), "{other}: {}", told(other));
        }
        let told = |source: &str| advice_for_condition(source).get(Language::En).to_owned();
        assert!(told("depth = 20,5").starts_with("write `depth == 20.5`: "), "{}", told("depth = 20,5"));
        assert!(told("depth > ").starts_with("conditions are written in CEL"));
    }
}
