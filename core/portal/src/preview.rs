//! A preview of procedures that are still being written. It shows the pages as citizens see them, and refreshes them
//! when the author saves.

use crate::Portal;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_service::LoginSession;
use serde::Deserialize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The state of a preview and of its folder.
#[derive(Debug)]
pub struct Preview {
    /// The session in which everybody sees the pages.
    session: LoginSession,
    mistakes: Mutex<Vec<String>>,
    changed: watch::Sender<u64>,
}

impl Preview {
    /// Returns a preview in which everybody is this citizen.
    pub fn of_citizen(id: UserId, name: String) -> Self {
        let session = LoginSession { actor: Actor::Applicant { id, name } };
        Self { session, mistakes: Mutex::default(), changed: watch::Sender::new(0) }
    }

    pub(crate) fn session(&self) -> LoginSession {
        self.session.clone()
    }

    /// Returns the mistakes in the folder. While it has a mistake, the pages are those of the last folder without
    /// mistakes.
    pub fn mistakes(&self) -> Vec<String> {
        self.mistakes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notifies the pages that the folder changed.
    pub fn tell(&self, mistakes: Vec<String>) {
        *self.mistakes.lock().unwrap_or_else(PoisonError::into_inner) = mistakes;
        self.changed.send_modify(|number| *number += 1);
    }
}

/// The script of a preview's pages, which loads the page again when the folder has changed.
const SCRIPT: &str =
    "(async () => { let seen = ''; for (;;) { try { const r = await fetch('/preview/changes?seen=' + seen);
const now = await r.text(); if (seen !== '' && now !== seen) { location.reload(); return; } seen = now; }
catch { await new Promise(done => setTimeout(done, 1000)); } } })();
";

/// `GET /preview.js`, of a preview only.
pub(crate) async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

/// The state that a page has seen.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct PreviewSeen {
    #[serde(default)]
    seen: String,
}

/// The time for which a page waits for a change before it asks again.
const PATIENCE: Duration = Duration::from_secs(25);

/// `GET /preview/changes?seen=`, of a preview only: the number of the folder's state, once it is not the one seen.
pub(crate) async fn changes(State(portal): State<Portal>, Query(seen): Query<PreviewSeen>) -> String {
    let Some(preview) = &portal.settings.preview else { return String::new() };
    let mut changed = preview.changed.subscribe();
    let wait = changed.wait_for(|number| number.to_string() != seen.seen);
    // A page without news asks again.
    let _ = tokio::time::timeout(PATIENCE, wait).await;
    changed.borrow().to_string()
}
