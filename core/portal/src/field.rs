//! A field of a form as a page shows it.

use crate::format::shown;
use motcua_domain::form::{Field, Kind, Section};
use motcua_domain::judge::{Finding, Severity};
use motcua_domain::text::Language;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// A field with what was typed and what there is to say about it.
#[derive(Debug, Clone, Serialize)]
pub struct FieldContext {
    pub name: String,
    pub label: String,
    pub help: String,
    /// `line`, `text`, `choice`, `choices`, `yes-no`, `consent`, `explanation`, `computed` or `group`.
    pub widget: &'static str,
    pub required: bool,
    pub value: String,
    pub choices: Vec<ChoiceContext>,
    pub unit: String,
    /// The keyboard of a phone.
    pub inputmode: &'static str,
    pub autocomplete: &'static str,
    pub placeholder: &'static str,
    pub findings: Vec<FindingContext>,
    pub rows: Vec<RowContext>,
    /// Another row may be added.
    pub more: bool,
}

/// One row of a group.
#[derive(Debug, Clone, Serialize)]
pub struct RowContext {
    pub index: usize,
    pub fields: Vec<FieldContext>,
}

/// One answer of a closed question.
#[derive(Debug, Clone, Serialize)]
pub struct ChoiceContext {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// Something to say.
#[derive(Debug, Clone, Serialize)]
pub struct FindingContext {
    /// The field that it is about, as the anchor on the page.
    pub path: String,
    pub error: bool,
    pub text: String,
}

/// A finding in a language.
pub fn finding(finding: &Finding, language: Language) -> FindingContext {
    FindingContext {
        path: finding.path.clone(),
        error: finding.severity == Severity::Error,
        text: finding.text.get(language).to_owned(),
    }
}

/// The fields of a section that are shown for these values.
pub fn section(
    section: &Section,
    typed: &Map<String, Json>,
    values: &Map<String, Json>,
    findings: &[Finding],
    language: Language,
) -> Vec<FieldContext> {
    let shown = section.fields.iter().filter(|field| field.shown.holds(values));
    shown.map(|field| context(field, &field.id, typed.get(&field.id), values, findings, language)).collect()
}

fn text(value: Option<&Json>) -> String {
    match value {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        Some(Json::Bool(yes)) => yes.to_string(),
        _ => String::new(),
    }
}

fn context(
    field: &Field,
    name: &str,
    typed: Option<&Json>,
    values: &Map<String, Json>,
    findings: &[Finding],
    language: Language,
) -> FieldContext {
    let (widget, inputmode, autocomplete, placeholder) = match &field.kind {
        Kind::LongText { .. } => ("text", "text", "off", ""),
        Kind::Integer { .. } | Kind::Dong { .. } | Kind::CitizenNumber | Kind::TaxCode => {
            ("line", "numeric", "off", "")
        }
        Kind::Decimal { .. } => ("line", "decimal", "off", ""),
        Kind::Date { .. } => ("line", "numeric", "off", "ngày/tháng/năm"),
        Kind::DateTime { .. } => ("line", "text", "off", "ngày/tháng/năm giờ:phút"),
        Kind::Consent => ("consent", "", "", ""),
        Kind::Explanation => ("explanation", "", "", ""),
        Kind::Computed { .. } => ("computed", "", "", ""),
        Kind::Phone => ("line", "tel", "tel", ""),
        Kind::Email => ("line", "email", "email", ""),
        Kind::YesNo => ("yes-no", "", "", ""),
        Kind::OneOf { .. } => ("choice", "", "", ""),
        Kind::SeveralOf { .. } => ("choices", "", "", ""),
        Kind::Group { .. } => ("group", "", "", ""),
        Kind::Text { .. } => ("line", "text", "on", ""),
    };
    let chosen = |value: &str| match typed {
        Some(Json::Array(items)) => items.iter().any(|item| item.as_str() == Some(value)),
        other => text(other) == value,
    };
    let (choices, unit) = match &field.kind {
        Kind::OneOf { choices } | Kind::SeveralOf { choices } => (
            choices
                .iter()
                .map(|choice| ChoiceContext {
                    value: choice.value.clone(),
                    label: choice.label.get(language).to_owned(),
                    chosen: chosen(&choice.value),
                })
                .collect(),
            None,
        ),
        Kind::Integer { unit, .. } | Kind::Decimal { unit, .. } | Kind::Computed { unit, .. } => {
            (Vec::new(), unit.as_ref())
        }
        _ => (Vec::new(), None),
    };
    let unit = match &field.kind {
        Kind::Dong { .. } => "đồng".to_owned(),
        _ => unit.map_or_else(String::new, |unit| unit.get(language).to_owned()),
    };
    let (rows, more) = match &field.kind {
        Kind::Group { min, max, fields } => {
            let rows = rows(fields, name, *min, typed, findings, language);
            let more = rows.len() < *max;
            (rows, more)
        }
        _ => (Vec::new(), false),
    };
    FieldContext {
        name: name.to_owned(),
        label: field.label.get(language).to_owned(),
        help: field.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
        widget,
        required: field.required.holds(values),
        value: match &field.kind {
            Kind::Computed { .. } => shown(&field.kind, values.get(&field.id).unwrap_or(&Json::Null), language),
            kind => date_as_typed(kind, text(typed)),
        },
        choices,
        unit,
        inputmode,
        autocomplete,
        placeholder,
        findings: findings.iter().filter(|found| found.path == name).map(|found| finding(found, language)).collect(),
        rows,
        more,
    }
}

/// A date that was filed is kept as `2026-09-02`; people write it `02/09/2026`.
fn date_as_typed(kind: &Kind, text: String) -> String {
    match (kind, text.parse::<jiff::civil::Date>()) {
        (Kind::Date { .. }, Ok(date)) => date.strftime("%d/%m/%Y").to_string(),
        (Kind::DateTime { .. }, _) => text
            .parse::<jiff::civil::DateTime>()
            .map_or_else(|_| text.clone(), |moment| moment.strftime("%d/%m/%Y %H:%M").to_string()),
        _ => text,
    }
}

fn rows(
    fields: &[Field],
    name: &str,
    min: usize,
    typed: Option<&Json>,
    findings: &[Finding],
    language: Language,
) -> Vec<RowContext> {
    let empty = Map::new();
    let typed = typed.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    (0..typed.len().max(min))
        .map(|index| {
            let row = typed.get(index).and_then(Json::as_object).unwrap_or(&empty);
            let inner = |field: &Field| {
                let path = format!("{name}.{index}.{}", field.id);
                context(field, &path, row.get(&field.id), row, findings, language)
            };
            RowContext { index, fields: fields.iter().map(inner).collect() }
        })
        .collect()
}
