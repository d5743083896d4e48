//! The proof of a dossier's entries: a file that a citizen can check without the portal.
//!
//! A valid proof shows that the portal recorded these entries in this order before it signed the checkpoint. It does
//! not show that the dossier has no later entries, because a file without its last entries is also a valid proof.

use super::checkpoint::{Checkpoint, NotACheckpoint};
use super::merkle::{self, Hash, verify_inclusion};
use super::note::{NotAKey, VerifierKey};
use super::tile::{MissingTile, TileId, Tiles};
use super::{entry_leaf, tree::tiles_for_inclusion};
use crate::dossier::journal::{JournalEntry, MigratedFrom, entry_hash, genesis, payload_digest};
use crate::names::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The name of the format, with its version.
pub const FORMAT: &str = "motcua-proof-1";

/// The contents of a proof file. Unknown fields are rejected, because [`Proof::check`] would not cover them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    pub format: String,
    pub dossier: String,
    pub entries: Vec<ProvenEntry>,
    /// The signed note of the checkpoint.
    pub checkpoint: String,
    /// The public keys of the log, in text form.
    pub keys: Vec<String>,
}

/// An entry of the dossier's journal and its path in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenEntry {
    /// The number of the entry within the dossier: 1, 2, 3, …
    pub version: i64,
    /// The time in RFC 3339.
    pub at: String,
    /// The word for the event.
    pub event: String,
    /// The id of the command that caused the event.
    pub command: String,
    /// The exact JSON text of actor and event. None if the portal has erased it.
    pub payload: Option<String>,
    pub payload_digest: Digest,
    pub migrated: Option<Migrated>,
    /// The number of the entry's leaf in the log.
    pub leaf: u64,
    /// The path from the leaf to the root of the checkpoint.
    pub path: Vec<Hash>,
}

/// The place of an entry in a journal of version 0.1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Migrated {
    pub number: i64,
    pub hash: String,
}

/// The facts that a valid proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    pub head: Checkpoint,
    pub signed_by: VerifierKey,
    /// The caller trusts no key, so the key comes from the same file as the signature. Anybody can make such a file.
    pub key_is_from_the_file: bool,
    /// The number of entries.
    pub entries: usize,
    /// The versions of the entries without contents.
    pub erased: Vec<i64>,
}

/// The reason why a file proves nothing, in words for the person who checks it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    #[error("The file has the format “{0}”. This program checks only files of the format “{known}”.", known = FORMAT)]
    Format(String),
    #[error("The file contains no entries, so it proves nothing.")]
    Empty,
    #[error(
        "Entry {expected} is missing: the file has entry {found} in its place. \
         An entry was removed, inserted or moved."
    )]
    Version { expected: i64, found: i64 },
    #[error(
        "The contents of entry {version} do not match their digest. \
         The contents were changed after the portal recorded them, or the file is damaged."
    )]
    Payload { version: i64 },
    #[error(
        "Entry {version} comes before the previous entry in the log. \
         The portal did not record the entries in the order of the file."
    )]
    Order { version: i64 },
    #[error("The file contains the key “{key}”, which cannot be read: {reason}. The file is damaged.")]
    Key { key: String, reason: NotAKey },
    #[error("The signature of the log cannot be trusted: {0}. Without the signature, the file proves nothing.")]
    Checkpoint(#[from] NotACheckpoint),
    #[error(
        "Entry {version} is not at place {leaf} of the signed log: {reason}. \
         This entry or an earlier entry was changed, or the portal never recorded it in this form."
    )]
    Inclusion { version: i64, leaf: u64, reason: merkle::UnprovenPath },
}

impl Unproven {
    /// All words that [`Self::word`] returns.
    pub const WORDS: [&str; 8] = ["format", "empty", "version", "payload", "order", "key", "checkpoint", "inclusion"];

    /// Returns a stable word. The portal has a text in each language under `unproven-<word>`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Format(_) => "format",
            Self::Empty => "empty",
            Self::Version { .. } => "version",
            Self::Payload { .. } => "payload",
            Self::Order { .. } => "order",
            Self::Key { .. } => "key",
            Self::Checkpoint(_) => "checkpoint",
            Self::Inclusion { .. } => "inclusion",
        }
    }

    /// Returns the version of the wrong or missing entry, if the reason is about one entry.
    pub const fn entry(&self) -> Option<i64> {
        match self {
            Self::Version { expected: version, .. }
            | Self::Payload { version }
            | Self::Order { version }
            | Self::Inclusion { version, .. } => Some(*version),
            Self::Format(_) | Self::Empty | Self::Key { .. } | Self::Checkpoint(_) => None,
        }
    }
}

impl ProvenEntry {
    /// Returns the hash of the entry after the entry with the hash `previous`.
    fn hash(&self, dossier: &str, previous: &Digest) -> Digest {
        let migrated = self.migrated.as_ref().map(|from| MigratedFrom { number: from.number, hash: &from.hash });
        let entry = JournalEntry {
            dossier,
            version: self.version,
            at: &self.at,
            event: &self.event,
            command: &self.command,
            payload_digest: &self.payload_digest,
            migrated,
        };
        entry_hash(previous, &entry)
    }
}

impl Proof {
    /// Returns the tiles that [`Self::new`] needs for entries with these leaves.
    pub fn tiles(leaves: &[u64], size: u64) -> BTreeSet<TileId> {
        leaves.iter().flat_map(|leaf| tiles_for_inclusion(*leaf, size)).collect()
    }

    /// Returns the proof of all entries of a dossier, and computes their paths. `note` is the signed `checkpoint`.
    pub fn new(
        dossier: String,
        entries: Vec<ProvenEntry>,
        tiles: &Tiles,
        checkpoint: &Checkpoint,
        note: String,
        keys: &[VerifierKey],
    ) -> Result<Self, MissingTile> {
        let with_path = |entry: ProvenEntry| -> Result<ProvenEntry, MissingTile> {
            let path = tiles.inclusion_proof(entry.leaf, checkpoint.size)?;
            Ok(ProvenEntry { path, ..entry })
        };
        let entries = entries.into_iter().map(with_path).collect::<Result<Vec<_>, _>>()?;
        let keys = keys.iter().map(VerifierKey::to_string).collect();
        Ok(Self { format: FORMAT.to_owned(), dossier, entries, checkpoint: note, keys })
    }

    /// Checks the whole file. The checkpoint must be signed by a trusted key, or by a key of the file if `trusted` is
    /// empty.
    pub fn check(&self, trusted: &[VerifierKey]) -> Result<Proven, Unproven> {
        if self.format != FORMAT {
            return Err(Unproven::Format(self.format.clone()));
        }
        let leaves = self.leaves()?;
        let keys = self.keys.iter().map(|text| read_key(text)).collect::<Result<Vec<_>, _>>()?;
        let key_is_from_the_file = trusted.is_empty();
        let known = if key_is_from_the_file { keys.as_slice() } else { trusted };
        let (head, signed_by) = Checkpoint::open(&self.checkpoint, known)?;
        for (entry, hash) in self.entries.iter().zip(&leaves) {
            let (version, leaf) = (entry.version, entry.leaf);
            verify_inclusion(hash, leaf, head.size, &entry.path, &head.root).map_err(|reason| Unproven::Inclusion {
                version,
                leaf,
                reason,
            })?;
        }
        let erased = self.entries.iter().filter(|entry| entry.payload.is_none()).map(|entry| entry.version).collect();
        Ok(Proven { head, signed_by, key_is_from_the_file, entries: self.entries.len(), erased })
    }

    /// Recomputes the hash chain from its beginning and returns the leaf of each entry.
    fn leaves(&self) -> Result<Vec<Hash>, Unproven> {
        if self.entries.is_empty() {
            return Err(Unproven::Empty);
        }
        let mut leaves = Vec::new();
        let (mut previous, mut next_leaf) = (genesis(), Some(0));
        for (expected, entry) in (1..).zip(&self.entries) {
            let version = entry.version;
            if version != expected {
                return Err(Unproven::Version { expected, found: version });
            }
            if entry.payload.as_deref().is_some_and(|payload| payload_digest(payload) != entry.payload_digest) {
                return Err(Unproven::Payload { version });
            }
            if next_leaf.is_none_or(|next| entry.leaf < next) {
                return Err(Unproven::Order { version });
            }
            next_leaf = entry.leaf.checked_add(1);
            previous = entry.hash(&self.dossier, &previous);
            leaves.push(entry_leaf(&previous));
        }
        Ok(leaves)
    }
}

/// Reads a key of the file.
fn read_key(text: &str) -> Result<VerifierKey, Unproven> {
    text.parse::<VerifierKey>().map_err(|reason| Unproven::Key { key: text.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transparency::{merkle::leaf_hash, note::SigningKey};
    use std::slice::from_ref;

    const DOSSIER: &str = "H09.12-180915-0001";
    /// The numbers of the dossier's leaves in a log of 300 leaves.
    const LEAVES: [u64; 3] = [3, 4, 256];

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed("log.example", [seed; 32]).unwrap()
    }

    fn entries() -> Vec<ProvenEntry> {
        let entry = |(version, leaf): (i64, u64)| {
            let payload = format!("{{\"version\":{version}}}");
            ProvenEntry {
                version,
                at: "2026-03-02T08:30:00Z".to_owned(),
                event: "filed".to_owned(),
                command: "c".to_owned(),
                payload_digest: payload_digest(&payload),
                payload: (version != 2).then_some(payload),
                migrated: (version == 1).then(|| Migrated { number: 7, hash: "ab".to_owned() }),
                leaf,
                path: Vec::new(),
            }
        };
        (1..).zip(LEAVES).map(entry).collect()
    }

    /// Returns a log that contains the entries, and its head.
    fn log(entries: &[ProvenEntry]) -> (Tiles, Checkpoint) {
        let mut leaves = vec![leaf_hash(b"another dossier"); 300];
        let mut previous = genesis();
        for entry in entries {
            previous = entry.hash(DOSSIER, &previous);
            leaves[usize::try_from(entry.leaf).unwrap()] = entry_leaf(&previous);
        }
        let mut tiles = Tiles::default();
        tiles.append(0, &leaves).unwrap();
        let (root, at) = (tiles.root(300).unwrap(), "2026-03-02T09:00:00Z".parse().unwrap());
        (tiles, Checkpoint { origin: "log.example".to_owned(), size: 300, root, at })
    }

    fn signed(key: &SigningKey) -> Proof {
        let (tiles, head) = log(&entries());
        let needed = Proof::tiles(&LEAVES, 300).into_iter();
        let tiles: Tiles = needed.map(|tile| (tile, tiles.get(tile).unwrap().to_vec())).collect();
        let (note, keys) = (head.sign(key).unwrap(), from_ref(key.verifier()));
        Proof::new(DOSSIER.to_owned(), entries(), &tiles, &head, note, keys).unwrap()
    }

    #[test]
    fn a_proof_is_checked_against_the_trusted_key_or_the_key_in_the_file() {
        let (ours, proof) = (key(1), signed(&key(1)));
        let proven = Proven {
            head: log(&entries()).1,
            signed_by: ours.verifier().clone(),
            key_is_from_the_file: false,
            entries: 3,
            erased: vec![2],
        };
        assert_eq!(proof.check(from_ref(ours.verifier())), Ok(proven.clone()));
        assert_eq!(proof.check(&[]), Ok(Proven { key_is_from_the_file: true, ..proven }));
        let json = serde_json::to_string(&proof).unwrap();
        assert_eq!(serde_json::from_str::<Proof>(&json).unwrap(), proof);
    }

    #[test]
    fn the_key_of_a_stranger_is_named() {
        let (ours, stranger) = (key(1), key(2));
        let proof = signed(&stranger);
        let refused = proof.check(from_ref(ours.verifier())).unwrap_err().to_string();
        assert!(refused.contains(&format!("log.example+{:08x}", stranger.verifier().id())), "{refused}");
        let proven = proof.check(&[]).unwrap();
        assert!(proven.key_is_from_the_file);
        assert_eq!(&proven.signed_by, stranger.verifier());
    }

    #[test]
    fn every_changed_byte_is_found() {
        let (ours, proof) = (key(1), signed(&key(1)));
        let json = serde_json::to_vec_pretty(&proof).unwrap();
        for place in 0..json.len() {
            for byte in [json[place] ^ 1, b' ', b'"', b'0'] {
                let mut changed = json.clone();
                changed[place] = byte;
                let Ok(read) = serde_json::from_slice::<Proof>(&changed) else { continue };
                if read != proof {
                    let outcome = read.check(from_ref(ours.verifier()));
                    assert!(outcome.is_err(), "{}", String::from_utf8_lossy(&changed));
                }
            }
        }
    }

    /// Checks the proof after a change of its entries, with and without new version numbers.
    fn refused(change: impl Fn(&mut Vec<ProvenEntry>)) -> [Unproven; 2] {
        let mut proof = signed(&key(1));
        change(&mut proof.entries);
        let as_changed = proof.check(&[]).unwrap_err();
        for (version, entry) in (1..).zip(&mut proof.entries) {
            entry.version = version;
        }
        [as_changed, proof.check(&[]).unwrap_err()]
    }

    #[test]
    fn a_removed_entry_is_found() {
        let [gap, other] = refused(|entries| drop(entries.remove(1)));
        assert_eq!(gap, Unproven::Version { expected: 2, found: 3 });
        assert!(matches!(other, Unproven::Inclusion { version: 2, leaf: 256, .. }), "{other:?}");
        let [gap, other] = refused(|entries| drop(entries.remove(0)));
        assert_eq!(gap, Unproven::Version { expected: 1, found: 2 });
        assert!(matches!(other, Unproven::Inclusion { version: 1, leaf: 4, .. }), "{other:?}");
        let [empty, _] = refused(Vec::clear);
        assert_eq!(empty, Unproven::Empty);
    }

    #[test]
    fn swapped_and_inserted_entries_are_found() {
        let [version, order] = refused(|entries| entries.swap(0, 1));
        assert_eq!(version, Unproven::Version { expected: 1, found: 2 });
        assert_eq!(order, Unproven::Order { version: 2 });
        let [version, order] = refused(|entries| entries.insert(1, entries[1].clone()));
        assert_eq!(version, Unproven::Version { expected: 3, found: 2 });
        assert_eq!(order, Unproven::Order { version: 3 });
        let [inserted, _] =
            refused(|entries| entries.push(ProvenEntry { version: 4, leaf: 299, ..entries[2].clone() }));
        assert!(matches!(inserted, Unproven::Inclusion { version: 4, leaf: 299, .. }), "{inserted:?}");
    }

    #[test]
    fn the_last_entries_can_be_left_out() {
        let mut proof = signed(&key(1));
        proof.entries.truncate(1);
        assert_eq!(proof.check(&[]).map(|proven| proven.entries), Ok(1));
    }

    #[test]
    fn contents_cannot_be_changed_with_their_digest() {
        let [payload, _] = refused(|entries| entries[0].payload = Some("{}".to_owned()));
        assert_eq!(payload, Unproven::Payload { version: 1 });
        let [both, _] = refused(|entries| {
            entries[2].payload = Some("{}".to_owned());
            entries[2].payload_digest = payload_digest("{}");
        });
        assert!(matches!(both, Unproven::Inclusion { version: 3, .. }), "{both:?}");
    }

    #[test]
    fn every_reason_has_a_word_and_names_its_entry() {
        let reasons = [
            Unproven::Format(String::new()),
            Unproven::Empty,
            Unproven::Version { expected: 2, found: 3 },
            Unproven::Payload { version: 2 },
            Unproven::Order { version: 2 },
            Unproven::Key { key: String::new(), reason: NotAKey::Form },
            Unproven::Checkpoint(NotACheckpoint::Form),
            Unproven::Inclusion { version: 2, leaf: 0, reason: merkle::UnprovenPath::Root },
        ];
        assert_eq!(reasons.each_ref().map(Unproven::word), Unproven::WORDS);
        let entries = reasons.each_ref().map(Unproven::entry);
        assert_eq!(entries, [None, None, Some(2), Some(2), Some(2), None, None, Some(2)]);
    }

    #[test]
    fn a_proof_needs_the_tiles_of_its_leaves() {
        let (_, head) = log(&entries());
        let missing = Proof::new(DOSSIER.to_owned(), entries(), &Tiles::default(), &head, String::new(), &[]);
        assert!(missing.is_err());
    }
}
