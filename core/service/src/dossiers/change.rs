//! Changing a dossier: from the request of a person or of a job to the written event.

use super::DossierService;
use super::append::AppendOutcome;
use super::organisation::OrganisationState;
use crate::Error;
use crate::admission::admission_again;
use crate::plugins::told_of;
use crate::typed::typed_in;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::{Act, Candidate, Command, NeededStaff};
use motcua_domain::dossier::decide::{Rules, decide, reference};
use motcua_domain::dossier::event::{DossierOutcome, Recorded, StayId};
use motcua_domain::dossier::receiver::ReceiverInput;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::site_visit::SiteVisitInput;
use motcua_domain::expression::RuleFault;
use motcua_domain::media::StoredFile;
use motcua_domain::names::{ActionId, CommandId, DossierCode, UserId};
use motcua_domain::people::access::Deed;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::workflow::{Assign, UnitPlace};
use motcua_store::drafts::DraftState;
use motcua_store::journal::{Append, Journaled};
use motcua_store::published::Publication;
use motcua_store::{accounts, journal};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A change that a person requests: a command, or the input that the service completes to a command.
#[derive(Debug, Clone, Serialize)]
pub enum DossierChange {
    /// An action of a step, without the answers, the officer and the units as they are today.
    Act(Box<ActRequest>),
    /// A step for another officer, of whom only the account is known.
    Give { stay: StayId, seen: u32, to: UserId, note: String },
    /// A command that needs nothing else.
    Command(Command),
}

/// An action with the input of a page.
#[derive(Debug, Clone, Serialize)]
pub struct ActRequest {
    /// The stay of the action. If it is missing, the dossier has only one.
    pub stay: Option<StayId>,
    pub action: ActionId,
    /// The version of the dossier that the officer saw.
    pub seen: u32,
    /// The note for the staff, or what the applicant writes at their own step.
    pub note: String,
    /// The words to the applicant, if the action tells the applicant something.
    pub reason: String,
    pub assignee: Option<UserId>,
    pub result: Option<StoredFile>,
    pub new_grounds: Option<String>,
    /// The papers and questions that a request names: `papers.map`, or the id of a field.
    pub missing: Vec<String>,
    /// The posted fields. The answers of the step's form have their names after `prefix`.
    pub filled: Vec<(String, String)>,
    pub prefix: String,
    /// The units that the officer chose.
    pub places: Vec<UnitPlace>,
    /// The appointment on the spot, for an action that makes one.
    pub visit: Option<SiteVisitInput>,
    /// The person who takes the result at the counter, for an action that hands it over.
    pub receiver: Option<ReceiverInput>,
}

impl ActRequest {
    /// Returns an action with a note to the staff and nothing else.
    pub fn bare(stay: Option<StayId>, action: ActionId, seen: u32, note: &str) -> Self {
        Self {
            stay,
            action,
            seen,
            note: note.to_owned(),
            reason: String::new(),
            assignee: None,
            result: None,
            new_grounds: None,
            missing: Vec::new(),
            filled: Vec::new(),
            prefix: String::new(),
            places: Vec::new(),
            visit: None,
            receiver: None,
        }
    }
}

/// A change that is in the journal.
#[derive(Debug)]
pub struct WrittenChange {
    pub dossier: Dossier,
    /// The organisation on which the change was decided.
    pub organisation: Arc<OrganisationState>,
}

/// A decision that is not written yet.
#[derive(Debug)]
pub(super) struct DecidedChange {
    recorded: Recorded,
    after: Dossier,
    procedure: Arc<Procedure>,
}

impl From<Command> for DossierChange {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}

impl From<ActRequest> for DossierChange {
    fn from(request: ActRequest) -> Self {
        Self::Act(Box::new(request))
    }
}

impl DossierService {
    /// Changes a dossier and returns its new state. The same command twice is one event, and the second answer repeats
    /// the first.
    pub async fn change(
        &self,
        actor: &Actor,
        code: &DossierCode,
        id: CommandId,
        change: impl Into<DossierChange> + Send,
    ) -> Result<Dossier, Error> {
        let command = self.completed(actor, code, &id, change.into()).await?;
        let changed = self.change_and(actor, code, &command, None, &id).await;
        Box::pin(self.extended_if_faulty(actor, code, changed)).await
    }

    /// Returns the command of a change, with the answers, the officers and the units that the page does not know.
    pub(super) async fn completed(
        &self,
        actor: &Actor,
        code: &DossierCode,
        id: &CommandId,
        change: DossierChange,
    ) -> Result<Command, Error> {
        Ok(match change {
            DossierChange::Act(request) => {
                let ActRequest {
                    stay,
                    action,
                    seen,
                    note,
                    reason,
                    assignee,
                    result,
                    new_grounds,
                    missing,
                    filled,
                    prefix,
                    places,
                    visit,
                    receiver,
                } = *request;
                let typed = self.filled_in(actor, code, stay, &prefix, &filled).await?;
                let assignee = match assignee {
                    Some(id) => self.candidate(&id).await?,
                    None => None,
                };
                let staff = Vec::new();
                Command::Act(Box::new(Act {
                    stay,
                    action,
                    seen,
                    note,
                    reason,
                    assignee,
                    result,
                    new_grounds,
                    missing,
                    typed,
                    places,
                    visit,
                    receiver,
                    staff,
                }))
            }
            DossierChange::Give { stay, seen, to, note } => {
                let to = self.candidate(&to).await?.ok_or(Refusal::AssigneeMissing)?;
                Command::Give { stay, seen, to, note }
            }
            DossierChange::Command(command) => {
                // The messages of officers are not counted.
                if command.profile().is_message && matches!(actor, Actor::Applicant { .. }) {
                    // A repeated command gets its first answer.
                    let found = journal::journaled(self.database.reader(), code).await.ok().flatten();
                    if !found.is_some_and(|found| found.has(id, &actor.reference())) {
                        self.quotas.count_message(actor).await?;
                    }
                }
                command
            }
        })
    }

    /// Returns an officer whom a person chose, as this node knows them. The decision looks at their posts of its time.
    async fn candidate(&self, id: &UserId) -> Result<Option<Candidate>, Error> {
        let organisation = self.organisation().await?;
        match self.officer(&organisation, id).await? {
            Some(known) => Ok(Some(known)),
            // The officer may be new.
            None => Ok(accounts::as_candidate(self.database.reader(), id).await?),
        }
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
    async fn staff(
        &self,
        organisation: &OrganisationState,
        procedure: &Procedure,
        dossier: &Dossier,
    ) -> Result<Vec<Candidate>, Error> {
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
        for keeper in dossier.flow.keepers() {
            if staff.iter().all(|known: &Candidate| known.id != keeper.id) {
                staff.extend(self.officer(organisation, &keeper.id).await?);
            }
        }
        Ok(staff)
    }

    /// Changes a dossier, and lets its steps follow the organisation.
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
        let written = Box::pin(self.change_once(actor, code, command, used_draft, id)).await;
        let fault = match &written {
            Err(Error::Refused(Refusal::FaultyRule(fault))) => Some(fault.clone()),
            _ => None,
        };
        if let Some(fault) = fault {
            Box::pin(self.report_fault(code, command, &fault)).await;
        }
        let WrittenChange { dossier, organisation } = written?;
        if command.profile().resumes_steps {
            Box::pin(self.follow_organisation(&dossier, &organisation)).await;
        }
        Ok(dossier)
    }

    /// Reports the fault of a rule that refused a command. A command may be decided several times, and is one report.
    async fn report_fault(&self, code: &DossierCode, command: &Command, fault: &RuleFault) {
        let Ok(Some(dossier)) = journal::dossier(self.database.reader(), code).await else {
            tracing::error!(dossier = %code, %fault, "a rule could not be evaluated, and its dossier cannot be read");
            return;
        };
        let version = command.profile().version.unwrap_or(&dossier.procedure);
        if let Ok(procedure) = self.procedures.version(version).await {
            self.procedures.tell_fault(version, &procedure, Some(code), fault).await;
        }
    }

    /// Changes a dossier: load, authorise, decide, append, project, commit. Starts over if another change was faster.
    pub(super) async fn change_once(
        &self,
        actor: &Actor,
        code: &DossierCode,
        command: &Command,
        used_draft: Option<DraftState>,
        id: &CommandId,
    ) -> Result<WrittenChange, Error> {
        let by = actor.reference();
        let (mut organisation, mut is_current) = (self.organisation().await?, false);
        // The state that this node wrote last is most likely current, and if it is not, the journal rejects the change.
        // Only the journal proves that a command was carried out, because the database may have lost the last writes of
        // this node.
        if let Some(known) = self.states.get(code).filter(|known| !known.has(id, &by)) {
            match Box::pin(self.change_from(actor, known, &organisation, command, used_draft, id)).await {
                Ok(Some(written)) => return Ok(written),
                Err(Error::Unavailable) => return Err(Error::Unavailable),
                Ok(None) | Err(_) => (organisation, is_current) = (self.organisation_now().await?, true),
            }
        }
        for _ in 0..10 {
            let found = journal::journaled(self.database.reader(), code).await;
            let before = self.unless_erased(actor, code, found).await?;
            // The command may have taken the dossier out of the person's sight. A repeated command still gets its
            // answer.
            if before.has(id, &by) {
                return Ok(WrittenChange { dossier: before.dossier, organisation });
            }
            if *actor != Actor::System && !before.dossier.lets(actor, Deed::ReadDossier) {
                return Err(Error::NotFound);
            }
            match Box::pin(self.change_from(actor, before, &organisation, command, used_draft, id)).await {
                Ok(Some(written)) => return Ok(written),
                Ok(None) => (organisation, is_current) = (self.organisation_now().await?, true),
                Err(Error::Refused(refusal)) if !is_current => {
                    let now = self.organisation_now().await?;
                    if now.revision == organisation.revision {
                        return Err(refusal.into());
                    }
                    (organisation, is_current) = (now, true);
                }
                Err(error) => return Err(error),
            }
        }
        Err(Refusal::Changed.into())
    }

    /// Decides on this state of a dossier in this organisation, and writes nothing.
    pub(super) async fn decided(
        &self,
        actor: &Actor,
        before: &Dossier,
        organisation: &Arc<OrganisationState>,
        command: &Command,
    ) -> Result<DecidedChange, Error> {
        let profile = command.profile();
        let version = profile.version.unwrap_or(&before.procedure);
        let procedure = self.version_in(organisation, version, &before.filed.agency).await?;
        let mut command = command.clone();
        self.bring_up_to_date(&mut command, organisation).await?;
        if let Some((needed, staff)) = command.staff() {
            *staff = match needed {
                NeededStaff::OfWorkflow => self.staff(organisation, &procedure, before).await?,
                NeededStaff::OfStay(stay) => {
                    let assignee = before.flow.stay(Some(stay)).and_then(|stay| stay.assignee.as_ref());
                    let officer = match assignee {
                        Some(officer) => accounts::as_candidate(self.database.reader(), &officer.id).await?,
                        None => None,
                    };
                    officer.into_iter().collect()
                }
            };
        }
        let now = self.clock.now();
        let choices = self.plugins.choices(&procedure, before, actor, &command, now).await?;
        let rules = Rules { choices: &choices, ..self.procedures.rules(&procedure) };
        let by = reference(before, actor, &command);
        let event = decide(rules, before, actor, command, now)?;
        let recorded = Recorded { at: now, actor: by, event, choices };
        let mut after = before.clone();
        after.apply(&recorded).map_err(Error::fault)?;
        if profile.assigns_steps && !self.new_assignees_hold_their_posts(organisation, before, &after).await? {
            return Err(Refusal::AssigneeUnfit.into());
        }
        Ok(DecidedChange { recorded, after, procedure })
    }

    /// Decides on this state of a dossier in this organisation, and writes the result. Returns `None` if another change
    /// was faster.
    async fn change_from(
        &self,
        actor: &Actor,
        before: Journaled,
        organisation: &Arc<OrganisationState>,
        command: &Command,
        used_draft: Option<DraftState>,
        id: &CommandId,
    ) -> Result<Option<WrittenChange>, Error> {
        let journaled = before;
        let before = &journaled.dossier;
        let DecidedChange { recorded, after, procedure } = self.decided(actor, before, organisation, command).await?;
        let now = recorded.at;
        let tell = told_of(&procedure, &recorded.event);
        let publication = publication(&procedure, before, &after);
        let admission = admission_again(&procedure, before, &after);
        let drawn = self.book_of(&recorded.event, &after, now);
        let append = Append {
            command: id.clone(),
            recorded,
            before: Some(journaled),
            after,
            draft: used_draft,
            ended_invitations: Vec::new(),
            tell,
            numbered: None,
            drawn,
            organisation: Some(organisation.revision.clone()),
            admission,
            publication,
            send: self.send_times(now),
        };
        Ok(match self.append(append).await? {
            AppendOutcome::Written(dossier) => {
                Some(WrittenChange { dossier: *dossier, organisation: Arc::clone(organisation) })
            }
            AppendOutcome::Overtaken(_) => None,
        })
    }

    /// Returns whether each officer who gets a step with a change holds its post in this organisation. An officer whose
    /// account was closed after the request began holds none.
    async fn new_assignees_hold_their_posts(
        &self,
        organisation: &OrganisationState,
        before: &Dossier,
        after: &Dossier,
    ) -> Result<bool, Error> {
        for stay in &after.flow.stays {
            let Some(assignee) = &stay.assignee else { continue };
            let had = before.flow.stays.iter().find(|known| known.id == stay.id);
            if had.is_some_and(|had| had.assignee.as_ref() == Some(assignee)) {
                continue;
            }
            let officer = self.officer(organisation, &assignee.id).await?;
            if officer.is_none_or(|officer| !officer.holds(stay.at.role, after.place_of(stay))) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Returns the publication of the result that a change hands over, if the procedure publishes results.
fn publication(procedure: &Procedure, before: &Dossier, after: &Dossier) -> Option<Publication> {
    let published = procedure.publish.as_ref()?;
    let is_returned = after.flow.ended.as_ref().is_some_and(|end| end.outcome == DossierOutcome::Returned);
    let holder = published.holder.then(|| after.result_holder().to_owned());
    (is_returned && !before.has_ended()).then_some(Publication { holder })
}
