//! The fees of a dossier, and the money that was paid and paid back.

use crate::view::format::{self, FeeContext};
use crate::view::timeline::{StoryReader, who_for};
use motcua_domain::banks;
use motcua_domain::dossier::event::{MoneyMovement, PaymentMethod};
use motcua_domain::dossier::ledger::MovementKind;
use motcua_domain::dossier::{Dossier, Turn};
use motcua_domain::money::{BankAccount, Dong};
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::FeeLine;
use motcua_domain::text::Language;
use motcua_domain::workflow::Workflow;
use serde::Serialize;

/// The fees to pay, and the ways to pay them.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentContext {
    /// The fees and charges of the dossier.
    pub lines: Vec<FeeContext>,
    /// The unpaid amount with its unit.
    pub owed: String,
    /// The unpaid amount in đồng, as a number.
    pub owed_number: i64,
    /// The day until which the fees have to be paid, or an empty text if nothing waits for the payment.
    pub until: String,
    /// The workflow asks the applicant to pay now.
    pub asked: bool,
    /// The account, if transfers are accepted and the workflow asks for the payment.
    pub transfer: Option<Transfer>,
    /// The applicant can pay over a gateway now.
    pub online: bool,
}

/// The change of the fees by a supplement.
#[derive(Debug, Clone, Serialize)]
pub struct FeeChangeContext {
    /// The sum when the dossier was filed.
    pub filed: String,
    /// The sum now.
    pub now: String,
    /// The difference that is added, or an empty text.
    pub more: String,
    /// The difference that is taken off, or an empty text.
    pub less: String,
    /// The amount that the agency pays back, or an empty text.
    pub pay_back: String,
}

impl FeeChangeContext {
    /// Returns a change for checking a theme.
    pub fn sample(is_more: bool) -> Self {
        let if_so = |shown: bool, text: &str| if shown { text.to_owned() } else { String::new() };
        Self {
            filed: "50.000 đ".into(),
            now: if is_more { "60.000 đ".into() } else { "40.000 đ".into() },
            more: if_so(is_more, "10.000 đ"),
            less: if_so(!is_more, "10.000 đ"),
            pay_back: if_so(!is_more, "10.000 đ"),
        }
    }
}

/// Returns the change of the fees since the dossier was filed, if a supplement changed their sum, or if one left an
/// amount that has to be paid back.
pub fn fee_change(dossier: &Dossier, language: Language) -> Option<FeeChangeContext> {
    let sum = |fees: &[FeeLine]| fees.iter().map(|line| line.amount).sum::<Dong>();
    let (filed, now) = (sum(&dossier.filed.fees), sum(&dossier.fees));
    let shown = |amount: i64| if amount > 0 { Dong(amount).shown(language) } else { String::new() };
    let more = now.0.saturating_sub(filed.0);
    let pay_back = Dong(dossier.to_pay_back().0.saturating_sub(dossier.deposit_to_pay_back().0));
    (more != 0 || pay_back > Dong(0)).then(|| FeeChangeContext {
        filed: filed.shown(language),
        now: now.shown(language),
        more: shown(more),
        less: shown(more.saturating_neg()),
        pay_back: shown(pay_back.0),
    })
}

/// Returns the deposit that the agency has to pay back, or an empty text.
pub fn deposit_back(dossier: &Dossier, language: Language) -> String {
    let deposit = dossier.deposit_to_pay_back();
    if deposit > Dong(0) { deposit.shown(language) } else { String::new() }
}

/// The amount that can be paid back now.
#[derive(Debug, Clone, Serialize)]
pub struct RefundContext {
    /// The most that can be paid back, with its unit.
    pub most: String,
    /// The amount in đồng that the agency has to pay back, or an empty text if it has to pay back nothing.
    pub proposed: String,
    /// The agency owes the amount. Otherwise the agency can pay it back, because the dossier ended without a decision.
    pub is_due: bool,
}

impl RefundContext {
    /// Returns a refund for checking a theme.
    pub fn sample(is_due: bool) -> Self {
        Self { most: "10.000 đ".into(), proposed: if is_due { "10000".into() } else { String::new() }, is_due }
    }
}

/// Returns the amount that can be paid back, if there is any.
pub fn refund(dossier: &Dossier, language: Language) -> Option<RefundContext> {
    let (most, proposed) = (dossier.refundable(), dossier.proposed_refund());
    (most > Dong(0)).then(|| RefundContext {
        most: most.shown(language),
        proposed: proposed.map_or_else(String::new, |amount| amount.0.to_string()),
        is_due: proposed == Some(most),
    })
}

/// A payment or a refund.
#[derive(Debug, Clone, Serialize)]
pub struct MoneyLine {
    /// The number of its entry in the journal, for the address of its receipt.
    pub entry: u32,
    /// The word for the kind, under `money-<word>`: `payment` or `refund`.
    pub kind: &'static str,
    /// The time at which it was recorded.
    pub at: String,
    /// The officer who took or paid the money. The applicant reads the word for the agency instead.
    pub by: String,
    /// The amount with its unit.
    pub amount: String,
    /// The money was transferred.
    pub by_transfer: bool,
    /// The number of the receipt, of the voucher or of the bank's transaction.
    pub number: String,
    /// The reversal of a payment that was recorded by mistake.
    pub reversed: Option<ReversedContext>,
    /// The reader can reverse the payment.
    pub may_reverse: bool,
}

/// The reversal of a payment.
#[derive(Debug, Clone, Serialize)]
pub struct ReversedContext {
    /// The time of the reversal.
    pub at: String,
    /// The officer who reversed the payment. The applicant reads the word for the agency instead.
    pub by: String,
    /// The reason of the officer.
    pub reason: String,
}

impl MoneyLine {
    /// Returns lines for checking a theme.
    pub fn samples() -> Vec<Self> {
        let line = Self {
            entry: 3,
            kind: MovementKind::Payment.name(),
            at: "24/12/2026 17:00".into(),
            by: "Lan".into(),
            amount: "10.000 đ".into(),
            by_transfer: false,
            number: "BL-H09.01-26-0000001".into(),
            reversed: None,
            may_reverse: true,
        };
        let reversal = ReversedContext { at: "24/12/2026 17:05".into(), by: "Lan".into(), reason: "Nhầm".into() };
        let reversed = Self { reversed: Some(reversal), may_reverse: false, ..line.clone() };
        let refund = Self { kind: MovementKind::Refund.name(), by_transfer: true, may_reverse: false, ..line.clone() };
        vec![line, reversed, refund]
    }
}

/// Returns the payments and the refunds as a reader sees them, in the order in which they were recorded.
pub fn money_lines(
    dossier: &Dossier,
    actor: &Actor,
    agency: &str,
    language: Language,
    reader: StoryReader,
) -> Vec<MoneyLine> {
    let paid = dossier.payments.iter().map(|movement| (MovementKind::Payment, movement));
    let back = dossier.refunds.iter().map(|movement| (MovementKind::Refund, movement));
    let line = |(kind, movement): (MovementKind, &MoneyMovement)| MoneyLine {
        entry: movement.entry,
        kind: kind.name(),
        at: format::moment(movement.at, language),
        by: who_for(&movement.by, agency, language, reader),
        amount: movement.amount.shown(language),
        by_transfer: movement.method == PaymentMethod::BankTransfer,
        number: movement.receipt.clone(),
        reversed: movement.reversed.as_ref().map(|reversal| ReversedContext {
            at: format::moment(reversal.at, language),
            by: who_for(&reversal.by, agency, language, reader),
            reason: reversal.reason.clone(),
        }),
        may_reverse: kind == MovementKind::Payment && dossier.may_reverse_payment(actor, movement.entry),
    };
    let mut lines: Vec<MoneyLine> = paid.chain(back).map(line).collect();
    lines.sort_by_key(|line| line.entry);
    lines
}

/// A transfer to the agency's account.
#[derive(Debug, Clone, Serialize)]
pub struct Transfer {
    /// The bank's name, or its number if no name is known.
    pub bank: String,
    /// The number of the account.
    pub account: String,
    /// The holder of the account.
    pub holder: String,
    /// The text by which the agency recognises the payment.
    pub reference: String,
}

impl PaymentContext {
    /// Returns a payment for checking a theme.
    pub fn sample(by_transfer: bool) -> Self {
        let transfer = || Transfer {
            bank: "Vietcombank".into(),
            account: "1".into(),
            holder: "KHO BAC".into(),
            reference: "H09".into(),
        };
        Self {
            lines: FeeContext::samples(),
            owed: "2 đ".into(),
            owed_number: 2,
            until: if by_transfer { "24/12/2026 17:00".into() } else { String::new() },
            asked: true,
            transfer: by_transfer.then(transfer),
            online: by_transfer,
        }
    }
}

/// Returns the unpaid fees that can be paid now.
pub fn owed(dossier: &Dossier) -> Option<Dong> {
    dossier.payable()
}

/// Returns the text by which the agency recognises the purpose of a transfer.
pub fn reference(code: &DossierCode) -> String {
    code.as_str().replace(['.', '-'], "")
}

/// Returns the unpaid fees of a dossier, and the ways to pay them if the workflow asks for the payment: a transfer if the
/// portal has an account, and a gateway if it has one.
pub fn payment(
    (bank, has_gateway): (Option<&BankAccount>, bool),
    dossier: &Dossier,
    workflow: &Workflow,
    language: Language,
) -> Option<PaymentContext> {
    let owed = owed(dossier)?;
    let asked = dossier.asks_to_pay(workflow);
    let transfer = bank.filter(|_| asked).map(|bank| Transfer {
        bank: banks::name(&bank.bin).unwrap_or(&bank.bin).to_owned(),
        account: bank.account.clone(),
        holder: bank.holder.clone(),
        reference: reference(&dossier.filed.code),
    });
    let until = match dossier.turn() {
        Turn::Payment { until } => format::moment(until, language),
        _ => String::new(),
    };
    let lines = format::fee_lines(&dossier.fees, language);
    let online = has_gateway && asked;
    Some(PaymentContext { lines, owed: owed.shown(language), owed_number: owed.0, until, asked, transfer, online })
}
