//! Setting one value of a file by its path.

use super::path::{self, PathPart};
use super::{EditRefusal, document};
use crate::files::{procedure, scenario, workflow};
use crate::reading::keys::{BOTH_LANGUAGES, Keys, Shape};
use crate::reading::patch::TextPatch;
use std::fmt::Write as _;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Returns the patch of a `procedure.toml` that sets the value at a path. The value is TOML if it fits there, and
/// otherwise a text.
pub fn set_in_procedure(text: &str, path: &str, value: &str) -> Result<TextPatch, EditRefusal> {
    set(text, &procedure::KEYS, path, value)
}

/// Returns the patch of a scenario that sets the value at a path.
pub fn set_in_scenario(text: &str, path: &str, value: &str) -> Result<TextPatch, EditRefusal> {
    set(text, &scenario::KEYS, path, value)
}

/// Returns the patch of a workflow's file that sets the value at a path.
pub fn set_in_workflow(text: &str, path: &str, value: &str) -> Result<TextPatch, EditRefusal> {
    set(text, &workflow::KEYS, path, value)
}

/// A table on the way to a value.
struct OpenTable<'a> {
    table: &'a DeTable<'a>,
    /// The place of the header or of the braces. The root has none.
    span: Option<Range<usize>>,
    /// The shape of the table.
    shape: Shape,
}

fn set(text: &str, keys: &'static Keys, path: &str, value: &str) -> Result<TextPatch, EditRefusal> {
    let parts = path::parse(path)?;
    let Some((PathPart::Key(key), before)) = parts.split_last() else {
        return Err(EditRefusal::NotAPath(path.to_owned()));
    };
    let root = document::parse(text)?;
    let open = walk(root.get_ref(), keys, before, path)?;
    let shape = known(open.shape, key)?;
    let old = open.table.get(key.as_str());
    if let Some(old) = old {
        replaceable(text, path, old, value)?;
    }
    let written = written(shape, path, value)?;
    let patch = match old {
        Some(old) => TextPatch { bytes: old.span(), text: written.clone() },
        None => inserted(text, root.get_ref(), &open, path, &format!("{} = {written}", key_text(key)))?,
    };
    prove(text, &patch, before, key, &written).ok_or_else(|| EditRefusal::Fault(path.to_owned()))?;
    Ok(patch)
}

/// Returns the table that holds the last key of a path.
fn walk<'a>(
    root: &'a DeTable<'a>,
    keys: &'static Keys,
    parts: &[PathPart],
    path: &str,
) -> Result<OpenTable<'a>, EditRefusal> {
    let mut open = OpenTable { table: root, span: None, shape: Shape::Table(keys) };
    let mut parts = parts.iter().peekable();
    while let Some(part) = parts.next() {
        let PathPart::Key(key) = part else { return Err(EditRefusal::NotAPath(path.to_owned())) };
        let shape = known(open.shape, key)?;
        let mut value = open.table.get(key.as_str()).ok_or_else(|| EditRefusal::Missing(key.clone()))?;
        while let Some(PathPart::Item(name)) = parts.next_if(|part| matches!(part, PathPart::Item(_))) {
            let items = value.get_ref().as_array().ok_or_else(|| EditRefusal::Missing(name.clone()))?;
            value = document::item(items, name)?;
        }
        let table = value.get_ref().as_table().ok_or_else(|| EditRefusal::Missing(key.clone()))?;
        open = OpenTable { table, span: Some(value.span()), shape };
    }
    Ok(open)
}

/// Returns the shape of a key in a table of this shape, or refuses a key that nobody reads.
fn known(table: Shape, key: &str) -> Result<Shape, EditRefusal> {
    of_key(table, key).ok_or_else(|| {
        let keys = table.keys().map(|keys| keys.all.iter().map(|key| key.name).collect::<Vec<_>>().join(", "));
        EditRefusal::UnknownKey { key: key.to_owned(), known: keys.unwrap_or_else(|| "vi, en".to_owned()) }
    })
}

fn of_key(table: Shape, key: &str) -> Option<Shape> {
    match table {
        Shape::Table(keys) | Shape::Tables(keys) => keys.find(key).map(|key| key.shape),
        Shape::Words => BOTH_LANGUAGES.find(key).map(|key| key.shape),
        Shape::Map(value) => Some(*value),
        Shape::List(item) => of_key(*item, key),
        Shape::Either(_, shapes) => shapes.iter().find_map(|shape| of_key(*shape, key)),
        Shape::Any => Some(Shape::Any),
        Shape::Text | Shape::Number | Shape::Integer(..) | Shape::Boolean | Shape::Word(_) | Shape::Date => None,
    }
}

/// Refuses to replace a value that a plain value would not stand for.
fn replaceable(text: &str, path: &str, old: &Spanned<DeValue<'_>>, value: &str) -> Result<(), EditRefusal> {
    if document::is_apart(text, old) {
        return Err(EditRefusal::WrittenApart(path.to_owned()));
    }
    let is_table = DeValue::parse(value).is_ok_and(|value| value.get_ref().is_table());
    if old.get_ref().as_table().is_some_and(|table| table.contains_key("vi")) && !is_table {
        return Err(EditRefusal::TwoLanguages(path.to_owned()));
    }
    Ok(())
}

/// Returns a value in TOML's notation: as it is if it fits, and otherwise as a text in quotes.
fn written(shape: Shape, path: &str, value: &str) -> Result<String, EditRefusal> {
    let value = value.trim();
    let is_whole = |parsed: &Spanned<DeValue<'_>>| parsed.span() == (0..value.len());
    if DeValue::parse(value).is_ok_and(|parsed| is_whole(&parsed) && fits(shape, parsed.get_ref())) {
        return Ok(value.to_owned());
    }
    let takes_text =
        |shape: Shape| matches!(shape, Shape::Text | Shape::Word(_) | Shape::Words | Shape::Date | Shape::Any);
    if shape.any(takes_text) {
        return Ok(quoted(value));
    }
    Err(EditRefusal::WrongValue { path: path.to_owned(), value: value.to_owned() })
}

/// Returns a text in quotes, on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            letter if letter.is_control() => _ = write!(quoted, "\\u{:04x}", u32::from(letter)),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns a key in TOML's notation.
fn key_text(key: &str) -> String {
    let is_bare = key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if is_bare { key.to_owned() } else { quoted(key) }
}

fn fits(shape: Shape, value: &DeValue<'_>) -> bool {
    match shape {
        Shape::Text | Shape::Word(_) => value.is_str(),
        Shape::Words => value.is_str() || value.is_table(),
        Shape::Number => value.is_integer() || value.is_float(),
        Shape::Integer(..) => value.is_integer(),
        Shape::Boolean => value.is_bool(),
        Shape::Date => value.is_str() || value.is_datetime(),
        Shape::Table(_) | Shape::Map(_) => value.is_table(),
        Shape::Tables(_) | Shape::List(_) => value.is_array(),
        Shape::Any => true,
        Shape::Either(_, shapes) => shapes.iter().any(|shape| fits(*shape, value)),
    }
}

/// Returns the patch that adds a key to a table.
fn inserted(
    text: &str,
    root: &DeTable<'_>,
    open: &OpenTable<'_>,
    path: &str,
    entry: &str,
) -> Result<TextPatch, EditRefusal> {
    let written = open.span.as_ref().and_then(|span| text.get(span.clone()));
    match (&open.span, written) {
        (Some(span), Some(written)) if written.starts_with('{') => {
            // An entry follows the last one, and a comma after the last one stays behind it.
            let (at, entry) = match document::last_value(open.table) {
                Some(end) => (end, format!(", {entry}")),
                None => (span.start + 1, format!(" {entry} ")),
            };
            Ok(TextPatch { bytes: at..at, text: entry })
        }
        (span, written) if written.is_none_or(|written| written.starts_with('[')) => {
            let (at, indent) = document::end_of_lines(text, root, span.as_ref());
            let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
            let is_open = at > 0 && !text.get(..at).is_some_and(|before| before.ends_with('\n'));
            let line = if is_open { format!("{newline}{indent}{entry}") } else { format!("{indent}{entry}{newline}") };
            Ok(TextPatch { bytes: at..at, text: line })
        }
        _ => Err(EditRefusal::WrittenApart(path.to_owned())),
    }
}

/// Checks that the patch sets the value and changes nothing else in the meaning of the file.
fn prove(text: &str, patch: &TextPatch, before: &[PathPart], key: &str, written: &str) -> Option<()> {
    let value = toml::from_str::<toml::Table>(&format!("value = {written}")).ok()?.remove("value")?;
    let mut wanted = toml::Value::Table(toml::from_str(text).ok()?);
    document::at_path(&mut wanted, before)?.as_table_mut()?.insert(key.to_owned(), value);
    let changed = TextPatch::apply(text, std::slice::from_ref(patch))?;
    let changed = toml::Value::Table(toml::from_str(&changed).ok()?);
    (wanted == changed).then_some(())
}
