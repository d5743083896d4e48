//! Registries: tables of a province that forms and plugins look up, such as its provinces and communes.

use crate::text::Text;
use std::collections::{BTreeMap, HashMap};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub code: String,
    pub name: Text,
    /// The code of the entry of another registry to which it belongs: a commune's province.
    pub parent: Option<String>,
}

/// A table of entries, in the order of its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    entries: Vec<Entry>,
    by_code: HashMap<String, usize>,
}

impl Registry {
    /// A registry of these entries. Of two with the same code the first counts.
    pub fn new(entries: Vec<Entry>) -> Self {
        let mut by_code = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            by_code.entry(entry.code.clone()).or_insert(at);
        }
        Self { entries, by_code }
    }

    /// The entry with this code.
    pub fn entry(&self, code: &str) -> Option<&Entry> {
        self.by_code.get(code).and_then(|at| self.entries.get(*at))
    }

    /// All entries, or those that belong to `parent`.
    pub fn under<'a>(&'a self, parent: Option<&'a str>) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| parent.is_none() || entry.parent.as_deref() == parent)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The registries of a province by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registries(pub BTreeMap<String, Registry>);

impl Registries {
    /// None at all.
    pub const NONE: &'static Self = &Self(BTreeMap::new());

    /// The registry with this name.
    pub fn get(&self, name: &str) -> Option<&Registry> {
        self.0.get(name)
    }
}
