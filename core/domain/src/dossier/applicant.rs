//! Commands that concern the applicant beside the workflow: supplements, payments, withdrawals, lapses, messages and
//! ratings.

use crate::access::Deed;
use crate::dossier::case::{Case, LONGEST_MESSAGE, message};
use crate::dossier::clocks::{clocks_after, same_clocks};
use crate::dossier::event::{Event, Outcome, Payment, Rating};
use crate::dossier::filing::complete;
use crate::dossier::flow::{Stay, Wait};
use crate::dossier::refusal::Refusal;
use crate::dossier::verdict::Verdict;
use crate::dossier::{Dossier, Turn};
use crate::media::AttachedPaper;
use crate::money::Dong;
use crate::organisation::{Actor, ActorRef};
use serde_json::{Map, Value as Json};

/// The most messages that an applicant writes in one dossier. The limit exists because every reader reads all of them.
pub const MOST_MESSAGES: usize = 200;

/// Returns whether the stay waits for what the office asked the applicant for.
const fn waits_for_supplement(stay: &Stay) -> bool {
    matches!(stay.waits, Some(Wait::Supplement { .. }))
}

/// The conditions of the commands beside the workflow. [`crate::dossier::decide::decide`] asks the same conditions, so
/// that a page offers only commands that are accepted.
impl Dossier {
    /// Returns whether `actor` may withdraw the application now.
    pub fn may_withdraw(&self, actor: &Actor) -> bool {
        self.lets(actor, Deed::Withdraw) && self.can_be_withdrawn().is_ok()
    }

    /// Returns whether `actor` may rate the service now.
    pub fn may_rate(&self, actor: &Actor) -> bool {
        self.lets(actor, Deed::Rate) && self.can_be_rated().is_ok()
    }

    /// Returns whether `actor` may give what the office asked for now, whatever else is awaited.
    pub fn may_supplement(&self, actor: &Actor) -> bool {
        self.lets(actor, Deed::Supplement) && self.can_be_supplemented().is_ok()
    }

    /// Returns whether `actor` may record the payment of what is owed now.
    pub fn may_record_payment(&self, actor: &Actor) -> bool {
        self.lets(actor, Deed::RecordPayment) && self.can_be_paid().is_ok()
    }

    /// Refuses a withdrawal once there is a result.
    const fn can_be_withdrawn(&self) -> Result<(), Refusal> {
        if self.has_ended() {
            return Err(Refusal::Ended);
        }
        if self.flow.processed_at.is_some() {
            return Err(Refusal::AlreadyProcessed);
        }
        Ok(())
    }

    /// Refuses a rating before the end, and a second one.
    const fn can_be_rated(&self) -> Result<(), Refusal> {
        if !self.has_ended() {
            return Err(Refusal::NotEnded);
        }
        if self.rating.is_some() {
            return Err(Refusal::RatedAlready);
        }
        Ok(())
    }

    /// Refuses a supplement that no open stay waits for.
    fn can_be_supplemented(&self) -> Result<(), Refusal> {
        if self.flow.stays.iter().any(waits_for_supplement) {
            return Ok(());
        }
        Err(if self.has_ended() { Refusal::Ended } else { Refusal::NothingAwaited })
    }

    /// Returns what is owed, and refuses a payment if that is nothing.
    fn can_be_paid(&self) -> Result<Dong, Refusal> {
        if self.has_ended() {
            return Err(Refusal::Ended);
        }
        Some(self.owed()).filter(|owed| *owed != Dong(0)).ok_or(Refusal::NothingOwed)
    }
}

impl Case<'_> {
    /// Supplies the answers and papers that the office asked for.
    pub fn supplement(
        &self,
        typed: &Map<String, Json>,
        papers: Vec<AttachedPaper>,
        verdicts: Vec<Verdict>,
    ) -> Result<Event, Refusal> {
        self.dossier.can_be_supplemented()?;
        let values = complete(self.rules, typed, &papers, &verdicts, self.now)?;
        let clocks = clocks_after(*self, |stay| stay.waits.is_some() && !waits_for_supplement(stay))?;
        Ok(Event::Supplemented { values, papers, verdicts, clocks })
    }

    /// Withdraws the application, as long as there is no result.
    pub fn withdraw(&self, reason: String) -> Result<Event, Refusal> {
        self.dossier.can_be_withdrawn()?;
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
            clocks: same_clocks(*self),
        }
    }

    /// Ends a dossier whose applicant let a limit pass.
    pub fn lapse(&self) -> Result<Event, Refusal> {
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

    /// Records the payment of the amount owed.
    pub fn record_payment(&self, payment: Payment) -> Result<Event, Refusal> {
        let owed = self.dossier.can_be_paid()?;
        if payment.amount != owed {
            return Err(Refusal::WrongAmount { owed });
        }
        if payment.receipt.trim().is_empty() || payment.receipt.chars().count() > 64 {
            return Err(Refusal::ReceiptMissing);
        }
        let clocks = clocks_after(*self, waits_for_supplement)?;
        Ok(Event::PaymentRecorded { payment, clocks })
    }

    /// Sends a message to the applicant or the office.
    pub fn send_message(&self, actor: &Actor, text: String) -> Result<Event, Refusal> {
        let of_applicant = |from: &ActorRef| matches!(from, ActorRef::Applicant { .. });
        let sent = self.dossier.messages.iter().filter(|message| of_applicant(&message.from)).count();
        if of_applicant(&actor.reference()) && sent >= MOST_MESSAGES {
            return Err(Refusal::TooManyMessages { max: MOST_MESSAGES });
        }
        Ok(Event::MessageSent { text: message(text)? })
    }

    /// Rates the service, once the dossier has ended.
    pub fn rate(&self, rating: Rating) -> Result<Event, Refusal> {
        self.dossier.can_be_rated()?;
        if rating.points.iter().any(|points| *points > 2) || rating.text.chars().count() > LONGEST_MESSAGE {
            return Err(Refusal::BadRating);
        }
        Ok(Event::Rated { rating })
    }
}
