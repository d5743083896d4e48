//! The conditions of earlier actions, which tell the answers with which a dossier comes to a step.

use motcua_domain::expression::Expression;
use motcua_domain::form::Form;
use motcua_domain::form::reach::{holds, is_plain};
use motcua_domain::form::types::ExpressionScope;
use motcua_domain::names::StepId;
use motcua_domain::workflow::soundness::known_answers::SteeringAnswers;
use motcua_domain::workflow::{Action, Effect, Step, Workflow};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// The ways on which a dossier comes to a step.
#[derive(Clone, Copy)]
pub struct WaysHere<'a> {
    pub workflow: &'a Workflow,
    pub step: &'a Step,
    pub form: &'a Form,
    pub scope: ExpressionScope<'a>,
}

impl<'a> WaysHere<'a> {
    /// Returns the conditions of other steps that tell something about the answers that an expression reads. What the
    /// step asks itself is answered there.
    pub fn telling(&self, any: &Expression) -> Vec<&'a Expression> {
        let is_single = |name: &String| {
            let is_list = self.scope.asked.iter().any(|(field, _)| field.id == *name);
            let is_asked_here = self.step.form.iter().any(|field| field.id == *name);
            let is_known = self.scope.find(name).is_some_and(|field| field.kind.rows().is_none());
            is_known && !is_list && !is_asked_here
        };
        let tells = |when: &&Expression| {
            let is_about = when.names().iter().any(|name| any.names().contains(name));
            is_about && when.names().iter().all(is_single) && is_plain(when)
        };
        let others = self.workflow.steps.iter().filter(|other| other.id != self.step.id);
        others.flat_map(|other| &other.actions).flat_map(Action::expressions).filter(tells).collect()
    }

    /// Returns whether a dossier may come to the step with answers by path, as far as these conditions tell.
    pub fn possible(&self, telling: &[&Expression]) -> impl FnMut(&Map<String, Json>) -> bool {
        let (ways, step) = (self.workflow.all_ways(), self.step);
        let names: BTreeSet<String> = telling.iter().flat_map(|when| when.names()).cloned().collect();
        let of_form = |name: &String| self.form.fields().any(|(_, field)| field.id == *name);
        let (given, filled_in): (BTreeSet<String>, BTreeSet<String>) = names.into_iter().partition(of_form);
        // Applicants change their answers with a supplement, and officers theirs with the form of a step.
        let changes = |other: &&Step| {
            let asks = other.actions.iter().any(|action| action.effect == Effect::RequestSupplement);
            (asks && !given.is_empty()) || other.form.iter().any(|field| filled_in.contains(&field.id))
        };
        let changed_at: Vec<&StepId> = self.workflow.steps.iter().filter(changes).map(|other| &other.id).collect();
        let mut known: BTreeMap<(Vec<bool>, bool), bool> = BTreeMap::new();
        move |values| {
            let Some(ways) = &ways else { return true };
            let held: Vec<bool> = telling.iter().map(|when| holds(when, values)).collect();
            let is_filled_in = |path: &str| filled_in.contains(path.split('.').next().unwrap_or_default());
            let from_beginning = values.iter().all(|(path, value)| value.is_null() || !is_filled_in(path));
            let held_of = |when: &Expression| {
                let at = telling.iter().position(|one| std::ptr::eq(*one, when))?;
                held.get(at).copied()
            };
            *known.entry((held.clone(), from_beginning)).or_insert_with(|| {
                let answers = SteeringAnswers { changed_at: &changed_at, from_beginning, holds: &held_of };
                ways.lead_to(&step.id, &answers)
            })
        }
    }
}
