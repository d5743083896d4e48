//! A preview of procedures that are still being written. It shows the pages as citizens see them, and refreshes them
//! when the author saves.

use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_service::LoginSession;
use std::sync::{Mutex, PoisonError};
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

    /// Returns the number of the folder's state, which changes with the folder.
    pub(crate) fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Notifies the pages that the folder changed.
    pub fn tell(&self, mistakes: Vec<String>) {
        *self.mistakes.lock().unwrap_or_else(PoisonError::into_inner) = mistakes;
        self.changed.send_modify(|number| *number += 1);
    }
}
