//! What plugins are asked about a dossier, and what they said, as the journal keeps it.

use crate::finding::Finding;
use crate::names::Digest;
use crate::procedure::FeeLine;
use crate::workflow::Step;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// What a plugin said, with what is needed to ask it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub component: Digest,
    pub findings: Vec<Finding>,
    /// Why the plugin gave no answer, if it gave none.
    pub fault: Option<String>,
    /// What the dossier owes beside the procedure's own fees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<FeeLine>,
    /// The values of computed fields that are left to the plugin.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub computed: Map<String, Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

impl Verdict {
    /// A verdict of a component that has said nothing yet.
    pub fn begin(component: Digest) -> Self {
        Self { component, findings: Vec::new(), fault: None, fees: Vec::new(), computed: Map::new(), basis: None }
    }
}

/// What an answer of a plugin rests on: with the same component and the same basis it gives the same answer, whatever
/// the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The SHA-256 of what was handed in.
    pub input: Digest,
    /// The registries that it may look up, by name, with the SHA-256 of their content.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub registries: BTreeMap<String, Digest>,
    /// The fuel that was used.
    pub fuel: u64,
    /// The time that the plugin was told, if it may be another than that of the event: the applicant reviewed the draft
    /// then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// What a plugin chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub component: Digest,
    /// What was to be chosen: `action:STEP` or `officer:STEP`.
    pub question: String,
    pub choices: Vec<String>,
    pub choice: Option<String>,
    /// Why the plugin gave no answer, if it gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// What a plugin is asked that chooses among the actions of a step.
pub fn action_question(step: &Step) -> String {
    format!("action:{}", step.id)
}

/// What a plugin is asked that chooses the officer for a step.
pub fn officer_question(step: &Step) -> String {
    format!("officer:{}", step.id)
}
