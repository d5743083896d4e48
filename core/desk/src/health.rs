//! Whether the portal can serve, and how it fares.

use crate::{Desk, Error};
use motcua_store::health::Health as DatabaseHealth;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The least free space on the disk of the files with which the portal takes more, in bytes.
const LEAST_FREE: u64 = 4 << 20;

/// Why a node cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    #[error("the database does not answer, or cannot write")]
    Database(#[source] motcua_store::Fault),
    #[error("the schema of the database lacks {0}")]
    Schema(String),
    #[error("the disk of the files has only {0} bytes left")]
    Disk(u64),
}

/// Whether the node can serve, or why it cannot.
type Answer = Result<(), Arc<NotReady>>;

/// The last answer, with the second of the clock in which it was given.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(i64, Answer)>>);

/// The state of a node at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Health {
    pub database: DatabaseHealth,
    /// What is free on the disk of the files, in bytes; `None` for a store elsewhere.
    pub free: Option<u64>,
    /// Components of plugins that are loaded, and those of them that are suspended.
    pub plugins: usize,
    pub suspended: usize,
    /// Calls of plugins since the start, and those that failed.
    pub calls: u64,
    pub failures: u64,
    /// The number of the last release.
    pub release: i64,
}

impl Desk {
    /// Checks that this node can serve. The answer is kept for the second of the clock, and whoever asks during a check
    /// waits for its answer, so that nobody makes the database work by asking often. A failed write shows at once.
    pub async fn ready(&self) -> Answer {
        let mut kept = self.inner.readiness.0.lock().await;
        if let Some((second, answer)) = &*kept
            && *second == self.now().as_second()
            && (answer.is_err() || !self.inner.database.is_in_doubt())
        {
            return answer.clone();
        }
        let answer = self.check_ready().await.map_err(Arc::new);
        if let Err(reason) = &answer {
            match &**reason {
                NotReady::Database(fault) => tracing::error!(%fault, "the node cannot serve: {reason}"),
                _ => tracing::error!("the node cannot serve: {reason}"),
            }
        }
        *kept = Some((self.now().as_second(), answer.clone()));
        answer
    }

    /// Checks that the database answers and can write, that it has the schema, and that there is room for files.
    async fn check_ready(&self) -> Result<(), NotReady> {
        self.inner.database.ping().await.map_err(NotReady::Database)?;
        let pending = self.inner.database.pending_migrations().await.map_err(NotReady::Database)?;
        if !pending.is_empty() {
            return Err(NotReady::Schema(pending.join(", ")));
        }
        match self.inner.files.free() {
            Some(free) if free < LEAST_FREE => Err(NotReady::Disk(free)),
            _ => Ok(()),
        }
    }

    /// Returns how this node fares.
    pub async fn health(&self) -> Result<Health, Error> {
        let sandbox = &self.inner.plugins.sandbox;
        let components = sandbox.components();
        let figures: Vec<_> = components.iter().filter_map(|component| sandbox.figures(component)).collect();
        Ok(Health {
            database: self.inner.database.health(self.now().as_second()).await?,
            free: self.inner.files.free(),
            plugins: components.len(),
            suspended: components.iter().filter(|component| sandbox.is_suspended(component)).count(),
            calls: figures.iter().map(|figures| figures.calls).sum(),
            failures: figures.iter().map(|figures| figures.failures).sum(),
            release: self.catalogue().number,
        })
    }
}
