//! The notice that tells the applicant of an event.

use crate::dossier::event::{Advanced, Event, Recorded};
use crate::dossier::{Dossier, Turn};
use crate::people::organisation::ActorRef;
use crate::workflow::NationalStatus;

/// Returns the word of what the applicant is told of an event: that the dossier was filed, and what others did that
/// concerns the applicant. What moves within the house is not told, because it can still be taken back.
pub fn notice_of(recorded: &Recorded, before: Option<&Dossier>, after: &Dossier) -> Option<&'static str> {
    let event = &recorded.event;
    let own = matches!(recorded.actor, ActorRef::Applicant { .. });
    let told = match event {
        Event::Filed(_) => return Some(event.name()),
        Event::Advanced(advanced) => notice_of_advance(advanced, before, after),
        Event::Ended { outcome, .. } => Some(outcome.name()),
        Event::Rescheduled { clocks, .. } => {
            let is_same = before.is_some_and(|before| {
                before.flow.whole == clocks.whole && before.turn().applicant_until() == after.turn().applicant_until()
            });
            (!is_same).then(|| event.name())
        }
        Event::Assigned { .. } | Event::Undone { .. } | Event::Reminded { .. } | Event::Escalated { .. } => None,
        Event::SupplementRequested { .. }
        | Event::Supplemented { .. }
        | Event::PaymentRecorded { .. }
        | Event::Transferred { .. }
        | Event::Migrated { .. }
        | Event::MessageSent { .. }
        | Event::Rated { .. } => Some(event.name()),
    };
    told.filter(|_| !own)
}

/// Returns the word of what the applicant is told of an action, if the status changed with it.
fn notice_of_advance(advanced: &Advanced, before: Option<&Dossier>, after: &Dossier) -> Option<&'static str> {
    let status = after.status();
    if before.is_some_and(|before| before.status() == status) {
        return None;
    }
    let asks_payment = advanced.begins.iter().any(|begun| begun.payment_until.is_some());
    Some(match after.turn() {
        _ if asks_payment => "payment-requested",
        Turn::Applicant { .. } => "step-requested",
        Turn::Office | Turn::Supplement { .. } | Turn::Payment { .. } | Turn::Ended => {
            if status == NationalStatus::Processed { "result-ready" } else { "advanced" }
        }
    })
}
