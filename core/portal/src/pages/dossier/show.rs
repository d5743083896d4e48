//! Showing a dossier and its files.

use crate::pages::dossier::attempt::{Attempt, DONE, LIST, NEXT, PAPER, PLACE, UNDO};
use crate::pages::dossier::page::{DossierPage, meanwhile, page};
use crate::pages::dossier::undone::attempt_undone;
use crate::pages::dossier::way::{BeforeContext, YES};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::web::address::code;
use crate::web::download::{DownloadQuery, in_frame, stored};
use crate::web::failure::Failure;
use crate::web::person::Person;
use crate::web::typing;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use motcua_domain::names::{Digest, DossierCode};
use serde::Deserialize;

/// The version that the reader saw before a change, the word for what the reader did, the file to show, and the way
/// through an officer's list.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SeenQuery {
    #[serde(default)]
    since: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    paper: String,
    /// The list from which the dossier was opened, its place there, and `no` if an action is not followed by the next
    /// one.
    #[serde(default)]
    list: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    next: String,
    /// The dossier in which the reader acted before, the place that it had in the list, and its version if the action
    /// can be taken back.
    #[serde(default)]
    before: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    undo: String,
    /// The number of other dossiers at the end of the list.
    #[serde(default)]
    left: String,
}

impl SeenQuery {
    /// Returns the fields of the whole page that the address has.
    fn fields(&self) -> impl Iterator<Item = (String, String)> {
        let next = if self.next == "no" { "" } else { YES };
        let all =
            [(PAPER, self.paper.as_str()), (LIST, self.list.as_str()), (PLACE, self.place.as_str()), (NEXT, next)];
        all.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter()
    }

    /// Returns the dossier of a list in which the reader acted before.
    fn before(&self, list: &str) -> Option<BeforeContext> {
        let code = DossierCode::parse(&self.before)?.to_string();
        Some(BeforeContext::of(code, self.undo.parse().unwrap_or(0), list, &self.from))
    }
}

/// `GET /dossiers/{code}?done=&since=&paper=&list=&place=&next=&before=&from=&undo=&left=`: the dossier, for its
/// applicant and for officers who may see it.
pub async fn show(
    State(portal): State<Portal>,
    Path(text): Path<String>,
    typing::Query(query): typing::Query<SeenQuery>,
    visitor: Person,
) -> Result<Response, Failure> {
    let code = code(&text)?;
    let happened = meanwhile(&portal, &visitor, &code, query.since.parse().unwrap_or(0)).await?;
    let done = DONE.into_iter().find(|word| *word == query.done).unwrap_or_default();
    let mut attempt = if done == UNDO { attempt_undone(&portal, &visitor, &code).await? } else { Attempt::default() };
    attempt.filled.extend(query.fields());
    let mut page = page(&portal, &visitor, &code, attempt, happened).await?;
    if !page.owner {
        let way = &mut page.work.way;
        (way.before, way.left) = (query.before(&way.list), query.left.parse().ok());
    }
    Ok(ok(&portal, &visitor, &DossierPage { done, ..page }))
}

/// `GET /dossiers/{code}/files/{digest}?name=`: a paper or a result, for those who may see the dossier. The page of the
/// dossier shows it in a frame. Each opening by staff is a logged reading.
pub async fn file(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Path((path, digest)): Path<(String, String)>,
    Query(wanted): Query<DownloadQuery>,
    visitor: Person,
) -> Result<Response, Failure> {
    let (actor, code) = (visitor.actor(), code(&path)?);
    let (file, content) = portal.services.dossiers.dossier_file(actor, &code, &Digest(digest), &wanted.name).await?;
    Ok(in_frame(stored(&headers, &file, content)))
}
