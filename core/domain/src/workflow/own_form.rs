//! The questions of a step to the person who takes it, and the actions that the answers open.

use crate::expression::Expression;
use crate::form::Field;
use crate::form::finding::Finding;
use crate::text::{Language, Text};
use crate::workflow::{Action, Effect, Step};
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
