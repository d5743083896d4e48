//! Simulations against the results of queueing theory, and against the journal from which they are taken.

use crate::support::{ROLES, act, calendar, command, file, officer, post, posts, procedure, sound_workflow, start};
use jiff::SignedDuration;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::decide::{Rules, decide};
use motcua_domain::dossier::event::Recorded;
use motcua_domain::names::StepId;
use motcua_domain::people::organisation::Role;
use motcua_domain::procedure::Procedure;
use motcua_domain::registry::Registries;
use motcua_domain::simulation::{
    Impossible, SimulationPlan, SimulationReport, SimulationScene, Staff, StepPlan, observed, simulate,
};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{Calendar, Limit};
use motcua_domain::workflow::{Action, Effect, NationalStatus, Step, Workflow};
use std::collections::BTreeMap;

/// Returns a procedure with sessions of eight hours and one step that a specialist takes and that ends the dossier.
fn one_step() -> Procedure {
    let mut only = Step::new("only", Text::vi("Một"), Role::Specialist, NationalStatus::Processing);
    only.actions = vec![Action::new("done", Text::vi("Xong"), Effect::HandOver)];
    procedure(Workflow::new("w", vec![only], Vec::new()), 0)
}

fn scene<'a>(procedure: &'a Procedure, calendar: &'a Calendar) -> SimulationScene<'a> {
    SimulationScene { procedure, calendar, from: start(), days: 400, runs: 20, seed: 7 }
}

fn minutes(step: &str, minutes: f64) -> BTreeMap<StepId, StepPlan> {
    BTreeMap::from([(step.into(), StepPlan { minutes: Some(minutes), ..StepPlan::default() })])
}

fn specialists(count: usize) -> Staff {
    vec![vec![post(Role::Specialist)]; count]
}

fn play(procedure: &Procedure, plan: &SimulationPlan, staff: &Staff, days: u32) -> SimulationReport {
    let calendar = calendar();
    let scene = SimulationScene { days, ..scene(procedure, &calendar) };
    simulate(scene, plan, staff).expect("it can be played")
}

#[test]
fn waiting_for_one_officer_is_what_pollaczek_and_khinchine_reckoned() {
    let procedure = one_step();
    for arrivals in [8.0, 16.0, 22.0] {
        // The work has two exponential parts, so the mean of its square is one and a half times the square of its mean.
        let plan = SimulationPlan { arrivals, step: minutes("only", 20.0), ..SimulationPlan::default() };
        let report = play(&procedure, &plan, &specialists(1), 400);
        let (rate, mean) = (arrivals / 8.0, 20.0 / 60.0);
        let busy = rate * mean;
        let waiting = rate * 1.5 * mean * mean / (2.0 * (1.0 - busy));
        let found = &report.posts[0];
        assert!((found.busy / busy - 1.0).abs() < 0.03, "busy {} instead of {busy}", found.busy);
        let ratio = found.waiting_hours / waiting;
        assert!((ratio - 1.0).abs() < 0.12, "{arrivals} a day: {} instead of {waiting}", found.waiting_hours);
    }
}

#[test]
fn more_officers_mean_less_waiting_and_a_longer_limit_means_fewer_late() {
    let mut procedure = one_step();
    procedure.limit = Limit::WorkingHours(4);
    let plan = SimulationPlan { arrivals: 44.0, step: minutes("only", 20.0), ..SimulationPlan::default() };
    let two = play(&procedure, &plan, &specialists(2), 60);
    let four = play(&procedure, &plan, &specialists(4), 60);
    assert!(four.posts[0].waiting_hours < two.posts[0].waiting_hours / 3.0);
    assert!(four.days.nine_of_ten < two.days.nine_of_ten && four.late < two.late);
    assert_eq!(two.bottleneck, Some(0));
    procedure.limit = Limit::WorkingDays(30);
    assert_eq!(play(&procedure, &plan, &specialists(2), 60).late.to_bits(), 0.0_f64.to_bits());
    // One officer is not enough: the queue grows, and the dossiers that still wait are late too.
    procedure.limit = Limit::WorkingHours(4);
    let one = play(&procedure, &plan, &specialists(1), 60);
    assert!(one.late > 0.95 && one.posts[0].busy > 0.99, "{} late, {} busy", one.late, one.posts[0].busy);
}

#[test]
fn any_sound_workflow_can_be_played_and_nothing_comes_of_nothing() {
    let calendar = calendar();
    let staff: Staff = ROLES.into_iter().map(posts).collect();
    for seed in 0..50 {
        let workflow = sound_workflow(seed, seed % 3 != 0);
        let procedure = procedure(workflow, 1);
        let plan = SimulationPlan { arrivals: 5.0, step: BTreeMap::new(), ..SimulationPlan::default() };
        let scene = SimulationScene { days: 40, runs: 2, seed, ..scene(&procedure, &calendar) };
        let report = simulate(scene, &plan, &staff).expect("it can be played");
        assert_eq!(report, simulate(scene, &plan, &staff).expect("again"), "the same seed, the same report");
        assert!(report.processed <= report.filed && report.filed > 50.0, "{report:?}");
        assert!((0.0..=1.0).contains(&report.late));
        let counted: f64 = report.histogram.iter().sum();
        assert!((counted - report.processed).abs() < 1e-6);
        assert!(report.posts.iter().all(|post| (0.0..1.02).contains(&post.busy)), "{report:?}");
    }
}

#[test]
fn a_plan_that_cannot_be_is_refused_in_words() {
    let (procedure, calendar) = (one_step(), calendar());
    let refused = |plan: SimulationPlan, staff: &Staff| {
        simulate(scene(&procedure, &calendar), &plan, staff).expect_err("it cannot be").to_string()
    };
    let one = specialists(1);
    let usual = SimulationPlan::default;
    assert!(refused(usual(), &Vec::new()).contains("nobody holds that post"));
    assert!(refused(SimulationPlan { arrivals: 0.0, ..usual() }, &one).contains("arrivals"));
    assert!(refused(SimulationPlan { arrivals: f64::NAN, ..usual() }, &one).contains("arrivals"));
    assert!(refused(SimulationPlan { share: 1.5, ..usual() }, &one).contains("share"));
    assert!(refused(SimulationPlan { step: minutes("other", 1.0), ..usual() }, &one).contains("`other`"));
    assert!(refused(SimulationPlan { step: minutes("only", -1.0), ..usual() }, &one).contains("minutes"));
    let ways = BTreeMap::from([("no".into(), 1.0)]);
    let step = BTreeMap::from([("only".into(), StepPlan { minutes: None, ways })]);
    assert!(refused(SimulationPlan { step, ..usual() }, &one).contains("`no`"));
    let short = Calendar::new(BTreeMap::new());
    let missing = simulate(scene(&procedure, &short), &usual(), &one);
    assert!(matches!(missing, Err(Impossible::Calendar(_))), "{missing:?}");
}

#[test]
fn what_the_journal_tells_is_the_work_and_the_ways_that_were_taken() {
    let mut procedure = one_step();
    procedure.workflow.steps[0].actions.push(Action::new("no", Text::vi("Không"), Effect::Refuse));
    let calendar = calendar();
    let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
    // Two dossiers come at nine on each of ten days. The officer takes half an hour for each, and refuses every fifth.
    let mut past: Vec<Vec<Recorded>> = Vec::new();
    for day in [0, 1, 2, 3, 4, 7, 8, 9, 10, 11] {
        let now = start() + SignedDuration::from_hours(24 * day);
        for number in 1..=2 {
            let filed = file(rules, now);
            let dossier = Dossier::replay([&filed]).expect("it was filed");
            let action = if past.len() % 5 == 4 { "no" } else { "done" };
            let at = now + SignedDuration::from_mins(30 * number);
            let officer = officer(Role::Specialist, false);
            let command = command(act(&dossier, None, action, Role::Specialist));
            let event = decide(rules, &dossier, &officer, command, at).expect("it is allowed");
            past.push(vec![filed, Recorded { at, actor: officer.reference(), event, choices: Vec::new() }]);
        }
    }
    let plan = observed(&past, &calendar).expect("the calendar is known");
    let step = &plan.step[&"only".into()];
    assert_eq!(step.minutes.map(f64::to_bits), Some(30.0_f64.to_bits()));
    assert_eq!(step.ways, BTreeMap::from([("done".into(), 16.0), ("no".into(), 4.0)]));
    // The journal has twenty dossiers in nine working days from the first to the last.
    assert!((plan.arrivals - 20.0 / 9.0).abs() < 0.01, "{}", plan.arrivals);
}
