//! The time in which a procedure accepts applications, as pages show it.

use crate::view::format;
use jiff::Timestamp;
use motcua_domain::procedure::{FilingWindow, WindowState};
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
