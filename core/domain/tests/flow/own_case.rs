//! The case of a citizen: what few answers decide stays decided, whatever the rest of the form is answered with.

use crate::office::straight;
use crate::support::{procedure, start};
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::judge::{JudgeFacts, judge};
use motcua_domain::form::{Field, FieldKind, Section, kinds};
use motcua_domain::money::Dong;
use motcua_domain::procedure::own_case::{CaseTerm, LimitOfCase, MOST_CASE_QUESTIONS, OwnCase};
use motcua_domain::procedure::{Eligibility, Fee, FeeKind, LimitCase, Paper, PaperKind, Procedure};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

fn when(text: &str) -> Condition {
    Condition::When(Expression::parse(text).expect("CEL"))
}

fn field(id: &str, kind: FieldKind) -> Field {
    Field::new(id, Text::vi(id), kind)
}

fn shown(field: Field, by: &str) -> Field {
    Field { shown: when(by), ..field }
}

fn computed(id: &str, value: &str) -> Field {
    let value = Some(Expression::parse(value).expect("CEL"));
    field(id, FieldKind::Computed(kinds::Computed { value, unit: None, helper: false }))
}

fn count(id: &str) -> Field {
    field(id, FieldKind::Integer(kinds::Integer { min: Some(0), max: Some(9), unit: None }))
}

fn paper(id: &str, required: Condition) -> Paper {
    Paper {
        id: id.into(),
        name: Text::vi(id),
        help: None,
        required,
        kind: PaperKind::Copy,
        accept: vec![],
        max_bytes: 9,
        max_files: 1,
        count: 1,
        template: None,
        basis: vec![],
    }
}

fn case(by: &str, limit: Limit) -> LimitCase {
    LimitCase { when: when(by), limit, name: Text::vi(by), step_limits: BTreeMap::new(), basis: vec![] }
}

fn asking(fields: Vec<Field>) -> Procedure {
    let mut procedure = procedure(straight(), 0);
    procedure.form.sections = vec![Section { id: "one".into(), title: Text::vi("Một"), help: None, fields }];
    procedure
}

fn answers(json: Json) -> Map<String, Json> {
    json.as_object().expect("an object").clone()
}

fn with(procedure: &Procedure, typed: Json) -> OwnCase<'_> {
    procedure.own_case(answers(typed), start(), Registries::NONE)
}

/// Returns the names of the questions on which a term depends, or the decided term.
fn told<T>(term: CaseTerm<'_, T>) -> Result<T, Vec<&str>> {
    match term {
        CaseTerm::Decided(term) => Ok(term),
        CaseTerm::Open(open) => Err(open.into_iter().map(|field| field.id.as_str()).collect()),
    }
}

/// Returns a procedure with a paper for each of three reasons, a fee for each copy and two special limits.
fn licence() -> Procedure {
    let mut procedure = asking(vec![
        field("name", FieldKind::Text(kinds::Text { max: 9 })),
        field("married", FieldKind::YesNo),
        shown(field("spouse_name", FieldKind::Text(kinds::Text { max: 9 })), "married == true"),
        shown(field("abroad", FieldKind::YesNo), "married == true"),
        count("copies"),
        computed("many", "copies > 5"),
    ]);
    procedure.papers = vec![
        paper("always", Condition::Fixed(true)),
        paper("abroad", when("abroad == true")),
        paper("named", when("spouse_name != null")),
    ];
    let fee = Fee::fixed(Text::vi("Phí"), FeeKind::Fee, Dong(8_000), Condition::Fixed(true));
    procedure.fees = vec![Fee { per: Some(Expression::parse("copies").expect("CEL")), ..fee }];
    procedure.limit_cases =
        vec![case("abroad == true", Limit::WorkingDays(20)), case("many == true", Limit::WorkingDays(9))];
    procedure
}

#[test]
fn a_case_asks_what_the_terms_read_and_never_for_a_name() {
    let procedure = licence();
    let asked: Vec<&str> = procedure.case_questions().iter().map(|field| field.id.as_str()).collect();
    assert_eq!(asked, ["married", "abroad", "copies"], "what shows a question and what a value follows from, too");
}

#[test]
fn a_case_has_few_questions_and_carries_those_of_eligibility_once() {
    let ids: Vec<String> = (0..20).map(|number| format!("f{number}")).collect();
    let mut procedure = asking(ids.iter().map(|id| field(id, FieldKind::YesNo)).collect());
    procedure.papers = ids.iter().map(|id| paper(id, when(&format!("{id} == true")))).collect();
    assert_eq!(procedure.case_questions().len(), MOST_CASE_QUESTIONS);
    let fields = vec![field("f0", FieldKind::YesNo)];
    procedure.eligibility = Some(Eligibility { help: None, fields, conditions: vec![] });
    let carried: Vec<&str> = procedure.carried_fields().map(|field| field.id.as_str()).collect();
    assert_eq!(carried.len(), MOST_CASE_QUESTIONS);
    assert_eq!(carried.iter().filter(|id| **id == "f0").count(), 1);
}

#[test]
fn a_term_says_on_which_answers_it_depends_until_they_are_given() {
    let procedure = licence();
    let of = |case: &OwnCase<'_>| -> Vec<Result<bool, Vec<String>>> {
        let owned = |open: Vec<&str>| open.into_iter().map(str::to_owned).collect::<Vec<_>>();
        procedure.papers.iter().map(|paper| told(case.paper(paper)).map_err(owned)).collect()
    };
    let open = |id: &str| Err(vec![id.to_owned()]);
    assert_eq!(of(&with(&procedure, json!({}))), [Ok(true), open("married"), open("married")]);
    let unmarried = with(&procedure, json!({ "married": "false" }));
    assert_eq!(of(&unmarried), [Ok(true), Ok(false), Ok(false)], "a hidden question has no answer");
    let married = with(&procedure, json!({ "married": "true" }));
    assert_eq!(of(&married), [Ok(true), open("abroad"), open("spouse_name")], "nobody asks for the name");
    let abroad = with(&procedure, json!({ "married": "true", "abroad": "true", "spouse_name": "An" }));
    assert_eq!(of(&abroad), [Ok(true), Ok(true), open("spouse_name")], "an answer that is not asked is not taken");
}

#[test]
fn a_later_limit_waits_until_the_earlier_ones_do_not_fit() {
    let procedure = licence();
    let limit = |typed: Json| told(with(&procedure, typed).limit(&"so".into())).map(|LimitOfCase { limit, .. }| limit);
    assert_eq!(limit(json!({ "copies": "7" })), Err(vec!["married"]));
    assert_eq!(limit(json!({ "copies": "7", "married": "false" })), Ok(Limit::WorkingDays(9)));
    assert_eq!(limit(json!({ "married": "true", "abroad": "true" })), Ok(Limit::WorkingDays(20)));
    assert_eq!(limit(json!({ "married": "false" })), Err(vec!["copies"]));
    assert_eq!(limit(json!({ "married": "false", "copies": "1" })), Ok(Limit::WorkingDays(5)));
}

#[test]
fn a_fee_is_counted_from_right_answers_and_a_wrong_one_is_told() {
    let procedure = licence();
    let fee = |typed: Json| {
        let case = with(&procedure, typed);
        let amount = procedure.fees.iter().map(|fee| told(case.fee(fee)).map(|line| line.map(|line| line.amount.0)));
        let found: Vec<String> = case.findings.iter().map(|found| found.path.clone()).collect();
        (amount.collect::<Vec<_>>(), found)
    };
    assert_eq!(fee(json!({ "copies": "3" })), (vec![Ok(Some(24_000))], vec![]));
    for wrong in ["10", "-1", "x", "9999999999999999999999"] {
        assert_eq!(fee(json!({ "copies": wrong })), (vec![Err(vec!["copies"])], vec!["copies".to_owned()]), "{wrong}");
    }
    assert_eq!(fee(json!({ "copies": ["3"], "married": { "a": 1 } })).0, [Err(vec!["copies"])], "a wrong kind");
    assert_eq!(fee(json!({})), (vec![Err(vec!["copies"])], vec![]), "a missing answer is no mistake");
    let mut free = licence();
    free.fees[0].when = when("married == true");
    let case = with(&free, json!({ "married": "false" }));
    assert_eq!(told(case.fee(&free.fees[0])), Ok(None), "a fee that is not owed needs no other answer");
}

#[test]
fn a_rule_that_fails_decides_nothing() {
    let mut procedure = asking(vec![field("deep", FieldKind::YesNo)]);
    procedure.papers = vec![paper("a", when("deep + 1 == 2")), paper("b", when("deep == true"))];
    let case = with(&procedure, json!({ "deep": "true" }));
    assert_eq!(told(case.paper(&procedure.papers[0])), Err(vec![]));
    assert_eq!(told(case.paper(&procedure.papers[1])), Ok(true), "others are still decided");
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Returns a condition over some questions.
fn condition(left: prop::sample::Index, right: prop::sample::Index, form: u8) -> String {
    let (left, right) = (NAMES[left.index(NAMES.len())], NAMES[right.index(NAMES.len())]);
    match form % 4 {
        0 => format!("{left} == true"),
        1 => format!("{left} != true && {right} == true"),
        2 => format!("{left} == null || {right} == false"),
        _ => format!("{left} == {right}"),
    }
}

type Parts = (prop::sample::Index, prop::sample::Index, u8);

fn parts() -> impl Strategy<Value = Parts> {
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>())
}

/// Returns a random procedure. Each question after the first is shown by an earlier one, or always. The last one cannot
/// be asked in a case.
fn random(shown_by: &[(prop::sample::Index, u8)], terms: &[Parts]) -> Procedure {
    let mut fields: Vec<Field> = Vec::new();
    for (at, (id, (by, way))) in NAMES.iter().zip(shown_by).enumerate() {
        let kind = if at + 1 == NAMES.len() { FieldKind::Text(kinds::Text { max: 9 }) } else { FieldKind::YesNo };
        let plain = Field { required: Condition::Fixed(false), ..field(id, kind) };
        let by = (at > 0).then(|| NAMES[by.index(at)]);
        fields.push(match (by, way % 3) {
            (Some(by), 0) => shown(plain, &format!("{by} == true")),
            (Some(by), 1) => shown(plain, &format!("{by} != true")),
            _ => plain,
        });
    }
    let mut procedure = asking(fields);
    let texts: Vec<String> = terms.iter().map(|(left, right, form)| condition(*left, *right, *form)).collect();
    procedure.papers = texts.iter().map(|text| paper("p", when(text))).collect();
    procedure.limit_cases = texts.iter().zip(6..).map(|(text, days)| case(text, Limit::WorkingDays(days))).collect();
    let fee = |text: &String| Fee::fixed(Text::vi("Phí"), FeeKind::Fee, Dong(1_000), when(text));
    procedure.fees = texts.iter().map(fee).collect();
    procedure
}

/// Returns the answers of these numbers: none, yes or no.
fn typed(numbers: &[u8]) -> Map<String, Json> {
    let answer = |number: u8| match number % 3 {
        0 => Json::Null,
        1 => Json::from("true"),
        _ => Json::from("false"),
    };
    NAMES.iter().zip(numbers).map(|(id, number)| ((*id).to_owned(), answer(*number))).collect()
}

proptest! {
    #[test]
    fn what_is_decided_stays_so_whatever_else_is_answered(
        shown_by in vec((any::<prop::sample::Index>(), any::<u8>()), NAMES.len()),
        terms in vec(parts(), 1..4),
        few in vec(any::<u8>(), NAMES.len()),
        rest in vec(any::<u8>(), NAMES.len()),
    ) {
        let procedure = random(&shown_by, &terms);
        let few = typed(&few);
        let mut whole = typed(&rest);
        whole.extend(few.iter().filter(|(_, answer)| !answer.is_null()).map(|(id, answer)| (id.clone(), answer.clone())));
        let facts = JudgeFacts { now: start(), registries: Registries::NONE, files: &[], computed: None };
        let values = judge(&procedure.form, &whole, facts).values;
        let case = procedure.own_case(few, start(), Registries::NONE);
        for paper in &procedure.papers {
            if let CaseTerm::Decided(needed) = case.paper(paper) {
                prop_assert_eq!(needed, paper.required.holds(&values));
            }
        }
        if let CaseTerm::Decided(decided) = case.limit(&"so".into()) {
            prop_assert_eq!(decided.limit, procedure.limit_for(&"so".into(), &values, start()));
        }
        let lines: Vec<_> = procedure.fees.iter().map(|fee| case.fee(fee)).collect();
        if lines.iter().all(|line| matches!(line, CaseTerm::Decided(_))) {
            let owed = lines.iter().filter(|line| matches!(line, CaseTerm::Decided(Some(_)))).count();
            prop_assert_eq!(owed, procedure.fee_lines(&"so".into(), &values, start()).len());
        }
    }
}
