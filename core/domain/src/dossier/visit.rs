//! The stays of a dossier at its steps, including ended stays.

use crate::dossier::event::{AskedUnits, RecordedStep};
use crate::media::StoredFile;
use crate::names::ActionId;
use crate::people::organisation::ActorRef;
use crate::text::Text;
use crate::time::clock::Punctuality;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// One stay of the dossier at a step, open or ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    pub at: RecordedStep,
    pub entered: Timestamp,
    pub left: Option<VisitEnd>,
    pub notes: VisitNotes,
    /// The answers of the officer.
    pub answers: Map<String, Json>,
    /// The file of the result that the officer attached.
    pub result: Option<StoredFile>,
    /// The shared question, if several units were asked.
    pub asked: Option<AskedUnits>,
}

/// The notes that were written when a stay ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisitNotes {
    /// The words that the applicant reads too.
    pub told: Option<String>,
    /// The note that only the staff reads.
    pub internal: Option<String>,
}

/// The end of a stay.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitEnd {
    pub at: Timestamp,
    pub by: ActorRef,
    /// The action that ended the stay. None if the stay was cancelled or the dossier ended otherwise.
    pub action: Option<ActionId>,
    /// The punctuality of the stay against its limit.
    pub punctuality: Option<Punctuality>,
}

impl Visit {
    /// Returns the step's name.
    pub const fn name(&self) -> &Text {
        &self.at.name
    }
}
