//! Dossiers of people who come to the counter with paper.

use crate::office::{Office, straight};
use crate::support::{
    ROLES, act, applicant, calendar, command, filing, officer, procedure, sound_workflow, start, supplement,
};
use motcua_domain::dossier::command::Filing;
use motcua_domain::dossier::decide::{Rules, decide_filing};
use motcua_domain::dossier::event::{Channel, Event, Recorded};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, notice_of};
use motcua_domain::expression::Condition;
use motcua_domain::names::PaperId;
use motcua_domain::people::organisation::{Actor, Post, Role};
use motcua_domain::procedure::{MediaKind, Paper, PaperKind, Procedure};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use serde_json::json;

/// Returns a procedure that needs a paper.
fn with_paper() -> Procedure {
    let mut procedure = procedure(straight(), 0);
    procedure.papers = vec![Paper {
        id: "proof".into(),
        name: Text::vi("Giấy chứng sinh"),
        help: None,
        required: Condition::Fixed(true),
        kind: PaperKind::Original,
        accept: vec![MediaKind::Pdf],
        max_bytes: 1_000,
        max_files: 1,
        count: 1,
        template: None,
        basis: vec![],
    }];
    procedure
}

fn filed(procedure: &Procedure, actor: &Actor, filing: Filing) -> Result<Event, Refusal> {
    let calendar = calendar();
    let rules = Rules { procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
    decide_filing(rules, actor, filing, start())
}

fn on_paper() -> Filing {
    Filing { on_paper: vec!["proof".into()], ..filing() }
}

#[test]
fn a_counter_files_for_an_applicant_and_the_dossier_says_so() {
    let clerk = officer(Role::Counter, false);
    let event = filed(&with_paper(), &clerk, on_paper()).expect("filed");
    let recorded = Recorded { at: start(), actor: clerk.reference(), event, choices: Vec::new() };
    let dossier = Dossier::replay([&recorded]).expect("a dossier");
    assert_eq!(dossier.filed.channel, Channel::Counter);
    assert_eq!(dossier.filed.received_by, Some(clerk.reference()));
    assert_eq!(dossier.filed.on_paper, [PaperId::from("proof")]);
    assert_eq!(dossier.filed.applicant.id, "an".into(), "it is the applicant's");
    assert_eq!(notice_of(&recorded, None, &dossier), Some("filed"), "the applicant is told");
    let stored = serde_json::to_value(&recorded.event).expect("JSON");
    assert_eq!(stored["channel"], "counter");
    assert_eq!(stored["on_paper"], json!(["proof"]));
    assert_eq!(serde_json::from_value::<Event>(stored).expect("an event"), recorded.event);
}

#[test]
fn a_dossier_that_comes_online_is_stored_as_before() {
    let event = filed(&procedure(straight(), 0), &applicant(), filing()).expect("filed");
    let stored = serde_json::to_value(&event).expect("JSON");
    assert!(stored.get("channel").is_none() && stored.get("on_paper").is_none(), "{stored}");
    assert_eq!(serde_json::from_value::<Event>(stored).expect("an event"), event);
}

#[test]
fn a_paper_that_the_counter_has_not_seen_is_missing() {
    let clerk = officer(Role::Counter, false);
    let refused = filed(&with_paper(), &clerk, filing());
    assert!(matches!(refused, Err(Refusal::Incomplete(_))), "{refused:?}");
}

#[test]
fn an_applicant_sees_no_paper_for_the_counter() {
    let refused = filed(&with_paper(), &applicant(), on_paper());
    assert!(matches!(refused, Err(Refusal::Incomplete(_))), "{refused:?}");
}

#[test]
fn nobody_but_a_counter_of_the_agency_files_for_somebody_else() {
    let procedure = procedure(straight(), 0);
    for role in ROLES {
        let is_filed = filed(&procedure, &officer(role, false), filing());
        let expected = if role == Role::Counter { None } else { Some(Refusal::NotAllowed) };
        assert_eq!(is_filed.err(), expected, "{role:?}");
    }
    let elsewhere = Post { agency: "khac".into(), unit: "phong".into(), role: Role::Counter };
    let stranger = Actor::Officer {
        id: "em".into(),
        name: "Em".to_owned(),
        posts: vec![elsewhere],
        stands_for: Vec::new(),
        approves_own: Vec::new(),
        own_accounts: Vec::new(),
    };
    assert_eq!(filed(&procedure, &stranger, filing()).err(), Some(Refusal::NotAllowed));
    let other = Actor::Applicant { id: "em".into(), name: "Em".to_owned() };
    assert_eq!(filed(&procedure, &other, filing()).err(), Some(Refusal::NotAllowed));
    assert_eq!(filed(&procedure, &Actor::System, filing()).err(), Some(Refusal::NotAllowed));
}

#[test]
fn nobody_files_their_own_dossier_at_the_counter() {
    let clerk = officer(Role::Counter, false);
    let mut own = filing();
    own.applicant.id = "counter0".into();
    assert_eq!(filed(&procedure(straight(), 0), &clerk, own).err(), Some(Refusal::NotAllowed));
}

#[test]
fn the_consent_is_needed_at_the_counter_too() {
    let refused =
        filed(&procedure(straight(), 0), &officer(Role::Counter, false), Filing { consent: false, ..filing() });
    assert_eq!(refused.err(), Some(Refusal::NoConsent));
}

#[test]
fn every_dossier_of_every_workflow_differs_by_its_channel_alone() {
    for seed in 0..200 {
        let procedure = procedure(sound_workflow(seed, true), 0);
        let online = filed(&procedure, &applicant(), filing()).expect("filed online");
        let first = procedure.workflow.steps.first().and_then(|step| step.place.clone());
        let agency = first.map_or_else(|| "so".into(), |place| place.in_agency(&"so".into()).agency);
        let post = Post { agency, unit: "mot-cua".into(), role: Role::Counter };
        let clerk = Actor::Officer {
            id: "lan".into(),
            name: "Lan".to_owned(),
            posts: vec![post],
            stands_for: Vec::new(),
            approves_own: Vec::new(),
            own_accounts: Vec::new(),
        };
        let mut counter = filed(&procedure, &clerk, filing()).expect("filed at the counter");
        let Event::Filed(content) = &mut counter else { panic!("a filing") };
        assert_eq!(std::mem::take(&mut content.channel), Channel::Counter, "{seed}");
        assert_eq!(content.received_by.take(), Some(clerk.reference()), "{seed}");
        assert_eq!(counter, online, "{seed}");
    }
}

#[test]
fn a_counter_supplements_for_the_applicant_and_nobody_else_of_the_office_does() {
    let mut office = Office::open(0);
    let clerk = officer(Role::Counter, false);
    office.does(&clerk, command(act(&office.dossier, None, "ask", Role::Counter))).expect("asked");
    for role in ROLES {
        let given = supplement(&office.dossier);
        let is_offered = office.dossier.may_supplement(&officer(role, false));
        assert_eq!(is_offered, role == Role::Counter, "{role:?}");
        if !is_offered {
            assert_eq!(office.does(&officer(role, false), given), Err(Refusal::NotAllowed), "{role:?}");
        }
    }
    let given = supplement(&office.dossier);
    let recorded = office.does(&clerk, given).expect("supplemented");
    let stored = serde_json::to_value(&recorded.event).expect("JSON");
    assert_eq!(stored["channel"], "counter");
    assert_eq!(recorded.actor, clerk.reference(), "the officer");
    assert_eq!(office.dossier.filed.applicant.id, "an".into(), "for the applicant");
    assert_eq!(office.dossier.received.iter().map(|given| &given.by).collect::<Vec<_>>(), [&clerk.reference()]);
}

#[test]
fn a_supplement_of_the_applicant_is_stored_as_before() {
    let mut office = Office::open(0);
    let clerk = officer(Role::Counter, false);
    office.does(&clerk, command(act(&office.dossier, None, "ask", Role::Counter))).expect("asked");
    let given = supplement(&office.dossier);
    let recorded = office.does(&applicant(), given).expect("supplemented");
    let stored = serde_json::to_value(&recorded.event).expect("JSON");
    assert!(stored.get("channel").is_none() && stored.get("on_paper").is_none(), "{stored}");
    assert_eq!(serde_json::from_value::<Event>(stored).expect("an event"), recorded.event);
    assert!(office.dossier.received.is_empty());
}
