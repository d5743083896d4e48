//! `procedures/<agency>/<name>/procedure.toml`.

use super::form::{Check, Field, Section};
use super::plugin::Plugins;
use super::words::{Audience, FeeKind, Media, PaperKind, When, Words};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// `procedures/<agency>/<name>/procedure.toml`: what the law and the agency say of one procedure.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// The code in the national database, such as `1.004227`.
    code: String,
    name: Words,
    /// One sentence for lists.
    summary: Option<Words>,
    /// The unit of the agency that works on the dossiers.
    unit: String,
    /// The field of law.
    field: Words,
    /// Whom it is for.
    audience: Option<Vec<Audience>>,
    /// Events of life in which people need it.
    life_events: Option<Vec<Words>>,
    /// Words that people use for it, for the search.
    keywords: Option<Vec<String>>,
    /// The service level; 3 unless another is written.
    #[schemars(range(min = 1, max = 4))]
    level: Option<u8>,
    /// How long the agency has: a number and `working-hours`, `working-days` or `calendar-days`.
    limit: String,
    /// Calendar days that the applicant has for a supplement or a payment; 30 unless another is written.
    #[schemars(range(min = 1, max = 365))]
    waiting_days: Option<u32>,
    /// What the applicant gets.
    result: Words,
    /// How it is done, step by step.
    how_to: Option<Vec<Words>>,
    conditions: Option<Vec<Words>>,
    legal_basis: Option<Vec<Words>>,
    /// A file in `workflows`, without `.toml`.
    workflow: String,
    /// Other values for the workflow's parameters.
    workflow_with: Option<BTreeMap<String, String>>,
    /// Other limits for steps of the workflow, by step.
    step_limits: Option<BTreeMap<String, String>>,
    plugin: Option<Plugins>,
    paper: Option<Vec<Paper>>,
    fee: Option<Vec<Fee>>,
    limit_case: Option<Vec<LimitCase>>,
    section: Option<Vec<Section>>,
    check: Option<Vec<Check>>,
    eligibility: Option<Eligibility>,
}

/// A paper that must or may be attached.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Small letters, digits and `_`.
    id: String,
    name: Words,
    /// In a limited Markdown: paragraphs, lists, emphasis, links.
    help: Option<Words>,
    /// Required always unless written otherwise.
    required: Option<When>,
    kind: Option<PaperKind>,
    accept: Option<Vec<Media>>,
    /// The largest file in megabytes; 10 unless another is written.
    #[schemars(range(min = 1, max = 100))]
    max_mb: Option<u32>,
    /// 5 unless another is written.
    #[schemars(range(min = 1, max = 50))]
    max_files: Option<u32>,
    /// How many copies the agency needs on paper.
    #[schemars(range(min = 1, max = 50))]
    count: Option<u32>,
    /// A form to download and fill in: a file in the procedure's folder `forms`.
    template: Option<String>,
}

/// Something that has to be paid.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    name: Words,
    /// `fee` (phí) for a service, `charge` (lệ phí) of state.
    kind: Option<FeeKind>,
    /// In whole đồng.
    amount: i64,
    /// When it is owed; always unless written otherwise.
    when: Option<When>,
}

/// Another time limit for some cases; the first that fits counts.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitCase {
    name: Words,
    when: When,
    limit: String,
}

/// Questions before the form, so that nobody fills it in without success.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Eligibility {
    help: Option<Words>,
    field: Option<Vec<Field>>,
    condition: Option<Vec<Check>>,
}
