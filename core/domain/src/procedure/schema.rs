//! The JSON Schema (2020-12) of a form's data, on which other systems and plugins may rely.

use crate::form::FormCheck;
use crate::form::schema::object;
use crate::procedure::Procedure;
use serde_json::{Value as Json, json};

/// Returns the schema of the values of dossiers filed under this version. `id` is its address.
pub fn schema(procedure: &Procedure, id: &str) -> Json {
    let mut schema = object(procedure.form.fields().map(|(_, field)| field));
    let head = [
        ("$schema", json!("https://json-schema.org/draft/2020-12/schema")),
        ("$id", json!(id)),
        ("title", json!(procedure.name.vi)),
        ("description", json!(format!("{} · version {}", procedure.code, procedure.digest()))),
    ];
    let rules: Vec<&str> = procedure.form.checks.iter().map(|FormCheck { text, .. }| text.vi.as_str()).collect();
    if let Some(map) = schema.as_object_mut() {
        map.extend(head.map(|(key, value)| (key.to_owned(), value)));
        if !rules.is_empty() {
            // The vocabulary of JSON Schema cannot express rules over several answers.
            map.insert("$comment".to_owned(), json!(rules.join(" ")));
        }
    }
    schema
}
