//! The steps to which a dossier with known answers comes.
//!
//! An action leads on only if its condition holds. From the last change of its answers on, a dossier has taken only
//! actions whose conditions hold for them. So the search begins where the answers may change, and follows such actions.

use super::{StateEdge, StateGraph};
use crate::expression::Expression;
use crate::names::StepId;
use crate::workflow::net::StepIndex;
use crate::workflow::{Branch, Effect, Workflow};
use std::collections::BTreeSet;

/// All ways of dossiers through a workflow.
pub struct WorkflowWays<'a> {
    states: StateGraph<'a>,
}

/// The answers of a dossier on its way.
pub struct SteeringAnswers<'a> {
    /// The steps at which one of the answers may change.
    pub changed_at: &'a [&'a StepId],
    /// A new dossier may have the answers already.
    pub from_beginning: bool,
    /// Whether a condition holds for the answers. `None` means that it may hold or not.
    pub holds: &'a dyn Fn(&Expression) -> Option<bool>,
}

impl Workflow {
    /// Returns all ways through the workflow. Returns `None` if there are too many.
    pub fn all_ways(&self) -> Option<WorkflowWays<'_>> {
        let states = StateGraph::explore(self);
        (!states.too_large && states.crowded.is_none()).then_some(WorkflowWays { states })
    }
}

impl WorkflowWays<'_> {
    /// Returns whether a dossier with these answers may be at a step.
    pub fn lead_to(&self, step: &StepId, answers: &SteeringAnswers<'_>) -> bool {
        let states = &self.states;
        let Some(wanted) = self.index(step) else { return true };
        let changed_at: Vec<StepIndex> = answers.changed_at.iter().filter_map(|id| self.index(id)).collect();
        let begins = |state: &usize| {
            (answers.from_beginning && *state == StateGraph::BEGINNING)
                || changed_at.iter().any(|step| self.is_open(*state, *step))
        };
        let mut found: BTreeSet<usize> = (StateGraph::BEGINNING..states.all.len()).filter(begins).collect();
        let mut open: Vec<usize> = found.iter().copied().collect();
        while let Some(at) = open.pop() {
            if self.is_open(at, wanted) {
                return true;
            }
            let next = self.edges_from(at).filter(|edge| self.is_taken(edge, answers)).map(|edge| edge.to);
            open.extend(next.filter(|to| found.insert(*to)));
        }
        false
    }

    fn index(&self, step: &StepId) -> Option<StepIndex> {
        self.states.net.workflow.index(step)
    }

    fn is_open(&self, state: usize, step: StepIndex) -> bool {
        self.states.all.get(state).is_some_and(|state| state.open.iter().any(|token| token.step == step))
    }

    /// Returns the edges that lead on from a state. The states were followed in their order.
    fn edges_from(&self, state: usize) -> impl Iterator<Item = &StateEdge> {
        let first = self.states.edges.partition_point(|edge| edge.from < state);
        self.states.edges.iter().skip(first).take_while(move |edge| edge.from == state)
    }

    /// Returns whether a dossier with these answers may take the action of an edge, with the branches that it takes.
    fn is_taken(&self, edge: &StateEdge, answers: &SteeringAnswers<'_>) -> bool {
        let (step, action) = edge.by;
        let action = self.states.net.workflow.steps.get(step).and_then(|step| step.actions.get(action));
        let Some(action) = action else { return true };
        if action.when.as_ref().and_then(answers.holds) == Some(false) {
            return false;
        }
        let Effect::Split { to: branches } = &action.effect else { return true };
        let Some(way) = self.states.choices.get(&edge.by).and_then(|ways| ways.get(edge.way)) else { return true };
        let is_open = |branch: &Branch| branch.when.as_ref().map_or(Some(true), answers.holds);
        branches.iter().all(|branch| {
            let takes = self.index(&branch.to).is_some_and(|to| way.contains(&to));
            let may_take = branches.iter().any(|other| other.to == branch.to && is_open(other) != Some(false));
            if takes { may_take } else { is_open(branch) != Some(true) }
        })
    }
}
