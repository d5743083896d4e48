//! Steps and stays, as events store them.

use super::Assignee;
use crate::names::{StageId, StepId};
use crate::people::organisation::Role;
use crate::text::Text;
use crate::time::clock::Clock;
use crate::time::recorded::RecordedTime;
use crate::workflow::{NationalStatus, UnitPlace};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A stay of a dossier at a step, counted from 0.
pub type StayId = u32;

/// A stay that began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BegunStay {
    pub at: RecordedStep,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assignee>,
    /// The decision chose the assignee, or left the stay to the post. Earlier versions of the portal left a stay without
    /// an assignee to the officer who last had a step of its place and role.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assignee_is_decided: bool,
    /// The applicant's limit, while the clock waits for a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_until: Option<RecordedTime>,
    /// The clock of the timed action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<RecordedTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Timestamp>,
    /// The role to which the step is escalated once its limit has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Role>,
    /// The shared question, if several units are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<AskedUnits>,
}

/// A question to several units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedUnits {
    /// The first stay of those that began together.
    pub first: StayId,
    /// The number of answers that suffice.
    pub enough: u32,
}

/// The old and the new name of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepMove {
    pub from: StepId,
    pub to: RecordedStep,
}

/// The times of a stay after its dossier moved to another version of its procedure, in the place of those before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MigratedStay {
    pub stay: StayId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// The clock of the timed action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<Clock>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Timestamp>,
    /// The role to which the stay is escalated once its limit has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Role>,
    /// The shared question, if the step asks several units now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<AskedUnits>,
}

/// A step as an event stores it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedStep {
    pub step: StepId,
    pub name: Text,
    pub role: Role,
    pub status: NationalStatus,
    /// The unit that takes the step, if it differs from the dossier's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<UnitPlace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageId>,
}

/// The transfer of a unit's work to another unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceMove {
    pub from: UnitPlace,
    pub to: UnitPlace,
}
