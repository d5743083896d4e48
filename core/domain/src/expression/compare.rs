//! Comparisons of values, which take steps of the budget.

use super::meter::{EvaluationMeter, reading};
use super::stop::{EvaluationOutcome, EvaluationStop, fails, unfit};
use super::value::ExpressionValue;
use crate::text;
use std::cmp::Ordering;

/// Takes the work of finding a part by its name among `count` parts.
pub(super) fn search(meter: &mut EvaluationMeter, whole: &ExpressionValue<'_>, count: usize) -> EvaluationOutcome<()> {
    meter.spend(if matches!(whole, ExpressionValue::BuiltParts(_)) { count } else { 1 })
}

/// Returns whether two values are equal. Values of different types differ, except whole and decimal numbers.
pub(super) fn equal(
    meter: &mut EvaluationMeter,
    left: &ExpressionValue<'_>,
    right: &ExpressionValue<'_>,
) -> EvaluationOutcome<bool> {
    meter.spend(1)?;
    if let (Some(left), Some(right)) = (left.text(), right.text()) {
        meter.spend(reading(left.len().min(right.len())))?;
        return Ok(left == right);
    }
    if let (Some(length), Some(other)) = (left.length(), right.length()) {
        if length != other {
            return Ok(false);
        }
        for (left, right) in (0..length).filter_map(|at| Some((left.item(at)?, right.item(at)?))) {
            if !equal(meter, &left, &right)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    if let (Some(count), Some(other)) = (left.count(), right.count()) {
        return if count == other { same_parts(meter, left, right) } else { Ok(false) };
    }
    if left.is_unsure() || right.is_unsure() {
        return same_if_sure(left, right);
    }
    Ok(match (left, right) {
        (ExpressionValue::Null, ExpressionValue::Null) => true,
        (ExpressionValue::Bool(left), ExpressionValue::Bool(right)) => left == right,
        _ => left.compare_numbers(right) == Some(Ordering::Equal),
    })
}

/// Returns that two values differ, of which one is not known for sure, if they differ whatever it is.
fn same_if_sure(left: &ExpressionValue<'_>, right: &ExpressionValue<'_>) -> EvaluationOutcome<bool> {
    let ((low, high), (least, most)) = (left.ends(), right.ends());
    match (high.compare_numbers(&least), low.compare_numbers(&most)) {
        (Some(Ordering::Less) | None, _) | (_, Some(Ordering::Greater) | None) => Ok(false),
        _ => Err(EvaluationStop::Unanswered),
    }
}

/// Returns whether the order of two values is as `holds` wants it. If a value is not known for sure, the answer must be
/// the same whatever the value is. `holds` is true up to some order, or from some order on.
pub(super) fn is_ordered(
    meter: &mut EvaluationMeter,
    left: &ExpressionValue<'_>,
    right: &ExpressionValue<'_>,
    holds: fn(Ordering) -> bool,
) -> EvaluationOutcome<bool> {
    if !left.is_unsure() && !right.is_unsure() {
        return Ok(holds(order(meter, left, right)?));
    }
    let ((low, high), (least, most)) = (left.ends(), right.ends());
    let (first, last) = (holds(order(meter, &low, &most)?), holds(order(meter, &high, &least)?));
    if first == last { Ok(first) } else { Err(EvaluationStop::Unanswered) }
}

fn same_parts(
    meter: &mut EvaluationMeter,
    left: &ExpressionValue<'_>,
    right: &ExpressionValue<'_>,
) -> EvaluationOutcome<bool> {
    let keys = left.keys();
    for key in keys.iter().filter_map(ExpressionValue::text) {
        search(meter, left, keys.len())?;
        search(meter, right, keys.len())?;
        match (left.part(key), right.part(key)) {
            (Some(left), Some(right)) if equal(meter, &left, &right)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// Returns the order of two numbers, two texts, or two of true and false.
fn order(
    meter: &mut EvaluationMeter,
    left: &ExpressionValue<'_>,
    right: &ExpressionValue<'_>,
) -> EvaluationOutcome<Ordering> {
    if let (Some(left), Some(right)) = (left.text(), right.text()) {
        meter.spend(reading(left.len().min(right.len())))?;
        return Ok(left.cmp(right));
    }
    let order = match (left, right) {
        (ExpressionValue::Bool(left), ExpressionValue::Bool(right)) => Some(left.cmp(right)),
        _ => left.compare_numbers(right),
    };
    match order {
        Some(order) => Ok(order),
        None => unfit(&[left, right], || {
            let ((left, less), (right, more)) = (left.type_name(), right.type_name());
            text!("không so sánh lớn bé được {left} với {right}", "{less} is not more or less than {more}")
        }),
    }
}

/// Returns the smallest or the largest of several values of one type.
pub(super) fn extreme<'a>(
    meter: &mut EvaluationMeter,
    several: &[ExpressionValue<'a>],
    wanted: Ordering,
) -> EvaluationOutcome<ExpressionValue<'a>> {
    let Some((first, others)) = several.split_first() else {
        return fails(text!("không có giá trị nào để chọn", "there is no value to choose from"));
    };
    let mut best = first;
    for other in others {
        let is_zero = matches!(best, ExpressionValue::Zero) || matches!(other, ExpressionValue::Zero);
        if best.type_name() != other.type_name() && !is_zero {
            return unfit(&[best, other], || {
                let ((vi, en), (other_vi, other_en)) = (best.type_name(), other.type_name());
                text!("{vi} và {other_vi} không cùng loại", "{en} and {other_en} are not of one kind")
            });
        }
        meter.spend(1)?;
        if order(meter, other, best)? == wanted {
            best = other;
        }
    }
    Ok(best.clone())
}
