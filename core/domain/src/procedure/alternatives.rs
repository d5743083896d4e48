//! Rules about several places of a form and its papers, of which at least one, or exactly one, has to be given.

use crate::expression::{Condition, WorkBudget};
use crate::form::Form;
use crate::form::finding::Finding;
use crate::media::AttachedPaper;
use crate::names::PaperId;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The beginning of the place of a paper.
const PAPERS: &str = "papers.";

/// Places of which at least one, or exactly one, has to be given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alternatives {
    /// The places as findings name them: fields of the form, and papers as `papers.<id>`.
    pub of: Vec<String>,
    /// Exactly one has to be given. Otherwise at least one has.
    pub exactly_one: bool,
    /// The condition under which the rule counts.
    pub when: Condition,
    /// The message for a broken rule.
    pub text: Text,
}

/// The content of a form, as it was judged without these rules.
#[derive(Debug, Clone, Copy)]
pub struct JudgedContent<'a> {
    pub values: &'a Map<String, Json>,
    pub papers: &'a [AttachedPaper],
    /// The papers that an officer has seen on paper.
    pub on_paper: &'a [PaperId],
    pub findings: &'a [Finding],
}

impl Alternatives {
    /// Returns a finding at each place that breaks the rule: at all that are open if none is given, and at those that
    /// are given if they are too many. A place with a finding is not judged twice, and a hidden field is no place.
    pub fn findings(&self, form: &Form, content: JudgedContent<'_>, work: &WorkBudget) -> Vec<Finding> {
        let is_wrong = |place: &String| content.findings.iter().any(|finding| is_at(&finding.path, place));
        if self.of.iter().any(is_wrong) || !self.when.holds_within(content.values, work) || work.is_over() {
            return Vec::new();
        }
        // Papers are asked on a page of their own, whatever is answered.
        let is_shown = |place: &str| {
            let field = form.fields().find(|(_, field)| field.id == place);
            field.is_some_and(|(_, field)| field.shown.holds_within(content.values, work))
        };
        let is_open = |place: &&String| place.starts_with(PAPERS) || is_shown(place);
        let open: Vec<&String> = self.of.iter().filter(is_open).collect();
        let given: Vec<&String> = open.iter().copied().filter(|place| content.gives(place)).collect();
        let wrong = if given.is_empty() {
            open
        } else if self.exactly_one && given.len() > 1 {
            given
        } else {
            Vec::new()
        };
        wrong.into_iter().map(|place| Finding::error(place.as_str(), "alternatives", self.text.clone())).collect()
    }
}

impl JudgedContent<'_> {
    /// Returns whether something is given at a place.
    fn gives(&self, place: &str) -> bool {
        match place.strip_prefix(PAPERS) {
            Some(id) => {
                let is_attached = self.papers.iter().any(|file| file.paper.as_str() == id);
                is_attached || self.on_paper.iter().any(|paper| paper.as_str() == id)
            }
            None => self.values.get(place).is_some_and(has_answer),
        }
    }
}

/// Returns whether a finding stands at a place or within it.
fn is_at(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Returns whether a value has an answer anywhere.
fn has_answer(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => items.iter().any(has_answer),
        Json::Object(parts) => parts.values().any(has_answer),
        Json::Bool(_) | Json::Number(_) => true,
    }
}
