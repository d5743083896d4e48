//! # Record a refund
//!
//! The counter records that the agency paid money back to the applicant, in cash or by a transfer, with the number of
//! the voucher or of the transaction. Cash without a number gets the next one of the agency's book of vouchers. A supplement that lowers the fees leaves a difference that has to be paid back, and
//! a deposit goes back with the end of the dossier, unless the agency keeps it with this outcome. If a dossier ended
//! without a decision, the service was not rendered, and everything that was paid can be paid back, but for a deposit
//! that the agency keeps.
//!
//! - Given by: an officer at the counter, also after the dossier has ended, and never to themself.
//! - Refused: if nothing is to be paid back, if the amount is nothing or more than that, and without the number
//!   of a transfer.
//! - Event: `refund-recorded`. The applicant is told.

use crate::dossier::Dossier;
use crate::dossier::case::{Case, check_receipt};
use crate::dossier::event::{Event, Recorded, Refund};
use crate::dossier::refusal::Refusal;
use crate::money::Dong;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::RecordRefund;

/// Decides on an amount that was paid back.
pub fn decide(case: Case<'_>, actor: &Actor, refund: Refund) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let most = case.dossier.can_be_refunded()?;
    if refund.amount <= Dong(0) || refund.amount > most {
        return Err(Refusal::WrongRefund { most });
    }
    check_receipt(refund.method, &refund.receipt)?;
    Ok(Event::RefundRecorded { refund })
}

/// Applies [`Event::RefundRecorded`].
pub fn apply(dossier: &mut Dossier, recorded: &Recorded, refund: &Refund) {
    let movement = dossier.movement(recorded, refund.amount, refund.method, &refund.receipt);
    dossier.refunds.push(movement);
}

impl Dossier {
    /// Returns whether `actor` may record that money was paid back now.
    pub fn may_record_refund(&self, actor: &Actor) -> bool {
        self.lets(actor, RIGHT) && self.can_be_refunded().is_ok()
    }

    /// Returns the amount that a refund proposes, if there is any: what the agency has to pay back by the rules of its fees
    /// and deposits. Whether more is paid back after an end without a decision, such as a silence, is up to the agency and
    /// the law of the fee.
    pub fn proposed_refund(&self) -> Option<Dong> {
        Some(self.to_pay_back()).filter(|due| *due > Dong(0))
    }

    /// Returns the most that can be paid back, and refuses a refund if that is nothing.
    fn can_be_refunded(&self) -> Result<Dong, Refusal> {
        Some(self.refundable()).filter(|most| *most > Dong(0)).ok_or(Refusal::NothingToPayBack)
    }
}
