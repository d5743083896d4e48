//! The list of dossiers on which an officer works.

use crate::pages::applicant::{DossierLine, line};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::web::failure::Failure;
use crate::web::person::Officer;
use crate::web::typing::Query;
use axum::extract::State;
use axum::response::Response;
use motcua_service::OfficerView;
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
    /// The typed words of the search, or an empty text.
    pub query: String,
    /// The dossiers of the view, the late ones first.
    pub dossiers: Vec<DossierLine>,
    /// There are more dossiers than the page shows.
    pub more: bool,
    /// The number of overdue dossiers among those on the page.
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
