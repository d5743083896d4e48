//! Values of expressions. Answers are borrowed, and only values that an expression builds are owned.

use super::decimal::ExactDecimal;
use serde_json::{Map, Value as Json};
use std::cmp::Ordering;
use std::rc::Rc;

/// A value while an expression is evaluated.
#[derive(Clone)]
pub(super) enum ExpressionValue<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Decimal(ExactDecimal),
    /// The sum of no numbers, which is a whole or a decimal number as its use needs.
    Zero,
    /// A whole number from the first to the second, because a date is known in part. What is the same for all of them
    /// can be told.
    Between(i64, i64),
    /// A number with more digits than decimals have. It can only be compared for equality.
    TooLarge,
    Text(&'a str),
    BuiltText(Rc<str>),
    List(&'a [Json]),
    BuiltList(Rc<[ExpressionValue<'a>]>),
    Parts(&'a Map<String, Json>),
    BuiltParts(Rc<[(Rc<str>, ExpressionValue<'a>)]>),
}

impl<'a> ExpressionValue<'a> {
    /// Returns an answer as a value. Whole numbers are always signed, as the numbers that authors write are.
    pub fn of(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(yes) => Self::Bool(*yes),
            Json::Number(number) => {
                let decimal = || number.as_f64().and_then(ExactDecimal::of_float).map_or(Self::TooLarge, Self::Decimal);
                number.as_i64().map_or_else(decimal, Self::Int)
            }
            Json::String(text) => Self::Text(text),
            Json::Array(items) => Self::List(items),
            Json::Object(parts) => Self::Parts(parts),
        }
    }

    /// Returns the name of the value's type, for messages.
    pub const fn type_name(&self) -> (&'static str, &'static str) {
        match self {
            Self::Null => ("null", "null"),
            Self::Bool(_) => ("đúng hoặc sai", "true or false"),
            Self::Int(_) | Self::Zero | Self::Between(..) => ("một số nguyên", "a whole number"),
            Self::Decimal(_) => ("một số thập phân", "a decimal number"),
            Self::TooLarge => ("một số quá lớn", "a number that is too large"),
            Self::Text(_) | Self::BuiltText(_) => ("một chuỗi", "a text"),
            Self::List(_) | Self::BuiltList(_) => ("một danh sách", "a list"),
            Self::Parts(_) | Self::BuiltParts(_) => ("nhiều câu trả lời gộp chung", "several answers together"),
        }
    }

    /// Returns the text, if the value is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::BuiltText(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number of items, if the value is a list.
    pub fn length(&self) -> Option<usize> {
        match self {
            Self::List(items) => Some(items.len()),
            Self::BuiltList(items) => Some(items.len()),
            _ => None,
        }
    }

    /// Returns an item of a list.
    pub fn item(&self, at: usize) -> Option<Self> {
        match self {
            Self::List(items) => items.get(at).map(Self::of),
            Self::BuiltList(items) => items.get(at).cloned(),
            _ => None,
        }
    }

    /// Returns the number of parts, if the value is made of parts.
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Parts(parts) => Some(parts.len()),
            Self::BuiltParts(parts) => Some(parts.len()),
            _ => None,
        }
    }

    /// Returns the part of this name.
    pub fn part(&self, name: &str) -> Option<Self> {
        match self {
            Self::Parts(parts) => parts.get(name).map(Self::of),
            Self::BuiltParts(parts) => parts.iter().find(|(key, _)| **key == *name).map(|(_, value)| value.clone()),
            _ => None,
        }
    }

    /// Returns the names of the parts.
    pub fn keys(&self) -> Vec<Self> {
        match self {
            Self::Parts(parts) => parts.keys().map(|key| Self::Text(key)).collect(),
            Self::BuiltParts(parts) => parts.iter().map(|(key, _)| Self::BuiltText(Rc::clone(key))).collect(),
            _ => Vec::new(),
        }
    }

    /// Compares two numbers, whole or decimal. Other values have no order.
    pub fn compare_numbers(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(left), Self::Int(right)) => Some(left.cmp(right)),
            _ => self.decimal()?.compare(other.decimal()?),
        }
    }

    /// Returns the smallest and the largest value that this value may be.
    pub fn ends(&self) -> (Self, Self) {
        match self {
            Self::Between(least, most) => (Self::Int(*least), Self::Int(*most)),
            certain => (certain.clone(), certain.clone()),
        }
    }

    /// Returns whether it is not known which value this is.
    pub const fn is_unsure(&self) -> bool {
        matches!(self, Self::Between(..))
    }

    /// Returns the whole number, if the value is one.
    pub const fn whole(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Zero => Some(0),
            _ => None,
        }
    }

    /// Returns a number as a decimal number.
    pub const fn decimal(&self) -> Option<ExactDecimal> {
        match self {
            Self::Int(number) => Some(ExactDecimal::whole(*number)),
            Self::Zero => Some(ExactDecimal::whole(0)),
            Self::Decimal(number) => Some(*number),
            _ => None,
        }
    }
}
