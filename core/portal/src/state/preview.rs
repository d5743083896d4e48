//! A preview of procedures that are still being written. It shows the pages as citizens and officers see them, and
//! refreshes them when the author saves.

use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::{Language, Text};
use motcua_service::LoginSession;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// The state of a preview and of its folder.
#[derive(Debug)]
pub struct Preview {
    /// The citizen in whose place everybody sees the pages at first.
    citizen: Actor,
    /// The officers in whose place an author may look and act. Empty if other machines can open the preview.
    officers: Vec<Actor>,
    mistakes: Mutex<Vec<Text>>,
    changed: watch::Sender<u64>,
}

impl Preview {
    /// Returns a preview in which everybody is this citizen, or one of these officers by choice.
    pub fn of_people(id: UserId, name: String, officers: Vec<Actor>) -> Self {
        let citizen = Actor::Applicant { id, name };
        Self { citizen, officers, mistakes: Mutex::default(), changed: watch::Sender::new(0) }
    }

    /// Returns the people in whose place an author may look: the citizen, and then the officers.
    pub(crate) fn people(&self) -> impl Iterator<Item = &Actor> {
        std::iter::once(&self.citizen).chain(&self.officers)
    }

    /// Returns the session in the place of the person with this number, or else of the citizen.
    pub(crate) fn session(&self, person: Option<usize>) -> LoginSession {
        let actor = person.and_then(|number| self.people().nth(number)).unwrap_or(&self.citizen);
        LoginSession { actor: actor.clone() }
    }

    /// Returns the mistakes in the folder, in a language. While it has a mistake, the pages are those of the last folder
    /// without mistakes.
    pub fn mistakes(&self, language: Language) -> Vec<String> {
        let mistakes = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        mistakes.iter().map(|mistake| mistake.get(language).to_owned()).collect()
    }

    /// Returns the number of the folder's state, which changes with the folder.
    pub(crate) fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Notifies the pages that the folder changed.
    pub fn tell(&self, mistakes: Vec<Text>) {
        *self.mistakes.lock().unwrap_or_else(PoisonError::into_inner) = mistakes;
        self.changed.send_modify(|number| *number += 1);
    }
}
