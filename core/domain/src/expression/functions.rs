//! The functions that an expression may call: one table. The check reads the types of a function, and the evaluation
//! calls it.

use super::call::{FunctionCall, refused};
use super::compare::extreme;
use super::days;
use super::meter::reading;
use super::numbers::{double, int, total};
use super::stop::{EvaluationOutcome, EvaluationStop, fails};
use super::value::ExpressionValue;
use crate::text;
use CallForm::{Both, Function, Member};
use FunctionParameters::{Each, Numbers, OfOneKind};
use ParameterType::{Countable, Date, Number, Pattern, Plain, Text, Whole};
use std::cmp::Ordering;

/// The type of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterType {
    Text,
    /// A number, or a text that is one.
    Number,
    /// A number, a text, true or false.
    Plain,
    /// A text, a list, or answers together.
    Countable,
    /// A pattern, written in quotes.
    Pattern,
    /// A date, which may be known in part.
    Date,
    /// A whole number.
    Whole,
}

/// The arguments of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionParameters {
    Each(&'static [ParameterType]),
    /// Several values of one type, or a list of them.
    OfOneKind,
    /// A list of numbers of one type.
    Numbers,
}

/// The type of a function's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionResult {
    Bool,
    Int,
    Decimal,
    Text,
    Date,
    /// The type of the arguments.
    Argument,
}

/// The ways to write a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallForm {
    /// `int(text)`.
    Function,
    /// `text.contains(part)`.
    Member,
    /// `size(list)` or `list.size()`.
    Both,
}

type Run = for<'a> fn(&mut FunctionCall<'_>, &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>>;

/// A function that an expression may call.
pub(crate) struct ExpressionFunction {
    pub name: &'static str,
    /// The way to write a call, for messages.
    pub usage: &'static str,
    pub parameters: FunctionParameters,
    pub result: FunctionResult,
    form: CallForm,
    run: Run,
}

/// A row of the table.
const fn row(
    (name, usage): (&'static str, &'static str),
    form: CallForm,
    parameters: FunctionParameters,
    result: FunctionResult,
    run: Run,
) -> ExpressionFunction {
    ExpressionFunction { name, usage, parameters, result, form, run }
}

/// The functions. `has` and the loops are macros of CEL and no functions.
pub(crate) static FUNCTIONS: [ExpressionFunction; 26] = [
    row(("size", "size(list)"), Both, Each(&[Countable]), FunctionResult::Int, run_size),
    row(("int", "int(number)"), Function, Each(&[Number]), FunctionResult::Int, run_int),
    row(("double", "double(number)"), Function, Each(&[Number]), FunctionResult::Decimal, run_double),
    row(("string", "string(value)"), Function, Each(&[Plain]), FunctionResult::Text, run_string),
    row(("contains", "text.contains('part')"), Member, Each(&[Text, Text]), FunctionResult::Bool, run_contains),
    row(("startsWith", "text.startsWith('part')"), Member, Each(&[Text, Text]), FunctionResult::Bool, run_starts),
    row(("endsWith", "text.endsWith('part')"), Member, Each(&[Text, Text]), FunctionResult::Bool, run_ends),
    row(("matches", "text.matches('pattern')"), Member, Each(&[Text, Pattern]), FunctionResult::Bool, run_matches),
    row(("lower", "text.lower()"), Member, Each(&[Text]), FunctionResult::Text, run_lower),
    row(("days", "days(from, to)"), Function, Each(&[Date, Date]), FunctionResult::Int, days::run_days),
    row(("months", "months(from, to)"), Function, Each(&[Date, Date]), FunctionResult::Int, days::run_months),
    row(("years", "years(from, to)"), Function, Each(&[Date, Date]), FunctionResult::Int, days::run_years),
    row(("age", "age(birth, today)"), Function, Each(&[Date, Date]), FunctionResult::Int, days::run_age),
    row(("year", "year(date)"), Function, Each(&[Date]), FunctionResult::Int, days::run_year),
    row(("month", "month(date)"), Function, Each(&[Date]), FunctionResult::Int, days::run_month),
    row(("day", "day(date)"), Function, Each(&[Date]), FunctionResult::Int, days::run_day),
    row(("add_days", "add_days(date, 30)"), Function, Each(&[Date, Whole]), FunctionResult::Date, days::run_add_days),
    row(
        ("add_months", "add_months(date, 6)"),
        Function,
        Each(&[Date, Whole]),
        FunctionResult::Date,
        days::run_add_months,
    ),
    row(("add_years", "add_years(date, 5)"), Function, Each(&[Date, Whole]), FunctionResult::Date, days::run_add_years),
    row(
        ("first_of_month", "first_of_month(date)"),
        Function,
        Each(&[Date]),
        FunctionResult::Date,
        days::run_first_of_month,
    ),
    row(
        ("last_of_month", "last_of_month(date)"),
        Function,
        Each(&[Date]),
        FunctionResult::Date,
        days::run_last_of_month,
    ),
    row(
        ("first_of_year", "first_of_year(date)"),
        Function,
        Each(&[Date]),
        FunctionResult::Date,
        days::run_first_of_year,
    ),
    row(("last_of_year", "last_of_year(date)"), Function, Each(&[Date]), FunctionResult::Date, days::run_last_of_year),
    row(("sum", "sum(list)"), Function, Numbers, FunctionResult::Argument, run_sum),
    row(("min", "min(first, second)"), Function, OfOneKind, FunctionResult::Argument, run_min),
    row(("max", "max(first, second)"), Function, OfOneKind, FunctionResult::Argument, run_max),
];

/// Returns the function with this name. Operators have names that do not begin with a letter.
pub(crate) fn function(name: &str) -> Option<&'static ExpressionFunction> {
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Returns the names of the functions, and `has`, which is written like one.
pub(crate) fn function_names() -> Vec<&'static str> {
    FUNCTIONS.iter().map(|function| function.name).chain(["has"]).collect()
}

impl ExpressionFunction {
    /// Returns whether the function can be called like this. A value before the point counts as an argument.
    pub(crate) fn takes(&self, member: bool, arguments: usize) -> bool {
        let fits = match self.form {
            Function => !member,
            Member => member,
            Both => true,
        };
        fits && match self.parameters {
            Each(parameters) => parameters.len() == arguments,
            OfOneKind => arguments > 0,
            Numbers => arguments == 1,
        }
    }

    pub(super) fn apply<'a>(
        &self,
        call: &mut FunctionCall<'_>,
        member: bool,
        given: &[ExpressionValue<'a>],
    ) -> EvaluationOutcome<ExpressionValue<'a>> {
        if !self.takes(member, given.len()) {
            let (name, usage) = (self.name, self.usage);
            return fails(text!("`{name}` được viết là `{usage}`", "`{name}` is written `{usage}`"));
        }
        (self.run)(call, given)
    }
}

fn run_size<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
    let [whole] = given else { return refused("size", given) };
    let size = match whole.text() {
        Some(text) => {
            call.meter.spend(reading(text.len()))?;
            Some(text.chars().count())
        }
        None => whole.length().or_else(|| whole.count()),
    };
    match size.and_then(|size| i64::try_from(size).ok()) {
        Some(size) => Ok(ExpressionValue::Int(size)),
        None => refused("size", given),
    }
}

fn run_int<'a>(_: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
    match given {
        [value] => int(value),
        _ => refused("int", given),
    }
}

fn run_double<'a>(_: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
    match given {
        [value] => double(value),
        _ => refused("double", given),
    }
}

fn run_string<'a>(
    call: &mut FunctionCall<'_>,
    given: &[ExpressionValue<'a>],
) -> EvaluationOutcome<ExpressionValue<'a>> {
    let text = match given {
        [text @ (ExpressionValue::Text(_) | ExpressionValue::BuiltText(_))] => return Ok(text.clone()),
        [ExpressionValue::Int(number)] => number.to_string(),
        [ExpressionValue::Zero] => "0".to_owned(),
        [ExpressionValue::Decimal(number)] => number.to_string(),
        [ExpressionValue::Bool(truth)] => truth.to_string(),
        _ => return refused("string", given),
    };
    call.meter.build(0, text.len())?;
    Ok(ExpressionValue::BuiltText(text.into()))
}

/// Asks something of two texts. The first is read as a whole.
fn about_texts<'a>(
    call: &mut FunctionCall<'_>,
    name: &str,
    given: &[ExpressionValue<'a>],
    ask: impl FnOnce(&str, &str) -> bool,
) -> EvaluationOutcome<ExpressionValue<'a>> {
    let [whole, part] = given else { return refused(name, given) };
    let (Some(whole), Some(part)) = (whole.text(), part.text()) else { return refused(name, given) };
    call.meter.spend(reading(whole.len()))?;
    Ok(ExpressionValue::Bool(ask(whole, part)))
}

fn run_contains<'a>(
    call: &mut FunctionCall<'_>,
    given: &[ExpressionValue<'a>],
) -> EvaluationOutcome<ExpressionValue<'a>> {
    about_texts(call, "contains", given, |whole, part| whole.contains(part))
}

fn run_starts<'a>(
    call: &mut FunctionCall<'_>,
    given: &[ExpressionValue<'a>],
) -> EvaluationOutcome<ExpressionValue<'a>> {
    about_texts(call, "startsWith", given, |whole, part| whole.starts_with(part))
}

fn run_ends<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
    about_texts(call, "endsWith", given, |whole, part| whole.ends_with(part))
}

fn run_matches<'a>(
    call: &mut FunctionCall<'_>,
    given: &[ExpressionValue<'a>],
) -> EvaluationOutcome<ExpressionValue<'a>> {
    let [text, pattern] = given else { return refused("matches", given) };
    let (Some(text), Some(pattern)) = (text.text(), pattern.text()) else { return refused("matches", given) };
    let Some(compiled) = call.patterns.get(pattern) else {
        return fails(text!(
            "mẫu của `matches` không được viết trong dấu nháy, hoặc không phải là một mẫu",
            "the pattern of `matches` is not written in quotes, or is no pattern"
        ));
    };
    call.meter.spend(compiled.steps(text.len()))?;
    Ok(ExpressionValue::Bool(compiled.fits(text)))
}

fn run_lower<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
    let [value] = given else { return refused("lower", given) };
    let Some(text) = value.text() else { return refused("lower", given) };
    // The small letter of a capital has at most three bytes for each of its bytes.
    call.meter.build(0, text.len().saturating_mul(3))?;
    Ok(ExpressionValue::BuiltText(text.to_lowercase().into()))
}

fn run_sum<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
    let [whole] = given else { return refused("sum", given) };
    let Some(length) = whole.length() else { return refused("sum", given) };
    call.meter.spend(length)?;
    total((0..length).filter_map(|at| whole.item(at)))
}

/// Returns the smallest or the largest value of the arguments, or of the list that is the only argument.
fn chosen<'a>(
    call: &mut FunctionCall<'_>,
    given: &[ExpressionValue<'a>],
    wanted: Ordering,
) -> EvaluationOutcome<ExpressionValue<'a>> {
    let [whole] = given else { return extreme(call.meter, given, wanted) };
    let Some(length) = whole.length() else { return extreme(call.meter, given, wanted) };
    if length == 0 {
        return Err(EvaluationStop::Unanswered);
    }
    call.meter.build_list::<ExpressionValue<'_>>(length)?;
    let items: Vec<ExpressionValue<'a>> = (0..length).filter_map(|at| whole.item(at)).collect();
    extreme(call.meter, &items, wanted)
}

fn run_min<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
    chosen(call, given, Ordering::Less)
}

fn run_max<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> EvaluationOutcome<ExpressionValue<'a>> {
    chosen(call, given, Ordering::Greater)
}
