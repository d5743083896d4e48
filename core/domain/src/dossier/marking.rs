//! The position of a dossier on the net of its workflow.

use crate::dossier::event::AskedUnits;
use crate::dossier::flow::{DossierFlow, Stay, index};
use crate::dossier::refusal::Refusal;
use crate::names::StepId;
use crate::workflow::Workflow;
use crate::workflow::net::{Arrival, AskedGroup, Marking, OpenStay, RecordedArrival, StepIndex};

/// Returns the place of a step on the net.
pub fn step_index(workflow: &Workflow, id: &StepId) -> Result<StepIndex, Refusal> {
    workflow.index(id).ok_or(Refusal::NoSuchAction)
}

/// Returns the position of a dossier on the net: the tokens of its open steps, and the branches that wait.
pub fn marking(workflow: &Workflow, flow: &DossierFlow) -> Result<Marking, Refusal> {
    let open = |stay: &Stay| {
        let step = step_index(workflow, &stay.at.step)?;
        // In another version of the procedure, the step may ask several units, or no longer.
        let asks = workflow.steps.get(step).is_some_and(|step| step.many.is_some());
        Ok(OpenStay { step, group: group(flow, stay).filter(|_| asks) })
    };
    let arrival = |branch: &RecordedArrival| {
        let (to, from) = (step_index(workflow, &branch.to)?, step_index(workflow, &branch.from)?);
        Ok(Arrival { to, from, spent: branch.spent })
    };
    let open = flow.stays.iter().map(open).collect::<Result<Vec<_>, Refusal>>()?;
    let arrived = flow.arrived.iter().map(arrival).collect::<Result<Vec<_>, Refusal>>()?;
    Ok(Marking::new(open, arrived))
}

/// Returns the group of a stay, if several units were asked when it began.
fn group(flow: &DossierFlow, stay: &Stay) -> Option<AskedGroup> {
    let AskedUnits { first, enough } = flow.visits.get(index(stay.id))?.asked?;
    let together = flow.visits.iter().filter(|visit| visit.asked.is_some_and(|asked| asked.first == first));
    let answered = together.filter(|visit| visit.left.as_ref().is_some_and(|left| left.action.is_some())).count();
    Some(AskedGroup { first, enough, answered: u32::try_from(answered).unwrap_or(u32::MAX) })
}
