//! The workflow that a procedure follows: steps, who takes them, and what can be done at each.

use crate::calendar::Limit;
use crate::names::{ActionId, StepId};
use crate::organisation::Role;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A workflow. The first step is where a filed dossier begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    pub id: String,
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub id: StepId,
    pub name: Text,
    /// Whose post takes the step.
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    pub status: NationalStatus,
    pub actions: Vec<Action>,
}

/// What an officer can do at a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    pub id: ActionId,
    pub name: Text,
    pub effect: Effect,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Effect {
    /// On to another step, or back to an earlier one.
    Advance { to: StepId },
    /// On to another step; the clock waits there until what is owed is paid.
    RequestPayment { to: StepId },
    /// The applicant is asked for what is missing; the clock waits at this step.
    RequestSupplement,
    /// The end: not received at the counter.
    Decline,
    /// The end: refused in substance.
    Refuse,
    /// The end: the result is handed over.
    HandOver,
}

/// What an action needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// A note with a reason.
    Note,
    /// The officer who takes the next step.
    Assignee,
    /// The file of the result.
    ResultFile,
    /// Everything owed is paid.
    FeePaid,
}

impl Requirement {
    /// The word for it in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Assignee => "assignee",
            Self::ResultFile => "result-file",
            Self::FeePaid => "fee-paid",
        }
    }
    pub const ALL: [Self; 4] = [Self::Note, Self::Assignee, Self::ResultFile, Self::FeePaid];
}

/// The status that the national portal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NationalStatus {
    Filed = 1,
    Received = 2,
    NotReceived = 3,
    Processing = 4,
    SupplementRequested = 5,
    PaymentRequested = 6,
    Withdrawn = 7,
    Stopped = 8,
    Processed = 9,
    Returned = 10,
}

impl NationalStatus {
    /// All of them, by number.
    pub const ALL: [Self; 10] = [
        Self::Filed,
        Self::Received,
        Self::NotReceived,
        Self::Processing,
        Self::SupplementRequested,
        Self::PaymentRequested,
        Self::Withdrawn,
        Self::Stopped,
        Self::Processed,
        Self::Returned,
    ];

    /// The word for it in tables and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Received => "received",
            Self::NotReceived => "not-received",
            Self::Processing => "processing",
            Self::SupplementRequested => "supplement-requested",
            Self::PaymentRequested => "payment-requested",
            Self::Withdrawn => "withdrawn",
            Self::Stopped => "stopped",
            Self::Processed => "processed",
            Self::Returned => "returned",
        }
    }

    /// Statuses that a step may have: those of an open dossier that waits for an officer.
    pub const OF_STEPS: [Self; 4] = [Self::Filed, Self::Received, Self::Processing, Self::Processed];
}

/// Something that makes a workflow unfit to run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    #[error("a workflow needs at least one step")]
    NoSteps,
    #[error("two steps are called `{0}`")]
    DuplicateStep(StepId),
    #[error("step `{0}` offers two actions called `{1}`")]
    DuplicateAction(StepId, ActionId),
    #[error("action `{1}` of step `{0}` leads to `{2}`, which is not a step")]
    UnknownTarget(StepId, ActionId, StepId),
    #[error("no sequence of actions leads to step `{0}`")]
    Unreachable(StepId),
    #[error("from step `{0}` no sequence of actions leads to an end")]
    NoEnd(StepId),
    #[error("action `{1}` of step `{0}` needs an assignee but does not lead to another step")]
    AssigneeWithoutStep(StepId, ActionId),
}

impl Unsound {
    /// The step that the problem is at.
    pub const fn step(&self) -> Option<&StepId> {
        match self {
            Self::NoSteps => None,
            Self::DuplicateStep(step)
            | Self::DuplicateAction(step, _)
            | Self::UnknownTarget(step, ..)
            | Self::Unreachable(step)
            | Self::NoEnd(step)
            | Self::AssigneeWithoutStep(step, _) => Some(step),
        }
    }
}

impl Effect {
    /// The step that the effect leads to, if to one.
    pub const fn target(&self) -> Option<&StepId> {
        match self {
            Self::Advance { to } | Self::RequestPayment { to } => Some(to),
            Self::RequestSupplement | Self::Decline | Self::Refuse | Self::HandOver => None,
        }
    }

    /// Whether the effect ends the dossier.
    pub const fn ends(&self) -> bool {
        matches!(self, Self::Decline | Self::Refuse | Self::HandOver)
    }

    /// Whether a dossier's working time counts this action as an answer for the applicant to read.
    pub const fn needs_note(&self) -> bool {
        matches!(self, Self::Decline | Self::Refuse | Self::RequestSupplement)
    }
}

impl Workflow {
    /// The step with this id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Everything that makes the workflow unfit to run; empty if it is sound.
    pub fn problems(&self) -> Vec<Unsound> {
        let Some(first) = self.steps.first() else { return vec![Unsound::NoSteps] };
        let mut problems = Vec::new();
        let mut ids = BTreeSet::new();
        for step in &self.steps {
            if !ids.insert(&step.id) {
                problems.push(Unsound::DuplicateStep(step.id.clone()));
            }
            let mut actions = BTreeSet::new();
            for action in &step.actions {
                let place = || (step.id.clone(), action.id.clone());
                if !actions.insert(&action.id) {
                    problems.push(Unsound::DuplicateAction(place().0, place().1));
                }
                match action.effect.target() {
                    Some(to) if self.step(to).is_none() => {
                        problems.push(Unsound::UnknownTarget(place().0, place().1, to.clone()));
                    }
                    None if action.requires.contains(&Requirement::Assignee) => {
                        problems.push(Unsound::AssigneeWithoutStep(place().0, place().1));
                    }
                    _ => {}
                }
            }
        }
        let reached = self.closure(BTreeSet::from([&first.id]), |step, reached| reached.contains(&step.id));
        for step in self.steps.iter().filter(|step| !reached.contains(&step.id)) {
            problems.push(Unsound::Unreachable(step.id.clone()));
        }
        let ending = self.ending_steps();
        for step in self.steps.iter().filter(|step| !ending.contains(&step.id)) {
            problems.push(Unsound::NoEnd(step.id.clone()));
        }
        problems
    }

    /// Steps reached from `seeds` over actions.
    fn closure<'a>(
        &'a self,
        seeds: BTreeSet<&'a StepId>,
        active: impl Fn(&Step, &BTreeSet<&StepId>) -> bool,
    ) -> BTreeSet<&'a StepId> {
        let mut reached = seeds;
        loop {
            let before = reached.len();
            for step in &self.steps {
                if active(step, &reached) {
                    reached.extend(step.actions.iter().filter_map(|action| action.effect.target()));
                }
            }
            if reached.len() == before {
                return reached;
            }
        }
    }

    /// Steps from which officers alone can bring the dossier to an end.
    fn ending_steps(&self) -> BTreeSet<&StepId> {
        let mut ending: BTreeSet<&StepId> = BTreeSet::new();
        loop {
            let before = ending.len();
            for step in &self.steps {
                let leads_on = |action: &Action| action.effect.target().is_some_and(|to| ending.contains(to));
                if step.actions.iter().any(|action| action.effect.ends() || leads_on(action)) {
                    ending.insert(&step.id);
                }
            }
            if ending.len() == before {
                return ending;
            }
        }
    }
}
