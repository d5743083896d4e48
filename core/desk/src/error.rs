//! Refusals, which people are shown, and faults, which operators are told.

use motcua_domain::command::Refusal;
use std::fmt;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such thing, or it is not for this person to know.
    #[error("not found")]
    NotFound,
    /// A value from outside cannot be used; the word says which rule it broke, the texts are the portal's.
    #[error("not usable: {0}")]
    Invalid(&'static str),
    /// Something broke.
    #[error("{0}")]
    Fault(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Something broke.
    pub fn fault(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Fault(Box::new(error))
    }
}

impl From<motcua_store::Fault> for Error {
    fn from(fault: motcua_store::Fault) -> Self {
        Self::fault(fault)
    }
}

/// The number under which a fault stands in the log and on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentId(u32);

impl IncidentId {
    /// A new number.
    pub fn new() -> Self {
        Self(rand::random())
    }
}

impl Default for IncidentId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}
