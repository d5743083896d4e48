//! Appointments on the spot.

use crate::office::{Office, straight};
use crate::random::UNITS;
use crate::support::{act, applicant, command, officer};
use jiff::civil::{Date, date, time};
use motcua_domain::dossier::command::{Act, Command};
use motcua_domain::dossier::event::{Event, Recorded, SiteVisitChange, StayId};
use motcua_domain::dossier::notice_of;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::site_visit::{SiteVisitFault, SiteVisitInput};
use motcua_domain::expression::Expression;
use motcua_domain::form::{Field, FieldKind};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{Limit, instant};
use motcua_domain::workflow::site_visit::SiteVisitRule;
use motcua_domain::workflow::{Action, Branch, Cancels, Effect, Join, NationalStatus, Step, UnitPlace, Workflow};
use serde_json::json;

/// Returns an action that leads to a step, with a rule for a visit.
fn appointing(id: &str, to: &str, rule: SiteVisitRule) -> Action {
    Action { visit: Some(rule), ..Action::new(id, Text::vi(id), Effect::Advance { to: to.into() }) }
}

/// Returns the straight workflow, whose specialist can make a visit and call it off.
fn visiting() -> Workflow {
    let mut workflow = straight();
    let rule = SiteVisitRule { at_most: Limit::parse("10 working-days"), ..SiteVisitRule::default() };
    let off = SiteVisitRule { calls_off: true, ..SiteVisitRule::default() };
    workflow.steps[1].actions.push(appointing("appoint", "work", rule));
    workflow.steps[1].actions.push(appointing("call-off", "work", off));
    workflow
}

/// Returns a dossier at the specialist's step.
fn at_work(workflow: Workflow) -> Office {
    let mut office = Office::on(workflow, 0);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    office
}

fn input(day: Date) -> SiteVisitInput {
    SiteVisitInput {
        day: Some(day),
        from: Some(time(9, 0, 0, 0)),
        to: Some(time(10, 0, 0, 0)),
        place: "12 Lê Lợi".to_owned(),
        note: String::new(),
    }
}

fn visit(office: &Office, stay: Option<StayId>, action: &str, day: Date) -> Command {
    command(Act { visit: Some(input(day)), ..act(&office.dossier, stay, action, Role::Specialist) })
}

/// Lets an officer act, and returns the notice to the applicant.
fn told(office: &mut Office, actor: &Actor, command: Command) -> Result<Option<&'static str>, Refusal> {
    let before = office.dossier.clone();
    let recorded = office.does(actor, command)?;
    Ok(notice_of(&recorded, Some(&before), &office.dossier))
}

#[test]
fn a_visit_is_made_moved_and_called_off_and_the_applicant_is_told_each_time() {
    let (mut office, specialist) = (at_work(visiting()), officer(Role::Specialist, false));
    let off = command(act(&office.dossier, None, "call-off", Role::Specialist));
    let nothing = Err(Refusal::UnfitSiteVisit(SiteVisitFault::NothingToCallOff));
    assert_eq!(told(&mut office, &specialist, off), nothing);
    let made = visit(&office, None, "appoint", date(2026, 1, 7));
    assert_eq!(told(&mut office, &specialist, made), Ok(Some("visit-made")));
    assert_eq!(office.dossier.may_undo(&specialist), None, "the applicant was told");
    office.later(1);
    let moved = visit(&office, None, "appoint", date(2026, 1, 8));
    assert_eq!(told(&mut office, &specialist, moved), Ok(Some("visit-moved")));
    let [known] = office.dossier.site_visits.as_slice() else { panic!("{:?}", office.dossier.site_visits) };
    let from = |day: Date| instant(day.at(9, 0, 0, 0));
    assert_eq!(known.visit.from, from(date(2026, 1, 8)), "the latest counts");
    assert_eq!(known.moved_from.as_ref().map(|before| before.from), Some(from(date(2026, 1, 7))));
    assert_eq!((known.changes, known.changed_at), (1, office.now));
    let off = command(act(&office.dossier, None, "call-off", Role::Specialist));
    assert_eq!(told(&mut office, &specialist, off), Ok(Some("visit-called-off")));
    assert!(office.dossier.site_visits.iter().all(|known| office.dossier.is_off(known)));
    let again = visit(&office, None, "appoint", date(2026, 1, 9));
    assert_eq!(told(&mut office, &specialist, again), Ok(Some("visit-made")));
    office.now = instant(date(2026, 1, 9).at(14, 0, 0, 0));
    let second = visit(&office, None, "appoint", date(2026, 1, 12));
    assert_eq!(told(&mut office, &specialist, second), Ok(Some("visit-made")), "the one before has taken place");
}

#[test]
fn only_the_officer_of_the_step_makes_a_visit() {
    let mut office = at_work(visiting());
    let colleague = officer(Role::Specialist, true);
    for actor in [applicant(), officer(Role::Counter, false), officer(Role::Leader, false), colleague, Actor::System] {
        let made = visit(&office, None, "appoint", date(2026, 1, 7));
        assert_eq!(office.does(&actor, made), Err(Refusal::NotAllowed), "{actor:?}");
    }
    assert!(office.dossier.site_visits.is_empty());
}

#[test]
fn a_visit_that_does_not_fit_is_refused_and_nothing_has_changed() {
    let (mut office, specialist) = (at_work(visiting()), officer(Role::Specialist, false));
    let before = office.dossier.clone();
    let late = office.does(&specialist, visit(&office, None, "appoint", date(2026, 2, 27)));
    assert!(matches!(late, Err(Refusal::UnfitSiteVisit(SiteVisitFault::TooLate { .. }))), "{late:?}");
    let sunday = office.does(&specialist, visit(&office, None, "appoint", date(2026, 1, 11)));
    assert_eq!(sunday, Err(Refusal::UnfitSiteVisit(SiteVisitFault::OutsideHours)));
    let without = command(act(&office.dossier, None, "appoint", Role::Specialist));
    assert_eq!(office.does(&specialist, without), Err(Refusal::UnfitSiteVisit(SiteVisitFault::Missing)));
    assert_eq!(office.dossier, before);
    let done = visit(&office, None, "done", date(2026, 1, 7));
    office.does(&specialist, done).expect("the action makes no visit");
    assert!(office.dossier.site_visits.is_empty());
}

#[test]
fn units_that_work_at_the_same_time_move_their_own_visits_alone() {
    let appoint = |step: &str| vec![appointing("appoint", step, SiteVisitRule::default())];
    let mut office = parted(appoint("fire"), appoint("water"), Vec::new());
    let specialist = officer(Role::Specialist, false);
    for (number, step) in [(0, "fire"), (1, "water"), (2, "fire")] {
        let made = visit(&office, stay_at(&office, step), "appoint", date(2026, 1, 7 + number));
        office.does(&specialist, made).expect("made");
    }
    let days: Vec<(bool, i64)> = office
        .dossier
        .site_visits
        .iter()
        .map(|known| {
            let hours = (known.visit.from.as_second() - instant(date(2026, 1, 7).at(9, 0, 0, 0)).as_second()) / 3600;
            (known.moved_from.is_some(), hours / 24)
        })
        .collect();
    assert_eq!(days, [(true, 2), (false, 1)]);
}

/// Returns the step of a unit with these actions.
fn step_of(id: &str, unit: &str, actions: Vec<Action>) -> Step {
    Step {
        place: Some(UnitPlace { agency: "so".into(), unit: unit.into() }),
        actions,
        ..Step::new(id, Text::vi(id), Role::Specialist, NationalStatus::Processing)
    }
}

/// Returns a dossier that stands at the steps `fire` and `water` of two units.
fn parted(fire: Vec<Action>, water: Vec<Action>, more: Vec<Step>) -> Office {
    let mut workflow = straight();
    let branch = |to: &str| Branch { to: to.into(), when: None };
    let part = Effect::Split { to: vec![branch("fire"), branch("water")] };
    workflow.steps[0].actions.push(Action::new("part", Text::default(), part));
    workflow.steps.extend([step_of("fire", UNITS[0], fire), step_of("water", UNITS[1], water)]);
    workflow.steps.extend(more);
    let mut office = Office::on(workflow, 0);
    let part = command(act(&office.dossier, None, "part", Role::Specialist));
    office.does(&officer(Role::Counter, false), part).expect("parted");
    office
}

/// Returns the number of the stay at an open step.
fn stay_at(office: &Office, step: &str) -> Option<StayId> {
    office.dossier.flow.stays.iter().find(|stay| stay.at.step.as_str() == step).map(|stay| stay.id)
}

#[test]
fn the_next_unit_moves_and_calls_off_the_visit_that_came_with_the_dossier() {
    let mut workflow = straight();
    let off = SiteVisitRule { calls_off: true, ..SiteVisitRule::default() };
    workflow.steps[1].actions.push(appointing("appoint", "inspect", SiteVisitRule::default()));
    let moving = appointing("move", "inspect", SiteVisitRule::default());
    workflow.steps.push(step_of("inspect", UNITS[1], vec![moving, appointing("call-off", "work", off)]));
    let (mut office, specialist) = (at_work(workflow), officer(Role::Specialist, false));
    let made = visit(&office, None, "appoint", date(2026, 1, 7));
    assert_eq!(told(&mut office, &specialist, made), Ok(Some("visit-made")));
    let moved = visit(&office, None, "move", date(2026, 1, 8));
    assert_eq!(told(&mut office, &specialist, moved), Ok(Some("visit-moved")));
    let [known] = office.dossier.site_visits.as_slice() else { panic!("{:?}", office.dossier.site_visits) };
    assert_eq!(known.unit.unit.as_str(), UNITS[1], "it is the visit of the unit that moved it");
    let off = command(act(&office.dossier, None, "call-off", Role::Specialist));
    assert_eq!(told(&mut office, &specialist, off), Ok(Some("visit-called-off")));
    assert!(office.dossier.site_visits.iter().all(|known| known.called_off));
    let again = visit(&office, None, "appoint", date(2026, 1, 9));
    assert_eq!(told(&mut office, &specialist, again), Ok(Some("visit-made")));
    assert_eq!(office.dossier.site_visits.len(), 2);
}

#[test]
fn the_visit_of_a_branch_goes_on_with_it_and_with_the_step_that_joins_it() {
    let advance = |id: &str, to: &str| Action::new(id, Text::default(), Effect::Advance { to: to.into() });
    let appoint = |id: &str, to: &str| appointing(id, to, SiteVisitRule::default());
    let joined = Step { join: Join::Begun, ..step_of("joined", UNITS[0], vec![appoint("move", "joined")]) };
    let water = vec![appoint("appoint", "water"), advance("on", "joined")];
    let mut office = parted(vec![advance("on", "joined")], water, vec![joined]);
    let specialist = officer(Role::Specialist, false);
    let made = visit(&office, stay_at(&office, "water"), "appoint", date(2026, 1, 7));
    office.does(&specialist, made).expect("made");
    for branch in ["water", "fire"] {
        let on = command(act(&office.dossier, stay_at(&office, branch), "on", Role::Specialist));
        office.does(&specialist, on).expect("it comes to the join");
    }
    let moved = visit(&office, stay_at(&office, "joined"), "move", date(2026, 1, 8));
    assert_eq!(told(&mut office, &specialist, moved), Ok(Some("visit-moved")), "it waited with its branch");
    assert_eq!(office.dossier.site_visits.len(), 1);
}

#[test]
fn the_visit_of_a_branch_that_is_cancelled_is_called_off_and_the_applicant_is_told() {
    let stop = Action {
        cancels: Cancels::Steps(vec!["fire".into()]),
        ..Action::new("stop", Text::default(), Effect::Advance { to: "work".into() })
    };
    let appoint = |step: &str| appointing("appoint", step, SiteVisitRule::default());
    let mut office = parted(vec![appoint("fire")], vec![appoint("water"), stop], Vec::new());
    let specialist = officer(Role::Specialist, false);
    for (step, day) in [("fire", 7), ("water", 8)] {
        let made = visit(&office, stay_at(&office, step), "appoint", date(2026, 1, day));
        office.does(&specialist, made).expect("made");
    }
    let stopped = command(act(&office.dossier, stay_at(&office, "water"), "stop", Role::Specialist));
    assert_eq!(told(&mut office, &specialist, stopped), Ok(Some("visit-called-off")));
    let off: Vec<bool> = office.dossier.site_visits.iter().map(|known| known.called_off).collect();
    assert_eq!(off, [true, false], "the other branch goes on");
    assert_eq!(office.dossier.may_undo(&specialist), None, "the applicant was told");
}

#[test]
fn a_visit_is_kept_in_its_event_and_an_event_without_one_is_read() {
    let (mut office, specialist) = (at_work(visiting()), officer(Role::Specialist, false));
    let made = visit(&office, None, "appoint", date(2026, 1, 7));
    let recorded = office.does(&specialist, made).expect("made");
    let mut written = serde_json::to_value(&recorded).expect("JSON");
    let place = written.pointer("/event/visit/planned/place");
    assert_eq!(place, Some(&json!("12 Lê Lợi")));
    assert_eq!(serde_json::from_value::<Recorded>(written.clone()).expect("it is read"), recorded);
    written["event"].as_object_mut().expect("an event").remove("visit");
    let old: Recorded = serde_json::from_value(written).expect("an event of the version before");
    let visits = |event: &Event| -> Option<SiteVisitChange> {
        match event {
            Event::Advanced(advanced) => advanced.visit.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert!(visits(&recorded.event).is_some() && visits(&old.event).is_none());
}

#[test]
fn a_visit_is_made_moved_and_called_off_without_the_conclusion_of_the_step() {
    let mut workflow = visiting();
    workflow.steps[1].form = vec![Field::new("fit", Text::vi("Đạt?"), FieldKind::YesNo)];
    let (mut office, specialist) = (at_work(workflow), officer(Role::Specialist, false));
    for day in [7, 8] {
        let made = visit(&office, None, "appoint", date(2026, 1, day));
        office.does(&specialist, made).expect("it asks nothing");
    }
    let off = command(act(&office.dossier, None, "call-off", Role::Specialist));
    office.does(&specialist, off).expect("it asks nothing");
    assert!(office.dossier.flow.office.is_empty());
    let mut again = act(&office.dossier, None, "appoint", Role::Specialist);
    again.typed.insert("fit".to_owned(), json!("true"));
    again.visit = Some(input(date(2026, 1, 9)));
    office.does(&specialist, command(again)).expect("it keeps the answer");
    assert_eq!(office.dossier.flow.office["fit"], json!(true));
    let done = office.does(&specialist, visit(&office, None, "done", date(2026, 1, 7)));
    assert!(matches!(done, Err(Refusal::Incomplete(_))), "the conclusion is asked: {done:?}");
}

#[test]
fn a_visit_for_the_next_step_is_made_with_the_answers_of_this_step() {
    let mut workflow = visiting();
    workflow.steps[1].form = vec![Field::new("fit", Text::vi("Đạt?"), FieldKind::YesNo)];
    let step = &workflow.steps[1];
    let on = appointing("on", "return", SiteVisitRule::default());
    assert!(step.asks_form(&on) && !step.asks_form(&appointing("again", "work", SiteVisitRule::default())));
    let when = Some(Expression::parse("fit == false").expect("CEL"));
    assert!(step.asks_form(&Action { when, ..appointing("again", "work", SiteVisitRule::default()) }));
}

#[test]
fn a_dossier_that_ends_before_its_visit_takes_it_off() {
    let (mut office, specialist) = (at_work(visiting()), officer(Role::Specialist, false));
    let made = visit(&office, None, "appoint", date(2026, 1, 7));
    office.does(&specialist, made).expect("made");
    let [known] = office.dossier.site_visits.as_slice() else { panic!("one visit") };
    assert!(!office.dossier.is_off(known));
    office.does(&applicant(), Command::Withdraw { reason: "Đổi ý.".to_owned() }).expect("withdrawn");
    let [known] = office.dossier.site_visits.as_slice() else { panic!("one visit") };
    assert!(office.dossier.is_off(known));
}
