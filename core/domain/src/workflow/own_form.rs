//! The questions of a step to the person who takes it, and the actions that the answers open.

use crate::expression::Expression;
use crate::form::Field;
use crate::form::finding::Finding;
use crate::text::{Language, Text};
use crate::workflow::{Action, Effect, Step};
use std::collections::BTreeSet;

impl Step {
    /// Returns whether the person fills in the step's form with the action. A person who asks the applicant fills in
    /// nothing. One who refuses does so only if the answers open the action.
    pub fn asks_form(&self, action: &Action) -> bool {
        let asks = match &action.effect {
            Effect::RequestSupplement => false,
            Effect::Decline | Effect::Refuse => !self.read_by(action).is_empty(),
            Effect::Advance { .. }
            | Effect::Split { .. }
            | Effect::RequestPayment { .. }
            | Effect::Answer
            | Effect::Finish
            | Effect::HandOver => true,
        };
        asks && action.is_for_people() && !self.form.is_empty()
    }

    /// Returns whether the answers to the step's form open the action or close it.
    pub fn is_opened_by_form(&self, action: &Action) -> bool {
        self.asks_form(action) && !self.read_by(action).is_empty()
    }

    /// Returns the questions of the step that the condition of an action reads, also through a computed value. Helpers
    /// are left out, because people do not see them.
    pub fn read_by(&self, action: &Action) -> Vec<&Field> {
        let Some(when) = &action.when else { return Vec::new() };
        let named: BTreeSet<&String> = when.names().iter().collect();
        let formulas =
            self.form.iter().filter(|field| named.contains(&field.id)).filter_map(|field| field.kind.formula());
        let inner: BTreeSet<&String> = formulas.flat_map(Expression::names).collect();
        let is_read = |field: &&Field| named.contains(&field.id) || inner.contains(&field.id);
        self.form.iter().filter(is_read).filter(|field| !field.kind.is_helper()).collect()
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
