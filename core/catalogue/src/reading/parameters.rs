//! Parameters of a workflow's file: texts under `[parameters]`, which other texts of the file name as `$name`.

use crate::reading::diagnostic::{MistakeReport, SourceFile};
use motcua_domain::text;
use std::collections::{BTreeMap, BTreeSet};
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

/// Reports the parameters of a file that no text names, and the texts that name a parameter which the file lacks.
pub fn check(source: &SourceFile, report: &MistakeReport) {
    let (root, _) = DeTable::parse_recoverable(&source.text);
    let root = root.get_ref();
    let mut named = Vec::new();
    for (key, value) in root {
        let name: &str = key.get_ref();
        if name != TABLE {
            names_in(value, &mut named);
        }
    }
    let declared = root.get(TABLE).and_then(|value| value.get_ref().as_table());
    let mut known = BTreeSet::new();
    for key in declared.into_iter().flat_map(|table| table.keys()) {
        let name: &str = key.get_ref();
        known.insert(name.to_owned());
        if !named.iter().any(|(named, _)| named == name) {
            let message = text!("không chuỗi nào dùng tham số `{name}`", "no text names the parameter `{name}`");
            let help = text!("hãy viết \"${name}\", hoặc xóa tham số", "write \"${name}\", or remove it");
            report.warn("unused-parameter", source, key.span(), message, help);
        }
    }
    for (name, span) in named.into_iter().filter(|(name, _)| !known.contains(name)) {
        let message = text!("không có tham số nào là `{name}`", "`{name}` is not a known parameter");
        let help = text!(
            "hãy khai báo dưới [{TABLE}], hoặc viết thẳng giá trị",
            "declare it under [{TABLE}], or write the value",
        );
        report.add("unknown-name", source, span, message, help);
    }
}

/// Collects the parameters that texts name, with their places.
fn names_in(value: &Spanned<DeValue<'_>>, named: &mut Vec<(String, Range<usize>)>) {
    match value.get_ref() {
        DeValue::String(text) => {
            let name = text.strip_prefix('$').filter(|name| is_name(name));
            named.extend(name.map(|name| (name.to_owned(), value.span())));
        }
        DeValue::Array(items) => items.iter().for_each(|item| names_in(item, named)),
        DeValue::Table(table) => table.iter().for_each(|(_, value)| names_in(value, named)),
        _ => {}
    }
}

/// Returns whether a text can be the name of a parameter, and not an amount such as `$5`.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain)
}

/// Returns the parameter that the text at a place of a file names.
pub fn named(source: &SourceFile, span: Range<usize>) -> Option<&str> {
    source.text.get(span)?.trim_matches(['"', '\'']).strip_prefix('$')
}
