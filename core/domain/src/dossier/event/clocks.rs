//! The clocks of a dossier, as events store them.

use super::StayId;
use crate::names::StageId;
use crate::time::clock::Clock;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The clock of the whole dossier, and those of its parts that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    pub whole: Clock,
    /// The clock of the only stay. Earlier versions of the portal wrote it so, and filing still does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Clock>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<StayClock>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<(StageId, Clock)>,
    /// The clocks of timed actions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timers: Vec<(StayId, Clock)>,
    /// The clocks of what the applicant owes at a stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deadlines: Vec<(StayId, Clock)>,
}

impl Clocks {
    /// Returns the clock of the whole dossier. No other clock changed.
    pub fn of(whole: Clock) -> Self {
        let (stays, stages, timers, deadlines) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { whole, step: None, stays, stages, timers, deadlines }
    }
}

/// The clock of a stay, and the time of its reminder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayClock {
    pub stay: StayId,
    pub clock: Clock,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Timestamp>,
}

/// The time of a stay's timed action, as earlier versions of the portal stored it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayTimer {
    pub stay: StayId,
    pub at: Timestamp,
}
