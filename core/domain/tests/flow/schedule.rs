//! Every time of a dossier obeys one rule: it stands while it is the applicant's turn, and follows the calendar.

use crate::office::{Office, straight};
use crate::support::{self, act, applicant, command, officer};
use jiff::Timestamp;
use jiff::civil::{Date, date, time};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{DossierOutcome, Event, Recorded};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, Turn};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{Calendar, CounterHours, Limit, WorkingLength, Year, instant};
use motcua_domain::time::clock::{Clock, Punctuality};
use motcua_domain::workflow::{Action, Branch, Effect, Join, NationalStatus, Step, Workflow};
use serde_json::Value as Json;

const SILENCE: Command = Command::Elapse { stay: 0, staff: Vec::new() };

/// Returns the straight workflow, whose first step time ends after two working days.
fn timed() -> Workflow {
    let mut workflow = straight();
    let silence = Action::new("silence", Text::default(), Effect::Refuse);
    workflow.steps[0].actions.push(Action { after: Some(Limit::WorkingDays(2)), ..silence });
    workflow
}

fn at(day: Date, hour: i8, minute: i8) -> Timestamp {
    instant(day.at(hour, minute, 0, 0))
}

fn ask(office: &mut Office) {
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
}

fn supplement(office: &mut Office) {
    let supplement = support::supplement(&office.dossier);
    office.does(&applicant(), supplement).expect("supplemented");
}

/// Returns the calendar of the tests with days off.
fn calendar(off: &[Date]) -> Calendar {
    let session = |from, to| CounterHours { from, to };
    let noon = time(11, 30, 0, 0);
    let day = vec![session(time(7, 30, 0, 0), noon), session(time(13, 0, 0, 0), time(17, 0, 0, 0))];
    let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, vec![], vec![]];
    let holidays = off.iter().map(|day| (*day, "Nghỉ bão".to_owned())).collect();
    let year = Year { working_day: 8 * 3600, week, holidays, ..Year::default() };
    Calendar::new((2026..2040).map(|number| (number, year.clone())).collect())
}

#[test]
fn time_takes_no_action_while_the_applicant_is_awaited_and_goes_on_with_what_was_left() {
    let mut office = Office::on(timed(), 0);
    office.now = at(date(2026, 1, 5), 10, 0);
    ask(&mut office);
    office.now = at(date(2026, 1, 20), 9, 0);
    assert_eq!(office.does(&Actor::System, SILENCE), Err(Refusal::WaitsForApplicant));
    supplement(&mut office);
    assert_eq!(office.does(&Actor::System, SILENCE), Err(Refusal::TimeLeft), "fifteen hours are left");
    office.now = at(date(2026, 1, 21), 16, 59);
    assert_eq!(office.does(&Actor::System, SILENCE), Err(Refusal::TimeLeft));
    office.now = at(date(2026, 1, 22), 8, 0);
    office.does(&Actor::System, SILENCE).expect("the time is used up");
    assert_eq!(office.dossier.flow.ended.as_ref().map(|end| end.outcome), Some(DossierOutcome::Refused));
}

#[test]
fn a_change_of_the_calendar_moves_timed_actions_and_deadlines_of_the_applicant() {
    let mut office = Office::on(timed(), 0);
    let timer = |dossier: &Dossier| dossier.flow.stays[0].timer.as_ref().and_then(Clock::due);
    assert_eq!(timer(&office.dossier), Some(at(date(2026, 1, 7), 9, 0)));
    office.calendar = calendar(&[date(2026, 1, 6)]);
    let reschedule = || Command::Reschedule { reason: "Nghỉ bão".to_owned() };
    office.does(&Actor::System, reschedule()).expect("moved");
    assert_eq!(timer(&office.dossier), Some(at(date(2026, 1, 8), 9, 0)));
    assert_eq!(office.does(&Actor::System, reschedule()), Err(Refusal::NothingChanges), "once");
    ask(&mut office);
    let Turn::Supplement { until } = office.dossier.turn() else { panic!("a supplement is awaited") };
    assert_eq!(until, instant(date(2026, 2, 4).at(23, 59, 59, 0)));
    office.calendar = calendar(&[date(2026, 1, 6), date(2026, 2, 4)]);
    office.does(&Actor::System, reschedule()).expect("moved");
    office.now = at(date(2026, 2, 5), 12, 0);
    assert_eq!(office.does(&Actor::System, Command::Lapse), Err(Refusal::TimeLeft), "the last day was off");
    office.now = at(date(2026, 2, 6), 0, 0);
    office.does(&Actor::System, Command::Lapse).expect("lapsed");
}

#[test]
fn no_dossier_lapses_while_the_calendar_of_its_deadline_is_not_announced() {
    let mut office = Office::open(0);
    office.now = at(date(2026, 12, 21), 9, 0);
    office.calendar = calendar(&[]).until(2026);
    ask(&mut office);
    let Turn::Supplement { until } = office.dossier.turn() else { panic!("a supplement is awaited") };
    assert_eq!(until, instant(date(2027, 1, 20).at(23, 59, 59, 0)), "never sooner than that");
    office.now = at(date(2027, 1, 21), 9, 0);
    assert_eq!(office.does(&Actor::System, Command::Lapse), Err(Refusal::TimeLeft));
    office.calendar = calendar(&[]);
    office.does(&Actor::System, Command::Reschedule { reason: "Lịch 2027".to_owned() }).expect("it is known now");
    office.does(&Actor::System, Command::Lapse).expect("lapsed");
}

#[test]
fn the_clock_of_the_office_stands_while_all_steps_are_the_applicants() {
    let mut workflow = straight();
    let accept = Action::new("agree", Text::default(), Effect::Advance { to: "return".into() });
    let offer = Step {
        actions: vec![accept],
        ..Step::new("offer", Text::vi("offer"), Role::Applicant, NationalStatus::Processing)
    };
    workflow.steps[1].actions[0].effect = Effect::Advance { to: "offer".into() };
    workflow.steps.insert(2, offer);
    let mut office = Office::on(workflow, 0);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    let due = office.dossier.flow.whole.due().expect("it runs");
    let done = command(act(&office.dossier, None, "done", Role::Applicant));
    office.does(&officer(Role::Specialist, false), done).expect("offered");
    assert!(office.dossier.flow.whole.stands());
    office.later(14 * 24);
    let agree = command(act(&office.dossier, None, "agree", Role::Counter));
    office.does(&applicant(), agree).expect("agreed");
    let moved = office.dossier.flow.whole.due().expect("it runs again");
    assert_eq!(office.calendar.working_between(due, moved), Ok(10 * 8 * 3600), "two weeks of the applicant");
}

#[test]
fn a_used_up_clock_is_late_at_once_when_it_resumes_outside_office_hours() {
    let mut office = Office::open(0);
    let due = office.dossier.flow.whole.due();
    office.now = at(date(2026, 1, 16), 16, 0);
    ask(&mut office);
    // A Saturday.
    office.now = at(date(2026, 1, 17), 9, 0);
    supplement(&mut office);
    assert_eq!(office.dossier.flow.whole.due(), due);
    assert_eq!(office.dossier.punctuality(office.now), Punctuality::Overdue);
    assert!(office.dossier.flow.stays[0].runs_late(office.now));
}

#[test]
fn a_dossier_that_was_processed_in_time_is_not_late_because_its_clock_stops_later() {
    let mut office = Office::open(0);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    office.does(&officer(Role::Specialist, false), done).expect("done");
    let clock = office.dossier.flow.whole.clone();
    let stopped = clock.stop(&office.calendar, at(date(2026, 3, 2), 9, 0));
    office.dossier.flow.whole = stopped;
    assert_ne!(office.dossier.punctuality(at(date(2026, 3, 3), 9, 0)), Punctuality::Late);
}

#[test]
fn entries_of_earlier_versions_give_the_times_that_they_name() {
    let mut office = Office::on(timed(), 0);
    let silence = office.dossier.flow.stays[0].timer.as_ref().and_then(Clock::due).expect("it runs");
    let filed = Recorded {
        at: office.now,
        actor: applicant().reference(),
        event: Event::Filed(Box::new(office.dossier.filed.clone())),
        choices: Vec::new(),
    };
    let mut old = serde_json::to_value(&filed).expect("JSON");
    old["event"]["timer"] = Json::String(silence.to_string());
    let filed: Recorded = serde_json::from_value(old).expect("an old entry");
    let asked = command(act(&office.dossier, None, "ask", Role::Counter));
    let asked = office.does(&officer(Role::Counter, false), asked);
    let mut old = serde_json::to_value(asked.expect("asked")).expect("JSON");
    old["event"]["clocks"].as_object_mut().expect("clocks").retain(|key, _| key == "whole" || key == "stays");
    let asked: Recorded = serde_json::from_value(old).expect("an old entry");
    let dossier = Dossier::replay([&filed, &asked]).expect("a dossier");
    assert_eq!(dossier.turn(), office.dossier.turn());
    assert_eq!(dossier.flow.stays[0].timer.as_ref().and_then(Clock::due), Some(silence), "an old timer did not stand");
}

#[test]
fn a_timed_action_of_an_earlier_version_does_not_fire_as_soon_as_the_applicant_has_answered() {
    let mut office = Office::on(timed(), 0);
    ask(&mut office);
    // Requests of earlier versions let the time run on.
    let (since, due) = (office.now, at(date(2026, 1, 7), 9, 0));
    let left = WorkingLength::Exact(48 * 3600);
    office.dossier.flow.stays[0].timer = Some(Clock::Running { since, left, due });
    office.now = at(date(2026, 1, 20), 9, 0);
    supplement(&mut office);
    assert_eq!(office.does(&Actor::System, SILENCE), Err(Refusal::TimeLeft), "all of it is left");
    office.now = at(date(2026, 1, 22), 9, 0);
    office.does(&Actor::System, SILENCE).expect("the time is used up");
}

#[test]
fn a_change_of_the_calendar_never_shortens_the_time_that_the_applicant_was_told() {
    let mut office = Office::open(0);
    office.calendar = calendar(&[date(2026, 2, 4)]);
    ask(&mut office);
    let Turn::Supplement { until } = office.dossier.turn() else { panic!("a supplement is awaited") };
    assert_eq!(until, instant(date(2026, 2, 5).at(23, 59, 59, 0)), "4 February is off");
    office.calendar = calendar(&[]);
    office.now = at(date(2026, 2, 5), 9, 0);
    let reschedule = Command::Reschedule { reason: "4/2 làm việc".to_owned() };
    assert_eq!(office.does(&Actor::System, reschedule), Err(Refusal::NothingChanges));
    assert_eq!(office.does(&Actor::System, Command::Lapse), Err(Refusal::TimeLeft));
    office.now = at(date(2026, 2, 6), 0, 0);
    office.does(&Actor::System, Command::Lapse).expect("lapsed");
}

/// Returns a workflow that parts after the first step, into work of two steps and a check.
fn parted() -> Workflow {
    let action = |id: &str, to: &str| Action::new(id, Text::default(), Effect::Advance { to: to.into() });
    let step =
        |id: &str, role, actions| Step { actions, ..Step::new(id, Text::vi(id), role, NationalStatus::Processing) };
    let branch = |to: &str| Branch { to: to.into(), when: None };
    let mut workflow = straight();
    let part = Effect::Split { to: vec![branch("work"), branch("check")] };
    workflow.steps[0].actions.push(Action::new("part", Text::default(), part));
    workflow.steps[1].actions = vec![action("pass", "more")];
    workflow.steps[2].join = Join::All;
    let check = step("check", Role::UnitHead, vec![action("on", "return")]);
    let hours = Some(Limit::WorkingHours(4));
    let remind = Some(Limit::WorkingHours(2));
    workflow.steps.push(Step { limit: hours, remind, escalate: Some(Role::Leader), ..check });
    workflow.steps.push(step("more", Role::Specialist, vec![action("on", "return")]));
    workflow
}

#[test]
fn a_step_stays_escalated_and_its_officer_reminded_when_an_action_at_another_step_is_taken_back() {
    let mut office = Office::on(parted(), 0);
    let part = command(act(&office.dossier, None, "part", Role::Specialist));
    office.does(&officer(Role::Counter, false), part).expect("parted");
    let pass = command(act(&office.dossier, Some(1), "pass", Role::Specialist));
    office.does(&officer(Role::Specialist, false), pass).expect("passed on");
    office.later(30);
    let (remind, escalate) = (|| Command::Remind { stay: 2 }, || Command::Escalate { stay: 2 });
    office.does(&Actor::System, remind()).expect("little is left");
    office.does(&Actor::System, escalate()).expect("the limit has passed");
    let undo = Command::Undo { seen: office.dossier.version };
    office.does(&officer(Role::Specialist, false), undo).expect("taken back");
    let check = office.dossier.flow.stay(Some(2)).expect("it is open");
    assert!(check.escalated && check.remind.is_none());
    assert_eq!(office.does(&Actor::System, remind()), Err(Refusal::NothingChanges));
    assert_eq!(office.does(&Actor::System, escalate()), Err(Refusal::NothingChanges));
    assert!(office.dossier.flow.stay(Some(1)).is_some(), "the step before the action is open again");
}
