//! Requests for supplements, and the supplements that the counter received.

use crate::legal::LegalCitation;
use crate::media::AttachedPaper;
use crate::names::{PaperId, StepId};
use crate::people::organisation::ActorRef;
use crate::text::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A request of the office to the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplementRequest {
    pub step: StepId,
    /// The missing answers or papers and the reason, in full. The applicant reads it.
    pub what: String,
    /// The papers and questions that the request names, with their legal bases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingPart>,
    /// The officer's note for the staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_note: Option<String>,
    /// The reason for a further request after a first request at the same step.
    pub new_grounds: Option<String>,
    /// The applicant's limit, as it was told.
    pub until: Timestamp,
}

/// A paper or a question that a request names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingPart {
    /// `papers.map` for a paper, or the id of a field.
    pub place: String,
    /// The name of the paper, or the question.
    pub name: Text,
    /// The legal bases of asking for it, as they were at the time of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<LegalCitation>,
}

/// A supplement that the counter received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedSupplement {
    pub at: Timestamp,
    /// The officer who received it.
    pub by: ActorRef,
    /// The files that the dossier did not have before.
    pub papers: Vec<AttachedPaper>,
    /// The papers that the officer has seen and no officer had seen before.
    pub on_paper: Vec<PaperId>,
}
