//! What happened to a dossier. Events are facts: they carry what was decided, the due times included, so that applying
//! them needs neither the calendar nor the definition. One thing follows from earlier events instead: a step that begins
//! without an assignee goes to the officer who last had a step of that place and role.

use crate::clock::Clock;
use crate::money::Dong;
use crate::names::{ActionId, AgencyId, Digest, DossierCode, ProcedureCode, StageId, StepId, UnitId, UserId};
use crate::net::Arrived;
use crate::one_or_many;
use crate::organisation::{ActorRef, Role};
use crate::procedure::FeeLine;
use crate::text::Text;
use crate::workflow::{NationalStatus, Place};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

pub use crate::media::{AttachedPaper, StoredFile};
pub use crate::verdict::{Basis, Choice, Verdict};

/// An event with its time and its actor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    pub at: Timestamp,
    pub actor: ActorRef,
    pub event: Event,
    /// What plugins chose when it was decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Filed(Box<Filed>),
    /// An action was taken, by an officer, the applicant or time.
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
        outcome: Outcome,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<StoredFile>,
        /// What the officer filled in.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        answers: Map<String, Json>,
        clocks: Clocks,
    },
    /// A step was given to an officer, or back to all who hold the post.
    Assigned {
        stay: StayId,
        assignee: Option<Assignee>,
        note: Option<String>,
    },
    /// The last action was taken back by who had taken it.
    Undone {
        action: ActionId,
    },
    /// The officer was reminded that little is left of a step's limit.
    Reminded {
        stay: StayId,
    },
    /// A step whose limit has passed was put before a superior.
    Escalated {
        stay: StayId,
        to: Role,
    },
    /// The calendar was changed, and the due times with it.
    Rescheduled {
        reason: String,
        clocks: Clocks,
        /// When time takes actions, as far as no calendar knew it before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        timers: Vec<StayTimer>,
    },
    /// The dossier's agency was dissolved or its work given to another.
    Transferred {
        reason: String,
        moves: Vec<PlaceMove>,
    },
    /// The dossier goes on under another version of its procedure.
    Migrated {
        version: Digest,
        reason: String,
        /// The steps that it stands at or stood at, by their names in the new version.
        steps: Vec<StepMove>,
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

/// An action and where it led.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "stored::Advanced")]
pub struct Advanced {
    /// The stay at which the action was taken; the only one, if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stay: Option<StayId>,
    pub action: ActionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<StoredFile>,
    /// What the officer filled in.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub answers: Map<String, Json>,
    /// Other stays that ended with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cancelled: Vec<StayId>,
    pub begins: Vec<Begun>,
    /// All branches that wait to be joined then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arrived: Vec<Arrived>,
    pub clocks: Clocks,
}

/// A stay that began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    pub at: At,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assignee>,
    /// Set when the clock waits for a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_until: Option<Timestamp>,
    /// When the portal takes the action that time takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<Timestamp>,
    /// Time takes an action, and the calendar does not know yet when.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timer_unknown: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Timestamp>,
    /// Whose list the step is in too once its limit has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Role>,
    /// Set when others are asked the same with this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
}

/// Several units are asked the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The first stay of those that began together.
    pub first: StayId,
    /// How many answers are enough.
    pub enough: u32,
}

/// A unit's work given to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceMove {
    pub from: Place,
    pub to: Place,
}

/// A step under its old and its new name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepMove {
    pub from: StepId,
    pub to: At,
}

/// Events as earlier versions of the portal wrote them.
mod stored {
    use super::{ActionId, Arrived, Assignee, At, Begun, Clocks, Json, Map, StayId, StoredFile, Timestamp};
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub struct Advanced {
        stay: Option<StayId>,
        action: ActionId,
        note: Option<String>,
        result: Option<StoredFile>,
        #[serde(default)]
        answers: Map<String, Json>,
        #[serde(default)]
        cancelled: Vec<StayId>,
        #[serde(default)]
        begins: Vec<Begun>,
        #[serde(default)]
        arrived: Vec<Arrived>,
        clocks: Clocks,
        /// Before a dossier could stand at several steps.
        to: Option<At>,
        assignee: Option<Assignee>,
        payment_until: Option<Timestamp>,
    }

    impl From<Advanced> for super::Advanced {
        fn from(stored: Advanced) -> Self {
            let Advanced { stay, action, note, result, answers, cancelled, mut begins, arrived, mut clocks, .. } =
                stored;
            if let Some(at) = stored.to {
                let (assignee, payment_until) = (stored.assignee, stored.payment_until);
                let clock = clocks.step.take();
                let begun = Begun {
                    at,
                    clock,
                    assignee,
                    payment_until,
                    timer: None,
                    timer_unknown: false,
                    remind: None,
                    escalate: None,
                    asked: None,
                };
                begins.push(begun);
            }
            Self { stay, action, note, result, answers, cancelled, begins, arrived, clocks }
        }
    }
}

/// The words for events.
pub const EVENTS: [&str; 15] = [
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
    "rescheduled",
    "transferred",
    "migrated",
    "message-sent",
    "rated",
];

impl Event {
    /// The action of the workflow that was taken, if it came from one.
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
            | Self::Rescheduled { .. }
            | Self::Transferred { .. }
            | Self::Migrated { .. }
            | Self::MessageSent { .. }
            | Self::Rated { .. } => None,
        }
    }

    /// The word for the event in the journal.
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
            Self::Rescheduled { .. } => "rescheduled",
            Self::Transferred { .. } => "transferred",
            Self::Migrated { .. } => "migrated",
            Self::MessageSent { .. } => "message-sent",
            Self::Rated { .. } => "rated",
        }
    }
}

/// A dossier was filed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filed {
    pub code: DossierCode,
    /// The draft that became the dossier: filing it twice gives one dossier.
    pub draft: Uuid,
    pub procedure: ProcedureCode,
    pub procedure_name: Text,
    /// The version under which the dossier is dealt with until it ends.
    pub version: Digest,
    pub agency: AgencyId,
    pub unit: UnitId,
    pub applicant: Applicant,
    pub values: Map<String, Json>,
    pub papers: Vec<AttachedPaper>,
    #[serde(default, rename = "verdict", with = "one_or_many")]
    pub verdicts: Vec<Verdict>,
    pub fees: Vec<FeeLine>,
    pub first: At,
    /// The first stay's time for being reminded, and the list it is in once its limit has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timer_unknown: bool,
    pub clocks: Clocks,
    /// The appointment that the receipt names; `None` if it lies in a year whose calendar was not announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<Timestamp>,
}

/// A step as an event remembers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct At {
    pub step: StepId,
    pub name: Text,
    pub role: Role,
    pub status: NationalStatus,
    /// The unit that takes the step, if it is not the dossier's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageId>,
}

/// The clock of the whole dossier, and those of its parts that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clocks {
    pub whole: Clock,
    /// That of the only stay: so earlier versions of the portal wrote it, and filing still does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Clock>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<StayClock>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<(StageId, Clock)>,
}

/// The clock of a stay, and when its officer is reminded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StayClock {
    pub stay: StayId,
    pub clock: Clock,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Timestamp>,
}

/// When time takes the action of a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayTimer {
    pub stay: StayId,
    pub at: Timestamp,
}

/// The applicant, as the journal keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    pub id: UserId,
    pub name: String,
    pub phone: String,
    pub email: Option<String>,
}

/// An officer who was given a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignee {
    pub id: UserId,
    pub name: String,
    pub role: Role,
}

/// What the office asked the applicant for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplementRequest {
    pub step: StepId,
    /// What is missing and why, in full.
    pub what: String,
    /// Why more is asked after a first request at the same step.
    pub new_grounds: Option<String>,
    /// The applicant has until then.
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

/// How a payment was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentMethod {
    Cash,
    BankTransfer,
}

/// How a dossier ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The result was handed over.
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

impl Outcome {
    pub const ALL: [Self; 5] = [Self::Returned, Self::NotReceived, Self::Refused, Self::Withdrawn, Self::Lapsed];

    /// The word for it in tables and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::NotReceived => "not-received",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }

    /// The status that the national portal is told.
    pub const fn status(self) -> NationalStatus {
        match self {
            Self::Returned => NationalStatus::Returned,
            Self::NotReceived => NationalStatus::NotReceived,
            Self::Refused | Self::Lapsed => NationalStatus::Stopped,
            Self::Withdrawn => NationalStatus::Withdrawn,
        }
    }
}

/// The criteria of a rating, 0 to 2 points each (Decree 61/2018).
pub const CRITERIA: [&str; 5] = ["attitude", "guidance", "trips", "timeliness", "overall"];

/// What the applicant thought of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// Points per criterion, in the order of [`CRITERIA`].
    pub points: [u8; 5],
    pub text: String,
}
