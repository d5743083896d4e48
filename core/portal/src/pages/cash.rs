//! The cash of cashiers: what each of them received since the last closed day, and the closed days.

use crate::pages::render::{html, ok};
use crate::pages::sheet::{SheetForm, sheet, taken_by};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Officer, PostedBy};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::dossier::ledger::MovementKind;
use motcua_domain::money::Dong;
use motcua_domain::names::{AgencyId, UserId};
use motcua_domain::text::{Language, Text};
use motcua_service::spreadsheet::{SheetCell, Spreadsheet};
use motcua_service::{CashLine, CashSheet, CashTotals, ClosedCashDay, Error};
use serde::Serialize;

/// The cashiers whose cash the reader may see.
#[derive(Debug, Clone, Serialize)]
pub struct CashiersPage {
    /// The cashiers, by agency and name.
    pub cashiers: Vec<CashierLine>,
}

/// A cashier in the list.
#[derive(Debug, Clone, Serialize)]
pub struct CashierLine {
    /// The name of the agency.
    pub agency: String,
    /// The name of the cashier.
    pub name: String,
    /// The address of the cashier's page.
    pub href: String,
    /// The number of movements since the last closed day.
    pub open: i64,
}

/// The movements of a cashier that are handed over together: since the last closed day, or of a closed one.
#[derive(Debug, Clone, Serialize)]
pub struct CashPage {
    /// The name of the agency.
    pub agency: String,
    /// The name of the cashier, or an empty text if nothing was ever recorded.
    pub cashier: String,
    /// The address of the cashier's page.
    pub href: String,
    /// The movements, in the order in which they were recorded.
    pub lines: Vec<CashMovement>,
    /// The sums of the movements.
    pub totals: CashSums,
    /// The mark of the movements, which the form posts as `seen`.
    pub seen: String,
    /// The reader can close the day.
    pub may_close: bool,
    /// The reader closes the day for the cashier, who is away, and has to say why.
    pub for_other: bool,
    /// The typed reason.
    pub reason: String,
    /// The closed day, if this is one.
    pub closed: Option<CashDayLine>,
    /// The closed days before, the last one first.
    pub days: Vec<CashDayLine>,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
    /// The id of the field that broke the rule, or an empty text.
    pub field: &'static str,
}

/// A movement of money.
#[derive(Debug, Clone, Serialize)]
pub struct CashMovement {
    /// The code of the dossier.
    pub code: String,
    /// The word for the kind, under `cash-<word>`: `payment`, `reversal` or `refund`.
    pub kind: String,
    /// The time at which it was recorded.
    pub at: String,
    /// The money was transferred.
    pub by_transfer: bool,
    /// The amount with its unit, which is negative if the agency has less than before.
    pub amount: String,
    /// The number of the receipt, of the voucher or of the bank's transaction.
    pub number: String,
    /// The name of the officer who recorded it.
    pub by: String,
}

/// The sums of movements, with their units.
#[derive(Debug, Clone, Serialize)]
pub struct CashSums {
    /// The payments in cash.
    pub received: String,
    /// The payments in cash that were reversed.
    pub reversed: String,
    /// The refunds in cash.
    pub refunded: String,
    /// The cash to hand over.
    pub cash: String,
    /// The transfers received, without those that went back.
    pub transfers: String,
}

/// A closed day.
#[derive(Debug, Clone, Serialize)]
pub struct CashDayLine {
    /// The number of the day, counted from 1 for each cashier.
    pub number: i64,
    /// The address of the day's page.
    pub href: String,
    /// The time at which the day was closed.
    pub at: String,
    /// The name of the officer who closed it.
    pub by: String,
    /// The reason of an officer who closed it for the cashier, or an empty text if the cashier closed it.
    pub reason: String,
    /// The cash that was handed over.
    pub cash: String,
}

impl Page for CashiersPage {
    const TEMPLATE: &'static str = "cashiers.html";
    fn samples() -> Vec<Self> {
        let line =
            CashierLine { agency: "Sở Mẫu".into(), name: "Lan".into(), href: "/desk/cash/so/lan".into(), open: 2 };
        vec![Self { cashiers: vec![] }, Self { cashiers: vec![line] }]
    }
}

impl Page for CashPage {
    const TEMPLATE: &'static str = "cash.html";
    fn samples() -> Vec<Self> {
        let line = |kind: &str, by_transfer| CashMovement {
            code: "H09.01-261124-0001".into(),
            kind: kind.into(),
            at: "24/12/2026 17:00".into(),
            by_transfer,
            amount: "10.000 đ".into(),
            number: "BL-H09.01-26-0000001".into(),
            by: "Lan".into(),
        };
        let day = CashDayLine {
            number: 1,
            href: "/desk/cash/so/lan/1".into(),
            at: "24/12/2026 17:00".into(),
            by: "Lan".into(),
            reason: String::new(),
            cash: "10.000 đ".into(),
        };
        let open = Self {
            agency: "Sở Mẫu".into(),
            cashier: "Lan".into(),
            href: "/desk/cash/so/lan".into(),
            lines: vec![line("payment", false), line("reversal", false), line("refund", true)],
            totals: sums(CashTotals::default(), Language::Vi),
            seen: "3.10000.a".into(),
            may_close: true,
            for_other: false,
            reason: String::new(),
            closed: None,
            days: vec![day.clone()],
            problem: "",
            field: "",
        };
        let refused = Self { problem: "changed", ..open.clone() };
        let away = Self { for_other: true, ..open.clone() };
        let unexplained = Self { problem: "note-missing", field: REASON, ..away.clone() };
        let bare = Self {
            cashier: String::new(),
            lines: vec![],
            may_close: false,
            days: vec![],
            seen: String::new(),
            ..open.clone()
        };
        let closed = Self { closed: Some(day.clone()), may_close: false, days: vec![], ..open.clone() };
        let day = CashDayLine { by: "Dũng".into(), reason: "Nghỉ ốm".into(), ..day };
        let stood_in = Self { closed: Some(day), ..closed.clone() };
        vec![open, refused, away, unexplained, bare, closed, stood_in]
    }
}

/// Returns the address of a cashier's page.
fn href(agency: &AgencyId, cashier: &UserId) -> String {
    format!("{}/{agency}/{cashier}", address::CASH)
}

/// Returns the address of a closed day's page.
fn day_href(href: &str, number: i64) -> String {
    format!("{href}/{number}")
}

/// Returns the sums as a reader sees them.
fn sums(totals: CashTotals, language: Language) -> CashSums {
    let shown = |amount: i64| Dong(amount).shown(language);
    CashSums {
        received: shown(totals.received),
        reversed: shown(totals.reversed),
        refunded: shown(totals.refunded),
        cash: shown(totals.cash),
        transfers: shown(totals.transfers),
    }
}

fn movement(line: &CashLine, language: Language) -> CashMovement {
    CashMovement {
        code: line.dossier.clone(),
        kind: line.kind.clone(),
        at: format::second(line.at, language),
        by_transfer: line.method != "cash",
        amount: Dong(line.amount).shown(language),
        number: line.number.clone(),
        by: line.recorded_by.clone(),
    }
}

fn day_line(href: &str, day: &ClosedCashDay, language: Language) -> CashDayLine {
    CashDayLine {
        number: day.number,
        href: day_href(href, day.number),
        at: format::second(day.closed_at, language),
        by: day.closed_by.clone(),
        reason: day.stand_in.as_ref().map(|by| by.reason.clone()).unwrap_or_default(),
        cash: Dong(CashTotals::of(&day.lines).cash).shown(language),
    }
}

/// Returns the page of the movements since the last closed day.
fn open_page(sheet: &CashSheet, language: Language) -> CashPage {
    let href = href(&sheet.agency, &sheet.cashier);
    CashPage {
        agency: sheet.agency_name.get(language).to_owned(),
        cashier: sheet.name.clone(),
        lines: sheet.lines.iter().map(|line| movement(line, language)).collect(),
        totals: sums(CashTotals::of(&sheet.lines), language),
        seen: sheet.seen.clone(),
        may_close: sheet.may_close,
        for_other: sheet.for_other,
        reason: String::new(),
        closed: None,
        days: sheet.days.iter().map(|day| day_line(&href, day, language)).collect(),
        problem: "",
        field: "",
        href,
    }
}

/// `GET /desk/cash`: the cashiers whose cash the reader may see.
pub async fn list(State(portal): State<Portal>, visitor: Officer) -> Result<Response, Failure> {
    let language = visitor.language();
    let found = portal.services.cash.cashiers(visitor.actor()).await?;
    let line = found.into_iter().map(|listed| CashierLine {
        agency: listed.agency_name.get(language).to_owned(),
        href: href(&listed.agency, &listed.cashier),
        name: listed.name,
        open: listed.open,
    });
    Ok(ok(&portal, &visitor, &CashiersPage { cashiers: line.collect() }))
}

/// `GET /desk/cash/{agency}/{cashier}`: the movements of a cashier since the last closed day.
pub async fn open(
    State(portal): State<Portal>,
    Path((agency, cashier)): Path<(String, String)>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let sheet = portal.services.cash.open(visitor.actor(), &AgencyId(agency), &UserId(cashier)).await?;
    Ok(ok(&portal, &visitor, &open_page(&sheet, visitor.language())))
}

/// The rules whose breaches the page of the open day explains.
const EXPLAINED: [&str; 3] = [CHANGED, "note-missing", "bad-message"];

/// The rule that other movements came meanwhile.
const CHANGED: &str = "changed";

/// The id of the field with the reason.
const REASON: &str = "reason";

/// `POST /desk/cash/{agency}/{cashier}`: the cashier, or an officer in the place of one who is away, closes the day
/// with the movements that the officer saw.
pub async fn close(
    State(portal): State<Portal>,
    Path((agency, cashier)): Path<(String, String)>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let (agency, cashier) = (AgencyId(agency), UserId(cashier));
    let reason = posted.get("reason");
    match portal.services.cash.close(visitor.actor(), &agency, &cashier, (posted.get("seen"), reason)).await {
        Ok(number) => Ok(Redirect::to(&format!("{}/{number}", href(&agency, &cashier))).into_response()),
        Err(Error::Refused(refusal)) if EXPLAINED.contains(&refusal.code()) => {
            let sheet = portal.services.cash.open(visitor.actor(), &agency, &cashier).await?;
            let typed = reason.to_owned();
            let (problem, field) = (refusal.code(), if refusal.code() == CHANGED { "" } else { REASON });
            let page = CashPage { problem, field, reason: typed, ..open_page(&sheet, visitor.language()) };
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /desk/cash/{agency}/{cashier}/{number}`: a closed day.
pub async fn day(
    State(portal): State<Portal>,
    Path((agency, cashier, number)): Path<(String, String, String)>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let (agency, cashier, language) = (AgencyId(agency), UserId(cashier), visitor.language());
    let number = number.parse().unwrap_or(0);
    let (name, day) = portal.services.cash.day(visitor.actor(), &agency, &cashier, number).await?;
    let href = href(&agency, &cashier);
    let page = CashPage {
        agency: name.get(language).to_owned(),
        cashier: day.cashier_name.clone(),
        lines: day.lines.iter().map(|line| movement(line, language)).collect(),
        totals: sums(CashTotals::of(&day.lines), language),
        seen: String::new(),
        may_close: false,
        for_other: false,
        reason: String::new(),
        closed: Some(day_line(&href, &day, language)),
        days: Vec::new(),
        problem: "",
        field: "",
        href,
    };
    Ok(ok(&portal, &visitor, &page))
}

/// The texts above the columns of a closed day as a table.
const COLUMNS: [&str; 9] = [
    "cash-number",
    "money-at",
    "cash-kind",
    "payment-method",
    "cash-in",
    "cash-out",
    "code",
    "cash-by",
    "cash-cashier",
];

/// Returns a closed day as a table.
fn table_of(portal: &Portal, visitor: &Officer, agency: &Text, href: &str, day: &ClosedCashDay) -> Spreadsheet {
    let (words, language) = (visitor.page_language(), visitor.language());
    let text = |key: &str| portal.theme.text(words, key);
    // A text costs more than a line.
    let kinds = MovementKind::ALL.map(|kind| (kind.name(), text(&format!("cash-{}", kind.name()))));
    let methods = ["cash", "bank-transfer"].map(|method| (method, text(method)));
    let line = |line: &CashLine| -> Vec<SheetCell> {
        let (received, paid_out) = if line.amount < 0 { (0, line.amount.saturating_abs()) } else { (line.amount, 0) };
        let about = [
            line.number.clone(),
            format::second(line.at, language),
            worded(&kinds, &line.kind),
            worded(&methods, &line.method),
        ];
        let people = [line.dossier.clone(), line.recorded_by.clone(), line.cashier_name.clone()];
        let amounts = [received, paid_out].map(SheetCell::Number);
        about.map(SheetCell::Text).into_iter().chain(amounts).chain(people.map(SheetCell::Text)).collect()
    };
    let mut head = vec![
        format!("{}: {}", text("cash-title"), day.cashier_name),
        agency.get(language).to_owned(),
        format!("{}: {}, {}", text("cash-day-number"), day.number, format::second(day.closed_at, language)),
        format!("{}: {}", text("cash-closed-by"), day.closed_by),
    ];
    head.extend(day.stand_in.as_ref().map(|by| format!("{}: {}", text("cash-stand-in-reason"), by.reason)));
    head.extend(taken_by(portal, visitor, href));
    let cash = Dong(CashTotals::of(&day.lines).cash).shown(language);
    Spreadsheet {
        head,
        columns: COLUMNS.map(text).to_vec(),
        rows: day.lines.iter().map(line).collect(),
        foot: format!("{}: {cash}", text("cash-hand-over")),
    }
}

/// Returns the text of a word, or the word itself if it has none.
fn worded(texts: &[(&str, String)], word: &str) -> String {
    texts.iter().find(|(known, _)| *known == word).map_or_else(|| word.to_owned(), |(_, text)| text.clone())
}

/// Returns a closed day of a cashier to take along.
async fn export(
    portal: &Portal,
    visitor: &Officer,
    (agency, cashier, number): (String, String, String),
    form: SheetForm,
) -> Result<Response, Failure> {
    let (agency, cashier) = (AgencyId(agency), UserId(cashier));
    let number = number.parse().unwrap_or(0);
    let (name, day) = portal.services.cash.day(visitor.actor(), &agency, &cashier, number).await?;
    let href = day_href(&href(&agency, &cashier), day.number);
    sheet(&table_of(portal, visitor, &name, &href, &day), "cash", form)
}

/// `GET /desk/cash/{agency}/{cashier}/{number}/lines.csv`: a closed day as a table for spreadsheets.
pub async fn export_csv(
    State(portal): State<Portal>,
    Path(path): Path<(String, String, String)>,
    visitor: Officer,
) -> Result<Response, Failure> {
    export(&portal, &visitor, path, SheetForm::Csv).await
}

/// `GET /desk/cash/{agency}/{cashier}/{number}/lines.xlsx`: a closed day as a workbook.
pub async fn export_xlsx(
    State(portal): State<Portal>,
    Path(path): Path<(String, String, String)>,
    visitor: Officer,
) -> Result<Response, Failure> {
    export(&portal, &visitor, path, SheetForm::Xlsx).await
}
