//! # Take a step
//!
//! An officer takes an open step of their post that has no officer yet. From then on it is in the list of that officer
//! only. A deputy who does not hold the post takes the step for the officer on leave, because a step belongs to a holder
//! of its post.
//!
//! - Given by: a holder of the step's post, or the deputy of a holder on leave.
//! - Refused: if the step is assigned to the officer already, and if the step or its officer has changed since the
//!   officer saw the dossier.
//! - Event: `assigned`. The applicant is told nothing. [`crate::dossier::staff`] applies the event.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::event::{Assignee, Event, StayId};
use crate::dossier::flow::Stay;
use crate::dossier::refusal::Refusal;
use crate::dossier::staff::assigning;
use crate::people::access::{Deed, acting_for};
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::TakeStep;

/// Decides whether the actor has a step from now on.
pub fn decide(case: Case<'_>, actor: &Actor, id: StayId, seen: u32) -> Result<Event, Refusal> {
    let stay = assigning(case, actor, id, seen, &[RIGHT])?;
    let taker = case.dossier.taker(actor, stay).ok_or(Refusal::NotAllowed)?;
    if stay.assignee.as_ref().is_some_and(|assignee| assignee.id == taker.id) {
        return Err(Refusal::TakenAlready);
    }
    Ok(Event::Assigned { stay: id, assignee: Some(taker), note: None })
}

impl Dossier {
    /// Returns the officer who has the step once `actor` has taken it: the actor, if the actor holds its post, and
    /// otherwise the officer on leave for whom the actor stands in.
    pub fn taker(&self, actor: &Actor, stay: &Stay) -> Option<Assignee> {
        let Actor::Officer { id, name, posts, .. } = actor else { return None };
        let (role, place) = (stay.at.role, self.place_of(stay));
        if posts.iter().any(|post| post.serves(role, &place.agency, &place.unit)) {
            return Some(Assignee { id: id.clone(), name: name.clone(), role });
        }
        let absent = acting_for(actor, self.subject_at(stay))?;
        Some(Assignee { id: absent.id.clone(), name: absent.name.clone(), role })
    }
}
