//! The notice to applicants that the agency is late.

use crate::view::format;
use jiff::Timestamp;
use motcua_domain::dossier::{Dossier, Message, Turn};
use motcua_domain::people::organisation::ActorRef;
use motcua_domain::text::Language;
use serde::Serialize;

/// A dossier that the agency should have finished.
#[derive(Debug, Clone, Serialize)]
pub struct LateContext {
    /// The due time.
    pub since: String,
    /// The time of the applicant's last message after that, or an empty text.
    pub asked: String,
}

impl LateContext {
    /// Returns a late dossier for checking a theme.
    pub fn sample(asked: bool) -> Self {
        let asked = if asked { "28/11/2026 09:00".into() } else { String::new() };
        Self { since: "27/11/2026 08:00".into(), asked }
    }
}

/// Returns since when the agency is late. Returns none while the applicant has to act, and once the result exists.
pub fn late(dossier: &Dossier, now: Timestamp, language: Language) -> Option<LateContext> {
    let whole = &dossier.flow.whole;
    let due = whole.due().filter(|_| whole.runs_late(now))?;
    if dossier.turn() != Turn::Office || dossier.flow.processed_at.is_some() {
        return None;
    }
    let asks = |message: &&Message| message.at > due && matches!(message.from, ActorRef::Applicant { .. });
    let asked = dossier.messages.iter().rev().find(asks);
    Some(LateContext {
        since: format::moment(due, language),
        asked: asked.map_or_else(String::new, |message| format::moment(message.at, language)),
    })
}
