//! # Reverse a payment
//!
//! The counter takes back the record of a payment that was recorded by mistake: at the wrong dossier, of the wrong amount
//! or with the wrong number. The payment and its number stay in the journal, and the amount is owed again. A step that
//! went on after the payment does not go back, but an action that requires the fee is closed again. Money that was really
//! paid is not reversed; a refund pays it back.
//!
//! - Given by: an officer at the counter, also after the dossier has ended, and never for themself.
//! - Refused: without a reason, for a payment that does not exist or was reversed, and if the agency no longer has the
//!   amount, because it was paid back.
//! - Event: `payment-reversed`. The applicant is told.

use crate::dossier::Dossier;
use crate::dossier::case::{Case, LONGEST_MESSAGE};
use crate::dossier::event::{Event, MoneyMovement, PaymentReversal, Recorded};
use crate::dossier::flow::UnreadableDossier;
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::ReversePayment;

/// Decides on the reversal of a payment.
pub fn decide(case: Case<'_>, actor: &Actor, entry: u32, reason: String) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let reason = reason.trim().to_owned();
    let payment = case.dossier.reversible(entry).ok_or(Refusal::NothingToReverse)?;
    if case.dossier.kept() < payment.amount {
        return Err(Refusal::PaidBackAlready);
    }
    if reason.is_empty() {
        return Err(Refusal::NoteMissing);
    }
    if reason.chars().count() > LONGEST_MESSAGE {
        return Err(Refusal::BadMessage { max: LONGEST_MESSAGE });
    }
    Ok(Event::PaymentReversed { entry, reason })
}

/// Applies [`Event::PaymentReversed`].
pub fn apply(dossier: &mut Dossier, recorded: &Recorded, entry: u32, reason: &str) -> Result<(), UnreadableDossier> {
    let reversal = PaymentReversal {
        entry: dossier.version + 1,
        at: recorded.at,
        by: recorded.actor.clone(),
        reason: reason.to_owned(),
    };
    let mut payments = dossier.payments.iter_mut();
    let payment = payments.find(|payment| payment.entry == entry && payment.counts());
    payment.ok_or(UnreadableDossier::NoPayment(entry))?.reversed = Some(reversal);
    Ok(())
}

impl Dossier {
    /// Returns whether `actor` may reverse the payment of an entry now.
    pub fn may_reverse_payment(&self, actor: &Actor, entry: u32) -> bool {
        let is_kept = |payment: &MoneyMovement| self.kept() >= payment.amount;
        self.lets(actor, RIGHT) && self.reversible(entry).is_some_and(is_kept)
    }

    /// Returns the payment of an entry, unless it was reversed.
    fn reversible(&self, entry: u32) -> Option<&MoneyMovement> {
        self.payments.iter().find(|payment| payment.entry == entry && payment.counts())
    }
}
