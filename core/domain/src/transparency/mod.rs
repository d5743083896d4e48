//! The transparency log: one Merkle tree over the entries of all dossiers, and the proofs that citizens can check.
//!
//! The hash chain of a dossier shows that nobody changed the dossier within its journal (see
//! [`crate::dossier::journal`]).
//! The log shows that the portal did not replace the whole chain: the hash of each entry is a leaf of the tree, and
//! the portal publishes the signed root of the tree. The formats are those of C2SP (tlog-tiles, tlog-checkpoint,
//! signed-note), so the programs of other parties can check them too.
//!
//! ```text
//!   entry 1    entry 2    entry 3  ...  entry n     hashes of entries, in the order of the log
//!      |          |          |             |
//!    leaf 0     leaf 1     leaf 2 ...  leaf n-1    entry_leaf
//!      |__________|__________|_____________|
//!                      |
//!          tiles of 256 hashes, stored             tile: Tiles::append
//!                      |
//!          head: number of leaves, root            tree: Tiles::root
//!                      |
//!          signed checkpoint                       checkpoint: Checkpoint::sign, with note
//!                      |                           keys: which key signs when
//!                      |
//!          proof: the entries of a dossier,        proof: Proof::new, Proof::check
//!          a path from each leaf to the root,
//!          the signed checkpoint
//!          proof that a head begins with          consistency: Consistency::check
//!          an older head
//! ```
//!
//! The module has no input, output, clock or randomness. The caller loads and stores the tiles.

pub mod checkpoint;
pub mod consistency;
pub mod keys;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod tile;
pub mod tree;

use crate::names::Digest;
use merkle::{Hash, leaf_hash};
use note::VerifierKey;

/// Returns the leaf of an entry. The data of the leaf are the 64 hexadecimal characters of the entry's hash.
pub fn entry_leaf(hash: &Digest) -> Hash {
    leaf_hash(hash.as_str().as_bytes())
}

/// Returns the leaf that announces a new key of the log. No entry has the same leaf, because the data are longer
/// than the hash of an entry.
pub fn rotation_leaf(new_key: &VerifierKey) -> Hash {
    leaf_hash(format!("motcua-log-key {new_key}").as_bytes())
}
