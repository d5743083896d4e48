//! The JSON Schema (2020-12) of a form's data, on which other systems and plugins may rely.

use crate::form::schema::object;
use crate::form::{Field, FormCheck};
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
    let checks = procedure.form.checks.iter().map(|FormCheck { text, .. }| text);
    let texts = checks.chain(procedure.alternatives.iter().map(|rule| &rule.text));
    let rules: Vec<&str> = texts.map(|text| text.vi.as_str()).collect();
    if let Some(map) = schema.as_object_mut() {
        map.extend(head.map(|(key, value)| (key.to_owned(), value)));
        if !rules.is_empty() {
            // The vocabulary of JSON Schema cannot express rules over several answers.
            map.insert("$comment".to_owned(), json!(rules.join(" ")));
        }
    }
    schema
}

/// Returns the schema of the answers that the results of this version keep. `id` is its address. Returns `None` if its
/// results do not enter the register.
pub fn result_schema(procedure: &Procedure, id: &str) -> Option<Json> {
    let rule = procedure.register.as_ref()?;
    let kept = |field: &&Field| rule.data.contains(&field.id);
    let mut schema = object(procedure.answered_fields().filter(kept));
    if let Some(map) = schema.as_object_mut() {
        map.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("$id".to_owned(), json!(id));
        map.insert("title".to_owned(), json!(procedure.result.vi));
        // An answer is kept only if it was given, whatever the form required when the result was issued.
        map.insert("required".to_owned(), json!([]));
    }
    Some(schema)
}
