//! The answers of a plugin.

use serde::Serialize;
use std::fmt;

/// Words for people, in both languages of the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub vi: String,
    pub en: String,
}

/// The severity of a finding, which decides whether it stops the filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// A place of the form. `motcua plugin new` writes a function for each place, so that the compiler finds misspelt
/// names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// Returns the place of the form as a whole.
    pub const fn form() -> Self {
        Self(String::new())
    }

    /// Returns the place of a field.
    pub fn field(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// Returns a place within this one: a row, counted from 0, a row of a table, a part of an address.
    pub fn then(self, part: impl fmt::Display) -> Self {
        Self(if self.0.is_empty() { part.to_string() } else { format!("{}.{part}", self.0) })
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A message about one place of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub path: Path,
    /// A stable word for the rule, such as `shares-sum`.
    pub code: &'static str,
    pub severity: Severity,
    pub text: Text,
}

/// Returns a finding that stops the filing.
pub fn error(path: Path, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding { path, code, severity: Severity::Error, text: Text { vi: vi.into(), en: en.into() } }
}

/// Returns a finding that is shown but does not stop the filing.
pub fn warning(path: Path, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding { severity: Severity::Warning, ..error(path, code, vi, en) }
}

/// Phí or lệ phí.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeeKind {
    /// Phí: a fee for a service.
    Fee,
    /// Lệ phí: a charge that the state budget's law sets.
    Charge,
}

/// One amount that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeLine {
    pub name: Text,
    pub kind: FeeKind,
    /// The amount in đồng.
    pub amount: i64,
}

/// Returns a fee for a service, in đồng.
pub fn fee(vi: impl Into<String>, en: impl Into<String>, amount: i64) -> FeeLine {
    FeeLine { name: Text { vi: vi.into(), en: en.into() }, kind: FeeKind::Fee, amount }
}

/// Returns a charge that the state budget's law sets, in đồng.
pub fn charge(vi: impl Into<String>, en: impl Into<String>, amount: i64) -> FeeLine {
    FeeLine { kind: FeeKind::Charge, ..fee(vi, en, amount) }
}

/// The value of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub field: String,
    /// The value as JSON.
    pub json: String,
}

/// Returns the value of a field. Returns none if it cannot be written as JSON.
pub fn value(field: &Path, value: &impl Serialize) -> Option<Value> {
    Some(Value { field: field.to_string(), json: serde_json::to_string(value).ok()? })
}

/// The reason why another system was not notified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A temporary failure. The portal tries again later.
    Again(String),
    /// A permanent failure. The portal never tries again, and an administrator sees it.
    Never(String),
}
