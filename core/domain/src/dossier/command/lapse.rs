//! # Lapse
//!
//! The dossier ends, because the applicant let the limit of a supplement or of a payment pass. The limit is a later one
//! if a fault of the procedure's rules kept the applicant from supplementing ([`crate::dossier::command::extend`]).
//!
//! - Given by: the portal, as a job at the end of the limit, or an officer at the counter.
//! - Refused: after the dossier has ended, if the applicant owes neither a supplement nor a payment, and while time is
//!   left or the calendar of the deadline's year is not announced.
//! - Event: `ended`, with the outcome `lapsed`. The applicant is told. [`crate::dossier::ending`] applies the event.

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
    if case.dossier.has_ended() {
        return Err(Refusal::Ended);
    }
    let mut waits = case.dossier.flow.stays.iter().filter_map(|stay| stay.waits.as_ref()).peekable();
    if waits.peek().is_none() {
        return Err(Refusal::NothingAwaited);
    }
    if !waits.any(|wait| wait.clock().runs_late(case.now)) {
        return Err(Refusal::TimeLeft);
    }
    Ok(ended(case, DossierOutcome::Lapsed, String::new()))
}
