//! What a form asks: sections, which become pages, and their fields.

use crate::expression::{Condition, Expression};
use crate::money::Dong;
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// A form: its sections in the order in which they are filled in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Form {
    pub sections: Vec<Section>,
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
    pub kind: Kind,
}

/// What may be answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// One line; at most `max` characters.
    Text {
        max: usize,
    },
    /// Several lines; at most `max` characters.
    LongText {
        max: usize,
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
        unit: Option<Text>,
    },
    /// A number with at most `places` decimals.
    Decimal {
        min: Option<f64>,
        max: Option<f64>,
        places: u32,
        unit: Option<Text>,
    },
    Dong {
        min: Option<Dong>,
        max: Option<Dong>,
    },
    Date {
        past: bool,
    },
    /// A day and a time of it, in Vietnam.
    DateTime {
        past: bool,
    },
    YesNo,
    /// Has to be agreed to.
    Consent,
    /// Words on the page; nothing is answered.
    Explanation,
    /// Follows from other answers.
    Computed {
        value: Expression,
        unit: Option<Text>,
    },
    OneOf {
        choices: Vec<Choice>,
    },
    SeveralOf {
        choices: Vec<Choice>,
    },
    Phone,
    Email,
    CitizenNumber,
    TaxCode,
    /// A repeating group, such as the members of a company.
    Group {
        min: usize,
        max: usize,
        fields: Vec<Field>,
    },
}

/// One answer of a closed question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub value: String,
    pub label: Text,
}

impl Kind {
    /// The word for this kind in `procedure.toml`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::LongText { .. } => "long-text",
            Self::Integer { .. } => "integer",
            Self::Decimal { .. } => "decimal",
            Self::Dong { .. } => "dong",
            Self::Date { .. } => "date",
            Self::DateTime { .. } => "date-time",
            Self::Consent => "consent",
            Self::Explanation => "explanation",
            Self::Computed { .. } => "computed",
            Self::YesNo => "yes-no",
            Self::OneOf { .. } => "one-of",
            Self::SeveralOf { .. } => "several-of",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::CitizenNumber => "citizen-number",
            Self::TaxCode => "tax-code",
            Self::Group { .. } => "group",
        }
    }

    /// All words for kinds, for messages.
    pub const NAMES: [&'static str; 18] = [
        "text",
        "long-text",
        "integer",
        "decimal",
        "dong",
        "date",
        "date-time",
        "consent",
        "explanation",
        "computed",
        "yes-no",
        "one-of",
        "several-of",
        "phone",
        "email",
        "citizen-number",
        "tax-code",
        "group",
    ];
}

impl Form {
    /// All top-level fields with the section they are in.
    pub fn fields(&self) -> impl Iterator<Item = (&Section, &Field)> {
        self.sections.iter().flat_map(|section| section.fields.iter().map(move |field| (section, field)))
    }
}
