//! # Remind
//!
//! The portal reminds the officer of an open step that little of the step's limit is left. The workflow sets the rest
//! of the limit with `remind`.
//!
//! - Given by: the portal, as a job at the time that the stay stores.
//! - Refused: before that time, while the step's clock stands, and after the officer was reminded. A reminder that was
//!   due when the clock stopped is given when it runs again.
//! - Event: `reminded`. The applicant is told nothing.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::event::{Event, StayId};
use crate::dossier::flow::{Stay, UnreadableDossier};
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use jiff::Timestamp;

/// The right that the command needs.
const RIGHT: Deed = Deed::Tend;

/// Decides whether the officer of a stay is reminded.
pub fn decide(case: Case<'_>, actor: &Actor, id: StayId) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let stay = case.stay(Some(id))?;
    if stay.remind.is_none() {
        return Err(Refusal::NothingChanges);
    }
    let is_due = stay.reminds_at().is_some_and(|at| at <= case.now);
    if is_due { Ok(Event::Reminded { stay: id }) } else { Err(Refusal::TimeLeft) }
}

/// Applies [`Event::Reminded`].
pub fn apply(dossier: &mut Dossier, stay: StayId) -> Result<(), UnreadableDossier> {
    let stay = dossier.flow.stay_mut(Some(stay))?;
    (stay.remind, stay.reminded) = (None, true);
    Ok(())
}

impl Stay {
    /// Returns when the officer is reminded. Returns `None` if no reminder waits, and while the step's clock stands.
    pub fn reminds_at(&self) -> Option<Timestamp> {
        self.remind.filter(|_| self.due().is_some())
    }
}
