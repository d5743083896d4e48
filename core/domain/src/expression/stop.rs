//! The end of an evaluation without a value.

/// The reason why an evaluation stopped without a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EvaluationStop {
    OverBudget,
    /// A missing answer in a row.
    Unanswered,
    Fails(String),
}

pub(super) type EvaluationOutcome<T> = Result<T, EvaluationStop>;

pub(super) fn fails<T>(reason: impl Into<String>) -> EvaluationOutcome<T> {
    Err(EvaluationStop::Fails(reason.into()))
}
