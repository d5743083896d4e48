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
    /// The condition that must be true, in CEL. It is skipped while an answer is missing.
    holds: String,
    /// The message for a broken rule.
    text: Words,
    /// The field at which the message stands.
    field: Option<String>,
}

/// A question.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The id of small letters, digits and `_`. Conditions use it as the name of the answer.
    id: String,
    label: Words,
    /// A help in limited Markdown: paragraphs, lists, emphasis, links.
    help: Option<Words>,
    kind: Kind,
    /// The condition for requiring an answer. The default is `true`.
    required: Option<When>,
    /// The condition for showing the field. The default is `true`. Hidden fields are neither checked nor stored.
    shown: Option<When>,
    /// The value before anybody types.
    default: Option<Proposal>,
    /// The least value. For a group, the fewest rows.
    min: Option<Bound>,
    /// The greatest value. For a text, the most characters. For a group, the most rows.
    max: Option<Bound>,
    /// The digits after the decimal sign, for a decimal number.
    #[schemars(range(min = 0, max = 9))]
    places: Option<u32>,
    unit: Option<Words>,
    /// The date must not be in the future.
    past: Option<bool>,
    /// The required part of a date, or of a person's birth date. The default is `day`. With `month` or `year` the
    /// answer is the known parts of `{ year, month, day }`.
    precision: Option<Precision>,
    /// A telephone field also accepts numbers of the fixed network.
    landline: Option<bool>,
    /// A telephone field also accepts numbers of other countries.
    foreign: Option<bool>,
    /// The field of the birth date with which a citizen number must agree.
    birth: Option<String>,
    /// The field of the sex with which a citizen number must agree, or `male` or `female`.
    sex: Option<String>,
    /// The source of a computed value: `plugin`, if a plugin computes it.
    from: Option<Computer>,
    /// The expression of a computed value, in CEL.
    value: Option<String>,
    /// The choices of `one-of` and `several-of`.
    choices: Option<Vec<Choice>>,
    /// The rows of a table.
    rows: Option<Vec<Choice>>,
    /// A file in `registries`, without `.csv`.
    registry: Option<String>,
    /// The field whose entry is the parent: the province of a commune.
    under: Option<String>,
    /// The shape of a place on a map.
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
