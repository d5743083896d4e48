//! The notice to applicants that the agency is late.

use crate::view::format;
use jiff::Timestamp;
use motcua_domain::dossier::{Dossier, Message};
use motcua_domain::people::organisation::ActorRef;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use serde::Serialize;

/// A dossier that the agency should have finished.
#[derive(Debug, Clone, Serialize)]
pub struct LateContext {
    /// The due time.
    pub since: String,
    /// The time of the applicant's last message after that, or an empty text.
    pub asked: String,
    /// The new day for the result that the agency named last, or an empty text.
    pub promised: String,
    /// The new day has passed, too.
    pub is_broken: bool,
    /// The words of the apology, or an empty text.
    pub apology: String,
}

impl LateContext {
    /// Returns a late dossier without an apology, for checking a theme.
    pub fn sample(asked: bool) -> Self {
        let asked = if asked { "28/11/2026 09:00".into() } else { String::new() };
        let (promised, apology) = (String::new(), String::new());
        Self { since: "27/11/2026 08:00".into(), asked, promised, is_broken: false, apology }
    }

    /// Returns a late dossier with an apology, for checking a theme.
    pub fn apologised(is_broken: bool) -> Self {
        let (promised, apology) = ("30/11/2026".into(), "Xin lỗi ông/bà.".into());
        Self { promised, is_broken, apology, ..Self::sample(is_broken) }
    }
}

/// Returns since when the agency is late, with its last apology. Returns none while the applicant has to act, and once
/// the result exists.
pub fn late(dossier: &Dossier, now: Timestamp, language: Language) -> Option<LateContext> {
    let due = dossier.late_since(now)?;
    let asks = |message: &&Message| message.at > due && matches!(message.from, ActorRef::Applicant { .. });
    let asked = dossier.messages.iter().rev().find(asks);
    let apology = dossier.apology();
    Some(LateContext {
        since: format::moment(due, language),
        asked: asked.map_or_else(String::new, |message| format::moment(message.at, language)),
        promised: apology.map_or_else(String::new, |(_, promised)| format::day(promised, language)),
        is_broken: apology.is_some_and(|(_, promised)| promised < local(now).date()),
        apology: apology.map_or_else(String::new, |(message, _)| message.text.clone()),
    })
}
