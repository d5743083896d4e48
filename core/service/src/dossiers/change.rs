//! Changing a dossier: from the request of a person or of a job to the written event.

use super::DossierService;
use crate::Error;
use crate::plugins::told_of;
use crate::typed::typed_in;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::{Act, Candidate, Command, NeededStaff};
use motcua_domain::dossier::decide::{Rules, decide, reference};
use motcua_domain::dossier::event::{Recorded, StayId};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::media::StoredFile;
use motcua_domain::names::{ActionId, CommandId, DossierCode, UserId};
use motcua_domain::people::access::Deed;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::workflow::{Assign, UnitPlace};
use motcua_store::drafts::DraftState;
use motcua_store::journal::{Append, Journaled};
use motcua_store::{accounts, journal};
use serde::Serialize;
use serde_json::{Map, Value as Json};

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
    /// The posted fields. The answers of the step's form have their names after `prefix`.
    pub filled: Vec<(String, String)>,
    pub prefix: String,
    /// The units that the officer chose.
    pub places: Vec<UnitPlace>,
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
        let after = Box::pin(self.extended_if_faulty(actor, code, changed)).await?;
        if command.profile().resumes_steps {
            Box::pin(self.follow_changes_meanwhile(&after)).await;
        }
        Ok(after)
    }

    /// Returns the command of a change, with the answers, the officers and the units that the page does not know.
    async fn completed(
        &self,
        actor: &Actor,
        code: &DossierCode,
        id: &CommandId,
        change: DossierChange,
    ) -> Result<Command, Error> {
        let candidate = async |id: &UserId| accounts::as_candidate(self.database.reader(), id).await;
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
                    filled,
                    prefix,
                    places,
                } = *request;
                let typed = self.filled_in(actor, code, stay, &prefix, &filled).await?;
                let assignee = match assignee {
                    Some(id) => candidate(&id).await?,
                    None => None,
                };
                let (places, staff) = (self.places_today(places).await?, Vec::new());
                let act = Act { stay, action, seen, note, reason, assignee, result, new_grounds, typed, places, staff };
                Command::Act(Box::new(act))
            }
            DossierChange::Give { stay, seen, to, note } => {
                let to = candidate(&to).await?.ok_or(Refusal::AssigneeMissing)?;
                Command::Give { stay, seen, to, note }
            }
            DossierChange::Command(command) => {
                if command.profile().is_message {
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
        let version = command.profile().version.unwrap_or(&before.procedure);
        let procedure = self.version_today(version, &before.filed.agency).await?;
        let mut command = command.clone();
        if let Some((needed, staff)) = command.staff() {
            *staff = match needed {
                NeededStaff::OfWorkflow => self.staff(&procedure, before).await?,
                NeededStaff::OfStay(stay) => {
                    let assignee = before.flow.stay(Some(stay)).and_then(|stay| stay.assignee.as_ref());
                    let officer = assignee.map(|assignee| &assignee.id);
                    accounts::as_candidates(self.database.reader(), officer).await?
                }
            };
        }
        let now = self.clock.now();
        let choices = self.plugins.choices(&procedure, before, actor, &command, now).await?;
        let rules = Rules { choices: &choices, ..self.procedures.rules(&procedure) };
        let by = reference(before, actor, &command);
        let event = match decide(rules, before, actor, command, now) {
            Ok(event) => event,
            Err(refusal) => {
                return Err(self.procedures.refused(version, &procedure, Some(&before.filed.code), refusal).await);
            }
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
}
