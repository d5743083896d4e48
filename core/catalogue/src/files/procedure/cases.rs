//! Cases of which the first that fits counts.

use crate::reading::node::{ExpressionNames, FileTable};
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::reach::can_hold_after;
use motcua_domain::form::types::ExpressionScope;
use motcua_domain::text;

/// A check that each case gets its turn, given the cases before it.
pub(super) struct CaseTurns<'a> {
    scope: ExpressionScope<'a>,
    /// The condition under which any of the cases counts.
    with: Option<&'a Expression>,
    before: Vec<Expression>,
}

impl<'a> CaseTurns<'a> {
    pub(super) const fn new(scope: ExpressionScope<'a>, with: Option<&'a Expression>) -> Self {
        Self { scope, with, before: Vec::new() }
    }

    /// Reports the next case if the cases before it fit all answers that it fits.
    pub(super) fn check(&mut self, case: &FileTable<'_>, names: ExpressionNames<'_>, when: &Condition) {
        let Some(when) = when.expression() else { return };
        if !names.written.borrow().names_faulty(when) && self.is_covered(when) {
            let message = text!(
                "trường hợp này không bao giờ đến lượt: các trường hợp trước đã bao gồm mọi câu trả lời của nó",
                "this case never gets its turn: the cases before it fit all answers that it fits"
            );
            let help = text!(
                "hãy đặt trường hợp hẹp hơn trước trường hợp rộng hơn, hoặc bỏ trường hợp này",
                "put the narrower case before the wider one, or remove this case"
            );
            case.mistake("never-holds", case.place("when"), message, help);
        }
        self.before.push(when.clone());
    }

    /// Returns whether the cases before fit all answers that a condition fits, as far as trials decide.
    fn is_covered(&self, when: &Expression) -> bool {
        let can_hold = |before: &[&Expression]| can_hold_after(when, before, self.with, self.scope);
        if can_hold(&[]) == Some(false) {
            // The condition itself is reported already.
            return false;
        }
        let all: Vec<&Expression> = self.before.iter().collect();
        let by_one = |before: &&Expression| before.source() == when.source() || can_hold(&[*before]) == Some(false);
        can_hold(&all).map_or_else(|| all.iter().any(by_one), |can_hold| !can_hold)
    }
}
