//! Registries: tables of a province that forms and plugins look up, such as its provinces and communes.

use crate::fold::{fold, spelling};
use crate::names::Digest;
use crate::text::{Text, one_line};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryEntry {
    pub code: String,
    pub name: Text,
    /// The code of the entry of another registry to which it belongs: a commune's province.
    pub parent: Option<String>,
    /// Former codes and names of the entry, or of entries that are part of it now.
    pub former: Vec<String>,
}

impl RegistryEntry {
    /// Returns whether the entry belongs to `parent`, if given.
    fn is_of(&self, parent: Option<&str>) -> bool {
        parent.is_none() || self.parent.as_deref() == parent
    }
}

/// A table of entries, in the order of its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    entries: Vec<RegistryEntry>,
    by_code: HashMap<String, usize>,
    /// The words of each entry for searching, in the order of `entries`.
    words: Vec<EntryWords>,
}

/// The input that finds an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct EntryWords {
    /// The names with their tones, and former codes and names.
    spelt: Vec<String>,
    /// The same without diacritics.
    folded: Vec<String>,
}

/// The entry that a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryMatch<'a> {
    One(&'a RegistryEntry),
    /// Several entries fit, and these are the first of them.
    Several(Vec<&'a RegistryEntry>),
    None,
}

/// The most entries that are named if several fit.
const MOST_NAMED: usize = 5;

/// The fewest letters that find an entry by its beginning.
const FEWEST_LETTERS: usize = 2;

/// The kinds of places before a name, with their abbreviations.
const KINDS_OF_PLACES: [(&str, &[&str]); 9] = [
    ("thành phố", &["tp.", "tp"]),
    ("thị trấn", &["tt.", "tt"]),
    ("thị xã", &["tx.", "tx"]),
    ("đặc khu", &["đk."]),
    ("phường", &["p."]),
    ("huyện", &["h."]),
    ("quận", &["q."]),
    ("tỉnh", &["t."]),
    ("xã", &["x."]),
];

/// Returns a name in lower case with its first word written in full: `TP. Hồ Chí Minh` begins with `thành phố`.
fn in_full(name: &str) -> String {
    let lower = one_line(name).to_lowercase();
    for (kind, short) in KINDS_OF_PLACES {
        for short in short {
            let rest = lower.strip_prefix(short).filter(|rest| short.ends_with('.') || rest.starts_with(' '));
            if let Some(rest) = rest {
                return format!("{kind} {}", rest.trim_start());
            }
        }
    }
    lower
}

/// Returns the name of a place without the kind of place: `Phú Cường` of `Phường Phú Cường`.
fn bare(name: &str) -> Option<&str> {
    KINDS_OF_PLACES.iter().find_map(|(kind, _)| name.strip_prefix(kind)?.strip_prefix(' '))
}

impl EntryWords {
    fn of(entry: &RegistryEntry) -> Self {
        let names = [Some(&entry.name.vi), entry.name.en.as_ref()].into_iter().flatten().chain(&entry.former);
        let full: Vec<String> = names.map(|name| in_full(name)).collect();
        let all = || full.iter().map(String::as_str).chain(full.iter().filter_map(|name| bare(name)));
        Self { spelt: all().map(spelling).collect(), folded: all().map(fold).collect() }
    }
}

impl Registry {
    /// Returns a registry of these entries. Of two with the same code the first counts.
    pub fn new(entries: Vec<RegistryEntry>) -> Self {
        let mut by_code = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            by_code.entry(entry.code.clone()).or_insert(at);
        }
        let words = entries.iter().map(EntryWords::of).collect();
        Self { entries, by_code, words }
    }

    /// Finds the entry that a person means. Tries its code, then its name with tones, then the name without diacritics,
    /// then a beginning of the name. Capitals and the place of the tone may differ. A former code or name also finds
    /// the entry. With `parent` only the entries of `parent` are searched, so the same name elsewhere does not matter.
    pub fn find(&self, typed: &str, parent: Option<&str>) -> RegistryMatch<'_> {
        let typed = one_line(typed);
        let first = typed.split_whitespace().next().unwrap_or_default();
        let by_code = self.entry(&typed).or_else(|| self.entry(first));
        if let Some(entry) = by_code.filter(|entry| entry.is_of(parent)) {
            return RegistryMatch::One(entry);
        }
        let full = in_full(&typed);
        let (spelt, folded) = (spelling(&full), fold(&full));
        let mut found = self.among(parent, |words| words.spelt.contains(&spelt));
        if found.is_empty() {
            found = self.among(parent, |words| words.folded.contains(&folded));
        }
        // The beginning of a code is no code.
        let is_name = folded.chars().any(char::is_alphabetic);
        if found.is_empty() && is_name && folded.chars().count() >= FEWEST_LETTERS {
            found = self.among(parent, |words| words.folded.iter().any(|word| word.starts_with(folded.as_str())));
        }
        if found.len() > 1 {
            return RegistryMatch::Several(found);
        }
        found.first().copied().map_or(RegistryMatch::None, RegistryMatch::One)
    }

    /// Returns the first entries of `parent` whose words fulfil `wanted`.
    fn among(&self, parent: Option<&str>, wanted: impl Fn(&EntryWords) -> bool) -> Vec<&RegistryEntry> {
        let of_parent = self.entries.iter().zip(&self.words).filter(|(entry, _)| entry.is_of(parent));
        of_parent.filter(|(_, words)| wanted(words)).map(|(entry, _)| entry).take(MOST_NAMED).collect()
    }

    /// Returns the entry with this code.
    pub fn entry(&self, code: &str) -> Option<&RegistryEntry> {
        self.by_code.get(code).and_then(|at| self.entries.get(*at))
    }

    /// Returns all entries, or those that belong to `parent`.
    pub fn under<'a>(&'a self, parent: Option<&'a str>) -> impl Iterator<Item = &'a RegistryEntry> {
        self.entries.iter().filter(move |entry| entry.is_of(parent))
    }

    /// Returns the SHA-256 of its content.
    pub fn digest(&self) -> Digest {
        let mut hasher = Sha256::new();
        for RegistryEntry { code, name, parent, former } in &self.entries {
            let en = name.en.as_deref().unwrap_or_default();
            for part in [code, &name.vi, en, parent.as_deref().unwrap_or_default()] {
                // The length keeps parts apart.
                hasher.update(part.len().to_le_bytes());
                hasher.update(part);
            }
            // A registry without former names has the same digest as before former names existed.
            if !former.is_empty() {
                hasher.update(b"former");
                hasher.update(former.len().to_le_bytes());
            }
            for name in former {
                hasher.update(name.len().to_le_bytes());
                hasher.update(name);
            }
        }
        Digest(hex::encode(hasher.finalize()))
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether the registry has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The registries of a province by name. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registries(pub BTreeMap<String, Arc<Registry>>);

impl Registries {
    /// No registries.
    pub const NONE: &'static Self = &Self(BTreeMap::new());

    /// Returns the registry with this name.
    pub fn get(&self, name: &str) -> Option<&Registry> {
        self.0.get(name).map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn communes() -> Registry {
        let entry = |code: &str, name: &str, parent: &str, former: &[&str]| RegistryEntry {
            code: code.into(),
            name: Text::vi(name),
            parent: Some(parent.into()),
            former: former.iter().map(|name| (*name).to_owned()).collect(),
        };
        Registry::new(vec![
            entry("25747", "Phường Phú Cường", "74", &[]),
            entry("25750", "Phường Phú Hòa", "74", &[]),
            entry("25751", "Xã Phú Hoa", "74", &[]),
            entry("25900", "Xã Tân Thành", "74", &[]),
            entry("27001", "Phường Tân Thành", "79", &["27002", "Phường Tân Quý"]),
        ])
    }

    fn code(typed: &str, parent: &str) -> Option<String> {
        match communes().find(typed, Some(parent)) {
            RegistryMatch::One(entry) => Some(entry.code.clone()),
            _ => None,
        }
    }

    #[test]
    fn an_entry_is_found_without_case_marks_and_the_place_of_the_tone() {
        for typed in
            ["25747", "25747 Phường Phú Cường", "phường phú cường", "PHU CUONG", "p. Phú Cường", "Phú  Cường", "phu cu"]
        {
            assert_eq!(code(typed, "74").as_deref(), Some("25747"), "{typed}");
        }
        assert_eq!(code("Phú Hoà", "74").as_deref(), Some("25750"), "a tone in its old place");
        assert_eq!(code("Phú Hoa", "74").as_deref(), Some("25751"));
    }

    #[test]
    fn words_that_fit_several_entries_choose_none() {
        let communes = communes();
        assert!(matches!(communes.find("phu ho", Some("74")), RegistryMatch::Several(found) if found.len() == 2));
        assert!(matches!(communes.find("PHU HOA", None), RegistryMatch::Several(found) if found.len() == 2));
        assert_eq!(communes.find("p", Some("74")), RegistryMatch::None, "a letter is no beginning");
        assert_eq!(communes.find("", None), RegistryMatch::None);
    }

    #[test]
    fn the_same_name_elsewhere_is_in_nobodys_way() {
        assert_eq!(code("Tân Thành", "79").as_deref(), Some("27001"));
        assert_eq!(code("Tân Thành", "74").as_deref(), Some("25900"));
        assert_eq!(code("Phường Tân Thành", "74"), None, "a ward is no commune");
        assert_eq!(code("25747", "79"), None);
    }

    #[test]
    fn a_former_name_or_code_leads_to_the_present_entry() {
        for former in ["Phường Tân Quý", "tan quy", "27002"] {
            assert_eq!(code(former, "79").as_deref(), Some("27001"), "{former}");
        }
    }

    #[test]
    fn former_names_change_the_digest_and_their_absence_does_not() {
        let entry = |former: &[&str]| RegistryEntry {
            code: "79".into(),
            name: Text::vi("Thành phố Hồ Chí Minh"),
            parent: None,
            former: former.iter().map(|name| (*name).to_owned()).collect(),
        };
        let digest = |former| Registry::new(vec![entry(former)]).digest();
        assert_ne!(digest(&[]), digest(&["Tỉnh Bình Dương"]));
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        let merged = Registry::new(vec![entry(&["74", "Tỉnh Bình Dương", "Tỉnh Bà Rịa - Vũng Tàu"])]);
        for typed in ["Bình Dương", "tinh binh duong", "TP HCM", "TP. Hồ Chí Minh", "74", "ho chi minh"] {
            let found = matches!(merged.find(typed, None), RegistryMatch::One(_));
            assert_eq!(found, typed != "TP HCM", "{typed}");
        }
    }
}
