//! The answers that results keep, and that other procedures take from these results.

use super::document;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::de::DeTable;

/// The names in the table `result` of a procedure.
pub struct ResultNames {
    pub file: String,
    /// The words by which other procedures follow the result: its kind and the code of the procedure.
    names: Vec<String>,
    /// The answers that the result keeps.
    pub data: BTreeSet<String>,
    follows: BTreeSet<String>,
    /// The answers that the form takes from earlier results, with their places.
    pub taken: Vec<(String, Range<usize>)>,
}

impl ResultNames {
    /// Reads the names in the text of a procedure's file. Returns `None` if it has no such table.
    pub fn read(file: String, text: &str) -> Option<Self> {
        let root = document::parse(text).ok()?;
        let result = root.get_ref().get("result")?.get_ref().as_table()?;
        let text_at = |table: &DeTable<'_>, key: &str| Some(table.get(key)?.get_ref().as_str()?.to_owned());
        let list = |key: &str| -> BTreeSet<String> {
            let items = result.get(key).and_then(|list| list.get_ref().as_array()).into_iter().flatten();
            items.filter_map(|item| item.get_ref().as_str()).map(str::to_owned).collect()
        };
        let sources = result.get("from_result").and_then(|sources| sources.get_ref().as_table());
        let sources = sources.into_iter().flatten();
        let taken = sources.filter_map(|(_, value)| Some((value.get_ref().as_str()?.to_owned(), value.span())));
        let names = [text_at(result, "kind"), text_at(root.get_ref(), "code")];
        Some(Self {
            file,
            names: names.into_iter().flatten().collect(),
            data: list("data"),
            follows: list("follows"),
            taken: taken.collect(),
        })
    }

    /// Returns whether the procedure follows the results of another one.
    pub fn follows(&self, other: &Self) -> bool {
        other.names.iter().any(|name| self.follows.contains(name))
    }
}
