//! The budget of one evaluation: steps, and memory for texts and lists. A budget bounds the depth, too: an expression
//! is bounded in depth when it is read, and building a deeper value takes memory.

use super::stop::{EvaluationOutcome, EvaluationStop};

/// The most steps of one evaluation. A step is a node of the expression, an item of a list that is compared or copied,
/// or 256 bytes of a text.
pub const MOST_STEPS: usize = 200_000;

/// The most bytes of texts and lists that one evaluation may build.
const MOST_BYTES: usize = 1 << 20;

/// The bytes of a text that are read in one step.
const BYTES_A_STEP: usize = 256;

/// Returns the steps of reading so many bytes of a text.
pub(super) const fn reading(bytes: usize) -> usize {
    bytes / BYTES_A_STEP
}

/// The budget of an evaluation that is under way.
pub(super) struct EvaluationMeter {
    given: usize,
    steps: usize,
    bytes: usize,
}

impl EvaluationMeter {
    /// Returns the budget within the steps that the judgement has left.
    pub const fn new(left: usize) -> Self {
        let given = if left < MOST_STEPS { left } else { MOST_STEPS };
        Self { given, steps: given, bytes: MOST_BYTES }
    }

    /// Returns how many steps were taken.
    pub const fn spent(&self) -> usize {
        self.given - self.steps
    }

    /// Takes steps from the budget.
    pub fn spend(&mut self, steps: usize) -> EvaluationOutcome<()> {
        self.steps = self.steps.checked_sub(steps).ok_or(EvaluationStop::OverBudget)?;
        Ok(())
    }

    /// Takes from the budget the memory that is about to be filled, and the work to fill it.
    pub fn build(&mut self, items: usize, bytes: usize) -> EvaluationOutcome<()> {
        self.spend(items.saturating_add(reading(bytes)))?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(EvaluationStop::OverBudget)?;
        Ok(())
    }

    /// Takes the memory and the work of a list with so many items.
    pub fn build_list<T>(&mut self, items: usize) -> EvaluationOutcome<()> {
        self.build(items, items.saturating_mul(size_of::<T>()))
    }
}
