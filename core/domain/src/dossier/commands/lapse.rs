//! # Lapse
//!
//! The dossier ends, because the applicant let the limit of a supplement or of a payment pass.
//!
//! - Given by: the portal, as a job at the end of the limit, or an officer at the counter.
//! - Refused: after the dossier has ended, if the applicant owes neither a supplement nor a payment, and while time is
//!   left.
//! - Event: `ended`, with the outcome `lapsed`. The applicant is told. [`crate::dossier::ending`] applies the event.

use crate::dossier::Turn;
use crate::dossier::case::Case;
use crate::dossier::ending::ended;
use crate::dossier::event::{DossierOutcome, Event};
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::Lapse;

/// Decides whether a dossier ends for want of what the applicant owes.
pub fn decide(case: Case<'_>, actor: &Actor) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let until = match case.dossier.turn() {
        Turn::Supplement { until } | Turn::Payment { until } => until,
        Turn::Ended => return Err(Refusal::Ended),
        Turn::Office | Turn::Applicant { .. } => return Err(Refusal::NothingAwaited),
    };
    if case.now <= until {
        return Err(Refusal::TimeLeft);
    }
    Ok(ended(case, DossierOutcome::Lapsed, String::new()))
}
