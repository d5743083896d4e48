//! Appointments on the spot, as the journal keeps them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An appointment of the agency with the applicant on the spot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteVisit {
    pub from: Timestamp,
    pub to: Timestamp,
    pub place: String,
    /// The officer's words to the applicant about the visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The change of an appointment by an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteVisitChange {
    /// The visit takes place then, and no longer at the time before.
    Planned(SiteVisit),
    /// The coming visit does not take place.
    CalledOff,
}
