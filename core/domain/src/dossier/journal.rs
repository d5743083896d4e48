//! The hash chain of a dossier's journal.
//!
//! Each entry contains the hash of the entry before it in the same dossier. So nobody can change, remove or insert an
//! entry without changing every later hash of that dossier. The payload is included by its digest: when personal data
//! are erased after their time, the chain still verifies.
//!
//! The order of entries across dossiers is fixed afterwards by the log (see [`crate::transparency`]).

use crate::names::Digest;
use sha2::{Digest as _, Sha256};

/// The contents of an entry, apart from its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalEntry<'a> {
    pub dossier: &'a str,
    /// The number of the entry within the dossier: 1, 2, 3, …
    pub version: i64,
    /// The time in RFC 3339.
    pub at: &'a str,
    /// The word for the event.
    pub event: &'a str,
    /// The id of the command that caused the event.
    pub command: &'a str,
    /// SHA-256 of the JSON text of actor and event.
    pub payload_digest: &'a Digest,
    /// The entry's place in a journal of version 0.1, if it was written there.
    pub migrated: Option<MigratedFrom<'a>>,
}

/// The place of an entry in a journal of version 0.1, which had one chain over all dossiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigratedFrom<'a> {
    /// The number within the whole journal: 1, 2, 3, …
    pub number: i64,
    pub hash: &'a str,
}

/// Returns the hash before the first entry of a chain.
pub fn genesis() -> Digest {
    Digest("0".repeat(64))
}

/// Returns the digest of a payload.
pub fn payload_digest(payload: &str) -> Digest {
    Digest(hex::encode(Sha256::digest(payload.as_bytes())))
}

/// Returns the hash of an entry that follows `previous`.
pub fn entry_hash(previous: &Digest, entry: &JournalEntry<'_>) -> Digest {
    let version = entry.version.to_string();
    let migrated = entry.migrated.map(|from| (from.number.to_string(), from.hash));
    let (old_number, old_hash) = migrated.as_ref().map_or(("", ""), |(number, hash)| (number, hash));
    hash_of_parts(&[
        "motcua-journal-2",
        previous.as_str(),
        entry.dossier,
        &version,
        entry.at,
        entry.event,
        entry.command,
        entry.payload_digest.as_str(),
        old_number,
        old_hash,
    ])
}

/// Returns the hash that version 0.1 gave to an entry with this number after `previous`.
pub fn entry_hash_0_1(previous: &str, number: i64, entry: &JournalEntry<'_>) -> Digest {
    let (number, version) = (number.to_string(), entry.version.to_string());
    hash_of_parts(&[previous, &number, entry.dossier, &version, entry.at, entry.payload_digest.as_str()])
}

/// Hashes texts, each preceded by its length, so that no two lists of texts are hashed as the same bytes.
fn hash_of_parts(parts: &[&str]) -> Digest {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    Digest(hex::encode(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Parts = (String, i64, String, String, String, String, Option<(i64, String)>);

    fn parts() -> impl Strategy<Value = Parts> {
        let text = || "[a-b]{0,2}";
        (text(), 1_i64..3, text(), text(), text(), text(), proptest::option::of((1_i64..3, "[a-b]{1,2}")))
    }

    fn hash(parts: &Parts) -> Digest {
        let (dossier, version, at, event, command, payload, migrated) = parts;
        let migrated = migrated.as_ref().map(|(number, hash)| MigratedFrom { number: *number, hash });
        let payload_digest = &payload_digest(payload);
        entry_hash(
            &genesis(),
            &JournalEntry { dossier, version: *version, at, event, command, payload_digest, migrated },
        )
    }

    proptest! {
        #[test]
        fn a_changed_entry_has_another_hash(one in parts(), two in parts()) {
            prop_assert_eq!(hash(&one) == hash(&two), one == two);
        }
    }
}
