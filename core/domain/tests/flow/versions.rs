//! Dossiers that go on under another version of their procedure.

use crate::support::{act, applicant, calendar, command, file, officer, procedure, sound_workflow, start, supplement};
use jiff::{SignedDuration, Timestamp};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::decide::{Rules, decide};
use motcua_domain::dossier::event::Recorded;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, Stay};
use motcua_domain::names::{Digest, StepId};
use motcua_domain::people::organisation::{Actor, Post, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{Calendar, Limit};
use motcua_domain::time::clock::Clock;
use motcua_domain::workflow::net::Token;
use motcua_domain::workflow::{Action, Effect, Many, NationalStatus, Step, UnitPlace, Workflow};
use std::collections::BTreeMap;

fn step(id: &str, role: Role, actions: Vec<Action>) -> Step {
    Step { actions, ..Step::new(id, Text::vi(id), role, NationalStatus::Processing) }
}

fn on(to: &str) -> Action {
    Action::new("on", Text::default(), Effect::Advance { to: to.into() })
}

fn action(id: &str, effect: Effect) -> Action {
    Action::new(id, Text::default(), effect)
}

fn version(steps: Vec<Step>) -> Procedure {
    procedure(Workflow::new("w", steps, Vec::new()), 0)
}

fn place(unit: &str) -> UnitPlace {
    UnitPlace { agency: "so".into(), unit: unit.into() }
}

/// Returns the specialist of a unit.
fn specialist(unit: &str) -> Actor {
    let post = Post { agency: "so".into(), unit: unit.into(), role: Role::Specialist };
    Actor::Officer {
        id: unit.into(),
        name: unit.to_owned(),
        posts: vec![post],
        stands_for: Vec::new(),
        approves_own: Vec::new(),
        own_accounts: Vec::new(),
    }
}

/// A dossier, its events and the moment at which somebody acts.
struct Moving {
    calendar: Calendar,
    events: Vec<Recorded>,
    dossier: Dossier,
    now: Timestamp,
}

impl Moving {
    fn begin(version: &Procedure) -> Self {
        let (calendar, now) = (calendar(), start());
        let rules = Rules { procedure: version, calendar: &calendar, registries: Registries::NONE, choices: &[] };
        let events = vec![file(rules, now)];
        let dossier = Dossier::replay(&events).expect("a dossier");
        Self { calendar, events, dossier, now }
    }

    fn does(&mut self, version: &Procedure, actor: &Actor, command: Command) -> Result<(), Refusal> {
        let rules = Rules { procedure: version, calendar: &self.calendar, registries: Registries::NONE, choices: &[] };
        let event = decide(rules, &self.dossier, actor, command, self.now)?;
        let recorded = Recorded { at: self.now, actor: actor.reference(), event, choices: Vec::new() };
        self.dossier.apply(&recorded).expect("an event of it");
        self.events.push(recorded);
        Ok(())
    }

    fn acts(&mut self, version: &Procedure, actor: &Actor, stay: u32, action: &str) -> Result<(), Refusal> {
        let act = act(&self.dossier, Some(stay), action, Role::Counter);
        self.does(version, actor, command(act))
    }

    fn moves(&mut self, to: &Procedure, names: &[(&str, &str)]) -> Result<(), Refusal> {
        let from = self.dossier.procedure.clone();
        self.moves_from(&from, to, names)
    }

    /// Moves the dossier if it has the version `from`.
    fn moves_from(&mut self, from: &Digest, to: &Procedure, names: &[(&str, &str)]) -> Result<(), Refusal> {
        let steps: BTreeMap<StepId, StepId> = names.iter().map(|(old, new)| ((*old).into(), (*new).into())).collect();
        let (reason, from, version) = ("luật mới".to_owned(), from.clone(), to.digest());
        self.does(to, &Actor::System, Command::Migrate { reason, from, version, steps })
    }

    fn stay(&self) -> &Stay {
        self.dossier.flow.stays.first().expect("a stay")
    }

    /// Asserts that the journal gives this state again.
    fn assert_replayed(&self) {
        let written = serde_json::to_string(&self.events).expect("JSON");
        let read: Vec<Recorded> = serde_json::from_str(&written).expect("and is read back");
        assert_eq!(Dossier::replay(&read).expect("a dossier"), self.dossier);
    }
}

fn limited(step: Step) -> Step {
    Step { limit: Some(Limit::WorkingHours(8)), ..step }
}

fn timed() -> Action {
    Action { after: Some(Limit::WorkingDays(3)), ..action("late", Effect::HandOver) }
}

#[test]
fn a_step_with_another_name_begins_its_times_with_the_move() {
    let old = version(vec![
        step("a", Role::Counter, vec![on("b")]),
        limited(step("b", Role::Specialist, vec![action("done", Effect::HandOver)])),
    ]);
    let mut work = limited(step("work", Role::Specialist, vec![action("done", Effect::HandOver), timed()]));
    (work.remind, work.escalate) = (Some(Limit::WorkingHours(2)), Some(Role::Leader));
    let new = version(vec![step("a", Role::Counter, vec![on("work")]), work]);
    let mut moving = Moving::begin(&old);
    moving.acts(&old, &officer(Role::Counter, false), 0, "on").expect("at b");
    moving.now += SignedDuration::from_hours(24);
    let whole = moving.dossier.flow.whole.clone();
    moving.moves(&new, &[("b", "work")]).expect("moved");
    let stay = moving.stay();
    assert_eq!(stay.clock, Some(Clock::start(&moving.calendar, Limit::WorkingHours(8), moving.now)));
    assert_eq!(stay.timer, Some(Clock::start(&moving.calendar, Limit::WorkingDays(3), moving.now)));
    assert!(stay.remind.is_some_and(|remind| remind > moving.now), "{:?}", stay.remind);
    assert_eq!(stay.escalate, Some(Role::Leader));
    assert_eq!(moving.dossier.flow.whole, whole, "the promise to the applicant stays");
    moving.assert_replayed();
    moving.now += SignedDuration::from_hours(24 * 14);
    moving.does(&new, &Actor::System, Command::Elapse { stay: 1, staff: Vec::new() }).expect("time ends it");
}

#[test]
fn a_step_with_the_same_name_goes_on_and_begins_only_what_it_did_not_have() {
    let plain = || limited(step("a", Role::Counter, vec![action("done", Effect::HandOver)]));
    let (old, mut timed_step) = (version(vec![plain()]), plain());
    timed_step.actions.push(timed());
    let new = version(vec![timed_step]);
    let mut moving = Moving::begin(&old);
    let before = moving.stay().clone();
    moving.now += SignedDuration::from_hours(3);
    moving.moves(&new, &[]).expect("moved");
    assert_eq!((&moving.stay().clock, moving.stay().remind), (&before.clock, before.remind));
    let timer = Clock::start(&moving.calendar, Limit::WorkingDays(3), moving.now);
    assert_eq!(moving.stay().timer, Some(timer));
    moving.now += SignedDuration::from_hours(3);
    moving.moves(&old, &[]).expect("moved back");
    assert_eq!(moving.stay().timer, None, "the old version has no timed action");
    moving.assert_replayed();
}

#[test]
fn the_clocks_of_a_new_step_stand_while_the_applicant_is_awaited() {
    let ask = || action("ask", Effect::RequestSupplement);
    let old = version(vec![step("a", Role::Counter, vec![action("done", Effect::HandOver), ask()])]);
    let new = version(vec![limited(step("b", Role::Counter, vec![action("done", Effect::HandOver), ask(), timed()]))]);
    let stands = |clock: &Option<Clock>| clock.as_ref().map(Clock::stands);
    let mut moving = Moving::begin(&old);
    let counter = officer(Role::Counter, false);
    moving.acts(&old, &counter, 0, "ask").expect("asked");
    let unmoved = supplement(&moving.dossier);
    moving.moves(&new, &[("a", "b")]).expect("moved");
    assert_eq!((stands(&moving.stay().clock), stands(&moving.stay().timer)), (Some(true), Some(true)));
    assert_eq!(moving.does(&new, &applicant(), unmoved), Err(Refusal::VersionChanged), "another form");
    let given = supplement(&moving.dossier);
    moving.does(&new, &applicant(), given).expect("supplemented");
    assert_eq!((stands(&moving.stay().clock), stands(&moving.stay().timer)), (Some(false), Some(false)));
    let mut again = act(&moving.dossier, None, "ask", Role::Counter);
    again.new_grounds = None;
    assert_eq!(moving.does(&new, &counter, command(again)), Err(Refusal::AskedAlready), "under the old name");
    moving.assert_replayed();
}

#[test]
fn the_clock_of_the_office_stands_while_the_step_is_the_applicants_in_the_new_version() {
    let only = |role| version(vec![step("a", role, vec![action("done", Effect::HandOver)])]);
    let (office, theirs) = (only(Role::Counter), only(Role::Applicant));
    let mut moving = Moving::begin(&office);
    moving.now += SignedDuration::from_hours(3);
    moving.moves(&theirs, &[]).expect("moved");
    assert!(moving.dossier.flow.whole.stands(), "{:?}", moving.dossier.flow.whole);
    moving.now += SignedDuration::from_hours(48);
    moving.moves(&office, &[]).expect("moved back");
    assert!(!moving.dossier.flow.whole.stands(), "{:?}", moving.dossier.flow.whole);
    moving.assert_replayed();
}

/// Returns a workflow whose second step asks units. Two answers are enough.
fn asking(name: &str, units: &[&str]) -> Procedure {
    let mut asks = step(name, Role::Specialist, vec![action("agree", Effect::Answer)]);
    let places = units.iter().map(|unit| place(unit)).collect();
    asks.many = Some(Many { places, chosen: false, enough: Some(2), then: "d".into(), listed: true });
    version(vec![
        step("a", Role::Counter, vec![on(name)]),
        asks,
        step("d", Role::Leader, vec![action("done", Effect::HandOver)]),
    ])
}

/// Returns a workflow whose second step is one unit's.
fn alone() -> Procedure {
    version(vec![
        step("a", Role::Counter, vec![on("b")]),
        step("b", Role::Specialist, vec![on("d")]),
        step("d", Role::Leader, vec![action("done", Effect::HandOver)]),
    ])
}

#[test]
fn answers_of_units_that_were_asked_before_the_move_count_after_it() {
    let (old, new) = (asking("b", &["x", "y", "z"]), asking("opinion", &["x", "y", "z"]));
    let mut moving = Moving::begin(&old);
    moving.acts(&old, &officer(Role::Counter, false), 0, "on").expect("asked");
    moving.acts(&old, &specialist("x"), 1, "agree").expect("the first answer");
    assert_eq!(moving.moves(&alone(), &[]), Err(Refusal::Stranded { step: "b".into() }), "the answers have no place");
    moving.moves(&new, &[("b", "opinion")]).expect("moved with two open questions");
    moving.acts(&new, &specialist("z"), 3, "agree").expect("the second answer");
    let open: Vec<&str> = moving.dossier.flow.stays.iter().map(|stay| stay.at.step.as_str()).collect();
    assert_eq!(open, ["d"]);
    moving.assert_replayed();
}

#[test]
fn a_unit_whose_step_asks_several_in_the_new_version_is_the_one_that_is_asked() {
    let (old, new) = (alone(), asking("b", &["x", "y"]));
    let mut moving = Moving::begin(&old);
    moving.acts(&old, &officer(Role::Counter, false), 0, "on").expect("at b");
    moving.moves(&new, &[]).expect("moved");
    moving.acts(&new, &officer(Role::Specialist, false), 1, "agree").expect("it can answer");
    assert_eq!(moving.stay().at.step.as_str(), "d");
    moving.assert_replayed();
}

#[test]
fn of_two_moves_at_once_the_second_does_not_take_a_dossier_out_of_the_version_of_the_first() {
    let only = |id: &str| version(vec![step(id, Role::Counter, vec![action("done", Effect::HandOver)])]);
    let (old, one, other) = (only("a"), only("b"), only("c"));
    let mut moving = Moving::begin(&old);
    let names = [("a", "b"), ("b", "c")];
    moving.moves_from(&old.digest(), &one, &names[..1]).expect("moved");
    assert_eq!(moving.moves_from(&old.digest(), &other, &names), Err(Refusal::NothingChanges));
    moving.moves_from(&one.digest(), &other, &names).expect("moved on");
    moving.assert_replayed();
}

#[test]
fn a_state_that_a_workflow_remembers_ends_as_it_did_when_it_was_explored() {
    for seed in 0..200 {
        let workflow = sound_workflow(seed, true);
        for step in 0..workflow.steps.len() {
            let tokens = [Token::single(step)];
            let explored = workflow.ends_from(&tokens, &[]);
            for _ in 0..2 {
                assert_eq!(workflow.ends_from_remembered(&tokens, &[]), explored, "{seed} {step}");
            }
        }
    }
}
