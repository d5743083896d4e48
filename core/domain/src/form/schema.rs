//! The JSON Schema (2020-12) of answers.

use crate::expression::Condition;
use crate::form::kinds::Structure;
use crate::form::{AnswerRows, Field, FieldChoice, FieldKind};
use serde_json::{Map, Value as Json, json};

/// Returns an object of these answers. An answer is required only if it is always shown and required.
pub fn object<'a>(fields: impl IntoIterator<Item = &'a Field>) -> Json {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for field in fields {
        let Some(schema) = described(field) else { continue };
        properties.insert(field.id.clone(), schema);
        if is_always_there(field) {
            required.push(field.id.as_str());
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn is_always_there(field: &Field) -> bool {
    let is_given = match field.kind.structure() {
        Structure::Rows(..) => true,
        Structure::Computed(_) | Structure::Explanation => false,
        Structure::Single(_) | Structure::Block(_) | Structure::Files(_) => field.required == Condition::Fixed(true),
    };
    field.shown == Condition::Fixed(true) && is_given
}

/// Returns the schema of an answer with its label. A field without an answer has none.
fn described(field: &Field) -> Option<Json> {
    let schema = titled(answer(&field.kind)?, &field.label.vi);
    Some(match &field.label.en {
        Some(en) => with(schema, "description", en),
        None => schema,
    })
}

fn titled(schema: Json, title: &str) -> Json {
    with(schema, "title", title)
}

fn with(mut schema: Json, key: &str, text: &str) -> Json {
    if let Some(map) = schema.as_object_mut() {
        map.insert(key.to_owned(), json!(text));
    }
    schema
}

fn answer(kind: &FieldKind) -> Option<Json> {
    Some(match kind.structure() {
        Structure::Single(kind) => kind.schema(),
        Structure::Block(block) => object(&block.parts),
        Structure::Rows(AnswerRows::Added { least, most }, parts) => {
            json!({ "type": "array", "minItems": least, "maxItems": most, "items": object(parts) })
        }
        Structure::Rows(AnswerRows::Named(rows), parts) => {
            let part = object(parts);
            let row = |known: &FieldChoice| (known.value.clone(), titled(part.clone(), &known.label.vi));
            let rows: Map<String, Json> = rows.iter().map(row).collect();
            let names: Vec<&String> = rows.keys().collect();
            json!({ "type": "object", "required": names, "properties": rows, "additionalProperties": false })
        }
        Structure::Files(kind) => kind.schema(),
        Structure::Computed(kind) => kind.schema(),
        Structure::Explanation => return None,
    })
}
