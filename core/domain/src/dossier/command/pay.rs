//! # Record a payment
//!
//! The counter records that the applicant paid what is owed, or a part of it, in cash or by a transfer, with the number
//! of the receipt or of the transaction. Cash without a number gets the next one of the agency's book of receipts. When
//! nothing is owed any more, every step that waited for the payment goes on, and its clock runs again.
//!
//! The portal itself records a transfer that a payment gateway confirmed. The money is there, so it is recorded whatever
//! is owed, also after the end. What is too much can be paid back.
//!
//! - Given by: an officer at the counter, and the portal for a transfer over a gateway.
//! - Refused: after the dossier has ended, unless a payment was reversed, if nothing is owed, if the amount is nothing or
//!   more than that, and without the number of a transfer. The portal is refused only an amount that is nothing.
//! - Event: `payment-recorded`. The applicant is told.

use crate::dossier::Dossier;
use crate::dossier::case::{Case, check_receipt};
use crate::dossier::clocks::{clocks_after, same_clocks};
use crate::dossier::event::{Clocks, Event, MoneyMovement, Payment, PaymentMethod, Recorded};
use crate::dossier::flow::{Stay, StayWait, UnreadableDossier};
use crate::dossier::refusal::Refusal;
use crate::dossier::visit::Visit;
use crate::money::Dong;
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use crate::workflow::{Action, Effect, Requirement, Workflow};

/// The right that the command needs.
const RIGHT: Deed = Deed::RecordPayment;

/// Decides on a payment of what is owed, or of a part.
pub fn decide(case: Case<'_>, actor: &Actor, payment: Payment) -> Result<Event, Refusal> {
    // A gateway has the money already.
    let is_confirmed = *actor == Actor::System && payment.method == PaymentMethod::BankTransfer;
    case.permit(actor, if is_confirmed { Deed::Tend } else { RIGHT })?;
    let owed = if is_confirmed { case.dossier.owed() } else { case.dossier.can_be_paid()? };
    if payment.amount <= Dong(0) || (payment.amount > owed && !is_confirmed) {
        return Err(Refusal::WrongAmount { owed });
    }
    check_receipt(payment.method, &payment.receipt)?;
    let is_last = owed > Dong(0) && payment.amount >= owed && !case.dossier.has_ended();
    let clocks = if is_last { clocks_after(case, Stay::waits_for_supplement)? } else { same_clocks(case) };
    Ok(Event::PaymentRecorded { payment, clocks })
}

/// Applies [`Event::PaymentRecorded`].
pub fn apply(
    dossier: &mut Dossier,
    recorded: &Recorded,
    payment: &Payment,
    clocks: &Clocks,
) -> Result<(), UnreadableDossier> {
    dossier.undo = None;
    let movement = dossier.movement(recorded, payment.amount, payment.method, &payment.receipt);
    dossier.payments.push(movement);
    // Earlier versions of the portal stored the clock of the only stay.
    dossier.flow.set_clocks(None, clocks)?;
    if dossier.owed() == Dong(0) {
        dossier.flow.answered(|wait| matches!(wait, StayWait::Payment { .. }));
    }
    Ok(())
}

impl Dossier {
    /// Returns the amount that can be paid now, if there is any.
    pub fn payable(&self) -> Option<Dong> {
        self.can_be_paid().ok()
    }

    /// Returns whether `actor` may pay what is owed now over a payment gateway. A workflow that has not asked for the
    /// payment yet may still refuse the dossier.
    pub fn may_pay_online(&self, actor: &Actor, workflow: &Workflow) -> bool {
        self.lets(actor, Deed::PayOnline) && self.can_be_paid().is_ok() && self.asks_to_pay(workflow)
    }

    /// Returns whether `actor` may record the payment of what is owed now.
    pub fn may_record_payment(&self, actor: &Actor) -> bool {
        self.lets(actor, RIGHT) && self.can_be_paid().is_ok()
    }

    /// Returns whether the workflow has asked the applicant to pay what is owed now. A step waits for the payment or
    /// needs it, an action asked for it before, or there is a result. A workflow that never asks wants it from the
    /// beginning.
    pub fn asks_to_pay(&self, workflow: &Workflow) -> bool {
        if self.has_ended() || self.owed() == Dong(0) {
            return false;
        }
        let requests = |action: &Action| matches!(action.effect, Effect::RequestPayment { .. });
        let needs = |action: &Action| action.requires.contains(&Requirement::FeePaid);
        let waits = |stay: &Stay| {
            let is_awaited = matches!(stay.waits, Some(StayWait::Payment { .. }));
            is_awaited || workflow.step(&stay.at.step).is_some_and(|step| step.actions.iter().any(needs))
        };
        let was_requested = |visit: &Visit| {
            let taken = visit.left.as_ref().and_then(|left| left.action.as_ref());
            let action = taken.and_then(|id| workflow.step(&visit.at.step)?.action(id));
            action.is_some_and(requests)
        };
        self.flow.processed_at.is_some()
            || self.flow.stays.iter().any(waits)
            || self.flow.visits.iter().any(was_requested)
            || !workflow.steps.iter().flat_map(|step| &step.actions).any(|action| requests(action) || needs(action))
    }

    /// Returns what is owed, and refuses a payment if that is nothing.
    fn can_be_paid(&self) -> Result<Dong, Refusal> {
        // The right payment takes the place of one that was recorded by mistake, also after the end.
        if self.has_ended() && self.payments.iter().all(MoneyMovement::counts) {
            return Err(Refusal::Ended);
        }
        Some(self.owed()).filter(|owed| *owed != Dong(0)).ok_or(Refusal::NothingOwed)
    }
}
