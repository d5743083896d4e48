//! The questions before the form. An answer to a question that the form asks, too, goes on into the form.

use crate::expression::{RuleFault, WorkBudget};
use crate::form::finding::Finding;
use crate::form::judge::{JudgeFacts, Judged, judge_fields, kept};
use crate::form::{Field, Form, FormCheck};
use crate::procedure::{Eligibility, Procedure};
use crate::registry::Registries;
use crate::text::Text;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// The outcome of the answers before the form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EligibilityOutcome {
    pub values: Map<String, Json>,
    /// The missing and wrong answers.
    pub findings: Vec<Finding>,
    /// The conditions that are not met.
    pub unmet: Vec<Text>,
    /// The fault of a rule that could not be evaluated.
    pub fault: Option<RuleFault>,
}

impl EligibilityOutcome {
    /// Returns whether nobody knows if the conditions are met. One condition that is not met decides, whatever the
    /// others are.
    pub const fn is_undecided(&self) -> bool {
        self.fault.is_some() && self.unmet.is_empty()
    }

    /// Returns whether all questions are answered and all conditions met.
    pub const fn is_eligible(&self) -> bool {
        self.fault.is_none() && self.findings.is_empty() && self.unmet.is_empty()
    }
}

impl Eligibility {
    /// Judges the answers before the form.
    pub fn judge(&self, typed: &Map<String, Json>, now: Timestamp, registries: &Registries) -> EligibilityOutcome {
        let fields: Vec<&Field> = self.fields.iter().collect();
        let given = JudgeFacts { now, registries, files: &[], computed: None };
        let Judged { values, mut findings, fault } = judge_fields(&fields, typed, given);
        let work = WorkBudget::at(now);
        let unmet = self.conditions.iter().filter(|condition| !kept(&condition.holds, &values, &work));
        let mut unmet: Vec<Text> = unmet.map(|condition| condition.text.clone()).collect();
        if fault.is_some() {
            // Answers that were judged in half may blame the visitor for the other half.
            findings.clear();
            unmet.clear();
        }
        EligibilityOutcome { values, findings, unmet, fault: fault.or_else(|| work.into_fault()) }
    }

    /// Returns the conditions as rules of a form, as far as the form has all answers that they read. An applicant may
    /// change an answer in the form, so the form keeps the conditions, too.
    pub fn rules_of_form(&self, form: &Form) -> Vec<FormCheck> {
        let asks = |id: &String| form.fields().any(|(_, field)| field.id == *id);
        let is_about_form = |condition: &&FormCheck| condition.holds.names().iter().all(asks);
        let rule = |condition: &FormCheck| {
            let field = condition.field.clone().or_else(|| condition.holds.names().first().cloned());
            FormCheck { field, ..condition.clone() }
        };
        self.conditions.iter().filter(is_about_form).map(rule).collect()
    }
}

impl Procedure {
    /// Returns whether a question of the form is asked before the form, too.
    pub fn is_asked_before(&self, id: &str) -> bool {
        self.eligibility.as_ref().is_some_and(|asked| asked.fields.iter().any(|field| field.id == id))
    }

    /// Returns the questions before the form that the form asks, too.
    pub fn asked_twice(&self) -> impl Iterator<Item = &Field> {
        let before = self.eligibility.iter().flat_map(|asked| &asked.fields);
        before.filter(|field| self.form.fields().any(|(_, other)| other.id == field.id))
    }
}
