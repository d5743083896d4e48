//! What happened to a dossier. Events are facts: they carry everything that was decided, the due times included,
//! so that applying them needs neither the calendar nor the definition.

use crate::clock::Clock;
use crate::judge::Finding;
use crate::money::Dong;
use crate::names::{ActionId, AgencyId, Digest, DossierCode, PaperId, ProcedureCode, StepId, UnitId, UserId};
use crate::organisation::{ActorRef, Role};
use crate::procedure::FeeLine;
use crate::text::Text;
use crate::workflow::NationalStatus;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// An event with its time and its actor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    pub at: Timestamp,
    pub actor: ActorRef,
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Filed(Box<Filed>),
    Advanced {
        action: ActionId,
        to: At,
        note: Option<String>,
        assignee: Option<Assignee>,
        result: Option<StoredFile>,
        /// Set when the clock waits for a payment at the new step.
        payment_until: Option<Timestamp>,
        clocks: Clocks,
    },
    SupplementRequested {
        action: ActionId,
        request: SupplementRequest,
        clocks: Clocks,
    },
    Supplemented {
        values: Map<String, Json>,
        papers: Vec<AttachedPaper>,
        verdict: Option<Verdict>,
        clocks: Clocks,
    },
    PaymentRecorded {
        payment: Payment,
        clocks: Clocks,
    },
    Ended {
        action: Option<ActionId>,
        outcome: Outcome,
        reason: String,
        clocks: Clocks,
    },
    MessageSent {
        text: String,
    },
    Rated {
        rating: Rating,
    },
}

impl Event {
    /// The action of the workflow that an officer took, if it came from one.
    pub const fn action(&self) -> Option<&ActionId> {
        match self {
            Self::Advanced { action, .. } | Self::SupplementRequested { action, .. } => Some(action),
            Self::Ended { action, .. } => action.as_ref(),
            _ => None,
        }
    }

    /// The word for the event in the journal.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Filed(_) => "filed",
            Self::Advanced { .. } => "advanced",
            Self::SupplementRequested { .. } => "supplement-requested",
            Self::Supplemented { .. } => "supplemented",
            Self::PaymentRecorded { .. } => "payment-recorded",
            Self::Ended { .. } => "ended",
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
    pub verdict: Option<Verdict>,
    pub fees: Vec<FeeLine>,
    pub first: At,
    pub clocks: Clocks,
    /// The appointment that the receipt names.
    pub appointment: Timestamp,
}

/// A step as an event remembers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct At {
    pub step: StepId,
    pub name: Text,
    pub role: Role,
    pub status: NationalStatus,
}

/// The clock of the whole dossier and that of its current step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Clocks {
    pub whole: Clock,
    pub step: Option<Clock>,
}

/// Who applies.
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

/// A file in the store, named by the SHA-256 of its content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StoredFile {
    pub digest: Digest,
    /// The name that the person who sent it gave it.
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
}

/// A file attached as a paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedPaper {
    pub paper: PaperId,
    pub file: StoredFile,
}

/// What a plugin said, with what is needed to ask it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub component: Digest,
    pub findings: Vec<Finding>,
    /// Why the plugin gave no answer, if it gave none.
    pub fault: Option<String>,
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
