//! The search of all pages of officers: a dossier by its code, or the dossiers of a person.

use crate::pages::applicant::{DossierLine, line};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::Officer;
use crate::web::typing::Query;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::text::Language;
use motcua_service::{FoundBy, FoundGroup, ListService, PersonPlace};
use serde::{Deserialize, Serialize};

/// The search that an officer wants.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct StaffSearchQuery {
    #[serde(default)]
    q: String,
    /// The property of the only group that is wanted.
    #[serde(default)]
    by: String,
    #[serde(default)]
    after: String,
}

/// The result of an officer's search in all dossiers that the officer may read.
#[derive(Debug, Clone, Serialize)]
pub struct DeskSearchPage {
    /// The typed words of the search, or an empty text.
    pub query: String,
    /// The properties that the words were searched as: `identity`, `phone` and `name`. The text is under `found-by-<property>`.
    pub searched: Vec<&'static str>,
    /// The found dossiers.
    pub groups: Vec<FoundGroupContext>,
    /// The address of the first results of all groups, on a page of one group, or an empty text.
    pub first: String,
}

/// The dossiers that a search found by one property.
#[derive(Debug, Clone, Serialize)]
pub struct FoundGroupContext {
    /// The property: `identity`, `phone` or `name`. The text is under `found-by-<property>`.
    pub by: &'static str,
    /// The dossiers.
    pub dossiers: Vec<DossierLine>,
    /// The address of further dossiers, or an empty text.
    pub next: String,
}

impl FoundGroupContext {
    fn of(group: FoundGroup, query: &str, language: Language) -> Self {
        let by = group.by.name();
        let next = group.last.map(|last| address::desk_search(query, by, &last.to_string()));
        let dossiers = group.rows.into_iter().map(|row| line(row, language)).collect();
        Self { by, dossiers, next: next.unwrap_or_default() }
    }
}

impl Page for DeskSearchPage {
    const TEMPLATE: &'static str = "desk_search.html";
    fn samples() -> Vec<Self> {
        let group = |by: FoundBy| FoundGroupContext {
            by: by.name(),
            dossiers: DossierLine::samples(),
            next: if by == FoundBy::Name { "/desk/search?q=an&by=name".into() } else { String::new() },
        };
        let nothing = |query: &str, searched: Vec<&'static str>| Self {
            query: query.into(),
            searched,
            groups: vec![],
            first: String::new(),
        };
        let all = FoundBy::ALL.map(FoundBy::name).to_vec();
        let found = Self {
            groups: FoundBy::ALL.map(group).into(),
            first: "/desk/search?q=an".into(),
            ..nothing("an", all.clone())
        };
        vec![nothing("", vec![]), nothing("🙂", vec![]), nothing("an", all), found]
    }
}

/// `GET /desk/search?q=&by=&after=`: opens the dossier with the typed code, or lists the dossiers of the people whom the
/// text can mean, ended ones too.
pub async fn search(
    State(portal): State<Portal>,
    Query(mut wanted): Query<StaffSearchQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let lists = &portal.services.lists;
    let by = FoundBy::ALL.into_iter().find(|by| by.name() == wanted.by);
    wanted.q = wanted.q.trim().to_owned();
    if let Some(code) = lists.desk_code(visitor.actor(), &wanted.q).await? {
        return Ok(Redirect::to(&address::dossier(code)).into_response());
    }
    let after = by.and_then(|_| PersonPlace::parse(&wanted.after));
    let groups = lists.find_person(visitor.actor(), &wanted.q, by, after.as_ref()).await?;
    let language = visitor.language();
    let page = DeskSearchPage {
        searched: ListService::found_by(&wanted.q).into_iter().map(FoundBy::name).collect(),
        groups: groups.into_iter().map(|group| FoundGroupContext::of(group, &wanted.q, language)).collect(),
        first: by.map_or_else(String::new, |_| address::desk_search(&wanted.q, "", "")),
        query: wanted.q,
    };
    Ok(ok(&portal, &visitor, &page))
}
