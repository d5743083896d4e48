//! `workflows/<id>.toml`.

use super::form::Field;
use super::words::{AssignBy, Effect, OneOrMany, Requirement, Status, StepRole, Words};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// `workflows/<id>.toml`: a template that procedures share.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Texts that other texts name as `$name`, and that a procedure may set under `[workflow_with]`.
    parameters: Option<BTreeMap<String, String>>,
    /// The agencies' parts of a joint procedure, each with its own clock.
    stage: Option<Vec<Stage>>,
    step: Vec<StepOrPart>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
pub enum StepOrPart {
    Step(Step),
    Part(Part),
}

/// The steps of another workflow, as one part of this one.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    id: String,
    name: Words,
    /// A file in `workflows`, without `.toml`.
    workflow: String,
    /// The unit that takes its steps, as `agency/unit`.
    at: Option<String>,
    limit: Option<String>,
    /// The next step after the part.
    then: String,
    /// The next step if the part refuses. By default, the whole dossier is refused.
    refused: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    id: String,
    name: Words,
    limit: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    id: String,
    name: Words,
    /// The role of the post that takes the step, or `applicant`.
    role: StepRole,
    limit: Option<String>,
    status: Option<Status>,
    action: Option<Vec<Action>>,
    /// The unit that takes the step, as `agency/unit`, if it differs from the procedure's own.
    at: Option<String>,
    /// The stage of the step.
    stage: Option<String>,
    /// The rule for several branches that lead here: `all`, `begun`, `first`, or the number of branches to wait for. By
    /// default, each branch begins the step.
    join: Option<JoinOf>,
    /// The step is taken by several units at once.
    ask: Option<Ask>,
    /// The questions to the officer.
    field: Option<Vec<Field>>,
    /// The rule that assigns the step to one of the holders of the post.
    assign: Option<AssignTo>,
    /// The rest of the limit at which the officer is reminded.
    remind: Option<String>,
    /// The role to which the step is escalated once its limit has passed.
    escalate: Option<StepRole>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
pub enum JoinOf {
    Word(String),
    Number(u32),
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The units as `agency/unit`.
    units: Vec<String>,
    /// The officer who moves the dossier here chooses among the units.
    choose: Option<bool>,
    /// The number of answers that suffice. By default, all answers are needed.
    #[schemars(range(min = 1, max = 100))]
    enough: Option<u32>,
    then: String,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignTo {
    by: AssignBy,
    /// The log-in for `person`.
    login: Option<String>,
    /// The field of the form for `area`.
    field: Option<String>,
    /// The registry for `area`, whose entries are named after officers' log-ins.
    registry: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    id: String,
    name: Words,
    effect: Effect,
    /// The next step after `advance` and `request-payment`. A list parts into branches that run side by side.
    to: Option<Targets>,
    requires: Option<Vec<Requirement>>,
    /// The condition for the action.
    when: Option<String>,
    /// The time since the step began after which the portal takes the action.
    after: Option<String>,
    /// The action is open only while the dossier stands at this step too.
    during: Option<String>,
    /// The other stays that end: steps, or `others` for everything.
    cancels: Option<OneOrMany>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
pub enum Targets {
    One(String),
    Several(Vec<Target>),
}

#[derive(JsonSchema)]
#[serde(untagged)]
pub enum Target {
    Step(String),
    Branch(BranchTo),
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BranchTo {
    step: String,
    /// The condition for taking the branch.
    when: Option<String>,
}
