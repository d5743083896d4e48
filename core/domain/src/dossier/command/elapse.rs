//! # Elapse
//!
//! The portal takes the timed action of an open step. The workflow names the time with `after`.
//!
//! - Given by: the portal, as a job at the time of the stay's clock.
//! - Refused: while the step waits for the applicant, because the time stands then; before the time, if the step has no
//!   timed action, and if the action is not open. A refused action is tried again when the dossier changes.
//! - Event: `advanced`, `supplement-requested` or `ended`, as when a person acts. The applicant is told of the same.
//!   [`crate::dossier::effect`] and [`crate::dossier::ending`] make and apply these events.

use crate::dossier::case::Case;
use crate::dossier::effect::{ActionInput, take_effect};
use crate::dossier::event::{Event, StayId};
use crate::dossier::refusal::Refusal;
use crate::dossier::staff::Candidate;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::Tend;

/// Decides whether the timed action of a stay is taken.
pub fn decide(case: Case<'_>, actor: &Actor, id: StayId, staff: Vec<Candidate>) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let stay = case.stay(Some(id))?;
    if stay.waits.is_some() {
        return Err(Refusal::WaitsForApplicant);
    }
    let timer = stay.timer.as_ref().ok_or(Refusal::NothingAwaited)?;
    if timer.due().is_none_or(|due| case.now < due) {
        return Err(Refusal::TimeLeft);
    }
    let step = case.step(stay)?;
    let (action, _) = step.timed().ok_or(Refusal::NoSuchAction)?;
    if !case.is_open(stay, step, action)? {
        return Err(Refusal::ActionClosed);
    }
    take_effect(case, stay, step, action, ActionInput { staff, ..Default::default() })
}
