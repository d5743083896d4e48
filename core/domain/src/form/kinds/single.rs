//! The rules of a kind whose answer is one value.

use crate::dates::Precision;
use crate::form::FieldChoice;
use crate::form::finding::FindingWords;
use crate::form::kinds::{AccountFact, AnswerType, MapShape};
use crate::registry::Registries;
use crate::text::{Language, Text, clean};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// An input for one question, and the facts with which it is read.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    pub typed: Option<&'a Json>,
    /// The answers beside the question.
    pub context: &'a Map<String, Json>,
    pub now: Timestamp,
    pub registries: &'a Registries,
}

impl Input<'_> {
    /// Reads the input as plain text. An empty input has no value.
    pub(super) fn read_text(
        &self,
        read: impl FnOnce(String) -> Result<Option<Json>, FindingWords>,
    ) -> Result<Option<Json>, FindingWords> {
        let text = plain(self.typed);
        if text.is_empty() { Ok(None) } else { read(text) }
    }
}

/// The form in which a browser posts an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputForm {
    /// One text.
    Text,
    /// A number in the writing of the page's language.
    Number,
    /// One text, or a box for each part of a date.
    Date,
    /// Any number of texts.
    List,
}

/// A kind whose answer is one value that a person types or chooses.
pub trait SingleKind {
    /// Returns the normalised value, or `None` if the input is empty.
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords>;

    /// Returns the JSON Schema of the value.
    fn schema(&self) -> Json;

    /// Returns the type of the value in expressions.
    fn answer_type(&self) -> AnswerType<'_>;

    /// Returns the form in which a browser posts the answer.
    fn input_form(&self) -> InputForm {
        InputForm::Text
    }

    /// Returns the values that make a difference to comparisons with the literals. Returns `None` if trials cannot
    /// decide about this kind.
    fn candidates(&self, _literals: &[Json]) -> Option<Vec<Json>> {
        None
    }

    /// Returns those of some days that can be answers on the day `today`. Returns `None` if the kind asks for no day.
    fn days(&self, _of: &BTreeSet<Date>, _today: Date) -> Option<Vec<Json>> {
        None
    }

    /// Formats a value for readers.
    fn shown(&self, value: &Json, _language: Language) -> String {
        text_of(value)
    }

    /// Formats an outline of the value as points of an SVG polygon, or an empty text.
    fn outline(&self, _value: &Json) -> String {
        String::new()
    }

    /// Returns the unit of the value, or an empty text.
    fn unit(&self, _language: Language) -> &str {
        Default::default()
    }

    /// Returns the earlier input of a box, or a stored value, as a person types it on a page in the language.
    fn retyped(&self, kept: &Json, _language: Language) -> String {
        as_typed(kept)
    }

    /// Returns the problem of a required answer that is missing.
    fn missing(&self, label: &Text) -> FindingWords {
        let (vi, en) = (&label.vi, label.get(Language::En));
        ("required", Text::new(format!("Hãy nhập “{vi}”."), format!("Enter “{en}”.")))
    }

    /// Returns the answers beside the question that the other methods look at.
    fn names_beside(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Returns the contradictions between the value and the answers beside it.
    fn contradictions(&self, _value: &Json, _beside: &Map<String, Json>) -> Vec<FindingWords> {
        Vec::new()
    }

    /// Returns the greatest length of the value, if it is a list.
    fn longest(&self) -> Option<usize> {
        None
    }

    /// Returns the choices of a closed question.
    fn choices(&self) -> &[FieldChoice] {
        &[]
    }

    /// Returns the choices, if the value is exactly one of them.
    fn exclusive_choices(&self) -> Option<&[FieldChoice]> {
        None
    }

    /// Returns the name of the registry among whose entries the value is chosen.
    fn registry(&self) -> Option<&str> {
        None
    }

    /// Returns the field to whose entry the value must belong.
    fn under(&self) -> Option<&str> {
        None
    }

    /// Returns the part of a date that must be known.
    fn precision(&self) -> Precision {
        Precision::Day
    }

    /// Returns the shape of a place that people draw on a map.
    fn shape(&self) -> Option<MapShape> {
        None
    }

    /// Returns the fact of an account that can be the value.
    fn account_fact(&self) -> Option<AccountFact> {
        None
    }

    /// Returns whether the value identifies one person or organisation.
    fn is_identity(&self) -> bool {
        false
    }

    /// Returns whether the value is a day that never lies in the future.
    fn is_past(&self) -> bool {
        false
    }

    /// Returns whether limits that depend on other answers can measure the value.
    fn is_measured(&self) -> bool {
        false
    }

    /// Returns whether no answer can lie between the limits of the kind, because the lower one is above the higher one.
    fn has_crossed_limits(&self) -> bool {
        false
    }

    /// Returns whether the answer describes a case without naming anybody, as a choice, a number and a day do.
    fn describes_case(&self) -> bool {
        false
    }

    /// Returns whether an author or a plugin may propose an answer.
    fn may_be_proposed(&self) -> bool {
        true
    }
}

/// Returns the input as plain text: cleaned and trimmed.
pub fn plain(typed: Option<&Json>) -> String {
    let text = match typed {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        Some(Json::Bool(yes)) => yes.to_string(),
        _ => String::new(),
    };
    clean(&text).trim().to_owned()
}

/// Returns an answer of one line as a person types it. An entry of a registry is typed as its code.
pub(super) fn as_typed(kept: &Json) -> String {
    match kept {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(yes) => yes.to_string(),
        Json::Object(entry) => entry.get("code").map_or_else(String::new, as_typed),
        Json::Null | Json::Array(_) => String::new(),
    }
}

/// Returns the text of a value that is one.
pub(super) fn text_of(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
