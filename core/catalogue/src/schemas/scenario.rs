//! `procedures/<agency>/<name>/tests/*.toml`.

use super::words::OneOrMany;
use schemars::JsonSchema;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// `procedures/<agency>/<name>/tests/*.toml`: what an author expects of a procedure.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    name: String,
    /// When the dossier is filed, in Vietnam: `2026-03-03 09:00`.
    at: String,
    /// The answers by field.
    values: Option<BTreeMap<String, Json>>,
    /// The papers that are attached, one file for each mention.
    papers: Option<Vec<String>>,
    expect: Option<Expected>,
    step: Option<Vec<ScenarioStep>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// `path: code` of every finding.
    findings: Option<Vec<String>>,
    /// All fees and charges together, in đồng.
    fees: Option<i64>,
    appointment: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioStep {
    at: String,
    /// A role, `applicant` or `portal`.
    by: String,
    /// An action of the workflow; of the applicant `supplement` or `withdraw`; of the counter `pay`; of the portal `lapse`.
    action: String,
    note: Option<String>,
    /// The unit whose officer does it, as `agency/unit`, where several have the same step.
    unit: Option<String>,
    /// What the officer fills in.
    values: Option<BTreeMap<String, Json>>,
    /// The units that the officer asks, as `agency/unit`.
    ask: Option<Vec<String>>,
    /// The word of the refusal, if the rules must say no.
    refused: Option<String>,
    /// The step at which the dossier stands then, or a list of them.
    step: Option<OneOrMany>,
    status: Option<String>,
    /// When the whole is due, or `stopped`.
    due: Option<String>,
}
