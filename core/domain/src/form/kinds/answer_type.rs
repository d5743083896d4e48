//! The types of answers in expressions.

use crate::form::{Field, FieldChoice, FieldKind};

/// The type of an answer or of a part of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerType<'a> {
    Bool,
    Int,
    Float,
    Text,
    /// A day as a text, such as `2026-09-02`.
    Date,
    List(Box<AnswerType<'a>>),
    /// An answer of several parts.
    Parts(Vec<(&'a str, &'a FieldKind)>),
    /// The named rows of a table, and the questions of each.
    Rows(&'a [FieldChoice], &'a [Field]),
    /// A place on a map, which has no parts for conditions.
    Place,
    Null,
    Any,
}

impl<'a> AnswerType<'a> {
    /// Returns the type of an answer that consists of these questions.
    pub(crate) fn of_parts(parts: &'a [Field]) -> Self {
        Self::Parts(parts.iter().map(|part| (part.id.as_str(), &part.kind)).collect())
    }
}

impl AnswerType<'_> {
    /// Returns the words for messages, in Vietnamese and in English.
    pub fn name(&self) -> (&'static str, &'static str) {
        match self {
            Self::Bool => ("đúng hoặc sai", "true or false"),
            Self::Int => ("một số nguyên", "a whole number"),
            Self::Float => ("một số thập phân", "a decimal number"),
            Self::Text => ("một chuỗi", "a text"),
            Self::Date => ("một ngày", "a date"),
            Self::List(_) => ("một danh sách", "a list"),
            Self::Parts(_) if self.is_date() => {
                ("một ngày có thể chỉ biết năm", "a date of which only the year may be known")
            }
            Self::Parts(_) | Self::Rows(..) => ("nhiều câu trả lời gộp chung", "several answers together"),
            Self::Place => ("một vị trí trên bản đồ", "a place on a map"),
            Self::Null => ("null", "null"),
            Self::Any => ("giá trị bất kỳ", "anything"),
        }
    }

    /// Returns whether the type is a date, or the known parts of one.
    pub(crate) fn is_date(&self) -> bool {
        match self {
            Self::Date => true,
            Self::Parts(parts) => parts.iter().map(|(name, _)| *name).eq(["year", "month", "day"]),
            Self::Bool
            | Self::Int
            | Self::Float
            | Self::Text
            | Self::List(_)
            | Self::Rows(..)
            | Self::Place
            | Self::Null
            | Self::Any => false,
        }
    }

    /// Returns whether the type is a text. A date is one, too.
    pub(crate) const fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Date)
    }

    /// Returns whether the type is one of the numbers.
    pub(crate) const fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Float)
    }
}
