//! The results with which dossiers enter the register.

use crate::office::{Office, straight};
use crate::support::{act, applicant, calendar, command, filing, officer, procedure, start};
use jiff::civil::{Date, date};
use motcua_domain::dossier::command::{Command, Filing};
use motcua_domain::dossier::decide::{Rules, decide_filing};
use motcua_domain::dossier::event::{EarlierResult, IssuedResult, Recorded, ResultHolder};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, notice_of};
use motcua_domain::form::kinds::Text as TextKind;
use motcua_domain::form::{Field, FieldKind, Section};
use motcua_domain::names::{Digest, DossierCode};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::result::{EarlierEffect, FollowRule, ResultNumber, ResultRule, ResultValidity};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::instant;
use motcua_domain::workflow::Effect;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Returns a procedure that asks for an owner and a number, and whose result replaces an earlier one.
fn licence() -> Procedure {
    let question = |id: &str| Field::new(id, Text::vi(id), FieldKind::Text(TextKind { max: 100 }));
    let mut procedure = procedure(straight(), 0);
    procedure.result = Text::vi("Giấy phép");
    procedure.form.sections = vec![Section {
        id: "main".to_owned(),
        title: Text::vi("Giấy phép"),
        help: None,
        fields: ["owner", "tax", "earlier_number", "secret"].map(question).to_vec(),
    }];
    procedure.register = Some(ResultRule {
        kind: "licence".into(),
        number: ResultNumber::Scheme("{dossier}/GP".into()),
        holder: Some("owner".into()),
        identity: Some("tax".into()),
        valid: ResultValidity::Years(5),
        data: vec!["owner".into(), "earlier_number".into()],
        notice_days: Some(30),
        follows: Some(FollowRule {
            results: vec!["licence".into()],
            effect: EarlierEffect::Replaced,
            from_result: BTreeMap::from([("earlier_number".to_owned(), "number".to_owned())]),
        }),
    });
    procedure
}

fn answers() -> Map<String, Json> {
    let typed = json!({ "owner": "Công ty An", "tax": "0100109106", "earlier_number": "12 / gp", "secret": "x" });
    typed.as_object().cloned().expect("an object")
}

fn earlier(number: &str) -> EarlierResult {
    EarlierResult {
        dossier: DossierCode::parse("H09.01-210105-0001").expect("a code"),
        procedure: "1.000001".into(),
        kind: "licence".into(),
        name: Text::vi("Giấy phép"),
        number: number.to_owned(),
        until: Some(date(2026, 12, 31)),
    }
}

/// Files a dossier that may name an earlier result.
fn filed(procedure: Procedure, follows: Option<EarlierResult>) -> Office {
    let (calendar, now) = (calendar(), start());
    let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
    let filing = Filing { typed: answers(), follows, ..filing() };
    let event = decide_filing(rules, &applicant(), filing, now).expect("a complete filing");
    let recorded = Recorded { at: now, actor: applicant().reference(), event, choices: Vec::new() };
    Office { dossier: Dossier::replay([&recorded]).expect("a dossier"), procedure, calendar, now }
}

/// Takes all steps to the end, the last one a day after the others.
fn end(office: &mut Office) {
    for (role, action) in [(Role::Counter, "accept"), (Role::Specialist, "done"), (Role::Counter, "hand-over")] {
        if action == "hand-over" {
            office.later(24);
        }
        let next = if action == "accept" { Role::Specialist } else { Role::Counter };
        let taken = command(act(&office.dossier, None, action, next));
        office.does(&officer(role, false), taken).expect("taken");
    }
}

fn issued(office: &Office) -> Option<&IssuedResult> {
    office.dossier.flow.ended.as_ref().expect("ended").issued.as_deref()
}

/// Returns the last day of the result of a dossier whose validity follows this rule.
fn until(valid: ResultValidity, follows: Option<EarlierResult>) -> Option<Date> {
    let mut procedure = licence();
    if let Some(rule) = &mut procedure.register {
        rule.valid = valid;
    }
    let mut office = filed(procedure, follows);
    end(&mut office);
    issued(&office).expect("a result").until
}

#[test]
fn a_dossier_that_is_handed_over_issues_a_result_as_of_the_day_on_which_it_existed() {
    let mut office = filed(licence(), None);
    end(&mut office);
    let result = issued(&office).expect("a result");
    assert_eq!((result.kind.as_str(), result.number.as_str()), ("licence", "H09.01-260105-0001/GP"));
    let holder = ResultHolder { name: "Công ty An".into(), identity: Some("0100109106".into()) };
    assert_eq!(result.holder, holder);
    assert_eq!((result.from, result.until), (date(2026, 1, 5), Some(date(2031, 1, 5))));
    assert_eq!(Json::Object(result.data.clone()), json!({ "owner": "Công ty An", "earlier_number": "12 / gp" }));
    assert_eq!(result.files, [Digest("0".repeat(64))]);
    assert_eq!(result.follows, None);
}

#[test]
fn a_refusal_issues_no_result() {
    let mut procedure = licence();
    procedure.workflow.steps[2].actions[0].effect = Effect::Refuse;
    let mut office = filed(procedure, None);
    end(&mut office);
    assert_eq!(issued(&office), None);
}

#[test]
fn a_procedure_without_a_register_issues_no_result() {
    let mut office = filed(Procedure { register: None, ..licence() }, Some(earlier("12/GP")));
    assert_eq!(office.dossier.filed.follows, None);
    end(&mut office);
    assert_eq!(issued(&office), None);
}

#[test]
fn a_result_replaces_the_earlier_one_that_the_form_names() {
    let mut office = filed(licence(), Some(earlier("12/GP")));
    end(&mut office);
    let follows = issued(&office).and_then(|result| result.follows.clone()).expect("an earlier result");
    assert_eq!((follows.number.as_str(), follows.effect), ("12/GP", EarlierEffect::Replaced));
}

#[test]
fn a_result_whose_number_the_form_does_not_name_is_not_replaced() {
    let mut office = filed(licence(), Some(earlier("13/GP")));
    end(&mut office);
    assert_eq!(issued(&office).expect("a result").follows, None);
}

#[test]
fn a_result_of_another_kind_is_not_followed() {
    let other = EarlierResult { kind: "other".into(), procedure: "1.000009".into(), ..earlier("12/GP") };
    assert_eq!(filed(licence(), Some(other)).dossier.filed.follows, None);
}

#[test]
fn a_change_that_asks_for_no_other_time_keeps_the_end_of_the_earlier_result() {
    let asked = || ResultValidity::YearsOf("years".into());
    assert_eq!(until(asked(), Some(earlier("12/GP"))), Some(date(2026, 12, 31)));
    assert_eq!(until(asked(), None), None);
    assert_eq!(until(ResultValidity::Unlimited, Some(earlier("12/GP"))), None);
}

#[test]
fn the_end_of_a_dossier_reads_back_as_it_was_written() {
    let mut office = filed(licence(), Some(earlier("12/GP")));
    for (role, action) in [(Role::Counter, "accept"), (Role::Specialist, "done")] {
        let next = if action == "accept" { Role::Specialist } else { Role::Counter };
        office.does(&officer(role, false), command(act(&office.dossier, None, action, next))).expect("taken");
    }
    let hand_over = command(act(&office.dossier, None, "hand-over", Role::Counter));
    let recorded = office.does(&officer(Role::Counter, false), hand_over).expect("handed over");
    let written = serde_json::to_string(&recorded).expect("JSON");
    assert_eq!(serde_json::from_str::<Recorded>(&written).expect("an event"), recorded);
}

#[test]
fn an_applicant_is_told_once_before_the_validity_ends_unless_a_later_result_follows() {
    for (followed, told) in [(false, Some("expiry-announced")), (true, None)] {
        let mut office = filed(licence(), None);
        assert_eq!(office.dossier.expiry_notice_at(), None, "nothing is issued yet");
        end(&mut office);
        let at = office.dossier.expiry_notice_at().expect("five years later");
        assert_eq!(at, instant(date(2030, 12, 6).at(8, 0, 0, 0)));
        let announce = || Command::AnnounceExpiry { followed };
        assert_eq!(office.does(&officer(Role::Counter, false), announce()), Err(Refusal::NotAllowed));
        assert_eq!(office.does(&Actor::System, announce()), Err(Refusal::TimeLeft));
        office.now = at;
        let before = office.dossier.clone();
        let recorded = office.does(&Actor::System, announce()).expect("announced");
        assert_eq!(notice_of(&recorded, Some(&before), &office.dossier), told);
        assert_eq!(office.does(&Actor::System, announce()), Err(Refusal::NothingChanges));
        assert_eq!(office.dossier.expiry_notice_at(), None);
    }
}

#[test]
fn nobody_is_told_of_the_end_of_a_result_that_ends_within_those_days() {
    let mut procedure = licence();
    if let Some(rule) = &mut procedure.register {
        (rule.valid, rule.notice_days) = (ResultValidity::Months(1), Some(31));
    }
    let mut office = filed(procedure, None);
    end(&mut office);
    assert_eq!(office.dossier.expiry_notice_at(), None);
}
