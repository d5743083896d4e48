//! # Act
//!
//! A person takes an action that an open step offers: the dossier moves on, waits for the applicant, or ends, as the
//! workflow says. The input is the words to the applicant, the note for the staff, the officer for the next step, the
//! file of the result, the answers to the step's form, the units to ask and the visit on the spot, as far as the action
//! requires them. Who hands a result over may write down who took it, or which carrier takes it to the applicant.
//!
//! - Given by: the officer to whom the step belongs, the deputy of such an officer on leave, or the applicant at a step
//!   of the applicant. Nobody judges their own proposal, unless the post may.
//! - Refused: if the step has ended or changed since the person saw it, while it waits for the applicant, if the action
//!   is not open or the answers to the step's form close it, if an input is missing, if the visit does not fit its bounds
//!   and the calendar, if it is not complete who took a result, if the applicant changed the delivery since the officer saw
//!   the dossier and the post takes it, and if a plugin chose another action.
//! - Event: `advanced`, `supplement-requested` or `ended`. The applicant is told of the end, of a request, of a step of
//!   theirs, of a visit on the spot, of every new status, and of a new appointment. They never read the note for the staff.
//!   [`crate::dossier::effect`] and [`crate::dossier::ending`] make and apply these events.

use crate::dossier::Dossier;
use crate::dossier::case::{Case, LONGEST_MESSAGE, Rules};
use crate::dossier::effect::{ActionInput, take_effect};
use crate::dossier::event::{Event, SiteVisitChange, StayId};
use crate::dossier::flow::{Stay, index};
use crate::dossier::receiver::ReceiverInput;
use crate::dossier::refusal::Refusal;
use crate::dossier::site_visit::{SiteVisitFault, SiteVisitInput};
use crate::dossier::staff::Candidate;
use crate::dossier::verdict::action_question;
use crate::dossier::visit::{Visit, VisitNotes};
use crate::form::judge::{JudgeFacts, judge_fields};
use crate::media::StoredFile;
use crate::money::Dong;
use crate::names::ActionId;
use crate::people::access::{Deed, may};
use crate::people::organisation::Actor;
use crate::procedure::plugin::OnFailure;
use crate::workflow::{Action, Effect, Requirement, Step, UnitPlace};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// An action with its input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Act {
    /// The stay at which the action is taken. `None` means the only stay.
    pub stay: Option<StayId>,
    pub action: ActionId,
    /// The version of the dossier that the officer saw.
    pub seen: u32,
    /// The note for the staff, or what the applicant writes at their own step.
    pub note: String,
    /// The words to the applicant, if the action tells the applicant something.
    pub reason: String,
    /// The officer chosen for the next step.
    pub assignee: Option<Candidate>,
    pub result: Option<StoredFile>,
    /// The reason for a further request after a first request at the same step.
    pub new_grounds: Option<String>,
    /// The papers and questions that a request names: `papers.map`, or the id of a field.
    pub missing: Vec<String>,
    /// The input of the step's form.
    pub typed: Map<String, Json>,
    /// The units that the officer chose to ask.
    pub places: Vec<UnitPlace>,
    /// The appointment on the spot, for an action that makes one.
    pub visit: Option<SiteVisitInput>,
    /// The person or the carrier who takes the result, for an action that hands it over.
    pub receiver: Option<ReceiverInput>,
    /// The officers to whom the next steps can be assigned: by load, by area, by name, or because they had the step
    /// before. Each has the posts that they hold now.
    pub staff: Vec<Candidate>,
}

/// The right that the command needs.
const RIGHT: Deed = Deed::ActOnStep;

/// Decides on the action of a person.
pub fn decide(case: Case<'_>, actor: &Actor, act: Act) -> Result<Event, Refusal> {
    let stay = match case.stay(act.stay).and_then(|stay| seen(case, act.seen, stay)) {
        Ok(stay) => stay,
        // Only a person who could have acted learns of the change.
        Err(_) if !could_act(case, actor, &act) => return Err(Refusal::NotAllowed),
        Err(_) if act.seen != case.dossier.version => return Err(Refusal::Changed),
        Err(refusal) => return Err(refusal),
    };
    case.permit_at(actor, RIGHT, stay)?;
    if stay.waits.is_some() {
        return Err(Refusal::WaitsForApplicant);
    }
    let step = case.step(stay)?;
    let action = step.action(&act.action).filter(|action| action.is_for_people()).ok_or(Refusal::NoSuchAction)?;
    if !case.is_open(stay, step, action)? {
        return Err(Refusal::ActionClosed);
    }
    if matches!(action.effect, Effect::Decline | Effect::Refuse) {
        // A refusal cannot be taken back, so it is not taken over words of the applicant that nobody has read.
        case.is_from(act.seen, case.dossier.heard)?;
    }
    let notes = requirements(case, actor, step, action, &act)?;
    let answers = filled_in(case, step, action, &act.typed)?;
    if !case.is_opened_by(step, action, &answers)? {
        return Err(Refusal::ClosedByAnswers(step.closed_by_form(action)));
    }
    let visit = site_visit(case, stay, action, act.visit)?;
    let receiver = act.receiver.filter(|_| action.effect == Effect::HandOver && matches!(actor, Actor::Officer { .. }));
    if receiver.as_ref().is_some_and(ReceiverInput::is_post) {
        // An item cannot be called back from another address.
        case.is_from(act.seen, case.dossier.readdressed)?;
    }
    let (name, post) = (&case.dossier.filed.applicant.name, case.dossier.post.as_ref());
    let receiver = receiver.map(|typed| typed.receiver(name, post)).transpose()?;
    let input = ActionInput {
        notes,
        assignee: act.assignee.filter(|_| action.requires.contains(&Requirement::Assignee)),
        result: act.result.filter(|_| action.requires.contains(&Requirement::ResultFile)),
        new_grounds: act.new_grounds,
        missing: act.missing,
        answers,
        places: act.places,
        staff: act.staff,
        visit,
        receiver,
        by_person: true,
    };
    take_effect(case, stay, step, action, input)
}

/// Returns the stay, unless something has changed on which a decision at it rests since the person saw this version of
/// the dossier. Messages, payments, reminders, new due times, and what happens at other steps change nothing of that:
/// the conditions of an action are checked when it is taken. Only a refusal rests on messages of the applicant.
fn seen<'a>(case: Case<'a>, version: u32, stay: &'a Stay) -> Result<&'a Stay, Refusal> {
    case.is_from(version, case.dossier.judged.max(stay.changed)).map(|()| stay)
}

/// Returns whether `actor` has the right to take this action where the dossier stands or stood.
fn could_act(case: Case<'_>, actor: &Actor, act: &Act) -> bool {
    let workflow = &case.rules.procedure.workflow;
    let offers = |visit: &Visit| workflow.step(&visit.at.step).is_some_and(|step| step.action(&act.action).is_some());
    let meant = |id: usize| act.stay.is_none_or(|stay| index(stay) == id);
    let dossier = case.dossier;
    let visits = dossier.flow.visits.iter().enumerate().filter(|(id, visit)| meant(*id) && offers(visit));
    // An open step belongs to its current officer.
    let mut subjects = visits.map(|(id, visit)| {
        let open = dossier.flow.stays.iter().find(|stay| index(stay.id) == id);
        open.map_or_else(|| dossier.subject_of(&visit.at), |stay| dossier.subject_at(stay))
    });
    subjects.any(|subject| may(actor, RIGHT, Some(subject)))
}

/// Returns the notes, once the input has everything that the action requires.
fn requirements(case: Case<'_>, actor: &Actor, step: &Step, action: &Action, act: &Act) -> Result<VisitNotes, Refusal> {
    let notes = notes(actor, action, act)?;
    if action.effect.needs_note() && notes.told.is_none() {
        return Err(Refusal::NoteMissing);
    }
    let note = notes.told.as_ref().or(notes.internal.as_ref());
    for requirement in &action.requires {
        match requirement {
            Requirement::Note if note.is_none() => return Err(Refusal::NoteMissing),
            Requirement::Assignee if act.assignee.is_none() => return Err(Refusal::AssigneeMissing),
            Requirement::ResultFile if act.result.is_none() => return Err(Refusal::ResultMissing),
            Requirement::FeePaid if case.dossier.owed() > Dong(0) => {
                return Err(Refusal::NotPaid { owed: case.dossier.owed() });
            }
            Requirement::Plugin => chosen(case, step, action, note)?,
            Requirement::Note | Requirement::Assignee | Requirement::ResultFile | Requirement::FeePaid => {}
        }
    }
    Ok(notes)
}

/// Returns what was written, by who reads it. An officer writes to the applicant if the action is an answer for the
/// applicant to read, and everything else that an officer writes is for the staff. What the applicant writes is theirs.
fn notes(actor: &Actor, action: &Action, act: &Act) -> Result<VisitNotes, Refusal> {
    let (note, reason) = (written(&act.note)?, written(&act.reason)?);
    Ok(match actor {
        Actor::Applicant { .. } => VisitNotes { told: note, internal: None },
        _ => VisitNotes { told: reason.filter(|_| action.effect.needs_note()), internal: note },
    })
}

/// Returns a text without blanks around it, or nothing if it is empty.
fn written(text: &str) -> Result<Option<String>, Refusal> {
    let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_MESSAGE) {
        return Err(Refusal::BadMessage { max: LONGEST_MESSAGE });
    }
    Ok(text)
}

/// Checks that the plugin chose this action. If the plugin failed, the officer chooses and writes in the note which
/// checks replace the plugin's, unless the author wants it otherwise. The journal keeps the failure beside the note.
fn chosen(case: Case<'_>, step: &Step, action: &Action, note: Option<&String>) -> Result<(), Refusal> {
    let question = action_question(step);
    let Rules { procedure, choices, .. } = case.rules;
    let asked = choices.iter().find(|choice| choice.question == question).ok_or(Refusal::RuleFailed)?;
    if asked.fault.is_some() {
        let plugin = procedure.plugins.iter().find(|plugin| plugin.component == asked.component);
        let waits = plugin.is_some_and(|plugin| plugin.on_failure == OnFailure::Wait);
        return match note {
            _ if !waits => Err(Refusal::RuleFailed),
            None => Err(Refusal::RuleUnanswered),
            Some(_) => Ok(()),
        };
    }
    if asked.choice.as_deref() == Some(action.id.as_str()) { Ok(()) } else { Err(Refusal::NotByRules) }
}

/// Returns the answers of the officer, if the action asks the step's form. An action that only changes an appointment on
/// the spot asks nothing, and keeps a form that was filled in nevertheless.
fn filled_in(
    case: Case<'_>,
    step: &Step,
    action: &Action,
    typed: &Map<String, Json>,
) -> Result<Map<String, Json>, Refusal> {
    let asks = step.asks_form(action);
    if !asks && (typed.is_empty() || !step.only_changes_visit(action)) {
        return Ok(Map::new());
    }
    let given = JudgeFacts { now: case.now, registries: case.rules.registries, files: &[], computed: None };
    let judged = judge_fields(&step.form.iter().collect::<Vec<_>>(), typed, given);
    match judged.fault {
        Some(fault) => Err(fault.into()),
        None if judged.complete() => Ok(judged.values),
        None if !asks => Ok(Map::new()),
        None => Err(Refusal::Incomplete(judged.findings)),
    }
}

/// Returns the change of the appointment on the spot, if the action makes one or calls it off.
fn site_visit(
    case: Case<'_>,
    stay: &Stay,
    action: &Action,
    input: Option<SiteVisitInput>,
) -> Result<Option<SiteVisitChange>, Refusal> {
    let Some(rule) = &action.visit else { return Ok(None) };
    let Rules { procedure, calendar, .. } = case.rules;
    if rule.calls_off {
        case.dossier.coming_site_visit(stay, case.now).ok_or(SiteVisitFault::NothingToCallOff)?;
        return Ok(Some(SiteVisitChange::CalledOff));
    }
    let input = input.unwrap_or_default();
    written(&input.note)?;
    let usual_place = rule.usual_place(&procedure.form, &case.dossier.values);
    Ok(Some(SiteVisitChange::Planned(rule.planned(calendar, usual_place, &input, case.now)?)))
}

/// Returns whether the conditions of an action let a person take it at a stay of the dossier. An action whose condition
/// cannot be evaluated is offered, so that a person meets the fault and the administrator is told. An action that the
/// answers to the form of the step open is offered, too.
pub fn is_open(rules: Rules<'_>, dossier: &Dossier, stay: &Stay, step: &Step, action: &Action) -> bool {
    // No condition reads the time.
    let case = Case { rules, dossier, now: Timestamp::UNIX_EPOCH };
    action.is_for_people() && case.is_open(stay, step, action).unwrap_or(true)
}
