//! The hash chain of the journal.
//!
//! Each entry names the hash of the one before it, so that no entry can be changed, taken out or put in without
//! every later hash changing. The payload enters by its own hash: personal data can be erased when their time has
//! come, and the chain stays verifiable.

use crate::names::Digest;
use sha2::{Digest as _, Sha256};

/// What an entry is made of, apart from its hash.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// 1, 2, 3, … over the whole journal.
    pub number: i64,
    pub dossier: &'a str,
    /// 1, 2, 3, … within the dossier.
    pub version: i64,
    /// RFC 3339.
    pub at: &'a str,
    /// The JSON text of actor and event.
    pub payload: &'a str,
}

/// The hash before the first entry.
pub fn genesis() -> Digest {
    Digest("0".repeat(64))
}

/// The hash of a payload.
pub fn payload_hash(payload: &str) -> Digest {
    Digest(hex::encode(Sha256::digest(payload.as_bytes())))
}

/// The hash of an entry that follows `previous`. Every part is preceded by its length, so that no two entries
/// give the same bytes.
pub fn entry_hash(previous: &Digest, entry: Entry<'_>) -> Digest {
    let mut hasher = Sha256::new();
    let number = entry.number.to_string();
    let version = entry.version.to_string();
    let payload = payload_hash(entry.payload);
    for part in [previous.as_str(), &number, entry.dossier, &version, entry.at, payload.as_str()] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    Digest(hex::encode(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_changed_entry_has_another_hash(
            number in 1_i64..9, dossier in "[a-b]{0,2}", version in 1_i64..9, at in "[a-b]{0,2}", payload in "[a-b]{0,2}",
            number2 in 1_i64..9, dossier2 in "[a-b]{0,2}", version2 in 1_i64..9, at2 in "[a-b]{0,2}", payload2 in "[a-b]{0,2}",
        ) {
            let one = Entry { number, dossier: &dossier, version, at: &at, payload: &payload };
            let two = Entry { number: number2, dossier: &dossier2, version: version2, at: &at2, payload: &payload2 };
            let same = (number, &dossier, version, &at, &payload) == (number2, &dossier2, version2, &at2, &payload2);
            prop_assert_eq!(entry_hash(&genesis(), one) == entry_hash(&genesis(), two), same);
        }
    }
}
