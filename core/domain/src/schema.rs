//! The JSON Schema (2020-12) of a form's data, on which other systems and plugins may rely.

use crate::dates::{Precision, YEARS};
use crate::form::{Check, Field, Kind};
use crate::money::Dong;
use crate::procedure::Procedure;
use crate::text::Language;
use serde_json::{Map, Value as Json, json};

/// Returns the schema of the values of dossiers filed under this version. `id` is its address.
pub fn schema(procedure: &Procedure, id: &str) -> Json {
    let fields: Vec<&Field> = procedure.form.fields().map(|(_, field)| field).collect();
    let mut schema = object(&fields);
    let head = [
        ("$schema", json!("https://json-schema.org/draft/2020-12/schema")),
        ("$id", json!(id)),
        ("title", json!(procedure.name.vi)),
        ("description", json!(format!("{} · version {}", procedure.code, procedure.digest()))),
    ];
    let rules: Vec<&str> = procedure.form.checks.iter().map(|Check { text, .. }| text.vi.as_str()).collect();
    if let Some(map) = schema.as_object_mut() {
        map.extend(head.map(|(key, value)| (key.to_owned(), value)));
        if !rules.is_empty() {
            // The vocabulary of JSON Schema cannot express rules over several answers.
            map.insert("$comment".to_owned(), json!(rules.join(" ")));
        }
    }
    schema
}

/// Returns an object of these answers. An answer is required only if it is always shown and required.
fn object(fields: &[&Field]) -> Json {
    use crate::expression::Condition::Fixed;
    let asks = |field: &&&Field| !matches!(field.kind, Kind::Explanation);
    let properties: Map<String, Json> =
        fields.iter().filter(asks).map(|field| (field.id.clone(), described(field))).collect();
    let always = |field: &&&Field| {
        let kept = matches!(field.kind, Kind::Group { .. } | Kind::Table { .. });
        field.shown == Fixed(true)
            && (kept || field.required == Fixed(true) && !matches!(field.kind, Kind::Computed { .. }))
    };
    let required: Vec<&str> = fields.iter().filter(asks).filter(always).map(|field| field.id.as_str()).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn described(field: &Field) -> Json {
    let mut schema = value(&field.kind);
    if let Some(map) = schema.as_object_mut() {
        map.insert("title".to_owned(), json!(field.label.vi));
        if let Some(en) = &field.label.en {
            map.insert("description".to_owned(), json!(en));
        }
    }
    schema
}

/// Returns the schema with the limits that exist.
fn limited(base: Json, limits: &[(&str, Option<Json>)]) -> Json {
    let mut schema = base;
    if let Some(map) = schema.as_object_mut() {
        let present = limits.iter().filter_map(|(key, limit)| Some(((*key).to_owned(), limit.clone()?)));
        map.extend(present);
    }
    schema
}

fn value(kind: &Kind) -> Json {
    let parts = || object(&kind.parts().iter().collect::<Vec<_>>());
    let number = |limit: &Option<i64>| limit.map(Json::from);
    let dong = |limit: &Option<Dong>| limit.map(|limit| Json::from(limit.0));
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match kind {
        Kind::Text { max } | Kind::LongText { max } => json!({ "type": "string", "minLength": 1, "maxLength": max }),
        Kind::Integer { min, max, .. } => {
            limited(json!({ "type": "integer" }), &[("minimum", number(min)), ("maximum", number(max))])
        }
        Kind::Dong { min, max } => {
            limited(json!({ "type": "integer" }), &[("minimum", dong(min)), ("maximum", dong(max))])
        }
        Kind::Decimal { min, max, .. } => {
            limited(json!({ "type": "number" }), &[("minimum", min.map(Json::from)), ("maximum", max.map(Json::from))])
        }
        Kind::Date { precision, .. } if !precision.is_day() => partial_date(*precision),
        Kind::Date { .. } => json!({ "type": "string", "format": "date" }),
        Kind::DateTime { .. } => text(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$"),
        Kind::YesNo => json!({ "type": "boolean" }),
        Kind::Consent => json!({ "const": true }),
        Kind::Explanation => json!(false),
        Kind::Computed { .. } => json!({ "type": ["number", "string", "boolean"] }),
        Kind::OneOf { choices } => {
            let one = |choice: &crate::form::Choice| json!({ "const": choice.value, "title": choice.label.get(Language::Vi) });
            json!({ "oneOf": choices.iter().map(one).collect::<Vec<_>>() })
        }
        Kind::SeveralOf { choices } => {
            let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            json!({ "type": "array", "minItems": 1, "items": { "enum": values } })
        }
        Kind::Registry { registry, .. } => json!({
            "type": "object", "$comment": format!("an entry of the registry {registry}"),
            "properties": { "code": { "type": "string" }, "name": { "type": "string" } },
            "required": ["code", "name"], "additionalProperties": false
        }),
        Kind::Phone { landline, foreign } => {
            let landline = if *landline { "|02[0-9]{9}|1[89]00([0-9]{2}){2,3}" } else { "" };
            let foreign = if *foreign { r"|\+[1-9][0-9]{6,14}" } else { "" };
            text(&format!("^(0[35789][0-9]{{8}}{landline}{foreign})$"))
        }
        Kind::Email => json!({ "type": "string", "maxLength": 254, "pattern": "^[^@ ]+@[^@ ]+$" }),
        Kind::CitizenNumber { .. } => text("^[0-9]{12}$"),
        Kind::TaxCode => text("^([0-9]{10}(-[0-9]{3})?|[0-9]{12})$"),
        Kind::BankAccount | Kind::Address | Kind::Person { .. } | Kind::Organisation => parts(),
        Kind::Group { min, max, .. } => {
            json!({ "type": "array", "minItems": min, "maxItems": max, "items": parts() })
        }
        Kind::Table { rows, .. } => {
            let row = parts();
            let rows: Map<String, Json> = rows
                .iter()
                .map(|known| (known.value.clone(), limited(row.clone(), &[("title", Some(json!(known.label.vi)))])))
                .collect();
            let names: Vec<&String> = rows.keys().collect();
            json!({ "type": "object", "required": names, "properties": rows, "additionalProperties": false })
        }
        Kind::File { max_files, .. } => json!({
            "type": "array", "minItems": 1, "maxItems": max_files,
            "items": {
                "type": "object",
                "properties": {
                    "name": { "type": "string" },
                    "digest": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
                    "media_type": { "type": "string" },
                    "bytes": { "type": "integer", "minimum": 0 }
                },
                "required": ["name", "digest", "media_type", "bytes"], "additionalProperties": false
            }
        }),
        Kind::Map { shape: crate::form::Shape::Point } => json!({
            "type": "object",
            "properties": { "type": { "const": "Point" }, "coordinates": position() },
            "required": ["type", "coordinates"], "additionalProperties": false
        }),
        Kind::Map { shape: crate::form::Shape::Area } => json!({
            "type": "object",
            "properties": {
                "type": { "const": "Polygon" },
                "coordinates": { "type": "array", "minItems": 1, "maxItems": 1,
                    "items": { "type": "array", "minItems": 4, "items": position() } }
            },
            "required": ["type", "coordinates"], "additionalProperties": false
        }),
    }
}

/// Returns a date of which the day, or the day and the month, may be missing.
fn partial_date(precision: Precision) -> Json {
    let required: &[&str] = if precision == Precision::Month { &["year", "month"] } else { &["year"] };
    json!({
        "type": "object",
        "properties": {
            "year": { "type": "integer", "minimum": YEARS.start(), "maximum": YEARS.end() },
            "month": { "type": "integer", "minimum": 1, "maximum": 12 },
            "day": { "type": "integer", "minimum": 1, "maximum": 31 }
        },
        "required": required, "dependentRequired": { "day": ["month"] }, "additionalProperties": false
    })
}

fn position() -> Json {
    json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "number" } })
}
