//! The ways on which dossiers and their supplements come.

use serde::{Deserialize, Serialize};

/// The way on which a dossier or a supplement came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The applicant gave it in the portal.
    #[default]
    Online,
    /// An officer gave it for an applicant who came to the counter. The actor of the event is this officer.
    Counter,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 2] = [Self::Online, Self::Counter];

    /// Returns the word for tables and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Counter => "counter",
        }
    }

    /// Returns whether it came online. Stored events do not say so.
    pub const fn is_online(&self) -> bool {
        matches!(self, Self::Online)
    }
}
