//! The answers that conditions of a workflow read. The answers of units that were asked the same are rows: one row for
//! each unit that has answered.

use crate::form::{Field, FieldChoice, FieldKind, Form, kinds};
use crate::text::Text;
use crate::workflow::{Effect, Step, UnitPlace, Workflow};
use std::collections::BTreeSet;

/// The part of a row with the unit that answered, as `agency/unit`.
pub const UNIT: &str = "unit";

/// The part of a row with the action by which the unit answered.
pub const ACTION: &str = "action";

/// The answers that conditions of a workflow read.
#[derive(Debug)]
pub struct WorkflowAnswers<'a> {
    /// The answers of the form, and those of officers who are asked alone.
    pub single: Vec<&'a Field>,
    /// The questions to several units, each with the most units. Each is a list of answers.
    pub asked: Vec<(&'a Field, usize)>,
    /// The rows of the answers of several units, by step.
    pub rows: Vec<Field>,
}

impl WorkflowAnswers<'_> {
    /// Returns everything that is no list of answers to one question.
    pub fn all(&self) -> Vec<&Field> {
        self.single.iter().copied().chain(&self.rows).collect()
    }
}

impl UnitPlace {
    /// Returns the place as authors write it: `agency/unit`.
    pub fn written(&self) -> String {
        format!("{}/{}", self.agency, self.unit)
    }
}

impl Workflow {
    /// Returns the answers that conditions read in a procedure with this form.
    pub fn answers<'a>(&'a self, form: &'a Form) -> WorkflowAnswers<'a> {
        let mut single: Vec<&Field> = form.fields().map(|(_, field)| field).collect();
        let mut asked = Vec::new();
        for step in &self.steps {
            match step.many.as_ref().filter(|many| many.listed) {
                Some(many) => asked.extend(step.form.iter().map(|field| (field, many.places.len()))),
                None => single.extend(&step.form),
            }
        }
        let rows = self.steps_with_rows(form).into_iter().map(|(step, name)| step.rows(&name, None)).collect();
        WorkflowAnswers { single, asked, rows }
    }

    /// Returns the answers that the conditions of a step read, with as many answers of several units as are known there.
    pub fn answers_at<'a>(&'a self, form: &'a Form, at: &Step) -> WorkflowAnswers<'a> {
        let rows = self.steps_with_rows(form).into_iter().map(|(asking, name)| {
            let count = at.reads(&name).then(|| self.answered_at(asking, at));
            asking.rows(&name, count)
        });
        WorkflowAnswers { rows: rows.collect(), ..self.answers(form) }
    }

    /// Returns the steps whose answers of several units are rows, each with the name of the rows. A name that is also
    /// the id of a field, or that two steps have, names no rows.
    pub fn steps_with_rows(&self, form: &Form) -> Vec<(&Step, String)> {
        let asks = |step: &&Step| step.many.as_ref().is_some_and(|many| many.listed);
        let named: Vec<(&Step, String)> = self.steps.iter().filter(asks).map(|step| (step, step.rows_name())).collect();
        if named.is_empty() {
            return named;
        }
        let of_form = form.fields().map(|(_, field)| field);
        let fields = of_form.chain(self.steps.iter().flat_map(|step| &step.form));
        let ids: BTreeSet<&str> = fields.map(|field| field.id.as_str()).collect();
        let is_free = |name: &String| {
            !ids.contains(name.as_str()) && named.iter().filter(|(_, other)| other == name).count() == 1
        };
        named.iter().filter(|(_, name)| is_free(name)).cloned().collect()
    }
}

impl Step {
    /// Returns the name of the rows with the answers at the step: its id. A step of a joint procedure's part has the id
    /// within the part's own workflow.
    fn rows_name(&self) -> String {
        let own = self.id.as_str().rsplit('.').next().unwrap_or_default();
        own.replace('-', "_")
    }

    /// Returns the rows with the answers at the step as a question, of which conditions know the parts. The least and the
    /// greatest number of rows are known at some steps.
    fn rows(&self, name: &str, count: Option<(usize, usize)>) -> Field {
        let places = self.many.as_ref().map_or(&[][..], |many| many.places.as_slice());
        let choice = |value: String| FieldChoice { label: Text::vi(value.as_str()), value };
        let units: Vec<FieldChoice> = places.iter().map(|place| choice(place.written())).collect();
        let answers = self.actions.iter().filter(|action| action.effect == Effect::Answer);
        let actions: Vec<FieldChoice> = answers.map(|action| choice(action.id.to_string())).collect();
        let part = |id: &str, choices: Vec<FieldChoice>| {
            Field::new(id, Text::vi(id), FieldKind::OneOf(kinds::OneOf { choices }))
        };
        let is_free = |part: &Field| self.form.iter().all(|field| field.id != part.id);
        let parts = [part(UNIT, units), part(ACTION, actions)].into_iter().filter(is_free);
        let fields: Vec<Field> = parts.chain(self.form.iter().cloned()).collect();
        let (min, max) = count.unwrap_or((0, places.len()));
        Field::new(name, self.name.clone(), FieldKind::Group(kinds::Group { min, max, fields }))
    }
}
