//! The script of a preview's pages, the address that it watches, and the choice of the person who looks.

use crate::state::Portal;
use crate::web::visitor::preview_cookie;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use motcua_domain::people::access::{Deed, may};
use serde::Deserialize;
use std::time::Duration;

/// The script of a preview's pages, which loads the page again when the folder has changed.
const SCRIPT: &str =
    "(async () => { let seen = ''; for (;;) { try { const r = await fetch('/preview/changes?seen=' + seen);
const now = await r.text(); if (seen !== '' && now !== seen) { location.reload(); return; } seen = now; }
catch { await new Promise(done => setTimeout(done, 1000)); } } })();
";

/// `GET /preview.js`, of a preview only.
pub async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

/// The state that a page has seen.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PreviewSeen {
    #[serde(default)]
    seen: String,
}

/// The time for which a page waits for a change before it asks again.
const PATIENCE: Duration = Duration::from_secs(25);

/// `GET /preview/changes?seen=`, of a preview only: the number of the folder's state, once it is not the one seen.
pub async fn changes(State(portal): State<Portal>, Query(seen): Query<PreviewSeen>) -> String {
    let Some(preview) = &portal.settings.preview else { return String::new() };
    let mut changed = preview.changed();
    let wait = changed.wait_for(|number| number.to_string() != seen.seen);
    // A page without news asks again.
    let _ = tokio::time::timeout(PATIENCE, wait).await;
    changed.borrow().to_string()
}

/// `GET /preview/as/{person}`, of a preview only: shows the pages in the place of another person from now on.
pub async fn walk_as(State(portal): State<Portal>, Path(person): Path<usize>) -> Response {
    let preview = portal.settings.preview.as_ref();
    let Some(actor) = preview.and_then(|preview| preview.people().nth(person)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let begin = if may(actor, Deed::ReadDesk, None) { "/desk" } else { "/" };
    ([(header::SET_COOKIE, preview_cookie(person))], Redirect::to(begin)).into_response()
}
