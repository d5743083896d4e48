//! The JSON Schemas of the files of authors and operators, for editors that complete and check the text.
//!
//! They are made from the keys with which the readers read the files.

use crate::files::TOML;
use crate::reading::keys::{BOTH_LANGUAGES, Keys, Shape};
use serde_json::{Map, Value as Json, json};

/// The name of the definition of words for people.
const WORDS: &str = "Words";

/// Returns the schemas by the name of their file, each with a glob of the files for it.
pub fn all() -> Vec<(&'static str, &'static str, Json)> {
    TOML.iter().map(|(name, glob, keys)| (*name, *glob, of_file(keys))).collect()
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
