//! The words and values that several kinds of file share, such as texts in two languages, and the lists of words.

use crate::files::settings::operating;
use crate::files::workflow::{ASSIGN, EFFECTS};
use motcua_domain::{dates, form, organisation, plugin, procedure, workflow};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// A word of a list that another module defines.
macro_rules! words {
    ($($name:ident: $words:expr;)*) => {
        $(
            pub struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "string", "enum": Vec::from_iter($words) })
                }
            }
        )*
    };
}

words! {
    Audience: procedure::Audience::ALL.map(procedure::Audience::name);
    Computer: ["plugin"];
    OnFailure: plugin::OnFailure::ALL.map(plugin::OnFailure::name);
    PaperKind: procedure::PaperKind::ALL.map(procedure::PaperKind::name);
    Media: procedure::MediaKind::ALL.map(procedure::MediaKind::name);
    FeeKind: procedure::FeeKind::ALL.map(procedure::FeeKind::name);
    Kind: form::Kind::NAMES.iter().copied();
    Shape: form::Shape::ALL.map(form::Shape::name);
    Precision: dates::Precision::ALL.map(dates::Precision::name);
    Role: organisation::Role::OF_POSTS.map(organisation::Role::name);
    StepRole: organisation::Role::OF_STEPS.map(organisation::Role::name);
    Status: workflow::NationalStatus::OF_STEPS.map(workflow::NationalStatus::name);
    Effect: EFFECTS;
    AssignBy: ASSIGN;
    LogFormat: operating::LogFormat::ALL.map(operating::LogFormat::name);
    Requirement: workflow::Requirement::ALL.map(workflow::Requirement::name);
}

/// Words for people: Vietnamese only, or both languages.
#[derive(JsonSchema)]
#[serde(untagged)]
pub enum Words {
    Vietnamese(String),
    Both(BothLanguages),
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BothLanguages {
    vi: String,
    en: Option<String>,
}

/// `true`, `false`, or a condition in CEL over the fields of the form, such as `"depth > 30 && purpose == 'well'"`.
#[derive(JsonSchema)]
#[serde(untagged)]
pub enum When {
    Fixed(bool),
    Expression(String),
}

/// A number, or an expression in CEL that returns one.
#[derive(JsonSchema)]
#[serde(untagged)]
pub enum Bound {
    Number(f64),
    Expression(String),
}

/// A number, true, false, or an expression in CEL. A text within it has its own quotes: `"'male'"`.
#[derive(JsonSchema)]
#[serde(untagged)]
pub enum Proposal {
    Fixed(bool),
    Number(f64),
    Expression(String),
}

#[derive(JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}
