//! The table of commands: the right that each command needs, and the module that decides its event or refusal.

use crate::access::{Deed, acting_for};
use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::command::Command;
use crate::dossier::commands::{
    escalate, give, lapse, message, migrate, pay, rate, release, remind, reschedule, supplement, take, transfer, undo,
    withdraw,
};
use crate::dossier::event::Event;
use crate::dossier::flow::Stay;
use crate::dossier::refusal::Refusal;
use crate::organisation::{Actor, ActorRef};
use crate::workflow::Action;
use jiff::Timestamp;

pub use crate::dossier::case::{LONGEST_MESSAGE, Rules};
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
    let whole = |deed| if dossier.lets(actor, deed) { Ok(()) } else { Err(Refusal::NotAllowed) };
    match command {
        Command::Act(act) => {
            match case.stay(act.stay).and_then(|stay| case.seen(act.seen, stay)) {
                Ok(stay) => {
                    case.permit_at(actor, Deed::ActOnStep, stay)?;
                    case.act(stay, *act)
                }
                // Only a person who could have acted learns of the change.
                Err(_) if !case.could_act(actor, &act) => Err(Refusal::NotAllowed),
                Err(_) if act.seen != dossier.version => Err(Refusal::Changed),
                Err(refusal) => Err(refusal),
            }
        }
        Command::Supplement { typed, papers, verdicts } => supplement::decide(case, actor, &typed, papers, verdicts),
        Command::Withdraw { reason } => withdraw::decide(case, actor, reason),
        Command::Lapse => lapse::decide(case, actor),
        Command::RecordPayment(payment) => pay::decide(case, actor, payment),
        Command::SendMessage { text } => message::decide(case, actor, text),
        Command::Rate(rating) => rate::decide(case, actor, rating),
        Command::Take { stay, seen } => take::decide(case, actor, stay, seen),
        Command::Give { stay, seen, to, note } => give::decide(case, actor, stay, seen, to, note),
        Command::Release { stay, seen } => release::decide(case, actor, stay, seen),
        Command::Undo { seen } => undo::decide(case, actor, seen),
        Command::Elapse { stay, staff } => {
            whole(Deed::Tend)?;
            case.elapse(stay, staff)
        }
        Command::Remind { stay } => remind::decide(case, actor, stay),
        Command::Escalate { stay } => escalate::decide(case, actor, stay),
        Command::Reschedule { reason } => reschedule::decide(case, actor, reason),
        Command::Transfer { reason, moves } => transfer::decide(case, actor, reason, moves),
        Command::Migrate { reason, version, steps } => migrate::decide(case, actor, reason, version, &steps),
    }
}

/// Returns the journal's reference to the person who gives the command. A deputy acts for the officer whose step it is.
pub fn reference(dossier: &Dossier, actor: &Actor, command: &Command) -> ActorRef {
    let stay = match command {
        Command::Act(act) => dossier.flow.stay(act.stay),
        Command::Take { stay, .. } | Command::Give { stay, .. } | Command::Release { stay, .. } => {
            dossier.flow.stay(Some(*stay))
        }
        Command::Supplement { .. }
        | Command::Withdraw { .. }
        | Command::Lapse
        | Command::RecordPayment(_)
        | Command::SendMessage { .. }
        | Command::Rate(_)
        | Command::Undo { .. }
        | Command::Elapse { .. }
        | Command::Remind { .. }
        | Command::Escalate { .. }
        | Command::Reschedule { .. }
        | Command::Transfer { .. }
        | Command::Migrate { .. } => None,
    };
    actor.reference_for(stay.and_then(|stay| acting_for(actor, dossier.subject_at(stay))))
}

/// Returns whether the conditions of an action let a person take it at a stay of the dossier.
pub fn is_open(rules: Rules<'_>, dossier: &Dossier, stay: &Stay, action: &Action) -> bool {
    // No condition reads the time.
    let case = Case { rules, dossier, now: Timestamp::UNIX_EPOCH };
    action.is_for_people() && case.is_open(stay, action)
}
