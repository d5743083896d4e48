//! Dossiers that somebody files for another person.

use crate::office::straight;
use crate::support::{applicant, calendar, filing, procedure, start};
use motcua_domain::dossier::command::Filing;
use motcua_domain::dossier::decide::{Rules, decide_filing};
use motcua_domain::dossier::event::{Event, Recorded};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, notice_of};
use motcua_domain::media::{AttachedPaper, StoredFile};
use motcua_domain::names::Digest;
use motcua_domain::procedure::on_behalf::{OnBehalf, PROOF};
use motcua_domain::procedure::{Audience, Procedure};
use motcua_domain::registry::Registries;
use serde_json::{Value as Json, json};

const BINH: &str = "074195000321";

/// Returns a procedure whose author lets these people file.
fn offered(on_behalf: OnBehalf) -> Procedure {
    let mut procedure = procedure(straight(), 0);
    procedure.on_behalf = on_behalf;
    procedure.form.sections.extend(on_behalf.section(&[Audience::Citizen]));
    procedure.papers.extend(on_behalf.proof());
    procedure
}

fn for_binh() -> Json {
    json!({ "filing_for": "other", "represented_name": "Lê Thị Bình", "represented_number": "074 195 000 321",
        "represented_relation": "con" })
}

fn proof() -> AttachedPaper {
    let file = StoredFile {
        digest: Digest("0".repeat(64)),
        name: "ủy quyền.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: 1,
    };
    AttachedPaper { paper: PROOF.into(), file }
}

fn file(on_behalf: OnBehalf, typed: &Json, papers: Vec<AttachedPaper>) -> Result<Event, Refusal> {
    let (procedure, calendar) = (offered(on_behalf), calendar());
    let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
    let typed = typed.as_object().expect("an object").clone();
    decide_filing(rules, &applicant(), Filing { typed, papers, ..filing() }, start())
}

/// Returns the places and codes of the findings for which a filing was refused.
fn refused(outcome: Result<Event, Refusal>) -> Vec<(String, &'static str)> {
    match outcome {
        Err(Refusal::Incomplete(findings)) => {
            findings.into_iter().map(|finding| (finding.path, known(&finding.code))).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// Returns one of the codes that the tests expect.
fn known(code: &str) -> &'static str {
    ["required", "citizen-number", "paper-missing"].into_iter().find(|known| *known == code).unwrap_or("other")
}

#[test]
fn a_dossier_has_the_person_for_whom_it_was_filed_beside_the_person_who_filed() {
    let event = file(OnBehalf::WithProof, &for_binh(), vec![proof()]).expect("filed");
    let recorded = Recorded { at: start(), actor: applicant().reference(), event, choices: Vec::new() };
    let dossier = Dossier::replay([&recorded]).expect("a dossier");
    let person = dossier.represented().expect("another person");
    assert_eq!((person.name, person.number, person.relation), ("Lê Thị Bình", BINH, "con"));
    assert_eq!((dossier.person_name(), dossier.filed.applicant.name.as_str()), ("Lê Thị Bình", "An"));
    assert_eq!(*dossier.subject().owner, "an".into(), "the rights stay with the person who filed");
    assert_eq!(notice_of(&recorded, None, &dossier), Some("filed"), "and so do the notices");
    let stored = serde_json::to_value(&recorded.event).expect("JSON");
    assert_eq!(stored["on_behalf"], "with-proof");
    assert_eq!(serde_json::from_value::<Event>(stored).expect("an event"), recorded.event);
}

#[test]
fn nothing_is_filed_for_another_person_without_their_number_and_the_proof() {
    let typed = json!({ "filing_for": "other", "represented_name": "Lê Thị Bình", "represented_number": "123" });
    let missing = refused(file(OnBehalf::WithProof, &typed, vec![]));
    let at = |path: &str, code: &'static str| (path.to_owned(), code);
    let expected = [
        at("represented_number", "citizen-number"),
        at("represented_relation", "required"),
        at("papers.representation_proof", "paper-missing"),
    ];
    assert_eq!(missing, expected);
    assert_eq!(refused(file(OnBehalf::Anybody, &json!({}), vec![])), [at("filing_for", "required")]);
    assert!(file(OnBehalf::Anybody, &for_binh(), vec![]).is_ok(), "no proof is asked for");
}

#[test]
fn a_person_who_files_for_themself_gives_neither_a_person_nor_a_proof() {
    let typed = json!({ "filing_for": "self", "represented_name": "Lê Thị Bình", "represented_number": BINH });
    let event = file(OnBehalf::WithProof, &typed, vec![]).expect("filed");
    let filed = event.submitted().and_then(|content| content.filed).expect("a filing");
    assert_eq!(filed.represented(), None);
    assert_eq!(filed.values.keys().collect::<Vec<_>>(), ["filing_for"], "hidden answers are not stored");
}

#[test]
fn where_nobody_files_for_others_the_answers_about_another_person_are_dropped() {
    let event = file(OnBehalf::Nobody, &for_binh(), vec![]).expect("filed");
    let filed = event.submitted().and_then(|content| content.filed).expect("a filing");
    assert_eq!((filed.represented(), filed.person_name()), (None, "An"));
    assert!(filed.values.is_empty());
    let stored = serde_json::to_value(&event).expect("JSON");
    assert!(stored.get("on_behalf").is_none(), "it is stored as before");
}
