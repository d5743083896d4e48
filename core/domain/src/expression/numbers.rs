//! Arithmetic of expressions: whole and decimal numbers are not mixed, and nothing overflows in silence.

use super::stop::{EvaluationOutcome, fails};
use super::value::ExpressionValue;
use cel::common::ast::operators as op;

/// The decimal number after the largest whole number.
const BEYOND_WHOLE: f64 = 9_223_372_036_854_775_808.0;

pub(super) fn too_large<T>() -> EvaluationOutcome<T> {
    fails("a number is too large")
}

pub(super) fn arithmetic<'a>(
    sign: &str,
    left: &ExpressionValue<'a>,
    right: &ExpressionValue<'a>,
) -> EvaluationOutcome<ExpressionValue<'a>> {
    match (left, right) {
        (ExpressionValue::Int(_), ExpressionValue::Int(0)) if matches!(sign, op::DIVIDE | op::MODULO) => {
            fails("a number is divided by zero")
        }
        (ExpressionValue::Int(left), ExpressionValue::Int(right)) => {
            let number = match sign {
                op::ADD => left.checked_add(*right),
                op::SUBSTRACT => left.checked_sub(*right),
                op::MULTIPLY => left.checked_mul(*right),
                op::DIVIDE => left.checked_div(*right),
                _ => left.checked_rem(*right),
            };
            number.map_or_else(too_large, |number| Ok(ExpressionValue::Int(number)))
        }
        (ExpressionValue::Float(left), ExpressionValue::Float(right)) if sign != op::MODULO => {
            Ok(ExpressionValue::Float(match sign {
                op::ADD => left + right,
                op::SUBSTRACT => left - right,
                op::MULTIPLY => left * right,
                _ => left / right,
            }))
        }
        _ => fails(format!("`{sign}` cannot be applied to {} and {}", left.type_name(), right.type_name())),
    }
}

pub(super) fn int<'a>(value: &ExpressionValue<'a>) -> EvaluationOutcome<ExpressionValue<'a>> {
    let number = match value {
        ExpressionValue::Int(number) => Some(*number),
        ExpressionValue::Float(number) => whole_number(&ExpressionValue::Float(number.trunc())),
        other => other.text().and_then(|text| text.parse().ok()),
    };
    number.map_or_else(
        || fails(format!("{} is not a whole number", value.type_name())),
        |number| Ok(ExpressionValue::Int(number)),
    )
}

pub(super) fn double<'a>(value: &ExpressionValue<'a>) -> EvaluationOutcome<ExpressionValue<'a>> {
    let number = value.float().or_else(|| value.text().and_then(|text| text.parse().ok()));
    number.map_or_else(
        || fails(format!("{} is not a number", value.type_name())),
        |number| Ok(ExpressionValue::Float(number)),
    )
}

/// Returns a decimal number without decimals as a whole one.
pub(super) fn whole_number(value: &ExpressionValue<'_>) -> Option<i64> {
    let ExpressionValue::Float(number) = value else { return None };
    let inside = *number > -BEYOND_WHOLE && *number < BEYOND_WHOLE;
    #[expect(clippy::cast_possible_truncation, reason = "the range is looked at before")]
    let whole = *number as i64;
    (inside && number.fract() == 0.0).then_some(whole)
}
