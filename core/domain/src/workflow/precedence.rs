//! The order of steps: what officers may have filled in when a step is open.

use crate::expression::Expression;
use crate::names::StepId;
use crate::workflow::{Action, Effect, Step, Workflow};
use std::collections::BTreeSet;

impl Workflow {
    /// Returns whether a step may be open after a dossier has been at another step. Steps of different branches may be
    /// taken in any order.
    pub fn may_follow(&self, step: &StepId, other: &StepId) -> bool {
        let parts = |from: &Step| from.actions.iter().any(|action| matches!(action.effect, Effect::Split { .. }));
        self.steps.iter().any(|from| {
            let reached = self.reached_from(from);
            reached.contains(step) && (from.id == *other || (parts(from) && reached.contains(other)))
        })
    }

    /// Returns the numbers of answers of several units, the least and the most, that are known at a step: all that suffice,
    /// if the dossier surely waited for them.
    pub(super) fn answered_at(&self, asking: &Step, at: &Step) -> (usize, usize) {
        let Some(many) = &asking.many else { return (0, 0) };
        let all = many.places.len();
        if asking.id == at.id {
            return (0, all);
        }
        if !self.may_follow(&at.id, &asking.id) {
            return (0, 0);
        }
        let enough = many.enough.and_then(|enough| usize::try_from(enough).ok());
        let most = enough.map_or(all, |enough| enough.min(all));
        let is_known = enough.is_some() || !many.chosen;
        let ends_otherwise = asking.actions.iter().any(|action| action.effect != Effect::Answer)
            || self.steps.iter().flat_map(|step| &step.actions).any(|action| action.cancels.names(&asking.id));
        let is_waited_for = is_known && !ends_otherwise && !self.begins_without(&at.id, &asking.id);
        (if is_waited_for { most } else { 0 }, most)
    }

    /// Returns the steps to which a step leads, directly or through others.
    fn reached_from<'a>(&'a self, from: &'a Step) -> BTreeSet<&'a StepId> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&StepId> = from.targets().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(self.step(next).into_iter().flat_map(Step::targets));
            }
        }
        reached
    }
}

impl Step {
    /// Returns whether conditions of the step's actions and branches read an answer.
    pub(super) fn reads(&self, name: &str) -> bool {
        self.actions.iter().flat_map(Action::expressions).flat_map(Expression::names).any(|read| read == name)
    }
}
