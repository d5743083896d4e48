//! The form of a procedure, and the fields that officers fill in.

use super::words::{Bound, Computer, Kind, Media, Precision, Proposal, Shape, When, Words};
use schemars::JsonSchema;

/// A page of the form.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Section {
    id: String,
    title: Words,
    help: Option<Words>,
    field: Option<Vec<Field>>,
}

/// A rule over several answers.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Must be true, in CEL. Not looked at while an answer is missing.
    holds: String,
    /// What a person is told if it is not.
    text: Words,
    /// The field at which it is told.
    field: Option<String>,
}

/// A question.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Small letters, digits and `_`; conditions name the answer so.
    id: String,
    label: Words,
    /// In a limited Markdown: paragraphs, lists, emphasis, links.
    help: Option<Words>,
    kind: Kind,
    /// Required unless written otherwise.
    required: Option<When>,
    /// Shown unless written otherwise. What is hidden is neither checked nor kept.
    shown: Option<When>,
    /// What stands there before anything is typed.
    default: Option<Proposal>,
    /// The least value; of a group the fewest rows.
    min: Option<Bound>,
    /// The greatest value; of a text the most characters; of a group the most rows.
    max: Option<Bound>,
    /// Of a decimal number: how many digits after the sign.
    #[schemars(range(min = 0, max = 9))]
    places: Option<u32>,
    unit: Option<Words>,
    /// Of a date: not in the future.
    past: Option<bool>,
    /// Of a date, and of a person's birth date: how much has to be known; `day` unless another is written. With `month`
    /// or `year` the answer is `{ year, month, day }` as far as they are known.
    precision: Option<Precision>,
    /// Of a telephone: numbers of the fixed network are taken too.
    landline: Option<bool>,
    /// Of a telephone: numbers of other countries are taken too.
    foreign: Option<bool>,
    /// Of a citizen number: the field of the birth date, with which it has to agree.
    birth: Option<String>,
    /// Of a citizen number: the field of the sex, with which it has to agree, or `male` or `female`.
    sex: Option<String>,
    /// Of a computed value: `plugin`, if a plugin computes it.
    from: Option<Computer>,
    /// Of a computed value: the expression in CEL.
    value: Option<String>,
    /// Of `one-of` and `several-of`.
    choices: Option<Vec<Choice>>,
    /// Of a table.
    rows: Option<Vec<Choice>>,
    /// A file in `registries`, without `.csv`.
    registry: Option<String>,
    /// The field whose entry is the parent: the province of a commune.
    under: Option<String>,
    /// Of a place on a map.
    shape: Option<Shape>,
    accept: Option<Vec<Media>>,
    #[schemars(range(min = 1, max = 100))]
    max_mb: Option<u32>,
    #[schemars(range(min = 1, max = 50))]
    max_files: Option<u32>,
    /// The questions of a group or a table.
    field: Option<Vec<Field>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    value: String,
    label: Words,
}
