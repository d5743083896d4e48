//! The story of a dossier: all of its events in the words of pages.

use super::{DossierService, DossierView};
use crate::Error;
use jiff::Timestamp;
use motcua_domain::dossier::event::{Assignee, Event, Recorded, RecordedStep, StayId};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::visit::VisitEnd;
use motcua_domain::dossier::{Dossier, UnreadableDossier, index};
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::{ActionId, Digest, DossierCode, StepId};
use motcua_domain::people::access::Deed;
use motcua_domain::people::organisation::{Actor, ActorRef};
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Text;
use motcua_domain::workflow::{Action, Step};
use motcua_store::journal;
use serde_json::{Map, Value as Json};

/// The words for a change of a step's officer, which the journal calls `assigned`.
pub const ASSIGNMENTS: [&str; 3] = ["taken", "given", "released"];

/// An event of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryEvent {
    /// The number of the event in the dossier's journal, from 1.
    pub number: u32,
    pub at: Timestamp,
    /// The actor, and the officer on leave for whom they acted.
    pub by: ActorRef,
    /// The word for the event: that of the journal, or one of [`ASSIGNMENTS`].
    pub event: &'static str,
    /// The name of the action that was taken or undone, if one was. The applicant gets the words for applicants.
    pub action: Option<Text>,
    /// The stay and the action that was taken or undone, if one was.
    pub taken: Option<(StayId, ActionId)>,
    /// The step at which it happened, if it happened at one.
    pub step: Option<Text>,
    /// The officer to whom a step was given.
    pub to: Option<String>,
    /// The steps that were let pass.
    pub let_pass: Vec<Text>,
    /// The message that was sent, if one was.
    pub message: Option<String>,
    /// The words to the applicant: what is missing or the reason. The applicant's own reason of a withdrawal, too.
    pub words: Option<String>,
    /// The note for the staff.
    pub note: Option<String>,
    /// The hash of the entry.
    pub hash: Digest,
}

/// The story of a dossier.
#[derive(Debug, Clone)]
pub struct DossierStory {
    pub events: Vec<StoryEvent>,
    /// The content before the last supplement, if there was one.
    pub former: Option<FormerContent>,
}

/// The content of a dossier before its last supplement.
#[derive(Debug, Clone)]
pub struct FormerContent {
    pub values: Map<String, Json>,
    pub papers: Vec<AttachedPaper>,
}

impl FormerContent {
    /// Returns what the applicant had submitted before the last supplement, or nothing if there was none.
    fn of(events: &[(Recorded, Digest)]) -> Option<Self> {
        let mut submitted = events.iter().rev().filter_map(|(recorded, _)| recorded.event.submitted());
        submitted.next().filter(|last| last.filed.is_none())?;
        let before = submitted.next()?;
        Some(Self { values: before.values.clone(), papers: before.papers.to_vec() })
    }
}

impl StoryEvent {
    /// Returns whether the event moved within the house.
    fn is_internal(&self) -> bool {
        ASSIGNMENTS.contains(&self.event) || ["undone", "reminded", "escalated"].contains(&self.event)
    }
}

impl DossierService {
    /// Returns the events of a dossier after its version `seen`, for a person who may read the dossier. The applicant
    /// gets no note for the staff, and no event that moved within the house.
    pub async fn since(&self, actor: &Actor, code: &DossierCode, seen: u32) -> Result<Vec<StoryEvent>, Error> {
        let dossier = self.readable(actor, code).await?;
        Ok(self.told(actor, &dossier, seen).await?.events)
    }

    /// Returns the whole story of a dossier that `actor` reads, as [`Self::since`] does.
    pub async fn story_of(&self, actor: &Actor, view: &DossierView) -> Result<DossierStory, Error> {
        self.told(actor, &view.dossier, 0).await
    }

    async fn told(&self, actor: &Actor, dossier: &Dossier, seen: u32) -> Result<DossierStory, Error> {
        let procedure = self.procedures.version(&dossier.procedure).await?;
        let events = journal::hashed_events(self.database.reader(), &dossier.filed.code).await?;
        let is_applicant = matches!(actor, Actor::Applicant { .. });
        let name: ActionWords = if is_applicant { action_told } else { action_name };
        let former = FormerContent::of(&events);
        let mut story = story(&procedure, events, name).map_err(Error::fault)?;
        story.retain(|event| event.number > seen && !(is_applicant && event.is_internal()));
        for event in story.iter_mut().filter(|_| is_applicant) {
            event.note = None;
        }
        Ok(DossierStory { events: story, former })
    }

    /// Returns all events of a dossier, for officers who may read its journal. Logs the reading.
    pub async fn journal_of(&self, actor: &Actor, code: &DossierCode) -> Result<Vec<StoryEvent>, Error> {
        let dossier = self.readable(actor, code).await?;
        let Actor::Officer { id, name, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        if !dossier.lets(actor, Deed::ReadJournal) {
            return Err(Refusal::NotAllowed.into());
        }
        self.log_reading(id, name, code).await?;
        Ok(self.told(actor, &dossier, 0).await?.events)
    }
}

/// Returns the events in the words of pages. Each is told by the state before it, and actions by the words that `name`
/// returns.
fn story(
    procedure: &Procedure,
    events: Vec<(Recorded, Digest)>,
    name: ActionWords,
) -> Result<Vec<StoryEvent>, UnreadableDossier> {
    let mut told = Vec::with_capacity(events.len());
    let mut state: Option<Dossier> = None;
    for (number, (recorded, hash)) in (1..).zip(events) {
        let place = state.as_ref().and_then(|before| place_of(before, &recorded.event));
        let at = place.map(|(_, at)| at);
        let details = details_of(&recorded.event);
        let step_of = |stay: &StayId| Some(state.as_ref()?.flow.visits.get(index(*stay))?.at.name.clone());
        let named = |action: &ActionId| name(procedure, at.map(|at| &at.step), action).cloned();
        told.push(StoryEvent {
            number,
            at: recorded.at,
            by: recorded.actor.clone(),
            event: word(&recorded),
            action: details.action.and_then(named),
            taken: place.zip(details.action).map(|((stay, _), action)| (stay, action.clone())),
            step: at.map(|at| at.name.clone()),
            to: details.to.map(|to| to.name.clone()),
            let_pass: details.passed.iter().filter_map(step_of).collect(),
            message: details.message.map(str::to_owned),
            words: details.words.filter(|words| !words.is_empty()).map(str::to_owned),
            note: recorded.event.internal_note().map(str::to_owned),
            hash,
        });
        match &mut state {
            None => state = Some(Dossier::replay([&recorded])?),
            Some(dossier) => dossier.apply(&recorded)?,
        }
    }
    Ok(told)
}

/// The details of an event that a page tells.
#[derive(Debug, Clone, Copy, Default)]
struct EventDetails<'a> {
    /// The action that was taken or undone.
    action: Option<&'a ActionId>,
    /// The stays that were let pass.
    passed: &'a [StayId],
    /// The officer to whom a step was given.
    to: Option<&'a Assignee>,
    message: Option<&'a str>,
    /// The words to the applicant.
    words: Option<&'a str>,
}

fn details_of(event: &Event) -> EventDetails<'_> {
    let plain = EventDetails { action: event.action(), ..EventDetails::default() };
    match event {
        Event::Advanced(advanced) => {
            EventDetails { passed: &advanced.cancelled, words: advanced.note.as_deref(), ..plain }
        }
        Event::SupplementRequested { request, .. } => EventDetails { words: Some(&request.what), ..plain },
        Event::Ended { reason, .. } | Event::PaymentReversed { reason, .. } => {
            EventDetails { words: Some(reason), ..plain }
        }
        Event::Undone { action } => EventDetails { action: Some(action), ..plain },
        Event::Assigned { assignee, .. } => EventDetails { to: assignee.as_ref(), ..plain },
        Event::MessageSent { text, .. } => EventDetails { message: Some(text), ..plain },
        Event::Filed(_)
        | Event::Supplemented { .. }
        | Event::PaymentRecorded { .. }
        | Event::RefundRecorded { .. }
        | Event::Reminded { .. }
        | Event::Escalated { .. }
        | Event::LateAnnounced { .. }
        | Event::ExpiryAnnounced { .. }
        | Event::Extended { .. }
        | Event::Rescheduled { .. }
        | Event::Transferred { .. }
        | Event::Migrated { .. }
        | Event::DeliveryChanged { .. }
        | Event::Rated { .. } => plain,
    }
}

/// Returns the word for an event.
fn word(recorded: &Recorded) -> &'static str {
    let [taken, given, released] = ASSIGNMENTS;
    match &recorded.event {
        Event::Assigned { assignee: None, .. } => released,
        Event::Assigned { assignee: Some(assignee), .. } if recorded.actor.user() == Some(&assignee.id) => taken,
        Event::Assigned { .. } => given,
        Event::Filed(_)
        | Event::Advanced(_)
        | Event::SupplementRequested { .. }
        | Event::Supplemented { .. }
        | Event::PaymentRecorded { .. }
        | Event::PaymentReversed { .. }
        | Event::RefundRecorded { .. }
        | Event::Ended { .. }
        | Event::Undone { .. }
        | Event::Reminded { .. }
        | Event::Escalated { .. }
        | Event::LateAnnounced { .. }
        | Event::ExpiryAnnounced { .. }
        | Event::Extended { .. }
        | Event::Rescheduled { .. }
        | Event::Transferred { .. }
        | Event::Migrated { .. }
        | Event::DeliveryChanged { .. }
        | Event::MessageSent { .. }
        | Event::Rated { .. } => recorded.event.name(),
    }
}

/// Returns the stay and the step at which an event happened, by the state before it.
fn place_of<'a>(before: &'a Dossier, event: &Event) -> Option<(StayId, &'a RecordedStep)> {
    let stay = match event {
        Event::Advanced(advanced) => advanced.stay,
        Event::SupplementRequested { stay, .. } | Event::Ended { stay, action: Some(_), .. } => *stay,
        Event::Assigned { stay, .. } | Event::Reminded { stay } | Event::Escalated { stay, .. } => Some(*stay),
        Event::Undone { action } => {
            let taken = |left: &VisitEnd| left.action.as_ref() == Some(action);
            let visits = (0..).zip(&before.flow.visits);
            let ended = visits.filter(|(_, visit)| visit.left.as_ref().is_some_and(taken));
            return ended.last().map(|(stay, visit)| (stay, &visit.at));
        }
        Event::Filed(_)
        | Event::Supplemented { .. }
        | Event::PaymentRecorded { .. }
        | Event::PaymentReversed { .. }
        | Event::RefundRecorded { .. }
        | Event::Ended { .. }
        | Event::LateAnnounced { .. }
        | Event::ExpiryAnnounced { .. }
        | Event::Extended { .. }
        | Event::Rescheduled { .. }
        | Event::Transferred { .. }
        | Event::Migrated { .. }
        | Event::DeliveryChanged { .. }
        | Event::MessageSent { .. }
        | Event::Rated { .. } => return None,
    };
    before.flow.stay(stay).map(|stay| (stay.id, &stay.at))
}

/// A function that returns the words for an action of a step.
type ActionWords = for<'a> fn(&'a Procedure, Option<&StepId>, &ActionId) -> Option<&'a Text>;

/// Returns the name of an action of a step, for the staff. An action of a step that the procedure no longer has is
/// looked up among all steps.
pub fn action_name<'a>(procedure: &'a Procedure, step: Option<&StepId>, action: &ActionId) -> Option<&'a Text> {
    found(procedure, step, action).map(|(_, action)| &action.name)
}

/// Returns the words by which the applicant reads that an action was taken, if the applicant reads of it.
pub fn action_told<'a>(procedure: &'a Procedure, step: Option<&StepId>, action: &ActionId) -> Option<&'a Text> {
    found(procedure, step, action).and_then(|(step, action)| procedure.workflow.told(step, action))
}

fn found<'a>(procedure: &'a Procedure, step: Option<&StepId>, action: &ActionId) -> Option<(&'a Step, &'a Action)> {
    let workflow = &procedure.workflow;
    let of_step = |step: &'a Step| Some((step, step.action(action)?));
    let own = step.and_then(|step| workflow.step(step)).and_then(of_step);
    own.or_else(|| workflow.steps.iter().find_map(of_step))
}
