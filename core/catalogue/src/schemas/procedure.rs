//! `procedures/<agency>/<name>/procedure.toml`.

use super::form::{Check, Field, Section};
use super::plugin::Plugins;
use super::words::{Audience, FeeKind, Media, PaperKind, When, Words};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// `procedures/<agency>/<name>/procedure.toml`: the statements of the law and the agency about one procedure.
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
    /// The audience of the procedure.
    audience: Option<Vec<Audience>>,
    /// The events of life in which people need the procedure.
    life_events: Option<Vec<Words>>,
    /// Other words of people for the procedure, for the search.
    keywords: Option<Vec<String>>,
    /// The service level. 3 by default.
    #[schemars(range(min = 1, max = 4))]
    level: Option<u8>,
    /// The agency's limit: a number and `working-hours`, `working-days` or `calendar-days`.
    limit: String,
    /// The applicant's calendar days for a supplement or a payment. 30 by default.
    #[schemars(range(min = 1, max = 365))]
    waiting_days: Option<u32>,
    /// The result for the applicant.
    result: Words,
    /// The instructions, step by step.
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
    /// The id of small letters, digits and `_`.
    id: String,
    name: Words,
    /// A help in limited Markdown: paragraphs, lists, emphasis, links.
    help: Option<Words>,
    /// The condition for requiring the paper. The default is `true`.
    required: Option<When>,
    kind: Option<PaperKind>,
    accept: Option<Vec<Media>>,
    /// The megabytes of the largest file. 10 by default.
    #[schemars(range(min = 1, max = 100))]
    max_mb: Option<u32>,
    /// The most files. 5 by default.
    #[schemars(range(min = 1, max = 50))]
    max_files: Option<u32>,
    /// The number of copies that the agency needs on paper.
    #[schemars(range(min = 1, max = 50))]
    count: Option<u32>,
    /// A form to download and fill in: a file in the procedure's folder `forms`.
    template: Option<String>,
}

/// A fee or a charge.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    name: Words,
    /// `fee` (phí) for a service, `charge` (lệ phí) of state.
    kind: Option<FeeKind>,
    /// The amount in whole đồng.
    amount: i64,
    /// The condition under which it is owed. The default is `true`.
    when: Option<When>,
}

/// Another time limit for some cases. The first case that fits counts.
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
