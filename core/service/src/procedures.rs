//! Procedures: their versions, releases and packages.

mod eligibility;
mod own_case;
mod packages;
mod releases;
mod rule_faults;
pub mod scenario;
mod versions;

pub use eligibility::{EligibilityResult, belongs_to, given_before};
pub use packages::{NotInstalled, PackageTrust};
pub use releases::{OfferedProcedures, OlderVersion, PendingVersion};
pub use rule_faults::{FaultyVersion, ReportedFault, faulty_versions};

use crate::common::CommonParts;
use crate::host::PluginHost;
use crate::{Error, TimeSource, WorkPlaces};
use arc_swap::ArcSwap;
use motcua_catalogue::{Province, Snapshot};
use motcua_store::Database;
use std::sync::Arc;

/// The most packages that are checked at once, and the most that wait.
const CHECKS_AT_ONCE: usize = 2;
const MOST_WAITING_CHECKS: usize = 32;

/// The most plugins that are loaded at once, and the most that wait. Requests wait here for a plugin of an older
/// version.
const COMPILED_AT_ONCE: usize = 2;
const MOST_WAITING_COMPILES: usize = 64;

/// The procedures of the province: installed versions, releases, and the catalogue of offered ones.
#[derive(Debug)]
pub struct ProcedureService {
    database: Database,
    clock: TimeSource,
    province: Arc<Province>,
    host: PluginHost,
    /// The offered procedures. The snapshot is replaced as a whole and never changed.
    catalogue: ArcSwap<Snapshot>,
    /// The lock under which one task at a time builds a new catalogue.
    refreshing: tokio::sync::Mutex<()>,
    versions: versions::VersionCache,
    told_faults: rule_faults::ReportedFaults,
    /// The places for checking packages.
    checks: WorkPlaces,
    /// The places for loading plugins, which may have to be compiled.
    compiling: WorkPlaces,
}

impl ProcedureService {
    pub(crate) fn new(common: &CommonParts, host: PluginHost) -> Result<Self, Error> {
        let CommonParts { database, clock, province, .. } = common.clone();
        let nothing = Snapshot::new(0, Vec::new(), &[]).map_err(Error::fault)?;
        Ok(Self {
            database,
            clock,
            province,
            host,
            catalogue: ArcSwap::from_pointee(nothing),
            refreshing: tokio::sync::Mutex::default(),
            versions: versions::VersionCache::default(),
            told_faults: rule_faults::ReportedFaults::default(),
            checks: WorkPlaces::new(CHECKS_AT_ONCE, MOST_WAITING_CHECKS),
            compiling: WorkPlaces::new(COMPILED_AT_ONCE, MOST_WAITING_COMPILES),
        })
    }

    /// Returns the offered procedures. The snapshot does not change while a caller reads it.
    pub fn catalogue(&self) -> Arc<Snapshot> {
        self.catalogue.load_full()
    }
}
