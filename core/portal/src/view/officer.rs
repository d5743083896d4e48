//! Officers among whom a person chooses.

use motcua_domain::names::UserId;
use serde::Serialize;

/// An officer in a list from which one is chosen.
#[derive(Debug, Clone, Serialize)]
pub struct OfficerContext {
    /// The number of the officer, which the form posts.
    pub id: String,
    /// The name of the officer.
    pub name: String,
}

impl OfficerContext {
    /// Returns officers with their names.
    pub fn all(officers: &[(UserId, String)]) -> Vec<Self> {
        officers.iter().map(|(id, name)| Self { id: id.to_string(), name: name.clone() }).collect()
    }

    /// Returns an officer for checking a theme.
    pub fn sample(id: &str, name: &str) -> Self {
        Self { id: id.into(), name: name.into() }
    }
}
