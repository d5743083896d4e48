//! People who have to consent to what an applicant files.

use crate::office::straight;
use crate::support::{applicant, calendar, filing, procedure, start};
use motcua_domain::dossier::command::Filing;
use motcua_domain::dossier::decide::{Rules, decide_filing};
use motcua_domain::dossier::event::Filed;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::{Field, FieldKind, Section, kinds};
use motcua_domain::media::{AttachedPaper, StoredFile};
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::co_signer::{CoSigner, GivenConsent, NeededSigner, SignedContent, person_mark};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use serde_json::{Map, Value as Json, json};

const WIFE: &str = "074190000123";
const AN: &str = "074090000456";
const BINH: &str = "074090000789";

fn optional(id: &str, kind: FieldKind) -> Field {
    Field { required: Condition::Fixed(false), ..Field::new(id, Text::vi(id), kind) }
}

fn number(id: &str) -> Field {
    optional(id, FieldKind::CitizenNumber(kinds::CitizenNumber { birth: None, sex: None }))
}

fn signer(id: &str, when: Condition, many: Option<&str>, identity: &str) -> CoSigner {
    let many = many.map(str::to_owned);
    CoSigner { id: id.into(), name: Text::vi(id), when, many, identity: identity.to_owned(), consent: None }
}

/// Returns a procedure that the wife signs if there is one, and each member. A value is computed.
fn signed() -> Procedure {
    let members = FieldKind::Group(kinds::Group { min: 0, max: 9, fields: vec![number("number")] });
    let sum = Expression::parse("1 + 1").expect("CEL");
    let sum = FieldKind::Computed(kinds::Computed { value: Some(sum), unit: None, helper: true });
    let married = optional("married", FieldKind::YesNo);
    let fields = vec![married, number("wife"), optional("members", members), optional("sum", sum)];
    let mut procedure = procedure(straight(), 0);
    procedure.form.sections = vec![Section { id: "one".into(), title: Text::vi("Một"), help: None, fields }];
    let married = Condition::When(Expression::parse("married == true").expect("CEL"));
    procedure.signers = vec![
        signer("wife", married, None, "wife"),
        signer("member", Condition::Fixed(true), Some("members"), "members.number"),
    ];
    procedure
}

fn answers(json: &Json) -> Map<String, Json> {
    json.as_object().expect("an object").clone()
}

fn needed(json: &Json) -> Vec<(String, Option<usize>, String)> {
    let needed = signed().needed_signers(&answers(json), start());
    needed.into_iter().map(|NeededSigner { id, row, number, .. }| (id.to_string(), row, number)).collect()
}

/// Returns the consents of these people to the values that the procedure makes of these answers.
fn consents(procedure: &Procedure, values: &Map<String, Json>, of: &[(&str, &str)]) -> Vec<GivenConsent> {
    let Filing { draft, agency, .. } = filing();
    let content = SignedContent { agency: &agency, values, papers: &[], fees: &[] };
    let consent = |(signer, number): &(&str, &str)| GivenConsent {
        signer: (*signer).into(),
        person: person_mark(draft, number),
        by: (*number).into(),
        name: "Bình".to_owned(),
        at: start(),
        content: procedure.signed_content(content),
    };
    of.iter().map(consent).collect()
}

fn file(typed: &Json, consents: Vec<GivenConsent>) -> Result<Filed, Refusal> {
    let (procedure, calendar) = (signed(), calendar());
    let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
    let filing = Filing { typed: answers(typed), consents, ..filing() };
    let event = decide_filing(rules, &applicant(), filing, start())?;
    Ok(event.submitted().and_then(|content| content.filed).expect("a filing").clone())
}

#[test]
fn a_person_signs_under_a_condition_and_each_row_has_a_person_of_its_own() {
    assert!(needed(&json!({ "wife": WIFE })).is_empty());
    let of = |id: &str, row: Option<usize>, number: &str| (id.to_owned(), row, number.to_owned());
    assert_eq!(needed(&json!({ "married": true, "wife": WIFE })), [of("wife", None, WIFE)]);
    assert_eq!(needed(&json!({ "married": true })), [of("wife", None, "")], "nobody can sign without a number");
    let rows = json!({ "members": [{ "number": AN }, { "number": BINH }, { "number": AN }, {}] });
    let each = [of("member", Some(1), AN), of("member", Some(2), BINH), of("member", Some(4), "")];
    assert_eq!(needed(&rows), each, "a person in two rows signs once");
}

#[test]
fn nothing_is_filed_before_everybody_consented_to_the_present_content() {
    let typed = json!({ "married": true, "wife": WIFE, "members": [{ "number": AN }] });
    let unsigned = |names: [&str; 1]| Refusal::Unsigned { missing: names.map(Text::vi).to_vec() };
    let Err(Refusal::Unsigned { missing }) = file(&typed, vec![]) else { panic!("filed without consents") };
    assert_eq!(missing, ["wife", "member"].map(Text::vi));

    let (procedure, values) = (signed(), answers(&typed));
    let both = consents(&procedure, &values, &[("wife", WIFE), ("member", AN)]);
    assert_eq!(file(&typed, both[..1].to_vec()), Err(unsigned(["member"])));
    let of_another = consents(&procedure, &values, &[("wife", AN), ("member", AN)]);
    assert_eq!(file(&typed, of_another), Err(unsigned(["wife"])), "another person signed");
    let changed = json!({ "married": true, "wife": WIFE, "members": [{ "number": AN }, { "number": AN }] });
    assert!(file(&changed, both.clone()).is_err(), "the answers have changed since");

    let filed = file(&typed, both).expect("everybody signed");
    let signed: Vec<_> = filed.signatures.iter().map(|one| (one.signer.as_str(), one.row, one.by.as_str())).collect();
    assert_eq!(signed, [("wife", None, WIFE), ("member", Some(1), AN)]);
}

#[test]
fn a_consent_holds_for_one_content_and_computed_values_are_no_content() {
    let (procedure, agency) = (signed(), "so".into());
    let values = answers(&json!({ "wife": WIFE }));
    let digest = |values: &Map<String, Json>, papers: &[AttachedPaper]| {
        procedure.signed_content(SignedContent { agency: &agency, values, papers, fees: &[] })
    };
    let first = digest(&values, &[]);
    let later = answers(&json!({ "wife": WIFE, "sum": 2 }));
    assert_eq!(digest(&later, &[]), first, "nobody gave another answer");
    assert_ne!(digest(&answers(&json!({ "wife": AN })), &[]), first);
    let (name, media_type) = ("a.pdf".to_owned(), "application/pdf".to_owned());
    let file = StoredFile { digest: Digest("0".repeat(64)), name, media_type, bytes: 1 };
    assert_ne!(digest(&values, &[AttachedPaper { paper: "proof".into(), file }]), first);
}

#[test]
fn a_filing_without_signers_is_written_and_read_as_before() {
    let filed = file(&json!({}), vec![]).expect("nobody has to sign");
    let written = serde_json::to_value(&filed).expect("JSON");
    assert_eq!(written.get("signed"), None);
    assert_eq!(serde_json::from_value::<Filed>(written).expect("a filing"), filed);
    let stored = serde_json::to_value(Procedure { signers: vec![], ..signed() }).expect("JSON");
    assert_eq!(stored.get("signer"), None, "versions without signers keep their digests");
}
