//! # Take a step
//!
//! An officer takes an open step of their post that has no officer yet. From then on it is in the list of that officer
//! only.
//!
//! - Given by: a holder of the step's post, or the deputy of a holder on leave.
//! - Refused: if the step is assigned to the officer already, and if the step or its officer has changed since the
//!   officer saw the dossier.
//! - Event: `assigned`. The applicant is told nothing. [`crate::dossier::staff`] applies the event.

use crate::dossier::case::Case;
use crate::dossier::event::{Assignee, Event, StayId};
use crate::dossier::refusal::Refusal;
use crate::dossier::staff::assigning;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::TakeStep;

/// Decides whether the actor has a step from now on.
pub fn decide(case: Case<'_>, actor: &Actor, id: StayId, seen: u32) -> Result<Event, Refusal> {
    let stay = assigning(case, actor, id, seen, &[RIGHT])?;
    let Actor::Officer { id: officer, name, .. } = actor else { return Err(Refusal::NotAllowed) };
    if stay.assignee.as_ref().is_some_and(|assignee| assignee.id == *officer) {
        return Err(Refusal::TakenAlready);
    }
    let assignee = Assignee { id: officer.clone(), name: name.clone(), role: stay.at.role };
    Ok(Event::Assigned { stay: id, assignee: Some(assignee), note: None })
}
