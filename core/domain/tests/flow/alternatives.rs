//! Fields, papers and groups of which at least one, or exactly one, has to be given.

use crate::office::straight;
use crate::support::{calendar, procedure, start};
use motcua_domain::dossier::decide::{GivenPapers, Rules, findings};
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::{Field, FieldKind, Section, kinds};
use motcua_domain::media::{AttachedPaper, MediaKind, StoredFile};
use motcua_domain::names::Digest;
use motcua_domain::procedure::alternatives::Alternatives;
use motcua_domain::procedure::{Paper, PaperKind, Procedure};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use serde_json::{Value as Json, json};

fn condition(text: &str) -> Condition {
    Condition::When(Expression::parse(text).expect("CEL"))
}

fn optional(id: &str, kind: FieldKind) -> Field {
    Field { required: Condition::Fixed(false), ..Field::new(id, Text::vi(id), kind) }
}

/// Returns a procedure with a number, a group and a paper, of which one is needed. `letter` hides the number.
fn asking(exactly_one: bool, when: Condition) -> Procedure {
    let mut number = optional("number", FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None }));
    number.shown = condition("letter != true");
    let name = optional("name", FieldKind::Text(kinds::Text { max: 9 }));
    let group = FieldKind::Group(kinds::Group { min: 0, max: 9, fields: vec![name] });
    let fields = vec![number, optional("witnesses", group), optional("letter", FieldKind::YesNo)];
    let proof = Paper {
        id: "proof".into(),
        name: Text::vi("Giấy"),
        help: None,
        required: Condition::Fixed(false),
        kind: PaperKind::Copy,
        accept: vec![MediaKind::Pdf],
        max_bytes: 9,
        max_files: 1,
        count: 1,
        template: None,
        basis: vec![],
    };
    let of = ["number", "witnesses", "papers.proof"].map(str::to_owned).to_vec();
    let mut procedure = procedure(straight(), 0);
    procedure.form.sections = vec![Section { id: "one".into(), title: Text::vi("Một"), help: None, fields }];
    procedure.papers = vec![proof];
    procedure.alternatives = vec![Alternatives { of, exactly_one, when, text: Text::vi("Chọn một") }];
    procedure
}

/// Returns the places of findings.
fn told(procedure: &Procedure, typed: &Json, with_paper: bool) -> Vec<String> {
    let calendar = calendar();
    let rules = Rules { procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
    let (name, media_type) = ("a.pdf".to_owned(), "application/pdf".to_owned());
    let file = StoredFile { digest: Digest("0".repeat(64)), name, media_type, bytes: 1 };
    let papers: Vec<AttachedPaper> =
        with_paper.then(|| AttachedPaper { paper: "proof".into(), file }).into_iter().collect();
    let given = GivenPapers::from(papers.as_slice());
    let judged = findings(rules, &"so".into(), typed.as_object().expect("an object"), given, &[], start());
    assert_eq!(judged.fault, None);
    judged.findings.into_iter().map(|found| format!("{} {}", found.path, found.code)).collect()
}

#[test]
fn one_of_several_is_needed_and_the_finding_stands_at_each_that_is_open() {
    let number = "number alternatives";
    let [witnesses, proof] = ["witnesses alternatives", "papers.proof alternatives"];
    let rows = json!([{"name": "An"}]);
    for (typed, with_paper, least, exactly) in [
        (json!({}), false, vec![number, witnesses, proof], vec![number, witnesses, proof]),
        (json!({"witnesses": [{}]}), false, vec![number, witnesses, proof], vec![number, witnesses, proof]),
        (json!({"letter": "true"}), false, vec![witnesses, proof], vec![witnesses, proof]),
        (json!({"number": "3", "letter": "true"}), false, vec![witnesses, proof], vec![witnesses, proof]),
        (json!({"number": "3"}), false, vec![], vec![]),
        (json!({"witnesses": rows}), false, vec![], vec![]),
        (json!({}), true, vec![], vec![]),
        (json!({"number": "3"}), true, vec![], vec![number, proof]),
        (json!({"number": "3", "witnesses": rows}), true, vec![], vec![number, witnesses, proof]),
    ] {
        let places = |exactly_one| told(&asking(exactly_one, Condition::Fixed(true)), &typed, with_paper);
        assert_eq!((places(false), places(true)), (owned(&least), owned(&exactly)), "{typed} {with_paper}");
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_wrong_answer_is_corrected_before_another_is_asked_for() {
    let procedure = asking(false, Condition::Fixed(true));
    let found = told(&procedure, &json!({"number": "x"}), false);
    assert!(found.len() == 1 && found[0].starts_with("number ") && !found[0].contains("alternatives"), "{found:?}");
}

#[test]
fn a_rule_about_alternatives_counts_only_under_its_condition() {
    let procedure = asking(false, condition("letter == true"));
    assert!(told(&procedure, &json!({"letter": "false"}), false).is_empty());
    assert_eq!(told(&procedure, &json!({"letter": "true"}), false).len(), 2);
}

#[test]
fn a_version_without_such_rules_is_stored_as_before() {
    let before = procedure(straight(), 0);
    let stored = serde_json::to_value(&before).expect("JSON");
    assert_eq!(stored.get("alternatives"), None);
    assert_eq!(serde_json::from_value::<Procedure>(stored).expect("a procedure"), before);
}
