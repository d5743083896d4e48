//! The outcomes of dossiers.

use crate::workflow::NationalStatus;
use serde::{Deserialize, Serialize};

/// The outcome of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DossierOutcome {
    /// The office handed the result over.
    Returned,
    /// Not received at the counter.
    NotReceived,
    /// Refused in substance.
    Refused,
    /// Withdrawn by the applicant.
    Withdrawn,
    /// Stopped, because the applicant let a limit pass.
    Lapsed,
}

impl DossierOutcome {
    pub const ALL: [Self; 5] = [Self::Returned, Self::NotReceived, Self::Refused, Self::Withdrawn, Self::Lapsed];

    /// Returns the word for tables and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::NotReceived => "not-received",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }

    /// Returns whether the agency decided: it handed the result over, or refused in substance.
    pub const fn is_decision(self) -> bool {
        match self {
            Self::Returned | Self::Refused => true,
            Self::NotReceived | Self::Withdrawn | Self::Lapsed => false,
        }
    }

    /// Returns the status for the national portal.
    pub const fn status(self) -> NationalStatus {
        match self {
            Self::Returned => NationalStatus::Returned,
            Self::NotReceived => NationalStatus::NotReceived,
            Self::Refused | Self::Lapsed => NationalStatus::Stopped,
            Self::Withdrawn => NationalStatus::Withdrawn,
        }
    }
}
