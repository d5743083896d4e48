//! The settings of a plugin: a JSON Schema in the component itself, so that it is transferred and signed with it.
//!
//! The schema is the content of a custom section of the component, after all other sections. `motcua plugin build`
//! writes the file `settings.schema.json` of the plugin's folder there.

use crate::PluginFault;
use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value as Json};

/// The name of the custom section.
const SECTION: &str = "motcua:settings";

/// The longest schema, in bytes.
const LONGEST: usize = 64 << 10;

/// The most mistakes that are named.
const MOST_NAMED: usize = 20;

/// The bytes before the first section of a component.
const HEADER: usize = 8;

/// Returns the component with a schema for its settings.
pub fn with_schema(component: &[u8], schema: &str) -> Vec<u8> {
    let content = [&number(SECTION.len())[..], SECTION.as_bytes(), schema.as_bytes()].concat();
    [component, &[0][..], &number(content.len())[..], &content[..]].concat()
}

/// Writes a length in the form of WebAssembly: seven bits a byte, the lowest first (LEB128).
fn number(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or(0);
        length >>= 7;
        if length == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// Reads a length, and returns the bytes after it.
fn read_number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut length = 0_usize;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((length, bytes.get(at + 1..)?));
        }
    }
    None
}

/// Returns the last section with the schema, if one exists.
fn section(component: &[u8]) -> Option<&[u8]> {
    let mut rest = component.get(HEADER..)?;
    let mut found = None;
    while let Some((id, behind)) = rest.split_first() {
        let (length, behind) = read_number(behind)?;
        let (content, behind) = behind.split_at_checked(length)?;
        if *id == 0
            && let Some((length, named)) = read_number(content)
            && let Some((name, schema)) = named.split_at_checked(length)
            && name == SECTION.as_bytes()
        {
            found = Some(schema);
        }
        rest = behind;
    }
    found
}

/// The schema of a component's settings.
#[derive(Debug)]
pub(crate) struct SettingsSchema(Validator);

impl SettingsSchema {
    /// Reads the schema of a component, or none if the component declares none. A schema that cannot be used makes the
    /// component unfit.
    pub fn of(component: &[u8]) -> Result<Option<Self>, PluginFault> {
        let Some(schema) = section(component) else { return Ok(None) };
        let unfit = |why: String| PluginFault::Unfit(format!("the schema of its settings cannot be used: {why}"));
        if schema.len() > LONGEST {
            return Err(unfit(format!("it is {} bytes long, at most {LONGEST} are taken", schema.len())));
        }
        let schema: Json = serde_json::from_slice(schema).map_err(|error| unfit(error.to_string()))?;
        // Patterns do not backtrack, so no pattern takes long.
        let options = jsonschema::options().with_pattern_options(PatternOptions::regex().size_limit(1 << 20));
        options.build(&schema).map(Self).map(Some).map_err(|error| unfit(error.to_string()))
    }

    /// Returns all mistakes in settings.
    pub fn wrong(&self, settings: &Map<String, Json>) -> Vec<String> {
        let settings = Json::Object(settings.clone());
        let words = |error: jsonschema::ValidationError<'_>| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { "the settings".to_owned() } else { format!("the setting `{place}`") };
            format!("{place}: {error}")
        };
        self.0.iter_errors(&settings).take(MOST_NAMED).map(words).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A component of a header and an unrelated section.
    const PLAIN: &[u8] = b"\0asm\x0d\0\x01\0\x01\x02ab";

    fn settings(json: Json) -> Map<String, Json> {
        json.as_object().expect("an object").clone()
    }

    #[test]
    fn a_schema_is_found_again_and_proves_settings() {
        let long =
            format!(r#"{{"description": "{}", "properties": {{"deepest": {{"type": "number"}}}}}}"#, "x".repeat(300));
        let schema = SettingsSchema::of(&with_schema(PLAIN, &long)).expect("it can be used").expect("it is there");
        assert!(schema.wrong(&settings(json!({ "deepest": 120 }))).is_empty());
        let wrong = schema.wrong(&settings(json!({ "deepest": "120" })));
        assert!(wrong.len() == 1 && wrong[0].contains("/deepest"), "{wrong:?}");
    }

    #[test]
    fn a_component_without_a_schema_has_none_and_one_that_cannot_be_used_is_unfit() {
        assert!(SettingsSchema::of(PLAIN).expect("nothing is wrong").is_none());
        for bad in ["", "{", r#"{"type": "nothing"}"#, r#"{"$ref": "https://example.vn/schema.json"}"#] {
            assert!(SettingsSchema::of(&with_schema(PLAIN, bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn bytes_that_are_cut_off_have_no_schema_and_do_no_harm() {
        let whole = with_schema(PLAIN, "{}");
        for end in 0..whole.len() {
            assert!(SettingsSchema::of(&whole[..end]).is_ok_and(|schema| schema.is_none()), "{end}");
        }
    }
}
