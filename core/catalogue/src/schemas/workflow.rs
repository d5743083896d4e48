//! `workflows/<id>.toml`.

use super::form::Field;
use super::words::{AssignBy, Effect, OneOrMany, Requirement, Status, StepRole, Words};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// `workflows/<id>.toml`: a template that procedures share.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Texts that others name as `$name`, and that a procedure may set under `[workflow_with]`.
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
    /// Where the dossier goes when the part is done.
    then: String,
    /// Where it goes when the part refuses; the whole dossier is refused, if not given.
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
    /// Whose post takes the step; `applicant` for a step that is theirs.
    role: StepRole,
    limit: Option<String>,
    status: Option<Status>,
    action: Option<Vec<Action>>,
    /// The unit that takes the step, as `agency/unit`, if it is not the procedure's own.
    at: Option<String>,
    /// The stage that it belongs to.
    stage: Option<String>,
    /// Of several branches that lead here: `all`, `begun`, `first`, or how many it waits for. Each begins it, if not given.
    join: Option<JoinOf>,
    /// The step is taken by several units at once.
    ask: Option<Ask>,
    /// What the officer fills in.
    field: Option<Vec<Field>>,
    /// The rule by which one of the holders of the post is given the step.
    assign: Option<AssignTo>,
    /// The officer is reminded when this much is left of the limit.
    remind: Option<String>,
    /// Whose list the step is in too once its limit has passed.
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
    /// `agency/unit`.
    units: Vec<String>,
    /// The officer who leads the dossier here chooses among them.
    choose: Option<bool>,
    /// How many answers are enough; all, if not given.
    #[schemars(range(min = 1, max = 100))]
    enough: Option<u32>,
    then: String,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignTo {
    by: AssignBy,
    /// Of `person`.
    login: Option<String>,
    /// Of `area`: the field of the form.
    field: Option<String>,
    /// Of `area`: the registry whose entries are named after officers' log-ins.
    registry: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    id: String,
    name: Words,
    effect: Effect,
    /// Where `advance` and `request-payment` lead to; a list parts into branches that go side by side.
    to: Option<Targets>,
    requires: Option<Vec<Requirement>>,
    /// Open only if this holds.
    when: Option<String>,
    /// Taken by the portal when this has passed since the step began.
    after: Option<String>,
    /// Open only while the dossier stands at this step too.
    during: Option<String>,
    /// What else ends: steps, or `others` for everything.
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
    /// Taken only if this holds.
    when: Option<String>,
}
