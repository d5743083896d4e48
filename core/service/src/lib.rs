//! The use cases of the portal: one function a command, one transaction each.
//!
//! Every change of a dossier, from whichever side, goes through [`DossierService`] or, when a draft is filed, through
//! [`DraftService`]: load, authorise, ask the plugin, decide, append, project, commit. Pages, the command line and
//! background work have no other way in.
//!
//! A service holds the parts that it needs and the services below it. The modules stand in the order in which they know
//! one another: the shared parts, then the services from the lowest to the highest.

mod admission;
mod answers;
mod clock;
mod common;
mod error;
mod host;
mod ids;
mod places;
mod quotas;
mod rights;
mod typed;

mod people;

mod files;

mod procedures;

mod plugins;

mod mail;

mod sms;

mod dossiers;

mod drafts;

mod account;
mod bulk;
mod cash;

mod counting;
mod health;
mod jobs;
mod lists;
mod payments;

mod audit;
mod log;
mod quality;
mod register;
mod statistics;
mod suggestions;

pub use account::{
    AccountExport, AccountService, CounterPerson, CounterPhone, EmailChange, ExportEntry, ExportPart, MetPerson,
    Profile,
};
pub use answers::{AgencyAnswers, AnswerChange, AnswerService, StandardAnswer};
pub use audit::{AuditList, AuditPlace, AuditRow, AuditSearch, AuditService, MOST_AUDITED};
pub use bulk::{
    BULK_MOST, BulkCounts, BulkOffer, BulkOutcome, BulkPreview, BulkReport, BulkResult, BulkService, BulkWork,
};
pub use cash::{CashService, CashSheet, CashTotals, ListedCashier};
pub use clock::TimeSource;
pub use counting::{CountedFigures, CountedRows, CountingService, CountingWish, MOST_ROWS};
pub use dossiers::{
    ASSIGNMENTS, ActRequest, BulkAction, BulkDeed, BulkLine, BulkSight, DossierChange, DossierService, DossierStory,
    DossierView, FormerContent, HolderChanges, LARGEST_MESSAGE_FILE, MESSAGE_KINDS, PublicDossier, ReorganiseMode,
    ReorganiseOutcome, StepView, StoryEvent, UnitChoice, action_name, action_told,
};
pub use drafts::{
    CounterOffer, DraftPart, DraftReview, DraftSeen, DraftService, DraftSigning, DraftToSign, DraftView,
    EarlierDossier, FieldOverlap, InvitationView, LinkSecret, PageSeen, SavedDraft, SignedDossier, SignerView,
    SigningLine, SigningState, SigningView, UsedDraft,
};
pub use error::{Error, IncidentId, InputRule};
pub use files::{Aside, FileService, inspect};
pub use health::{HealthService, NodeHealth, NotReady};
pub use host::PluginHost;
pub use jobs::JobService;
pub use lists::{
    AgencyFigures, ApplicantNotice, AskedFilters, ComingSiteVisit, DeskCriterion, DeskFilters, DeskNext, DeskRow,
    DeskRows, DossierReading, FilterChoice, FoundBy, FoundGroup, ListService, OwnReading, PublishedDecision,
};
pub use log::{ChainState, JournalVerification, LogKeys, LogService, LogSetup, PublishPlaces};
pub use mail::{
    CodeMail, DigestMail, DigestPart, DigestWish, MailConnection, MailEffect, MailOutcome, MailServer, MailService,
    MailSetup, MailTexts, MailWish, NoticeMail, NoticeSubject, OutgoingMail, WrittenMail, WrittenText,
};
pub use motcua_catalogue as catalogue;
pub use motcua_documents::{bpmn, diagram, plot, spreadsheet, xml};
pub use motcua_oidc::{ProviderError, ReturnedAnswer};
pub use motcua_store::account_acts::{AccountActKind, ListedAccountAct};
pub use motcua_store::audit::StaffEventKind;
pub use motcua_store::cash::{CashLine, ClosedCashDay};
pub use motcua_store::counted::{CountedFigure, ListedFigure, StepFigure};
pub use motcua_store::counting::{CountedGroup, CountedRow, CountedStep, CountingGroup};
pub use motcua_store::desk::{COUNTED, DeskHolder, DeskPlace, DeskWish, DueSpan, OfficerView, PersonPlace, RowNews};
pub use motcua_store::jobs::DeadJob;
pub use motcua_store::log::SignedHead as LogHead;
pub use motcua_store::public_figures::MonthlySums;
pub use motcua_store::register::RegisteredResult;
pub use motcua_store::wallet::WalletPaper;
pub use payments::{CallBackAnswer, OnlineOffer, OnlinePayment, OnlineState, PaymentService, PaymentSetup};
pub use people::{
    Delegation, DeviceKey, EndedSessions, FactorLogIn, FactorState, LinkedLogin, ListedSession, LogInStep, LoggedIn,
    LoginSession, LoginSetup, NewFactor, OfferedProvider, OfficerAccount, OfficerState, PeopleService, ProviderOutcome,
    Registration, SessionToken, StaffMember, login_of_ticket,
};
pub use places::{WorkPlace, WorkPlaces};
pub use plugins::{PluginService, PluginSuspension, PluginView, ReplayedAnswer, UsingProcedure};
pub use procedures::{
    EligibilityResult, FaultyVersion, NotInstalled, OfferedProcedures, OlderVersion, PackageTrust, PendingVersion,
    ProcedureService, ReportedFault, belongs_to, faulty_versions, scenario,
};
pub use quality::{QualityGroup, QualityIndex};
pub use register::{ListedResult, MOST_EXPORTED, RegisterSearch, RegisterService};
pub use sms::{PhoneMessage, PhoneWish, SmsGateway, SmsService, SmsSetup};
pub use statistics::{
    FigurePeriod, PublicFigures, PublicSums, ServiceLevels, StatisticsService, in_time_share, mean_tenths,
    service_levels,
};
pub use suggestions::{ListedSuggestion, SuggestionFigures, SuggestionService, SuggestionView, SuggestionWish};
pub use typed::{PAGE_LANGUAGE, typed_in};

use common::CommonParts;
use ids::IdSource;
use motcua_catalogue::scanning::Clamd;
use motcua_catalogue::settings::{Quotas, SessionSettings, StaffSettings, SuggestionSettings};
use motcua_catalogue::{Diagnostic, Install, Province};
use motcua_domain::names::{CommandId, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_store::Database;
use motcua_store::files::FileStore;
use quotas::AccountQuotas;
use sms::Senders;
use std::sync::Arc;

/// The services of the portal of a province. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Services {
    pub people: Arc<PeopleService>,
    pub files: Arc<FileService>,
    pub procedures: Arc<ProcedureService>,
    pub plugins: Arc<PluginService>,
    pub mail: Arc<MailService>,
    pub sms: Arc<SmsService>,
    pub dossiers: Arc<DossierService>,
    pub drafts: Arc<DraftService>,
    pub account: Arc<AccountService>,
    pub bulk: Arc<BulkService>,
    pub counting: Arc<CountingService>,
    pub audit: Arc<AuditService>,
    pub health: Arc<HealthService>,
    pub jobs: Arc<JobService>,
    pub lists: Arc<ListService>,
    pub log: Arc<LogService>,
    pub payments: Arc<PaymentService>,
    pub answers: Arc<AnswerService>,
    pub cash: Arc<CashService>,
    pub register: Arc<RegisterService>,
    pub statistics: Arc<StatisticsService>,
    pub suggestions: Arc<SuggestionService>,
    common: Arc<CommonParts>,
    /// The flaws of the install folder that did not prevent the start of the portal.
    warnings: Arc<[Diagnostic]>,
}

/// The parts from which the services are built.
#[derive(Debug)]
pub struct ServiceParts {
    pub database: Database,
    pub files: FileStore,
    pub plugins: PluginHost,
    pub install: Install,
    pub clock: TimeSource,
    pub log: LogSetup,
    pub sessions: SessionSettings,
    /// The log-in of officers.
    pub staff: StaffSettings,
    /// The providers at which people log in.
    pub logins: LoginSetup,
    pub quotas: Quotas,
    /// The limits of complaints and suggestions.
    pub suggestions: SuggestionSettings,
    /// The secret by which the portal recognises the devices of earlier log-ins, and the files that its pages remember.
    pub device_key: DeviceKey,
    /// The virus scanner for uploads, if the operator configured one.
    pub clamd: Option<Clamd>,
    /// The mail server for notices, if the operator configured one.
    pub mail: MailSetup,
    /// The gateway for messages to phones, if the operator configured one.
    pub sms: SmsSetup,
    /// The payment gateway, if the operator configured one.
    pub payment: PaymentSetup,
}

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
        self.procedures.follow_folder(declared, older).await?;
        let offer = async {
            self.procedures.refresh().await?;
            self.procedures.read_followed().await
        };
        // The catalogue and the accounts do not depend on each other, and either keeps one core busy.
        tokio::try_join!(offer, self.people.sync_officers())?;
        Box::pin(self.dossiers.return_left_steps()).await?;
        self.jobs.follow_calendar().await?;
        self.plugins.follow_suspensions().await
    }

    fn assemble(parts: ServiceParts) -> Result<(Self, Vec<catalogue::Declared>), Error> {
        let ServiceParts { database, files, plugins, install, clock, log, clamd, mail, sessions, .. } = parts;
        let ServiceParts { quotas, suggestions, device_key, staff, logins, sms, payment, .. } = parts;
        let Install { province, declared, warnings } = install;
        let (store, host, ids) = (files, plugins, IdSource::new(clock.clone()));
        let common = CommonParts { database, clock, ids, province: Arc::new(province) };
        let quotas = AccountQuotas::new(&common, quotas);
        let people = Arc::new(PeopleService::new(&common, sessions, staff, device_key, logins));
        let files = Arc::new(FileService::new(&common, store.clone(), clamd));
        let procedures = Arc::new(ProcedureService::new(&common, host.clone())?);
        let plugins = Arc::new(PluginService::new(&common, host.clone(), procedures.clone()));
        let mail = Arc::new(MailService::new(&common, mail));
        let sms = Arc::new(SmsService::new(&common, sms));
        let senders = Senders { mail: mail.clone(), sms: sms.clone() };
        let dossiers = Arc::new(DossierService::new(
            &common,
            device_key,
            quotas.clone(),
            files.clone(),
            procedures.clone(),
            plugins.clone(),
            senders.clone(),
        ));
        let drafts = Arc::new(DraftService::new(
            &common,
            quotas.clone(),
            files.clone(),
            procedures.clone(),
            plugins.clone(),
            dossiers.clone(),
        ));
        let suggestions = Arc::new(SuggestionService::new(
            &common,
            suggestions,
            quotas.clone(),
            procedures.clone(),
            senders.clone(),
            dossiers.clone(),
        ));
        let services = Self {
            account: Arc::new(AccountService::new(
                &common,
                quotas,
                people.clone(),
                senders.clone(),
                files.clone(),
                dossiers.clone(),
                drafts.clone(),
            )),
            bulk: Arc::new(BulkService::new(&common, dossiers.clone())),
            counting: Arc::new(CountingService::new(&common, dossiers.clone())),
            audit: Arc::new(AuditService::new(&common, dossiers.clone())),
            health: Arc::new(HealthService::new(&common, store, host, procedures.clone())),
            jobs: Arc::new(JobService::new(&common, procedures.clone(), plugins.clone(), senders, dossiers.clone())),
            lists: Arc::new(ListService::new(&common, dossiers.clone(), procedures.clone())),
            log: Arc::new(LogService::new(&common, log, dossiers.clone())),
            payments: Arc::new(PaymentService::new(&common, payment, dossiers.clone())),
            answers: Arc::new(AnswerService::new(&common)),
            cash: Arc::new(CashService::new(&common)),
            register: Arc::new(RegisterService::new(&common, dossiers.clone())),
            statistics: Arc::new(StatisticsService::new(&common)),
            suggestions,
            people,
            files,
            procedures,
            plugins,
            mail,
            sms,
            dossiers,
            drafts,
            common: Arc::new(common),
            warnings: warnings.into(),
        };
        Ok((services, declared))
    }

    /// Opens the services beside a portal that may be running. Publishes nothing and does not change officers.
    pub async fn open_beside(parts: ServiceParts) -> Result<Self, Error> {
        let services = Self::assemble(parts)?.0;
        services.procedures.refresh().await?;
        Ok(services)
    }

    /// Opens the services on a new database, for a command before the first start of the portal.
    ///
    /// The officers of the organisation get their accounts, and nothing is published.
    pub async fn open_new(parts: ServiceParts) -> Result<Self, Error> {
        let services = Self::open_beside(parts).await?;
        services.people.sync_officers().await?;
        Ok(services)
    }

    /// Locks an account and ends its sessions on all nodes, or unlocks it. The steps of a locked officer return to their
    /// posts.
    pub async fn lock_account(&self, login: &str, locked: bool) -> Result<(), Error> {
        self.lock_by(None, login, locked).await
    }

    /// Locks or unlocks the account of another officer as [`Self::lock_account`] does, for an administrator.
    pub async fn lock_officer(&self, actor: &Actor, login: &str, locked: bool) -> Result<(), Error> {
        let account = self.people.administered(actor, login).await?;
        self.lock_by(actor.reference().user(), &account.login, locked).await
    }

    async fn lock_by(&self, by: Option<&UserId>, login: &str, locked: bool) -> Result<(), Error> {
        self.people.lock(by, login, locked).await?;
        // The account is locked even if a step cannot be returned now. The next start of the portal returns it.
        if locked && let Err(error) = Box::pin(self.dossiers.return_left_steps()).await {
            tracing::warn!(%error, "the steps of a locked officer stay assigned until the portal starts again");
        }
        Ok(())
    }

    /// Returns the data that all procedures share: agencies, calendar, registries.
    pub fn province(&self) -> &Province {
        &self.common.province
    }

    /// Returns the flaws of the install folder that did not prevent the start of the portal, for administrators.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Returns the current time.
    pub fn now(&self) -> jiff::Timestamp {
        self.common.clock.now()
    }

    /// Returns a new id for a command that is given now.
    pub fn new_command(&self) -> CommandId {
        self.common.ids.command()
    }

    /// Returns the database, for the command line's own tasks.
    pub fn database(&self) -> &Database {
        &self.common.database
    }
}
