//! # Announce the end of a result
//!
//! The portal tells the applicant that the validity of the result ends soon, as many days before the end as the
//! procedure says. An applicant whose result another one follows already is not told, but the entry is made all the
//! same, so that the job is done once.
//!
//! - Given by: the portal, as a job at that time.
//! - Refused: before that time, after the entry was made, and if the dossier ended without such a result.
//! - Event: `expiry-announced`. The applicant is told, unless a later result follows.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::event::Event;
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use jiff::Timestamp;

/// The right that the command needs.
const RIGHT: Deed = Deed::Tend;

/// Decides whether the applicant is told.
pub fn decide(case: Case<'_>, actor: &Actor, followed: bool) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let at = case.dossier.expiry_notice_at().ok_or(Refusal::NothingChanges)?;
    if case.now < at { Err(Refusal::TimeLeft) } else { Ok(Event::ExpiryAnnounced { followed }) }
}

/// Applies [`Event::ExpiryAnnounced`].
pub const fn apply(dossier: &mut Dossier) {
    dossier.expiry_told = true;
}

impl Dossier {
    /// Returns when the applicant is told that the validity of the result ends soon. Returns `None` if the applicant
    /// was told, or is never told.
    pub fn expiry_notice_at(&self) -> Option<Timestamp> {
        let issued = self.flow.ended.as_ref()?.issued.as_ref()?;
        issued.notice_at.filter(|_| !self.expiry_told)
    }
}
