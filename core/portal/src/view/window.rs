//! The time in which a procedure accepts applications, and how many, as pages show them.

use crate::view::format;
use jiff::Timestamp;
use motcua_domain::procedure::{FilingHolder, FilingWindow, Procedure, WindowState};
use motcua_domain::text::Language;
use serde::Serialize;

/// The time in which dossiers are filed.
#[derive(Debug, Clone, Serialize)]
pub struct WindowContext {
    /// The word for the present state, under `window-<word>`: `before`, `open` or `after`. An empty text without a limit
    /// of time.
    pub state: &'static str,
    /// The first moment, or an empty text.
    pub opens: String,
    /// The end, or an empty text.
    pub closes: String,
}

impl WindowContext {
    /// Returns the window with its state at a moment.
    pub fn at(window: FilingWindow, now: Timestamp, language: Language) -> Self {
        let state = match window.at(now) {
            _ if window.is_always() => "",
            WindowState::Before { .. } => "before",
            WindowState::Open => "open",
            WindowState::After { .. } => "after",
        };
        let shown = |at: Option<Timestamp>| at.map_or_else(String::new, |at| format::moment(at, language));
        Self { state, opens: shown(window.opens), closes: shown(window.closes) }
    }

    /// Returns a window without a limit of time.
    pub const fn always() -> Self {
        Self { state: "", opens: String::new(), closes: String::new() }
    }

    /// Returns windows in all states, for checking a theme.
    pub fn samples() -> Vec<Self> {
        let (opens, closes) = ("02/03/2026 07:30", "30/04/2026 17:00");
        let window = |state, opens: &str, closes: &str| Self { state, opens: opens.into(), closes: closes.into() };
        vec![
            window("before", opens, ""),
            window("open", opens, closes),
            window("open", opens, ""),
            window("after", "", closes),
        ]
    }
}

/// The bounds on the number of filings.
#[derive(Debug, Clone, Serialize)]
pub struct BoundsContext {
    /// The most dossiers of a period, or 0 without a bound.
    pub most: u32,
    /// The word for the period, under `at-most-<word>`: `day`, `month`, `year` or `ever`.
    pub per: &'static str,
    /// The word for the time of a holder's one dossier, under `one-per-applicant-<word>` or `one-per-answer-<word>`:
    /// `open` or `ever`. An empty text without a bound.
    pub one_while: &'static str,
    /// The question whose answer names the holder, or an empty text for the applicant.
    pub question: String,
}

impl BoundsContext {
    /// Returns the bounds of a procedure.
    pub fn of(procedure: &Procedure, language: Language) -> Self {
        let (cap, one) = (procedure.bounds.at_most, procedure.bounds.one_per.as_ref());
        let asked = |path: &String| words_of(procedure, path, language).unwrap_or_else(|| path.clone());
        let question = match one.map(|one| &one.holder) {
            Some(FilingHolder::Answer(path)) => asked(path),
            Some(FilingHolder::Applicant) | None => String::new(),
        };
        Self {
            most: cap.map_or(0, |cap| cap.most),
            per: cap.map_or("", |cap| cap.per.name()),
            one_while: one.map_or("", |one| one.lasts.name()),
            question,
        }
    }

    /// Returns the bounds of a procedure without any.
    pub const fn none() -> Self {
        Self { most: 0, per: "", one_while: "", question: String::new() }
    }

    /// Returns bounds of all kinds, for checking a theme.
    pub fn samples() -> Vec<Self> {
        let bounds = |per, one_while, question: &str| Self { most: 100, per, one_while, question: question.into() };
        vec![
            bounds("day", "open", ""),
            bounds("month", "ever", ""),
            bounds("year", "open", "Số định danh"),
            bounds("ever", "ever", "Số định danh"),
        ]
    }
}

/// Returns the label of the question at a path, with those of its parts.
fn words_of(procedure: &Procedure, path: &str, language: Language) -> Option<String> {
    let mut names = path.split('.');
    let id = names.next()?;
    let mut field = procedure.form.fields().map(|(_, field)| field).find(|field| field.id == id)?;
    let mut words = field.label.get(language).to_owned();
    for name in names {
        // The code of an entry of a registry has no label.
        let Some(part) = field.kind.parts().iter().find(|part| part.id == name) else { break };
        words = format!("{words}: {}", part.label.get(language));
        field = part;
    }
    Some(words)
}
