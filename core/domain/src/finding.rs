//! What is wrong with a form: findings at its places, and what is wrong with one answer.

use crate::text::Text;
use serde::{Deserialize, Serialize};

/// Something to say about one place of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `field`, or `group.0.field`; empty for the form as a whole.
    pub path: String,
    /// A stable word for the rule, such as `required`.
    pub code: String,
    pub severity: Severity,
    pub text: Text,
}

/// Whether a finding stops the filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

impl Finding {
    /// A finding that stops the filing.
    pub fn error(path: impl Into<String>, code: &str, text: Text) -> Self {
        Self { path: path.into(), code: code.to_owned(), severity: Severity::Error, text }
    }
}

/// The code of a finding and its words.
pub(crate) type Wrong = (&'static str, Text);

/// Returns the error for an answer that is not taken, with its words in both languages.
pub(crate) fn wrong<T>(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Result<T, Wrong> {
    Err((code, Text::new(vi, en)))
}
