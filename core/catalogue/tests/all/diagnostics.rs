//! The parts of a mistake that tools read: its bytes, its kind, its cause and its correction.

use crate::faulty::{GOOD, PROCEDURE, check, good};
use motcua_catalogue::{CheckReport, Diagnostic, DiagnosticKind, FoundInstall, UnfoundedProcedure, schemas};
use motcua_domain::procedure::BasisGap;
use motcua_domain::text::Language;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Returns the findings about the good folder with one change of its procedure.
fn changed(from: &str, to: &str) -> FoundInstall {
    assert!(GOOD.contains(from), "{from}");
    let mut tree = good();
    tree.insert(PROCEDURE, GOOD.replacen(from, to, 1).into());
    check(&tree)
}

fn of_code<'a>(found: &'a [Diagnostic], code: &str) -> &'a Diagnostic {
    found.iter().find(|mistake| mistake.code == code).unwrap_or_else(|| panic!("no {code} in {found:?}"))
}

#[test]
fn a_mistake_says_its_bytes_also_behind_letters_of_several_bytes() {
    let found = changed("level = 4", "level = 9").mistakes;
    let text = GOOD.replacen("level = 4", "level = 9", 1);
    assert_eq!(&text[found[0].span().clone()], "9");
    assert!(found[0].span().start > found[0].line * 10, "bytes of the file, not of the line");
}

#[test]
fn a_part_that_is_not_written_yet_is_unfinished_and_not_wrong() {
    let kind = |from: &str, to: &str, code: &str| {
        let found = changed(from, to);
        let all = [found.mistakes, found.install.warnings].concat();
        of_code(&all, code).kind
    };
    assert_eq!(kind("limit = \"3 working-days\"\n", "", "missing-key"), DiagnosticKind::Unfinished);
    assert_eq!(kind("unit = \"van-phong\"", "unit = \"\"", "empty"), DiagnosticKind::Unfinished);
    assert_eq!(kind("level = 4\n", "level = 4  # TODO: a guess\n", "todo"), DiagnosticKind::Unfinished);
    assert_eq!(kind("level = 4", "level = 9", "out-of-range"), DiagnosticKind::Wrong);
}

#[test]
fn a_mark_within_a_text_is_no_mark() {
    let found = changed("\"giếng\"", "\"giếng # TODO\"");
    assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
    assert!(found.install.warnings.iter().all(|warning| warning.code != "todo"), "{:?}", found.install.warnings);
}

#[test]
fn a_missing_key_names_the_misspelt_key_as_its_cause() {
    let found = changed("workflow = \"one-stop\"", "workflw = \"one-stop\"").mistakes;
    let (written, missing) = (of_code(&found, "unknown-key"), of_code(&found, "missing-key"));
    let cause = missing.cause.as_ref().expect("a cause");
    assert_eq!((cause.code, &cause.file), ("unknown-key", &written.file));
    assert_eq!((cause.line, cause.column), (written.line, written.column));
    assert!(written.cause.is_none());
    // A key that is missing by itself has no cause.
    assert!(of_code(&changed("limit = \"3 working-days\"\n", "").mistakes, "missing-key").cause.is_none());
}

#[test]
fn a_correction_replaces_the_word_and_leaves_its_quotes() {
    for (from, to) in [
        ("audience = [\"citizen\", \"business\"]", "audiense = [\"citizen\", \"business\"]"),
        ("unit = \"van-phong\"", "unit = \"van-phog\""),
        ("workflow = \"one-stop\"", "workflow = 'onestop'"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        let found = changed(from, to).mistakes;
        let fix = found.iter().find_map(|mistake| mistake.fix.clone()).unwrap_or_else(|| panic!("{to}: {found:?}"));
        let fixed = [&text[..fix.bytes.start], &fix.text, &text[fix.bytes.end..]].concat();
        assert_eq!(fixed.replace("'one-stop'", "\"one-stop\""), GOOD, "{to}");
    }
    // No word is near, so the check proposes none.
    assert!(changed("\"van-phong\"", "\"zzzzzz\"").mistakes.iter().all(|mistake| mistake.fix.is_none()));
}

/// Returns the names of the properties of an object in a schema.
fn properties(schema: &Json) -> BTreeSet<&str> {
    schema["properties"].as_object().expect("properties").keys().map(String::as_str).collect()
}

#[test]
fn the_output_of_the_check_is_as_its_schema_says() {
    let (_, schema) = schemas::check_report();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let found = changed("workflow = \"one-stop\"", "workflw = \"one-stop\"  # TODO: look");
    let report = CheckReport {
        mistakes: found.mistakes,
        warnings: found.install.warnings,
        others: vec!["a flaw".to_owned()],
        unused_workflows: Vec::new(),
        without_basis: vec![UnfoundedProcedure {
            procedure: "ubnd-xa/khoan-gieng".to_owned(),
            parts: vec![BasisGap { part: "limit", id: String::new() }],
        }],
    };
    let written = serde_json::to_value(report.record(Language::Vi)).expect("JSON");
    let told: Vec<String> = validator.iter_errors(&written).map(|error| error.to_string()).collect();
    assert!(told.is_empty(), "{told:?}\n{written:#}");
    let keys = |value: &Json| -> BTreeSet<String> { value.as_object().expect("an object").keys().cloned().collect() };
    let same = |value: &Json, schema: &Json| assert!(keys(value).iter().map(String::as_str).eq(properties(schema)));
    same(&written, &schema);
    let mistakes = written["mistakes"].as_array().expect("a list");
    let cause = mistakes.iter().find(|mistake| mistake["cause"].is_object()).expect("a cause");
    let fix = mistakes.iter().find(|mistake| mistake["fix"].is_object()).expect("a correction");
    same(cause, &schema["$defs"]["Diagnostic"]);
    same(&cause["cause"], &schema["$defs"]["Cause"]);
    same(&fix["fix"], &schema["$defs"]["Fix"]);
    same(&fix["bytes"], &schema["$defs"]["Bytes"]);
    assert!(!validator.is_valid(&serde_json::json!({ "mistakes": [] })));
}
