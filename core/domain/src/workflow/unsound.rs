//! The defects that make a workflow unfit to run.

use crate::names::{ActionId, StageId, StepId};
use std::fmt;

/// The most times that a step may be open at once.
pub const MOST_AT_ONCE: usize = 4;

/// The most branches with conditions of a parting.
pub const MOST_CHOICES: usize = 8;

/// The actions that lead to a state, from the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActionPath(pub Vec<(StepId, ActionId)>);

impl fmt::Display for ActionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("from the beginning");
        }
        f.write_str("after ")?;
        for (number, (step, action)) in self.0.iter().enumerate() {
            let arrow = if number == 0 { "" } else { ", " };
            write!(f, "{arrow}`{action}` at `{step}`")?;
        }
        Ok(())
    }
}

/// A defect that makes a workflow unfit to run.
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
    #[error("step `{0}` names `{1}`, which is not a step")]
    UnknownStep(StepId, StepId),
    #[error("step `{0}` belongs to the stage `{1}`, which is not declared")]
    UnknownStage(StepId, StageId),
    #[error("a dossier begins at `{0}`, so it can neither join branches nor be taken several times")]
    FirstNotPlain(StepId),
    #[error("action `{1}` of step `{0}` needs an assignee but leads to no step of an officer")]
    AssigneeWithoutStep(StepId, ActionId),
    #[error(
        "action `{1}` of step `{0}` asks for payment and leads to a step that joins branches or is taken several times"
    )]
    PaymentIntoJoin(StepId, ActionId),
    #[error("action `{1}` of step `{0}` parts into no branch, or into the same one twice")]
    BadSplit(StepId, ActionId),
    #[error("action `{1}` of step `{0}` parts into more than {MOST_CHOICES} branches with conditions")]
    ManyChoices(StepId, ActionId),
    #[error("action `{1}` of step `{0}` is an answer, but the step is not taken several times")]
    AnswerOfOne(StepId, ActionId),
    #[error("action `{1}` of step `{0}` leads on, but the step is taken several times: each who is asked answers")]
    MoveOfMany(StepId, ActionId),
    #[error(
        "step `{0}` is taken several times, but asks nobody, one unit twice, or fewer than the answers that are enough"
    )]
    BadMany(StepId),
    #[error("step `{0}` is taken several times, but none of its actions answers")]
    NoAnswer(StepId),
    #[error("two actions of step `{0}` are taken by time")]
    TwoTimers(StepId),
    #[error("action `{1}` of step `{0}` is taken by time, so it cannot require anything of a person")]
    TimerRequires(StepId, ActionId),
    #[error("step `{0}` belongs to the applicant, who cannot take action `{1}`: {2}")]
    NotForApplicants(StepId, ActionId, &'static str),
    #[error("`{0}` joins the first {1} branches, but only {2} lead to it")]
    JoinOfFewer(StepId, u32, usize),
    #[error("no sequence of actions leads to step `{0}`")]
    DeadStep(StepId),
    #[error("step `{0}` never begins: branches come to it ({1}), but never those that it waits for")]
    JoinNeverFires(StepId, ActionPath),
    #[error("action `{1}` of step `{0}` can never be taken: the dossier is never at `{2}` meanwhile")]
    DeadAction(StepId, ActionId, StepId),
    #[error("the dossier gets stuck {way}: nothing can be done any more, and {left}")]
    Deadlock { step: StepId, way: ActionPath, left: String },
    #[error("the dossier can end {way} while {left}")]
    ImproperEnd { step: StepId, way: ActionPath, left: String },
    #[error("no sequence of actions leads to an end {way}: the dossier goes round at {round}")]
    NoEnd { step: StepId, way: ActionPath, round: String },
    #[error(
        "{way} the dossier goes round at {round}, and only time leads out, under a condition: no person can end it"
    )]
    OnlyTimeEnds { step: StepId, way: ActionPath, round: String },
    #[error(
        "step `{step}` can be open or waited for more than {MOST_AT_ONCE} times at once {way}: branches part again and again and are not joined"
    )]
    Crowded { step: StepId, way: ActionPath },
    #[error("the workflow has more than {0} states, so it cannot be checked: give fewer branches to one parting")]
    TooLarge(usize),
}

impl Unsound {
    /// Returns the step of the problem.
    pub const fn step(&self) -> Option<&StepId> {
        match self {
            Self::NoSteps | Self::TooLarge(_) => None,
            Self::DuplicateStep(step)
            | Self::DuplicateAction(step, _)
            | Self::UnknownTarget(step, ..)
            | Self::UnknownStep(step, _)
            | Self::UnknownStage(step, _)
            | Self::FirstNotPlain(step)
            | Self::AssigneeWithoutStep(step, _)
            | Self::PaymentIntoJoin(step, _)
            | Self::BadSplit(step, _)
            | Self::ManyChoices(step, _)
            | Self::AnswerOfOne(step, _)
            | Self::MoveOfMany(step, _)
            | Self::BadMany(step)
            | Self::NoAnswer(step)
            | Self::TwoTimers(step)
            | Self::TimerRequires(step, _)
            | Self::NotForApplicants(step, ..)
            | Self::JoinOfFewer(step, ..)
            | Self::DeadStep(step)
            | Self::JoinNeverFires(step, _)
            | Self::DeadAction(step, ..)
            | Self::Deadlock { step, .. }
            | Self::ImproperEnd { step, .. }
            | Self::NoEnd { step, .. }
            | Self::OnlyTimeEnds { step, .. }
            | Self::Crowded { step, .. } => Some(step),
        }
    }
}
