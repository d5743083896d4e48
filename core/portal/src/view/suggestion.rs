//! Complaints and suggestions in lists.

use crate::view::format;
use crate::view::units::agency_name;
use motcua_domain::number;
use motcua_domain::people::organisation::Agency;
use motcua_domain::suggestion::{Suggestion, SuggestionDesk, SuggestionState, SuggestionTopic};
use motcua_domain::text::Language;
use motcua_service::{ListedSuggestion, SuggestionFigures};
use serde::Serialize;

/// The most characters of the text that a list shows.
const MOST_SHOWN: usize = 160;

/// A complaint or a suggestion in a list.
#[derive(Debug, Clone, Serialize)]
pub struct SuggestionLine {
    /// The id, for the address `/suggestions/<id>`.
    pub id: String,
    /// The word for the topic, under `suggestion-about-<word>`: `portal`, `officer`, `procedure` or `dossier`.
    pub about: &'static str,
    /// The name of the officer or the procedure, or the code of the dossier with its procedure. An empty text for the
    /// portal.
    pub subject: String,
    /// The agency that answers, or an empty text for the administrators of the portal.
    pub desk: String,
    /// The word for the state, under `suggestion-state-<word>`: `received`, `in-work`, `answered` or `declined`.
    pub state: &'static str,
    /// The time at which it was sent.
    pub sent: String,
    /// The time until which it is answered.
    pub due: String,
    /// The answer came late, or is late now.
    pub late: bool,
    /// The beginning of the text.
    pub excerpt: String,
}

/// The figures of the suggestions of a desk.
#[derive(Debug, Clone, Serialize)]
pub struct SuggestionFiguresLine {
    /// The agency, or an empty text for the administrators of the portal.
    pub desk: String,
    /// The number of suggestions.
    pub received: String,
    /// The number of answered ones.
    pub answered: String,
    /// The number of declined ones.
    pub declined: String,
    /// The number of those that were answered or declined late, or are late now.
    pub late: String,
    /// There are late ones.
    pub is_late: bool,
}

/// Returns the name of the agency that answers, or an empty text for the administrators of the portal.
pub fn desk_name(agencies: &[Agency], desk: &SuggestionDesk, language: Language) -> String {
    match desk {
        SuggestionDesk::Administrator => String::new(),
        SuggestionDesk::Leader(agency) => agency_name(agencies, agency, language),
    }
}

/// Returns the name of the thing that a suggestion is about, or an empty text for the portal.
fn subject(topic: &SuggestionTopic, language: Language) -> String {
    match topic {
        SuggestionTopic::Portal => String::new(),
        SuggestionTopic::Officer { name, .. } => name.clone(),
        SuggestionTopic::Procedure { name, .. } => name.get(language).to_owned(),
        SuggestionTopic::Dossier { code, procedure, .. } => format!("{code} – {}", procedure.get(language)),
    }
}

/// Returns the beginning of a text on one line.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = line.chars().take(MOST_SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    shown
}

impl SuggestionLine {
    /// Returns a suggestion in a language.
    pub fn of(suggestion: &Suggestion, is_late: bool, agencies: &[Agency], language: Language) -> Self {
        Self {
            id: suggestion.id.to_string(),
            about: suggestion.topic.word(),
            subject: subject(&suggestion.topic, language),
            desk: desk_name(agencies, &suggestion.desk, language),
            state: suggestion.state.word(),
            sent: format::moment(suggestion.sent_at, language),
            due: format::moment(suggestion.due.answer_by, language),
            late: is_late,
            excerpt: excerpt(&suggestion.text),
        }
    }

    /// Returns the suggestions of a list in a language.
    pub fn all(listed: &[ListedSuggestion], agencies: &[Agency], language: Language) -> Vec<Self> {
        listed.iter().map(|listed| Self::of(&listed.suggestion, listed.is_late, agencies, language)).collect()
    }

    /// Returns a suggestion for checking a theme.
    pub fn sample(about: &'static str, state: SuggestionState) -> Self {
        let is_portal = about == "portal";
        Self {
            id: "0".into(),
            about,
            subject: if is_portal { String::new() } else { "H09.01-261124-0001 – Thủ tục".into() },
            desk: if is_portal { String::new() } else { "Sở Mẫu".into() },
            state: state.word(),
            sent: "24/11/2026 08:00".into(),
            due: "15/12/2026 08:00".into(),
            late: matches!(state, SuggestionState::InWork | SuggestionState::Declined),
            excerpt: "Quá hạn ba ngày…".into(),
        }
    }

    /// Returns lines for checking a theme: every topic and every state.
    pub fn samples() -> Vec<Self> {
        SuggestionTopic::WORDS
            .into_iter()
            .zip(SuggestionState::ALL)
            .map(|(about, state)| Self::sample(about, state))
            .collect()
    }
}

impl SuggestionFiguresLine {
    /// Returns the figures of desks in a language.
    pub fn all(figures: &[SuggestionFigures], agencies: &[Agency], language: Language) -> Vec<Self> {
        let line = |figures: &SuggestionFigures| Self {
            desk: desk_name(agencies, &figures.desk, language),
            received: number::whole(figures.received, language),
            answered: number::whole(figures.answered, language),
            declined: number::whole(figures.declined, language),
            late: number::whole(figures.late, language),
            is_late: figures.late > 0,
        };
        figures.iter().map(line).collect()
    }

    /// Returns figures for checking a theme.
    pub fn samples() -> Vec<Self> {
        let line = |desk: &str, late: &str| Self {
            desk: desk.into(),
            received: "12".into(),
            answered: "9".into(),
            declined: "1".into(),
            late: late.into(),
            is_late: late != "0",
        };
        vec![line("", "0"), line("Sở Mẫu", "2")]
    }
}
