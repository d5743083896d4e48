//! Arithmetic of expressions: whole and decimal numbers are not mixed, decimals are exact, and nothing overflows in
//! silence.

use super::decimal::ExactDecimal;
use super::stop::{EvaluationOutcome, fails, unfit};
use super::value::ExpressionValue;
use cel::common::ast::operators as op;

pub(super) fn too_large<T>() -> EvaluationOutcome<T> {
    fails("a number is too large")
}

fn by_zero<T>() -> EvaluationOutcome<T> {
    fails("a number is divided by zero")
}

/// Returns the operator as authors write it: `+` for `_+_`.
fn written(sign: &str) -> &str {
    sign.trim_matches('_')
}

pub(super) fn arithmetic<'a>(
    sign: &str,
    left: &ExpressionValue<'a>,
    right: &ExpressionValue<'a>,
) -> EvaluationOutcome<ExpressionValue<'a>> {
    match (left, right) {
        (ExpressionValue::Zero, other) => arithmetic(sign, &zero_beside(other), other),
        (other, ExpressionValue::Zero) => arithmetic(sign, other, &zero_beside(other)),
        (ExpressionValue::Int(_), ExpressionValue::Int(0)) if matches!(sign, op::DIVIDE | op::MODULO) => by_zero(),
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
        (ExpressionValue::Decimal(_), ExpressionValue::Decimal(right)) if sign == op::DIVIDE && right.is_zero() => {
            by_zero()
        }
        (ExpressionValue::Decimal(left), ExpressionValue::Decimal(right)) if sign != op::MODULO => {
            let number = match sign {
                op::ADD => left.plus(*right),
                op::SUBSTRACT => left.plus(right.negated()),
                op::MULTIPLY => left.times(*right),
                _ => left.over(*right),
            };
            number.map_or_else(too_large, |number| Ok(ExpressionValue::Decimal(number)))
        }
        _ => unfit(&[left, right], || {
            format!("`{}` cannot be applied to {} and {}", written(sign), left.type_name(), right.type_name())
        }),
    }
}

/// Returns zero as a number of the type of another number.
const fn zero_beside<'a>(other: &ExpressionValue<'a>) -> ExpressionValue<'a> {
    match other {
        ExpressionValue::Decimal(_) => ExpressionValue::Decimal(ExactDecimal::whole(0)),
        _ => ExpressionValue::Int(0),
    }
}

/// Returns the sum of several numbers of one type.
pub(super) fn total<'a>(numbers: impl Iterator<Item = ExpressionValue<'a>>) -> EvaluationOutcome<ExpressionValue<'a>> {
    let mut sum = ExpressionValue::Zero;
    for number in numbers {
        if number.decimal().is_none() {
            return unfit(&[&number], || format!("`sum` cannot be applied to {}", number.type_name()));
        }
        sum = arithmetic(op::ADD, &sum, &number)?;
    }
    Ok(sum)
}

/// Returns the number with the other sign.
pub(super) fn negated<'a>(value: &ExpressionValue<'a>) -> EvaluationOutcome<ExpressionValue<'a>> {
    match value {
        ExpressionValue::Int(number) => {
            number.checked_neg().map_or_else(too_large, |number| Ok(ExpressionValue::Int(number)))
        }
        ExpressionValue::Decimal(number) => Ok(ExpressionValue::Decimal(number.negated())),
        ExpressionValue::Zero => Ok(ExpressionValue::Zero),
        other => unfit(&[other], || format!("`-` cannot be applied to {}", other.type_name())),
    }
}

/// Returns a number without its decimals, or the whole number that a text has.
pub(super) fn int<'a>(value: &ExpressionValue<'a>) -> EvaluationOutcome<ExpressionValue<'a>> {
    let number = match value {
        ExpressionValue::Decimal(number) => number.truncated(),
        other => other.whole().or_else(|| other.text().and_then(|text| text.parse().ok())),
    };
    match number {
        Some(number) => Ok(ExpressionValue::Int(number)),
        None => unfit(&[value], || format!("{} is not a whole number", value.type_name())),
    }
}

/// Returns a number as a decimal number, or the decimal number that a text has.
pub(super) fn double<'a>(value: &ExpressionValue<'a>) -> EvaluationOutcome<ExpressionValue<'a>> {
    match value.decimal().or_else(|| value.text().and_then(ExactDecimal::parse)) {
        Some(number) => Ok(ExpressionValue::Decimal(number)),
        None => unfit(&[value], || format!("{} is not a number", value.type_name())),
    }
}
