//! Showing a dossier and its files.

use crate::pages::dossier::attempt::{Attempt, DONE, PAPER, UNDO};
use crate::pages::dossier::page::{DossierPage, meanwhile, page};
use crate::pages::dossier::undone::attempt_undone;
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
use motcua_domain::names::Digest;
use serde::Deserialize;

/// The version that the reader saw before a change, the word for what the reader did, and the file to show.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SeenQuery {
    #[serde(default)]
    since: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    paper: String,
}

/// `GET /dossiers/{code}?done=&since=&paper=`: the dossier, for its applicant and for officers who may see it.
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
    attempt.filled.push((PAPER.to_owned(), query.paper));
    let page = page(&portal, &visitor, &code, attempt, happened).await?;
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
