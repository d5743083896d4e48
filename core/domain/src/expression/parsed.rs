//! The expressions that a thread has parsed. Parsing is slow, and procedures, their versions and their workflows repeat many
//! texts.

use super::{Expression, NotCel};
use std::cell::RefCell;
use std::collections::HashMap;

/// The most expressions that a thread keeps. All are forgotten when another one comes.
const MOST_KEPT: usize = 1_000;

thread_local! {
    static PARSED: RefCell<HashMap<String, Expression>> = RefCell::default();
}

/// Returns the expression of a text, which this thread may have parsed before. Mistakes are not kept.
pub(super) fn once(source: &str, parse: impl FnOnce(&str) -> Result<Expression, NotCel>) -> Result<Expression, NotCel> {
    if let Some(known) = PARSED.with_borrow(|parsed| parsed.get(source).cloned()) {
        return Ok(known);
    }
    let expression = parse(source)?;
    PARSED.with_borrow_mut(|parsed| {
        if parsed.len() >= MOST_KEPT {
            parsed.clear();
        }
        parsed.insert(source.to_owned(), expression.clone());
    });
    Ok(expression)
}

#[cfg(test)]
mod tests {
    use super::{Expression, HashMap, MOST_KEPT, PARSED};
    use std::sync::Arc;

    #[test]
    fn a_text_is_parsed_once_and_the_texts_that_are_kept_have_a_bound() {
        let parse = |source: &str| Expression::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"));
        let (one, again) = (parse("area > 30"), parse("area > 30"));
        assert!(Arc::ptr_eq(&one.ast, &again.ast));
        for number in 0..=MOST_KEPT {
            parse(&format!("area > {number}"));
        }
        assert!(PARSED.with_borrow(HashMap::len) <= MOST_KEPT);
        assert_eq!(parse("area > 30"), one);
    }

    #[test]
    fn a_mistake_is_told_each_time() {
        for _ in 0..2 {
            assert!(Expression::parse("area >").is_err());
        }
    }
}
