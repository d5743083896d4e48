//! Tests of the budget and of the table of functions: hostile conditions end, and each function can be called.

use super::{CannotEvaluate, Expression, function_names, row_words};
use serde_json::{Map, Value as Json, json};

pub(super) fn values() -> Map<String, Json> {
    let rows: Vec<Json> = (0..200).map(|number| json!({ "n": number })).collect();
    let json = json!({
        "whole": 7, "decimal": 2.5, "text": "Đặng", "flag": true, "list": [3, 1, 2], "texts": ["a", "b"],
        "parts": {"n": 1, "text": "a"}, "rows": rows, "works": true, "storeys": 2, "total": 3,
        "long": "x".repeat(20_000),
    });
    json.as_object().expect("an object").clone()
}

fn ends_over_budget(source: &str) -> bool {
    let expression = Expression::parse(source).expect("it is CEL");
    matches!(expression.value(&values()), Err(CannotEvaluate::OverBudget { .. }))
}

/// Returns `list.all(a, list.all(b, … ))` with this nesting.
fn nested(levels: usize, name: &str, innermost: &str) -> String {
    let list = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]";
    (0..levels).rev().fold(innermost.to_owned(), |inner, level| format!("{list}.{name}(v{level}, {inner})"))
}

#[test]
fn a_condition_that_multiplies_work_ends_within_its_budget() {
    for name in ["all", "exists", "map", "exists_one", "any"] {
        let innermost = if matches!(name, "exists" | "any") { "false" } else { "true" };
        assert!(ends_over_budget(&nested(8, name, innermost)), "{name}");
    }
    assert!(ends_over_budget("rows.all(a, rows.all(b, rows.all(c, a.n + b.n + c.n >= 0)))"));
    assert!(ends_over_budget("rows.sum(a, rows.count(b, rows.sum(c, a.n + b.n + c.n) > 0)) > 0"));
    assert!(!ends_over_budget("rows.all(a, rows.exists(b, b.n == 0))"), "ordinary conditions have enough");
}

#[test]
fn a_condition_that_multiplies_text_or_lists_ends_within_its_budget() {
    let doubled = |first: &str, step: &str| format!("size({first}{}) > 0", format!(".map(a, {step})").repeat(25));
    assert!(ends_over_budget(&doubled("['xxxxxxxxxxxxxxxx']", "a + a")));
    assert!(ends_over_budget(&doubled("[[1]]", "a + a")));
    let shared = format!("[1]{0} == [1]{0}", ".map(a, [a, a])".repeat(20));
    assert!(ends_over_budget(&shared), "comparing walks what is shared again and again");
    assert!(ends_over_budget("rows.all(r, rows.all(s, long + long != ''))"));
    assert!(ends_over_budget("rows.all(r, rows.all(s, (long == long) && size(long) > 0))"));
    assert!(ends_over_budget("rows.all(r, rows.all(s, long.lower() != ''))"));
    assert!(ends_over_budget("rows.all(r, long.matches('(x?y?){100}z'))"));
    assert!(!ends_over_budget("rows.all(r, text.matches('^[A-ZĐ]'))"), "ordinary patterns have enough");
}

#[test]
fn every_function_that_the_check_knows_can_be_evaluated() {
    let calls = [
        ("size", "size(text) == 4 && text.size() == 4"),
        ("int", "int(decimal) == 2"),
        ("double", "double(whole) == 7.0"),
        ("string", "string(whole) == '7'"),
        ("contains", "text.contains('ặ')"),
        ("startsWith", "text.startsWith('Đ')"),
        ("endsWith", "text.endsWith('g')"),
        ("matches", "text.matches('^Đ.ng$') && !text.matches('^ng')"),
        ("lower", "text.lower() == 'đặng'"),
        ("days", "days('2026-02-28', '2026-03-01') == 1"),
        ("months", "months('2026-01-31', '2026-02-28') == 1"),
        ("years", "years('2008-02-29', '2026-02-27') == 17"),
        ("age", "age('2008-02-29', '2026-02-28') == 18"),
        ("year", "year('2026-02-28') == 2026"),
        ("month", "month('2026-02-28') == 2"),
        ("day", "day('2026-02-28') == 28"),
        ("add_days", "add_days('2026-02-28', whole) == '2026-03-07'"),
        ("add_months", "add_months('2026-01-31', 1) == '2026-02-28'"),
        ("add_years", "add_years('2024-02-29', -1) == '2023-02-28'"),
        ("first_of_month", "first_of_month('2026-02-28') == '2026-02-01'"),
        ("last_of_month", "last_of_month('2024-02-01') == '2024-02-29'"),
        ("first_of_year", "first_of_year('2026-02-28') == '2026-01-01'"),
        ("last_of_year", "last_of_year('2026-02-28') == '2026-12-31'"),
        ("sum", "sum(list) == 6 && sum([0.1, 0.2]) == 0.3"),
        ("min", "min(whole, 3) == 3 && min(list) == 1"),
        ("max", "max(decimal, 3.5) == 3.5 && max(list) == 3"),
        ("has", "has(parts.n) && !has(parts.m)"),
    ];
    assert_eq!(calls.map(|(name, _)| name).to_vec(), function_names());
    for (_, source) in calls {
        assert_eq!(Expression::parse(source).expect("it is CEL").holds(&values()), Ok(true), "{source}");
    }
    let rows = [
        ("any", "rows.any(r, r.n == 3) && !rows.any(r, r.n < 0)"),
        ("all", "rows.all(r, r.n >= 0)"),
        ("exists", "rows.exists(r, r.n == 3)"),
        ("exists_one", "rows.exists_one(r, r.n == 3)"),
        ("count", "rows.count(r, r.n < 5) == 5"),
        ("filter", "size(rows.filter(r, r.n < 5)) == 5"),
        ("map", "max(rows.map(r, r.n)) == 199"),
        ("sum", "rows.sum(r, r.n) == 19900 && [].sum(r, r.n) + 1.5 == 1.5"),
        ("min", "rows.min(r, r.n) == 0"),
        ("max", "rows.max(r, r.n) == 199"),
    ];
    assert_eq!(rows.map(|(name, _)| name).to_vec(), row_words().collect::<Vec<_>>());
    for (_, source) in rows {
        assert_eq!(Expression::parse(source).expect("it is CEL").holds(&values()), Ok(true), "{source}");
    }
    assert!(Expression::parse("max(whole, decimal) > 1").expect("it is CEL").holds(&values()).is_err());
}

#[test]
fn the_reason_of_a_fault_has_no_text_of_an_answer() {
    for source in [
        "days(text, text)",
        "add_days(text, 1)",
        "long.matches(text)",
        "{text: 1, text: 2} == parts",
        "{'a': 1}[text]",
        "text + 1",
    ] {
        match Expression::parse(source).expect("it is CEL").value(&values()) {
            Err(CannotEvaluate::Fails { reason, .. }) => {
                let (vi, en) = reason.both();
                assert!(!vi.contains("Đặng") && !en.contains("Đặng"), "{source}: {vi} {en}");
            }
            other => panic!("{source}: {other:?}"),
        }
    }
}
