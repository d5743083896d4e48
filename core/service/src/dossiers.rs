//! Reading dossiers, with the rights of their readers. All changes of dossiers go through `change`.

mod append;
mod change;
mod extension;
mod look_up;
mod organisation;
mod receipts;
mod reorganise;
mod results;
mod staffing;
mod states;
mod story;
mod together;

pub use change::{ActRequest, DossierChange};
pub use look_up::PublicDossier;
pub use reorganise::{ReorganiseMode, ReorganiseOutcome};
pub use results::{LARGEST_MESSAGE_FILE, MESSAGE_KINDS};
pub use story::{ASSIGNMENTS, DossierStory, FormerContent, StoryEvent, action_name, action_told};
pub use together::{BulkAction, BulkDeed, BulkLine, BulkSight, refusal_of};

use crate::common::CommonParts;
use crate::files::FileService;
use crate::ids::IdSource;
use crate::plugins::PluginService;
use crate::procedures::ProcedureService;
use crate::quotas::AccountQuotas;
use crate::sms::Senders;
use crate::{DeviceKey, Error, TimeSource};
use jiff::Timestamp;
use motcua_catalogue::Province;
use motcua_domain::dossier::decide::is_open;
use motcua_domain::dossier::{Dossier, Stay};
use motcua_domain::media::StoredFile;
use motcua_domain::names::{ActionId, AgencyId, Digest, DossierCode, UnitId, UserId};
use motcua_domain::people::access::{AccessSubject, Deed, may};
use motcua_domain::people::organisation::{Actor, Post};
use motcua_domain::procedure::Procedure;
use motcua_domain::workflow::{Action, Many, Requirement, Step, UnitPlace};
use motcua_store::files::FileContent;
use motcua_store::jobs::SendTimes;
use motcua_store::{Database, Fault, Transaction, account_row, accounts, journal, lists, reading_row};
use std::fmt::Display;
use std::sync::Arc;

/// A dossier with the rights of its reader.
#[derive(Debug, Clone)]
pub struct DossierView {
    pub dossier: Dossier,
    pub procedure: Arc<Procedure>,
    /// The open steps that the reader can take, or assign to others.
    pub steps: Vec<StepView>,
    /// The reader may record a payment.
    pub may_record_payment: bool,
    /// The reader may write messages.
    pub may_write: bool,
    /// The reader may see the readings of the dossier.
    pub may_read_journal: bool,
    /// The reader's own last action, if it can be taken back.
    pub may_undo: Option<ActionId>,
    /// The version after which messages of the applicant are unread, if the reader is an officer who opened the page.
    pub unread_after: Option<u32>,
}

/// An open step, as an officer who can take it sees it.
#[derive(Debug, Clone)]
pub struct StepView {
    pub stay: Stay,
    /// The step in the workflow.
    pub step: Step,
    /// The actions that are open to the reader.
    pub actions: Vec<Action>,
    /// The officers to whom the reader can assign the next step.
    pub assignees: Vec<(UserId, String)>,
    /// The units among which the reader can choose, for the actions that ask units.
    pub places: Vec<UnitChoice>,
    pub pool: HolderChanges,
    /// The reader has the step, and may not decide because the reader made the proposal that the step judges.
    pub own_proposal: bool,
}

/// The units among which an officer chooses with an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitChoice {
    pub action: ActionId,
    pub places: Vec<UnitPlace>,
    /// The least number of units to choose.
    pub least: u32,
}

/// The changes of a step's holder that the reader can make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HolderChanges {
    pub may_take: bool,
    pub may_release: bool,
    /// The officers to whom the step can be assigned.
    pub colleagues: Vec<(UserId, String)>,
}

/// The dossiers: reading and changing them.
#[derive(Debug)]
pub struct DossierService {
    database: Database,
    clock: TimeSource,
    ids: IdSource,
    states: states::DossierStates,
    organisation: organisation::KnownOrganisation,
    device_key: DeviceKey,
    quotas: AccountQuotas,
    files: Arc<FileService>,
    procedures: Arc<ProcedureService>,
    plugins: Arc<PluginService>,
    senders: Senders,
    province: Arc<Province>,
}

impl DossierService {
    pub(crate) fn new(
        common: &CommonParts,
        device_key: DeviceKey,
        quotas: AccountQuotas,
        files: Arc<FileService>,
        procedures: Arc<ProcedureService>,
        plugins: Arc<PluginService>,
        senders: Senders,
    ) -> Self {
        let CommonParts { database, clock, ids, province, .. } = common.clone();
        let states = states::DossierStates::default();
        let organisation = organisation::KnownOrganisation::default();
        Self {
            database,
            clock,
            ids,
            states,
            organisation,
            device_key,
            quotas,
            files,
            procedures,
            plugins,
            senders,
            province,
        }
    }

    /// Returns the moments from which the notice of an event is sent.
    pub(crate) fn send_times(&self, at: Timestamp) -> SendTimes {
        self.senders.due(at)
    }

    /// Returns the dossier, if `actor` may read it. For everybody else it does not exist.
    pub(crate) async fn readable(&self, actor: &Actor, code: &DossierCode) -> Result<Dossier, Error> {
        let found = journal::dossier(self.database.reader(), code).await;
        let dossier = self.unless_erased(actor, code, found).await?;
        if !dossier.lets(actor, Deed::ReadDossier) {
            return Err(Error::NotFound);
        }
        Ok(dossier)
    }

    /// Returns the result of reading a dossier.
    ///
    /// Only a person who may read the dossier learns that its content was erased. The dossier's row in the lists says
    /// who that is.
    async fn unless_erased<T>(
        &self,
        actor: &Actor,
        code: &DossierCode,
        found: Result<Option<T>, Fault>,
    ) -> Result<T, Error> {
        let fault = match found {
            Ok(found) => return found.ok_or(Error::NotFound),
            Err(fault) => fault,
        };
        if matches!(fault, Fault::Erased { .. }) && *actor != Actor::System {
            let row = lists::row(self.database.reader(), code).await?.ok_or(Error::NotFound)?;
            let (owner, agency, unit) = (UserId(row.applicant), AgencyId(row.agency), UnitId(row.unit));
            let subject =
                AccessSubject { owner: &owner, agency: &agency, unit: &unit, role: None, assignee: None, past: &[] };
            if !may(actor, Deed::ReadDossier, Some(subject)) {
                return Err(Error::NotFound);
            }
        }
        Err(fault.into())
    }

    /// Returns a dossier with the rights of `actor`. Logs readings by staff.
    pub async fn dossier(&self, actor: &Actor, code: &DossierCode) -> Result<DossierView, Error> {
        let dossier = self.readable(actor, code).await?;
        if let Actor::Officer { id, name, .. } = actor {
            self.log_reading(id, name, code).await?;
        }
        self.view(actor, dossier).await
    }

    /// Returns a dossier for its page as [`Self::dossier`] does. To an officer, nothing up to this version is news from now
    /// on.
    pub async fn opened_dossier(&self, actor: &Actor, code: &DossierCode) -> Result<DossierView, Error> {
        let dossier = self.readable(actor, code).await?;
        let mut unread_after = None;
        if let Actor::Officer { id, name, .. } = actor {
            unread_after = Some(self.log_opening(id, name, &dossier).await?);
        }
        Ok(DossierView { unread_after, ..self.view(actor, dossier).await? })
    }

    /// Returns a dossier that `actor` may read with the rights of `actor`.
    async fn view(&self, actor: &Actor, dossier: Dossier) -> Result<DossierView, Error> {
        let procedure = self.version_today(&dossier.procedure, &dossier.filed.agency).await?;
        let mut steps = Vec::new();
        for stay in &dossier.flow.stays {
            steps.extend(self.step_view(actor, &dossier, &procedure, stay).await?);
        }
        Ok(DossierView {
            may_record_payment: dossier.may_record_payment(actor),
            may_write: dossier.lets(actor, Deed::SendMessage),
            may_read_journal: dossier.lets(actor, Deed::ReadJournal),
            may_undo: dossier.may_undo(actor).cloned(),
            unread_after: None,
            steps,
            procedure,
            dossier,
        })
    }

    async fn step_view(
        &self,
        actor: &Actor,
        dossier: &Dossier,
        procedure: &Procedure,
        stay: &Stay,
    ) -> Result<Option<StepView>, Error> {
        let may = |deed| may(actor, deed, Some(dossier.subject_at(stay)));
        let (acts, holds, gives) = (may(Deed::ActOnStep), may(Deed::TakeStep), may(Deed::GiveStep));
        let Some(step) = procedure.workflow.step(&stay.at.step) else { return Ok(None) };
        if stay.waits.is_some() || !(holds || gives) {
            return Ok(None);
        }
        let rules = self.procedures.rules(procedure);
        let open = |action: &&Action| acts && is_open(rules, dossier, stay, step, action);
        let actions: Vec<Action> = step.actions.iter().filter(open).cloned().collect();
        let reader = self.database.reader();
        let needs = actions.iter().find(|action| action.requires.contains(&Requirement::Assignee));
        let next = needs.and_then(|action| action.effect.targets().next()).and_then(|to| procedure.workflow.step(to));
        let mut assignees = Vec::new();
        if let Some(next) = next {
            let place = next.place.as_ref().unwrap_or(&dossier.place);
            let holders = accounts::holders(reader, next.role, &place.agency, &place.unit).await?;
            assignees.extend(holders.into_iter().map(|row| (UserId(row.id), row.name)));
        }
        let places = actions.iter().filter_map(|action| unit_choice(procedure, action)).collect();
        let mut pool = HolderChanges::default();
        if let Actor::Officer { id, .. } = actor {
            let current = stay.assignee.as_ref().map(|assignee| &assignee.id);
            pool.may_take = acts && dossier.taker(actor, stay).is_some_and(|taker| Some(&taker.id) != current);
            pool.may_release = stay.assignee.is_some();
            let place = dossier.place_of(stay);
            let holders = accounts::holders(reader, stay.at.role, &place.agency, &place.unit).await?;
            let has = |row: &account_row::Model| stay.assignee.as_ref().is_some_and(|has| has.id.as_str() == row.id);
            let others = holders.into_iter().filter(|row| row.id != id.as_str() && !has(row));
            pool.colleagues.extend(others.map(|row| (UserId(row.id), row.name)));
        }
        let own_proposal = holds && !acts;
        Ok(Some(StepView { stay: stay.clone(), step: step.clone(), actions, assignees, places, pool, own_proposal }))
    }

    /// Logs that an officer opened the page of a dossier, and keeps the version that the page shows. Returns the version up
    /// to which the officer had read the dossier, or 0.
    async fn log_opening(&self, id: &UserId, name: &str, dossier: &Dossier) -> Result<u32, Error> {
        let code = &dossier.filed.code;
        let transaction = self.database.begin().await?;
        let before = lists::reading_position(transaction.connection(), id, code).await?;
        self.add_readings(&transaction, id, name, std::slice::from_ref(code)).await?;
        transaction.set_reading_position(id, code, dossier.version).await?;
        transaction.commit().await?;
        Ok(before.and_then(|before| u32::try_from(before).ok()).unwrap_or_default())
    }

    pub(crate) async fn log_reading(&self, id: &UserId, name: &str, code: &DossierCode) -> Result<(), Error> {
        self.log_readings(id, name, std::slice::from_ref(code)).await
    }

    /// Logs that an officer read something of each of these dossiers, or of other things with an id of their own.
    pub(crate) async fn log_readings<C>(&self, id: &UserId, name: &str, codes: &[C]) -> Result<(), Error>
    where
        C: Display + Sync,
    {
        let transaction = self.database.begin().await?;
        self.add_readings(&transaction, id, name, codes).await?;
        Ok(transaction.commit().await?)
    }

    async fn add_readings<C>(&self, to: &Transaction, id: &UserId, name: &str, codes: &[C]) -> Result<(), Error>
    where
        C: Display + Sync,
    {
        let posts = named_posts(&accounts::posts(to.connection(), id.as_str()).await?);
        let at = self.clock.now().as_second();
        let row = |code: &C| reading_row::Model {
            id: self.ids.next().to_string(),
            dossier: code.to_string(),
            account: id.to_string(),
            account_name: name.to_owned(),
            at,
            posts: posts.clone(),
        };
        Ok(to.add_readings(codes.iter().map(row).collect()).await?)
    }

    /// Returns the version of the procedure under which a dossier was filed.
    pub async fn filed_under(&self, dossier: &Dossier) -> Result<Arc<Procedure>, Error> {
        self.procedures.version(&dossier.filed.version).await
    }

    /// Opens a file of a dossier that `actor` may open. Among files with the same content, `name` selects one. Logs
    /// readings by staff.
    pub async fn dossier_file(
        &self,
        actor: &Actor,
        code: &DossierCode,
        digest: &Digest,
        name: &str,
    ) -> Result<(StoredFile, FileContent), Error> {
        let dossier = self.readable(actor, code).await?;
        let same = |file: &&StoredFile| file.digest == *digest;
        let named = dossier.files_for(actor).filter(same).find(|file| file.name == name);
        let file = named.or_else(|| dossier.files_for(actor).find(same)).ok_or(Error::NotFound)?.clone();
        if let Actor::Officer { id, name: officer, .. } = actor {
            self.log_reading(id, officer, code).await?;
        }
        let content = self.files.open_file(&file).await?;
        Ok((file, content))
    }
}

/// Returns the units among which an officer chooses with an action, or none if the action asks no chosen units.
fn unit_choice(procedure: &Procedure, action: &Action) -> Option<UnitChoice> {
    let to = action.effect.targets().filter_map(|to| procedure.workflow.step(to));
    let asked: Vec<&Many> = to.filter_map(|step| step.many.as_ref()).filter(|many| many.chosen).collect();
    let least = asked.iter().map(|many| many.least_asked()).max()?;
    let places: Vec<UnitPlace> = asked.iter().flat_map(|many| many.places.clone()).collect();
    (!places.is_empty()).then(|| UnitChoice { action: action.id.clone(), places, least })
}

/// The most posts that a reading names.
const POSTS_OF_READING: usize = 20;

/// Returns the posts of a reader as the log of readings has them, each agency and role once.
fn named_posts(posts: &[Post]) -> String {
    let mut named: Vec<String> = posts.iter().map(|post| format!("{}/{}", post.agency, post.role.name())).collect();
    named.sort();
    named.dedup();
    named.truncate(POSTS_OF_READING);
    named.join(" ")
}
