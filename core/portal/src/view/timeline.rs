//! The story of a dossier, step by step.

use crate::view::format::{self, AnswerLine};
use crate::view::units::place_name;
use jiff::Timestamp;
use motcua_domain::dossier::event::EVENTS;
use motcua_domain::dossier::visit::Visit;
use motcua_domain::dossier::{Dossier, index};
use motcua_domain::people::organisation::{ActorRef, Agency};
use motcua_domain::procedure::Procedure;
use motcua_domain::text::{Language, Text};
use motcua_domain::time::clock::Clock;
use motcua_service::{ASSIGNMENTS, StoryEvent, action_name, action_told};
use serde::Serialize;
use serde_json::Map;

/// The reader of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoryReader {
    /// An officer or an auditor.
    Staff,
    /// The applicant whose dossier it is.
    Applicant,
    /// A person who knows the code and the last digits of the phone number.
    Stranger,
}

/// A stay of the dossier at a step.
#[derive(Debug, Clone, Serialize)]
pub struct TimelineStep {
    /// The name of the step.
    pub name: String,
    /// The unit, if it is not the dossier's own.
    pub place: String,
    /// The time at which the dossier came to the step.
    pub entered: String,
    /// The time of its end, or an empty text.
    pub left: String,
    /// The name of the action that ended it, or an empty text. The applicant gets the words for applicants.
    pub action: String,
    /// The person who took the action or has the step, or an empty text if the reader gets no names.
    pub by: String,
    /// The word for the role, under `role-<word>`, if the reader gets no name of an officer, or an empty text.
    pub role: &'static str,
    /// The words that the applicant reads too.
    pub note: String,
    /// The note that only the staff reads.
    pub internal_note: String,
    /// The answers that were filled in at the step, for the staff and for the applicant who gave them.
    pub answers: Vec<AnswerLine>,
    /// Its punctuality against its limit, for the staff, or an empty text.
    pub punctuality: &'static str,
    /// Its limit, for the staff, or an empty text.
    pub due: String,
    /// The dossier is at this step.
    pub current: bool,
    /// The stay ended without an action, because another branch or the end of the dossier no longer needed it.
    pub cancelled: bool,
}

impl TimelineStep {
    /// Returns steps for checking a theme.
    pub fn samples() -> Vec<Self> {
        let step = |current: bool, punctuality| Self {
            name: "Tiếp nhận".into(),
            place: if current { "Công an phường".into() } else { String::new() },
            entered: "24/11/2026 08:00".into(),
            left: if current { String::new() } else { "24/11/2026 09:00".into() },
            action: if punctuality == "late" { "Trình".into() } else { String::new() },
            by: if current { String::new() } else { "Lê Thị Mai".into() },
            role: if current { "specialist" } else { "" },
            note: if current { String::new() } else { "Đủ".into() },
            internal_note: if current { String::new() } else { "Xem lại".into() },
            answers: if current {
                vec![]
            } else {
                vec![AnswerLine::plain("Đúng hiện trạng?".into(), "Có".into())]
            },
            punctuality,
            due: if current { "24/11/2026 10:00".into() } else { String::new() },
            current,
            cancelled: punctuality.is_empty(),
        };
        vec![step(false, "early"), step(false, "late"), step(false, ""), step(true, "overdue")]
    }
}

/// Returns the steps of a dossier. The staff gets names, limits and notes. The applicant gets the role and the unit in
/// the place of an officer, no action that only moved the dossier within the house, and no answers but their own. A
/// stranger gets nothing but the steps.
pub fn timeline(
    agencies: &[Agency],
    now: Timestamp,
    dossier: &Dossier,
    procedure: Option<&Procedure>,
    language: Language,
    reader: StoryReader,
) -> Vec<TimelineStep> {
    let is_staff = reader == StoryReader::Staff;
    let step = |(id, visit): (usize, &Visit)| {
        let open = dossier.flow.stays.iter().find(|stay| index(stay.id) == id);
        let clock = open.and_then(|stay| stay.clock.as_ref()).filter(|_| is_staff);
        let action = visit.left.as_ref().and_then(|left| left.action.as_ref());
        let action = action.zip(procedure).and_then(|(id, known)| {
            let step = Some(&visit.at.step);
            if is_staff { action_name(known, step, id) } else { action_told(known, step, id) }
        });
        let punctuality = match &visit.left {
            Some(left) => left.punctuality.filter(|_| is_staff),
            None => clock.map(|clock| clock.open(now)),
        };
        let cancelled = visit.left.as_ref().is_some_and(|left| left.action.is_none());
        let by = match &visit.left {
            Some(left) => Some(&left.by).filter(|by| !cancelled && shows(by, reader)).map(|by| who(by, language)),
            None => {
                let assignee = open.and_then(|stay| stay.assignee.as_ref()).filter(|_| is_staff);
                assignee.map(|assignee| assignee.name.clone())
            }
        };
        let role =
            if by.is_none() && !cancelled && reader == StoryReader::Applicant { visit.at.role.name() } else { "" };
        let form = procedure.and_then(|known| known.workflow.step(&visit.at.step)).map(|step| step.form.as_slice());
        let reads_answers = match reader {
            StoryReader::Staff => true,
            StoryReader::Applicant => {
                visit.left.as_ref().is_some_and(|left| matches!(left.by, ActorRef::Applicant { .. }))
            }
            StoryReader::Stranger => false,
        };
        let answers = if reads_answers { visit.answers.clone() } else { Map::new() };
        TimelineStep {
            name: visit.name().get(language).to_owned(),
            place: visit.at.place.as_ref().map_or_else(String::new, |place| place_name(agencies, place, language)),
            entered: format::moment(visit.entered, language),
            left: visit.left.as_ref().map_or_else(String::new, |left| format::moment(left.at, language)),
            action: action.map_or_else(String::new, |name| name.get(language).to_owned()),
            by: by.unwrap_or_default(),
            role,
            note: visit.notes.told.clone().filter(|_| reader != StoryReader::Stranger).unwrap_or_default(),
            internal_note: visit.notes.internal.clone().filter(|_| is_staff).unwrap_or_default(),
            answers: format::step_answers(form.unwrap_or_default(), &answers, language),
            punctuality: punctuality.map_or("", format::punctuality),
            due: clock.and_then(Clock::due).map_or_else(String::new, |due| format::moment(due, language)),
            current: open.is_some(),
            cancelled,
        }
    };
    dossier.flow.visits.iter().enumerate().map(step).collect()
}

/// Returns whether a reader gets the name of an actor.
const fn shows(by: &ActorRef, reader: StoryReader) -> bool {
    match reader {
        StoryReader::Staff => true,
        StoryReader::Applicant => !matches!(by, ActorRef::Officer { .. }),
        StoryReader::Stranger => false,
    }
}

/// An event of a dossier.
#[derive(Debug, Clone, Serialize)]
pub struct HappenedContext {
    /// Its number in the dossier's journal, from 1.
    pub number: u32,
    /// The time of the event.
    pub at: String,
    /// The actor, and the officer on leave for whom they acted.
    pub by: String,
    /// The name of the action that was taken or undone, or an empty text.
    pub action: String,
    /// The step at which it happened, or an empty text.
    pub step: String,
    /// The word for the event, under `event-<word>`.
    pub event: &'static str,
    /// The officer to whom a step was given, or an empty text.
    pub to: String,
    /// The steps that were let pass, or an empty text.
    pub let_pass: String,
    /// The message that was sent, or an empty text.
    pub message: String,
    /// The words to the applicant, or an empty text.
    pub words: String,
    /// The note for the staff, or an empty text.
    pub note: String,
    /// The hash of the entry on the page of the journal, or an empty text.
    pub hash: String,
}

impl HappenedContext {
    /// Returns an event for a reader. In the place of an officer, the applicant reads the word `agency`.
    pub fn of(event: StoryEvent, agency: &str, language: Language, reader: StoryReader) -> Self {
        let shown = |text: Option<Text>| text.map_or_else(String::new, |text| text.get(language).to_owned());
        let passed: Vec<&str> = event.let_pass.iter().map(|step| step.get(language)).collect();
        Self {
            number: event.number,
            at: format::moment(event.at, language),
            by: who_for(&event.by, agency, language, reader),
            action: shown(event.action),
            step: shown(event.step),
            event: event.event,
            to: event.to.unwrap_or_default(),
            let_pass: passed.join(", "),
            message: event.message.unwrap_or_default(),
            words: event.words.unwrap_or_default(),
            note: event.note.unwrap_or_default(),
            hash: String::new(),
        }
    }

    /// Returns all kinds of events for checking a theme.
    pub fn samples() -> Vec<Self> {
        let sample = |(number, event): (u32, &'static str)| Self {
            number,
            at: "24/11/2026 08:00".into(),
            by: "Sơn".into(),
            action: if matches!(event, "advanced" | "undone") { "Trình".into() } else { String::new() },
            step: if event == "advanced" || ASSIGNMENTS.contains(&event) {
                "Thẩm định".into()
            } else {
                String::new()
            },
            event,
            to: if event == "given" { "Mai".into() } else { String::new() },
            let_pass: if event == "advanced" { "Cho ý kiến".into() } else { String::new() },
            message: if event == "message-sent" { "Xin chào".into() } else { String::new() },
            words: if event == "supplement-requested" {
                "Thiếu bản đồ.\nThiếu chữ ký.".into()
            } else {
                String::new()
            },
            note: if event == "given" { "Nhờ anh".into() } else { String::new() },
            hash: if event == "filed" { "0".repeat(64) } else { String::new() },
        };
        (1..).zip(EVENTS.into_iter().chain(ASSIGNMENTS)).map(sample).collect()
    }
}

/// Returns the name of an actor for a reader, or the word `agency` if the reader does not get the name.
pub fn who_for(by: &ActorRef, agency: &str, language: Language, reader: StoryReader) -> String {
    if shows(by, reader) { who(by, language) } else { agency.to_owned() }
}

/// Returns the name of the actor, and of the officer on leave for whom they acted.
pub fn who(by: &ActorRef, language: Language) -> String {
    match by {
        ActorRef::Officer { name, acting_for: Some(absent), .. } => match language {
            Language::Vi => format!("{name} (thay {})", absent.name),
            Language::En => format!("{name} (acting for {})", absent.name),
        },
        ActorRef::Applicant { name, .. } | ActorRef::Officer { name, .. } => name.clone(),
        ActorRef::System => "—".to_owned(),
    }
}
