//! Complaints and suggestions (*phản ánh, kiến nghị*) about the portal, an officer, a procedure or a dossier.
//!
//! A formal complaint (*khiếu nại*, Law on Complaints 2011) is not one of them: it has its own procedure and its own
//! limits.
//!
//! The state of a suggestion is what its events add up to. Events are facts: they name the desk and the due times. They do
//! not name the sender, who is known by the account alone, so the name goes with the account.

pub mod access;
pub mod decide;
pub mod limit;
pub mod notice;
pub mod privacy;

use crate::names::{AgencyId, DossierCode, ProcedureCode, SuggestionId, UserId};
use crate::people::organisation::{Actor, ActorRef};
use crate::text::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The thing that a suggestion is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "kebab-case")]
pub enum SuggestionTopic {
    Portal,
    Officer {
        agency: AgencyId,
        /// The name, as the sender wrote it.
        name: String,
        /// The officers of the agency whom the name can mean. None of them reads the suggestion.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        meant: Vec<UserId>,
    },
    Procedure {
        agency: AgencyId,
        name: Text,
        /// The code, unless the sender wrote the name by hand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<ProcedureCode>,
    },
    Dossier {
        agency: AgencyId,
        code: DossierCode,
        procedure: Text,
    },
}

impl SuggestionTopic {
    /// The words of all topics.
    pub const WORDS: [&'static str; 4] = ["portal", "officer", "procedure", "dossier"];

    /// Returns the word for pages and addresses.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Officer { .. } => "officer",
            Self::Procedure { .. } => "procedure",
            Self::Dossier { .. } => "dossier",
        }
    }

    /// Returns the officers who must not read the suggestion.
    pub fn meant(&self) -> &[UserId] {
        match self {
            Self::Officer { meant, .. } => meant,
            Self::Portal | Self::Procedure { .. } | Self::Dossier { .. } => &[],
        }
    }
}

/// The people who answer a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuggestionDesk {
    /// The administrators of the portal.
    Administrator,
    /// The leaders of an agency.
    Leader(AgencyId),
}

/// The state of a suggestion in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuggestionState {
    Received,
    InWork,
    Answered,
    /// It is not dealt with, for a reason that the sender is told.
    Declined,
}

impl SuggestionState {
    pub const ALL: [Self; 4] = [Self::Received, Self::InWork, Self::Answered, Self::Declined];

    /// Returns the word for tables and pages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::InWork => "in-work",
            Self::Answered => "answered",
            Self::Declined => "declined",
        }
    }

    /// Returns whether nothing more is done.
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Received | Self::InWork => false,
            Self::Answered | Self::Declined => true,
        }
    }
}

/// The moments until which a desk acknowledges a suggestion and answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestionDue {
    pub acknowledge_by: Timestamp,
    pub answer_by: Timestamp,
}

/// A change of a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum SuggestionEvent {
    Sent {
        sender: UserId,
        topic: SuggestionTopic,
        text: String,
        may_publish: bool,
        desk: SuggestionDesk,
        due: SuggestionDue,
    },
    /// The desk acknowledges the suggestion and works on it.
    Taken,
    Answered {
        text: String,
    },
    Declined {
        reason: String,
    },
    Forwarded {
        to: SuggestionDesk,
        reason: String,
        due: SuggestionDue,
    },
    /// The sender agrees that the suggestion is published, or no longer agrees.
    ConsentChanged {
        may_publish: bool,
    },
    /// The desk publishes the suggestion in words that name nobody.
    Published {
        text: String,
        answer: String,
    },
    Unpublished,
}

impl SuggestionEvent {
    /// Returns the word for pages.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Taken => "taken",
            Self::Answered { .. } => "answered",
            Self::Declined { .. } => "declined",
            Self::Forwarded { .. } => "forwarded",
            Self::ConsentChanged { may_publish: true } => "consent-given",
            Self::ConsentChanged { may_publish: false } => "consent-withdrawn",
            Self::Published { .. } => "published",
            Self::Unpublished => "unpublished",
        }
    }

    /// Returns the reason that the event names, if it names one.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Declined { reason } | Self::Forwarded { reason, .. } => Some(reason),
            Self::Sent { .. }
            | Self::Taken
            | Self::Answered { .. }
            | Self::ConsentChanged { .. }
            | Self::Published { .. }
            | Self::Unpublished => None,
        }
    }
}

/// A change with its moment and the person who made it. An applicant has an empty name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedSuggestion {
    pub at: Timestamp,
    pub actor: ActorRef,
    pub event: SuggestionEvent,
}

impl RecordedSuggestion {
    /// Returns a change that a person makes, without the name of an applicant.
    pub fn by(actor: &Actor, at: Timestamp, event: SuggestionEvent) -> Self {
        let actor = match actor.reference() {
            ActorRef::Applicant { id, name: _ } => ActorRef::Applicant { id, name: String::new() },
            other => other,
        };
        Self { at, actor, event }
    }
}

/// The end of a suggestion: its answer, or the reason why it is declined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestionOutcome {
    pub at: Timestamp,
    pub by: ActorRef,
    pub text: String,
}

/// The public words of a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestionWords {
    pub at: Timestamp,
    pub text: String,
    pub answer: String,
}

/// A complaint or a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    pub id: SuggestionId,
    /// The number of its events.
    pub version: u32,
    pub sender: UserId,
    pub topic: SuggestionTopic,
    pub text: String,
    pub sent_at: Timestamp,
    pub desk: SuggestionDesk,
    /// The moment at which the suggestion came to this desk.
    pub arrived_at: Timestamp,
    pub due: SuggestionDue,
    pub forwards: u32,
    pub state: SuggestionState,
    pub outcome: Option<SuggestionOutcome>,
    /// The sender agrees that the suggestion is published.
    pub may_publish: bool,
    pub published: Option<SuggestionWords>,
}

impl Suggestion {
    /// Returns the suggestion after its first event. Returns none if the event does not send one.
    pub fn begin(id: SuggestionId, first: &RecordedSuggestion) -> Option<Self> {
        let SuggestionEvent::Sent { sender, topic, text, may_publish, desk, due } = &first.event else {
            return None;
        };
        Some(Self {
            id,
            version: 1,
            sender: sender.clone(),
            topic: topic.clone(),
            text: text.clone(),
            sent_at: first.at,
            desk: desk.clone(),
            arrived_at: first.at,
            due: *due,
            forwards: 0,
            state: SuggestionState::Received,
            outcome: None,
            may_publish: *may_publish,
            published: None,
        })
    }

    /// Applies a later event.
    pub fn apply(&mut self, recorded: &RecordedSuggestion) {
        self.version += 1;
        let outcome =
            |text: &String| Some(SuggestionOutcome { at: recorded.at, by: recorded.actor.clone(), text: text.clone() });
        match &recorded.event {
            // A suggestion is sent once.
            SuggestionEvent::Sent { .. } => {}
            SuggestionEvent::Taken => self.state = SuggestionState::InWork,
            SuggestionEvent::Answered { text } => {
                (self.state, self.outcome) = (SuggestionState::Answered, outcome(text));
            }
            SuggestionEvent::Declined { reason } => {
                (self.state, self.outcome) = (SuggestionState::Declined, outcome(reason));
            }
            SuggestionEvent::Forwarded { to, due, .. } => {
                (self.desk, self.due, self.arrived_at) = (to.clone(), *due, recorded.at);
                self.forwards += 1;
                self.state = SuggestionState::Received;
            }
            SuggestionEvent::ConsentChanged { may_publish } => {
                self.may_publish = *may_publish;
                if !may_publish {
                    self.published = None;
                }
            }
            SuggestionEvent::Published { text, answer } => {
                self.published = Some(SuggestionWords { at: recorded.at, text: text.clone(), answer: answer.clone() });
            }
            SuggestionEvent::Unpublished => self.published = None,
        }
    }

    /// Returns the suggestion that events add up to. Returns none if the first of them does not send one.
    pub fn replay(id: SuggestionId, events: &[RecordedSuggestion]) -> Option<Self> {
        let (first, later) = events.split_first()?;
        let mut suggestion = Self::begin(id, first)?;
        for recorded in later {
            suggestion.apply(recorded);
        }
        Some(suggestion)
    }

    /// Returns the moment of the answer, or of the refusal with its reason.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.outcome.as_ref().map(|outcome| outcome.at)
    }
}
