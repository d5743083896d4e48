//! The story of a dossier, step by step.

use crate::format;
use jiff::Timestamp;
use motcua_domain::clock::Clock;
use motcua_domain::dossier::Dossier;
use motcua_domain::organisation::ActorRef;
use motcua_domain::text::Language;
use serde::Serialize;

/// One stay of the dossier at a step.
#[derive(Debug, Clone, Serialize)]
pub struct TimelineStep {
    pub name: String,
    pub entered: String,
    /// When it was finished, or an empty text.
    pub left: String,
    pub by: String,
    pub note: String,
    /// How it stood against its limit, or an empty text.
    pub punctuality: &'static str,
    pub due: String,
    pub current: bool,
}

impl TimelineStep {
    /// Steps for checking a theme.
    pub fn samples() -> Vec<Self> {
        let step = |current: bool, punctuality| Self {
            name: "Tiếp nhận".into(),
            entered: "24/11/2026 08:00".into(),
            left: if current { String::new() } else { "24/11/2026 09:00".into() },
            by: if current { String::new() } else { "Lê Thị Mai".into() },
            note: if current { String::new() } else { "Đủ".into() },
            punctuality,
            due: if current { "24/11/2026 10:00".into() } else { String::new() },
            current,
        };
        vec![step(false, "early"), step(false, "late"), step(false, ""), step(true, "overdue")]
    }
}

/// The story of a dossier; who did what is told only to people who may read the dossier.
pub fn timeline(dossier: &Dossier, now: Timestamp, language: Language, names: bool) -> Vec<TimelineStep> {
    let step = |visit: &motcua_domain::dossier::Visit| {
        let open = visit.left.is_none();
        let clock = dossier.clocks.step.filter(|_| open);
        let (left, by, punctuality) = match &visit.left {
            Some((at, by, punctuality)) => (
                format::moment(*at, language),
                if names { who(by) } else { String::new() },
                punctuality.map_or("", format::punctuality),
            ),
            None => {
                let name = dossier.step_assignee().map_or_else(String::new, |assignee| assignee.name.clone());
                let late = clock.map_or("", |clock| format::punctuality(clock.open(now)));
                (String::new(), if names { name } else { String::new() }, late)
            }
        };
        TimelineStep {
            name: visit.name.get(language).to_owned(),
            entered: format::moment(visit.entered, language),
            left,
            by,
            note: visit.note.clone().filter(|_| names).unwrap_or_default(),
            punctuality,
            due: clock.and_then(Clock::due).map_or_else(String::new, |due| format::moment(due, language)),
            current: open,
        }
    };
    dossier.visits.iter().map(step).collect()
}

/// The name of who did something.
pub fn who(by: &ActorRef) -> String {
    match by {
        ActorRef::Applicant { name, .. } | ActorRef::Officer { name, .. } => name.clone(),
        ActorRef::System => "—".to_owned(),
    }
}
