//! Parameters of a workflow's file: texts under `[parameters]`, which other texts of the file name as `$name`.

use crate::reading::diagnostic::SourceFile;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The table that declares them.
const TABLE: &str = "parameters";

/// The values of a file's parameters, by name.
pub type Parameters = BTreeMap<String, String>;

/// Returns the parameters of a file with their values.
pub fn of(source: &SourceFile) -> Parameters {
    let (root, _) = DeTable::parse_recoverable(&source.text);
    let table = root.get_ref().get(TABLE).and_then(|value| value.get_ref().as_table());
    let text = |value: &Spanned<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned);
    table
        .into_iter()
        .flat_map(|table| table.iter())
        .filter_map(|(key, value)| Some((key.get_ref().to_string(), text(value)?)))
        .collect()
}

/// Replaces the texts that name a parameter by its value. The places stay, so a mistake shows the line of the author.
pub fn put(root: &mut DeTable<'_>, values: &Parameters) {
    if values.is_empty() {
        return;
    }
    for (key, value) in root.iter_mut() {
        let name: &str = key.get_ref();
        if name != TABLE {
            put_into(value.get_mut(), values);
        }
    }
}

fn put_into(value: &mut DeValue<'_>, values: &Parameters) {
    match value {
        DeValue::String(text) => {
            if let Some(value) = text.strip_prefix('$').and_then(|name| values.get(name)) {
                *text = value.clone().into();
            }
        }
        DeValue::Array(items) => items.iter_mut().for_each(|item| put_into(item.get_mut(), values)),
        DeValue::Table(table) => table.iter_mut().for_each(|(_, value)| put_into(value.get_mut(), values)),
        _ => {}
    }
}

/// Returns the parameter that the text at a place of a file names.
pub fn named(source: &SourceFile, span: Range<usize>) -> Option<&str> {
    source.text.get(span)?.trim_matches(['"', '\'']).strip_prefix('$')
}
