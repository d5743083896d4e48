//! # Send a message
//!
//! The applicant writes to the office, or an officer writes to the applicant. A message may have files, which belong to
//! the dossier from then on. It changes no step and no time. Only a refusal of the application waits until the officer
//! has seen the last message of the applicant.
//!
//! - Given by: the applicant whose dossier it is, an officer of a unit that takes part in it, or the deputy of an
//!   officer on leave who has a step of it. The dossier may have ended.
//! - Refused: if the message is empty or too long or has too many files, and after too many messages of the applicant.
//! - Event: `message-sent`. The applicant is told of a message of the office.

use crate::dossier::case::{Case, attached, message};
use crate::dossier::event::{Event, Recorded};
use crate::dossier::refusal::Refusal;
use crate::dossier::{Dossier, Message};
use crate::media::StoredFile;
use crate::people::access::Deed;
use crate::people::organisation::{Actor, ActorRef};
use jiff::civil::Date;

/// The right that the command needs.
const RIGHT: Deed = Deed::SendMessage;

/// The most messages that an applicant writes in one dossier. The limit exists because every reader reads all of them.
pub const MOST_MESSAGES: usize = 200;

/// Decides on a message to the applicant or to the office.
pub fn decide(case: Case<'_>, actor: &Actor, text: String, files: Vec<StoredFile>) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let sent = case.dossier.messages.iter().filter(|message| is_of_applicant(&message.from)).count();
    if is_of_applicant(&actor.reference()) && sent >= MOST_MESSAGES {
        return Err(Refusal::TooManyMessages { max: MOST_MESSAGES });
    }
    Ok(Event::MessageSent { text: message(text)?, promised: None, files: attached(files)? })
}

/// Applies [`Event::MessageSent`].
pub fn apply(dossier: &mut Dossier, recorded: &Recorded, text: &str, promised: Option<Date>, files: &[StoredFile]) {
    let (from, version) = (recorded.actor.clone(), dossier.version + 1);
    let message = Message { at: recorded.at, from, text: text.to_owned(), promised, files: files.to_vec(), version };
    dossier.messages.push(message);
    if is_of_applicant(&recorded.actor) {
        dossier.heard = dossier.version + 1;
    }
}

const fn is_of_applicant(from: &ActorRef) -> bool {
    matches!(from, ActorRef::Applicant { .. })
}
