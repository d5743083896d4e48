//! Reading conditions and values in CEL, with the names that they may use.

use super::{FileTable, Placed, choices, did_you_mean, everyday, json, nearest, syntax};
use motcua_domain::dates::PartialDate;
use motcua_domain::expression::{Condition, Expression, NotCel};
use motcua_domain::fold::fold;
use motcua_domain::text;
use motcua_domain::text::Text;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::de::DeValue;

/// The names that an expression may use, and the expressions whose types are checked later.
#[derive(Debug, Clone, Copy)]
pub struct ExpressionNames<'a> {
    pub known: &'a [&'a str],
    /// The group that contains the expression.
    pub group: Option<&'a str>,
    pub written: &'a RefCell<WrittenExpressions>,
}

/// The expressions of a form, as written.
#[derive(Debug, Default)]
pub struct WrittenExpressions {
    pub all: Vec<WrittenExpression>,
    /// The fields that have a mistake. The meaning of an expression that names one is not known.
    pub faulty: BTreeSet<String>,
}

impl WrittenExpressions {
    /// Returns whether an expression names a field that has a mistake.
    pub fn names_faulty(&self, expression: &Expression) -> bool {
        expression.names().iter().any(|name| self.faulty.contains(name))
    }
}

/// An expression as written.
#[derive(Debug, Clone)]
pub struct WrittenExpression {
    pub expression: Expression,
    pub span: Range<usize>,
    pub purpose: ExpressionPurpose,
    pub group: Option<String>,
    /// The condition under which it is evaluated, if any.
    pub with: Option<Expression>,
}

/// The purpose of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpressionPurpose {
    /// A condition for showing, asking or charging something.
    When,
    /// A condition for requiring a paper.
    Paper,
    /// A rule over answers.
    Rule,
    /// A value.
    Value,
    /// An amount, a number by which something is charged, or the limit of a number.
    Number,
    /// The limit or the default of a date.
    Day,
    /// The limit or the default of a moment.
    Moment,
}

/// The kinds of fields whose limits are days and moments.
const DATE: &str = "date";
const MOMENT: &str = "date-time";

/// Returns the words for a day as it is written.
fn a_day() -> Text {
    text!(
        "một ngày, chẳng hạn 2026-09-02, hoặc biểu thức CEL cho ra ngày, trong dấu nháy",
        "a day such as 2026-09-02, or a CEL expression for a day in quotes"
    )
}

/// Returns the words for a moment as it is written.
fn a_moment() -> Text {
    text!(
        "một thời điểm trong hai lớp dấu nháy, chẳng hạn \"'2026-09-02T07:30'\"",
        "a moment in quotes within quotes, such as \"'2026-09-02T07:30'\""
    )
}

/// Returns whether a text has the form of a day: a year of four digits, a month and a day.
fn looks_like_day(text: &str) -> bool {
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2)
        && parts.into_iter().all(are_digits)
}

/// Returns a text without the quotes around it.
fn without_quotes(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\'' || letter == '"')
}

impl FileTable<'_> {
    /// Reads `true`, `false` or a CEL expression over `names`. The expression is evaluated only `with` another.
    pub fn condition(
        &self,
        key: &'static str,
        default: bool,
        names: ExpressionNames<'_>,
        purpose: ExpressionPurpose,
        with: Option<&Condition>,
    ) -> Condition {
        let Some(value) = self.get(key) else { return Condition::Fixed(default) };
        match value.get_ref() {
            DeValue::Boolean(fixed) => Condition::Fixed(*fixed),
            DeValue::String(text) => {
                let with = match with {
                    Some(Condition::When(with)) => Some(with.clone()),
                    _ => None,
                };
                let expression = self.expression(text, value.span(), names, purpose, with);
                expression.map_or(Condition::Fixed(default), Condition::When)
            }
            _ => {
                let wanted = text!(
                    "true, false hoặc biểu thức CEL trong dấu nháy",
                    "true, false or a CEL expression in quotes",
                );
                self.wrong_type(key, value, &wanted);
                Condition::Fixed(default)
            }
        }
    }

    /// Reads a required CEL expression over `names`.
    pub fn required_expression(
        &self,
        key: &'static str,
        names: ExpressionNames<'_>,
        purpose: ExpressionPurpose,
        example: &str,
    ) -> Option<Expression> {
        let text = self.required_string(key, example)?;
        self.expression(&text.value, text.span, names, purpose, None)
    }

    /// Reads a CEL expression for a number over `names`, if the key exists.
    pub fn number_expression(&self, key: &'static str, names: ExpressionNames<'_>) -> Option<Expression> {
        let text = self.string(key)?;
        self.expression(&text.value, text.span, names, ExpressionPurpose::Number, None)
    }

    /// Reads a list of conditions over `names`.
    pub fn conditions(&self, key: &'static str, names: ExpressionNames<'_>) -> Vec<Placed<Expression>> {
        let read = |text: Placed<String>| {
            let value = self.expression(&text.value, text.span.clone(), names, ExpressionPurpose::Rule, None)?;
            Some(Placed { value, span: text.span })
        };
        self.strings(key).into_iter().filter_map(read).collect()
    }

    /// Reads the limit of a field that is an expression, if the key exists. The limit of a date may be a day as well.
    pub fn bound(&self, key: &'static str, names: ExpressionNames<'_>) -> Option<Expression> {
        let kind = self.written_kind();
        if kind == Some(DATE) {
            return self.day(key, names);
        }
        let value = self.entries.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            if kind == Some(MOMENT) {
                self.get(key);
                self.wrong_type(key, value, &a_moment());
            }
            return None;
        };
        self.get(key);
        let purpose = match kind {
            Some("integer" | "decimal" | "dong") => ExpressionPurpose::Number,
            Some(MOMENT) => ExpressionPurpose::Moment,
            _ => ExpressionPurpose::Value,
        };
        self.value_expression(text, value.span(), names, purpose)
    }

    /// Reads a CEL expression for a value. Reports a moment as people write it, which in CEL would be a calculation.
    fn value_expression(
        &self,
        text: &str,
        span: Range<usize>,
        names: ExpressionNames<'_>,
        purpose: ExpressionPurpose,
    ) -> Option<Expression> {
        if purpose == ExpressionPurpose::Moment
            && let Some((message, help)) = everyday::as_moment(without_quotes(text))
        {
            self.mistake("wrong-type", span, message, help);
            return None;
        }
        self.expression(text, span, names, purpose, None)
    }

    /// Reads the value of a field before anybody types: a number, true, false, or a text with a CEL expression. That of a
    /// date may be a day as well.
    pub fn proposal(&self, key: &'static str, names: ExpressionNames<'_>) -> Option<Expression> {
        let kind = self.written_kind();
        if kind == Some(DATE) {
            return self.day(key, names);
        }
        let purpose = if kind == Some(MOMENT) { ExpressionPurpose::Moment } else { ExpressionPurpose::Value };
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => self.value_expression(text, value.span(), names, purpose),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) if kind != Some(MOMENT) => {
                self.expression(&json(value.get_ref()).to_string(), value.span(), names, purpose, None)
            }
            _ if kind == Some(MOMENT) => {
                self.wrong_type(key, value, &a_moment());
                None
            }
            _ => {
                let wanted = text!(
                    "số, true, false hoặc biểu thức CEL trong dấu nháy, chẳng hạn \"'text'\"",
                    "a number, true, false or a CEL expression in quotes, such as \"'text'\"",
                );
                self.wrong_type(key, value, &wanted);
                None
            }
        }
    }

    /// Returns the kind of the field, without a report, because the reader of the kind reports what is wrong with it.
    fn written_kind(&self) -> Option<&str> {
        self.entries.get("kind")?.get_ref().as_str()
    }

    /// Reads a day, as a TOML date or as text, or a text with a CEL expression for a day. In CEL, the text `2026-09-02`
    /// would be a subtraction.
    fn day(&self, key: &'static str, names: ExpressionNames<'_>) -> Option<Expression> {
        let value = self.get(key)?;
        let (text, is_day) = match value.get_ref() {
            DeValue::Datetime(day) => (day.to_string(), true),
            DeValue::String(text) => (text.to_string(), false),
            _ => {
                self.wrong_type(key, value, &a_day());
                return None;
            }
        };
        let bare = without_quotes(&text);
        if !is_day && let Some((message, help)) = everyday::as_day(bare) {
            self.mistake("wrong-type", value.span(), message, help);
            return None;
        }
        if !is_day && !looks_like_day(bare) {
            return self.expression(&text, value.span(), names, ExpressionPurpose::Day, None);
        }
        if PartialDate::of(&Json::from(bare)).is_none() {
            let (message, help) = everyday::no_day(bare);
            self.mistake("wrong-type", value.span(), message, help);
            return None;
        }
        self.expression(&format!("'{bare}'"), value.span(), names, ExpressionPurpose::Day, None)
    }

    /// Reads a CEL expression with any names, if the key exists, because a workflow does not know the form yet.
    pub fn free_expression(&self, key: &'static str) -> Option<Expression> {
        let text = self.string(key)?;
        self.parsed(&text.value, text.span)
    }

    fn parsed(&self, text: &str, span: Range<usize>) -> Option<Expression> {
        let parsed = Expression::parse(text);
        if let Err(NotCel(problem)) = &parsed {
            let (vi, en) = problem.both();
            let message = text!("đây không phải là CEL: {vi}", "this is not CEL: {en}");
            self.mistake("bad-expression", span, message, syntax::advice_for_condition(text));
        }
        parsed.ok()
    }

    fn expression(
        &self,
        text: &str,
        span: Range<usize>,
        names: ExpressionNames<'_>,
        purpose: ExpressionPurpose,
        with: Option<Expression>,
    ) -> Option<Expression> {
        let expression = self.parsed(text, span.clone())?;
        let unknown: Vec<&String> =
            expression.names().iter().filter(|name| !names.known.contains(&name.as_str())).collect();
        let dashed = unknown.iter().find_map(|name| written_with_dashes(name, text, names.known.iter().copied()));
        if let Some(meant) = dashed {
            let (message, help) =
                (text!("dấu `-` ở đây là phép trừ", "`-` is a minus here"), name_with_underscores(meant));
            self.mistake("unknown-field", span, message, help);
            return Some(expression);
        }
        // An id that cannot be used has its own mistake, whose remedy is this name.
        let is_remedy = |name: &&&String| names.known.iter().any(|id| usable_id(id).as_ref() == Some(**name));
        for name in unknown.iter().filter(|name| !is_remedy(name)) {
            let all = names.known.join(", ");
            let quotes = choices::quotes(&self.source.text, &expression, name);
            let near = nearest(name, names.known.iter().copied()).filter(|_| quotes.is_none());
            let help = match (quotes, near) {
                (Some(quotes), _) => quotes,
                (None, Some(known)) => did_you_mean(known),
                (None, None) => text!("các trường đã có là {all}", "known fields are {all}"),
            };
            let message = text!("không có trường `{name}`", "there is no field `{name}`");
            self.mistake("unknown-field", span.clone(), message, help);
            self.report.name_latest(name, near);
        }
        if unknown.is_empty() {
            let group = names.group.map(str::to_owned);
            names.written.borrow_mut().all.push(WrittenExpression {
                expression: expression.clone(),
                span,
                purpose,
                group,
                with,
            });
        }
        Some(expression)
    }
}

/// Returns the advice to write a name with `_`.
pub fn name_with_underscores(name: &str) -> Text {
    text!("hãy viết `{name}`, nếu đó là tên cần đọc", "write `{name}`, if that is the name")
}

/// Returns the known name that an expression with an unknown name writes with `-` for `_`.
pub fn written_with_dashes<'n>(
    unknown: &str,
    expression: &str,
    mut known: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    let part = format!("_{unknown}_");
    let joined = expression.replace('-', "_");
    let is_other = |letter: char| !letter.is_alphanumeric() && letter != '_';
    let written: Vec<&str> = expression.split(is_other).collect();
    let meant: Vec<&str> = joined.split(is_other).collect();
    let is_meant = |name: &str| meant.contains(&name) && !written.contains(&name);
    known.find(|name| format!("_{name}_").contains(&part) && is_meant(name))
}

/// Returns whether expressions can read an answer by this id.
pub fn is_usable_id(id: &str) -> bool {
    let mut letters = id.bytes();
    letters.next().is_some_and(|b| b.is_ascii_lowercase())
        && letters.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && id.len() <= 60
}

/// Returns the id that an author can write for one that expressions cannot read, if there is an obvious one.
pub fn usable_id(id: &str) -> Option<String> {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let usable: String = fold(id).chars().map(plain).collect();
    (!is_usable_id(id) && is_usable_id(&usable)).then_some(usable)
}
