//! What has to be paid for a dossier.

use crate::format;
use motcua_domain::banks;
use motcua_domain::dossier::{Dossier, Turn};
use motcua_domain::money::{BankAccount, Dong};
use motcua_domain::names::DossierCode;
use motcua_domain::text::Language;
use serde::Serialize;

/// What has to be paid, and how.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentContext {
    pub lines: Vec<(String, &'static str, String)>,
    pub owed: String,
    pub owed_number: i64,
    /// By when it has to be paid, or an empty text if nothing waits for it.
    pub until: String,
    /// The account, where transfers are taken.
    pub transfer: Option<Transfer>,
}

/// A transfer to the agency's account.
#[derive(Debug, Clone, Serialize)]
pub struct Transfer {
    /// The bank's name, or its number if no name is known.
    pub bank: String,
    pub account: String,
    pub holder: String,
    pub reference: String,
}

impl PaymentContext {
    /// A payment for checking a theme.
    pub fn sample(by_transfer: bool) -> Self {
        let transfer = || Transfer {
            bank: "Vietcombank".into(),
            account: "1".into(),
            holder: "KHO BAC".into(),
            reference: "H09".into(),
        };
        Self {
            lines: vec![("Phí".into(), "fee", "1 đ".into()), ("Lệ phí".into(), "charge", "1 đ".into())],
            owed: "2 đ".into(),
            owed_number: 2,
            until: if by_transfer { "24/12/2026 17:00".into() } else { String::new() },
            transfer: by_transfer.then(transfer),
        }
    }
}

/// Returns what an open dossier owes.
pub fn owed(dossier: &Dossier) -> Option<Dong> {
    Some(dossier.owed()).filter(|owed| owed.0 != 0 && !dossier.has_ended())
}

/// Returns the text by which the agency knows for what it was paid.
pub fn reference(code: &DossierCode) -> String {
    code.as_str().replace(['.', '-'], "")
}

/// Returns what has to be paid for a dossier, and by which transfer, if the portal has an account.
pub fn payment(bank: Option<&BankAccount>, dossier: &Dossier, language: Language) -> Option<PaymentContext> {
    let owed = owed(dossier)?;
    let transfer = bank.map(|bank| Transfer {
        bank: banks::name(&bank.bin).unwrap_or(&bank.bin).to_owned(),
        account: bank.account.clone(),
        holder: bank.holder.clone(),
        reference: reference(&dossier.filed.code),
    });
    let until = match dossier.turn() {
        Turn::Payment { until } => format::moment(until, language),
        _ => String::new(),
    };
    let lines = format::fee_lines(&dossier.filed.fees, language);
    Some(PaymentContext { lines, owed: owed.shown(language), owed_number: owed.0, until, transfer })
}
