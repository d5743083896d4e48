//! The page `docs/keys.md`: every key of every file, for authors and operators. A test compares the two.

use crate::files::TOML;
use crate::reading::keys::{Keys, Shape};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;

/// The words before the first file.
const HEAD: &str = "# The keys of each file

This page is made from the keys with which the readers read the files. It is for looking up a key; the other guides
explain. A table that several files share, such as a field, is shown once.
*Words* are words for people: a text in Vietnamese, or `{ vi = \"…\", en = \"…\" }`.
";

/// Returns the page, in Markdown.
pub fn page() -> String {
    let mut page = KeysPage { text: HEAD.to_owned(), shown: BTreeMap::new() };
    for (_, glob, keys) in &TOML {
        _ = write!(page.text, "\n## `{glob}`\n\n");
        page.table(keys, "");
    }
    page.text
}

struct KeysPage {
    text: String,
    /// The headers of the tables that are on the page, by their names.
    shown: BTreeMap<&'static str, String>,
}

impl KeysPage {
    /// Writes the keys of a table at a path, such as `step.action`, and then the tables within it.
    fn table(&mut self, keys: &Keys, path: &str) {
        let mut inner = Vec::new();
        for key in keys.all {
            let path = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
            for (keys, is_listed) in tables(key.shape) {
                let header = if is_listed { format!("[[{path}]]") } else { format!("[{path}]") };
                if let Entry::Vacant(place) = self.shown.entry(keys.name) {
                    place.insert(header.clone());
                    inner.push((keys, path.clone(), header));
                }
            }
        }
        if !keys.about.is_empty() {
            _ = write!(self.text, "{}\n\n", keys.about.trim());
        }
        self.text.push_str("| key | value | meaning |\n| --- | --- | --- |\n");
        for key in keys.all {
            let required = if key.required { ", required" } else { "" };
            let value = self.value(key.shape);
            _ = writeln!(self.text, "| `{}`{required} | {value} | {} |", key.name, key.meaning());
        }
        for (keys, path, header) in inner {
            _ = write!(self.text, "\n### `{header}`\n\n");
            self.table(keys, &path);
        }
    }

    /// Returns the values that a key takes.
    fn value(&self, shape: Shape) -> String {
        match shape {
            Shape::Text => "text".to_owned(),
            Shape::Words => "words".to_owned(),
            Shape::Number => "number".to_owned(),
            Shape::Integer(min, i64::MAX) => format!("whole number from {min}"),
            Shape::Integer(min, max) => format!("whole number from {min} to {max}"),
            Shape::Boolean => "`true` or `false`".to_owned(),
            Shape::Word(words) => words().iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
            Shape::Date => "date".to_owned(),
            Shape::Table(keys) | Shape::Tables(keys) => {
                self.shown.get(keys.name).map_or_else(String::new, |header| format!("`{header}`"))
            }
            Shape::List(item) => format!("list: {}", self.value(*item)),
            Shape::Map(value) => format!("table with keys of your own: {}", self.value(*value)),
            Shape::Any => "any value".to_owned(),
            Shape::Either(_, shapes) => {
                let mut values: Vec<String> = shapes.iter().map(|shape| self.value(*shape)).collect();
                values.dedup();
                values.join(" or ")
            }
        }
    }
}

/// Returns the tables that a value can be, each with whether they stand in a list.
fn tables(shape: Shape) -> Vec<(&'static Keys, bool)> {
    match shape {
        Shape::Table(keys) => vec![(keys, false)],
        Shape::Tables(keys) => vec![(keys, true)],
        Shape::List(item) => tables(*item).into_iter().map(|(keys, _)| (keys, true)).collect(),
        Shape::Either(_, shapes) => shapes.iter().flat_map(|shape| tables(*shape)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn walk(keys: &'static Keys, found: &mut BTreeMap<&'static str, &'static Keys>) {
        if let Some(known) = found.insert(keys.name, keys) {
            assert!(std::ptr::eq(known, keys), "two tables are named {}", keys.name);
            return;
        }
        let names: BTreeSet<&str> = keys.all.iter().map(|key| key.name).collect();
        assert_eq!(names.len(), keys.all.len(), "{} has a key twice", keys.name);
        for key in keys.all {
            for (inner, _) in tables(key.shape) {
                walk(inner, found);
            }
        }
    }

    #[test]
    fn a_name_is_that_of_one_table_and_a_table_has_a_key_once() {
        let mut found = BTreeMap::new();
        for (_, _, keys) in &TOML {
            walk(keys, &mut found);
        }
        assert!(found.len() > 30, "the tables are no longer found: {}", found.len());
    }
}
