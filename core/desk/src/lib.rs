//! The use cases of the portal: one function a command, one transaction each.
//!
//! Every change of a dossier, from whichever side, goes through [`Desk`]: load, authorise, ask the plugin, decide,
//! append, project, commit. Pages, the command line and background work have no other way in.

mod accounts;
mod background;
mod clock;
mod dossiers;
mod drafts;
mod error;
mod filing;
mod lists;
pub mod scenario;
mod versions;

pub use accounts::{LoggedIn, OfficerAccount, Registration, Session, Token};
pub use clock::Clock;
pub use dossiers::{Change, DossierView, PublicView};
pub use drafts::{DraftView, Review};
pub use error::{Error, IncidentId, Rule};
pub use lists::{AgencyFigures, DeskRow, Notice, Reading};
pub use motcua_store::lists::View;

use motcua_catalogue::{Install, Search};
use motcua_sandbox::Sandbox;
use motcua_store::Database;
use motcua_store::files::Files;
use std::sync::Arc;

/// The province's portal with everything it needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    database: Database,
    files: Files,
    sandbox: Sandbox,
    install: Install,
    search: Search,
    clock: Clock,
    versions: versions::Cache,
}

/// What a desk is made of.
#[derive(Debug)]
pub struct Parts {
    pub database: Database,
    pub files: Files,
    pub sandbox: Sandbox,
    pub install: Install,
    pub clock: Clock,
}

impl Desk {
    /// Opens the desk: publishes what the install folder declares, loads the plugins, brings officers' accounts in
    /// line with the organisation.
    pub async fn open(parts: Parts) -> Result<Self, Error> {
        let search = Search::new(&parts.install.procedures, &parts.install.synonyms).map_err(Error::fault)?;
        let Parts { database, files, sandbox, install, clock } = parts;
        let versions = versions::Cache::default();
        let desk = Self { inner: Arc::new(Inner { database, files, sandbox, install, search, clock, versions }) };
        desk.publish().await?;
        desk.sync_officers().await?;
        Ok(desk)
    }

    /// What the install folder declares.
    pub fn install(&self) -> &Install {
        &self.inner.install
    }

    /// The search over procedures.
    pub fn search(&self) -> &Search {
        &self.inner.search
    }

    /// The current time.
    pub fn now(&self) -> jiff::Timestamp {
        self.inner.clock.now()
    }

    /// The database, for the command line's own tasks.
    pub fn database(&self) -> &Database {
        &self.inner.database
    }
}
