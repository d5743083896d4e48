//! # Give a step
//!
//! An officer gives an open step to a colleague who holds its post, and may add a note.
//!
//! - Given by: the officer of the step, a holder of its post while nobody has it, the deputy of such an officer on
//!   leave, or the head of the unit or of the agency.
//! - Refused: if the colleague holds no post for the step or has the step already, and if the step or its officer has
//!   changed since the person saw the dossier.
//! - Event: `assigned`. The applicant is told nothing. [`crate::dossier::staff`] applies the event.

use crate::dossier::case::{Case, message};
use crate::dossier::event::{Event, StayId};
use crate::dossier::refusal::Refusal;
use crate::dossier::staff::{Candidate, assigning};
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The rights of which the command needs one.
const RIGHTS: [Deed; 2] = [Deed::TakeStep, Deed::GiveStep];

/// Decides whether a colleague has a step from now on.
pub fn decide(
    case: Case<'_>,
    actor: &Actor,
    id: StayId,
    seen: u32,
    to: Candidate,
    note: String,
) -> Result<Event, Refusal> {
    let stay = assigning(case, actor, id, seen, &RIGHTS)?;
    let place = case.dossier.place_of(stay);
    let step = case.step(stay)?;
    if !to.serves(step, place) {
        return Err(Refusal::AssigneeUnfit);
    }
    if stay.assignee.as_ref().is_some_and(|assignee| assignee.id == to.id) {
        return Err(Refusal::TakenAlready);
    }
    let note = Some(note).filter(|note| !note.trim().is_empty()).map(message).transpose()?;
    Ok(Event::Assigned { stay: id, assignee: Some(to.assignee(stay.at.role)), note })
}
