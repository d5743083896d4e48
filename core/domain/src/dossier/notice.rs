//! The notice that tells the applicant of an event, and the entries of the journal whose content is for the applicant, too.

use crate::dossier::Dossier;
use crate::dossier::event::{Advanced, Event, Recorded, SiteVisitChange};
use crate::money::Dong;
use crate::people::organisation::{ActorRef, Role};
use crate::time::clock::{Clock, has_passed};
use crate::workflow::NationalStatus;

/// The word of the notice that a draft waits for its applicant. It is about no dossier, and has a text under
/// `notice-<word>` as well.
pub const DRAFT_NOTICE: &str = "draft-waits";

/// The word of the notice that reminds an applicant of what the office asked. It follows from no event, and has a text under
/// `notice-<word>` as well.
pub const ASKED_NOTICE: &str = "asked-waits";

/// The words of notices. Each has a text under `notice-<word>`.
pub const NOTICES: [&str; 34] = [
    "filed",
    "advanced",
    "step-requested",
    "visit-made",
    "visit-moved",
    "visit-called-off",
    "supplement-requested",
    "supplemented",
    "payment-requested",
    "payment-recorded",
    "payment-resumed",
    "payment-reversed",
    "refund-recorded",
    "resumed",
    "fees-changed",
    "result-ready",
    "result-unpaid",
    "returned",
    "posted",
    "not-received",
    "refused",
    "withdrawn",
    "lapsed",
    "approved-by-silence",
    "refused-by-silence",
    "message-sent",
    "apologised",
    "rescheduled",
    "late-soon",
    "late",
    "expiry-announced",
    "extended",
    "transferred",
    "migrated",
];

/// Returns the word of what the applicant is told of an event: that the dossier was filed, what others did that
/// concerns the applicant, and every new appointment. What moves within the house is not told, because it can still be
/// taken back.
pub fn notice_of(recorded: &Recorded, before: Option<&Dossier>, after: &Dossier) -> Option<&'static str> {
    let event = &recorded.event;
    let moves = before.is_some_and(|before| appointment_moves(&before.flow.whole, after));
    if matches!(recorded.actor, ActorRef::Applicant { .. }) {
        return match event {
            Event::Filed(_) => Some(event.name()),
            Event::Supplemented { fees: Some(_), .. } => Some("fees-changed"),
            Event::Advanced(_) | Event::Supplemented { .. } => moves.then_some("resumed"),
            Event::SupplementRequested { .. }
            | Event::PaymentRecorded { .. }
            | Event::PaymentReversed { .. }
            | Event::RefundRecorded { .. }
            | Event::Ended { .. }
            | Event::Assigned { .. }
            | Event::Undone { .. }
            | Event::Reminded { .. }
            | Event::Escalated { .. }
            | Event::LateAnnounced { .. }
            | Event::ExpiryAnnounced { .. }
            | Event::Extended { .. }
            | Event::Rescheduled { .. }
            | Event::Transferred { .. }
            | Event::Migrated { .. }
            | Event::DeliveryChanged { .. }
            | Event::MessageSent { .. }
            | Event::Rated { .. } => None,
        };
    }
    match event {
        Event::Advanced(advanced) => {
            let before = before?;
            notice_of_advance(advanced, before.status(), &before.flow.whole, before.site_visits_off(), after)
        }
        Event::PaymentRecorded { .. } => Some(if moves { "payment-resumed" } else { event.name() }),
        Event::Ended { receiver: Some(receiver), .. } if receiver.carrier.is_some() => Some("posted"),
        Event::Ended { outcome, .. } => Some(outcome.name()),
        Event::LateAnnounced { due } => Some(if has_passed(*due, recorded.at) { "late" } else { "late-soon" }),
        Event::ExpiryAnnounced { followed } => (!followed).then(|| event.name()),
        Event::Rescheduled { clocks, .. } => {
            let is_same = before.is_some_and(|before| {
                before.flow.whole == clocks.whole && before.turn().applicant_until() == after.turn().applicant_until()
            });
            (!is_same).then(|| event.name())
        }
        Event::MessageSent { promised: Some(_), .. } => Some("apologised"),
        Event::Assigned { .. }
        | Event::Undone { .. }
        | Event::Reminded { .. }
        | Event::Escalated { .. }
        | Event::DeliveryChanged { .. }
        | Event::Rated { .. } => None,
        Event::Filed(_)
        | Event::SupplementRequested { .. }
        | Event::Supplemented { .. }
        | Event::PaymentReversed { .. }
        | Event::RefundRecorded { .. }
        | Event::Extended { .. }
        | Event::Transferred { .. }
        | Event::Migrated { .. }
        | Event::MessageSent { .. } => Some(event.name()),
    }
}

/// Returns the word of what the applicant is told of an action: that a payment or a step is theirs, of an appointment on
/// the spot, that the status changed, or that the appointment moved. An action that is told cannot be taken back.
/// `visits_off` is the number of visits that were called off before.
pub fn notice_of_advance(
    advanced: &Advanced,
    status: NationalStatus,
    whole: &Clock,
    visits_off: usize,
    after: &Dossier,
) -> Option<&'static str> {
    if advanced.begins.iter().any(|begun| begun.payment_until.is_some()) {
        return Some("payment-requested");
    }
    if advanced.begins.iter().any(|begun| begun.at.role == Role::Applicant) {
        return Some("step-requested");
    }
    match &advanced.visit {
        Some(SiteVisitChange::CalledOff) => return Some("visit-called-off"),
        Some(SiteVisitChange::Planned(visit)) => {
            let is_moved = after.site_visit(visit).is_some_and(|known| known.moved_from.is_some());
            return Some(if is_moved { "visit-moved" } else { "visit-made" });
        }
        None if after.site_visits_off() > visits_off => return Some("visit-called-off"),
        None => {}
    }
    match after.status() {
        same if same == status => appointment_moves(whole, after).then_some("resumed"),
        NationalStatus::Processed if after.owed() > Dong(0) => Some("result-unpaid"),
        NationalStatus::Processed => Some("result-ready"),
        _ => Some("advanced"),
    }
}

/// Returns whether the office promises another appointment than the clock `whole` did before.
fn appointment_moves(whole: &Clock, after: &Dossier) -> bool {
    let promised = after.flow.whole.due().filter(|_| after.flow.processed_at.is_none());
    promised.is_some_and(|due| whole.due() != Some(due))
}

/// Returns whether the content of an entry is for the applicant, too. It is if the applicant acted, or if it is addressed
/// to them. What moves within the house is not: it has the names of officers, their answers, and drafts of results.
pub fn is_for_applicant(recorded: &Recorded) -> bool {
    let own = matches!(recorded.actor, ActorRef::Applicant { .. });
    let is_addressed = match &recorded.event {
        Event::Advanced(advanced) => own && advanced.begins.iter().all(|begun| begun.assignee.is_none()),
        Event::Ended { answers, .. } => own || answers.is_empty(),
        Event::Assigned { .. } | Event::Undone { .. } | Event::Reminded { .. } | Event::Escalated { .. } => false,
        Event::Filed(_)
        | Event::SupplementRequested { .. }
        | Event::Supplemented { .. }
        | Event::PaymentRecorded { .. }
        | Event::PaymentReversed { .. }
        | Event::RefundRecorded { .. }
        | Event::LateAnnounced { .. }
        | Event::ExpiryAnnounced { .. }
        | Event::Extended { .. }
        | Event::Rescheduled { .. }
        | Event::Transferred { .. }
        | Event::Migrated { .. }
        | Event::DeliveryChanged { .. }
        | Event::MessageSent { .. }
        | Event::Rated { .. } => true,
    };
    is_addressed && recorded.event.internal_note().is_none() && recorded.choices.is_empty()
}
