//! The table of commands: the file of each command decides its event or its refusal.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::command::Command;
use crate::dossier::commands::{
    act, announce_late, elapse, escalate, give, lapse, message, migrate, pay, rate, release, remind, reschedule,
    return_to_post, supplement, take, transfer, undo, withdraw,
};
use crate::dossier::event::Event;
use crate::dossier::refusal::Refusal;
use crate::people::access::acting_for;
use crate::people::organisation::{Actor, ActorRef};
use jiff::Timestamp;

pub use crate::dossier::case::{LONGEST_MESSAGE, Rules};
pub use crate::dossier::commands::act::is_open;
pub use crate::dossier::commands::file::decide as decide_filing;
pub use crate::dossier::commands::message::MOST_MESSAGES;
pub use crate::dossier::completeness::{computed, findings, owed};

/// Returns the event of `command`. A refusal changes nothing.
pub fn decide(
    rules: Rules<'_>,
    dossier: &Dossier,
    actor: &Actor,
    command: Command,
    now: Timestamp,
) -> Result<Event, Refusal> {
    let case = Case { rules, dossier, now };
    match command {
        Command::Act(act) => act::decide(case, actor, *act),
        Command::Supplement { version, typed, papers, verdicts } => {
            supplement::decide(case, actor, &version, &typed, papers, verdicts)
        }
        Command::Withdraw { reason } => withdraw::decide(case, actor, reason),
        Command::Lapse => lapse::decide(case, actor),
        Command::RecordPayment(payment) => pay::decide(case, actor, payment),
        Command::SendMessage { text } => message::decide(case, actor, text),
        Command::Rate(rating) => rate::decide(case, actor, rating),
        Command::Take { stay, seen } => take::decide(case, actor, stay, seen),
        Command::Give { stay, seen, to, note } => give::decide(case, actor, stay, seen, to, note),
        Command::Release { stay, seen } => release::decide(case, actor, stay, seen),
        Command::ReturnToPost { stay, reason, staff } => return_to_post::decide(case, actor, stay, reason, &staff),
        Command::Undo { seen } => undo::decide(case, actor, seen),
        Command::Elapse { stay, staff } => elapse::decide(case, actor, stay, staff),
        Command::Remind { stay } => remind::decide(case, actor, stay),
        Command::Escalate { stay } => escalate::decide(case, actor, stay),
        Command::AnnounceLate => announce_late::decide(case, actor),
        Command::Reschedule { reason } => reschedule::decide(case, actor, reason),
        Command::Transfer { reason, moves } => transfer::decide(case, actor, reason, moves),
        Command::Migrate { reason, from, version, steps } => {
            migrate::decide(case, actor, reason, (&from, version), &steps)
        }
    }
}

/// Returns the journal's reference to the person who gives the command. A deputy acts for the officer whose step it is.
pub fn reference(dossier: &Dossier, actor: &Actor, command: &Command) -> ActorRef {
    let stay = command.stay(dossier);
    actor.reference_for(stay.and_then(|stay| acting_for(actor, dossier.subject_at(stay))))
}
