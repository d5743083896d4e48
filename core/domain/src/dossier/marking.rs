//! The position of a dossier on the net of its workflow.

use crate::dossier::flow::DossierFlow;
use crate::dossier::refusal::Refusal;
use crate::names::StepId;
use crate::workflow::Workflow;
use crate::workflow::net::{Arrival, RecordedArrival, StepIndex};

/// Returns the place of a step on the net.
pub fn step_index(workflow: &Workflow, id: &StepId) -> Result<StepIndex, Refusal> {
    workflow.index(id).ok_or(Refusal::NoSuchAction)
}

/// Returns the position of a dossier on the net: the open steps, and the branches that wait.
pub fn marking(workflow: &Workflow, flow: &DossierFlow) -> Result<(Vec<StepIndex>, Vec<Arrival>), Refusal> {
    let open = flow.stays.iter().map(|stay| step_index(workflow, &stay.at.step)).collect::<Result<_, _>>()?;
    let arrival = |branch: &RecordedArrival| {
        let (to, from) = (step_index(workflow, &branch.to)?, step_index(workflow, &branch.from)?);
        Ok(Arrival { to, from, spent: branch.spent })
    };
    Ok((open, flow.arrived.iter().map(arrival).collect::<Result<_, Refusal>>()?))
}
