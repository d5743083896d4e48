//! Arithmetic of expressions: whole and decimal numbers are not mixed, decimals are exact, and nothing overflows in
//! silence.

use super::decimal::ExactDecimal;
use super::stop::{EvaluationOutcome, fails, unfit};
use super::value::ExpressionValue;
use crate::text;
use cel::common::ast::operators as op;

pub(super) fn too_large<T>() -> EvaluationOutcome<T> {
    fails(text!("một số quá lớn", "a number is too large"))
}

fn by_zero<T>() -> EvaluationOutcome<T> {
    fails(text!("một số bị chia cho 0", "a number is divided by zero"))
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
            let (sign, (left, first), (right, second)) = (written(sign), left.type_name(), right.type_name());
            text!(
                "không áp dụng được `{sign}` cho {left} và {right}",
                "`{sign}` cannot be applied to {first} and {second}"
            )
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
            return unfit(&[&number], || {
                let (vi, en) = number.type_name();
                text!("không áp dụng được `sum` cho {vi}", "`sum` cannot be applied to {en}")
            });
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
        other => unfit(&[other], || {
            let (vi, en) = other.type_name();
            text!("không áp dụng được `-` cho {vi}", "`-` cannot be applied to {en}")
        }),
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
        None => unfit(&[value], || {
            let (vi, en) = value.type_name();
            text!("{vi} không phải là số nguyên", "{en} is not a whole number")
        }),
    }
}

/// Returns a number as a decimal number, or the decimal number that a text has.
pub(super) fn double<'a>(value: &ExpressionValue<'a>) -> EvaluationOutcome<ExpressionValue<'a>> {
    match value.decimal().or_else(|| value.text().and_then(ExactDecimal::parse)) {
        Some(number) => Ok(ExpressionValue::Decimal(number)),
        None => unfit(&[value], || {
            let (vi, en) = value.type_name();
            text!("{vi} không phải là số", "{en} is not a number")
        }),
    }
}
