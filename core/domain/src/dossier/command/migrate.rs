//! # Migrate
//!
//! The dossier goes on under another version of its procedure, which is the version of the rules. Steps that have
//! another name there are named by the operator. Answers and papers stay as they are. A question to several units stays
//! open with the answers that it has: as many more as it wanted decide it, and the new version says where the dossier
//! goes then. A step that one unit had, and that asks several there, is decided by the answer of this unit.
//!
//! A stay that goes on at a step with another name gets the times of that step, which begin with the move: limit,
//! reminder, timed action and superior. At a step with the same name, clocks go on, and only times that the step did not
//! have begin. The clock of the whole goes on. It stands from the move on if all steps are the applicant's there. A
//! supplement that a fault of the old version's rules prevented has all days of a new request from the move on.
//!
//! - Given by: the portal, for an operator who runs `motcua dossier migrate`.
//! - Refused: after the dossier has ended, if it does not have the version that it is to leave, if a step where it
//!   stands or from which a branch waits does not exist there, if several units are asked at a step that asks only one
//!   there, and if the dossier could get stuck there.
//! - Event: `migrated`. The applicant is told.

use crate::dossier::Dossier;
use crate::dossier::case::{Case, at};
use crate::dossier::clocks::{StayTimes, applicant_deadline, clocks_of, extended};
use crate::dossier::event::{AskedUnits, Clocks, Event, MigratedStay, StepMove};
use crate::dossier::flow::{DossierFlow, Stay, UnreadableDossier, index};
use crate::dossier::marking::marking;
use crate::dossier::refusal::Refusal;
use crate::names::{Digest, StepId};
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use crate::workflow::Step;
use std::collections::{BTreeMap, BTreeSet};

/// The right that the command needs.
const RIGHT: Deed = Deed::MoveDossiers;

/// Decides whether a dossier can go on under the version of the rules.
pub fn decide(
    case: Case<'_>,
    actor: &Actor,
    reason: String,
    (from, version): (&Digest, Digest),
    names: &BTreeMap<StepId, StepId>,
) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    if case.dossier.has_ended() {
        return Err(Refusal::Ended);
    }
    if case.dossier.procedure != *from || case.dossier.procedure == version {
        return Err(Refusal::NothingChanges);
    }
    let flow = &case.dossier.flow;
    let new = |from: &StepId| {
        let to = names.get(from).unwrap_or(from);
        case.rules.procedure.workflow.step(to).ok_or_else(|| Refusal::Stranded { step: from.clone() })
    };
    let arrived = flow.arrived.iter().flat_map(|branch| [&branch.to, &branch.from]);
    let used: BTreeSet<&StepId> = flow.stays.iter().map(|stay| &stay.at.step).chain(arrived).collect();
    let mut steps = Vec::new();
    for from in used {
        steps.push(StepMove { from: from.clone(), to: at(new(from)?) });
    }
    let (mut stays, mut entered) = (Vec::new(), Vec::new());
    for stay in &flow.stays {
        let step = new(&stay.at.step)?;
        if step.many.is_none() && asked_at(flow, stay).is_some() {
            return Err(Refusal::Stranded { step: stay.at.step.clone() });
        }
        stays.extend(changed(case, stay, step));
        entered.push((step, stay.waits.is_some()));
    }
    if let Some(stay) = flow.stays.first()
        && !ends_there(case, &steps)?
    {
        return Err(Refusal::Stranded { step: stay.at.step.clone() });
    }
    let mut clocks = clocks_of(case, &[], &entered, |_| false)?;
    let fresh = applicant_deadline(case);
    for stay in flow.stays.iter().filter(|stay| stay.extended.is_some()) {
        let deadline = stay.supplement_clock().and_then(|clock| extended(clock, &fresh));
        clocks.deadlines.extend(deadline.map(|deadline| (stay.id, deadline)));
    }
    Ok(Event::Migrated { version, reason, steps, stays, clocks })
}

/// Returns the question that a stay shares with the stays of other units.
fn asked_at(flow: &DossierFlow, stay: &Stay) -> Option<AskedUnits> {
    flow.visits.get(index(stay.id)).and_then(|visit| visit.asked)
}

/// Returns the times of a stay that goes on at `step`, or nothing if they stay as they are.
fn changed(case: Case<'_>, stay: &Stay, step: &Step) -> Option<MigratedStay> {
    let calendar = case.rules.calendar;
    let dossier = case.dossier;
    let limit = case.rules.procedure.step_limit(&dossier.place.agency, step, &dossier.values, dossier.answers_at);
    let begun = StayTimes::begin(calendar, step, limit, case.now);
    let begun = if stay.waits.is_some() { begun.stopped(calendar, case.now) } else { begun };
    let goes_on = stay.at.step == step.id;
    let (clock, remind) = match &stay.clock {
        Some(running) if goes_on && limit.is_some() => (Some(running.clone()), stay.remind),
        _ => (begun.clock, begun.remind),
    };
    let timer = match &stay.timer {
        Some(running) if goes_on && step.timed().is_some() => Some(running.clone()),
        _ => begun.timer,
    };
    let is_asked_first = step.many.is_some() && asked_at(&case.dossier.flow, stay).is_none();
    let asked = is_asked_first.then_some(AskedUnits { first: stay.id, enough: 1 });
    let escalate = step.escalate;
    let is_same = (&clock, &timer, remind, escalate) == (&stay.clock, &stay.timer, stay.remind, stay.escalate);
    let after = MigratedStay { stay: stay.id, clock, timer, remind, escalate, asked };
    (!is_same || is_asked_first).then_some(after)
}

/// Returns whether the dossier, under the new names of its steps, cannot get stuck. The units that were asked and have
/// not answered stay asked, and the answers so far count.
fn ends_there(case: Case<'_>, steps: &[StepMove]) -> Result<bool, Refusal> {
    let workflow = &case.rules.procedure.workflow;
    let mut flow = case.dossier.flow.clone();
    flow.rename(steps);
    let marking = marking(workflow, &flow)?;
    Ok(workflow.ends_from_remembered(&marking.tokens, &marking.arrived))
}

/// Applies [`Event::Migrated`].
pub fn apply(
    dossier: &mut Dossier,
    version: &Digest,
    steps: &[StepMove],
    stays: &[MigratedStay],
    clocks: &Clocks,
) -> Result<(), UnreadableDossier> {
    dossier.undo = None;
    dossier.judged = dossier.version + 1;
    dossier.procedure.clone_from(version);
    dossier.flow.rename(steps);
    // A request at a step that has another name now is still the first request at this step.
    for request in &mut dossier.supplements {
        if let Some(known) = steps.iter().find(|known| known.from == request.step) {
            request.step.clone_from(&known.to.step);
        }
    }
    for moved in stays {
        let stay = dossier.flow.stay_mut(Some(moved.stay))?;
        let goes_on = stay.clock == moved.clock;
        (stay.escalated, stay.reminded) = (stay.escalated && goes_on, stay.reminded && goes_on);
        stay.clock.clone_from(&moved.clock);
        stay.timer.clone_from(&moved.timer);
        (stay.remind, stay.escalate) = (moved.remind, moved.escalate);
        if let Some(visit) = dossier.flow.visits.get_mut(index(moved.stay)).filter(|_| moved.asked.is_some()) {
            visit.asked = moved.asked;
        }
    }
    dossier.flow.set_clocks(None, clocks)
}
