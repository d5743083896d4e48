//! # Remind
//!
//! The portal reminds the officer of an open step that little of the step's limit is left. The workflow sets the rest
//! of the limit with `remind`.
//!
//! - Given by: the portal, as a job at the time that the stay stores.
//! - Refused: before that time, and after the officer was reminded.
//! - Event: `reminded`. The applicant is told nothing.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::event::{Event, StayId};
use crate::dossier::flow::UnreadableDossier;
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::Tend;

/// Decides whether the officer of a stay is reminded.
pub fn decide(case: Case<'_>, actor: &Actor, id: StayId) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let stay = case.stay(Some(id))?;
    match stay.remind {
        Some(at) if at <= case.now => Ok(Event::Reminded { stay: id }),
        Some(_) => Err(Refusal::TimeLeft),
        None => Err(Refusal::NothingChanges),
    }
}

/// Applies [`Event::Reminded`].
pub fn apply(dossier: &mut Dossier, stay: StayId) -> Result<(), UnreadableDossier> {
    dossier.flow.stay_mut(Some(stay))?.remind = None;
    Ok(())
}
