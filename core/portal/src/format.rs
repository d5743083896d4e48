//! Times and amounts in the format for people.

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_domain::answer;
use motcua_domain::calendar::{Limit, local};
use motcua_domain::clock::Punctuality;
use motcua_domain::dates::{self, PartialDate, Precision};
use motcua_domain::form::{Field, Form, Kind, Shape};
use motcua_domain::geometry;
use motcua_domain::money::Dong;
use motcua_domain::number::{self, Written};
use motcua_domain::procedure::FeeLine;
use motcua_domain::text::Language;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// Formats a moment: `24/11/2026 08:30`, or `24 Nov 2026 08:30`.
pub fn moment(at: Timestamp, language: Language) -> String {
    match language {
        Language::Vi => local(at).strftime("%d/%m/%Y %H:%M").to_string(),
        Language::En => local(at).strftime("%-d %b %Y %H:%M").to_string(),
    }
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

/// Formats fees, one a line: name, `fee` or `charge`, amount.
pub fn fee_lines(lines: &[FeeLine], language: Language) -> Vec<(String, &'static str, String)> {
    let line = |line: &FeeLine| (line.name.get(language).to_owned(), line.kind.name(), line.amount.shown(language));
    lines.iter().map(line).collect()
}

/// A section of a filled-in form, for reading.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerSection {
    pub title: String,
    pub answers: Vec<Answer>,
}

/// A question with its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    pub label: String,
    pub value: String,
    /// The rows of a group.
    pub rows: Vec<Vec<Answer>>,
    /// The outline of an area within a square of 100 by 100, in the format of an SVG polygon. Other answers have an
    /// empty text.
    pub outline: String,
}

impl Answer {
    /// Returns an answer without rows or an outline.
    pub fn plain(label: String, value: String) -> Self {
        Self { label, value, rows: Vec::new(), outline: String::new() }
    }
}

/// Formats the values of a form, without unanswered questions.
pub fn answers(form: &Form, values: &Map<String, Json>, language: Language) -> Vec<AnswerSection> {
    form.sections
        .iter()
        .map(|section| AnswerSection {
            title: section.title.get(language).to_owned(),
            answers: section
                .fields
                .iter()
                .filter_map(|field| answer(field, values.get(&field.id)?, language))
                .collect(),
        })
        .filter(|section| !section.answers.is_empty())
        .collect()
}

fn answer(field: &Field, value: &Json, language: Language) -> Option<Answer> {
    let label = field.label.get(language).to_owned();
    let mut rows = Vec::new();
    let parts = |item: &Map<String, Json>| -> Vec<Answer> {
        let inner = field.kind.parts().iter();
        inner.filter_map(|inner| answer(inner, item.get(&inner.id)?, language)).collect()
    };
    match (&field.kind, value) {
        (Kind::Group { .. }, Json::Array(items)) => rows.extend(items.iter().filter_map(Json::as_object).map(parts)),
        (Kind::Table { rows: known, .. }, Json::Object(values)) => {
            for row in known {
                let Some(answers) = values.get(&row.value).and_then(Json::as_object).map(parts) else { continue };
                if !answers.is_empty() {
                    let label = row.label.get(language).to_owned();
                    rows.push(vec![Answer { rows: vec![answers], ..Answer::plain(label, String::new()) }]);
                }
            }
        }
        (kind, Json::Object(item)) if kind.is_block() => rows.push(parts(item)),
        _ => {}
    }
    let outline = match &field.kind {
        Kind::Map { shape: Shape::Area } => geometry::points(value).map_or_else(String::new, |ring| outline(&ring)),
        _ => String::new(),
    };
    let value = shown(&field.kind, value, language);
    (!value.is_empty() || !rows.is_empty()).then_some(Answer { label, value, rows, outline })
}

/// Returns a ring of latitudes and longitudes as points of an SVG polygon, north up.
fn outline(ring: &[(f64, f64)]) -> String {
    let bounds = |of: fn(&(f64, f64)) -> f64| {
        ring.iter().map(of).fold((f64::MAX, f64::MIN), |(least, most), at| (least.min(at), most.max(at)))
    };
    let ((south, north), (west, east)) = (bounds(|point| point.0), bounds(|point| point.1));
    // A degree of longitude is shorter than one of latitude.
    let narrow = south.to_radians().cos();
    let size = (north - south).max((east - west) * narrow).max(f64::MIN_POSITIVE);
    let at = |(lat, lon): &(f64, f64)| {
        format!("{:.1},{:.1}", (lon - west) * narrow / size * 100.0, (north - lat) / size * 100.0)
    };
    ring.iter().map(at).collect::<Vec<_>>().join(" ")
}

/// Formats a place: its coordinates, or the corners and the size of an area.
fn place(value: &Json, language: Language) -> String {
    match geometry::points(value).as_deref() {
        Some([point]) => lines(&[*point]),
        Some(ring) => {
            #[expect(clippy::cast_possible_truncation, reason = "a province has fewer square metres")]
            let metres = geometry::square_metres(ring).round() as i64;
            let size = format!("{} m²", number::whole(metres, language));
            let corners = ring.len().saturating_sub(1);
            match language {
                Language::Vi => format!("{corners} điểm, khoảng {size}"),
                Language::En => format!("{corners} corners, about {size}"),
            }
        }
        None => String::new(),
    }
}

/// Formats a number. Without a unit it may be a year or a number of a plot, so that four digits stay together.
fn figure(number: &serde_json::Number, bare: bool, language: Language) -> String {
    match Written::of(number) {
        Some(written) if bare && written.length() <= 4 => written.plain(language),
        _ => number::shown(number, language),
    }
}

/// Returns points as people type them.
pub fn lines(points: &[(f64, f64)]) -> String {
    let open = if points.len() > 1 && points.first() == points.last() { &points[..points.len() - 1] } else { points };
    open.iter().map(|(lat, lon)| format!("{lat}, {lon}")).collect::<Vec<_>>().join("\n")
}

/// Formats a typed answer, even if it is not valid yet, or a judged value.
pub fn typed(field: &Field, content: &Json, language: Language) -> String {
    match (&field.kind, content) {
        (Kind::Group { .. }, Json::Array(items)) => typed_rows(field, items.iter(), language),
        (Kind::Table { .. }, Json::Object(items)) => typed_rows(field, items.values(), language),
        (kind, Json::Object(item)) if kind.is_block() => typed_parts(field, item, language),
        (
            kind @ (Kind::Integer { .. } | Kind::Decimal { .. } | Kind::Dong { .. }),
            Json::String(_) | Json::Object(_),
        ) => answer::retyped(kind, content, language),
        (Kind::Date { .. }, Json::String(text)) => dates::read(text, Precision::Year)
            .map_or_else(|_| shown(&field.kind, content, language), |date| date.shown(language)),
        (kind, Json::String(text)) => {
            let value = match text.as_str() {
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                _ => content.clone(),
            };
            Some(shown(kind, &value, language)).filter(|shown| !shown.is_empty()).unwrap_or_else(|| text.clone())
        }
        (kind, other) => shown(kind, other, language),
    }
}

/// Formats the rows of a group or a table in one line.
fn typed_rows<'a>(field: &Field, rows: impl Iterator<Item = &'a Json>, language: Language) -> String {
    let rows = rows.filter_map(Json::as_object).map(|row| typed_parts(field, row, language));
    rows.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Formats the answers of a row or a block in one line.
fn typed_parts(field: &Field, parts: &Map<String, Json>, language: Language) -> String {
    let inner = field.kind.parts().iter();
    let inner = inner.filter_map(|inner| Some(typed(inner, parts.get(&inner.id)?, language)));
    inner.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Formats one value.
pub fn shown(kind: &Kind, value: &Json, language: Language) -> String {
    let choice = |choices: &[motcua_domain::form::Choice], value: &Json| {
        let known = choices.iter().find(|choice| Some(choice.value.as_str()) == value.as_str());
        known.map_or_else(String::new, |choice| choice.label.get(language).to_owned())
    };
    match (kind, value) {
        (Kind::OneOf { choices }, value) => choice(choices, value),
        (Kind::SeveralOf { choices }, Json::Array(items)) => {
            items.iter().map(|item| choice(choices, item)).collect::<Vec<_>>().join(", ")
        }
        (Kind::Registry { .. }, Json::Object(entry)) => {
            entry.get("name").and_then(Json::as_str).unwrap_or_default().to_owned()
        }
        (Kind::File { .. }, Json::Array(files)) => {
            files.iter().filter_map(|file| file.get("name")?.as_str()).collect::<Vec<_>>().join(", ")
        }
        (Kind::Map { .. }, value) => place(value, language),
        (Kind::Consent, Json::Bool(true)) => match language {
            Language::Vi => "Đã đồng ý".to_owned(),
            Language::En => "Agreed".to_owned(),
        },
        (Kind::DateTime { .. }, Json::String(text)) => text.parse::<jiff::civil::DateTime>().map_or_else(
            |_| text.clone(),
            |at| at.strftime(if language == Language::Vi { "%d/%m/%Y %H:%M" } else { "%-d %b %Y %H:%M" }).to_string(),
        ),
        (Kind::YesNo | Kind::Computed { .. }, Json::Bool(yes)) => match (yes, language) {
            (true, Language::Vi) => "Có".to_owned(),
            (false, Language::Vi) => "Không".to_owned(),
            (true, Language::En) => "Yes".to_owned(),
            (false, Language::En) => "No".to_owned(),
        },
        (Kind::Dong { .. }, Json::Number(amount)) => Dong(amount.as_i64().unwrap_or_default()).shown(language),
        (
            Kind::Integer { unit, .. } | Kind::Decimal { unit, .. } | Kind::Computed { unit, .. },
            Json::Number(number),
        ) => {
            let unit = unit.as_ref().map_or("", |unit| unit.get(language));
            format!("{} {unit}", figure(number, unit.is_empty(), language)).trim_end().to_owned()
        }
        (Kind::Date { .. }, value) => PartialDate::of(value)
            .map_or_else(|| value.as_str().unwrap_or_default().to_owned(), |date| date.shown(language)),
        (_, Json::String(text)) => text.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::text::Text;
    use serde_json::json;

    #[test]
    fn numbers_money_sizes_and_dates_are_shown_as_the_reader_writes_them() {
        let unit = Some(Text::vi("m²"));
        let area = Kind::Decimal { min: None, max: None, places: 2, unit };
        let year = Kind::Integer { min: None, max: None, unit: None };
        let dong = Kind::Dong { min: None, max: None };
        let born = Kind::Date { past: true, precision: Precision::Year };
        for (kind, value, vi, en) in [
            (&area, json!(1250.5), "1.250,5 m²", "1,250.5 m²"),
            (&area, json!(2500.0), "2.500 m²", "2,500 m²"),
            (&area, json!(1e16), "10.000.000.000.000.000 m²", "10,000,000,000,000,000 m²"),
            (&year, json!(1995), "1995", "1995"),
            (&year, json!(19_950), "19.950", "19,950"),
            (&dong, json!(1_200_000), "1.200.000 đ", "1,200,000 đ"),
            (&born, json!("1960-09-02"), "02/09/1960", "2 Sep 1960"),
            (&born, json!({"year": 1960, "month": 9}), "09/1960", "Sep 1960"),
            (&born, json!({"year": 1960}), "1960", "1960"),
        ] {
            assert_eq!(shown(kind, &value, Language::Vi), vi);
            assert_eq!(shown(kind, &value, Language::En), en);
        }
        assert_eq!([size(1 << 20, Language::Vi), size(3 << 19, Language::En)], ["1,0 MB", "1.5 MB"]);
        assert_eq!(size(u64::MAX, Language::En), "17592186044415.9 MB");
    }
}
