//! The stays of a dossier at its steps, also those that are over.

use crate::clock::Punctuality;
use crate::event::{Asked, At};
use crate::names::ActionId;
use crate::organisation::ActorRef;
use crate::text::Text;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// One stay of the dossier at a step, also one that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    pub at: At,
    pub entered: Timestamp,
    pub left: Option<Left>,
    pub note: Option<String>,
    /// What the officer filled in.
    pub answers: Map<String, Json>,
    /// Set when others were asked the same with this one.
    pub asked: Option<Asked>,
}

/// How a stay ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Left {
    pub at: Timestamp,
    pub by: ActorRef,
    /// The action that was taken; none if the stay was cancelled or the dossier ended otherwise.
    pub action: Option<ActionId>,
    /// How it stood against its limit.
    pub punctuality: Option<Punctuality>,
}

impl Visit {
    /// The step's name.
    pub const fn name(&self) -> &Text {
        &self.at.name
    }
}
