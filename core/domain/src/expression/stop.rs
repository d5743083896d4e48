//! The end of an evaluation without a value.

/// The reason why an evaluation stopped without a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    OverBudget,
    /// A missing answer in a row.
    Unanswered,
    Fails(String),
}

pub(super) type Outcome<T> = Result<T, Stop>;

pub(super) fn fails<T>(reason: impl Into<String>) -> Outcome<T> {
    Err(Stop::Fails(reason.into()))
}
