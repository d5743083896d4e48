//! # Withdraw
//!
//! The applicant withdraws the application and says why. The dossier ends.
//!
//! - Given by: the applicant whose dossier it is.
//! - Refused: after the dossier has ended, once there is a result, and without a reason.
//! - Event: `ended`, with the outcome `withdrawn`. The applicant is not told of their own withdrawal.
//!   [`crate::dossier::ending`] applies the event.

use crate::dossier::Dossier;
use crate::dossier::case::{Case, message};
use crate::dossier::ending::ended;
use crate::dossier::event::{DossierOutcome, Event};
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::Withdraw;

/// Decides on a withdrawal.
pub fn decide(case: Case<'_>, actor: &Actor, reason: String) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    case.dossier.can_be_withdrawn()?;
    let reason = message(reason).map_err(|_| Refusal::NoteMissing)?;
    Ok(ended(case, DossierOutcome::Withdrawn, reason))
}

impl Dossier {
    /// Returns whether `actor` may withdraw the application now.
    pub fn may_withdraw(&self, actor: &Actor) -> bool {
        self.lets(actor, RIGHT) && self.can_be_withdrawn().is_ok()
    }

    /// Refuses a withdrawal once there is a result.
    const fn can_be_withdrawn(&self) -> Result<(), Refusal> {
        if self.has_ended() {
            return Err(Refusal::Ended);
        }
        if self.flow.processed_at.is_some() {
            return Err(Refusal::AlreadyProcessed);
        }
        Ok(())
    }
}
