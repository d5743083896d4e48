//! The limits `min` and `max` of a field.

use crate::reading::node::{FileTable, with_article};
use motcua_domain::expression::Expression;
use motcua_domain::form::FieldKind;
use motcua_domain::form::proposal::rejected_number;
use motcua_domain::text;
use motcua_domain::text::Text;
use serde_json::Value as Json;

/// The limits `min` and `max` of a field, each a number or an expression.
pub(super) struct FieldLimits<'t, 'a> {
    pub table: &'t FileTable<'a>,
    pub by_expression: [bool; 2],
}

impl FieldLimits<'_, '_> {
    const KEYS: [&'static str; 2] = ["min", "max"];

    pub fn whole(&self, at: usize) -> Option<i64> {
        if self.by_expression[at] { None } else { self.table.integer_within(Self::KEYS[at], i64::MIN, i64::MAX) }
    }

    pub fn number(&self, at: usize) -> Option<f64> {
        if self.by_expression[at] { None } else { self.table.number(Self::KEYS[at]) }
    }

    pub fn check(&self, kind: &FieldKind, default: Option<&Expression>) {
        let place = |key: &'static str| self.table.place(key);
        if kind.has_crossed_limits() {
            let message =
                text!("không có giá trị nào nằm giữa `min` và `max`", "no value lies between `min` and `max`");
            self.table.mistake("out-of-range", place("max"), message, uncrossed());
        }
        if !kind.is_measured() && self.by_expression.contains(&true) {
            let key = if self.by_expression[0] { "min" } else { "max" };
            let (vi, en) = (kind.name(), with_article(kind.name()));
            let message = text!(
                "trường loại {vi} không có giới hạn phụ thuộc vào câu trả lời khác",
                "{en} has no limit that depends on other answers"
            );
            let help = text!("hãy viết một quy tắc dưới [[check]]", "write a rule under [[check]]");
            self.table.mistake("no-limit", place(key), message, help);
        }
        // A default that names no answer is always the same.
        let fixed = default.filter(|default| default.names().is_empty());
        let value = fixed.and_then(|default| default.value(&serde_json::Map::new()).ok());
        if let Some(word) = value.as_ref().and_then(|value| not_offered(kind, value)) {
            let choices: Vec<&str> = kind.choices().iter().map(|choice| choice.value.as_str()).collect();
            let choices = choices.join(", ");
            let message = text!(
                "giá trị mặc định `{word}` không phải là một lựa chọn của trường",
                "the default `{word}` is none of the field's choices"
            );
            let help = text!("các lựa chọn của trường là {choices}", "its choices are {choices}");
            self.table.mistake("out-of-range", place("default"), message, help);
        }
        if let Some(reason) = value.and_then(|value| rejected_number(kind, &value)) {
            let (vi, en) = reason.both();
            let message =
                text!("trường không nhận giá trị mặc định: {vi}", "the field does not take its default: {en}");
            let help = text!("hãy viết một số nằm giữa `min` và `max`", "write a number between `min` and `max`");
            self.table.mistake("out-of-range", place("default"), message, help);
        }
        if default.is_some() && !kind.takes_default() {
            let (vi, en) = (kind.name(), with_article(kind.name()));
            let message = text!("trường loại {vi} không có giá trị mặc định", "{en} has no default");
            self.table.mistake(
                "no-default",
                place("default"),
                message,
                text!("hãy bỏ giá trị mặc định", "remove the default"),
            );
        }
    }
}

/// Returns what a default has that is none of the choices of a question.
fn not_offered(kind: &FieldKind, default: &Json) -> Option<String> {
    let choices = kind.choices();
    let given: &[Json] = match default {
        Json::Null => &[],
        Json::Array(given) => given.as_slice(),
        one => std::slice::from_ref(one),
    };
    let is_offered = |one: &&Json| choices.iter().any(|choice| Some(choice.value.as_str()) == one.as_str());
    let other = given.iter().find(|one| !choices.is_empty() && !is_offered(one))?;
    Some(other.as_str().map_or_else(|| other.to_string(), str::to_owned))
}

/// Returns the advice for limits between which no value lies.
pub(super) fn uncrossed() -> Text {
    text!("hãy viết `max` không nhỏ hơn `min`", "write a `max` that is not below `min`")
}
