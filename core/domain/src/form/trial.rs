//! Trials of expressions with the answers that make a difference.

use crate::dates::YEARS;
use crate::expression::{CannotEvaluate, Expression, WorkBudget, most_steps, parts};
use crate::form::Field;
use crate::form::kinds::{AnswerType, Structure};
use crate::form::scope::ExpressionScope;
use crate::text::Text;
use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators as op};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The most steps of all trials of one expression, so that no form makes the check slow.
const MOST_STEPS: usize = 500_000;

/// The day of a trial, for expressions that name `today`.
pub(super) const TRIED_ON: Date = date(2026, 6, 15);

/// Answers for which an expression cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingAnswers {
    /// The answers, such as `storeys = 8`.
    pub answers: String,
    pub reason: Text,
}

/// Tries an expression over numbers, choices, and yes or no. Returns answers for which it cannot be evaluated, although
/// none of them is missing. Returns nothing if no trial fails, or if trials cannot decide.
pub fn failing(expression: &Expression, scope: ExpressionScope<'_>) -> Option<FailingAnswers> {
    let written = parts(expression.ast());
    let literals: BTreeSet<String> = written.iter().filter_map(|part| literals(part)).flatten().collect();
    let literals = parsed(&literals);
    let each = most_steps(expression, &|name| scope.longest(name)).max(1);
    let mut domains: Vec<(String, Vec<Json>)> = Vec::new();
    let mut combinations = 1_usize;
    for name in expression.names() {
        let field = scope.find(name)?;
        let is_plain = matches!(field.kind.answer_type(), AnswerType::Int | AnswerType::Float | AnswerType::Bool);
        // The samples of other texts only stand for texts.
        if !is_plain && field.kind.exclusive_choices().is_none() {
            return None;
        }
        let values = domain(field, &literals)?;
        combinations = combinations.checked_mul(values.len()).filter(|count| *count <= MOST_STEPS / each)?;
        domains.push((name.clone(), values));
    }
    (0..combinations).find_map(|number| {
        let values = nth(&domains, number);
        let Err(CannotEvaluate::Fails { reason, .. }) = expression.value_within(&values, &WorkBudget::on(TRIED_ON))
        else {
            return None;
        };
        let answers: Vec<String> = values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        Some(FailingAnswers { answers: answers.join(", "), reason })
    })
}

/// Returns a combination of answers by its number.
pub(super) fn nth(domains: &[(String, Vec<Json>)], mut number: usize) -> Map<String, Json> {
    let mut values = Map::new();
    for (name, domain) in domains {
        let length = domain.len().max(1);
        values.extend(domain.get(number % length).map(|value| (name.clone(), value.clone())));
        number /= length;
    }
    values
}

/// Returns the literals as JSON text. Returns `None` if the expression is neither a literal nor a list of literals.
pub(super) fn literals(at: &IdedExpr) -> Option<Vec<String>> {
    let one = |literal: &LiteralValue| match literal {
        LiteralValue::Boolean(_) | LiteralValue::Null => Some(Vec::new()),
        LiteralValue::Int(number) => Some(vec![number.inner().to_string()]),
        LiteralValue::Double(number) => Some(vec![format!("{:?}", number.inner())]),
        LiteralValue::String(text) => Some(vec![Json::from(text.inner()).to_string()]),
        _ => None,
    };
    match &at.expr {
        Expr::Literal(literal) => one(literal),
        Expr::Call(call) if call.func_name == op::NEGATE => {
            let inner = literals(call.args.first()?)?;
            Some(inner.into_iter().map(|number| format!("-{number}")).collect())
        }
        Expr::List(list) => {
            let all: Option<Vec<Vec<String>>> = list.elements.iter().map(literals).collect();
            all.map(|all| all.concat())
        }
        _ => None,
    }
}

/// Returns the values of literals, which are JSON texts.
pub(super) fn parsed<'a>(literals: impl IntoIterator<Item = &'a String>) -> Vec<Json> {
    literals.into_iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
}

/// Returns the answers of a field that make a difference to comparisons with `literals`.
pub(super) fn domain(field: &Field, literals: &[Json]) -> Option<Vec<Json>> {
    let Structure::Single(kind) = field.kind.structure() else { return None };
    let mut values = kind.candidates(literals)?;
    values.push(Json::Null);
    Some(values)
}

/// Returns the path of the field or of the part that an expression names.
pub(super) fn path(at: &IdedExpr) -> Option<String> {
    match &at.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) if !select.test => Some(format!("{}.{}", path(&select.operand)?, select.field)),
        _ => None,
    }
}

/// Returns all answers of a field that has few: choices, yes and no, or whole numbers within narrow limits.
pub(super) fn every_answer(field: &Field) -> Option<Vec<Json>> {
    /// The most whole numbers.
    const MOST_NUMBERS: i64 = 200;
    let Structure::Single(kind) = field.kind.structure() else { return None };
    if kind.exclusive_choices().is_some() || matches!(field.kind.answer_type(), AnswerType::Bool) {
        return domain(field, &[]);
    }
    let schema = kind.schema();
    let limit = |key: &str| schema.get(key).and_then(Json::as_i64);
    let (least, most) = limit("minimum").zip(limit("maximum"))?;
    let is_narrow = matches!(field.kind.answer_type(), AnswerType::Int) && most.checked_sub(least)? < MOST_NUMBERS;
    is_narrow.then(|| (least..=most).map(Json::from).chain([Json::Null]).collect())
}

/// Returns the answers of a date among some days.
pub(super) fn on_days(field: &Field, among: &BTreeSet<Date>) -> Option<Vec<Json>> {
    let Structure::Single(kind) = field.kind.structure() else { return None };
    let mut values = kind.days(among, TRIED_ON)?;
    values.push(Json::Null);
    Some(values)
}

/// Returns the days of a date that make a difference to comparisons of the age since then, or until then, with numbers.
pub(super) fn days(field: &Field, ages: &BTreeSet<i64>) -> Option<Vec<Json>> {
    /// The years from the first date that can be an answer to the last one, and more.
    const MOST_YEARS: i64 = 400;
    let (first, last) = (date(*YEARS.start(), 1, 1), date(*YEARS.end(), 12, 31));
    let mut around = BTreeSet::from([first, last, TRIED_ON]);
    let beside = |age: &i64| [age.saturating_sub(1), *age, age.saturating_add(1)];
    let years = ages.iter().flat_map(beside).filter(|years| (-MOST_YEARS..=MOST_YEARS).contains(years));
    for years in years.flat_map(|years| [years, -years]) {
        if let Ok(day) = TRIED_ON.checked_add(years.years()) {
            around.extend([day.yesterday().ok(), Some(day), day.tomorrow().ok()].into_iter().flatten());
        }
    }
    on_days(field, &around)
}

/// Returns literals around which the answers of several fields stand in every order. Returns `None` if the fields have
/// answers of different kinds, or of a kind that trials do not compare.
pub(super) fn in_every_order(fields: &[&Field], written: Vec<Json>) -> Option<Vec<Json>> {
    let first = *fields.first()?;
    let is_whole = |field: &Field| matches!(field.kind.answer_type(), AnswerType::Int);
    if !fields.iter().all(|field| field.kind.name() == first.kind.name() || (is_whole(field) && is_whole(first))) {
        return None;
    }
    if first.kind.exclusive_choices().is_some() {
        // Every choice is tried in any case.
        return Some(written);
    }
    match first.kind.answer_type() {
        AnswerType::Bool => Some(written),
        AnswerType::Int => {
            let mut pivots: BTreeSet<i64> = written.iter().filter_map(without_decimals).collect();
            for field in fields {
                // The limits of each field make a difference to all of them.
                pivots.extend(domain(field, &[])?.iter().filter_map(without_decimals));
            }
            // A kind adds the neighbours of each literal itself.
            let beside = i64::try_from(fields.len()).ok()? - 1;
            let around = |pivot: &i64| pivot.saturating_sub(beside)..=pivot.saturating_add(beside);
            Some(pivots.iter().flat_map(around).map(Json::from).collect())
        }
        AnswerType::Text | AnswerType::Date => {
            let mut around = Vec::new();
            for text in written.iter().filter_map(Json::as_str).chain(["\u{1}"]) {
                around.extend((0..fields.len()).map(|times| Json::from(format!("{text}{}", "\u{1}".repeat(times)))));
            }
            Some(around)
        }
        AnswerType::Float
        | AnswerType::List(_)
        | AnswerType::Parts(_)
        | AnswerType::Rows(..)
        | AnswerType::Place
        | AnswerType::Any
        | AnswerType::Null => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is out of range is cut to the range")]
fn without_decimals(number: &Json) -> Option<i64> {
    number.as_f64().map(|number| number.floor() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{FieldKind, kinds};

    #[test]
    fn a_condition_that_fails_for_an_answer_is_found_with_the_answer() {
        let whole = |id: &str, min| {
            Field::new(id, Text::vi(id), FieldKind::Integer(kinds::Integer { min, max: Some(60), unit: None }))
        };
        let area = kinds::Decimal { min: Some(1.0), max: None, places: 1, unit: None };
        let fields = [
            whole("storeys", Some(1)),
            whole("cellars", None),
            Field::new("area", Text::vi("?"), FieldKind::Decimal(area)),
            Field::new("name", Text::vi("?"), FieldKind::Text(kinds::Text { max: 9 })),
        ];
        let form: Vec<&Field> = fields.iter().collect();
        let tried = |text: &str| {
            let expression = Expression::parse(text).expect("it is CEL");
            failing(&expression, ExpressionScope { form: &form, group: &[], asked: &[] }).map(|found| found.answers)
        };
        assert_eq!(tried("10 / (storeys - 8) > 1000").as_deref(), Some("storeys = 8"));
        let dated = "today > '2020-01-01' && 10 / (storeys - 8) > 1000";
        assert_eq!(tried(dated).as_deref(), Some("storeys = 8"), "a trial has a day");
        assert_eq!(tried("storeys / cellars > 1").as_deref(), Some("cellars = 0, storeys = 1"));
        for sound in [
            "storeys != 8 && 10 / (storeys - 8) > 1000",
            "cellars == 0 || storeys / cellars > 1",
            "storeys > 8 && cellars > 1",
            "area / 3.0 > 1.0 && 100.0 / area < 3.0",
            "int(name) > 3",
        ] {
            assert_eq!(tried(sound), None, "{sound}");
        }
    }
}
