//! The events of a dossier. Events are facts: they contain the decision and its due times, so applying them needs
//! neither the calendar nor the definition. Events of earlier versions of the portal have one exception: a step that
//! begins without an assignee belongs to the officer who last had a step of that place and role.

mod outcome;
mod stored;

pub use outcome::DossierOutcome;

use crate::money::Dong;
use crate::names::{ActionId, AgencyId, Digest, DossierCode, ProcedureCode, StageId, StepId, UnitId, UserId};
use crate::one_or_many;
use crate::people::organisation::{ActorRef, Role};
use crate::procedure::FeeLine;
use crate::text::Text;
use crate::time::calendar::Limit;
use crate::time::clock::Clock;
use crate::time::recorded::RecordedTime;
use crate::workflow::net::RecordedArrival;
use crate::workflow::{NationalStatus, UnitPlace};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::dossier::verdict::{PluginChoice, Verdict};
use crate::media::{AttachedPaper, StoredFile};

/// An event with its time and its actor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    pub at: Timestamp,
    pub actor: ActorRef,
    pub event: Event,
    /// The choices of plugins for the decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<PluginChoice>,
}

/// A fact in the life of a dossier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Filed(Box<Filed>),
    /// An officer, the applicant or the timer took an action.
    Advanced(Box<Advanced>),
    SupplementRequested {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stay: Option<StayId>,
        action: ActionId,
        request: SupplementRequest,
        clocks: Clocks,
    },
    Supplemented {
        values: Map<String, Json>,
        papers: Vec<AttachedPaper>,
        #[serde(default, rename = "verdict", with = "one_or_many")]
        verdicts: Vec<Verdict>,
        /// The amounts owed from now on, if the supplement changed them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fees: Option<Vec<FeeLine>>,
        /// The agency's limit from now on, if the supplement changed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Limit>,
        clocks: Clocks,
    },
    PaymentRecorded {
        payment: Payment,
        clocks: Clocks,
    },
    Ended {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stay: Option<StayId>,
        action: Option<ActionId>,
        outcome: DossierOutcome,
        /// The words to the applicant, or those of the applicant.
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        internal_note: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<StoredFile>,
        /// The answers of the officer.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        answers: Map<String, Json>,
        clocks: Clocks,
    },
    /// A step was assigned to an officer, or released to all holders of the post.
    Assigned {
        stay: StayId,
        assignee: Option<Assignee>,
        /// The officer's note for the staff.
        note: Option<String>,
    },
    /// A person undid their own last action.
    Undone {
        action: ActionId,
    },
    /// The officer was reminded that little of a step's limit is left.
    Reminded {
        stay: StayId,
    },
    /// A step whose limit has passed was escalated to a superior.
    Escalated {
        stay: StayId,
        to: Role,
    },
    /// The applicant was told that the appointment passes without a result.
    LateAnnounced {
        /// The appointment.
        due: Timestamp,
    },
    /// The calendar changed, and so did the due times.
    Rescheduled {
        reason: String,
        clocks: Clocks,
        /// The times of timed actions, in entries of earlier versions of the portal.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        timers: Vec<StayTimer>,
    },
    /// The dossier's agency was dissolved, or its work was transferred.
    Transferred {
        reason: String,
        moves: Vec<PlaceMove>,
    },
    /// The dossier moved to another version of its procedure.
    Migrated {
        version: Digest,
        reason: String,
        /// The past and present steps of the dossier, by their names in the new version.
        steps: Vec<StepMove>,
        /// The stays whose times began with the move. Earlier versions of the portal kept all times.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stays: Vec<MigratedStay>,
        clocks: Clocks,
    },
    MessageSent {
        text: String,
    },
    Rated {
        rating: Rating,
    },
}

/// A stay of a dossier at a step, counted from 0.
pub type StayId = u32;

/// An action and its effect on the flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "stored::StoredAdvanced")]
pub struct Advanced {
    /// The stay at which the action was taken. `None` means the only stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stay: Option<StayId>,
    pub action: ActionId,
    /// The words of the applicant, or of an officer while applicants still read all notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The officer's note for the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<StoredFile>,
    /// The answers of the officer.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub answers: Map<String, Json>,
    /// Other stays that ended with the action.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cancelled: Vec<StayId>,
    pub begins: Vec<BegunStay>,
    /// All branches that wait for a join after the action.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arrived: Vec<RecordedArrival>,
    pub clocks: Clocks,
}

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

/// The transfer of a unit's work to another unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceMove {
    pub from: UnitPlace,
    pub to: UnitPlace,
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

/// The words for events.
pub const EVENTS: [&str; 16] = [
    "filed",
    "advanced",
    "supplement-requested",
    "supplemented",
    "payment-recorded",
    "ended",
    "assigned",
    "undone",
    "reminded",
    "escalated",
    "late-announced",
    "rescheduled",
    "transferred",
    "migrated",
    "message-sent",
    "rated",
];

impl Event {
    /// Returns the action of the workflow that caused the event, if any.
    pub const fn action(&self) -> Option<&ActionId> {
        match self {
            Self::Advanced(advanced) => Some(&advanced.action),
            Self::SupplementRequested { action, .. } => Some(action),
            Self::Ended { action, .. } => action.as_ref(),
            Self::Filed(_)
            | Self::Supplemented { .. }
            | Self::PaymentRecorded { .. }
            | Self::Assigned { .. }
            | Self::Undone { .. }
            | Self::Reminded { .. }
            | Self::Escalated { .. }
            | Self::LateAnnounced { .. }
            | Self::Rescheduled { .. }
            | Self::Transferred { .. }
            | Self::Migrated { .. }
            | Self::MessageSent { .. }
            | Self::Rated { .. } => None,
        }
    }

    /// Returns the note of the event for the staff alone.
    pub fn internal_note(&self) -> Option<&str> {
        match self {
            Self::Advanced(advanced) => advanced.internal_note.as_deref(),
            Self::SupplementRequested { request, .. } => request.internal_note.as_deref(),
            Self::Ended { internal_note, .. } => internal_note.as_deref(),
            Self::Assigned { note, .. } => note.as_deref(),
            Self::Filed(_)
            | Self::Supplemented { .. }
            | Self::PaymentRecorded { .. }
            | Self::Undone { .. }
            | Self::Reminded { .. }
            | Self::Escalated { .. }
            | Self::LateAnnounced { .. }
            | Self::Rescheduled { .. }
            | Self::Transferred { .. }
            | Self::Migrated { .. }
            | Self::MessageSent { .. }
            | Self::Rated { .. } => None,
        }
    }

    /// Returns the journal's word for the event.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Filed(_) => "filed",
            Self::Advanced(_) => "advanced",
            Self::SupplementRequested { .. } => "supplement-requested",
            Self::Supplemented { .. } => "supplemented",
            Self::PaymentRecorded { .. } => "payment-recorded",
            Self::Ended { .. } => "ended",
            Self::Assigned { .. } => "assigned",
            Self::Undone { .. } => "undone",
            Self::Reminded { .. } => "reminded",
            Self::Escalated { .. } => "escalated",
            Self::LateAnnounced { .. } => "late-announced",
            Self::Rescheduled { .. } => "rescheduled",
            Self::Transferred { .. } => "transferred",
            Self::Migrated { .. } => "migrated",
            Self::MessageSent { .. } => "message-sent",
            Self::Rated { .. } => "rated",
        }
    }
}

/// The filing of a dossier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filed {
    pub code: DossierCode,
    /// The draft that became the dossier. Filing a draft twice creates one dossier.
    pub draft: Uuid,
    pub procedure: ProcedureCode,
    pub procedure_name: Text,
    /// The version of the procedure for the dossier until it ends.
    pub version: Digest,
    pub agency: AgencyId,
    pub unit: UnitId,
    pub applicant: Applicant,
    pub values: Map<String, Json>,
    pub papers: Vec<AttachedPaper>,
    #[serde(default, rename = "verdict", with = "one_or_many")]
    pub verdicts: Vec<Verdict>,
    pub fees: Vec<FeeLine>,
    pub first: RecordedStep,
    /// The time of the first stay's reminder, and the role to which the stay is escalated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<RecordedTime>,
    pub clocks: Clocks,
    /// The agency's limit. Events of earlier versions lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// The time from which the limit counts. Events of earlier versions lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_from: Option<Timestamp>,
    /// The appointment that the receipt names. `None` if it lies in a year whose calendar was not announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<Timestamp>,
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

/// The applicant as the journal stores them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    pub id: UserId,
    pub name: String,
    pub phone: String,
    pub email: Option<String>,
}

/// An officer to whom a step is assigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignee {
    pub id: UserId,
    pub name: String,
    pub role: Role,
}

/// A request of the office to the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplementRequest {
    pub step: StepId,
    /// The missing answers or papers and the reason, in full. The applicant reads it.
    pub what: String,
    /// The officer's note for the staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_note: Option<String>,
    /// The reason for a further request after a first request at the same step.
    pub new_grounds: Option<String>,
    /// The applicant's limit, as it was told.
    pub until: Timestamp,
}

/// A payment that the counter recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub amount: Dong,
    pub method: PaymentMethod,
    /// The number of the receipt or of the bank's transaction.
    pub receipt: String,
}

/// The means of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentMethod {
    Cash,
    BankTransfer,
}

/// The criteria of a rating, 0 to 2 points each (Decree 61/2018).
pub const CRITERIA: [&str; 5] = ["attitude", "guidance", "trips", "timeliness", "overall"];

/// The applicant's rating of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// Points per criterion, in the order of [`CRITERIA`].
    pub points: [u8; 5],
    pub text: String,
}
