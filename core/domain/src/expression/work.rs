//! The budget that all evaluations of a judgement share.
//!
//! Each evaluation has a budget of its own. A form asks many questions in many rows, and a changed answer causes others
//! to be judged again. So the evaluations of one judgement share a budget, too.

use std::cell::{Cell, OnceCell};

/// The most steps of all evaluations of one judgement. Judging a question takes [`QUESTION_STEPS`].
pub const MOST_WORK: usize = 10_000_000;

/// The most bytes of texts that one judgement may compute.
const MOST_TEXT: usize = 16 << 20;

/// The steps of judging one question, which takes about the time of so many nodes of an expression.
pub const QUESTION_STEPS: usize = 10;

/// A judgement stopped because its budget ended. It is a fault of the author of the form, never of the applicant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "judging a form ended at `{at}`, because its conditions take more than {most} steps, or compute more text than is \
     allowed; allow fewer rows, or let conditions go through fewer lists",
    most = MOST_WORK
)]
pub struct Overrun {
    /// The expression, or the place of the question, for which no budget was left.
    pub at: String,
}

/// The budget that the evaluations of one judgement share.
#[derive(Debug)]
pub struct WorkBudget {
    steps: Cell<usize>,
    text: Cell<usize>,
    overrun: OnceCell<Overrun>,
}

impl Default for WorkBudget {
    fn default() -> Self {
        Self { steps: Cell::new(MOST_WORK), text: Cell::new(MOST_TEXT), overrun: OnceCell::new() }
    }
}

impl WorkBudget {
    /// Returns how many steps are left. Nothing is left after an overrun.
    pub(crate) fn left(&self) -> usize {
        if self.is_over() { 0 } else { self.steps.get() }
    }

    /// Takes the steps of finished work.
    pub(crate) fn done(&self, steps: usize) {
        self.steps.set(self.steps.get().saturating_sub(steps));
    }

    /// Takes steps before the work, and returns whether the budget had so many. `at` returns the place.
    pub(crate) fn take(&self, steps: usize, at: impl FnOnce() -> String) -> bool {
        let enough = !self.is_over() && steps <= self.steps.get();
        if enough {
            self.done(steps);
        } else {
            self.overrun(at);
        }
        enough
    }

    /// Takes the memory of a computed text, and returns whether the budget had so much.
    pub(crate) fn keep(&self, bytes: usize, at: impl FnOnce() -> String) -> bool {
        let left = self.text.get().checked_sub(bytes);
        match left {
            Some(left) => self.text.set(left),
            None => self.overrun(at),
        }
        left.is_some()
    }

    /// Stores the place where the budget ended. The first place counts.
    pub(crate) fn overrun(&self, at: impl FnOnce() -> String) {
        self.overrun.get_or_init(|| Overrun { at: at() });
    }

    /// Returns whether the budget has ended.
    pub fn is_over(&self) -> bool {
        self.overrun.get().is_some()
    }

    /// Returns the place where the budget ended, if it did.
    pub fn into_overrun(self) -> Option<Overrun> {
        self.overrun.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{CannotEvaluate, Expression};
    use serde_json::{Map, json};

    #[test]
    fn evaluations_share_the_budget_of_their_judgement_and_cost_nothing_once_it_has_ended() {
        let rows: Vec<_> = (0..100).map(|number| json!({ "n": number })).collect();
        let values: Map<_, _> = [("rows".to_owned(), json!(rows))].into_iter().collect();
        let heavy = Expression::parse("rows.all(a, rows.all(b, a.n + b.n >= 0))").expect("it is CEL");
        let work = WorkBudget::default();
        let mut held = 0;
        while heavy.holds_within(&values, &work) == Ok(true) {
            held += 1;
            assert!(held < 1_000, "the budget ends");
        }
        assert!(held >= 10, "one evaluation is far from the budget: {held}");
        assert!(work.is_over());
        assert_eq!(work.left(), 0);
        assert!(matches!(heavy.holds_within(&values, &work), Err(CannotEvaluate::OverBudget { .. })));
        assert_eq!(work.into_overrun(), Some(Overrun { at: heavy.source().to_owned() }));
        assert_eq!(heavy.holds(&values), Ok(true), "another judgement has a budget of its own");
    }
}
