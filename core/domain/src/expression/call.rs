//! A call of a function: its surroundings, and the outcome if the arguments do not fit.

use super::meter::EvaluationMeter;
use super::pattern::Patterns;
use super::stop::{EvaluationOutcome, unfit};
use super::value::ExpressionValue;
use crate::text;

/// The surroundings of a call.
pub(super) struct FunctionCall<'c> {
    pub meter: &'c mut EvaluationMeter,
    pub patterns: &'c Patterns,
}

/// Returns the outcome of arguments that the function does not take.
pub(super) fn refused<T>(name: &str, given: &[ExpressionValue<'_>]) -> EvaluationOutcome<T> {
    let each: Vec<&ExpressionValue<'_>> = given.iter().collect();
    unfit(&each, || {
        let (vi, en): (Vec<&str>, Vec<&str>) = given.iter().map(ExpressionValue::type_name).unzip();
        let (vi, en) = (vi.join(" và "), en.join(" and "));
        text!("không áp dụng được `{name}` cho {vi}", "`{name}` cannot be applied to {en}")
    })
}
