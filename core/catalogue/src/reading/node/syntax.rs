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
        None => text!("đây không phải là TOML; xem https://toml.io", "this is not TOML; see https://toml.io"),
    }
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
        let told = |source: &str| advice_for_condition(source).get(Language::En).to_owned();
        assert!(told("depth = 20,5").starts_with("write `depth == 20.5`: "), "{}", told("depth = 20,5"));
        assert!(told("depth > ").starts_with("conditions are written in CEL"));
    }
}
