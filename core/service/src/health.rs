//! The readiness and the state of a node.

use crate::common::CommonParts;
use crate::host::PluginHost;
use crate::procedures::ProcedureService;
use crate::{Error, TimeSource};
use motcua_store::Database;
use motcua_store::files::FileStore;
use motcua_store::health::DatabaseHealth;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The least free space on the disk of the files, in bytes. Below it the portal takes no more.
const LEAST_FREE: u64 = 4 << 20;

/// The reason why a node cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    #[error("the database does not answer, or cannot write")]
    Database(#[source] motcua_store::Fault),
    #[error("the schema of the database lacks {0}")]
    Schema(String),
    #[error("the disk of the files has only {0} bytes left")]
    Disk(u64),
}

/// The readiness of a node, or the reason why it cannot serve.
type ReadinessAnswer = Result<(), Arc<NotReady>>;

/// The last answer, with the second of the clock in which it was given.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(i64, ReadinessAnswer)>>);

/// The state of a node at one moment.
#[derive(Debug, Clone, Copy)]
pub struct NodeHealth {
    pub database: DatabaseHealth,
    /// The free bytes on the disk of the files, or `None` for a store elsewhere.
    pub free: Option<u64>,
    /// The number of loaded components of plugins, and the number of suspended ones among them.
    pub plugins: usize,
    pub suspended: usize,
    /// The number of calls of plugins since the start, and of failed ones.
    pub calls: u64,
    pub failures: u64,
    /// The number of the last release.
    pub release: i64,
}

/// The readiness and the state of a node.
#[derive(Debug)]
pub struct HealthService {
    database: Database,
    clock: TimeSource,
    files: FileStore,
    host: PluginHost,
    procedures: Arc<ProcedureService>,
    readiness: Readiness,
}

impl HealthService {
    pub(crate) fn new(
        common: &CommonParts,
        files: FileStore,
        host: PluginHost,
        procedures: Arc<ProcedureService>,
    ) -> Self {
        let CommonParts { database, clock, .. } = common.clone();
        Self { database, clock, files, host, procedures, readiness: Readiness::default() }
    }

    /// Checks that this node can serve.
    ///
    /// The answer holds for the second of the clock, and callers during a check wait for its answer, so frequent
    /// requests cost the database nothing. A failed write shows at once.
    pub async fn ready(&self) -> ReadinessAnswer {
        let mut kept = self.readiness.0.lock().await;
        if let Some((second, answer)) = &*kept
            && *second == self.clock.now().as_second()
            && (answer.is_err() || !self.database.is_in_doubt())
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
        *kept = Some((self.clock.now().as_second(), answer.clone()));
        answer
    }

    /// Checks that the database answers and can write, that it has the schema, and that the disk has room for files.
    async fn check_ready(&self) -> Result<(), NotReady> {
        self.database.ping().await.map_err(NotReady::Database)?;
        let pending = self.database.pending_migrations().await.map_err(NotReady::Database)?;
        if !pending.is_empty() {
            return Err(NotReady::Schema(pending.join(", ")));
        }
        match self.files.free() {
            Some(free) if free < LEAST_FREE => Err(NotReady::Disk(free)),
            _ => Ok(()),
        }
    }

    /// Returns the state of this node.
    pub async fn node(&self) -> Result<NodeHealth, Error> {
        let sandbox = &self.host.sandbox;
        let components = sandbox.components();
        let figures: Vec<_> = components.iter().filter_map(|component| sandbox.figures(component)).collect();
        Ok(NodeHealth {
            database: self.database.health(self.clock.now().as_second()).await?,
            free: self.files.free(),
            plugins: components.len(),
            suspended: components.iter().filter(|component| sandbox.is_suspended(component)).count(),
            calls: figures.iter().map(|figures| figures.calls).sum(),
            failures: figures.iter().map(|figures| figures.failures).sum(),
            release: self.procedures.catalogue().number,
        })
    }
}
