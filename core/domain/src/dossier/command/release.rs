//! # Release a step
//!
//! An officer releases an open step, so that every holder of its post can take it.
//!
//! - Given by: the officer of the step, the deputy of that officer on leave, or the head of the unit or of the agency.
//! - Refused: if the step has no officer, and if the step or its officer has changed since the person saw the dossier.
//! - Event: `assigned`, without an officer. The applicant is told nothing. [`crate::dossier::staff`] applies the event.

use crate::dossier::case::Case;
use crate::dossier::event::{Event, StayId};
use crate::dossier::refusal::Refusal;
use crate::dossier::staff::assigning;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The rights of which the command needs one.
const RIGHTS: [Deed; 2] = [Deed::TakeStep, Deed::GiveStep];

/// Decides whether a step belongs to all holders of its post from now on.
pub fn decide(case: Case<'_>, actor: &Actor, id: StayId, seen: u32) -> Result<Event, Refusal> {
    let stay = assigning(case, actor, id, seen, &RIGHTS)?;
    if stay.assignee.is_none() {
        return Err(Refusal::NothingChanges);
    }
    Ok(Event::Assigned { stay: id, assignee: None, note: None })
}
