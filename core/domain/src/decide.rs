//! What follows from a command: events, or a refusal. The heart of the portal.

use crate::access::{Deed, acting_for};
use crate::case::{Case, message};
use crate::command::{Command, Refusal};
use crate::dossier::{Dossier, Stay, Turn, Wait};
use crate::event::{Event, Outcome, Payment, Rating};
use crate::filing::complete;
use crate::media::AttachedPaper;
use crate::money::Dong;
use crate::organisation::{Actor, ActorRef};
use crate::verdict::Verdict;
use crate::workflow::Action;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

pub use crate::case::{LONGEST_MESSAGE, Rules};
pub use crate::filing::{computed, decide_filing, findings, owed};

/// The most messages that an applicant writes in one dossier: everybody who opens it reads them all.
pub const MOST_MESSAGES: usize = 200;

/// The event that follows from `command`; a refusal changes nothing.
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
                    case.at_step(actor, Deed::ActOnStep, stay)?;
                    case.act(stay, *act)
                }
                // Only a person who could have acted is told what has changed.
                Err(_) if !case.could_act(actor, &act) => Err(Refusal::NotAllowed),
                Err(_) if act.seen != dossier.version => Err(Refusal::Changed),
                Err(refusal) => Err(refusal),
            }
        }
        Command::Supplement { typed, papers, verdicts } => {
            whole(Deed::Supplement)?;
            case.supplement(&typed, papers, verdicts)
        }
        Command::Withdraw { reason } => {
            whole(Deed::Withdraw)?;
            case.withdraw(reason)
        }
        Command::Lapse => {
            whole(Deed::Lapse)?;
            case.lapse()
        }
        Command::RecordPayment(payment) => {
            whole(Deed::RecordPayment)?;
            case.record_payment(payment)
        }
        Command::SendMessage { text } => {
            whole(Deed::SendMessage)?;
            let of_applicant = |from: &ActorRef| matches!(from, ActorRef::Applicant { .. });
            let sent = dossier.messages.iter().filter(|message| of_applicant(&message.from)).count();
            if of_applicant(&actor.reference()) && sent >= MOST_MESSAGES {
                return Err(Refusal::TooManyMessages { max: MOST_MESSAGES });
            }
            Ok(Event::MessageSent { text: message(text)? })
        }
        Command::Rate(rating) => {
            whole(Deed::Rate)?;
            case.rate(rating)
        }
        Command::Take { stay, seen } => case.take(actor, stay, seen),
        Command::Give { stay, seen, to, note } => case.give(actor, stay, seen, to, note),
        Command::Release { stay, seen } => case.release(actor, stay, seen),
        Command::Undo { seen } => {
            whole(Deed::Undo)?;
            case.undo(actor, seen)
        }
        Command::Elapse { stay, staff } => {
            whole(Deed::Tend)?;
            case.elapse(stay, staff)
        }
        Command::Remind { stay } => {
            whole(Deed::Tend)?;
            case.remind(stay)
        }
        Command::Escalate { stay } => {
            whole(Deed::Tend)?;
            case.escalate(stay)
        }
        Command::Reschedule { reason } => {
            whole(Deed::Tend)?;
            case.reschedule(reason)
        }
        Command::Transfer { reason, moves } => {
            whole(Deed::MoveDossiers)?;
            case.transfer(reason, moves)
        }
        Command::Migrate { reason, version, steps } => {
            whole(Deed::MoveDossiers)?;
            case.migrate(reason, version, &steps)
        }
    }
}

/// Returns how the journal names the person who gives the command: a deputy acts for the officer whose step it is.
pub fn reference(dossier: &Dossier, actor: &Actor, command: &Command) -> ActorRef {
    let stay = match command {
        Command::Act(act) => dossier.flow.stay(act.stay),
        Command::Take { stay, .. } | Command::Give { stay, .. } | Command::Release { stay, .. } => {
            dossier.flow.stay(Some(*stay))
        }
        _ => None,
    };
    actor.reference_for(stay.and_then(|stay| acting_for(actor, dossier.subject_at(stay))))
}

/// Whether a person can take an action at a stay of the dossier, as far as its conditions go.
pub fn is_open(rules: Rules<'_>, dossier: &Dossier, stay: &Stay, action: &Action) -> bool {
    // No condition looks at the time.
    let case = Case { rules, dossier, now: Timestamp::UNIX_EPOCH };
    action.is_for_people() && case.is_open(stay, action)
}

impl Case<'_> {
    fn supplement(
        &self,
        typed: &Map<String, Json>,
        papers: Vec<AttachedPaper>,
        verdicts: Vec<Verdict>,
    ) -> Result<Event, Refusal> {
        let answers = |stay: &Stay| matches!(stay.waits, Some(Wait::Supplement { .. }));
        if !self.dossier.flow.stays.iter().any(answers) {
            return Err(if self.dossier.has_ended() { Refusal::Ended } else { Refusal::NothingAwaited });
        }
        let values = complete(self.rules, typed, &papers, &verdicts, self.now)?;
        let clocks = self.clocks_after(|stay| stay.waits.is_some() && !answers(stay))?;
        Ok(Event::Supplemented { values, papers, verdicts, clocks })
    }

    fn withdraw(&self, reason: String) -> Result<Event, Refusal> {
        if self.dossier.has_ended() {
            return Err(Refusal::Ended);
        }
        if self.dossier.flow.processed_at.is_some() {
            return Err(Refusal::AlreadyProcessed);
        }
        let reason = message(reason).map_err(|_| Refusal::NoteMissing)?;
        Ok(self.ended(Outcome::Withdrawn, reason))
    }

    fn ended(&self, outcome: Outcome, reason: String) -> Event {
        Event::Ended {
            stay: None,
            action: None,
            outcome,
            reason,
            result: None,
            answers: Map::new(),
            clocks: self.same_clocks(),
        }
    }

    fn lapse(&self) -> Result<Event, Refusal> {
        let until = match self.dossier.turn() {
            Turn::Supplement { until } | Turn::Payment { until } => until,
            Turn::Ended => return Err(Refusal::Ended),
            Turn::Office | Turn::Applicant { .. } => return Err(Refusal::NothingAwaited),
        };
        if self.now <= until {
            return Err(Refusal::TimeLeft);
        }
        Ok(self.ended(Outcome::Lapsed, String::new()))
    }

    fn record_payment(&self, payment: Payment) -> Result<Event, Refusal> {
        if self.dossier.has_ended() {
            return Err(Refusal::Ended);
        }
        let owed = self.dossier.owed();
        if owed == Dong(0) {
            return Err(Refusal::NothingOwed);
        }
        if payment.amount != owed {
            return Err(Refusal::WrongAmount { owed });
        }
        if payment.receipt.trim().is_empty() || payment.receipt.chars().count() > 64 {
            return Err(Refusal::ReceiptMissing);
        }
        let clocks = self.clocks_after(|stay| matches!(stay.waits, Some(Wait::Supplement { .. })))?;
        Ok(Event::PaymentRecorded { payment, clocks })
    }

    fn rate(&self, rating: Rating) -> Result<Event, Refusal> {
        if !self.dossier.has_ended() {
            return Err(Refusal::NotEnded);
        }
        if self.dossier.rating.is_some() {
            return Err(Refusal::RatedAlready);
        }
        if rating.points.iter().any(|points| *points > 2) || rating.text.chars().count() > LONGEST_MESSAGE {
            return Err(Refusal::BadRating);
        }
        Ok(Event::Rated { rating })
    }
}
