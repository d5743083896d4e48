//! The problems of a form: findings at its places, and the problem of one answer.

use crate::text::Text;
use serde::{Deserialize, Serialize};

/// A message about one place of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The place: `field`, or `group.0.field`. Empty for the form as a whole.
    pub path: String,
    /// A stable word for the rule, such as `required`.
    pub code: String,
    pub severity: Severity,
    pub text: Text,
}

/// The severity of a finding, which decides whether it stops the filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

impl Finding {
    /// Returns a finding that stops the filing.
    pub fn error(path: impl Into<String>, code: &str, text: Text) -> Self {
        Self { path: path.into(), code: code.to_owned(), severity: Severity::Error, text }
    }
}

/// The code of a finding and its words.
pub(crate) type FindingWords = (&'static str, Text);

/// Returns the error for a rejected answer, with its words in both languages.
pub(crate) fn wrong<T>(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Result<T, FindingWords> {
    Err((code, Text::new(vi, en)))
}
