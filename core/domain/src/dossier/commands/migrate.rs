//! # Migrate
//!
//! The dossier goes on under another version of its procedure, which is the version of the rules. Steps that have
//! another name there are named by the operator. Answers, papers and clocks stay as they are.
//!
//! - Given by: the portal, for an operator who runs `motcua dossier migrate`.
//! - Refused: after the dossier has ended, if it has this version already, if a step where it stands or from which a
//!   branch waits does not exist there, and if the dossier could get stuck there.
//! - Event: `migrated`. The applicant is told.

use crate::dossier::Dossier;
use crate::dossier::case::{Case, at};
use crate::dossier::clocks::same_clocks;
use crate::dossier::event::{Clocks, Event, StepMove};
use crate::dossier::flow::UnreadableDossier;
use crate::dossier::marking::marking;
use crate::dossier::refusal::Refusal;
use crate::names::{Digest, StepId};
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use std::collections::{BTreeMap, BTreeSet};

/// The right that the command needs.
const RIGHT: Deed = Deed::MoveDossiers;

/// Decides whether a dossier can go on under the version of the rules.
pub fn decide(
    case: Case<'_>,
    actor: &Actor,
    reason: String,
    version: Digest,
    names: &BTreeMap<StepId, StepId>,
) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    if case.dossier.has_ended() {
        return Err(Refusal::Ended);
    }
    if case.dossier.procedure == version {
        return Err(Refusal::NothingChanges);
    }
    let flow = &case.dossier.flow;
    let arrived = flow.arrived.iter().flat_map(|branch| [&branch.to, &branch.from]);
    let used: BTreeSet<&StepId> = flow.stays.iter().map(|stay| &stay.at.step).chain(arrived).collect();
    let mut steps = Vec::new();
    for from in used {
        let to = names.get(from).unwrap_or(from);
        let step = case.rules.procedure.workflow.step(to).ok_or_else(|| Refusal::Stranded { step: from.clone() })?;
        steps.push(StepMove { from: from.clone(), to: at(step) });
    }
    if let Some(stay) = flow.stays.first()
        && !ends_there(case, &steps)?
    {
        return Err(Refusal::Stranded { step: stay.at.step.clone() });
    }
    Ok(Event::Migrated { version, reason, steps, clocks: same_clocks(case) })
}

/// Returns whether the dossier, under the new names of its steps, cannot get stuck.
fn ends_there(case: Case<'_>, steps: &[StepMove]) -> Result<bool, Refusal> {
    let workflow = &case.rules.procedure.workflow;
    let mut flow = case.dossier.flow.clone();
    flow.rename(steps);
    let (open, arrived) = marking(workflow, &flow)?;
    Ok(workflow.ends_from(&open, &arrived))
}

/// Applies [`Event::Migrated`].
pub fn apply(
    dossier: &mut Dossier,
    version: &Digest,
    steps: &[StepMove],
    clocks: &Clocks,
) -> Result<(), UnreadableDossier> {
    dossier.undo = None;
    dossier.judged = dossier.version + 1;
    dossier.procedure.clone_from(version);
    dossier.flow.rename(steps);
    dossier.flow.set_clocks(None, clocks)
}
