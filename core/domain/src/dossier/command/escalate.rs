//! # Escalate
//!
//! The portal escalates an open step whose limit has passed to a superior, in whose list the step then stands too. The
//! workflow names the superior's role with `escalate`.
//!
//! - Given by: the portal, as a job at the end of the step's limit.
//! - Refused: while time is left, if the step has no superior, and after the step was escalated.
//! - Event: `escalated`. The applicant is told nothing.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::event::{Event, StayId};
use crate::dossier::flow::UnreadableDossier;
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::Tend;

/// Decides whether a stay is escalated.
pub fn decide(case: Case<'_>, actor: &Actor, id: StayId) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let stay = case.stay(Some(id))?;
    let to = stay.escalate.filter(|_| !stay.escalated).ok_or(Refusal::NothingChanges)?;
    if stay.runs_late(case.now) { Ok(Event::Escalated { stay: id, to }) } else { Err(Refusal::TimeLeft) }
}

/// Applies [`Event::Escalated`].
pub fn apply(dossier: &mut Dossier, stay: StayId) -> Result<(), UnreadableDossier> {
    dossier.flow.stay_mut(Some(stay))?.escalated = true;
    Ok(())
}
