//! Random workflows, from a seed.

use motcua_domain::expression::Expression;
use motcua_domain::form::{Field, FieldChoice, FieldKind, kinds};
use motcua_domain::names::{StageId, StepId};
use motcua_domain::people::organisation::Role;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::{
    Action, Branch, Cancels, Effect, Join, Many, NationalStatus, Requirement, Stage, Step, UnitPlace, Workflow,
};

/// The units that a step may ask.
pub const UNITS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// A small generator of numbers (splitmix64). The same seed returns the same workflow on every machine.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).expect("small");
        usize::try_from(self.next() % count).expect("small")
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

fn id(step: usize) -> StepId {
    StepId(format!("s{step}"))
}

/// Returns a workflow of up to six steps, some of them the applicant's. With `branching` it parts, joins, cancels, waits,
/// asks several units and has parts of several agencies. Without, it is one thread. The workflow may be sound or not, but
/// its structure has no fault.
pub fn workflow(rng: &mut Rng, branching: bool) -> Workflow {
    let count = 1 + rng.below(6);
    let mut steps: Vec<Step> = (0..count).map(|at| step(rng, at, count, branching)).collect();
    // A check without moves finds a join of more branches than lead to it, and a payment into a join.
    let is_plain = |step: &&Step| step.join == Join::Each && step.many.is_none();
    let plain: Vec<StepId> = steps.iter().filter(is_plain).map(|step| step.id.clone()).collect();
    for at in 0..count {
        let own = steps[at].id.clone();
        let sources = steps.iter().filter(|from| from.targets().any(|to| *to == own)).count();
        if let Join::First(enough) = steps[at].join
            && usize::try_from(enough).expect("small") > sources
        {
            steps[at].join = Join::All;
        }
    }
    let of_applicant = steps.iter().filter(|step| step.role == Role::Applicant);
    let of_applicant: Vec<StepId> = of_applicant.map(|step| step.id.clone()).collect();
    for action in steps.iter_mut().flat_map(|step| &mut step.actions) {
        if action.effect.targets().any(|to| of_applicant.contains(to)) {
            action.requires.retain(|needed| *needed != Requirement::Assignee);
        }
        if let Effect::RequestPayment { to } = &action.effect
            && !plain.contains(to)
        {
            action.effect = Effect::Advance { to: to.clone() };
        }
    }
    let mut stages = Vec::new();
    if branching && rng.one_in(3) {
        let ids = ["p0", "p1"].map(|id| StageId(id.to_owned()));
        for step in steps.iter_mut().skip(1) {
            step.stage = ids.get(rng.below(3)).cloned();
        }
        stages = ids.map(|id| Stage { id, name: Text::vi("Phần"), limit: Some(Limit::WorkingDays(1)) }).to_vec();
    }
    Workflow::new("w", steps, stages)
}

/// Makes a step ask several units. Its people answer, or decide on the whole dossier.
fn ask(rng: &mut Rng, step: &mut Step, at: usize, count: usize) {
    let units = if rng.one_in(8) { 4 + rng.below(3) } else { 1 + rng.below(3) };
    let places: Vec<UnitPlace> =
        UNITS.iter().take(units).map(|unit| UnitPlace { agency: "so".into(), unit: (*unit).into() }).collect();
    let enough = rng.one_in(2).then(|| u32::try_from(1 + rng.below(units)).expect("small"));
    let then = if rng.one_in(4) { rng.below(count) } else { (at + 1 + rng.below(2)).min(count - 1) };
    step.many = Some(Many { places, chosen: rng.one_in(3), enough, then: id(then), listed: true });
    for (number, action) in step.actions.iter_mut().enumerate() {
        let whole = matches!(action.effect, Effect::RequestSupplement | Effect::Refuse | Effect::HandOver);
        if number == 0 || !whole {
            action.effect = Effect::Answer;
            action.requires.retain(|needed| *needed != Requirement::Assignee);
        }
    }
    step.form.clear();
}

/// Makes a step the applicant's, who goes on or ends a branch, and gives nothing that officers give.
fn give_to_applicant(step: &mut Step, at: usize, count: usize) {
    step.role = Role::Applicant;
    for action in step.actions.iter_mut().filter(|action| action.is_for_people()) {
        action.requires.clear();
        if !matches!(action.effect, Effect::Advance { .. } | Effect::Split { .. } | Effect::Finish) {
            action.effect = Effect::Advance { to: id((at + 1).min(count - 1)) };
        }
    }
}

fn step(rng: &mut Rng, at: usize, count: usize, branching: bool) -> Step {
    const ROLES: [Role; 5] = [Role::Counter, Role::UnitHead, Role::Specialist, Role::Appraiser, Role::Leader];
    let name = format!("s{at}");
    let status = if rng.one_in(3) { NationalStatus::Processed } else { NationalStatus::Processing };
    let mut step = Step::new(&name, Text::vi(&name), ROLES[rng.below(5)], status);
    step.limit = rng.one_in(2).then_some(Limit::WorkingHours(4));
    if branching && at > 0 && rng.one_in(3) {
        step.join = match rng.below(4) {
            0 => Join::All,
            1 => Join::First(1 + u32::try_from(rng.below(2)).expect("small")),
            _ => Join::Begun,
        };
    }
    for number in 0..=rng.below(3) {
        let action = action(rng, number, at, count, branching);
        let timed = step.timed().is_some();
        step.actions.push(if timed { Action { after: None, ..action } } else { action });
    }
    if branching && at > 0 && rng.one_in(4) {
        ask(rng, &mut step, at, count);
    } else if at > 0 && rng.one_in(6) {
        give_to_applicant(&mut step, at, count);
    }
    if step.actions.iter().any(|action| action.expressions().next().is_some()) {
        let choice = |value: &str| FieldChoice { value: value.to_owned(), label: Text::vi(value) };
        let kind = FieldKind::OneOf(kinds::OneOf { choices: vec![choice("a"), choice("b"), choice("both")] });
        step.form = vec![Field::new(&format!("pick{at}"), Text::vi("Chọn"), kind)];
    }
    step
}

fn action(rng: &mut Rng, number: usize, at: usize, count: usize, branching: bool) -> Action {
    // Most actions lead forwards, so that the workflow has an end.
    let mut target = || if rng.one_in(4) { rng.below(count) } else { (at + 1 + rng.below(2)).min(count - 1) };
    let (first, second) = (target(), target());
    let pick = |value: &str| Expression::parse(&format!("pick{at} in ['{value}', 'both']")).expect("CEL");
    let effect = match rng.below(if branching { 12 } else { 8 }) {
        0..=2 => Effect::Advance { to: id(first) },
        3 => Effect::RequestPayment { to: id(first) },
        4 => Effect::RequestSupplement,
        5 => Effect::Refuse,
        6 | 7 => Effect::HandOver,
        8 => Effect::Finish,
        _ if first == second => Effect::Advance { to: id(first) },
        9 => Effect::Split {
            to: vec![Branch { to: id(first), when: Some(pick("a")) }, Branch { to: id(second), when: Some(pick("b")) }],
        },
        _ => Effect::Split { to: vec![Branch { to: id(first), when: None }, Branch { to: id(second), when: None }] },
    };
    let mut action = Action::new(&format!("a{number}"), Text::default(), effect);
    if branching {
        action.cancels = match rng.below(12) {
            0 => Cancels::Others,
            1 => Cancels::Steps(vec![id(rng.below(count))]),
            _ => Cancels::Nothing,
        };
        action.during = rng.one_in(15).then(|| id(rng.below(count)));
        let unpicked = action.expressions().next().is_none();
        if unpicked && action.effect != Effect::RequestSupplement && rng.one_in(8) {
            action.after = Some(Limit::WorkingDays(2));
        }
    }
    if action.after.is_none() {
        action.requires = match rng.below(6) {
            0 => vec![Requirement::Note],
            1 if matches!(action.effect, Effect::Advance { .. }) => vec![Requirement::Assignee],
            2 => vec![Requirement::ResultFile],
            3 => vec![Requirement::FeePaid],
            _ => vec![],
        };
    }
    action
}
