//! What a plugin says.

use serde::Serialize;
use std::fmt;

/// Words for people, in both languages of the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub vi: String,
    pub en: String,
}

/// Whether a finding stops the filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// A place of the form. `motcua plugin new` writes a function for each, so that the compiler finds what is misspelt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// The form as a whole.
    pub const fn form() -> Self {
        Self(String::new())
    }

    /// A field.
    pub fn field(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// An answer within this place: a row, counted from 0, a row of a table, a part of an address.
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

/// Something to say about one place of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub path: Path,
    /// A stable word for the rule, such as `shares-sum`.
    pub code: &'static str,
    pub severity: Severity,
    pub text: Text,
}

/// A finding that stops the filing.
pub fn error(path: Path, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding { path, code, severity: Severity::Error, text: Text { vi: vi.into(), en: en.into() } }
}

/// A finding that is shown but does not stop the filing.
pub fn warning(path: Path, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding { severity: Severity::Warning, ..error(path, code, vi, en) }
}

/// Phí or lệ phí.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeeKind {
    /// Phí: for a service.
    Fee,
    /// Lệ phí: set by the state budget's law.
    Charge,
}

/// Something that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeLine {
    pub name: Text,
    pub kind: FeeKind,
    /// Đồng.
    pub amount: i64,
}

/// A fee for a service, in đồng.
pub fn fee(vi: impl Into<String>, en: impl Into<String>, amount: i64) -> FeeLine {
    FeeLine { name: Text { vi: vi.into(), en: en.into() }, kind: FeeKind::Fee, amount }
}

/// A charge that the state budget's law sets, in đồng.
pub fn charge(vi: impl Into<String>, en: impl Into<String>, amount: i64) -> FeeLine {
    FeeLine { kind: FeeKind::Charge, ..fee(vi, en, amount) }
}

/// The value of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub field: String,
    /// As JSON.
    pub json: String,
}

/// The value of a field; none if it cannot be written as JSON.
pub fn value(field: &Path, value: &impl Serialize) -> Option<Value> {
    Some(Value { field: field.to_string(), json: serde_json::to_string(value).ok()? })
}

/// Why another system was not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Try again later.
    Again(String),
    /// Never try again; an administrator sees it.
    Never(String),
}
