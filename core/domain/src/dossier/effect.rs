//! The effect of an action that a person or the timer takes: the stays that end and the stays that begin.

use crate::dossier::case::{Case, at, message};
use crate::dossier::clocks::{StayTimes, applicant_deadline, clocks_after, clocks_of, same_clocks};
use crate::dossier::event::{
    Advanced, AskedUnits, Assignee, BegunStay, Clocks, DossierOutcome, Event, MissingPart, Recorded, ResultReceiver,
    SiteVisitChange, StayId, SupplementRequest,
};
use crate::dossier::flow::{Stay, StayWait, UnreadableDossier};
use crate::dossier::issue::issued;
use crate::dossier::marking::{marking, step_index};
use crate::dossier::notice::notice_of_advance;
use crate::dossier::refusal::Refusal;
use crate::dossier::staff::{Candidate, chosen_for};
use crate::dossier::visit::VisitNotes;
use crate::dossier::{Dossier, UndoState, site_visit};
use crate::media::StoredFile;
use crate::money::Dong;
use crate::time::calendar::WorkingLength;
use crate::time::recorded::RecordedTime;
use crate::workflow::net::{Net, RecordedArrival, StepIndex};
use crate::workflow::{Action, Branch, Effect, NationalStatus, Step, UnitPlace};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The input of an action.
#[derive(Debug, Default)]
pub struct ActionInput {
    pub notes: VisitNotes,
    pub assignee: Option<Candidate>,
    pub result: Option<StoredFile>,
    pub new_grounds: Option<String>,
    /// The papers and questions that a request names.
    pub missing: Vec<String>,
    /// The answers of the officer, normalised.
    pub answers: Map<String, Json>,
    pub places: Vec<UnitPlace>,
    pub staff: Vec<Candidate>,
    /// The change of an appointment on the spot.
    pub visit: Option<SiteVisitChange>,
    /// The person who takes the result at the counter.
    pub receiver: Option<ResultReceiver>,
    /// A person takes the action, and the portal can ask this person to choose.
    pub by_person: bool,
}

/// Returns the event of an action that a person or the timer takes.
pub fn take_effect(
    case: Case<'_>,
    stay: &Stay,
    step: &Step,
    action: &Action,
    input: ActionInput,
) -> Result<Event, Refusal> {
    let workflow = &case.rules.procedure.workflow;
    let to = match &action.effect {
        Effect::Decline => return Ok(end(case, stay, action, DossierOutcome::NotReceived, input)),
        Effect::Refuse => return Ok(end(case, stay, action, DossierOutcome::Refused, input)),
        Effect::HandOver => return Ok(end(case, stay, action, DossierOutcome::Returned, input)),
        Effect::RequestSupplement => return request_supplement(case, stay, action, input),
        Effect::Advance { to } | Effect::RequestPayment { to } => vec![step_index(workflow, to)?],
        Effect::Split { to } => branches(case, step, to, &input.answers)?,
        Effect::Finish => Vec::new(),
        Effect::Answer => {
            // The net goes on to the step after the answers with the answer that decides.
            let many = step.many.as_ref().ok_or(Refusal::NoSuchAction)?;
            step_index(workflow, &many.then)?;
            Vec::new()
        }
    };
    advance(case, stay, action, input, &to)
}

fn branches(
    case: Case<'_>,
    step: &Step,
    branches: &[Branch],
    answers: &Map<String, Json>,
) -> Result<Vec<StepIndex>, Refusal> {
    let workflow = &case.rules.procedure.workflow;
    let mut to = Vec::new();
    for branch in branches {
        let open = match &branch.when {
            Some(when) => case.holds(when, step, answers)?,
            None => true,
        };
        if open {
            to.push(step_index(workflow, &branch.to)?);
        }
    }
    if to.is_empty() { Err(Refusal::NoBranch) } else { Ok(to) }
}

fn advance(
    case: Case<'_>,
    stay: &Stay,
    action: &Action,
    input: ActionInput,
    to: &[StepIndex],
) -> Result<Event, Refusal> {
    let workflow = &case.rules.procedure.workflow;
    let flow = &case.dossier.flow;
    let leaves = flow.stays.iter().position(|open| open.id == stay.id).ok_or(Refusal::Changed)?;
    let marking = marking(workflow, flow)?;
    let moved = Net::new(workflow).leave(&marking, leaves, action, to).ok_or(Refusal::Changed)?;
    let kept: Vec<&Stay> =
        (0..flow.stays.len()).filter(|at| !moved.ended.contains(at)).map(|at| &flow.stays[at]).collect();
    if kept.is_empty() && moved.begins.is_empty() {
        let waiting = moved.arrived.iter().any(|branch| !branch.spent);
        return if waiting {
            Err(Refusal::Stuck)
        } else {
            Ok(end(case, stay, action, DossierOutcome::Returned, input))
        };
    }
    let asks_payment = matches!(action.effect, Effect::RequestPayment { .. }) && case.dossier.owed() > Dong(0);
    let steps: Vec<(&Step, bool)> = moved.begins.iter().map(|step| (&workflow.steps[*step], asks_payment)).collect();
    let clocks = clocks_of(case, &kept, &steps, |stay| stay.waits.is_some())?;
    let mut begins = Vec::with_capacity(moved.begins.len());
    for (place, (step, waits)) in moved.begins.iter().zip(&steps) {
        let direct = to.contains(place);
        begin(case, &mut begins, step, *waits, direct, &input)?;
    }
    let id = |at: StepIndex| workflow.steps[at].id.clone();
    let arrived = moved.arrived.iter().map(|branch| RecordedArrival {
        to: id(branch.to),
        from: id(branch.from),
        spent: branch.spent,
    });
    Ok(Event::Advanced(Box::new(Advanced {
        stay: Some(stay.id),
        action: action.id.clone(),
        note: input.notes.told,
        internal_note: input.notes.internal,
        result: input.result,
        answers: input.answers,
        cancelled: moved.ended.iter().map(|at| flow.stays[*at].id).filter(|id| *id != stay.id).collect(),
        arrived: arrived.collect(),
        begins,
        visit: input.visit,
        clocks,
    })))
}

/// Returns the stays that begin at a step: one, or one for each unit that is asked.
fn begin(
    case: Case<'_>,
    begins: &mut Vec<BegunStay>,
    step: &Step,
    waits: bool,
    direct: bool,
    input: &ActionInput,
) -> Result<(), Refusal> {
    let calendar = case.rules.calendar;
    let dossier = case.dossier;
    let limit = case.rules.procedure.step_limit(&dossier.place.agency, step, &dossier.values, dossier.answers_at);
    let times = StayTimes::begin(calendar, step, limit, case.now);
    let times = if waits { times.stopped(calendar, case.now) } else { times };
    let own = step.place.as_ref().unwrap_or(&case.dossier.place);
    let begun = |place: &UnitPlace, asked: Option<AskedUnits>, assignee: Option<Assignee>| {
        let mut at = at(step);
        at.place = Some(place.clone()).filter(|place| *place != case.dossier.place);
        BegunStay {
            at,
            clock: times.clock.clone(),
            assignee,
            assignee_is_decided: true,
            payment_until: waits.then(|| RecordedTime::Clock(applicant_deadline(case))),
            timer: times.timer.clone().map(RecordedTime::Clock),
            remind: times.remind,
            escalate: step.escalate,
            asked,
        }
    };
    let Some(many) = &step.many else {
        let assignee = match input.assignee.as_ref().filter(|_| direct) {
            Some(chosen) if !chosen.serves(step, own) => return Err(Refusal::AssigneeUnfit),
            Some(chosen) => Some(chosen.assignee(step.role)),
            None => chosen_for(case, step, own, &input.staff),
        };
        begins.push(begun(own, None, assignee));
        return Ok(());
    };
    let chooses = many.chosen && direct && input.by_person;
    let places: Vec<&UnitPlace> = many.places.iter().filter(|place| !chooses || input.places.contains(place)).collect();
    let least = many.least_asked();
    let asked = u32::try_from(places.len()).unwrap_or(u32::MAX);
    if asked < least {
        return Err(Refusal::PlacesMissing { least });
    }
    let first = case.dossier.flow.visits.len() + begins.len();
    let asked = AskedUnits { first: u32::try_from(first).unwrap_or(u32::MAX), enough: many.enough_of(asked) };
    for place in places {
        begins.push(begun(place, Some(asked), chosen_for(case, step, place, &input.staff)));
    }
    Ok(())
}

fn request_supplement(case: Case<'_>, stay: &Stay, action: &Action, input: ActionInput) -> Result<Event, Refusal> {
    let step = &stay.at.step;
    let new_grounds = input.new_grounds.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let asked = case.dossier.asked_before(step);
    if asked && new_grounds.is_none() {
        return Err(Refusal::AskedAlready);
    }
    let wait = StayWait::Supplement { until: applicant_deadline(case) };
    let request = SupplementRequest {
        step: step.clone(),
        what: input.notes.told.ok_or(Refusal::NoteMissing)?,
        missing: missing_parts(case, &input.missing),
        internal_note: input.notes.internal,
        new_grounds: new_grounds.filter(|_| asked).map(message).transpose()?,
        until: wait.until(),
    };
    let mut clocks = clocks_after(case, |other| other.id == stay.id || other.waits.is_some())?;
    clocks.deadlines.push((stay.id, wait.clock().clone()));
    Ok(Event::SupplementRequested { stay: Some(stay.id), action: action.id.clone(), request, clocks })
}

/// Returns the named papers and questions of the procedure, each once, with their legal bases.
fn missing_parts(case: Case<'_>, places: &[String]) -> Vec<MissingPart> {
    let procedure = case.rules.procedure;
    let places: BTreeSet<&String> = places.iter().collect();
    let part = |place: &String| {
        let (name, basis) = procedure.asked_at(place)?;
        let basis = procedure.legal_documents().citations(basis);
        Some(MissingPart { place: place.clone(), name, basis })
    };
    places.into_iter().filter_map(part).collect()
}

fn end(case: Case<'_>, stay: &Stay, action: &Action, outcome: DossierOutcome, input: ActionInput) -> Event {
    let issued = issued(case, outcome, &stay.at, input.result.as_ref(), &input.answers);
    Event::Ended {
        stay: Some(stay.id),
        action: Some(action.id.clone()),
        outcome,
        reason: input.notes.told.unwrap_or_default(),
        internal_note: input.notes.internal,
        result: input.result,
        answers: input.answers,
        issued,
        silence: None,
        receiver: input.receiver.map(Box::new),
        clocks: same_clocks(case),
    }
}

/// Applies [`Event::Advanced`].
pub fn apply_advanced(
    dossier: &mut Dossier,
    recorded: &Recorded,
    advanced: &Advanced,
) -> Result<(), UnreadableDossier> {
    let before = dossier.flow.clone();
    let (status, version) = (dossier.status(), dossier.version + 1);
    let visits_off = dossier.site_visits_off();
    let left = dossier.flow.stay(advanced.stay).ok_or(UnreadableDossier::NoStay(advanced.stay))?;
    let (stay, unit) = (left.id, dossier.place_of(left).clone());
    if let Some(change) = &advanced.visit {
        site_visit::apply(dossier, stay, unit, recorded.at, change);
    }
    let flow = &mut dossier.flow;
    let notes = VisitNotes { told: advanced.note.clone(), internal: advanced.internal_note.clone() };
    flow.leave(stay, recorded, Some(&advanced.action), notes);
    flow.fill_in(Some(stay), &advanced.answers, advanced.result.as_ref());
    for cancelled in &advanced.cancelled {
        flow.leave(*cancelled, recorded, None, VisitNotes::default());
    }
    flow.arrived.clone_from(&advanced.arrived);
    flow.set_clocks(None, &advanced.clocks)?;
    for begun in &advanced.begins {
        flow.begin(begun.clone(), recorded.at, version);
    }
    let processed = flow.stays.iter().all(|stay| stay.at.status == NationalStatus::Processed);
    if processed && !flow.stays.is_empty() {
        flow.processed_at.get_or_insert(recorded.at);
    } else {
        flow.processed_at = None;
    }
    site_visit::follow(dossier, &before, advanced, stay, recorded.at);
    let left_the_house = notice_of_advance(advanced, status, &before.whole, visits_off, dossier).is_some();
    let (actor, action) = (recorded.actor.clone(), advanced.action.clone());
    dossier.undo = Some(Box::new(UndoState { actor, action, version, flow: before, left_the_house }));
    Ok(())
}

/// Applies [`Event::SupplementRequested`].
pub fn apply_request(
    dossier: &mut Dossier,
    recorded: &Recorded,
    stay: Option<StayId>,
    request: &SupplementRequest,
    clocks: &Clocks,
) -> Result<(), UnreadableDossier> {
    dossier.undo = None;
    dossier.flow.set_clocks(stay, clocks)?;
    let stay = dossier.flow.stay_mut(stay)?;
    let deadline = clocks.deadlines.iter().find(|(id, _)| *id == stay.id).map(|(_, clock)| clock.clone());
    let until = deadline
        .unwrap_or_else(|| RecordedTime::Moment(request.until).into_clock(recorded.at, WorkingLength::Applicant));
    (stay.waits, stay.changed) = (Some(StayWait::Supplement { until }), dossier.version + 1);
    stay.extended = None;
    dossier.supplements.push(request.clone());
    Ok(())
}
