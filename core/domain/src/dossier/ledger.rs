//! Double entry: what an event does to the accounts of an agency. The entries of one event add up to nothing.
//!
//! ```text
//! cash + transfers + owed + waived = fees + pay-back      of each dossier, at any moment
//! ```
//!
//! An account on the left grows with a positive amount, and one on the right with a negative amount. The amounts of cash
//! and of transfers are those of the events; all others follow from the balance of the dossier before and after. The sum
//! is therefore nothing only if both agree.

use crate::dossier::Dossier;
use crate::dossier::event::{Event, MoneyMovement, PaymentMethod, Recorded};
use crate::money::Dong;
use crate::names::{AgencyId, UserId};

/// An account of an agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAccount {
    /// The cash in the hands of a cashier.
    Cash,
    /// The transfers received, without those that went back.
    Transfers,
    /// The fees that applicants owe.
    Owed,
    /// The fees that fell away, because the dossier ended without a decision.
    Waived,
    /// The fees and deposits that the agency earned or holds.
    Fees,
    /// The money that the agency owes applicants.
    PayBack,
    /// The money that other agencies have for a dossier of the agency, without what the agency has for theirs.
    BetweenAgencies,
}

/// A change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    pub account: LedgerAccount,
    pub agency: AgencyId,
    /// The cashier, for [`LedgerAccount::Cash`].
    pub cashier: Option<UserId>,
    pub amount: Dong,
}

/// A movement of money that an event records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedMoney<'a> {
    pub kind: MovementKind,
    /// The payment, the refund, or the payment that is reversed.
    pub movement: &'a MoneyMovement,
    /// The amount that the agency got, which is negative if it has less than before.
    pub amount: Dong,
}

/// The kind of a movement of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MovementKind {
    Payment,
    Reversal,
    Refund,
}

/// The amounts of a dossier that others than the movements of money change.
#[derive(Debug, Clone, Copy, Default)]
struct LedgerBalance {
    fees: i64,
    owed: i64,
    waived: i64,
    pay_back: i64,
}

impl LedgerAccount {
    /// All accounts.
    pub const ALL: [Self; 7] =
        [Self::Cash, Self::Transfers, Self::Owed, Self::Waived, Self::Fees, Self::PayBack, Self::BetweenAgencies];

    /// Returns the word for the account.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Transfers => "transfers",
            Self::Owed => "owed",
            Self::Waived => "waived",
            Self::Fees => "fees",
            Self::PayBack => "pay-back",
            Self::BetweenAgencies => "between-agencies",
        }
    }

    /// Returns the account to which money of this kind comes.
    const fn of(method: PaymentMethod) -> Self {
        match method {
            PaymentMethod::Cash => Self::Cash,
            PaymentMethod::BankTransfer => Self::Transfers,
        }
    }
}

impl MovementKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Payment, Self::Reversal, Self::Refund];

    /// Returns the word for the kind.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Reversal => "reversal",
            Self::Refund => "refund",
        }
    }
}

impl Dossier {
    /// Returns the movement of money that the last event recorded, if it recorded one. A reversal moves the money of the
    /// officer who had recorded the payment.
    pub fn moved_by(&self, event: &Event) -> Option<MovedMoney<'_>> {
        let (kind, list, entry) = match event {
            Event::PaymentRecorded { .. } => (MovementKind::Payment, &self.payments, self.version),
            Event::PaymentReversed { entry, .. } => (MovementKind::Reversal, &self.payments, *entry),
            Event::RefundRecorded { .. } => (MovementKind::Refund, &self.refunds, self.version),
            Event::Filed(_)
            | Event::Advanced(_)
            | Event::SupplementRequested { .. }
            | Event::Supplemented { .. }
            | Event::Ended { .. }
            | Event::Assigned { .. }
            | Event::Undone { .. }
            | Event::Reminded { .. }
            | Event::Escalated { .. }
            | Event::LateAnnounced { .. }
            | Event::ExpiryAnnounced { .. }
            | Event::Extended { .. }
            | Event::Rescheduled { .. }
            | Event::Transferred { .. }
            | Event::Migrated { .. }
            | Event::DeliveryChanged { .. }
            | Event::MessageSent { .. }
            | Event::Rated { .. } => return None,
        };
        let movement = list.iter().find(|movement| movement.entry == entry)?;
        let amount = match kind {
            MovementKind::Payment => movement.amount,
            MovementKind::Reversal | MovementKind::Refund => Dong(movement.amount.0.saturating_neg()),
        };
        Some(MovedMoney { kind, movement, amount })
    }

    fn ledger_balance(&self) -> LedgerBalance {
        let waived = if self.ended_without_decision() { self.balance_of(&self.fees).max(0) } else { 0 };
        LedgerBalance { fees: self.due_of(&self.fees).0, owed: self.owed().0, waived, pay_back: self.to_pay_back().0 }
    }
}

impl LedgerBalance {
    /// Returns the entries of an agency that lead from an older balance to this one.
    fn entries_since(self, old: Self, agency: &AgencyId) -> [LedgerEntry; 4] {
        let changes = [
            (LedgerAccount::Owed, self.owed.saturating_sub(old.owed)),
            (LedgerAccount::Waived, self.waived.saturating_sub(old.waived)),
            (LedgerAccount::Fees, old.fees.saturating_sub(self.fees)),
            (LedgerAccount::PayBack, old.pay_back.saturating_sub(self.pay_back)),
        ];
        changes.map(|(account, amount)| LedgerEntry {
            account,
            agency: agency.clone(),
            cashier: None,
            amount: Dong(amount),
        })
    }
}

/// Returns the entries of an event, in the order of the accounts. An account that the event does not change has none.
/// If the dossier goes to another agency, the entries of the agency that it leaves come first.
pub fn ledger_entries(recorded: &Recorded, before: Option<&Dossier>, after: &Dossier) -> Vec<LedgerEntry> {
    let here = &after.place.agency;
    let (old, new) = (before.map(Dossier::ledger_balance).unwrap_or_default(), after.ledger_balance());
    let mut entries = Vec::new();
    if let Some(moved) = after.moved_by(&recorded.event) {
        let account = LedgerAccount::of(moved.movement.method);
        let cashier = moved.movement.by.user().filter(|_| account == LedgerAccount::Cash).cloned();
        entries.push(LedgerEntry { account, agency: moved.movement.agency.clone(), cashier, amount: moved.amount });
    }
    match before.map(|before| &before.place.agency).filter(|left| *left != here) {
        Some(left) => {
            entries.extend(LedgerBalance::default().entries_since(old, left));
            entries.extend(new.entries_since(LedgerBalance::default(), here));
        }
        None => entries.extend(new.entries_since(old, here)),
    }
    entries.retain(|entry| entry.amount != Dong(0));
    entries.extend(debts_to(here, &entries));
    entries
}

/// Returns the entries of the debts between an agency and the other agencies of an event. The debts add up to nothing,
/// whatever the other entries add up to, so they hide no mistake.
fn debts_to(here: &AgencyId, entries: &[LedgerEntry]) -> Vec<LedgerEntry> {
    let entry = |agency: &AgencyId, amount: i64| LedgerEntry {
        account: LedgerAccount::BetweenAgencies,
        agency: agency.clone(),
        cashier: None,
        amount: Dong(amount),
    };
    let (mut debts, mut of_others) = (Vec::<LedgerEntry>::new(), 0_i64);
    for other in entries.iter().map(|entry| &entry.agency).filter(|agency| *agency != here) {
        if debts.iter().any(|known| known.agency == *other) {
            continue;
        }
        let sum: Dong = entries.iter().filter(|entry| entry.agency == *other).map(|entry| entry.amount).sum();
        of_others = of_others.saturating_add(sum.0);
        debts.push(entry(other, sum.0.saturating_neg()));
    }
    debts.push(entry(here, of_others));
    debts.retain(|debt| debt.amount != Dong(0));
    debts
}
