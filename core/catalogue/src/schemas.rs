//! The JSON Schemas of the files of authors and operators, for editors that complete and check the text.
//!
//! They are made from the keys with which the readers read the files.

use crate::files::TOML;
use crate::reading::codes::CODES;
use crate::reading::keys::{BOTH_LANGUAGES, Keys, Shape};
use serde_json::{Map, Value as Json, json};

/// The name of the definition of words for people.
const WORDS: &str = "Words";

/// Returns the schemas by the name of their file, each with a glob of the files for it.
pub fn all() -> Vec<(&'static str, &'static str, Json)> {
    TOML.iter().map(|(name, glob, keys)| (*name, *glob, of_file(keys))).collect()
}

/// Returns the schema of the output of `motcua check --format json`, with the name of its file.
pub fn check_report() -> (&'static str, Json) {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let place = json!({ "type": "integer", "minimum": 1 });
    let bytes = closed(json!({
        "start": { "type": "integer", "minimum": 0 },
        "end": { "type": "integer", "minimum": 0 },
    }));
    let cause = closed(json!({
        "code": { "type": "string" }, "file": { "type": "string" }, "line": place, "column": place,
    }));
    let fix = closed(json!({ "bytes": { "$ref": "#/$defs/Bytes" }, "text": { "type": "string" } }));
    let diagnostic = closed(json!({
        "code": { "enum": CODES.iter().map(|known| known.code).collect::<Vec<_>>() },
        "kind": described(
            json!({ "enum": ["unfinished", "wrong"] }),
            "`unfinished`: the author has not written something yet. `wrong`: something is written, and it is not right.",
        ),
        "file": described(json!({ "type": "string" }), "The file, relative to the install folder."),
        "line": described(place.clone(), "The line, from 1."),
        "column": described(place, "The column in characters, from 1."),
        "bytes": described(json!({ "$ref": "#/$defs/Bytes" }), "The place in the file, in bytes."),
        "message": { "type": "string" },
        "help": { "type": "string" },
        "cause": described(
            json!({ "anyOf": [{ "$ref": "#/$defs/Cause" }, { "type": "null" }] }),
            "The mistake from which this one follows. Its correction may correct both.",
        ),
        "fix": described(
            json!({ "anyOf": [{ "$ref": "#/$defs/Fix" }, { "type": "null" }] }),
            "The only correction that the check knows, if it is safe: the text that replaces the bytes.",
        ),
    }));
    let diagnostics = json!({ "type": "array", "items": { "$ref": "#/$defs/Diagnostic" } });
    let gap = closed(json!({ "part": { "type": "string" }, "id": { "type": "string" } }));
    let parts = json!({ "type": "array", "items": gap });
    let unfounded = closed(json!({ "procedure": { "type": "string" }, "parts": parts }));
    let mut schema = closed(json!({
        "mistakes": diagnostics,
        "warnings": described(diagnostics.clone(), "The mistakes that do not keep the portal from starting."),
        "others": described(texts.clone(), "The flaws without a place in a file: of the theme and of components."),
        "unused_workflows": described(texts, "The workflows that no procedure uses."),
        "without_basis": described(
            json!({ "type": "array", "items": unfounded }),
            "The parts that name no legal basis, if somebody asks for them.",
        ),
    }));
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("CheckReport");
    schema["$defs"] = json!({ "Diagnostic": diagnostic, "Bytes": bytes, "Cause": cause, "Fix": fix });
    ("check.schema.json", schema)
}

/// Returns the schema of an object that has all these properties and no others.
fn closed(properties: Json) -> Json {
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(Map::keys).collect();
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

/// The tables that a schema defines once and names at several places, by name.
type Definitions = Map<String, Json>;

/// Returns the schema of a file with these keys at its root.
fn of_file(keys: &Keys) -> Json {
    let mut definitions = Definitions::new();
    let mut schema = of_table(keys, &mut definitions);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(keys.name);
    schema["$defs"] = Json::Object(definitions);
    schema
}

/// Returns the schema of a table. Adds the tables within it to the definitions.
fn of_table(keys: &Keys, definitions: &mut Definitions) -> Json {
    let mut properties = Map::new();
    for key in keys.all {
        let mut value = described(of_shape(key.shape, definitions), &key.meaning());
        if let Some(default) = key.default {
            value["default"] = json!(default);
        }
        properties.insert(key.name.to_owned(), value);
    }
    let required: Vec<&str> = keys.all.iter().filter(|key| key.required).map(|key| key.name).collect();
    let schema =
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    described(schema, keys.about)
}

fn of_shape(shape: Shape, definitions: &mut Definitions) -> Json {
    match shape {
        Shape::Text | Shape::Date => json!({ "type": "string" }),
        Shape::Word(words) => json!({ "type": "string", "enum": words() }),
        Shape::Words => {
            define_words(definitions);
            reference(WORDS)
        }
        Shape::Number => json!({ "type": "number" }),
        Shape::Integer(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Table(keys) => {
            define(keys, definitions);
            reference(keys.name)
        }
        Shape::Tables(keys) => {
            define(keys, definitions);
            json!({ "type": "array", "items": reference(keys.name) })
        }
        Shape::List(item) => json!({ "type": "array", "items": of_shape(*item, definitions) }),
        Shape::Map(value) => json!({ "type": "object", "additionalProperties": of_shape(*value, definitions) }),
        Shape::Any => json!({}),
        Shape::Either(about, shapes) => {
            let any: Vec<Json> = shapes.iter().map(|shape| of_shape(*shape, definitions)).collect();
            described(json!({ "anyOf": any }), about)
        }
    }
}

/// Adds a description to a schema, if there is one.
fn described(mut schema: Json, about: &str) -> Json {
    let about = about.trim();
    if !about.is_empty() {
        schema["description"] = json!(about);
    }
    schema
}

/// Returns a schema that names a definition.
fn reference(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// Adds a table to the definitions. A table may contain itself, as a group contains fields.
fn define(keys: &Keys, definitions: &mut Definitions) {
    if !definitions.contains_key(keys.name) {
        definitions.insert(keys.name.to_owned(), Json::Null);
        let schema = of_table(keys, definitions);
        definitions.insert(keys.name.to_owned(), schema);
    }
}

fn define_words(definitions: &mut Definitions) {
    define(&BOTH_LANGUAGES, definitions);
    let words = json!({ "anyOf": [{ "type": "string" }, reference(BOTH_LANGUAGES.name)] });
    definitions.insert(WORDS.to_owned(), described(words, "Words for people: Vietnamese only, or both languages."));
}
