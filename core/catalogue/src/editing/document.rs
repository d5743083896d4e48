//! The places of the parts of a file: which bytes are a value, and where a table ends.

use super::EditRefusal;
use super::path::PathPart;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The keys that name an element of a list. The first that an element has counts.
const NAMES: [&str; 3] = ["id", "value", "agency"];

/// Parses a file.
pub fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, EditRefusal> {
    DeTable::parse(text).map_err(|error| EditRefusal::NotToml(error.message().to_owned()))
}

/// Returns whether a value stands under a header of its own, or in keys with dots, and not behind its key.
pub fn is_apart(text: &str, value: &Spanned<DeValue<'_>>) -> bool {
    let begins = |with: char| text.get(value.span()).is_some_and(|written| written.starts_with(with));
    match value.get_ref() {
        DeValue::Table(_) => !begins('{'),
        // The elements of a list behind its key are written in braces.
        DeValue::Array(items) => items.iter().any(|item| item.get_ref().is_table() && is_apart(text, item)),
        _ => false,
    }
}

/// Returns the element of a list with this id, value or agency, or with this number from 1.
pub fn item<'a>(items: &'a DeArray<'a>, name: &str) -> Result<&'a Spanned<DeValue<'a>>, EditRefusal> {
    let is_named = |item: &&Spanned<DeValue<'_>>| {
        let of =
            |key: &str| item.get_ref().as_table().and_then(|table| table.get(key)).and_then(|id| id.get_ref().as_str());
        NAMES.into_iter().find_map(of) == Some(name)
    };
    let mut named = items.iter().filter(is_named);
    match (named.next(), named.next()) {
        (Some(_), Some(_)) => return Err(EditRefusal::Ambiguous(name.to_owned())),
        (Some(found), None) => return Ok(found),
        (None, _) => {}
    }
    let number: Option<usize> = name.parse().ok();
    let found = number.and_then(|number| items.get(number.checked_sub(1)?));
    found.ok_or_else(|| EditRefusal::Missing(name.to_owned()))
}

/// An entry of a table: the places of its key and of its value.
struct WrittenEntry {
    key: Range<usize>,
    value: Range<usize>,
}

/// Adds the entries of a table that are written behind their keys, and the beginnings of headers.
fn entries(text: &str, table: &DeTable<'_>, found: &mut Vec<WrittenEntry>, headers: &mut Vec<usize>) {
    for (key, value) in table {
        match value.get_ref() {
            _ if !is_apart(text, value) => found.push(WrittenEntry { key: key.span(), value: value.span() }),
            DeValue::Table(inner) => {
                if text.get(value.span()).is_some_and(|written| written.starts_with('[')) {
                    headers.push(value.span().start);
                }
                entries(text, inner, found, headers);
            }
            DeValue::Array(items) => {
                for item in items {
                    headers.push(item.span().start);
                    if let Some(inner) = item.get_ref().as_table() {
                        entries(text, inner, found, headers);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Returns the place for a new line of a table whose header begins at `start`, and the indentation of its last line.
/// The root begins at 0.
pub fn end_of_lines(text: &str, root: &DeTable<'_>, header: Option<&Range<usize>>) -> (usize, String) {
    let (mut found, mut headers) = (Vec::new(), Vec::new());
    entries(text, root, &mut found, &mut headers);
    let start = header.map_or(0, |header| header.start);
    let next = headers.into_iter().filter(|at| *at > start || header.is_none()).min().unwrap_or(text.len());
    let own = found.into_iter().filter(|entry| (start..next).contains(&entry.key.start));
    let last = own.max_by_key(|entry| entry.value.end);
    let (from, indent_at) = match (&last, header) {
        (Some(entry), _) => (entry.value.end, Some(entry.key.start)),
        (None, Some(header)) => (header.end, Some(header.start)),
        // A root without keys has its first line before the first header.
        (None, None) => return (next, String::new()),
    };
    let end = text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |line| from + line + 1);
    let line = indent_at.and_then(|at| text.get(..at)).map_or("", |before| before.rsplit('\n').next().unwrap_or(""));
    let indent: String = line.chars().take_while(|letter| matches!(letter, ' ' | '\t')).collect();
    (end, indent)
}

/// Returns the end of the last value within a table in braces, or `None` if the table is empty.
pub fn last_value(table: &DeTable<'_>) -> Option<usize> {
    let end = |value: &Spanned<DeValue<'_>>| match value.get_ref() {
        // A key with dots makes a table whose place is the key.
        DeValue::Table(inner) => last_value(inner).unwrap_or(0).max(value.span().end),
        _ => value.span().end,
    };
    table.iter().map(|(_, value)| end(value)).max()
}

/// Returns the value at a path of a parsed file.
pub fn at_path<'v>(value: &'v mut toml::Value, parts: &[PathPart]) -> Option<&'v mut toml::Value> {
    let mut at = value;
    for part in parts {
        at = match part {
            PathPart::Key(key) => at.as_table_mut()?.get_mut(key)?,
            PathPart::Item(name) => {
                let items = at.as_array_mut()?;
                let of = |item: &toml::Value| {
                    NAMES.into_iter().find_map(|key| item.get(key)?.as_str()) == Some(name.as_str())
                };
                let named = items.iter().position(of);
                let number = || name.parse::<usize>().ok()?.checked_sub(1);
                items.get_mut(named.or_else(number)?)?
            }
        };
    }
    Some(at)
}
