//! The outcomes of dossiers.

use crate::legal::LegalCitation;
use crate::procedure::SilenceMeaning;
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
    /// Approved by the silence of the agency, which let its limit pass.
    ApprovedBySilence,
    /// Refused by the silence of the agency, which let its limit pass.
    RefusedBySilence,
}

impl DossierOutcome {
    pub const ALL: [Self; 7] = [
        Self::Returned,
        Self::NotReceived,
        Self::Refused,
        Self::Withdrawn,
        Self::Lapsed,
        Self::ApprovedBySilence,
        Self::RefusedBySilence,
    ];

    /// Returns the outcome of a silence with this meaning.
    pub const fn of_silence(means: SilenceMeaning) -> Self {
        match means {
            SilenceMeaning::Approval => Self::ApprovedBySilence,
            SilenceMeaning::Refusal => Self::RefusedBySilence,
        }
    }

    /// Returns the word for tables and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::NotReceived => "not-received",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
            Self::ApprovedBySilence => "approved-by-silence",
            Self::RefusedBySilence => "refused-by-silence",
        }
    }

    /// Returns whether the agency decided: it handed the result over, or refused in substance.
    pub const fn is_decision(self) -> bool {
        match self {
            Self::Returned | Self::Refused => true,
            Self::NotReceived | Self::Withdrawn | Self::Lapsed | Self::ApprovedBySilence | Self::RefusedBySilence => {
                false
            }
        }
    }

    /// Returns whether the dossier has a result of the agency, which came in time or late. A silence is one, because the
    /// agency let its limit pass.
    pub const fn has_result(self) -> bool {
        match self {
            Self::Returned | Self::Refused | Self::ApprovedBySilence | Self::RefusedBySilence => true,
            Self::NotReceived | Self::Withdrawn | Self::Lapsed => false,
        }
    }

    /// Returns whether the applicant is asked to rate the service after this end.
    pub const fn asks_for_rating(self) -> bool {
        !matches!(self, Self::Withdrawn)
    }

    /// Returns the status for the national portal.
    pub const fn status(self) -> NationalStatus {
        match self {
            Self::Returned => NationalStatus::Returned,
            Self::NotReceived => NationalStatus::NotReceived,
            Self::ApprovedBySilence => NationalStatus::Processed,
            Self::Refused | Self::Lapsed | Self::RefusedBySilence => NationalStatus::Stopped,
            Self::Withdrawn => NationalStatus::Withdrawn,
        }
    }
}

/// The meaning of the agency's silence, as the law said when the dossier was filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilenceRule {
    pub means: SilenceMeaning,
    pub basis: Vec<LegalCitation>,
}
