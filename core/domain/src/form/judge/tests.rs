use crate::dates::Precision;
use crate::expression::{Condition, Expression, RuleFault};
use crate::form::kinds::samples::{named, samples};
use crate::form::testing::{citizen_number, codes, field, form, judge_json, judge_map};
use crate::form::{FieldChoice, FieldKind, Form, FormCheck, kinds};
use crate::text::{Language, Text};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

#[test]
fn defaults_limits_and_rules_depend_on_other_answers() {
    let cel = |text: &str| Some(Expression::parse(text).expect("it is CEL"));
    let mut to = field("to", FieldKind::Date(kinds::Date { past: false, precision: Precision::Day }));
    to.at_least = cel("start");
    let mut copies = field("copies", FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None }));
    copies.default = cel("wells + 1");
    copies.at_most = cel("wells * 2");
    let mut form = form(vec![
        field("wells", FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None })),
        copies,
        field("start", FieldKind::Date(kinds::Date { past: false, precision: Precision::Day })),
        to,
    ]);
    form.checks.push(FormCheck {
        holds: Expression::parse("wells != 13").expect("it is CEL"),
        text: Text::vi("Không được 13 giếng."),
        field: Some("wells".into()),
        basis: Vec::new(),
    });
    let fine = judge_json(&form, json!({"wells": 3, "start": "1/3/2026", "to": "1/3/2026"}));
    assert!(fine.complete(), "{:?}", fine.findings);
    assert_eq!(fine.values["copies"], json!(4), "proposed");
    let emptied = judge_json(&form, json!({"wells": 3, "copies": "", "start": "1/3/2026", "to": "1/3/2026"}));
    assert_eq!(codes(&emptied), [("copies", "required")], "what was emptied stays empty");
    let wrong = judge_json(&form, json!({"wells": 13, "copies": 27, "start": "2/3/2026", "to": "1/3/2026"}));
    assert_eq!(codes(&wrong), [("copies", "range"), ("to", "range"), ("wells", "check")]);
}

#[test]
fn a_finding_in_a_row_names_the_row() {
    let mut name = field("name", FieldKind::Text(kinds::Text { max: 10 }));
    name.label = Text::new("Họ và tên", "Full name");
    let mut members = field("members", FieldKind::Group(kinds::Group { min: 1, max: 5, fields: vec![name.clone()] }));
    members.label = Text::new("Thành viên", "Member");
    let row = FieldChoice { value: "father".into(), label: Text::new("Cha", "Father") };
    let parents = field("parents", FieldKind::Table(kinds::Table { rows: vec![row], fields: vec![name.clone()] }));
    let judged = judge_json(&form(vec![name, members, parents]), json!({"members": [{"name": "An"}, {}]}));
    assert_eq!(
        codes(&judged).iter().map(|(path, _)| *path).collect::<Vec<_>>(),
        ["name", "members.1.name", "parents.father.name"]
    );
    let [plain, member, father] = judged.findings.as_slice() else { panic!("{:?}", judged.findings) };
    assert_eq!(member.text.vi, format!("Thành viên, dòng 2: {}", plain.text.vi));
    assert_eq!(member.text.get(Language::En), format!("Member, row 2: {}", plain.text.get(Language::En)));
    assert_eq!(father.text.vi, format!("Cha: {}", plain.text.vi));
}

/// Returns a form with a group of 200 rows of 200 fields each, which are required under this condition.
fn large(required: &str) -> Form {
    let cell = |number| {
        let mut cell = field(&format!("f{number}"), FieldKind::Text(kinds::Text { max: 10 }));
        cell.required = Condition::When(Expression::parse(required).expect("it is CEL"));
        cell
    };
    let rows = FieldKind::Group(kinds::Group { min: 0, max: 200, fields: (0..200).map(cell).collect() });
    let line = vec![field("n", FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None }))];
    let lines = FieldKind::Group(kinds::Group { min: 0, max: 200, fields: line });
    form(vec![field("kind", FieldKind::Text(kinds::Text { max: 10 })), field("lines", lines), field("rows", rows)])
}

fn two_hundred_rows() -> Json {
    let lines: Vec<Json> = (0..200).map(|number| json!({ "n": number })).collect();
    json!({ "kind": "b", "lines": lines, "rows": vec![json!({}); 200] })
}

#[test]
fn a_form_of_200_rows_and_200_fields_is_judged_whole_if_its_conditions_are_ordinary() {
    let judged = judge_json(&large("kind == 'a'"), two_hundred_rows());
    assert_eq!(judged.fault, None);
    assert!(judged.complete(), "{:?}", judged.findings.first());
    assert_eq!(judged.values["rows"].as_array().map(Vec::len), Some(200));
}

#[test]
fn a_form_of_200_rows_and_200_fields_with_heavy_conditions_ends_at_one_of_them_and_blames_nobody() {
    for heavy in ["lines.all(l, l.n >= 0) && kind == 'a'", "lines.all(l, l.n >= 0)"] {
        let judged = judge_json(&large(heavy), two_hundred_rows());
        let fault = judged.fault.as_ref().expect("there is no budget for 40,000 of them");
        let ended = matches!(fault, RuleFault::Overrun { at } if at == heavy || at.starts_with("rows."));
        assert!(ended, "{fault}");
        assert!(!judged.complete());
        // Each field judged before lacks an answer under the second condition.
        let found = judged.findings.len();
        assert!(found < 40_000, "{found}");
        assert!(!judged.findings.iter().any(|finding| finding.path == "rows.199.f199"));
    }
}

#[test]
fn texts_that_are_computed_for_each_row_have_a_bound_together() {
    let copy = Expression::parse("long + long + long + long").expect("it is CEL");
    let cell = |number| {
        field(
            &format!("f{number}"),
            FieldKind::Computed(kinds::Computed { value: Some(copy.clone()), unit: None, helper: false }),
        )
    };
    let rows = FieldKind::Group(kinds::Group { min: 0, max: 200, fields: (0..50).map(cell).collect() });
    let form = form(vec![field("long", FieldKind::LongText(kinds::LongText { max: 20_000 })), field("rows", rows)]);
    let judged = judge_json(&form, json!({ "long": "x".repeat(20_000), "rows": vec![json!({}); 200] }));
    assert!(judged.fault.is_some());
    let kept = serde_json::to_string(&judged.values).expect("JSON").len();
    assert!(kept < 40 << 20, "{kept}");
}

#[test]
fn values_are_normalised_and_findings_name_their_place() {
    let member = vec![field("name", FieldKind::Text(kinds::Text { max: 10 })), field("id", citizen_number(None, None))];
    let form = form(vec![
        field("capital", FieldKind::Dong(kinds::Dong { min: Some(crate::money::Dong(1)), max: None })),
        field("share", FieldKind::Decimal(kinds::Decimal { min: None, max: Some(100.0), places: 2, unit: None })),
        field("members", FieldKind::Group(kinds::Group { min: 1, max: 3, fields: member })),
    ]);
    let typed = json!({"capital": "1.000.000 đ", "share": "33,34", "members": [
        {"name": " An ", "id": "074 185 000 123"}, {"name": "Tên quá dài này", "id": "1"}]});
    let judged = judge_json(&form, typed);
    assert_eq!(judged.values["capital"], json!(1_000_000));
    assert_eq!(judged.values["share"], json!(33.34));
    assert_eq!(judged.values["members"][0], json!({"name": "An", "id": "074185000123"}));
    let found: Vec<_> = judged.findings.iter().map(|f| (f.path.as_str(), f.code.as_str())).collect();
    assert_eq!(found, [("members.1.name", "too-long"), ("members.1.id", "citizen-number")]);
}

#[test]
fn a_hidden_field_is_neither_checked_nor_kept() {
    let mut reason = field("reason", FieldKind::Text(kinds::Text { max: 10 }));
    reason.shown = Condition::When(Expression::parse("urgent == true").expect("it is CEL"));
    let form = form(vec![field("urgent", FieldKind::YesNo), reason]);
    let hidden = judge_json(&form, json!({"urgent": "false", "reason": "x"}));
    assert!(hidden.complete() && !hidden.values.contains_key("reason"));
    let shown = judge_json(&form, json!({"urgent": "true"}));
    assert_eq!(shown.findings[0].path, "reason");
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".*".prop_map(Json::from),
        "[0-9./,-]{0,12}".prop_map(Json::from)
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect()))
        ]
    })
}

/// Returns a form with a field of every kind, named as the kind is.
fn every_kind() -> Form {
    form(named(samples()))
}

fn names() -> Vec<String> {
    named(samples()).into_iter().map(|field| field.id).collect()
}

proptest! {
    #[test]
    fn judging_never_panics_and_its_values_are_judged_the_same_again(
        typed in proptest::collection::btree_map(proptest::sample::select(names()), any_json(), 0..27)
    ) {
        let form = every_kind();
        let once = judge_map(&form, &typed.into_iter().collect());
        let again = judge_map(&form, &once.values);
        prop_assert_eq!(once.values, again.values);
    }
}

fn ruled(rule: &str) -> Form {
    let whole = FieldKind::Integer(kinds::Integer { min: Some(1), max: Some(60), unit: None });
    let big = Expression::parse("max(1, 2)").expect("it is CEL");
    let mut form = form(vec![
        field("full_name", FieldKind::Text(kinds::Text { max: 200 })),
        field("storeys", whole),
        field("big", FieldKind::Computed(kinds::Computed { value: Some(big), unit: None, helper: false })),
    ]);
    let text = Text::new("Tên phải là chữ.", "Letters only.");
    let holds = Expression::parse(rule).expect("it is CEL");
    form.checks = vec![FormCheck { holds, text, field: Some("full_name".to_owned()), basis: Vec::new() }];
    form
}

#[test]
fn a_rule_with_a_pattern_is_kept_or_broken_by_the_answer() {
    let form = ruled(r"full_name.matches('^\\p{L}+( \\p{L}+)*$')");
    let judged = judge_json(&form, json!({ "full_name": "Nguyễn Văn An", "storeys": "2" }));
    assert!(judged.complete(), "{:?}", judged.findings);
    assert_eq!(judged.values["big"], json!(2));
    let judged = judge_json(&form, json!({ "full_name": "An 2", "storeys": "2" }));
    assert_eq!(codes(&judged), [("full_name", "check")]);
}

#[test]
fn a_rule_that_cannot_be_evaluated_blames_its_author_and_nobody_can_file() {
    let form = ruled("10 / (storeys - 8) < 1000");
    let judged = judge_json(&form, json!({ "full_name": "An", "storeys": "8" }));
    assert!(codes(&judged).is_empty(), "it is not the applicant's fault");
    assert!(!judged.complete());
    assert!(matches!(&judged.fault, Some(RuleFault::Broken { rule, .. }) if rule == "10 / (storeys - 8) < 1000"));
    assert!(judge_json(&form, json!({ "full_name": "An", "storeys": "9" })).complete());
    let empty = judge_json(&form, json!({ "full_name": "An" }));
    assert_eq!(empty.fault, None, "a missing answer is no fault of the author");
}

#[test]
fn a_rule_is_not_broken_by_an_answer_that_is_still_changing() {
    let cel = |text: &str| Expression::parse(text).expect("it is CEL");
    let computed = |id: &str, text: &str| {
        field(id, FieldKind::Computed(kinds::Computed { value: Some(cel(text)), unit: None, helper: false }))
    };
    let form = form(vec![
        computed("share", "12 / total"),
        computed("total", "extra == null ? 0 : extra"),
        field("extra", FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None })),
    ]);
    let judged = judge_json(&form, json!({ "extra": "4" }));
    assert_eq!((judged.fault, judged.values.get("share")), (None, Some(&json!(3))));
}
