//! # Apologise
//!
//! An officer apologises in writing for a late dossier, says why, and names a new day for the result, as Decree
//! 61/2018 wants it. The apology is a message to the applicant. The due times and the figures stay as they are, because
//! the dossier is late.
//!
//! - Given by: an officer who may write to the applicant.
//! - Refused: to the applicant, while the office is not late, with a day that is not in the future, and if the message is
//!   empty or too long or has too many files.
//! - Event: `message-sent`, with the new day. The applicant is told of an apology.
//!   [`crate::dossier::command::message`] applies the event.

use crate::dossier::case::{Case, attached, message};
use crate::dossier::event::Event;
use crate::dossier::refusal::Refusal;
use crate::dossier::{Dossier, Message, Turn};
use crate::media::StoredFile;
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use crate::time::calendar::local;
use jiff::Timestamp;
use jiff::civil::Date;

/// The right that the command needs.
const RIGHT: Deed = Deed::SendMessage;

/// Decides on an apology with a new day for the result.
pub fn decide(
    case: Case<'_>,
    actor: &Actor,
    text: String,
    promised: Date,
    files: Vec<StoredFile>,
) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    if !matches!(actor, Actor::Officer { .. }) {
        return Err(Refusal::NotAllowed);
    }
    if case.dossier.late_since(case.now).is_none() || promised <= local(case.now).date() {
        return Err(Refusal::BadPromise);
    }
    Ok(Event::MessageSent { text: message(text)?, promised: Some(promised), files: attached(files)? })
}

impl Dossier {
    /// Returns whether `actor` may apologise and name a new day now.
    pub fn may_apologise(&self, actor: &Actor, now: Timestamp) -> bool {
        matches!(actor, Actor::Officer { .. }) && self.lets(actor, RIGHT) && self.late_since(now).is_some()
    }

    /// Returns the appointment that passed without a result, if the office is late with it now. Nobody is late while the
    /// applicant has to act, and once the result exists.
    pub fn late_since(&self, now: Timestamp) -> Option<Timestamp> {
        let whole = &self.flow.whole;
        let due = whole.due().filter(|_| whole.runs_late(now))?;
        (self.turn() == Turn::Office && self.flow.processed_at.is_none()).then_some(due)
    }

    /// Returns the last apology with a new day for the result.
    pub fn apology(&self) -> Option<(&Message, Date)> {
        self.messages.iter().rev().find_map(|message| Some((message, message.promised?)))
    }
}
