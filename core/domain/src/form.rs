//! The questions of a form: sections, which become pages, and their fields.

pub mod account;
mod answer;
mod day_trial;
pub mod finding;
pub mod judge;
pub mod kinds;
pub mod load;
mod order;
pub mod proposal;
pub mod reach;
pub mod reuse;
mod row_trial;
mod rows;
pub(crate) mod schema;
mod scope;
mod settle;
pub mod taken;
#[cfg(test)]
mod testing;
pub mod together;
mod trial;
pub mod types;

pub use kinds::{ADDRESS_REGISTRIES, FieldKind, MapShape};
pub use order::rings;
pub use rows::AnswerRows;

use crate::expression::{Condition, Expression, WorkBudget};
use crate::form::kinds::AnswerType;
use crate::legal::LegalReference;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// A form: its sections in the order in which they are filled in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Form {
    pub sections: Vec<Section>,
    /// Rules over several answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<FormCheck>,
}

/// One page of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub id: String,
    pub title: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    pub fields: Vec<Field>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// A CEL identifier, unique within the form (or within its group).
    pub id: String,
    pub label: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    pub required: Condition,
    pub shown: Condition,
    /// The value before anybody types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expression>,
    /// A new draft begins with the fact of the applicant's account for which the question asks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_account: bool,
    /// The least value, if it depends on other answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Expression>,
    /// The greatest value, if it depends on other answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Expression>,
    /// The legal basis of asking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<LegalReference>,
    pub kind: FieldKind,
}

/// A rule over the answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormCheck {
    /// The condition that must be true. The rule is skipped while one of its answers is missing.
    pub holds: Expression,
    /// The message for a broken rule.
    pub text: Text,
    /// The field at which the message stands. `None` means the form as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The legal basis of the rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<LegalReference>,
}

/// One answer of a closed question, or one row of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChoice {
    pub value: String,
    pub label: Text,
}

impl Field {
    /// Returns a question that is always shown and required.
    pub fn new(id: &str, label: Text, kind: FieldKind) -> Self {
        Self {
            id: id.to_owned(),
            label,
            help: None,
            required: Condition::Fixed(true),
            shown: Condition::Fixed(true),
            default: None,
            from_account: false,
            at_least: None,
            at_most: None,
            basis: Vec::new(),
            kind,
        }
    }

    /// Returns the expressions of the field, without those of its parts.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let written = [&self.default, &self.at_least, &self.at_most].into_iter().flatten().chain(self.kind.formula());
        let conditions = [&self.required, &self.shown].into_iter().filter_map(|condition| match condition {
            Condition::When(expression) => Some(expression),
            Condition::Fixed(_) => None,
        });
        written.chain(conditions)
    }

    /// Adds the answers that judging the field reads, beside the answer to the field itself.
    pub(crate) fn reads<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        names.extend(self.expressions().flat_map(Expression::names).map(String::as_str));
        names.extend(self.kind.names_beside());
        self.read_around(names, Self::reads);
    }

    /// Adds the answers on which the answer to the field rests. Of the other answers that the field reads, only its
    /// findings rest.
    pub(crate) fn rests_on<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        let written = [self.shown.expression(), self.default.as_ref(), self.kind.formula()];
        names.extend(written.into_iter().flatten().flat_map(Expression::names).map(String::as_str));
        names.extend(self.kind.under());
        self.read_around(names, Self::rests_on);
    }

    /// Adds the answers that the parts of the field read. Parts read one another before the answers around them.
    fn read_around<'a>(&'a self, names: &mut BTreeSet<&'a str>, read: fn(&'a Self, &mut BTreeSet<&'a str>)) {
        let parts = self.kind.parts();
        let mut inner = BTreeSet::new();
        for part in parts {
            read(part, &mut inner);
        }
        names.extend(inner.into_iter().filter(|name| parts.iter().all(|part| part.id != *name)));
    }
}

/// Returns the context of the expressions of `fields`, which are one row of a group or one block. The row's own answers
/// come before those around it. The context contains only named answers, because a group may have many rows, and only
/// as long as the judgement has a budget.
pub fn row_context(
    fields: &[Field],
    around: &Map<String, Json>,
    row: &Map<String, Json>,
    work: &WorkBudget,
) -> Map<String, Json> {
    let named = named_around(fields);
    let outer = around.iter().filter(|(id, _)| named.contains(id.as_str()));
    let outer = outer.filter(|(id, value)| work.take(weight(value), || (*id).clone()));
    outer.chain(row).map(|(id, value)| (id.clone(), value.clone())).collect()
}

/// Returns the steps of copying an answer: one for each value in it, and for each 256 bytes of text.
pub(crate) fn weight(answer: &Json) -> usize {
    1 + match answer {
        Json::String(text) => text.len() / 256,
        Json::Array(items) => items.iter().map(weight).sum(),
        Json::Object(parts) => parts.values().map(weight).sum(),
        _ => 0,
    }
}

/// Returns the answers that the expressions of `fields` name, without those of `fields` themselves.
pub(crate) fn named_around(fields: &[Field]) -> BTreeSet<&str> {
    let mut named: BTreeSet<&str> =
        fields.iter().flat_map(Field::expressions).flat_map(Expression::names).map(String::as_str).collect();
    for field in fields {
        named.remove(field.id.as_str());
    }
    named
}

impl Form {
    /// Returns all top-level fields with their sections.
    pub fn fields(&self) -> impl Iterator<Item = (&Section, &Field)> {
        self.sections.iter().flat_map(|section| section.fields.iter().map(move |field| (section, field)))
    }

    /// Returns the name of a question beside others: the label, after the section if another question has the same label.
    pub fn name_of(&self, section: &Section, field: &Field) -> Text {
        let is_alike = |(_, other): (&Section, &Field)| other.id != field.id && other.label.vi == field.label.vi;
        if !self.fields().any(is_alike) {
            return field.label.clone();
        }
        let ((title_vi, title_en), (vi, en)) = (section.title.both(), field.label.both());
        Text::new(format!("{title_vi}: {vi}"), format!("{title_en}: {en}"))
    }

    /// Returns whether a path leads to an entry of a registry that is asked once, such as `commune` or
    /// `residence.commune`.
    pub fn asks_entry(&self, path: &str) -> bool {
        let mut parts = path.split('.');
        let first = parts.next().unwrap_or_default();
        let mut field = self.fields().map(|(_, field)| field).find(|field| field.id == first);
        for part in parts {
            let outer = field.filter(|outer| outer.kind.rows().is_none());
            field = outer.and_then(|outer| outer.kind.parts().iter().find(|inner| inner.id == part));
        }
        let AnswerType::Parts(parts) = field.map_or(AnswerType::Any, |field| field.kind.answer_type()) else {
            return false;
        };
        parts.iter().any(|(name, _)| *name == "code")
    }
}
