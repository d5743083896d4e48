//! The end of an evaluation without a value.

use super::value::ExpressionValue;
use crate::text::Text;

/// The reason why an evaluation stopped without a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EvaluationStop {
    OverBudget,
    /// A missing answer.
    Unanswered,
    /// The reason is for the author and the log, so it has no text of an answer.
    Fails(Box<Text>),
}

impl EvaluationStop {
    /// Returns the stop of two values of which either could decide. A missing answer could decide, too, so it counts
    /// before a failure.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unanswered, _) | (_, Self::Unanswered) => Self::Unanswered,
            (stop, _) => stop,
        }
    }
}

pub(super) type EvaluationOutcome<T> = Result<T, EvaluationStop>;

pub(super) fn fails<T>(reason: Text) -> EvaluationOutcome<T> {
    Err(EvaluationStop::Fails(Box::new(reason)))
}

/// Stops an evaluation that cannot go on with these values. If one of them is null or not known for sure, an
/// answer is missing, and the author made no mistake.
pub(super) fn unfit<T>(given: &[&ExpressionValue<'_>], reason: impl FnOnce() -> Text) -> EvaluationOutcome<T> {
    if given.iter().any(|value| matches!(value, ExpressionValue::Null | ExpressionValue::Between(..))) {
        return Err(EvaluationStop::Unanswered);
    }
    fails(reason())
}
