//! Reading and changing dossiers. All changes of dossiers go through here.

mod append;
mod look_up;
mod reorganise;
mod results;
mod staffing;
mod states;
mod story;
mod successions;

pub use look_up::PublicDossier;
pub use reorganise::{ReorganiseMode, ReorganiseOutcome};
pub use story::{ASSIGNMENTS, StoryEvent, action_name};

use crate::common::CommonParts;
use crate::files::FileService;
use crate::ids::IdSource;
use crate::plugins::{PluginService, told_of};
use crate::procedures::ProcedureService;
use crate::quotas::AccountQuotas;
use crate::typed::typed_in;
use crate::{DeviceKey, Error, TimeSource};
use motcua_domain::dossier::command::{Act, Candidate, Command};
use motcua_domain::dossier::decide::{Rules, decide, is_open, reference};
use motcua_domain::dossier::event::{Payment, Rating, Recorded, StayId};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, Stay};
use motcua_domain::media::StoredFile;
use motcua_domain::names::{ActionId, AgencyId, CommandId, Digest, DossierCode, UnitId, UserId};
use motcua_domain::people::access::{AccessSubject, Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::workflow::{Action, Assign, Requirement, Step, UnitPlace};
use motcua_store::drafts::DraftState;
use motcua_store::files::FileContent;
use motcua_store::journal::{Append, Journaled};
use motcua_store::{Database, Fault, account_row, accounts, journal, lists, reading_row};
use serde::Serialize;
use serde_json::{Map, Value as Json};
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
    /// The units among which the reader can choose, by action.
    pub places: Vec<(ActionId, Vec<UnitPlace>)>,
    pub pool: HolderChanges,
    /// The reader has the step, and may not decide because the reader made the proposal that the step judges.
    pub own_proposal: bool,
}

/// The changes of a step's holder that the reader can make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HolderChanges {
    pub may_take: bool,
    pub may_release: bool,
    /// The officers to whom the step can be assigned.
    pub colleagues: Vec<(UserId, String)>,
}

/// A change that a person requests.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::large_enum_variant, reason = "made once a request")]
pub enum DossierChange {
    /// An action of a step.
    Act {
        /// The stay of the action. If it is missing, the dossier has only one.
        stay: Option<StayId>,
        action: ActionId,
        /// The version of the dossier that the officer saw.
        seen: u32,
        /// The note for the staff, or what the applicant writes at their own step.
        note: String,
        /// The words to the applicant, if the action tells the applicant something.
        reason: String,
        assignee: Option<UserId>,
        result: Option<StoredFile>,
        new_grounds: Option<String>,
        /// The posted fields. The answers of the step's form have their names after `prefix`.
        filled: Vec<(String, String)>,
        prefix: String,
        /// The units that the officer chose.
        places: Vec<UnitPlace>,
    },
    Take {
        stay: StayId,
        seen: u32,
    },
    Give {
        stay: StayId,
        seen: u32,
        to: UserId,
        note: String,
    },
    Release {
        stay: StayId,
        seen: u32,
    },
    Undo {
        seen: u32,
    },
    Withdraw {
        reason: String,
    },
    Payment(Payment),
    Message {
        text: String,
    },
    Rate(Rating),
}

/// The dossiers: reading and changing them.
#[derive(Debug)]
pub struct DossierService {
    database: Database,
    clock: TimeSource,
    ids: IdSource,
    states: states::DossierStates,
    device_key: DeviceKey,
    quotas: AccountQuotas,
    files: Arc<FileService>,
    procedures: Arc<ProcedureService>,
    plugins: Arc<PluginService>,
}

impl DossierService {
    pub(crate) fn new(
        common: &CommonParts,
        device_key: DeviceKey,
        quotas: AccountQuotas,
        files: Arc<FileService>,
        procedures: Arc<ProcedureService>,
        plugins: Arc<PluginService>,
    ) -> Self {
        let CommonParts { database, clock, ids, .. } = common.clone();
        let states = states::DossierStates::default();
        Self { database, clock, ids, states, device_key, quotas, files, procedures, plugins }
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
        let procedure = self.version_today(&dossier.procedure).await?;
        let mut steps = Vec::new();
        for stay in &dossier.flow.stays {
            steps.extend(self.step_view(actor, &dossier, &procedure, stay).await?);
        }
        Ok(DossierView {
            may_record_payment: dossier.may_record_payment(actor),
            may_write: dossier.lets(actor, Deed::SendMessage),
            may_read_journal: dossier.lets(actor, Deed::ReadJournal),
            may_undo: dossier.may_undo(actor).cloned(),
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
        let open = |action: &&Action| acts && is_open(rules, dossier, stay, action);
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
        let asked = |action: &Action| {
            let to = action.effect.targets().filter_map(|to| procedure.workflow.step(to));
            let many = to.filter_map(|step| step.many.as_ref()).filter(|many| many.chosen);
            many.flat_map(|many| many.places.clone()).collect::<Vec<_>>()
        };
        let places = actions.iter().map(|action| (action.id.clone(), asked(action)));
        let places = places.filter(|(_, places)| !places.is_empty()).collect();
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

    pub(crate) async fn log_reading(&self, id: &UserId, name: &str, code: &DossierCode) -> Result<(), Error> {
        let row = reading_row::Model {
            id: self.ids.next().to_string(),
            dossier: code.to_string(),
            account: id.to_string(),
            account_name: name.to_owned(),
            at: self.clock.now().as_second(),
        };
        let transaction = self.database.begin().await?;
        transaction.add_reading(row).await?;
        Ok(transaction.commit().await?)
    }

    /// Changes a dossier and returns its new state. The same command twice is one event, and the second answer repeats
    /// the first.
    pub async fn change(
        &self,
        actor: &Actor,
        code: &DossierCode,
        id: CommandId,
        change: DossierChange,
    ) -> Result<Dossier, Error> {
        let candidate = async |id: &UserId| accounts::as_candidate(self.database.reader(), id).await;
        let command = match change {
            DossierChange::Act {
                stay,
                action,
                seen,
                note,
                reason,
                assignee,
                result,
                new_grounds,
                filled,
                prefix,
                places,
            } => {
                let typed = self.filled_in(actor, code, stay, &prefix, &filled).await?;
                let assignee = match assignee {
                    Some(id) => candidate(&id).await?,
                    None => None,
                };
                let (places, staff) = (self.places_today(places).await?, Vec::new());
                let act = Act { stay, action, seen, note, reason, assignee, result, new_grounds, typed, places, staff };
                Command::Act(Box::new(act))
            }
            DossierChange::Take { stay, seen } => Command::Take { stay, seen },
            DossierChange::Give { stay, seen, to, note } => {
                let to = candidate(&to).await?.ok_or(Refusal::AssigneeMissing)?;
                Command::Give { stay, seen, to, note }
            }
            DossierChange::Release { stay, seen } => Command::Release { stay, seen },
            DossierChange::Undo { seen } => Command::Undo { seen },
            DossierChange::Withdraw { reason } => Command::Withdraw { reason },
            DossierChange::Payment(payment) => Command::RecordPayment(payment),
            DossierChange::Message { text } => {
                // A repeated command gets its first answer.
                let found = journal::journaled(self.database.reader(), code).await.ok().flatten();
                if !found.is_some_and(|found| found.has(&id, &actor.reference())) {
                    self.quotas.count_message(actor).await?;
                }
                Command::SendMessage { text }
            }
            DossierChange::Rate(rating) => Command::Rate(rating),
        };
        let after = self.change_and(actor, code, &command, None, &id).await?;
        if matches!(command, Command::RecordPayment(_) | Command::Undo { .. }) {
            Box::pin(self.follow_changes_meanwhile(&after)).await;
        }
        Ok(after)
    }

    /// Returns the answers to the form of a step.
    async fn filled_in(
        &self,
        actor: &Actor,
        code: &DossierCode,
        stay: Option<StayId>,
        prefix: &str,
        filled: &[(String, String)],
    ) -> Result<Map<String, Json>, Error> {
        if !filled.iter().any(|(name, _)| name.starts_with(prefix)) {
            return Ok(Map::new());
        }
        let found = journal::dossier(self.database.reader(), code).await;
        let dossier = self.unless_erased(actor, code, found).await?;
        let procedure = self.procedures.version(&dossier.procedure).await?;
        let step = dossier.flow.stay(stay).and_then(|stay| procedure.workflow.step(&stay.at.step));
        Ok(step.map(|step| typed_in(&step.form, prefix, filled)).unwrap_or_default())
    }

    /// Returns the officers among whom the workflow assigns steps by load, by area or by name, and those who had a step
    /// before. Each has the posts that they hold now.
    async fn staff(&self, procedure: &Procedure, dossier: &Dossier) -> Result<Vec<Candidate>, Error> {
        let mut staff = Vec::new();
        for step in procedure.workflow.steps.iter().filter(|step| step.assign != Assign::Post) {
            let asked = step.many.iter().flat_map(|many| &many.places);
            let alone = step.place.as_ref().or(Some(&dossier.place)).filter(|_| step.many.is_none());
            for place in asked.chain(alone) {
                for found in accounts::candidates(self.database.reader(), step.role, place).await? {
                    if !staff.contains(&found) {
                        staff.push(found);
                    }
                }
            }
        }
        let known = |id: &&UserId| staff.iter().all(|candidate: &Candidate| candidate.id != **id);
        let kept: Vec<&UserId> = dossier.flow.keepers().map(|keeper| &keeper.id).filter(known).collect();
        let kept = accounts::as_candidates(self.database.reader(), kept).await?;
        staff.extend(kept);
        Ok(staff)
    }

    /// Changes a dossier: load, authorise, decide, append, project, commit. Starts over if another change was faster.
    ///
    /// The transaction also deletes the draft that the change uses up, if the draft has not changed since it was read.
    pub(crate) async fn change_and(
        &self,
        actor: &Actor,
        code: &DossierCode,
        command: &Command,
        used_draft: Option<DraftState>,
        id: &CommandId,
    ) -> Result<Dossier, Error> {
        let by = actor.reference();
        // The state that this node wrote last is most likely current, and if it is not, the journal rejects the change.
        // Only the journal proves that a command was carried out, because the database may have lost the last writes of
        // this node.
        if let Some(known) = self.states.get(code).filter(|known| !known.has(id, &by)) {
            match Box::pin(self.change_from(actor, known, command, used_draft, id)).await {
                Ok(Some(after)) => return Ok(after),
                Err(Error::Unavailable) => return Err(Error::Unavailable),
                Ok(None) | Err(_) => {}
            }
        }
        for _ in 0..10 {
            let found = journal::journaled(self.database.reader(), code).await;
            let before = self.unless_erased(actor, code, found).await?;
            // The command may have taken the dossier out of the person's sight. A repeated command still gets its
            // answer.
            if before.has(id, &by) {
                return Ok(before.dossier);
            }
            if *actor != Actor::System && !before.dossier.lets(actor, Deed::ReadDossier) {
                return Err(Error::NotFound);
            }
            if let Some(after) = Box::pin(self.change_from(actor, before, command, used_draft, id)).await? {
                return Ok(after);
            }
        }
        Err(Refusal::Changed.into())
    }

    /// Decides on this state of a dossier and writes the result. Returns `None` if another change was faster.
    async fn change_from(
        &self,
        actor: &Actor,
        before: Journaled,
        command: &Command,
        used_draft: Option<DraftState>,
        id: &CommandId,
    ) -> Result<Option<Dossier>, Error> {
        let journaled = before;
        let before = &journaled.dossier;
        let version = if let Command::Migrate { version, .. } = command { version } else { &before.procedure };
        let procedure = self.version_today(version).await?;
        let mut command = command.clone();
        match &mut command {
            Command::Act(act) => act.staff = self.staff(&procedure, before).await?,
            Command::Elapse { staff, .. } => *staff = self.staff(&procedure, before).await?,
            Command::ReturnToPost { stay, staff, .. } => {
                let assignee = before.flow.stay(Some(*stay)).and_then(|stay| stay.assignee.as_ref());
                let officer = assignee.map(|assignee| &assignee.id);
                *staff = accounts::as_candidates(self.database.reader(), officer).await?;
            }
            _ => {}
        }
        let now = self.clock.now();
        let choices = self.plugins.choices(&procedure, before, actor, &command, now).await?;
        let rules = Rules { choices: &choices, ..self.procedures.rules(&procedure) };
        let by = reference(before, actor, &command);
        let event = match decide(rules, before, actor, command, now) {
            Ok(event) => event,
            Err(refusal) => return Err(self.procedures.refused(version, &procedure, refusal).await),
        };
        let tell = told_of(&procedure, &event);
        let recorded = Recorded { at: now, actor: by, event, choices };
        let mut after = before.clone();
        after.apply(&recorded).map_err(Error::fault)?;
        let append = Append {
            command: id.clone(),
            recorded,
            before: Some(journaled),
            after,
            draft: used_draft,
            tell,
            numbered: None,
        };
        Ok(self.append(append).await?.map(|written| written.dossier))
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
