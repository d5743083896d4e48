//! The use cases of the portal: one function a command, one transaction each.
//!
//! Every change of a dossier, from whichever side, goes through [`Services`]: load, authorise, ask the plugin, decide,
//! append, project, commit. Pages, the command line and background work have no other way in.

mod accounts;
mod append;
mod aside;
mod background;
mod choices;
mod clock;
mod connections;
mod delegation;
mod dossiers;
mod drafts;
mod eligibility;
mod error;
mod files;
mod filing;
mod health;
mod ids;
pub mod inspect;
mod lists;
mod log;
mod meaning;
mod overruns;
mod packages;
mod passwords;
mod places;
mod plugins;
mod publish;
mod quotas;
mod releases;
mod reorganise;
mod replay;
mod results;
mod scan;
pub mod scenario;
mod seen;
mod sessions;
mod states;
mod typed;
mod versions;
mod wallet;

pub use accounts::{OfficerAccount, OfficerState, Registration};
pub use aside::Aside;
pub use clock::TimeSource;
pub use delegation::Delegation;
pub use dossiers::{DossierChange, DossierView, EventMeanwhile, HolderChanges, PublicDossier, StepView};
pub use drafts::{DraftReview, DraftView, FieldOverlap, SavedDraft};
pub use eligibility::EligibilityResult;
pub use error::{Error, IncidentId, InputRule};
pub use filing::UsedDraft;
pub use health::{NodeHealth, NotReady};
pub use lists::{AgencyFigures, ApplicantNotice, DeskRow, DossierReading};
pub use log::{LogKeys, LogSettings};
pub use motcua_catalogue as catalogue;
pub use motcua_documents::{bpmn, diagram, plot};
pub use motcua_store::jobs::DeadJob;
pub use motcua_store::lists::OfficerView;
pub use motcua_store::log::SignedHead as LogHead;
pub use motcua_store::wallet::WalletPaper;
pub use packages::{NotInstalled, PackageTrust};
pub use places::{WorkPlace, WorkPlaces};
pub use plugins::{PluginHost, PluginSuspension, PluginView, UsingProcedure};
pub use publish::PublishPlaces;
pub use releases::{OfferedProcedures, OlderVersion, PendingVersion};
pub use reorganise::{ReorganiseMode, ReorganiseOutcome};
pub use replay::ReplayedAnswer;
pub use seen::{DraftPart, DraftSeen, PageSeen};
pub use sessions::{DeviceKey, LoggedIn, LoginSession, SessionToken};
pub use typed::{PAGE_LANGUAGE, typed_in};

use arc_swap::ArcSwap;
use motcua_catalogue::scanning::Clamd;
use motcua_catalogue::settings::{Quotas, SessionSettings};
use motcua_catalogue::{Diagnostic, Install, Province, Snapshot};
use motcua_store::Database;
use motcua_store::files::FileStore;
use std::sync::Arc;

/// The portal of a province with everything that it needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Services {
    inner: Arc<DeskInner>,
}

#[derive(Debug)]
struct DeskInner {
    database: Database,
    files: FileStore,
    plugins: PluginHost,
    province: Province,
    /// The flaws of the install folder that did not prevent the start of the portal.
    warnings: Vec<Diagnostic>,
    /// The offered procedures. The snapshot is replaced as a whole and never changed.
    catalogue: ArcSwap<Snapshot>,
    /// The lock under which one task at a time builds a new catalogue.
    refreshing: tokio::sync::Mutex<()>,
    clock: TimeSource,
    versions: versions::VersionCache,
    states: states::DossierStates,
    ids: ids::IdSource,
    log: LogSettings,
    told_overruns: overruns::ReportedOverruns,
    /// The places for checking packages.
    checks: WorkPlaces,
    /// The places for loading plugins, which may have to be compiled.
    compiling: WorkPlaces,
    hashing: passwords::PasswordHashing,
    sessions: SessionSettings,
    quotas: Quotas,
    device_key: DeviceKey,
    readiness: health::Readiness,
    /// The places for judging uploads.
    judging: WorkPlaces,
    /// The places for scanning uploads for viruses.
    scanning: WorkPlaces,
    /// The place for decoding photographs. Only one is decoded at a time, because each takes some hundred megabytes.
    photos: WorkPlaces,
    /// The virus scanner.
    clamd: Option<Clamd>,
}

/// The parts from which the services are built.
#[derive(Debug)]
pub struct ServiceParts {
    pub database: Database,
    pub files: FileStore,
    pub plugins: PluginHost,
    pub install: Install,
    pub clock: TimeSource,
    pub log: LogSettings,
    pub sessions: SessionSettings,
    pub quotas: Quotas,
    /// The secret by which the portal recognises the devices of earlier log-ins, and the files that its pages remember.
    pub device_key: DeviceKey,
    /// The virus scanner for uploads, if the operator configured one.
    pub clamd: Option<Clamd>,
}

/// The most packages that are checked at once, and the most that wait.
const CHECKS_AT_ONCE: usize = 2;
const MOST_WAITING_CHECKS: usize = 32;

/// The most plugins that are loaded at once, and the most that wait. Requests wait here for a plugin of an older
/// version.
const COMPILED_AT_ONCE: usize = 2;
const MOST_WAITING_COMPILES: usize = 64;

/// The most times that a node starts to follow its install folder again because another node was faster.
const MOST_STARTS: usize = 20;

impl Services {
    /// Opens the services: publishes the procedures of the install folder, loads the plugins, and updates officers'
    /// accounts from the organisation.
    pub async fn open(parts: ServiceParts, older: OlderVersion) -> Result<Self, Error> {
        let (services, declared) = Self::assemble(parts)?;
        let mut tries = 1;
        loop {
            match services.begin(&declared, older).await {
                Ok(()) => return Ok(services),
                // Another node that starts now wrote the same row first.
                Err(Error::Duplicate) if tries < MOST_STARTS => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    async fn begin(&self, declared: &[catalogue::Declared], older: OlderVersion) -> Result<(), Error> {
        self.follow(declared, older).await?;
        self.read_followed().await?;
        self.sync_officers().await?;
        self.follow_calendar().await?;
        self.follow_suspensions().await
    }

    fn assemble(parts: ServiceParts) -> Result<(Self, Vec<catalogue::Declared>), Error> {
        let ServiceParts { database, files, plugins, install, clock, log, clamd, sessions, quotas, device_key } = parts;
        let Install { province, declared, warnings } = install;
        let nothing = Snapshot::new(0, Vec::new(), &[]).map_err(Error::fault)?;
        let services = Self {
            inner: Arc::new(DeskInner {
                database,
                files,
                plugins,
                province,
                warnings,
                catalogue: ArcSwap::from_pointee(nothing),
                refreshing: tokio::sync::Mutex::default(),
                clock,
                versions: versions::VersionCache::default(),
                states: states::DossierStates::default(),
                ids: ids::IdSource::default(),
                log,
                told_overruns: overruns::ReportedOverruns::default(),
                checks: WorkPlaces::new(CHECKS_AT_ONCE, MOST_WAITING_CHECKS),
                compiling: WorkPlaces::new(COMPILED_AT_ONCE, MOST_WAITING_COMPILES),
                hashing: passwords::PasswordHashing::default(),
                sessions,
                quotas,
                device_key,
                readiness: health::Readiness::default(),
                judging: WorkPlaces::new(files::JUDGED_AT_ONCE, files::WAITING),
                scanning: WorkPlaces::new(files::SCANNED_AT_ONCE, files::WAITING_FOR_SCAN),
                photos: WorkPlaces::new(1, wallet::WAITING),
                clamd,
            }),
        };
        Ok((services, declared))
    }

    /// Opens the services beside a portal that may be running. Publishes nothing and does not change officers.
    pub async fn open_beside(parts: ServiceParts) -> Result<Self, Error> {
        let services = Self::assemble(parts)?.0;
        services.refresh().await?;
        Ok(services)
    }

    /// Opens the services on a new database, for a command before the first start of the portal.
    ///
    /// The officers of the organisation get their accounts, and nothing is published.
    pub async fn open_new(parts: ServiceParts) -> Result<Self, Error> {
        let services = Self::open_beside(parts).await?;
        services.sync_officers().await?;
        Ok(services)
    }

    /// Returns the data that all procedures share: agencies, calendar, registries.
    pub fn province(&self) -> &Province {
        &self.inner.province
    }

    /// Returns the flaws of the install folder that did not prevent the start of the portal, for administrators.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.inner.warnings
    }

    /// Returns the offered procedures. The snapshot does not change while a caller reads it.
    pub fn catalogue(&self) -> Arc<Snapshot> {
        self.inner.catalogue.load_full()
    }

    /// Returns the current time.
    pub fn now(&self) -> jiff::Timestamp {
        self.inner.clock.now()
    }

    /// Returns the current day in Vietnam.
    pub(crate) fn today(&self) -> jiff::civil::Date {
        motcua_domain::time::calendar::local(self.now()).date()
    }

    /// Returns the database, for the command line's own tasks.
    pub fn database(&self) -> &Database {
        &self.inner.database
    }
}
