//! # Return a step to its post
//!
//! The officer of an open step has left, or no longer holds the post of the step. The step returns to the list of the
//! post, so that every holder can take it.
//!
//! - Given by: the portal, when it brings the accounts of officers up to date.
//! - Refused: if the step has no officer, and while its officer holds the post.
//! - Event: `assigned`, without an officer and with the reason. The applicant is told nothing. [`crate::dossier::staff`]
//!   applies the event.

use crate::dossier::case::Case;
use crate::dossier::event::{Event, StayId};
use crate::dossier::refusal::Refusal;
use crate::dossier::staff::Candidate;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::Tend;

/// Decides whether a step returns to its post. `staff` has the officer of the step, unless the officer left.
pub fn decide(
    case: Case<'_>,
    actor: &Actor,
    id: StayId,
    reason: String,
    staff: &[Candidate],
) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let stay = case.stay(Some(id))?;
    let assignee = stay.assignee.as_ref().ok_or(Refusal::NothingChanges)?;
    let (role, place) = (stay.at.role, case.dossier.place_of(stay));
    if staff.iter().any(|officer| officer.id == assignee.id && officer.holds(role, place)) {
        return Err(Refusal::NothingChanges);
    }
    Ok(Event::Assigned { stay: id, assignee: None, note: Some(reason) })
}
