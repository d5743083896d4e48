//! The patterns of `matches`, which are compiled once with their expression.
//!
//! The engine takes linear time: it never goes back over a text. The size of a pattern is bounded, and the work of a
//! match is counted by the size of the pattern and the length of the text.

use crate::text;
use crate::text::Text;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use regex::{Regex, RegexBuilder};
use std::collections::BTreeMap;

/// The longest pattern, in bytes.
const LONGEST: usize = 200;

/// The greatest weight of a pattern: its length, times the numbers in its braces.
const MOST_WEIGHT: usize = 20_000;

/// The most memory of a compiled pattern, in bytes.
const MOST_MEMORY: usize = 1 << 20;

/// The work of a match that one step of an evaluation stands for: bytes of the text times weight of the pattern.
const WORK_A_STEP: usize = 64;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(super) struct CompiledPattern {
    regex: Regex,
    weight: usize,
}

/// Returns the length of a pattern, times the greatest number in each of its braces: `[0-9]{12}` is repeated 12 times.
fn weight(pattern: &str) -> usize {
    let repeats = pattern.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(within, _)| {
        let numbers = within.split(',').filter_map(|number| number.trim().parse::<usize>().ok());
        numbers.max().unwrap_or(1).max(1)
    });
    repeats.fold(pattern.len().max(1), usize::saturating_mul)
}

impl CompiledPattern {
    /// Compiles a pattern. Returns the reason if it is not a pattern, or too large.
    pub fn new(pattern: &str) -> Result<Self, Text> {
        let weight = weight(pattern);
        let too_large = || text!("mẫu `{pattern}` quá lớn", "the pattern `{pattern}` is too large");
        if pattern.len() > LONGEST || weight > MOST_WEIGHT {
            return Err(too_large());
        }
        let built =
            RegexBuilder::new(pattern).size_limit(MOST_MEMORY).dfa_size_limit(MOST_MEMORY).nest_limit(20).build();
        match built {
            Ok(regex) => Ok(Self { regex, weight }),
            Err(regex::Error::CompiledTooBig(_)) => Err(too_large()),
            Err(error) => {
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
                Err(text!("`{pattern}` không phải là một mẫu: {reason}", "`{pattern}` is not a pattern: {reason}"))
            }
        }
    }

    /// Returns the steps of searching a text of so many bytes.
    pub const fn steps(&self, bytes: usize) -> usize {
        bytes.saturating_mul(self.weight) / WORK_A_STEP
    }

    /// Returns whether a part of the text fits the pattern.
    pub fn fits(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// Returns the pattern that a call of `matches` has, if it is written as a text.
pub(crate) fn written_pattern(call: &CallExpr) -> Option<&str> {
    match &call.args.last()?.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// Returns the problem of the pattern of a call, if it has one.
pub(crate) fn pattern_problem(call: &CallExpr) -> Option<Text> {
    match written_pattern(call) {
        Some(pattern) => CompiledPattern::new(pattern).err(),
        None => Some(text!(
            "mẫu của `matches` không được viết trong dấu nháy",
            "the pattern of `matches` is not written in quotes"
        )),
    }
}

/// The compiled patterns of an expression.
#[derive(Clone, Debug, Default)]
pub(super) struct Patterns(BTreeMap<String, CompiledPattern>);

impl Patterns {
    /// Compiles the patterns of an expression. A pattern with a problem is left out: the check reports it, and an
    /// evaluation that reaches it fails.
    pub fn of(parts: &[&IdedExpr]) -> Self {
        let calls = parts.iter().filter_map(|part| match &part.expr {
            Expr::Call(call) if call.func_name == "matches" => written_pattern(call),
            _ => None,
        });
        let compiled = calls.filter_map(|pattern| Some((pattern.to_owned(), CompiledPattern::new(pattern).ok()?)));
        Self(compiled.collect())
    }

    pub fn get(&self, pattern: &str) -> Option<&CompiledPattern> {
        self.0.get(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_is_too_large_or_none_is_refused() {
        for pattern in ["^[0-9]{12}$", r"\p{L}+( \p{L}+)*", "(?i)^đường ", r"^\d{2}[A-Z]-\d{3}\.\d{2}$"] {
            assert!(CompiledPattern::new(pattern).is_ok(), "{pattern}");
        }
        let long = "a".repeat(LONGEST + 1);
        for pattern in ["(((a{100}){100}){100}){100}", r"\w{500}", "(", "a**{", r"(a)\1", long.as_str()] {
            assert!(CompiledPattern::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_match_costs_more_with_a_longer_text_and_a_heavier_pattern() {
        let light = CompiledPattern::new("^a").expect("a pattern");
        let heavy = CompiledPattern::new("(a?){1000}").expect("a pattern");
        assert!(light.steps(20_000) < 1_000);
        assert!(heavy.steps(20_000) > 1_000_000);
        assert_eq!(weight(r"\p{L}{2,5}x{3,}"), r"\p{L}{2,5}x{3,}".len() * 15);
    }
}
