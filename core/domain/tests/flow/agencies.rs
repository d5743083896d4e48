//! One procedure that several agencies offer.

use crate::office::straight;
use crate::support::{applicant, calendar, filing, procedure, start};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Filing;
use motcua_domain::dossier::decide::{Rules, decide_filing};
use motcua_domain::dossier::event::{Event, Recorded};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::Agency;
use motcua_domain::procedure::changes::changes;
use motcua_domain::procedure::offering::OfferedBy;
use motcua_domain::procedure::{AgencyTerms, Fee, FeeKind, Procedure};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use std::collections::BTreeMap;

/// Returns a procedure of all communes, one of which has terms of its own.
fn shared() -> Procedure {
    let fee = Fee::fixed(Text::vi("Phí"), FeeKind::Fee, Dong(5_000), Condition::Fixed(true));
    let terms = AgencyTerms {
        agency: "xa-a".into(),
        unit: Some("tu-phap".into()),
        limit: Some(Limit::WorkingDays(2)),
        step_limits: BTreeMap::new(),
        hours: None,
        fees: vec![fee],
    };
    let offered_by = Some(OfferedBy::Kind("commune".to_owned()));
    Procedure { group: "cap-xa".to_owned(), offered_by, terms: vec![terms], ..procedure(straight(), 28_000) }
}

fn decided(procedure: &Procedure, agency: &str) -> Result<Event, Refusal> {
    let rules = Rules { procedure, calendar: &calendar(), registries: Registries::NONE, choices: &[] };
    decide_filing(rules, &applicant(), Filing { agency: agency.into(), ..filing() }, start())
}

fn filed(procedure: &Procedure, agency: &str) -> Dossier {
    let event = decided(procedure, agency).expect("it is complete");
    let recorded = Recorded { at: start(), actor: applicant().reference(), event, choices: Vec::new() };
    Dossier::replay([&recorded]).expect("a dossier")
}

#[test]
fn a_dossier_belongs_to_the_agency_to_which_it_was_filed_under_the_terms_of_that_agency() {
    let procedure = shared();
    let (own, other) = (filed(&procedure, "xa-a"), filed(&procedure, "xa-b"));
    assert_eq!((own.place.agency.as_str(), own.place.unit.as_str()), ("xa-a", "tu-phap"));
    assert_eq!((other.place.agency.as_str(), other.place.unit.as_str()), ("xa-b", "phong"));
    assert_eq!((own.owed(), other.owed()), (Dong(5_000), Dong(28_000)));
    assert_eq!((own.filed.limit, other.filed.limit), (Some(Limit::WorkingDays(2)), Some(Limit::WorkingDays(5))));
    assert_eq!(own.procedure, other.procedure, "both follow the same version");
}

#[test]
fn a_fee_of_one_agency_that_cannot_be_evaluated_stops_filings_there_and_nowhere_else() {
    let mut procedure = shared();
    procedure.terms[0].fees[0].when = Condition::When(Expression::parse("1 / 0 > 1").expect("it is CEL"));
    assert!(decided(&procedure, "xa-a").is_err_and(|refused| refused.code() == "rule-broken"));
    assert!(decided(&procedure, "xa-b").is_ok());
}

#[test]
fn an_agency_may_be_faster_and_not_slower_than_the_procedure() {
    let mut procedure = shared();
    procedure.terms[0].limit = Some(Limit::WorkingDays(9));
    assert_eq!(procedure.limit_in(&"xa-a".into()), Limit::WorkingDays(5));
}

#[test]
fn a_step_has_the_limit_of_the_agency_to_which_the_dossier_was_filed() {
    let mut procedure = shared();
    let first = procedure.workflow.steps[0].clone();
    procedure.terms[0].step_limits = BTreeMap::from([(first.id.clone(), Limit::WorkingHours(1))]);
    let limit = |agency: &str| {
        procedure.step_limit(&agency.into(), &first, &serde_json::Map::new(), jiff::Timestamp::UNIX_EPOCH)
    };
    assert_eq!((limit("xa-a"), limit("xa-b")), (Some(Limit::WorkingHours(1)), first.limit));
}

#[test]
fn a_version_of_one_agency_is_stored_as_it_was_before_several_could_offer_it() {
    let stored = serde_json::to_value(procedure(straight(), 0)).expect("JSON");
    assert_eq!(stored["agency"], "so");
    assert!(stored.get("offered_by").is_none() && stored.get("offer").is_none() && stored.get("group").is_none());
    let read: Procedure = serde_json::from_value(serde_json::to_value(shared()).expect("JSON")).expect("a procedure");
    assert_eq!(read, shared());
}

#[test]
fn an_answer_leads_to_the_agency_that_is_in_charge_of_its_area() {
    let commune = |id: &str, area: &str| Agency {
        id: id.into(),
        code: id.to_uppercase(),
        name: Text::vi(id),
        kind: Some("commune".to_owned()),
        parent: None,
        areas: vec![area.to_owned()],
        address: Text::default(),
        phone: String::new(),
        hours: None,
        map: None,
        units: Vec::new(),
        posts: Vec::new(),
    };
    let all = [commune("xa-a", "1"), commune("xa-b", "2")];
    let procedure = Procedure { led_by: Some("home.commune".to_owned()), ..shared() };
    let led = |answer: serde_json::Value| {
        let values = serde_json::Map::from_iter([("home".to_owned(), answer)]);
        procedure.led_to(&values, &all).map(|agency| agency.id.to_string())
    };
    let entry = |code: &str| serde_json::json!({ "commune": { "code": code, "name": "Xã" } });
    assert_eq!((led(entry("2")), led(entry("3"))), (Some("xa-b".to_owned()), None));
    assert_eq!(led(serde_json::json!("2")), None, "the answer has another shape");
}

#[test]
fn the_changes_of_a_version_name_the_agencies_that_offer_it() {
    let one = Procedure { group: "xa-b".to_owned(), offered_by: None, terms: vec![], ..shared() };
    let told: Vec<String> = changes(&one, &shared()).into_iter().map(|change| change.0.vi).collect();
    assert_eq!(told[0], "Cơ quan thực hiện: xa-b → mọi cơ quan loại “commune”.");
    assert!(changes(&shared(), &shared()).is_empty());
}
