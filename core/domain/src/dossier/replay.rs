//! The table of events: the file of the command that makes an event applies it. A file below the commands applies the
//! events that several commands make.

use crate::dossier::Dossier;
use crate::dossier::command::{
    announce_expiry, announce_late, change_delivery, escalate, extend, file, message, migrate, pay, rate, refund,
    remind, reschedule, reverse_payment, supplement, transfer, undo,
};
use crate::dossier::event::{Channel, Event, Recorded};
use crate::dossier::flow::{DossierEnd, UnreadableDossier};
use crate::dossier::{effect, ending, staff};
use crate::people::organisation::ActorRef;

impl Dossier {
    /// Returns the state after these events.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Result<Self, UnreadableDossier> {
        let mut events = events.into_iter();
        let first = events.next().ok_or(UnreadableDossier::NotFiled)?;
        let Event::Filed(filed) = &first.event else { return Err(UnreadableDossier::NotFiled) };
        let mut dossier = file::apply(filed.as_ref().clone(), first.at);
        for event in events {
            dossier.apply(event)?;
        }
        Ok(dossier)
    }

    /// Applies the next event. It decides nothing, because the event contains every decision.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), UnreadableDossier> {
        match &recorded.event {
            Event::Filed(_) => return Err(UnreadableDossier::FiledTwice),
            Event::Advanced(advanced) => effect::apply_advanced(self, recorded, advanced)?,
            Event::SupplementRequested { stay, request, clocks, .. } => {
                effect::apply_request(self, recorded, *stay, request, clocks)?;
            }
            Event::Supplemented { values, papers, verdicts, fees, limit: _, channel, on_paper, clocks } => {
                let content = supplement::SupplementContent { values, papers, verdicts, fees: fees.as_deref() };
                if *channel == Channel::Counter {
                    supplement::receive(self, recorded, papers, on_paper);
                }
                supplement::apply(self, recorded.at, content, clocks)?;
            }
            Event::PaymentRecorded { payment, clocks } => pay::apply(self, recorded, payment, clocks)?,
            Event::PaymentReversed { entry, reason } => reverse_payment::apply(self, recorded, *entry, reason)?,
            Event::RefundRecorded { refund } => refund::apply(self, recorded, refund),
            Event::Ended {
                stay,
                action,
                outcome,
                reason,
                internal_note,
                result,
                answers,
                issued,
                silence: _,
                receiver,
                clocks,
            } => {
                let (reason, result, issued) = (reason.clone(), result.clone(), issued.clone());
                let receiver = receiver.clone();
                let end = DossierEnd { outcome: *outcome, reason, at: recorded.at, result, issued, receiver };
                let note = internal_note.as_ref();
                ending::apply(self, recorded, (*stay, action.as_ref()), end, note, answers, clocks)?;
            }
            Event::Assigned { stay, assignee, .. } => staff::apply(self, *stay, assignee.as_ref())?,
            Event::Undone { .. } => undo::apply(self)?,
            Event::Reminded { stay } => remind::apply(self, *stay)?,
            Event::Escalated { stay, .. } => escalate::apply(self, *stay)?,
            Event::LateAnnounced { due } => announce_late::apply(self, *due),
            Event::ExpiryAnnounced { .. } => announce_expiry::apply(self),
            Event::Extended { version, clocks, .. } => extend::apply(self, version, clocks)?,
            Event::Rescheduled { clocks, timers, .. } => reschedule::apply(self, recorded, clocks, timers)?,
            Event::Transferred { moves, .. } => transfer::apply(self, moves),
            Event::Migrated { version, steps, stays, clocks, .. } => {
                migrate::apply(self, version, steps, stays, clocks)?;
            }
            Event::DeliveryChanged { post } => change_delivery::apply(self, post.as_deref()),
            Event::MessageSent { text, promised, files } => message::apply(self, recorded, text, *promised, files),
            Event::Rated { rating } => rate::apply(self, rating),
        }
        self.version += 1;
        // The first appointment is the one on the receipt, even if no calendar knew it when the dossier was filed.
        self.appointment = self.appointment.or_else(|| self.flow.whole.due());
        if answers(recorded) {
            self.answered = self.version;
        }
        Ok(())
    }
}

/// Returns whether an officer did something by which the messages of the applicant count as read.
const fn answers(recorded: &Recorded) -> bool {
    let is_answer = match &recorded.event {
        Event::MessageSent { .. } | Event::Advanced(_) | Event::SupplementRequested { .. } | Event::Ended { .. } => {
            true
        }
        Event::Filed(_)
        | Event::Supplemented { .. }
        | Event::PaymentRecorded { .. }
        | Event::PaymentReversed { .. }
        | Event::RefundRecorded { .. }
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
        | Event::Rated { .. } => false,
    };
    is_answer && matches!(recorded.actor, ActorRef::Officer { .. })
}
