//! The search of all pages of officers: a dossier by its code, or the dossiers of a person.
//!
//! The words are posted, also for further results. No number and no name of a person is in an address, which logs and
//! the history of a browser keep.

use crate::pages::applicant::{DossierLine, line};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Officer, PostedBy};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::text::Language;
use motcua_service::{FoundBy, FoundGroup, ListService, PersonPlace};
use serde::Serialize;

/// The result of an officer's search in all dossiers that the officer may read.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DeskSearchPage {
    /// The typed words of the search, or an empty text.
    pub query: String,
    /// The properties that the words were searched as: `identity`, `phone` and `name`. The text is under `found-by-<property>`.
    pub searched: Vec<&'static str>,
    /// The found dossiers.
    pub groups: Vec<FoundGroupContext>,
    /// The page has one group alone, and a form leads to the first results of all groups.
    pub alone: bool,
}

/// The dossiers that a search found by one property.
#[derive(Debug, Clone, Serialize)]
pub struct FoundGroupContext {
    /// The property: `identity`, `phone` or `name`. The text is under `found-by-<property>`.
    pub by: &'static str,
    /// The dossiers.
    pub dossiers: Vec<DossierLine>,
    /// The place after which further dossiers follow, which their form posts as `after`, or an empty text.
    pub after: String,
}

impl FoundGroupContext {
    fn of(group: FoundGroup, language: Language) -> Self {
        let after = group.last.map_or_else(String::new, |last| last.to_string());
        let dossiers = group.rows.into_iter().map(|row| line(row, language)).collect();
        Self { by: group.by.name(), dossiers, after }
    }
}

impl Page for DeskSearchPage {
    const TEMPLATE: &'static str = "desk_search.html";
    fn samples() -> Vec<Self> {
        let group = |by: FoundBy| FoundGroupContext {
            by: by.name(),
            dossiers: DossierLine::samples(),
            after: if by == FoundBy::Name { "H09.01-261124-0001~an".into() } else { String::new() },
        };
        let nothing = |query: &str, searched: Vec<&'static str>| Self {
            query: query.into(),
            searched,
            groups: vec![],
            alone: false,
        };
        let all = FoundBy::ALL.map(FoundBy::name).to_vec();
        let found = Self { groups: FoundBy::ALL.map(group).into(), alone: true, ..nothing("an", all.clone()) };
        vec![nothing("", vec![]), nothing("🙂", vec![]), nothing("an", all), found]
    }
}

/// `GET /desk/search`: the search without words. An old bookmark with words leads here, so that no page repeats them.
pub async fn show(
    State(portal): State<Portal>,
    visitor: Officer,
    RawQuery(words): RawQuery,
) -> Result<Response, Failure> {
    // Officers without a desk have no search.
    portal.services.lists.find_person(visitor.actor(), "", None, None).await?;
    if words.is_some() {
        return Ok(Redirect::to(address::DESK_SEARCH).into_response());
    }
    Ok(ok(&portal, &visitor, &DeskSearchPage::default()))
}

/// `POST /desk/search`: opens the dossier with the typed code, or lists the dossiers of the people whom the text can
/// mean, ended ones too. `by` is the property of the only group that is wanted, and `after` the place after which it
/// goes on.
pub async fn search(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let lists = &portal.services.lists;
    let by = FoundBy::ALL.into_iter().find(|by| by.name() == posted.get("by"));
    let query = posted.get("q").trim();
    if let Some(code) = lists.desk_code(visitor.actor(), query).await? {
        return Ok(Redirect::to(&address::dossier(code)).into_response());
    }
    let after = by.and_then(|_| PersonPlace::parse(posted.get("after")));
    let groups = lists.find_person(visitor.actor(), query, by, after.as_ref()).await?;
    let language = visitor.language();
    let page = DeskSearchPage {
        query: query.to_owned(),
        searched: ListService::found_by(query).into_iter().map(FoundBy::name).collect(),
        groups: groups.into_iter().map(|group| FoundGroupContext::of(group, language)).collect(),
        alone: by.is_some(),
    };
    Ok(ok(&portal, &visitor, &page))
}
