//! The earlier result that a renewal, a change or an end follows.

use crate::names::{ProcedureCode, ResultKind};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The rule about the earlier results that a procedure follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowRule {
    /// The kinds of results, or the codes of the procedures that issue them.
    pub results: Vec<String>,
    /// The effect of the new result on the earlier one.
    pub effect: EarlierEffect,
    /// The fields that the form takes from the earlier result, each with a [`ResultFact`] or a kept answer.
    pub from_result: BTreeMap<String, String>,
}

/// The effect of a new result on the earlier result that it follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EarlierEffect {
    /// The new result takes the place of the earlier one.
    Replaced,
    /// The earlier result ends.
    Ended,
}

impl EarlierEffect {
    pub const ALL: [Self; 2] = [Self::Replaced, Self::Ended];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Ended => "ended",
        }
    }
}

/// A fact about every result, by its word in `from_result`. No kept answer has one of these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultFact {
    Number,
    /// The day of issue.
    From,
    /// The last day.
    Until,
}

impl ResultFact {
    pub const ALL: [Self; 3] = [Self::Number, Self::From, Self::Until];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::From => "from",
            Self::Until => "until",
        }
    }
}

impl FollowRule {
    /// Returns whether a result of this kind, issued by this procedure, can be followed.
    pub fn takes(&self, kind: &ResultKind, procedure: &ProcedureCode) -> bool {
        self.results.iter().any(|known| known == kind.as_str() || known == procedure.as_str())
    }

    /// Returns the answers that the form takes from an earlier result, by field. A fact that the result lacks fills
    /// nothing.
    pub fn filled(&self, number: &str, from: Date, until: Option<Date>, data: &Map<String, Json>) -> Map<String, Json> {
        let fact = |source: &str| match ResultFact::ALL.into_iter().find(|fact| fact.name() == source) {
            Some(ResultFact::Number) => Some(Json::from(number)),
            Some(ResultFact::From) => Some(Json::from(from.to_string())),
            Some(ResultFact::Until) => Some(Json::from(until?.to_string())),
            None => data.get(source).cloned(),
        };
        self.from_result.iter().filter_map(|(field, source)| Some((field.clone(), fact(source)?))).collect()
    }

    /// Returns the field that contains the number of the earlier result.
    pub fn number_field(&self) -> Option<&str> {
        let is_number = |(_, source): &(&String, &String)| source.as_str() == ResultFact::Number.name();
        self.from_result.iter().find(is_number).map(|(field, _)| field.as_str())
    }
}

/// Returns a number of a result as it is compared, because people type blanks and capitals as they like.
pub fn plain_number(typed: &str) -> String {
    typed.split_whitespace().collect::<String>().to_lowercase()
}

/// Returns whether two numbers of results are the same, as people type them.
pub fn is_same_number(one: &str, other: &str) -> bool {
    plain_number(one) == plain_number(other)
}
