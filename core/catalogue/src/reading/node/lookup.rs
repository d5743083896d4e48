//! The places of values in a file, found without reading the file as a whole.

use crate::reading::diagnostic::SourceFile;
use std::ops::Range;
use toml::Spanned;
use toml::de::DeTable;

/// Returns the place of the value of a key at the root of a file.
pub fn place_of(source: &SourceFile, key: &str) -> Range<usize> {
    let (root, _) = DeTable::parse_recoverable(&source.text);
    root.get_ref().get(key).map_or(0..0, Spanned::span)
}

/// Returns the place of a value in a file, by the keys that lead to it, or the place of the last one that is there.
pub fn place_within(source: &SourceFile, keys: &[&str]) -> Range<usize> {
    let (root, _) = DeTable::parse_recoverable(&source.text);
    let mut table = Some(root.get_ref());
    let mut place = 0..0;
    for key in keys {
        let Some(value) = table.and_then(|table| table.get(*key)) else { break };
        place = value.span();
        table = value.get_ref().as_table();
    }
    place
}

/// Returns the place of a table or of one of the tables at the root of a file.
pub fn place_among(source: &SourceFile, key: &str, number: usize) -> Range<usize> {
    let (root, _) = DeTable::parse_recoverable(&source.text);
    let value = root.get_ref().get(key);
    let item = value.and_then(|value| value.get_ref().as_array()?.get(number));
    item.or(value).map_or(0..0, Spanned::span)
}
