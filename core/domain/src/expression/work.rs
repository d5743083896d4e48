//! The budget that all evaluations of a judgement share.
//!
//! Each evaluation has a budget of its own. A form asks many questions in many rows, and a changed answer causes others
//! to be judged again. So the evaluations of one judgement share a budget, too.

use crate::text::Text;
use crate::time::calendar::local;
use crate::{displayed_in_english, text};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, OnceCell, RefCell};

/// The most steps of all evaluations of one judgement. Judging a question takes [`QUESTION_STEPS`].
pub const MOST_WORK: usize = 10_000_000;

/// The most bytes of texts that one judgement may compute.
const MOST_TEXT: usize = 16 << 20;

/// The steps of judging one question, which takes about the time of so many nodes of an expression.
pub const QUESTION_STEPS: usize = 10;

/// A judgement could not be completed because of its rules. It is a fault of their author, never of the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleFault {
    Overrun {
        /// The expression, or the place of the question, for which no budget was left.
        at: String,
    },
    Broken {
        /// The expression.
        rule: String,
        /// The reason in English.
        reason: String,
        /// The reason in Vietnamese, which the journal of earlier versions does not have.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason_vi: Option<String>,
    },
}

impl RuleFault {
    /// Returns the fault of a rule that could not be evaluated.
    pub(crate) fn broken(rule: &str, reason: &Text) -> Self {
        let (vi, en) = reason.both();
        Self::Broken { rule: rule.to_owned(), reason: en.to_owned(), reason_vi: Some(vi.to_owned()) }
    }

    /// Returns the fault in words.
    pub fn text(&self) -> Text {
        match self {
            Self::Overrun { at } => text!(
                "việc xét biểu mẫu dừng ở `{at}`, vì các điều kiện mất hơn {MOST_WORK} bước tính, hoặc tạo ra nhiều chữ \
                 hơn mức cho phép; hãy cho ít dòng hơn, hoặc để điều kiện duyệt ít danh sách hơn",
                "judging a form ended at `{at}`, because its conditions take more than {MOST_WORK} steps, or compute more \
                 text than is allowed; allow fewer rows, or let conditions go through fewer lists"
            ),
            Self::Broken { rule, reason, reason_vi } => {
                let vi = reason_vi.as_ref().unwrap_or(reason);
                text!(
                    "không tính được `{rule}` với một số câu trả lời: {vi}; hãy sửa quy tắc rồi công bố lại thủ tục",
                    "`{rule}` could not be evaluated for some answers: {reason}; correct the rule, and publish the \
                     procedure again"
                )
            }
        }
    }

    /// Returns the expression at fault, or the place of the question at which the budget ended.
    pub fn place(&self) -> &str {
        match self {
            Self::Overrun { at } => at,
            Self::Broken { rule, .. } => rule,
        }
    }
}

displayed_in_english!(RuleFault);

/// The budget that the evaluations of one judgement share, and the day of the judgement.
#[derive(Debug)]
pub struct WorkBudget {
    today: Option<Date>,
    steps: Cell<usize>,
    text: Cell<usize>,
    overrun: OnceCell<String>,
    /// The first rule that failed.
    broken: RefCell<Option<RuleFault>>,
}

impl WorkBudget {
    /// Returns the budget of a judgement at a moment. `today` is the day of this moment in Vietnam.
    pub fn at(now: Timestamp) -> Self {
        Self::on(local(now).date())
    }

    /// Returns the budget of a judgement on a day, which `today` names.
    pub const fn on(day: Date) -> Self {
        let mut budget = Self::undated();
        budget.today = Some(day);
        budget
    }

    /// Returns the budget of a judgement without a day. `today` is missing, so this is for trials alone.
    pub(crate) const fn undated() -> Self {
        let (steps, text) = (Cell::new(MOST_WORK), Cell::new(MOST_TEXT));
        Self { today: None, steps, text, overrun: OnceCell::new(), broken: RefCell::new(None) }
    }

    /// Returns the day of the judgement.
    pub(crate) const fn today(&self) -> Option<Date> {
        self.today
    }

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
        self.overrun.get_or_init(at);
    }

    /// Returns whether the budget has ended.
    pub fn is_over(&self) -> bool {
        self.overrun.get().is_some()
    }

    /// Stores a rule that could not be evaluated. The first rule counts.
    pub(crate) fn keep_broken(&self, fault: Option<RuleFault>) {
        let first = self.broken.take();
        *self.broken.borrow_mut() = first.or(fault);
    }

    /// Takes the rule that could not be evaluated, if there is one.
    pub(crate) fn take_broken(&self) -> Option<RuleFault> {
        self.broken.take()
    }

    /// Returns the fault of the rules, if they have one.
    pub fn into_fault(self) -> Option<RuleFault> {
        let overrun = self.overrun.into_inner().map(|at| RuleFault::Overrun { at });
        overrun.or_else(|| self.broken.into_inner())
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
        let work = WorkBudget::undated();
        let mut held = 0;
        while heavy.holds_within(&values, &work) == Ok(true) {
            held += 1;
            assert!(held < 1_000, "the budget ends");
        }
        assert!(held >= 10, "one evaluation is far from the budget: {held}");
        assert!(work.is_over());
        assert_eq!(work.left(), 0);
        assert!(matches!(heavy.holds_within(&values, &work), Err(CannotEvaluate::OverBudget { .. })));
        assert_eq!(work.into_fault(), Some(RuleFault::Overrun { at: heavy.source().to_owned() }));
        assert_eq!(heavy.holds(&values), Ok(true), "another judgement has a budget of its own");
    }
}
