//! The money of a dossier: what was paid, reversed and paid back, and the receipts and vouchers to print.

use crate::pages::dossier::page::reader_of;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format::{self, FeeContext};
use crate::view::payment::{MoneyLine, ReversedContext, money_lines};
use crate::view::timeline::who;
use crate::web::address::{self, code};
use crate::web::failure::Failure;
use crate::web::person::{Person, PostedBy};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::PaymentMethod;
use motcua_domain::dossier::ledger::MovementKind;
use motcua_domain::names::{CommandId, DossierCode};
use motcua_service::Error;
use serde::Serialize;

/// The money of a dossier.
#[derive(Debug, Clone, Serialize)]
pub struct MoneyPage {
    /// The code of the dossier.
    pub code: String,
    /// The amount that can be paid now with its unit, or an empty text.
    pub owed: String,
    /// The payments and the refunds, in the order in which they were recorded.
    pub lines: Vec<MoneyLine>,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
}

/// A receipt for what was paid, or a voucher for what was paid back.
#[derive(Debug, Clone, Serialize)]
pub struct MoneyReceiptPage {
    /// The code of the dossier.
    pub code: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the agency.
    pub agency: String,
    /// The postal address of the agency, or an empty text.
    pub address: String,
    /// The name of the applicant, who paid or was paid.
    pub payer: String,
    /// The fees and charges of the dossier.
    pub fees: Vec<FeeContext>,
    /// The amount in Vietnamese words.
    pub words: String,
    /// The payment or the refund.
    pub line: MoneyLine,
}

impl Page for MoneyPage {
    const TEMPLATE: &'static str = "money.html";
    fn samples() -> Vec<Self> {
        let code = "H09.01-261124-0001".to_owned();
        vec![
            Self { code: code.clone(), owed: String::new(), lines: vec![], problem: "" },
            Self { code, owed: "2 đ".into(), lines: MoneyLine::samples(), problem: "note-missing" },
        ]
    }
}

impl Page for MoneyReceiptPage {
    const TEMPLATE: &'static str = "money_receipt.html";
    fn samples() -> Vec<Self> {
        let page = |line: MoneyLine| Self {
            code: "H09.01-261124-0001".into(),
            procedure: "Thủ tục".into(),
            agency: "Sở Mẫu".into(),
            address: if line.by_transfer { String::new() } else { "Đường".into() },
            payer: "An".into(),
            fees: if line.by_transfer { vec![] } else { FeeContext::samples() },
            words: "Hai đồng".into(),
            line,
        };
        MoneyLine::samples().into_iter().map(page).collect()
    }
}

async fn page_of(portal: &Portal, visitor: &Person, code: &DossierCode) -> Result<MoneyPage, Failure> {
    let (actor, language) = (visitor.actor(), visitor.language());
    let view = portal.services.dossiers.dossier(actor, code).await?;
    let agency = portal.theme.text(language, "agency");
    Ok(MoneyPage {
        code: code.to_string(),
        owed: view.dossier.payable().map_or_else(String::new, |owed| owed.shown(language)),
        lines: money_lines(&view.dossier, actor, &agency, language, reader_of(actor)),
        problem: "",
    })
}

/// `GET /dossiers/{code}/money`: what was paid, reversed and paid back, for those who may read the dossier.
pub async fn show(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    visitor: Person,
) -> Result<Response, Failure> {
    let page = page_of(&portal, &visitor, &code(&path)?).await?;
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /dossiers/{code}/money/{entry}/reverse`: the counter takes back the record of a payment.
pub async fn reverse(
    State(portal): State<Portal>,
    Path((path, entry)): Path<(String, String)>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let code = code(&path)?;
    let entry: u32 = entry.parse().map_err(|_| Error::NotFound)?;
    let reason = posted.get("reason").to_owned();
    // A payment is reversed at most once, so a second click is the same command.
    let id = CommandId(format!("reverse-payment-{entry}"));
    let command = Command::ReversePayment { entry, reason };
    match portal.services.dossiers.change(visitor.actor(), &code, id, command).await {
        Ok(_) => Ok(Redirect::to(&address::money(&code)).into_response()),
        Err(Error::Refused(refusal)) if refusal.code() != "not-allowed" => {
            let page = MoneyPage { problem: refusal.code(), ..page_of(&portal, &visitor, &code).await? };
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /dossiers/{code}/money/{entry}`: the receipt or the voucher of an entry, to print.
pub async fn receipt(
    State(portal): State<Portal>,
    Path((path, entry)): Path<(String, String)>,
    visitor: Person,
) -> Result<Response, Failure> {
    let (actor, language, code) = (visitor.actor(), visitor.language(), code(&path)?);
    let view = portal.services.dossiers.dossier(actor, &code).await?;
    let dossier = &view.dossier;
    let entry: u32 = entry.parse().map_err(|_| Error::NotFound)?;
    let paid = dossier.payments.iter().map(|movement| (MovementKind::Payment, movement));
    let back = dossier.refunds.iter().map(|movement| (MovementKind::Refund, movement));
    let (kind, movement) = paid.chain(back).find(|(_, movement)| movement.entry == entry).ok_or(Error::NotFound)?;
    let province = portal.services.province();
    // The number is of the agency's book. An agency that was dissolved has a successor.
    let agency = province.agency(&movement.agency).or_else(|| province.agency(&dossier.place.agency));
    let agency = agency.ok_or(Error::NotFound)?;
    let reversed = movement.reversed.as_ref().map(|reversal| ReversedContext {
        at: format::moment(reversal.at, language),
        by: who(&reversal.by, language),
        reason: reversal.reason.clone(),
    });
    let page = MoneyReceiptPage {
        code: code.to_string(),
        procedure: dossier.filed.procedure_name.get(language).to_owned(),
        agency: agency.name.get(language).to_owned(),
        address: agency.address.get(language).to_owned(),
        payer: dossier.filed.applicant.name.clone(),
        fees: format::fee_lines(&dossier.fees, language),
        words: movement.amount.in_words(),
        line: MoneyLine {
            entry: movement.entry,
            kind: kind.name(),
            at: format::moment(movement.at, language),
            // A receipt names who signs it, for the applicant, too.
            by: who(&movement.by, language),
            amount: movement.amount.shown(language),
            by_transfer: movement.method == PaymentMethod::BankTransfer,
            number: movement.receipt.clone(),
            reversed,
            may_reverse: false,
        },
    };
    Ok(ok(&portal, &visitor, &page))
}
