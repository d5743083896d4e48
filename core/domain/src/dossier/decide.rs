//! The decision on a command: its event, or its refusal. [`Command`] has the table of the files that decide.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::command::Command;
use crate::dossier::event::Event;
use crate::dossier::refusal::Refusal;
use crate::expression::{Expression, RuleFault};
use crate::people::access::acting_for;
use crate::people::organisation::{Actor, ActorRef};
use crate::workflow::Step;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

pub use crate::dossier::case::{LONGEST_MESSAGE, MOST_MESSAGE_FILES, Rules};
pub use crate::dossier::command::act::is_open;
pub use crate::dossier::command::extend::FAULT_DAYS;
pub use crate::dossier::command::file::decide as decide_filing;
pub use crate::dossier::command::file::may_receive;
pub use crate::dossier::command::message::MOST_MESSAGES;
pub use crate::dossier::completeness::{GivenPapers, computed, findings, owed};

/// Returns the event of `command`. A refusal changes nothing.
pub fn decide(
    rules: Rules<'_>,
    dossier: &Dossier,
    actor: &Actor,
    command: Command,
    now: Timestamp,
) -> Result<Event, Refusal> {
    command.decide(Case { rules, dossier, now }, actor)
}

/// Returns whether a condition of a step holds for the answers of a dossier and of its officers, of which `answers` are
/// given at the step, or nothing if it cannot be evaluated.
pub fn holds(
    rules: Rules<'_>,
    dossier: &Dossier,
    step: &Step,
    condition: &Expression,
    answers: &Map<String, Json>,
) -> Option<bool> {
    // No condition reads the time.
    Case { rules, dossier, now: Timestamp::UNIX_EPOCH }.holds(condition, step, answers).ok()
}

/// Returns whether a condition of the workflow holds for everything that was answered so far.
pub fn holds_now(rules: Rules<'_>, dossier: &Dossier, condition: &Expression) -> Result<bool, RuleFault> {
    // No condition reads the time.
    Case { rules, dossier, now: Timestamp::UNIX_EPOCH }.holds_now(condition)
}

/// Returns the journal's reference to the person who gives the command. A deputy acts for the officer whose step it is.
pub fn reference(dossier: &Dossier, actor: &Actor, command: &Command) -> ActorRef {
    let stay = command.stay(dossier);
    actor.reference_for(stay.and_then(|stay| acting_for(actor, dossier.subject_at(stay))))
}
