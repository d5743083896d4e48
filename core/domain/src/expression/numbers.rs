//! Arithmetic of expressions: whole and decimal numbers are not mixed, and nothing overflows in silence.

use super::stop::{Outcome, fails};
use super::value::Value;
use cel::common::ast::operators as op;

/// The decimal number after the largest whole number.
const BEYOND_WHOLE: f64 = 9_223_372_036_854_775_808.0;

pub(super) fn too_large<T>() -> Outcome<T> {
    fails("a number is too large")
}

pub(super) fn arithmetic<'a>(sign: &str, left: &Value<'a>, right: &Value<'a>) -> Outcome<Value<'a>> {
    match (left, right) {
        (Value::Int(_), Value::Int(0)) if matches!(sign, op::DIVIDE | op::MODULO) => {
            fails("a number is divided by zero")
        }
        (Value::Int(left), Value::Int(right)) => {
            let number = match sign {
                op::ADD => left.checked_add(*right),
                op::SUBSTRACT => left.checked_sub(*right),
                op::MULTIPLY => left.checked_mul(*right),
                op::DIVIDE => left.checked_div(*right),
                _ => left.checked_rem(*right),
            };
            number.map_or_else(too_large, |number| Ok(Value::Int(number)))
        }
        (Value::Float(left), Value::Float(right)) if sign != op::MODULO => Ok(Value::Float(match sign {
            op::ADD => left + right,
            op::SUBSTRACT => left - right,
            op::MULTIPLY => left * right,
            _ => left / right,
        })),
        _ => fails(format!("`{sign}` cannot be applied to {} and {}", left.type_name(), right.type_name())),
    }
}

pub(super) fn int<'a>(value: &Value<'a>) -> Outcome<Value<'a>> {
    let number = match value {
        Value::Int(number) => Some(*number),
        Value::Float(number) => whole_number(&Value::Float(number.trunc())),
        other => other.text().and_then(|text| text.parse().ok()),
    };
    number
        .map_or_else(|| fails(format!("{} is not a whole number", value.type_name())), |number| Ok(Value::Int(number)))
}

pub(super) fn double<'a>(value: &Value<'a>) -> Outcome<Value<'a>> {
    let number = value.float().or_else(|| value.text().and_then(|text| text.parse().ok()));
    number.map_or_else(|| fails(format!("{} is not a number", value.type_name())), |number| Ok(Value::Float(number)))
}

/// Returns a decimal number without decimals as a whole one.
pub(super) fn whole_number(value: &Value<'_>) -> Option<i64> {
    let Value::Float(number) = value else { return None };
    let inside = *number > -BEYOND_WHOLE && *number < BEYOND_WHOLE;
    #[expect(clippy::cast_possible_truncation, reason = "the range is looked at before")]
    let whole = *number as i64;
    (inside && number.fract() == 0.0).then_some(whole)
}
