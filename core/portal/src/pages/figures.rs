//! The figures of the agencies, for their leaders and for auditors.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::failure::Failure;
use crate::web::person::Officer;
use axum::extract::State;
use axum::response::Response;
use motcua_domain::number;
use motcua_service::{AgencyFigures, in_time_share, mean_tenths};
use serde::Serialize;

/// Figures per agency.
#[derive(Debug, Clone, Serialize)]
pub struct FiguresPage {
    /// The agencies whose figures the reader may see.
    pub agencies: Vec<FiguresLine>,
}

/// The figures of one agency.
#[derive(Debug, Clone, Serialize)]
pub struct FiguresLine {
    /// The name of the agency.
    pub agency: String,
    /// The number of filed dossiers, open and ended.
    pub filed: String,
    /// The number of dossiers among them that came at a counter.
    pub at_counter: String,
    /// The number of open dossiers.
    pub open: String,
    /// The number of open dossiers that are past their due time.
    pub overdue: String,
    /// There are such dossiers.
    pub is_late: bool,
    /// The number of open dossiers that wait for the applicant.
    pub waiting: String,
    /// The number of ended dossiers.
    pub ended: String,
    /// The number of dossiers with an early or punctual result.
    pub in_time: String,
    /// The number of dossiers with a late result.
    pub late: String,
    /// The percentage of early and punctual results, or an empty text.
    pub in_time_share: String,
    /// Average points of 10, or an empty text.
    pub rating: String,
}

impl Page for FiguresPage {
    const TEMPLATE: &'static str = "figures.html";
    fn samples() -> Vec<Self> {
        let line = FiguresLine {
            agency: "Sở Mẫu".into(),
            filed: "10".into(),
            at_counter: "3".into(),
            open: "5".into(),
            overdue: "1".into(),
            is_late: true,
            waiting: "1".into(),
            ended: "5".into(),
            in_time: "4".into(),
            late: "1".into(),
            in_time_share: "80 %".into(),
            rating: "9,5".into(),
        };
        let empty = FiguresLine {
            overdue: "0".into(),
            is_late: false,
            in_time_share: String::new(),
            rating: String::new(),
            ..line.clone()
        };
        vec![Self { agencies: vec![] }, Self { agencies: vec![line, empty] }]
    }
}

/// `GET /desk/figures`: the figures of the agencies, computed from their dossiers.
pub async fn figures(State(portal): State<Portal>, visitor: Officer) -> Result<Response, Failure> {
    let language = visitor.language();
    let figures = portal.services.lists.figures(visitor.actor()).await?;
    let line = |found: AgencyFigures| {
        let figures = found.figures;
        let count = |dossiers: i64| number::whole(dossiers, language);
        let share = in_time_share(figures.in_time, figures.late);
        let rating = mean_tenths(figures.points, figures.rated);
        FiguresLine {
            agency: found.agency.get(language).to_owned(),
            filed: count(figures.filed),
            at_counter: count(figures.at_counter),
            open: count(figures.open),
            overdue: count(figures.overdue),
            is_late: figures.overdue > 0,
            waiting: count(figures.waiting),
            ended: count(figures.ended),
            in_time: count(figures.in_time),
            late: count(figures.late),
            in_time_share: share.map_or_else(String::new, |percent| format!("{percent} %")),
            rating: rating.map_or_else(String::new, |mean| format::tenths(mean, language)),
        }
    };
    let agencies = figures.into_iter().map(line).collect();
    Ok(ok(&portal, &visitor, &FiguresPage { agencies }))
}
