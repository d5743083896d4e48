//! `procedures/<agency>/<name>/tests/*.toml`.

use super::words::OneOrMany;
use schemars::JsonSchema;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// `procedures/<agency>/<name>/tests/*.toml`: an author's expectations of a procedure.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    name: String,
    /// The time of filing, in Vietnam: `2026-03-03 09:00`.
    at: String,
    /// The answers by field.
    values: Option<BTreeMap<String, Json>>,
    /// The attached papers, one file for each mention.
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
    /// The role, `applicant` or `portal`.
    by: String,
    /// An action of the workflow. For the applicant `supplement` or `withdraw`, for the counter `pay`, for the portal
    /// `lapse`.
    action: String,
    note: Option<String>,
    /// The unit whose officer acts, as `agency/unit`, if several have the same step.
    unit: Option<String>,
    /// The answers of the officer.
    values: Option<BTreeMap<String, Json>>,
    /// The units that the officer asks, as `agency/unit`.
    ask: Option<Vec<String>>,
    /// The word of the refusal, if the rules must refuse.
    refused: Option<String>,
    /// The step at which the dossier stands then, or a list of them.
    step: Option<OneOrMany>,
    status: Option<String>,
    /// The due time of the whole, or `stopped`.
    due: Option<String>,
}
