//! The list of dossiers on which an officer works.

use crate::pages::applicant::{DossierLine, line};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::site_visit::span;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::Officer;
use crate::web::typing::Query;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use motcua_domain::text::Language;
use motcua_service::{ComingSiteVisit, DeskPlace, DeskRows, OfficerView};
use serde::{Deserialize, Serialize};

/// The view and the search that an officer wants.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct OfficeQuery {
    #[serde(default)]
    view: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

/// The list of dossiers to work on.
#[derive(Debug, Clone, Serialize)]
pub struct DeskPage {
    /// `todo`, `waiting`, `open` or `ended`.
    pub view: &'static str,
    /// The typed words of the search, or an empty text.
    pub query: String,
    /// The dossiers of the view, the late ones first.
    pub dossiers: Vec<DossierLine>,
    /// The address of the first dossiers of the view, on a later page, or an empty text.
    pub first: String,
    /// The address of the dossiers after these, or an empty text.
    pub next: String,
    /// The number of overdue dossiers among those on the page.
    pub overdue: usize,
    /// Procedures of the officer's agencies whose automatic check is suspended.
    pub unchecked: Vec<String>,
    /// The coming appointments on the spot of the officer's units, the next one first, in the view `todo`.
    pub visits: Vec<DeskVisit>,
    /// There are more appointments than the page shows.
    pub more_visits: bool,
}

/// A coming appointment on the spot.
#[derive(Debug, Clone, Serialize)]
pub struct DeskVisit {
    /// The code of the dossier.
    pub code: String,
    /// The day and the time.
    pub time: String,
    /// The place.
    pub place: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the applicant.
    pub applicant: String,
}

impl DeskVisit {
    /// Returns an appointment in a language.
    fn of(visit: ComingSiteVisit, language: Language) -> Self {
        let [from, to] = [visit.from, visit.to].map(|at| Timestamp::from_second(at).unwrap_or_default());
        Self {
            time: span(from, to, language),
            procedure: visit.procedure.get(language).to_owned(),
            code: visit.code,
            place: visit.place,
            applicant: visit.applicant,
        }
    }

    /// Returns an appointment for checking a theme.
    fn sample() -> Self {
        Self {
            code: "H09.01-261124-0001".into(),
            time: "thứ Hai 30/11/2026, 09:00-10:00".into(),
            place: "12 Lê Lợi".into(),
            procedure: "Thủ tục".into(),
            applicant: "An".into(),
        }
    }
}

impl Page for DeskPage {
    const TEMPLATE: &'static str = "desk.html";
    fn samples() -> Vec<Self> {
        let page = |view, dossiers: Vec<DossierLine>| Self {
            view,
            query: "an".into(),
            first: if view == "open" { "/desk?view=open".into() } else { String::new() },
            next: if dossiers.is_empty() {
                String::new()
            } else {
                "/desk?view=todo&after=1~1~H09.01-261124-0001".into()
            },
            overdue: dossiers.len(),
            unchecked: if view == "todo" { vec!["Thủ tục".into()] } else { vec![] },
            visits: if view == "todo" { vec![DeskVisit::sample()] } else { vec![] },
            more_visits: view == "todo",
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

/// `GET /desk?view=&q=&after=`: the list of dossiers, with late ones on top. The code of a dossier leads to its page.
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
    let lists = &portal.services.lists;
    if let Some(code) = lists.desk_code(visitor.actor(), &wanted.q).await? {
        return Ok(Redirect::to(&address::dossier(code)).into_response());
    }
    let after = DeskPlace::parse(&wanted.after);
    let DeskRows { rows, last } = lists.desk(visitor.actor(), view, &wanted.q, after.as_ref()).await?;
    let dossiers: Vec<DossierLine> = rows.into_iter().map(|row| line(row, visitor.language())).collect();
    let overdue = dossiers.iter().filter(|line| line.punctuality == "overdue").count();
    let unchecked = portal.services.plugins.unchecked(visitor.actor());
    let unchecked = unchecked.iter().map(|procedure| procedure.name.get(visitor.language()).to_owned()).collect();
    let shows_visits = view == OfficerView::Todo && wanted.q.trim().is_empty() && after.is_none();
    let (visits, more_visits) =
        if shows_visits { lists.site_visits(visitor.actor()).await? } else { (Vec::new(), false) };
    let page = DeskPage {
        view: name,
        dossiers,
        first: after.map_or_else(String::new, |_| address::desk(name, &wanted.q, "")),
        next: last.map_or_else(String::new, |last| address::desk(name, &wanted.q, &last.to_string())),
        query: wanted.q,
        overdue,
        unchecked,
        visits: visits.into_iter().map(|visit| DeskVisit::of(visit, visitor.language())).collect(),
        more_visits,
    };
    Ok(ok(&portal, &visitor, &page))
}
