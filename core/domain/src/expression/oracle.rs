//! The interpreter of the crate `cel` as an oracle, where both speak the same language.
//!
//! `docs/expressions.md` lists the differences. The random expressions leave them out: decimal numbers are not divided
//! and not written as texts, because ours are exact.

use super::Expression;
use super::budget::values;
use cel::{Context, Program, Value as CelValue};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

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

/// Returns the two ways to write an expression: with the words about rows, and as CEL has them. Where they differ, the
/// expression has `«ours|theirs»`.
fn spellings(source: &str) -> [String; 2] {
    let mut both = [String::new(), String::new()];
    for (at, part) in source.split(['«', '»']).enumerate() {
        let (ours, theirs) = part.split_once('|').filter(|_| at % 2 == 1).unwrap_or((part, part));
        both[0].push_str(ours);
        both[1].push_str(theirs);
    }
    both
}

/// Returns random expressions. Those with decimals do not divide, and write no number as a text.
fn expressions(decimals: bool) -> impl Strategy<Value = String> {
    let mut leaves = vec![
        "0",
        "1",
        "-3",
        "'a'",
        "'Đặng'",
        "''",
        "true",
        "false",
        "null",
        "whole",
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
    ];
    let mut signs = vec!["+", "-", "*", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in"];
    let mut functions = vec!["size", "int", "!", "-"];
    if decimals {
        leaves.extend(["2.5", "0.0", "decimal", "double(whole)"]);
        functions.push("double");
    } else {
        signs.push("/");
        functions.push("string");
    }
    prop::sample::select(leaves).prop_map(str::to_owned).prop_recursive(3, 24, 3, move |inner| {
        let members = vec!["contains", "startsWith", "endsWith"];
        let macros = vec!["all", "exists", "exists_one", "filter", "map"];
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            (pair.clone(), prop::sample::select(signs.clone())).prop_map(|((a, b), sign)| format!("({a} {sign} {b})")),
            (inner.clone(), prop::sample::select(functions.clone())).prop_map(|(a, name)| format!("{name}({a})")),
            (pair.clone(), prop::sample::select(members)).prop_map(|((a, b), name)| format!("({a}).{name}({b})")),
            (pair.clone(), prop::sample::select(macros))
                .prop_map(|((a, b), name)| format!("size(list.{name}(text, {b})) + ({a})")),
            pair.clone().prop_map(|(a, b)| format!("«list.count|size(list.filter»(text, {b})«|)» + ({a})")),
            pair.clone().prop_map(|(a, b)| format!("[{a}, 1, text].«any|exists»(whole, {b})")),
            (pair, prop::sample::select(vec!["all", "exists", "exists_one"]))
                .prop_map(|((a, b), name)| format!("[{a}, 1, text].{name}(whole, {b})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

proptest! {
    #[test]
    fn an_expression_has_the_value_that_the_interpreter_of_cel_gives_it(
        source in prop_oneof![expressions(true), expressions(false)],
    ) {
        let [ours, theirs] = spellings(&source);
        if let Ok(expression) = Expression::parse(&ours) {
            prop_assert_eq!(expression.value(&values()).ok(), oracle(&theirs), "{}", ours);
        }
    }

    #[test]
    fn no_text_makes_reading_or_evaluating_panic(source in "[a-c0-9 .,()\\[\\]{}?:'&|=<>!+*/%-]{0,60}|.{0,60}") {
        if let Ok(expression) = Expression::parse(&source) {
            let _ = expression.value(&values());
        }
    }
}

#[test]
fn both_differ_only_where_the_guide_says_so() {
    for (source, ours, theirs) in [
        ("0.1 + 0.2 == 0.3", Some(json!(true)), Some(json!(false))),
        ("1.0 / 0.0 > 1.0", None, Some(json!(true))),
        ("max(1, 2)", Some(json!(2)), None),
        ("text.lower()", Some(json!("đặng")), None),
        ("days('2026-02-28', '2026-03-01')", Some(json!(1)), None),
        ("list.any(n, n == 2)", Some(json!(true)), None),
        ("list.sum(n, n)", Some(json!(6)), None),
        ("today == null", Some(json!(true)), None),
    ] {
        let expression = Expression::parse(source).expect("it is CEL");
        assert_eq!((expression.value(&values()).ok(), oracle(source)), (ours, theirs), "{source}");
    }
}
