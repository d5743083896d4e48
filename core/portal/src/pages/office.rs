//! The officers' pages: the desk, the actions, the figures.

use crate::Portal;
use crate::address::code;
use crate::failure::Failure;
use crate::format;
use crate::pages::applicant::{DossierLine, line};
use crate::pages::attempt::{Attempt, AttemptPart};
use crate::pages::changes::change;
use crate::pages::render::ok;
use crate::person::{Officer, Person, PostedBy};
use crate::theme::Page;
use crate::typing::Query;
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_domain::dossier::event::{Payment, PaymentMethod};
use motcua_domain::money::Dong;
use motcua_service::{DossierChange, OfficerView};
use serde::{Deserialize, Serialize};

/// The view and the search that an officer wants.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct OfficeQuery {
    #[serde(default)]
    view: String,
    #[serde(default)]
    q: String,
}

/// The list of dossiers to work on.
#[derive(Debug, Clone, Serialize)]
pub struct DeskPage {
    /// `todo`, `waiting`, `open` or `ended`.
    pub view: &'static str,
    pub query: String,
    pub dossiers: Vec<DossierLine>,
    pub more: bool,
    pub overdue: usize,
    /// Procedures of the officer's agencies whose automatic check is suspended.
    pub unchecked: Vec<String>,
}

impl Page for DeskPage {
    const TEMPLATE: &'static str = "desk.html";
    fn samples() -> Vec<Self> {
        let page = |view, dossiers: Vec<DossierLine>| Self {
            view,
            query: "an".into(),
            more: !dossiers.is_empty(),
            overdue: dossiers.len(),
            unchecked: if view == "todo" { vec!["Thủ tục".into()] } else { vec![] },
            dossiers,
        };
        vec![
            page("todo", DossierLine::samples()),
            page("waiting", vec![]),
            page("open", DossierLine::samples()),
            page("ended", DossierLine::samples()),
        ]
    }
}

/// `GET /desk?view=&q=`: the list of dossiers, with late ones on top.
pub async fn desk(
    State(portal): State<Portal>,
    Query(wanted): Query<OfficeQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let (view, name) = match wanted.view.as_str() {
        "waiting" => (OfficerView::Waiting, "waiting"),
        "open" => (OfficerView::Open, "open"),
        "ended" => (OfficerView::Ended, "ended"),
        _ => (OfficerView::Todo, "todo"),
    };
    let (rows, more) = portal.services.lists.desk(visitor.actor(), view, &wanted.q).await?;
    let dossiers: Vec<DossierLine> = rows.into_iter().map(|row| line(row, visitor.language())).collect();
    let overdue = dossiers.iter().filter(|line| line.punctuality == "overdue").count();
    let unchecked = portal.services.plugins.unchecked(visitor.actor());
    let unchecked = unchecked.iter().map(|procedure| procedure.name.get(visitor.language()).to_owned()).collect();
    Ok(ok(&portal, &visitor, &DeskPage { view: name, query: wanted.q, dossiers, more, overdue, unchecked }))
}

/// `POST /dossiers/{code}/payments`: the counter records a payment.
pub async fn payment(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let attempt = Attempt::of(Some(AttemptPart::Payment), posted);
    let typed = |name: &str| attempt.typed(&AttemptPart::Payment, name);
    let amount: String = typed("amount").chars().filter(char::is_ascii_digit).collect();
    let method = match typed("method") {
        "bank-transfer" => PaymentMethod::BankTransfer,
        _ => PaymentMethod::Cash,
    };
    let receipt = typed("receipt").trim().to_owned();
    let payment = Payment { amount: Dong(amount.parse().unwrap_or(0)), method, receipt };
    change(&portal, &visitor, &code(&path)?, Ok(DossierChange::Payment(payment)), attempt).await
}

/// The readings of a dossier by staff.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingsPage {
    pub code: String,
    pub readings: Vec<ReadingLine>,
    /// There are earlier ones.
    pub more: bool,
}

/// A reading of a dossier by a member of the staff.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingLine {
    pub at: String,
    pub name: String,
}

impl Page for ReadingsPage {
    const TEMPLATE: &'static str = "readings.html";
    fn samples() -> Vec<Self> {
        let code = "H09.01-261124-0001".to_owned();
        let reading = ReadingLine { at: "24/11/2026 08:00".into(), name: "Lê Thị Mai".into() };
        vec![
            Self { code: code.clone(), readings: vec![], more: false },
            Self { code, readings: vec![reading], more: true },
        ]
    }
}

/// `GET /dossiers/{code}/readings`: the readings of the dossier by staff, for its applicant and for auditors.
pub async fn readings(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    visitor: Person,
) -> Result<Response, Failure> {
    let code = code(&path)?;
    let (readings, more) = portal.services.lists.readings(visitor.actor(), &code).await?;
    let line = |reading: motcua_service::DossierReading| ReadingLine {
        at: format::second(reading.at, visitor.language()),
        name: reading.name,
    };
    let page = ReadingsPage { code: code.to_string(), readings: readings.into_iter().map(line).collect(), more };
    Ok(ok(&portal, &visitor, &page))
}

/// Figures per agency.
#[derive(Debug, Clone, Serialize)]
pub struct FiguresPage {
    pub agencies: Vec<FiguresLine>,
}

/// The figures of one agency.
#[derive(Debug, Clone, Serialize)]
pub struct FiguresLine {
    pub agency: String,
    pub filed: i64,
    pub open: i64,
    pub overdue: i64,
    pub waiting: i64,
    pub ended: i64,
    pub in_time: i64,
    pub late: i64,
    /// The percentage of the ended dossiers, or an empty text.
    pub in_time_share: String,
    /// Average points of 10, or an empty text.
    pub rating: String,
}

impl Page for FiguresPage {
    const TEMPLATE: &'static str = "figures.html";
    fn samples() -> Vec<Self> {
        let line = FiguresLine {
            agency: "Sở Mẫu".into(),
            filed: 10,
            open: 5,
            overdue: 1,
            waiting: 1,
            ended: 5,
            in_time: 4,
            late: 1,
            in_time_share: "80 %".into(),
            rating: "9,5".into(),
        };
        let empty = FiguresLine { in_time_share: String::new(), rating: String::new(), ..line.clone() };
        vec![Self { agencies: vec![] }, Self { agencies: vec![line, empty] }]
    }
}

/// `GET /figures`: the figures of the agencies, computed from their dossiers.
pub async fn figures(State(portal): State<Portal>, visitor: Officer) -> Result<Response, Failure> {
    let language = visitor.language();
    let figures = portal.services.lists.figures(visitor.actor()).await?;
    let line = |found: motcua_service::AgencyFigures| {
        let figures = found.figures;
        let judged = figures.in_time + figures.late;
        let tenths = |sum: i64, count: i64| format::tenths(sum * 10 / count, language);
        FiguresLine {
            agency: found.agency.get(language).to_owned(),
            filed: figures.filed,
            open: figures.open,
            overdue: figures.overdue,
            waiting: figures.waiting,
            ended: figures.ended,
            in_time: figures.in_time,
            late: figures.late,
            in_time_share: if judged == 0 { String::new() } else { format!("{} %", figures.in_time * 100 / judged) },
            rating: if figures.rated == 0 { String::new() } else { tenths(figures.points, figures.rated) },
        }
    };
    let agencies = figures.into_iter().map(line).collect();
    Ok(ok(&portal, &visitor, &FiguresPage { agencies }))
}
