//! # Announce a late dossier
//!
//! The portal tells the applicant that the appointment passes without a result, as form 04 of Circular 01/2018/TT-VPCP
//! does. The applicant is told once for each appointment, a day before it. If the office had less than two days, the
//! applicant is told once the appointment has passed, because a notice before it would come with the receipt. An
//! applicant who was told of a later appointment knows already that the dossier is late.
//!
//! If the law gives the silence of the agency a meaning, the dossier ends by silence instead, once the appointment has
//! passed.
//!
//! - Given by: the portal, as a job at that time.
//! - Refused: before that time, while no step waits for the office, once there is a result, and after the applicant was
//!   told of this appointment.
//! - Event: `late-announced`, or `ended` with the outcome `approved-by-silence` or `refused-by-silence`. The applicant is
//!   told.

use crate::dossier::case::Case;
use crate::dossier::ending::by_silence;
use crate::dossier::event::Event;
use crate::dossier::refusal::Refusal;
use crate::dossier::{Dossier, Stay};
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use crate::time::clock::{Clock, has_passed};
use jiff::{SignedDuration, Timestamp};

/// The right that the command needs.
const RIGHT: Deed = Deed::Tend;

/// The time between the notice and the appointment.
const BEFORE: SignedDuration = SignedDuration::from_hours(24);

/// Decides whether the applicant is told.
pub fn decide(case: Case<'_>, actor: &Actor) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let (at, due) = case.dossier.late_notice().ok_or(Refusal::NothingChanges)?;
    match &case.dossier.filed.silence {
        Some(_) if !has_passed(due, case.now) => Err(Refusal::TimeLeft),
        Some(rule) => Ok(by_silence(case, rule)),
        None if case.now < at => Err(Refusal::TimeLeft),
        None => Ok(Event::LateAnnounced { due }),
    }
}

/// Applies [`Event::LateAnnounced`].
pub const fn apply(dossier: &mut Dossier, due: Timestamp) {
    dossier.late_told = Some(due);
}

impl Dossier {
    /// Returns when the applicant is told that the appointment passes without a result, or when the dossier ends by
    /// silence. Returns `None` if the applicant was told of this appointment or of a later one, and while nothing is
    /// late by the office.
    pub fn late_notice_at(&self) -> Option<Timestamp> {
        self.late_notice().map(|(at, _)| at)
    }

    /// Returns when the applicant is told, and the appointment.
    fn late_notice(&self) -> Option<(Timestamp, Timestamp)> {
        let Clock::Running { since, due, .. } = &self.flow.whole else { return None };
        // The clock of earlier versions of the portal ran on while the applicant alone had a step.
        let is_with_office = self.flow.stays.iter().any(Stay::waits_for_office);
        if !is_with_office || self.flow.processed_at.is_some() || self.late_told >= Some(*due) {
            return None;
        }
        if self.filed.silence.is_some() {
            return Some((*due, *due));
        }
        let is_short = due.duration_since(*since) < BEFORE + BEFORE;
        Some((if is_short { *due } else { *due - BEFORE }, *due))
    }
}
