//! The public list of decisions whose procedure publishes them.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::typing::Query;
use crate::web::visitor::Visitor;
use axum::extract::State;
use axum::response::Response;
use motcua_service::PublishedDecision;
use serde::{Deserialize, Serialize};

/// Published decisions.
#[derive(Debug, Clone, Serialize)]
pub struct PublishedPage {
    /// The decisions, the latest first.
    pub decisions: Vec<PublishedLine>,
    /// The address of earlier decisions, or an empty text.
    pub earlier: String,
}

/// A published decision.
#[derive(Debug, Clone, Serialize)]
pub struct PublishedLine {
    /// The code of the dossier, which is the number of the decision.
    pub code: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the agency.
    pub agency: String,
    /// The name of the holder, or an empty text if the procedure does not publish it.
    pub holder: String,
    /// The time of the decision.
    pub at: String,
}

/// The place in the list after which the page begins.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PublishedQuery {
    at: Option<i64>,
    #[serde(default)]
    code: String,
}

impl Page for PublishedPage {
    const TEMPLATE: &'static str = "published.html";
    fn samples() -> Vec<Self> {
        let line = |holder: &str| PublishedLine {
            code: "H09.01-261124-0001".into(),
            procedure: "Thủ tục".into(),
            agency: "Sở Mẫu".into(),
            holder: holder.into(),
            at: "24/11/2026 08:00".into(),
        };
        vec![
            Self { decisions: vec![], earlier: String::new() },
            Self { decisions: vec![line("Công ty An Bình"), line("")], earlier: "/published?at=1&code=H09".into() },
        ]
    }
}

/// `GET /published`: the decisions of procedures that publish them.
pub async fn published(
    State(portal): State<Portal>,
    visitor: Visitor,
    Query(query): Query<PublishedQuery>,
) -> Result<Response, Failure> {
    let language = visitor.language();
    let after = query.at.map(|at| (at, query.code.as_str()));
    let (found, has_more) = portal.services.lists.published(after).await?;
    let last = found.last().filter(|_| has_more);
    let earlier = last.map_or_else(String::new, |last| address::published_before(last.at, &last.code));
    let line = |decision: &PublishedDecision| PublishedLine {
        code: decision.code.clone(),
        procedure: decision.procedure.get(language).to_owned(),
        agency: decision.agency.get(language).to_owned(),
        holder: decision.holder.clone().unwrap_or_default(),
        at: format::second(decision.at, language),
    };
    Ok(ok(&portal, &visitor, &PublishedPage { decisions: found.iter().map(line).collect(), earlier }))
}
