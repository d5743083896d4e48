//! The questions of a step to the person who takes it, and the actions that the answers open.

use crate::expression::Expression;
use crate::form::Field;
use crate::form::finding::Finding;
use crate::text::{Language, Text};
use crate::workflow::{Action, Effect, Requirement, Step, Workflow};
use std::collections::BTreeSet;

impl Step {
    /// Returns whether the person fills in the step's form with the action. A person who asks the applicant fills in
    /// nothing. One who refuses, or who only changes an appointment on the spot, does so only if the answers open the
    /// action.
    pub fn asks_form(&self, action: &Action) -> bool {
        let asks = match &action.effect {
            Effect::RequestSupplement => false,
            Effect::Decline | Effect::Refuse => self.is_read_by(action),
            Effect::Advance { .. } if self.only_changes_visit(action) => self.is_read_by(action),
            Effect::Advance { .. }
            | Effect::Split { .. }
            | Effect::RequestPayment { .. }
            | Effect::Answer
            | Effect::Finish
            | Effect::HandOver => true,
        };
        asks && action.is_for_people() && !self.form.is_empty()
    }

    /// Returns whether the action concludes nothing: it calls the visit on the spot off, or makes or moves one and leads
    /// back to the step.
    pub fn only_changes_visit(&self, action: &Action) -> bool {
        let Some(rule) = &action.visit else { return false };
        rule.calls_off || action.effect.targets().all(|to| *to == self.id)
    }

    /// Returns whether the answers to the step's form open the action or close it.
    pub fn is_opened_by_form(&self, action: &Action) -> bool {
        self.is_read_by(action) && self.asks_form(action)
    }

    /// Returns whether the condition of an action reads an answer to the step's form.
    fn is_read_by(&self, action: &Action) -> bool {
        let reads = |field: &Field| action.when.as_ref().is_some_and(|when| when.names().contains(&field.id));
        self.form.iter().any(reads)
    }

    /// Returns the questions of the step that the condition of an action reads, also through computed values. Helpers
    /// are left out, because people do not see them.
    pub fn read_by(&self, action: &Action) -> Vec<&Field> {
        let mut named: BTreeSet<&String> = action.when.iter().flat_map(Expression::names).collect();
        // Each round but the last adds a name.
        loop {
            let read = self.form.iter().filter(|field| named.contains(&field.id));
            let inner: Vec<&String> =
                read.filter_map(|field| field.kind.formula()).flat_map(Expression::names).collect();
            let before = named.len();
            named.extend(inner);
            if named.len() == before {
                break;
            }
        }
        self.form.iter().filter(|field| named.contains(&field.id) && !field.kind.is_helper()).collect()
    }

    /// Returns a finding at each question of the step whose answer closes the action.
    pub fn closed_by_form(&self, action: &Action) -> Vec<Finding> {
        let (vi, en) = (&action.name.vi, action.name.get(Language::En));
        let text = Text::new(
            format!("Theo nội dung ở đây thì không thực hiện được “{vi}”."),
            format!("What is filled in here closes “{en}”."),
        );
        let read = self.read_by(action).into_iter();
        read.map(|field| Finding::error(field.id.as_str(), "closes-action", text.clone())).collect()
    }
}

impl Workflow {
    /// Returns whether a person takes the action with no input but a note, so that one note can do for many dossiers. An
    /// action that writes to the applicant needs words of its own for each dossier.
    pub fn needs_only_a_note(&self, step: &Step, action: &Action) -> bool {
        let asks = |requirement: &Requirement| match requirement {
            Requirement::Assignee | Requirement::ResultFile => true,
            Requirement::Note | Requirement::FeePaid | Requirement::Plugin => false,
        };
        let chooses_units = || {
            let mut to = action.effect.targets().filter_map(|to| self.step(to)).filter_map(|to| to.many.as_ref());
            to.any(|many| many.chosen)
        };
        action.is_for_people()
            && !action.effect.needs_note()
            && !action.requires.iter().any(asks)
            && action.visit.is_none()
            && !step.asks_form(action)
            && !chooses_units()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::organisation::Role;
    use crate::workflow::{Many, NationalStatus};

    fn step(id: &str, actions: Vec<Action>) -> Step {
        Step { actions, ..Step::new(id, Text::vi(id), Role::Specialist, NationalStatus::Processing) }
    }

    fn action(id: &str, effect: Effect, requires: &[Requirement]) -> Action {
        Action { requires: requires.to_vec(), ..Action::new(id, Text::vi(id), effect) }
    }

    #[test]
    fn an_action_is_for_many_dossiers_if_a_note_is_all_that_it_needs() {
        let to = |id: &str| Effect::Advance { to: id.into() };
        let actions = vec![
            action("accept", to("b"), &[Requirement::Note, Requirement::FeePaid]),
            action("return", Effect::HandOver, &[]),
            action("give", to("b"), &[Requirement::Assignee]),
            action("issue", Effect::HandOver, &[Requirement::ResultFile]),
            action("ask", Effect::RequestSupplement, &[]),
            action("refuse", Effect::Refuse, &[]),
            action("consult", to("c"), &[]),
        ];
        let many = Many { places: Vec::new(), chosen: true, enough: None, then: "b".into(), listed: true };
        let asked = Step { many: Some(many), ..step("c", Vec::new()) };
        let steps = vec![step("a", actions), step("b", Vec::new()), asked];
        let workflow = Workflow::new("thu", steps, Vec::new());
        let begin = &workflow.steps[0];
        let fit = begin.actions.iter().filter(|action| workflow.needs_only_a_note(begin, action));
        assert_eq!(fit.map(|action| action.id.as_str()).collect::<Vec<_>>(), ["accept", "return"]);
    }
}
