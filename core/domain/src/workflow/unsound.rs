//! The defects that make a workflow unfit to run.

use crate::names::{ActionId, StageId, StepId};
use crate::text::Text;

mod words;

/// The most times that a step may be open at once.
pub const MOST_AT_ONCE: usize = 4;

/// The most branches with conditions of a parting.
pub const MOST_CHOICES: usize = 8;

/// The actions that lead to a state, from the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActionPath(pub Vec<(StepId, ActionId)>);

/// A defect that makes a workflow unfit to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsound {
    NoSteps,
    DuplicateStep(StepId),
    DuplicateAction(StepId, ActionId),
    UnknownTarget(StepId, ActionId, StepId),
    UnknownStep(StepId, StepId),
    UnknownStage(StepId, StageId),
    FirstNotPlain(StepId),
    AssigneeWithoutStep(StepId, ActionId),
    PaymentIntoJoin(StepId, ActionId),
    BadSplit(StepId, ActionId),
    ManyChoices(StepId, ActionId),
    AnswerOfOne(StepId, ActionId),
    MoveOfMany(StepId, ActionId),
    AsksNobody(StepId),
    AsksTwice(StepId, String),
    AsksTooFew(StepId, u32, usize),
    NoAnswer(StepId),
    TwoTimers(StepId),
    TimerRequires(StepId, ActionId),
    NotForApplicants(StepId, ActionId, Text),
    JoinOfFewer(StepId, u32, usize),
    DeadStep(StepId),
    JoinNeverFires(StepId, ActionPath),
    DeadAction(StepId, ActionId, StepId),
    Deadlock { step: StepId, way: ActionPath, left: Text },
    ImproperEnd { step: StepId, way: ActionPath, left: Text },
    NoEnd { step: StepId, way: ActionPath, round: Text },
    OnlyTimeEnds { step: StepId, way: ActionPath, round: Text },
    Crowded { step: StepId, way: ActionPath },
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
            | Self::AsksNobody(step)
            | Self::AsksTwice(step, _)
            | Self::AsksTooFew(step, ..)
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
