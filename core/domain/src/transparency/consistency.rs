//! The proof that a log begins with an older head of the same log: nothing before that head was changed since.

use super::checkpoint::{Checkpoint, NotACheckpoint};
use super::merkle::{self, Hash, verify_consistency};
use super::note::{NotAKey, VerifierKey};
use super::tile::{MissingTile, Tiles};
use serde::{Deserialize, Serialize};

/// The name of the format, with its version.
pub const FORMAT: &str = "motcua-consistency-1";

/// The contents of a proof file. Unknown fields are rejected, because [`Consistency::check`] would not cover them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consistency {
    pub format: String,
    /// The signed note of the older head.
    pub old: String,
    /// The signed note of the newer head.
    pub new: String,
    /// The path of RFC 9162, section 2.1.4.
    pub path: Vec<Hash>,
    /// The public keys of the log, in text form.
    pub keys: Vec<String>,
}

/// The facts that a valid proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consistent {
    pub old: Checkpoint,
    pub new: Checkpoint,
    /// The key that signed the newer head.
    pub signed_by: VerifierKey,
    /// The caller trusts no key, so the keys come from the same file as the signatures. Anybody can make such a file.
    pub key_is_from_the_file: bool,
}

/// The reason why a file proves nothing, in words for the person who checks it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistent {
    #[error("The file has the format “{0}”. This program checks only files of the format “{known}”.", known = FORMAT)]
    Format(String),
    #[error("The file contains the key “{key}”, which cannot be read: {reason}. The file is damaged.")]
    Key { key: String, reason: NotAKey },
    #[error("The signature of the older head cannot be trusted: {0}. Without it, the file proves nothing.")]
    Old(NotACheckpoint),
    #[error("The signature of the newer head cannot be trusted: {0}. Without it, the file proves nothing.")]
    New(NotACheckpoint),
    #[error("The older head is of the log {old}, and the newer head of the log {new}.")]
    OtherLog { old: String, new: String },
    #[error("The newer head does not begin with the older head: {0}. The log was rewritten, or the file was changed.")]
    Path(merkle::UnprovenPath),
}

/// The reason why tiles do not show that a log begins with an older head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPrefix {
    #[error(transparent)]
    Tile(#[from] MissingTile),
    #[error(transparent)]
    Path(#[from] merkle::UnprovenPath),
}

/// Checks by tiles that the tree of `size` leaves with this root begins with an older head. The caller loads the tiles
/// of [`super::tree::tiles_for_consistency`].
pub fn require_prefix(tiles: &Tiles, old: &Checkpoint, size: u64, root: &Hash) -> Result<(), NotAPrefix> {
    if old.size > size {
        return Err(merkle::UnprovenPath::Smaller { old: old.size, new: size }.into());
    }
    let path = tiles.consistency_proof(old.size, size)?;
    Ok(verify_consistency(old.size, &old.root, size, root, &path)?)
}

impl Consistency {
    /// Returns the file for two heads and the path between them.
    pub fn new(old: String, new: String, path: Vec<Hash>, keys: &[VerifierKey]) -> Self {
        let keys = keys.iter().map(VerifierKey::to_string).collect();
        Self { format: FORMAT.to_owned(), old, new, path, keys }
    }

    /// Checks the whole file. The heads must be signed by trusted keys, or by keys of the file if `trusted` is empty.
    pub fn check(&self, trusted: &[VerifierKey]) -> Result<Consistent, Inconsistent> {
        if self.format != FORMAT {
            return Err(Inconsistent::Format(self.format.clone()));
        }
        let read = |text: &String| {
            text.parse::<VerifierKey>().map_err(|reason| Inconsistent::Key { key: text.clone(), reason })
        };
        let keys = self.keys.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let key_is_from_the_file = trusted.is_empty();
        let known = if key_is_from_the_file { keys.as_slice() } else { trusted };
        let (old, _) = Checkpoint::open(&self.old, known).map_err(Inconsistent::Old)?;
        let (new, signed_by) = Checkpoint::open(&self.new, known).map_err(Inconsistent::New)?;
        if old.origin != new.origin {
            return Err(Inconsistent::OtherLog { old: old.origin, new: new.origin });
        }
        verify_consistency(old.size, &old.root, new.size, &new.root, &self.path).map_err(Inconsistent::Path)?;
        Ok(Consistent { old, new, signed_by, key_is_from_the_file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transparency::merkle::leaf_hash;
    use crate::transparency::note::SigningKey;
    use std::slice::from_ref;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed("the.log", [seed; 32]).unwrap()
    }

    fn head(tiles: &Tiles, size: u64) -> Checkpoint {
        let (root, at) = (tiles.root(size).unwrap(), "2026-03-02T09:00:00Z".parse().unwrap());
        Checkpoint { origin: "the.log".to_owned(), size, root, at }
    }

    fn log(leaf: &[u8]) -> Tiles {
        let mut tiles = Tiles::default();
        tiles.append(0, &[leaf_hash(leaf); 300]).unwrap();
        tiles
    }

    fn proof(old: u64, new: u64) -> Consistency {
        let (tiles, key) = (log(b"a"), key(1));
        let [older, newer] = [old, new].map(|size| head(&tiles, size).sign(&key).unwrap());
        Consistency::new(older, newer, tiles.consistency_proof(old, new).unwrap(), from_ref(key.verifier()))
    }

    #[test]
    fn a_newer_head_is_proved_to_begin_with_an_older_head() {
        let ours = key(1);
        for (old, new) in [(0, 300), (1, 300), (255, 300), (256, 257), (300, 300)] {
            let proof = proof(old, new);
            let json = serde_json::to_string(&proof).unwrap();
            let read: Consistency = serde_json::from_str(&json).unwrap();
            let consistent = read.check(from_ref(ours.verifier())).unwrap();
            assert_eq!((consistent.old.size, consistent.new.size), (old, new));
            assert!(!consistent.key_is_from_the_file);
            assert!(read.check(&[]).unwrap().key_is_from_the_file);
        }
    }

    #[test]
    fn heads_that_do_not_follow_from_each_other_are_refused() {
        let (ours, other, tiles) = (key(1), log(b"b"), log(b"a"));
        let sound = proof(200, 300);
        let rewritten = Consistency { new: head(&other, 300).sign(&ours).unwrap(), ..sound.clone() };
        assert!(matches!(rewritten.check(&[]), Err(Inconsistent::Path(merkle::UnprovenPath::Root))));
        let swapped = Consistency { old: sound.new.clone(), new: sound.old.clone(), ..sound.clone() };
        assert!(matches!(
            swapped.check(&[]),
            Err(Inconsistent::Path(merkle::UnprovenPath::Smaller { old: 300, new: 200 }))
        ));
        let shorter = Consistency { path: sound.path[1..].to_vec(), ..sound.clone() };
        assert!(matches!(shorter.check(&[]), Err(Inconsistent::Path(_))));
        let stranger = key(2);
        assert!(matches!(sound.check(from_ref(stranger.verifier())), Err(Inconsistent::Old(_))));
        let format = Consistency { format: "other".to_owned(), ..sound };
        assert!(matches!(format.check(&[]), Err(Inconsistent::Format(_))));

        let (old, new) = (head(&tiles, 200), head(&tiles, 300));
        assert_eq!(require_prefix(&tiles, &old, 300, &new.root), Ok(()));
        assert!(require_prefix(&other, &old, 300, &new.root).is_err());
        assert!(require_prefix(&tiles, &new, 200, &old.root).is_err());
        assert!(require_prefix(&Tiles::default(), &old, 300, &new.root).is_err());
        // The tiles form the old root but belong to another new root. A check of the old root alone would pass.
        assert!(require_prefix(&tiles, &old, 300, &head(&other, 300).root).is_err());
    }
}
