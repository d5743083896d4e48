//! The story of a dossier, step by step.

use crate::view::format;
use crate::view::units::place_name;
use jiff::Timestamp;
use motcua_domain::dossier::visit::Visit;
use motcua_domain::dossier::{Dossier, index};
use motcua_domain::people::organisation::{ActorRef, Agency};
use motcua_domain::text::Language;
use motcua_domain::time::clock::Clock;
use serde::Serialize;

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
    pub name: String,
    /// The unit, if it is not the dossier's own.
    pub place: String,
    pub entered: String,
    /// The time of its end, or an empty text.
    pub left: String,
    pub by: String,
    /// The words that the applicant reads too.
    pub note: String,
    /// The note that only the staff reads.
    pub internal_note: String,
    /// Its punctuality against its limit, or an empty text.
    pub punctuality: &'static str,
    pub due: String,
    pub current: bool,
    /// The stay ended because another branch no longer needed it.
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
            by: if current { String::new() } else { "Lê Thị Mai".into() },
            note: if current { String::new() } else { "Đủ".into() },
            internal_note: if current { String::new() } else { "Xem lại".into() },
            punctuality,
            due: if current { "24/11/2026 10:00".into() } else { String::new() },
            current,
            cancelled: punctuality.is_empty(),
        };
        vec![step(false, "early"), step(false, "late"), step(false, ""), step(true, "overdue")]
    }
}

/// Returns the story of a dossier. Names and notes are only for people who may read the dossier, and notes for the staff
/// only for the staff.
pub fn timeline(
    agencies: &[Agency],
    now: Timestamp,
    dossier: &Dossier,
    language: Language,
    reader: StoryReader,
) -> Vec<TimelineStep> {
    let names = reader != StoryReader::Stranger;
    let step = |(id, visit): (usize, &Visit)| {
        let open = dossier.flow.stays.iter().find(|stay| index(stay.id) == id);
        let clock = open.and_then(|stay| stay.clock.as_ref());
        let (left, by, punctuality) = match &visit.left {
            Some(left) => (
                format::moment(left.at, language),
                if names { who(&left.by, language) } else { String::new() },
                left.punctuality.map_or("", format::punctuality),
            ),
            None => {
                let assignee = open.and_then(|stay| stay.assignee.as_ref()).filter(|_| names);
                let late = clock.map_or("", |clock| format::punctuality(clock.open(now)));
                (String::new(), assignee.map_or_else(String::new, |assignee| assignee.name.clone()), late)
            }
        };
        TimelineStep {
            name: visit.name().get(language).to_owned(),
            place: visit.at.place.as_ref().map_or_else(String::new, |place| place_name(agencies, place, language)),
            entered: format::moment(visit.entered, language),
            left,
            by,
            note: visit.notes.told.clone().filter(|_| names).unwrap_or_default(),
            internal_note: visit.notes.internal.clone().filter(|_| reader == StoryReader::Staff).unwrap_or_default(),
            punctuality,
            due: clock.and_then(Clock::due).map_or_else(String::new, |due| format::moment(due, language)),
            current: open.is_some(),
            cancelled: visit.left.as_ref().is_some_and(|left| left.action.is_none()) && !dossier.has_ended(),
        }
    };
    dossier.flow.visits.iter().enumerate().map(step).collect()
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
