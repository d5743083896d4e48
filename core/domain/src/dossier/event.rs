//! The events of a dossier. Events are facts: they contain the decision and its due times, so applying them needs
//! neither the calendar nor the definition. Events of earlier versions of the portal have one exception: a step that
//! begins without an assignee belongs to the officer who last had a step of that place and role.

mod channel;
mod clocks;
mod co_signature;
mod filed;
mod issued;
mod outcome;
mod payment;
mod receiver;
mod site_visit;
mod stays;
mod stored;
mod supplement;

pub use channel::Channel;
pub use clocks::{Clocks, StayClock, StayTimer};
pub use co_signature::CoSignature;
pub use filed::{Applicant, Filed};
pub use issued::{EarlierResult, FollowedResult, IssuedResult, ResultHolder};
pub use outcome::{DossierOutcome, SilenceRule};
pub use payment::{CRITERIA, MoneyMovement, Payment, PaymentMethod, PaymentReversal, Rating, Refund};
pub use receiver::ResultReceiver;
pub use site_visit::{SiteVisit, SiteVisitChange};
pub use stays::{AskedUnits, BegunStay, MigratedStay, PlaceMove, RecordedStep, StayId, StepMove};
pub use supplement::{MissingPart, ReceivedSupplement, SupplementRequest};

use crate::expression::RuleFault;
use crate::names::{ActionId, Digest, PaperId, UserId};
use crate::one_or_many;
use crate::people::organisation::{ActorRef, Role};
use crate::procedure::FeeLine;
use crate::procedure::delivery::PostalAddress;
use crate::time::calendar::Limit;
use crate::workflow::net::RecordedArrival;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

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
        #[serde(default, skip_serializing_if = "Channel::is_online")]
        channel: Channel,
        /// The papers that the counter has seen, if it came there.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        on_paper: Vec<PaperId>,
        clocks: Clocks,
    },
    PaymentRecorded {
        payment: Payment,
        clocks: Clocks,
    },
    /// A payment that was recorded by mistake no longer counts. Its entry stays in the journal.
    PaymentReversed {
        /// The version of the dossier with which the payment was recorded.
        entry: u32,
        reason: String,
    },
    RefundRecorded {
        refund: Refund,
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
        /// The result that entered the register.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issued: Option<Box<IssuedResult>>,
        /// The law by which the dossier ended by silence of the agency.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        silence: Option<SilenceRule>,
        /// The person who took the result at the counter, or the post. `None` if the counter did not write it down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receiver: Option<Box<ResultReceiver>>,
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
    /// The end of the validity of the result is near, and the applicant was told.
    ExpiryAnnounced {
        /// A later result follows this one already, so the applicant was not told.
        followed: bool,
    },
    /// The applicant got more time, because a rule could not be evaluated on what they gave.
    Extended {
        /// The version of the procedure with the rule.
        version: Digest,
        fault: RuleFault,
        clocks: Clocks,
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
    /// The applicant chose another way to get the result.
    DeliveryChanged {
        /// The address of the post. `None` for the counter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<Box<PostalAddress>>,
    },
    MessageSent {
        text: String,
        /// The new day for the result, if the message is an apology of the office.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promised: Option<Date>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<StoredFile>,
    },
    Rated {
        rating: Rating,
    },
}

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
    /// The change of an appointment on the spot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<SiteVisitChange>,
    pub clocks: Clocks,
}

/// The words for events.
pub const EVENTS: [&str; 21] = [
    "filed",
    "advanced",
    "supplement-requested",
    "supplemented",
    "payment-recorded",
    "payment-reversed",
    "refund-recorded",
    "ended",
    "assigned",
    "undone",
    "reminded",
    "escalated",
    "late-announced",
    "expiry-announced",
    "extended",
    "rescheduled",
    "transferred",
    "migrated",
    "delivery-changed",
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
            | Self::PaymentReversed { .. }
            | Self::RefundRecorded { .. }
            | Self::Assigned { .. }
            | Self::Undone { .. }
            | Self::Reminded { .. }
            | Self::Escalated { .. }
            | Self::LateAnnounced { .. }
            | Self::ExpiryAnnounced { .. }
            | Self::Extended { .. }
            | Self::Rescheduled { .. }
            | Self::Transferred { .. }
            | Self::Migrated { .. }
            | Self::DeliveryChanged { .. }
            | Self::MessageSent { .. }
            | Self::Rated { .. } => None,
        }
    }

    /// Returns the change of an appointment on the spot, if the event has one.
    pub const fn visit(&self) -> Option<&SiteVisitChange> {
        match self {
            Self::Advanced(advanced) => advanced.visit.as_ref(),
            Self::Filed(_)
            | Self::SupplementRequested { .. }
            | Self::Supplemented { .. }
            | Self::PaymentRecorded { .. }
            | Self::PaymentReversed { .. }
            | Self::RefundRecorded { .. }
            | Self::Ended { .. }
            | Self::Assigned { .. }
            | Self::Undone { .. }
            | Self::Reminded { .. }
            | Self::Escalated { .. }
            | Self::LateAnnounced { .. }
            | Self::ExpiryAnnounced { .. }
            | Self::Extended { .. }
            | Self::Rescheduled { .. }
            | Self::Transferred { .. }
            | Self::Migrated { .. }
            | Self::DeliveryChanged { .. }
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
            | Self::PaymentReversed { .. }
            | Self::RefundRecorded { .. }
            | Self::Undone { .. }
            | Self::Reminded { .. }
            | Self::Escalated { .. }
            | Self::LateAnnounced { .. }
            | Self::ExpiryAnnounced { .. }
            | Self::Extended { .. }
            | Self::Rescheduled { .. }
            | Self::Transferred { .. }
            | Self::Migrated { .. }
            | Self::DeliveryChanged { .. }
            | Self::MessageSent { .. }
            | Self::Rated { .. } => None,
        }
    }

    /// Returns the content that an applicant submitted with the event, if the event is a filing or a supplement.
    pub fn submitted(&self) -> Option<Submission<'_>> {
        match self {
            Self::Filed(filed) => {
                let Filed { values, papers, verdicts, .. } = filed.as_ref();
                Some(Submission { filed: Some(filed.as_ref()), values, papers, verdicts })
            }
            Self::Supplemented { values, papers, verdicts, .. } => {
                Some(Submission { filed: None, values, papers, verdicts })
            }
            Self::Advanced(_)
            | Self::SupplementRequested { .. }
            | Self::PaymentRecorded { .. }
            | Self::PaymentReversed { .. }
            | Self::RefundRecorded { .. }
            | Self::Ended { .. }
            | Self::Assigned { .. }
            | Self::Undone { .. }
            | Self::Reminded { .. }
            | Self::Escalated { .. }
            | Self::LateAnnounced { .. }
            | Self::ExpiryAnnounced { .. }
            | Self::Extended { .. }
            | Self::Rescheduled { .. }
            | Self::Transferred { .. }
            | Self::Migrated { .. }
            | Self::DeliveryChanged { .. }
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
            Self::PaymentReversed { .. } => "payment-reversed",
            Self::RefundRecorded { .. } => "refund-recorded",
            Self::Ended { .. } => "ended",
            Self::Assigned { .. } => "assigned",
            Self::Undone { .. } => "undone",
            Self::Reminded { .. } => "reminded",
            Self::Escalated { .. } => "escalated",
            Self::LateAnnounced { .. } => "late-announced",
            Self::ExpiryAnnounced { .. } => "expiry-announced",
            Self::Extended { .. } => "extended",
            Self::Rescheduled { .. } => "rescheduled",
            Self::Transferred { .. } => "transferred",
            Self::Migrated { .. } => "migrated",
            Self::DeliveryChanged { .. } => "delivery-changed",
            Self::MessageSent { .. } => "message-sent",
            Self::Rated { .. } => "rated",
        }
    }
}

/// The content that an applicant submitted, with what plugins said about it.
#[derive(Debug, Clone, Copy)]
pub struct Submission<'a> {
    /// The filing. `None` for a supplement.
    pub filed: Option<&'a Filed>,
    pub values: &'a Map<String, Json>,
    pub papers: &'a [AttachedPaper],
    pub verdicts: &'a [Verdict],
}

/// An officer to whom a step is assigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignee {
    pub id: UserId,
    pub name: String,
    pub role: Role,
}
