//! The tables of `docs/expressions.md`, evaluated row by row.

use super::{CannotEvaluate, Condition, Expression, RuleFault, WorkBudget, function_names, row_words};
use jiff::civil::date;
use serde_json::{Map, Value as Json};

const PAGE: &str = include_str!("../../../../docs/expressions.md");

fn answers() -> Map<String, Json> {
    let (_, rest) = PAGE.split_once("```json").expect("a block with answers");
    let (json, _) = rest.split_once("```").expect("its end");
    serde_json::from_str(json).expect("answers in JSON")
}

/// Returns the budget of a judgement on the day of the guide.
fn today() -> WorkBudget {
    WorkBudget::on(date(2026, 3, 3))
}

/// Returns the rows of the tables with the columns “expression” and “gives”.
fn rows() -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut within = false;
    for line in PAGE.lines() {
        within = line.starts_with('|') && (within || line == "| expression | gives |");
        let row = line.strip_prefix("| `").and_then(|line| line.strip_suffix("` |"));
        if let Some((expression, gives)) = row.filter(|_| within).and_then(|row| row.rsplit_once("` | `")) {
            rows.push((expression.replace("\\|", "|"), gives.to_owned()));
        }
    }
    rows
}

fn shown(outcome: &Result<Json, CannotEvaluate>) -> String {
    match outcome {
        Ok(Json::String(text)) => format!("'{text}'"),
        Ok(value) => value.to_string(),
        Err(CannotEvaluate::Unanswered { .. }) => "missing".to_owned(),
        Err(CannotEvaluate::Fails { .. } | CannotEvaluate::OverBudget { .. }) => "fault".to_owned(),
    }
}

#[test]
fn each_row_of_the_guide_gives_what_it_says() {
    let (answers, rows) = (answers(), rows());
    assert!(rows.len() > 140, "{}", rows.len());
    for (source, gives) in rows {
        let expression = Expression::parse(&source).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(shown(&expression.value_within(&answers, &today())), gives, "{source}");
    }
}

#[test]
fn a_condition_means_the_same_wherever_it_is_asked() {
    let answers = answers();
    for (source, gives) in rows() {
        let expression = Expression::parse(&source).unwrap_or_else(|error| panic!("{source}: {error}"));
        let when = Condition::When(expression.clone());
        let ask = |ask: &dyn Fn(&WorkBudget) -> bool| {
            let work = today();
            let holds = ask(&work);
            (holds, matches!(work.into_fault(), Some(RuleFault::Broken { .. })))
        };
        let asked = ask(&|work| when.holds_within(&answers, work));
        let owed = ask(&|work| when.surely_holds(&answers, work));
        let open = ask(&|work| expression.holds_within(&answers, work).unwrap_or(false));
        assert_eq!(owed, open, "{source}");
        match gives.as_str() {
            "true" => assert_eq!((asked, owed), ((true, false), (true, false)), "{source}"),
            "false" | "missing" => assert_eq!((asked, owed), ((false, false), (false, false)), "{source}"),
            _ => assert_eq!((asked, owed), ((true, true), (false, true)), "{source}"),
        }
    }
}

#[test]
fn the_guide_names_every_function() {
    for name in function_names().into_iter().chain(row_words()) {
        assert!(PAGE.contains(&format!("`{name}`")) || PAGE.contains(&format!("{name}(")), "{name}");
    }
}

#[test]
fn letters_of_an_expression_are_composed_as_those_of_answers() {
    let decomposed = "name == 'Đặng Thị Ha\u{300}'";
    assert_eq!(Expression::parse(decomposed).expect("it is CEL").holds(&answers()), Ok(true));
}
