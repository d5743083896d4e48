//! Questions to plugins about a dossier, and their answers as the journal stores them.

use crate::form::finding::Finding;
use crate::names::Digest;
use crate::procedure::FeeLine;
use crate::workflow::Step;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// An answer of a plugin, with the data for asking the plugin again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub component: Digest,
    pub findings: Vec<Finding>,
    /// The reason why the plugin did not answer, if it failed.
    pub fault: Option<String>,
    /// The amounts owed beside the procedure's own fees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<FeeLine>,
    /// The values of computed fields from the plugin.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub computed: Map<String, Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<VerdictBasis>,
}

impl Verdict {
    /// Returns an empty verdict of a component.
    pub fn begin(component: Digest) -> Self {
        Self { component, findings: Vec::new(), fault: None, fees: Vec::new(), computed: Map::new(), basis: None }
    }
}

/// The basis of a plugin's answer. With the same component and the same basis the plugin returns the same answer on
/// every machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictBasis {
    /// The SHA-256 of the input.
    pub input: Digest,
    /// The registries that it may look up, by name, with the SHA-256 of their content.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub registries: BTreeMap<String, Digest>,
    /// The fuel that the call used.
    pub fuel: u64,
    /// The time that the plugin received, if it may differ from that of the event, because the applicant reviewed the
    /// draft then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// A choice of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginChoice {
    pub component: Digest,
    /// The subject of the choice: `action:STEP` or `officer:STEP`.
    pub question: String,
    pub choices: Vec<String>,
    pub choice: Option<String>,
    /// The reason why the plugin did not answer, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<VerdictBasis>,
}

/// Returns the question for a plugin that chooses among the actions of a step.
pub fn action_question(step: &Step) -> String {
    format!("action:{}", step.id)
}

/// Returns the question for a plugin that chooses the officer for a step.
pub fn officer_question(step: &Step) -> String {
    format!("officer:{}", step.id)
}
