//! The hashes of the Merkle tree, and the verification of its proofs (RFC 6962 and RFC 9162).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};
use std::{fmt, str::FromStr};

/// A SHA-256 hash of the tree. Its text is hexadecimal, and base64 in JSON and in notes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

/// A text is not a hash in the expected form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a SHA-256 hash")]
pub struct NotAHash;

impl Hash {
    /// Returns the hash in base64.
    pub fn to_base64(self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// Reads a hash in base64.
    pub fn from_base64(text: &str) -> Result<Self, NotAHash> {
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| NotAHash)?;
        bytes.try_into().map(Self).map_err(|_| NotAHash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NotAHash)?;
        // The decoder accepts capital letters.
        if hex::encode(bytes) == text { Ok(Self(bytes)) } else { Err(NotAHash) }
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).map_err(D::Error::custom)
    }
}

/// Returns the hash of a leaf with these data.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0x00]).chain_update(data).finalize().into())
}

/// Returns the hash of the node above two nodes.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new().chain_update([0x01]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// Returns the root of a tree without leaves.
pub fn empty_root() -> Hash {
    Hash(Sha256::digest(b"").into())
}

/// The reason why a path proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnprovenPath {
    #[error("a tree of {size} leaves has no leaf {index}")]
    NoLeaf { index: u64, size: u64 },
    #[error("a tree of {new} leaves cannot contain a tree of {old} leaves")]
    Smaller { old: u64, new: u64 },
    #[error("the path has too few or too many hashes")]
    Length,
    #[error("the path leads to another root")]
    Root,
}

/// Verifies that the tree of `size` leaves with this root has this leaf at `index` (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> Result<(), UnprovenPath> {
    if index >= size {
        return Err(UnprovenPath::NoLeaf { index, size });
    }
    let mut climb = Climb { node: index, last: size - 1 };
    let mut hash = *leaf;
    for sibling in path {
        hash = match climb.step().ok_or(UnprovenPath::Length)? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    climb.finish()?;
    if hash == *root { Ok(()) } else { Err(UnprovenPath::Root) }
}

/// Verifies that the new tree begins with the leaves of the old tree (RFC 9162, section 2.1.4.2).
///
/// Every tree begins with the empty tree and with itself. The path of these two proofs is empty.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), UnprovenPath> {
    if old_size > new_size {
        return Err(UnprovenPath::Smaller { old: old_size, new: new_size });
    }
    if old_size == 0 || old_size == new_size {
        let root_is_right =
            (old_size > 0 || *old_root == empty_root()) && (old_size < new_size || old_root == new_root);
        return match (path, root_is_right) {
            ([], true) => Ok(()),
            ([], false) => Err(UnprovenPath::Root),
            _ => Err(UnprovenPath::Length),
        };
    }
    // The path does not contain the old root if the old tree is a complete subtree of the new tree.
    let (first, rest) =
        if old_size.is_power_of_two() { (old_root, path) } else { path.split_first().ok_or(UnprovenPath::Length)? };
    // The path begins at the largest complete subtree that contains the last leaf of the old tree.
    let height = (old_size - 1).trailing_ones();
    let mut climb = Climb { node: (old_size - 1) >> height, last: (new_size - 1) >> height };
    let (mut old, mut new) = (*first, *first);
    for sibling in rest {
        match climb.step().ok_or(UnprovenPath::Length)? {
            Side::Left => (old, new) = (node_hash(sibling, &old), node_hash(sibling, &new)),
            Side::Right => new = node_hash(&new, sibling),
        }
    }
    climb.finish()?;
    if old == *old_root && new == *new_root { Ok(()) } else { Err(UnprovenPath::Root) }
}

/// The side of the sibling of a node.
enum Side {
    Left,
    Right,
}

/// A position on the way from a node to the root.
struct Climb {
    /// The number of the node in its level.
    node: u64,
    /// The number of the last node in this level.
    last: u64,
}

impl Climb {
    /// Moves above the next sibling and returns the side of the sibling. Returns nothing at the root.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.node == self.last || !self.node.is_multiple_of(2) {
            // The last node of a level has no sibling if its number is even. It moves up unchanged.
            while self.node.is_multiple_of(2) && self.node > 0 {
                self.up();
            }
            Side::Left
        } else {
            Side::Right
        };
        self.up();
        Some(side)
    }

    /// Moves to the level above.
    fn up(&mut self) {
        self.node /= 2;
        self.last /= 2;
    }

    /// Rejects a path that ends below the root.
    fn finish(self) -> Result<(), UnprovenPath> {
        if self.last == 0 { Ok(()) } else { Err(UnprovenPath::Length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_hashes_are_those_of_the_reference_tree_of_certificate_transparency() {
        assert_eq!(empty_root().to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let (a, b, c) = (leaf_hash(b""), leaf_hash(b"\x00"), leaf_hash(b"\x10"));
        assert_eq!(a.to_string(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        let root = node_hash(&node_hash(&a, &b), &c);
        assert_eq!(root.to_string(), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
        assert_eq!(verify_inclusion(&c, 2, 3, &[node_hash(&a, &b)], &root), Ok(()));
        assert_eq!(verify_consistency(1, &a, 3, &root, &[b, c]), Ok(()));
        assert_eq!(verify_consistency(1, &a, 3, &root, &[b]), Err(UnprovenPath::Length));
        assert_eq!(verify_consistency(1, &b, 3, &root, &[b, c]), Err(UnprovenPath::Root));
    }

    #[test]
    fn the_empty_tree_and_the_same_tree_need_no_path() {
        let (empty, root) = (empty_root(), leaf_hash(b"a"));
        assert_eq!(verify_consistency(0, &empty, 1, &root, &[]), Ok(()));
        assert_eq!(verify_consistency(0, &root, 1, &root, &[]), Err(UnprovenPath::Root));
        assert_eq!(verify_consistency(0, &empty, 0, &root, &[]), Err(UnprovenPath::Root));
        assert_eq!(verify_consistency(1, &root, 1, &root, &[]), Ok(()));
        assert_eq!(verify_consistency(1, &root, 1, &root, &[root]), Err(UnprovenPath::Length));
        assert_eq!(verify_consistency(2, &root, 1, &root, &[]), Err(UnprovenPath::Smaller { old: 2, new: 1 }));
        assert_eq!(verify_inclusion(&root, 0, 1, &[], &root), Ok(()));
        assert_eq!(verify_inclusion(&root, 1, 1, &[], &root), Err(UnprovenPath::NoLeaf { index: 1, size: 1 }));
    }

    #[test]
    fn only_the_canonical_text_is_a_hash() {
        let hash = leaf_hash(b"a");
        assert_eq!(hash.to_string().parse::<Hash>(), Ok(hash));
        assert_eq!(Hash::from_base64(&hash.to_base64()), Ok(hash));
        for text in ["", "ab", &hash.to_string().to_uppercase(), &format!("{hash} ")] {
            assert_eq!(text.parse::<Hash>(), Err(NotAHash), "{text}");
        }
        for text in ["", "YQ==", hash.to_base64().trim_end_matches('='), &format!("{}\n", hash.to_base64())] {
            assert_eq!(Hash::from_base64(text), Err(NotAHash), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_verification_answers_to_any_numbers(
            sizes in (any::<u64>(), any::<u64>()),
            shifts in (0_u32..64, 0_u32..64),
            length in 0_usize..70,
        ) {
            let (small, large) = (sizes.0 >> shifts.0, sizes.1 >> shifts.1);
            let (hash, path) = (empty_root(), vec![empty_root(); length]);
            prop_assert!(verify_inclusion(&hash, small, large, &path, &leaf_hash(b"")).is_err());
            prop_assert!(verify_consistency(small, &hash, large, &leaf_hash(b""), &path).is_err() || small == 0);
        }

        #[test]
        fn the_largest_numbers_are_verified_too(less in 0_u64..3, length in 62_usize..66) {
            let (hash, path) = (empty_root(), vec![empty_root(); length]);
            let size = u64::MAX - less;
            prop_assert!(verify_inclusion(&hash, size - 1, size, &path, &hash).is_err());
            prop_assert!(verify_consistency(size - 1, &hash, size, &leaf_hash(b""), &path).is_err());
        }
    }
}
