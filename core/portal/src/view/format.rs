//! Times and amounts in the format for people.

use crate::view::basis::BasisContext;
use crate::view::mark::MarkContext;
use jiff::Timestamp;
use jiff::civil::Date;
use motcua_domain::dates::{self, Precision, moment_shown};
use motcua_domain::form::kinds::{InputForm, Structure};
use motcua_domain::form::{AnswerRows, Field};
use motcua_domain::legal::LegalDocuments;
use motcua_domain::number;
use motcua_domain::procedure::{Fee, FeeLine, Procedure};
use motcua_domain::text::{Language, Text};
use motcua_domain::time::calendar::{Limit, local};
use motcua_domain::time::clock::Punctuality;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// Formats a moment: `24/11/2026 08:30`, or `24 Nov 2026 08:30`.
pub fn moment(at: Timestamp, language: Language) -> String {
    moment_shown(local(at), language)
}

/// Formats seconds since 1970 as [`moment`] does.
pub fn second(at: i64, language: Language) -> String {
    Timestamp::from_second(at).map_or_else(|_| String::new(), |at| moment(at, language))
}

/// Formats a limit: `3 ngày làm việc`.
pub fn limit(limit: Limit, language: Language) -> String {
    limit.text().get(language).to_owned()
}

/// Formats working time in words: minutes, or hours and minutes.
pub fn working_time(seconds: i64, language: Language) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let (hour, minute) = match language {
        Language::Vi => ("giờ", "phút"),
        Language::En => ("h", "min"),
    };
    match (hours, minutes) {
        (0, minutes) => format!("{minutes} {minute}"),
        (hours, 0) => format!("{hours} {hour}"),
        (hours, minutes) => format!("{hours} {hour} {minutes} {minute}"),
    }
}

/// Formats a day: `02/09/2026`, or `2 Sep 2026`.
pub fn day(day: Date, language: Language) -> String {
    day.strftime(if language == Language::Vi { "%d/%m/%Y" } else { "%-d %b %Y" }).to_string()
}

/// Formats a count: `12.345` or `12,345`.
pub fn count(count: u64, language: Language) -> String {
    number::shown(&count.into(), language)
}

/// Formats tenths: `9,5` or `9.5`.
pub fn tenths(tenths: i64, language: Language) -> String {
    let point = if language == Language::Vi { ',' } else { '.' };
    format!("{}{point}{}", tenths / 10, tenths % 10)
}

/// Formats a size: `1,5 MB` or `1.5 MB`.
pub fn size(bytes: u64, language: Language) -> String {
    const MEGABYTE: u64 = 1 << 20;
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..MEGABYTE => format!("{} kB", bytes / 1024),
        _ => {
            let whole = bytes / MEGABYTE * 10 + bytes % MEGABYTE * 10 / MEGABYTE;
            format!("{} MB", tenths(i64::try_from(whole).unwrap_or(i64::MAX), language))
        }
    }
}

/// Returns the word for a punctuality in style classes and texts.
pub const fn punctuality(punctuality: Punctuality) -> &'static str {
    match punctuality {
        Punctuality::Early => "early",
        Punctuality::OnTime => "on-time",
        Punctuality::Late => "late",
        Punctuality::NotYetDue => "not-yet-due",
        Punctuality::Overdue => "overdue",
    }
}

/// A fee or a charge.
#[derive(Debug, Clone, Serialize)]
pub struct FeeContext {
    /// The name of the fee.
    pub name: String,
    /// `fee` or `charge`.
    pub kind: &'static str,
    /// The amount owed. Of the fee of a procedure the rate: `8.000 đ/bản`.
    pub amount: String,
    /// The fee is owed in some cases only.
    pub sometimes: bool,
    /// The agencies that offer the procedure differ in the fee, and the amount is its range.
    pub by_agency: bool,
    /// The computation of an amount that is owed, or an empty text.
    pub computation: String,
    /// The cases or the brackets of the fee of a procedure.
    pub rows: Vec<FeeRowContext>,
    /// The rule, the bounds, the reliefs and the rounding of the fee of a procedure.
    pub notes: Vec<String>,
    /// The legal basis of the fee of a procedure.
    pub basis: Vec<BasisContext>,
}

/// A case or a bracket of a fee.
#[derive(Debug, Clone, Serialize)]
pub struct FeeRowContext {
    /// The numbers or the case to which the price applies.
    pub name: String,
    /// The price with its unit.
    pub price: String,
}

impl FeeContext {
    /// Returns fees for checking a theme.
    pub fn samples() -> Vec<Self> {
        let row = FeeRowContext { name: "Từ 200 đến dưới 500".into(), price: "1 đ".into() };
        let fee = |name: &str, kind| Self {
            name: name.into(),
            kind,
            amount: "1 đ".into(),
            sometimes: false,
            by_agency: false,
            computation: String::new(),
            rows: Vec::new(),
            notes: Vec::new(),
            basis: Vec::new(),
        };
        let computed = Self {
            basis: BasisContext::samples(),
            by_agency: true,
            computation: "1 bản × 1 đ".into(),
            rows: vec![row],
            notes: vec!["miễn: hộ nghèo".into()],
            ..fee("Phí", "fee")
        };
        vec![computed, fee("Lệ phí", "charge")]
    }
}

/// Formats the fees of a dossier.
pub fn fee_lines(lines: &[FeeLine], language: Language) -> Vec<FeeContext> {
    let line = |line: &FeeLine| FeeContext {
        name: line.name.get(language).to_owned(),
        kind: line.kind.name(),
        amount: line.amount.shown(language),
        sometimes: false,
        by_agency: false,
        computation: line.computation.as_ref().map_or_else(String::new, |text| text.get(language).to_owned()),
        rows: Vec::new(),
        notes: Vec::new(),
        basis: Vec::new(),
    };
    lines.iter().map(line).collect()
}

/// Formats the rule of a fee.
pub fn fee(fee: &Fee, documents: LegalDocuments<'_>, language: Language) -> FeeContext {
    let said = |text: &Text| text.get(language).to_owned();
    let row = |(name, price): &(Text, Text)| FeeRowContext { name: said(name), price: said(price) };
    FeeContext {
        name: said(&fee.name),
        kind: fee.kind.name(),
        amount: said(&fee.rate_words()),
        sometimes: fee.when.expression().is_some(),
        by_agency: false,
        computation: String::new(),
        rows: fee.rows().iter().map(row).collect(),
        notes: fee.notes().iter().map(said).collect(),
        basis: BasisContext::cited(&documents.citations(&fee.basis), language),
    }
}

/// A section of a filled-in form, for reading.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerSection {
    /// The title of the section.
    pub title: String,
    /// The answers of the section. Unanswered questions are left out.
    pub answers: Vec<AnswerLine>,
}

/// A question with its answer.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerLine {
    /// The id of the field, or an empty text for an answer within another one.
    pub id: String,
    /// The question, or the name of a table's row.
    pub label: String,
    /// The answer as readers see it, or an empty text if it has rows.
    pub value: String,
    /// The rows of a group.
    pub rows: Vec<Vec<AnswerLine>>,
    /// The outline of an area within a square of 100 by 100, in the format of an SVG polygon. Other answers have an
    /// empty text.
    pub outline: String,
    /// The question is asked before the form.
    pub given: bool,
    /// The mark with which an officer says that the answer is not right, where one is wanted.
    pub mark: Option<MarkContext>,
    /// The answer before the last supplement if the supplement changed it, which is an empty text if there was none. Only
    /// officers see it.
    pub former: Option<String>,
}

impl AnswerLine {
    /// Returns an answer without rows or an outline.
    pub fn plain(label: String, value: String) -> Self {
        let (id, outline) = (String::new(), String::new());
        Self { id, label, value, rows: Vec::new(), outline, given: false, mark: None, former: None }
    }
}

/// Formats the values of a procedure's form, without unanswered questions and helpers.
pub fn answers(procedure: &Procedure, values: &Map<String, Json>, language: Language) -> Vec<AnswerSection> {
    let line = |field: &Field| {
        let answer = answer(field, values.get(&field.id)?, language)?;
        Some(AnswerLine { id: field.id.clone(), given: procedure.is_asked_before(&field.id), ..answer })
    };
    procedure
        .form
        .sections
        .iter()
        .map(|section| AnswerSection {
            title: section.title.get(language).to_owned(),
            answers: section.fields.iter().filter_map(line).collect(),
        })
        .filter(|section| !section.answers.is_empty())
        .collect()
}

/// Formats what was filled in at a step, in the order of the step's form. An answer to a question that the version of the
/// dossier no longer asks has the id of its field as its question.
pub fn step_answers(form: &[Field], answers: &Map<String, Json>, language: Language) -> Vec<AnswerLine> {
    let is_asked = |id: &str| form.iter().any(|field| field.id == id);
    let asked = form.iter().filter_map(|field| answer(field, answers.get(&field.id)?, language));
    let no_longer = answers.iter().filter(|(id, value)| !is_asked(id) && !value.is_null());
    let no_longer = no_longer.map(|(id, value)| {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        AnswerLine::plain(id.clone(), shown)
    });
    asked.chain(no_longer).collect()
}

fn answer(field: &Field, value: &Json, language: Language) -> Option<AnswerLine> {
    if field.kind.is_helper() {
        return None;
    }
    let label = field.label.get(language).to_owned();
    let mut rows = Vec::new();
    let parts = |item: &Map<String, Json>| -> Vec<AnswerLine> {
        let inner = field.kind.parts().iter();
        inner.filter_map(|inner| answer(inner, item.get(&inner.id)?, language)).collect()
    };
    match (field.kind.structure(), value) {
        (Structure::Rows(AnswerRows::Added { .. }, _), Json::Array(items)) => {
            rows.extend(items.iter().filter_map(Json::as_object).map(parts));
        }
        (Structure::Rows(AnswerRows::Named(known), _), Json::Object(values)) => {
            for row in known {
                let Some(answers) = values.get(&row.value).and_then(Json::as_object).map(parts) else { continue };
                if !answers.is_empty() {
                    let label = row.label.get(language).to_owned();
                    rows.push(vec![AnswerLine { rows: vec![answers], ..AnswerLine::plain(label, String::new()) }]);
                }
            }
        }
        (Structure::Block(_), Json::Object(item)) => rows.push(parts(item)),
        _ => {}
    }
    let outline = field.kind.outline(value);
    let value = field.kind.shown(value, language);
    (!value.is_empty() || !rows.is_empty()).then_some(AnswerLine { rows, outline, ..AnswerLine::plain(label, value) })
}

/// Formats a typed answer, even if it is not valid yet, or a judged value.
pub fn typed(field: &Field, content: &Json, language: Language) -> String {
    let kind = &field.kind;
    match (kind.structure(), content) {
        (Structure::Rows(AnswerRows::Added { .. }, _), Json::Array(items)) => typed_rows(field, items.iter(), language),
        (Structure::Rows(AnswerRows::Named(_), _), Json::Object(items)) => typed_rows(field, items.values(), language),
        (Structure::Block(_), Json::Object(item)) => typed_parts(field, item, language),
        (Structure::Single(single), Json::String(_) | Json::Object(_)) if single.input_form() == InputForm::Number => {
            single.retyped(content, language)
        }
        (Structure::Single(single), Json::String(text)) if single.input_form() == InputForm::Date => {
            dates::read(text, Precision::Year)
                .map_or_else(|_| single.shown(content, language), |date| date.shown(language))
        }
        (_, Json::String(text)) => {
            let value = match text.as_str() {
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                _ => content.clone(),
            };
            Some(kind.shown(&value, language)).filter(|shown| !shown.is_empty()).unwrap_or_else(|| text.clone())
        }
        (_, other) => kind.shown(other, language),
    }
}

/// Formats the rows of a group or a table in one line.
fn typed_rows<'a>(field: &Field, rows: impl Iterator<Item = &'a Json>, language: Language) -> String {
    let rows = rows.filter_map(Json::as_object).map(|row| typed_parts(field, row, language));
    rows.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Formats the answers of a row or a block in one line.
fn typed_parts(field: &Field, parts: &Map<String, Json>, language: Language) -> String {
    let inner = field.kind.parts().iter().filter(|inner| !inner.kind.is_helper());
    let inner = inner.filter_map(|inner| Some(typed(inner, parts.get(&inner.id)?, language)));
    inner.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::form::{FieldKind, kinds};
    use serde_json::json;

    #[test]
    fn counts_are_shown_as_the_reader_writes_them() {
        assert_eq!([count(0, Language::Vi), count(20_000_000, Language::Vi)], ["0", "20.000.000"]);
        assert_eq!(count(1234, Language::En), "1,234");
    }

    #[test]
    fn sizes_are_shown_as_the_reader_writes_them() {
        assert_eq!([size(1 << 20, Language::Vi), size(3 << 19, Language::En)], ["1,0 MB", "1.5 MB"]);
        assert_eq!(size(u64::MAX, Language::En), "17592186044415.9 MB");
    }

    #[test]
    fn nobody_sees_a_helper() {
        let computed = |id: &str, helper| {
            let kind = FieldKind::Computed(kinds::Computed { value: None, unit: None, helper });
            Field::new(id, Text::vi(id), kind)
        };
        let shown = |field: &Field, value: &Json| answer(field, value, Language::Vi);
        assert_eq!(shown(&computed("total", false), &json!(1)).map(|line| line.value), Some("1".to_owned()));
        assert!(shown(&computed("help", true), &json!(1)).is_none());
        let group = kinds::Group { min: 0, max: 9, fields: vec![computed("seen", false), computed("unseen", true)] };
        let rows = Field::new("rows", Text::vi("rows"), FieldKind::Group(group));
        let lines = shown(&rows, &json!([{"seen": 3, "unseen": 4}])).expect("it has rows").rows;
        let labels: Vec<Vec<&str>> =
            lines.iter().map(|row| row.iter().map(|line| line.label.as_str()).collect()).collect();
        assert_eq!(labels, [["seen"]]);
    }
}
