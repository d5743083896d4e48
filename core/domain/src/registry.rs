//! Registries: tables of a province that forms and plugins look up, such as its provinces and communes.

use crate::names::Digest;
use crate::text::Text;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

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

    /// The SHA-256 of its content.
    pub fn digest(&self) -> Digest {
        let mut hasher = Sha256::new();
        for Entry { code, name, parent } in &self.entries {
            let en = name.en.as_deref().unwrap_or_default();
            for part in [code, &name.vi, en, parent.as_deref().unwrap_or_default()] {
                // The length keeps parts apart.
                hasher.update(part.len().to_le_bytes());
                hasher.update(part);
            }
        }
        Digest(hex::encode(hasher.finalize()))
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

/// The registries of a province by name. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registries(pub BTreeMap<String, Arc<Registry>>);

impl Registries {
    /// None at all.
    pub const NONE: &'static Self = &Self(BTreeMap::new());

    /// The registry with this name.
    pub fn get(&self, name: &str) -> Option<&Registry> {
        self.0.get(name).map(Arc::as_ref)
    }
}
