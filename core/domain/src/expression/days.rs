//! The functions about dates.
//!
//! A period of years or months ends on the day of the same number. If the last month has no such day, the period ends
//! on the last day of this month (Civil Code 2015, article 148, clauses 3 and 4). So a person who was born on 29 February
//! is a year older on 28 February, if the year has no leap day.
//!
//! A date may be known in part, such as a year of birth. A result that is the same for every possible day is certain.

use super::call::{FunctionCall, refused};
use super::stop::{EvaluationOutcome, EvaluationStop, fails};
use super::value::ExpressionValue;
use crate::dates::PartialDate;
use crate::text;
use jiff::civil::Date;
use jiff::{Span, ToSpan};

type DateOutcome<'a> = EvaluationOutcome<ExpressionValue<'a>>;

/// The years in which the results of functions lie.
const YEARS: std::ops::RangeInclusive<i16> = 1..=9999;

/// Returns the date that a value is: a text such as `2026-09-02`, or the known parts of a date.
fn known(value: &ExpressionValue<'_>) -> Option<PartialDate> {
    match value {
        ExpressionValue::Parts(parts) => PartialDate::of_parts(parts),
        other => other.text().and_then(PartialDate::of_text),
    }
}

fn outside_calendar<T>() -> EvaluationOutcome<T> {
    fails(text!("một ngày nằm ngoài lịch", "a date is out of the calendar"))
}

/// Returns the outcome of arguments of which one is no date. The reason has no text of an answer.
fn no_date<T>(name: &str, given: &[ExpressionValue<'_>]) -> EvaluationOutcome<T> {
    if given.iter().all(|value| value.text().is_some() || known(value).is_some()) {
        return fails(text!("một chuỗi không phải là ngày như 2026-09-02", "a text is not a date such as 2026-09-02"));
    }
    refused(name, given)
}

/// Returns a number of the time from one date to another, for every day that the dates may be.
fn between<'a>(name: &str, given: &[ExpressionValue<'a>], count: fn(Date, Date) -> i64) -> DateOutcome<'a> {
    let [from, to] = given else { return refused(name, given) };
    let (Some(from), Some(to)) = (known(from), known(to)) else { return no_date(name, given) };
    let (least, most) = (count(from.latest(), to.earliest()), count(from.earliest(), to.latest()));
    Ok(if least == most { ExpressionValue::Int(least) } else { ExpressionValue::Between(least, most) })
}

/// Returns a part of a date, if it is the same for every day that the date may be.
fn part_of<'a>(name: &str, given: &[ExpressionValue<'a>], part: fn(Date) -> i64) -> DateOutcome<'a> {
    let [date] = given else { return refused(name, given) };
    let Some(date) = known(date) else { return no_date(name, given) };
    let (first, last) = (part(date.earliest()), part(date.latest()));
    if first == last { Ok(ExpressionValue::Int(first)) } else { Err(EvaluationStop::Unanswered) }
}

/// Returns another day, if it is the same for every day that the date may be.
fn other_day<'a>(
    call: &mut FunctionCall<'_>,
    date: PartialDate,
    change: impl Fn(Date) -> Option<Date>,
) -> DateOutcome<'a> {
    let (first, last) = (change(date.earliest()), change(date.latest()));
    let Some((first, last)) = first.zip(last).filter(|(_, last)| YEARS.contains(&last.year())) else {
        return outside_calendar();
    };
    if first != last {
        return Err(EvaluationStop::Unanswered);
    }
    let text = first.to_string();
    call.meter.build(0, text.len())?;
    Ok(ExpressionValue::BuiltText(text.into()))
}

/// Returns the first or the last day of a month or year.
fn edge<'a>(
    call: &mut FunctionCall<'_>,
    name: &str,
    given: &[ExpressionValue<'a>],
    change: fn(Date) -> Date,
) -> DateOutcome<'a> {
    let [date] = given else { return refused(name, given) };
    let Some(date) = known(date) else { return no_date(name, given) };
    other_day(call, date, |day| Some(change(day)))
}

/// Returns the day that comes so many days, months or years later.
fn later<'a>(
    call: &mut FunctionCall<'_>,
    name: &str,
    given: &[ExpressionValue<'a>],
    span: fn(i64) -> Option<Span>,
) -> DateOutcome<'a> {
    let [at, number] = given else { return refused(name, given) };
    let Some(number) = number.whole() else { return refused(name, given) };
    let Some(date) = known(at) else { return no_date(name, std::slice::from_ref(at)) };
    let Some(span) = span(number) else { return outside_calendar() };
    other_day(call, date, |day| day.checked_add(span).ok().filter(|day| YEARS.contains(&day.year())))
}

/// Returns the whole months from one day to another, which are negative if the other is earlier.
fn whole_months(from: Date, to: Date) -> i64 {
    if to < from {
        return -whole_months(to, from);
    }
    let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
    let begun = months(to) - months(from);
    // Adding months ends on the last day of a month that is too short.
    let is_full = from.checked_add(begun.months()).is_ok_and(|end| end <= to);
    if is_full { begun } else { begun - 1 }
}

fn whole_years(from: Date, to: Date) -> i64 {
    whole_months(from, to) / 12
}

fn whole_days(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

pub(super) fn run_days<'a>(_: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    between("days", given, whole_days)
}

pub(super) fn run_months<'a>(_: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    between("months", given, whole_months)
}

pub(super) fn run_years<'a>(_: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    between("years", given, whole_years)
}

pub(super) fn run_age<'a>(_: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    between("age", given, whole_years)
}

pub(super) fn run_year<'a>(_: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    part_of("year", given, |day| i64::from(day.year()))
}

pub(super) fn run_month<'a>(_: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    part_of("month", given, |day| i64::from(day.month()))
}

pub(super) fn run_day<'a>(_: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    part_of("day", given, |day| i64::from(day.day()))
}

pub(super) fn run_add_days<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    later(call, "add_days", given, |number| Span::new().try_days(number).ok())
}

pub(super) fn run_add_months<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    later(call, "add_months", given, |number| Span::new().try_months(number).ok())
}

pub(super) fn run_add_years<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    later(call, "add_years", given, |number| Span::new().try_years(number).ok())
}

pub(super) fn run_first_of_month<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    edge(call, "first_of_month", given, Date::first_of_month)
}

pub(super) fn run_last_of_month<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    edge(call, "last_of_month", given, Date::last_of_month)
}

pub(super) fn run_first_of_year<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    edge(call, "first_of_year", given, Date::first_of_year)
}

pub(super) fn run_last_of_year<'a>(call: &mut FunctionCall<'_>, given: &[ExpressionValue<'a>]) -> DateOutcome<'a> {
    edge(call, "last_of_year", given, Date::last_of_year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn whole_years_and_months_end_on_the_day_of_the_same_number_or_on_the_last_of_the_month() {
        for (from, to, years, months) in [
            ("2008-02-29", "2026-02-27", 17, 215),
            ("2008-02-29", "2026-02-28", 18, 216),
            ("2008-02-29", "2028-02-28", 19, 239),
            ("2008-02-29", "2028-02-29", 20, 240),
            ("2025-08-31", "2026-02-27", 0, 5),
            ("2025-08-31", "2026-02-28", 0, 6),
            ("2026-03-02", "2026-03-02", 0, 0),
            ("2026-03-02", "2025-03-03", 0, -11),
            ("2026-03-02", "2025-03-02", -1, -12),
        ] {
            let (from, to) = (day(from), day(to));
            assert_eq!((whole_years(from, to), whole_months(from, to)), (years, months), "{from} {to}");
        }
    }

    proptest! {
        #[test]
        fn a_date_and_the_whole_months_after_it_come_to_the_other_date_or_less_than_a_month_before_it(
            from in 0_i64..100_000, after in 0_i64..100_000,
        ) {
            let from = day("1900-01-01").checked_add(from.days()).expect("a date");
            let to = from.checked_add(after.days()).expect("a date");
            let months = whole_months(from, to);
            let at = |months: i64| from.checked_add(months.months()).expect("a date");
            prop_assert!(at(months) <= to && to < at(months + 1));
            prop_assert_eq!(whole_months(to, from), -months);
        }
    }
}
