//! Tests of the budget: hostile conditions, and the interpreter of the crate `cel` as an oracle.

use super::{CannotEvaluate, Expression, FUNCTIONS};
use cel::{Context, Program, Value as CelValue};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

fn values() -> Map<String, Json> {
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
    for name in ["all", "exists", "map", "exists_one"] {
        let innermost = if name == "exists" { "false" } else { "true" };
        assert!(ends_over_budget(&nested(8, name, innermost)), "{name}");
    }
    assert!(ends_over_budget("rows.all(a, rows.all(b, rows.all(c, a.n + b.n + c.n >= 0)))"));
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
        ("min", "min(whole, 3) == 3 && min(list) == 1"),
        ("max", "max(decimal, 3.5) == 3.5 && max(list) == 3"),
        ("has", "has(parts.n) && !has(parts.m)"),
    ];
    assert_eq!(calls.map(|(name, _)| name), FUNCTIONS);
    for (_, source) in calls {
        assert_eq!(Expression::parse(source).expect("it is CEL").holds(&values()), Ok(true), "{source}");
    }
    assert!(Expression::parse("max(whole, decimal) > 1").expect("it is CEL").holds(&values()).is_err());
}

fn cel_value(value: &Json) -> CelValue {
    match value {
        Json::Null => CelValue::Null,
        Json::Bool(yes) => CelValue::Bool(*yes),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| CelValue::Float(number.as_f64().unwrap_or(f64::NAN)), CelValue::Int)
        }
        Json::String(text) => CelValue::from(text.as_str()),
        Json::Array(items) => CelValue::from(items.iter().map(cel_value).collect::<Vec<_>>()),
        Json::Object(parts) => {
            let parts = parts.iter().map(|(key, value)| (key.clone(), cel_value(value)));
            CelValue::Map(parts.collect::<HashMap<String, CelValue>>().into())
        }
    }
}

/// Returns the value of the crate's own interpreter, if an expression may have such a value.
fn oracle(source: &str) -> Option<Json> {
    let mut context = Context::default();
    for (name, value) in &values() {
        context.add_variable_from_value(name.as_str(), cel_value(value));
    }
    context.add_variable_from_value("missing", CelValue::Null);
    let value = Program::compile(source).expect("it is CEL").execute(&context).ok()?.json().ok()?;
    matches!(value, Json::Bool(_) | Json::Number(_) | Json::String(_)).then_some(value)
}

fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "0",
        "1",
        "-3",
        "2.5",
        "0.0",
        "'a'",
        "'Đặng'",
        "''",
        "true",
        "false",
        "null",
        "whole",
        "decimal",
        "text",
        "flag",
        "missing",
        "list",
        "texts",
        "parts.n",
        "parts.text",
        "parts.none",
        "has(parts.n)",
        "size(parts)",
        "[]",
        "[1, 2]",
        "list[0]",
        "list[9]",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 24, 3, |inner| {
        let signs = vec!["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in"];
        let functions = vec!["size", "int", "double", "string", "!", "-"];
        let members = vec!["contains", "startsWith", "endsWith"];
        let macros = vec!["all", "exists", "exists_one", "filter", "map"];
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            (pair.clone(), prop::sample::select(signs)).prop_map(|((a, b), sign)| format!("({a} {sign} {b})")),
            (inner.clone(), prop::sample::select(functions)).prop_map(|(a, name)| format!("{name}({a})")),
            (pair.clone(), prop::sample::select(members)).prop_map(|((a, b), name)| format!("({a}).{name}({b})")),
            (pair.clone(), prop::sample::select(macros))
                .prop_map(|((a, b), name)| format!("size(list.{name}(text, {b})) + ({a})")),
            (pair, prop::sample::select(vec!["all", "exists", "exists_one"]))
                .prop_map(|((a, b), name)| format!("[{a}, 1, text].{name}(whole, {b})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

proptest! {
    #[test]
    fn an_expression_has_the_value_that_the_interpreter_of_cel_gives_it(source in expressions()) {
        if let Ok(expression) = Expression::parse(&source) {
            prop_assert_eq!(expression.value(&values()).ok(), oracle(&source), "{}", source);
        }
    }

    #[test]
    fn no_text_makes_reading_or_evaluating_panic(source in "[a-c0-9 .,()\\[\\]{}?:'&|=<>!+*/%-]{0,60}|.{0,60}") {
        if let Ok(expression) = Expression::parse(&source) {
            let _ = expression.value(&values());
        }
    }
}
