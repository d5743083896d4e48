//! The roots and proofs of the tree, computed from its tiles (RFC 6962, section 2.1).
//!
//! The functions `tiles_for_…` return the tiles that the method of the same name reads. Both run the same recursion:
//! the method reads the tiles, and the function records them.

use super::merkle::{Hash, empty_root, node_hash};
use super::tile::{HEIGHT, MissingTile, TileId, Tiles, complete_root};
use std::{collections::BTreeSet, ops::Range};

/// Returns the tiles that [`Tiles::root`] needs.
pub fn tiles_for_root(size: u64) -> Vec<TileId> {
    recorded(|recorder| root(size, recorder))
}

/// Returns the tiles that [`Tiles::inclusion_proof`] needs.
pub fn tiles_for_inclusion(index: u64, size: u64) -> Vec<TileId> {
    recorded(|recorder| inclusion(index, size, recorder))
}

/// Returns the tiles that [`Tiles::consistency_proof`] needs.
pub fn tiles_for_consistency(old: u64, new: u64) -> Vec<TileId> {
    recorded(|recorder| consistency(old, new, recorder))
}

impl Tiles {
    /// Returns the root of the tree with `size` leaves.
    pub fn root(&self, size: u64) -> Result<Hash, MissingTile> {
        root(size, &mut TileReader(self))
    }

    /// Returns the path from the leaf at `index` to the root of the tree with `size` leaves.
    ///
    /// If the tree has no such leaf, the error names the tile in which the leaf would be.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, MissingTile> {
        inclusion(index, size, &mut TileReader(self))
    }

    /// Returns the proof that the tree with `new` leaves begins with the tree with `old` leaves.
    ///
    /// If the new tree is smaller, the error names the tile of the last leaf of the old tree.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, MissingTile> {
        consistency(old, new, &mut TileReader(self))
    }
}

/// The source of the roots of complete subtrees during the recursion.
trait RootSource {
    /// Returns the root of the complete subtree above these hashes of a tile.
    fn root_above(&mut self, tile: TileId, hashes: Range<usize>) -> Result<Hash, MissingTile>;
}

/// A source that reads loaded tiles.
struct TileReader<'a>(&'a Tiles);

impl RootSource for TileReader<'_> {
    fn root_above(&mut self, tile: TileId, hashes: Range<usize>) -> Result<Hash, MissingTile> {
        let width = hashes.end;
        let found = self.0.get(tile).and_then(|stored| stored.get(hashes));
        found.map(complete_root).ok_or(MissingTile { tile, width })
    }
}

/// A source that only records which tiles the recursion asks for.
#[derive(Default)]
struct TileRecorder(BTreeSet<TileId>);

impl RootSource for TileRecorder {
    fn root_above(&mut self, tile: TileId, _: Range<usize>) -> Result<Hash, MissingTile> {
        self.0.insert(tile);
        Ok(empty_root())
    }
}

/// Returns the tiles that a recursion asks for. A leaf outside the tree needs no tile.
fn recorded<T>(recursion: impl FnOnce(&mut TileRecorder) -> Result<T, MissingTile>) -> Vec<TileId> {
    let mut recorder = TileRecorder::default();
    let outcome = recursion(&mut recorder);
    outcome.map(|_| recorder.0.into_iter().collect()).unwrap_or_default()
}

/// Returns the root of a tree.
fn root(size: u64, source: &mut impl RootSource) -> Result<Hash, MissingTile> {
    if size == 0 { Ok(empty_root()) } else { subtree(0, size, source) }
}

/// Returns the path of a leaf.
fn inclusion(index: u64, size: u64, source: &mut impl RootSource) -> Result<Vec<Hash>, MissingTile> {
    require_leaf(index, size)?;
    inclusion_within(index, 0, size, source)
}

/// Returns the proof that a tree of `new` leaves begins with a tree of `old` leaves.
fn consistency(old: u64, new: u64, source: &mut impl RootSource) -> Result<Vec<Hash>, MissingTile> {
    let Some(last_leaf) = old.checked_sub(1) else { return Ok(Vec::new()) };
    require_leaf(last_leaf, new)?;
    consistency_within(old, 0, new, source)
}

/// Rejects a leaf that a tree of this size does not have.
fn require_leaf(index: u64, size: u64) -> Result<(), MissingTile> {
    let (tile, position) = TileId::of(0, index);
    if index < size { Ok(()) } else { Err(MissingTile { tile, width: position + 1 }) }
}

/// Returns the root over the leaves from `start` to `end` (`MTH` of RFC 6962, section 2.1).
fn subtree(start: u64, end: u64, source: &mut impl RootSource) -> Result<Hash, MissingTile> {
    let count = end - start;
    if count.is_power_of_two() {
        let (tile, hashes) = place(start, count);
        return source.root_above(tile, hashes);
    }
    let middle = split(start, end);
    let left = subtree(start, middle, source)?;
    let right = subtree(middle, end, source)?;
    Ok(node_hash(&left, &right))
}

/// Returns the path of a leaf below the node over `start` to `end` (`PATH` of RFC 6962, section 2.1.1).
fn inclusion_within(index: u64, start: u64, end: u64, source: &mut impl RootSource) -> Result<Vec<Hash>, MissingTile> {
    if end - start == 1 {
        return Ok(Vec::new());
    }
    let middle = split(start, end);
    let (mut path, sibling) = if index < middle {
        (inclusion_within(index, start, middle, source)?, subtree(middle, end, source)?)
    } else {
        (inclusion_within(index, middle, end, source)?, subtree(start, middle, source)?)
    };
    path.push(sibling);
    Ok(path)
}

/// Returns the proof below the node over `start` to `end` (`SUBPROOF` of RFC 6962, section 2.1.2).
fn consistency_within(old: u64, start: u64, end: u64, source: &mut impl RootSource) -> Result<Vec<Hash>, MissingTile> {
    if old == end {
        // The verifier knows the root of the whole old tree.
        return if start == 0 { Ok(Vec::new()) } else { Ok(vec![subtree(start, end, source)?]) };
    }
    let middle = split(start, end);
    let (mut path, sibling) = if old <= middle {
        (consistency_within(old, start, middle, source)?, subtree(middle, end, source)?)
    } else {
        (consistency_within(old, middle, end, source)?, subtree(start, middle, source)?)
    };
    path.push(sibling);
    Ok(path)
}

/// Returns where the RFC splits a node: the left child is the largest complete subtree smaller than the node.
fn split(start: u64, end: u64) -> u64 {
    start + (1_u64 << (end - start - 1).ilog2())
}

/// Returns the hashes below which the complete subtree over `count` leaves is stored.
fn place(start: u64, count: u64) -> (TileId, Range<usize>) {
    let (mut level, mut first, mut count) = (0, start, count);
    while count >> HEIGHT > 0 {
        (level, first, count) = (level + 1, first >> HEIGHT, count >> HEIGHT);
    }
    let (tile, position) = TileId::of(level, first);
    (tile, position..position + (1_usize << count.trailing_zeros()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transparency::merkle::{leaf_hash, verify_consistency, verify_inclusion};
    use crate::transparency::tile::{from_bytes, tiles_to_append};
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;
    use sha2::Sha256;

    type Oracle = MemoryBackedTree<Sha256, Vec<u8>>;

    fn data(number: u64) -> Vec<u8> {
        number.to_string().into_bytes()
    }

    fn oracle(size: u64) -> Oracle {
        let mut oracle = Oracle::new();
        (0..size).for_each(|number| oracle.push(data(number)));
        oracle
    }

    fn leaves(numbers: Range<u64>) -> Vec<Hash> {
        numbers.map(|number| leaf_hash(&data(number))).collect()
    }

    fn grown(size: u64) -> Tiles {
        let mut tiles = Tiles::default();
        tiles.append(0, &leaves(0..size)).unwrap();
        tiles
    }

    fn root_of(oracle: &Oracle) -> Hash {
        let root = oracle.root();
        from_bytes(&root.as_bytes()[..]).unwrap()[0]
    }

    /// Returns only those tiles that a function of this module asks for.
    fn only(tiles: &Tiles, needed: Vec<TileId>) -> Tiles {
        needed.into_iter().map(|tile| (tile, tiles.get(tile).unwrap().to_vec())).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_tree_grown_in_portions_is_the_tree_of_the_oracle(portions in proptest::collection::vec(0_u64..600, 0..4)) {
            let (mut stored, mut size) = (Tiles::default(), 0);
            for portion in portions {
                let mut loaded = only(&stored, tiles_to_append(size));
                for tile in loaded.append(size, &leaves(size..size + portion)).unwrap() {
                    stored.insert(tile, loaded.get(tile).unwrap().to_vec());
                }
                size += portion;
            }
            prop_assert!(stored == grown(size));
            prop_assert_eq!(only(&stored, tiles_for_root(size)).root(size), Ok(root_of(&oracle(size))));
        }

        #[test]
        fn inclusion_proofs_are_those_of_the_oracle(stored in 1_u64..2000, size in 1_u64..2000, index in 0_u64..2000) {
            let size = size.min(stored);
            let index = index % size;
            let (tiles, oracle) = (grown(stored), oracle(size));
            let path = only(&tiles, tiles_for_inclusion(index, size)).inclusion_proof(index, size).unwrap();
            let expected = oracle.prove_inclusion(usize::try_from(index).unwrap());
            prop_assert_eq!(Some(path.clone()), from_bytes(expected.as_bytes()));

            let (leaf, root) = (leaf_hash(&data(index)), root_of(&oracle));
            prop_assert_eq!(verify_inclusion(&leaf, index, size, &path, &root), Ok(()));
            prop_assert!(verify_inclusion(&root, index, size, &path, &root).is_err() || size == 1);
            for other in 0..size {
                prop_assert!(other == index || verify_inclusion(&leaf, other, size, &path, &root).is_err());
            }
            for changed in changed(&path) {
                prop_assert!(verify_inclusion(&leaf, index, size, &changed, &root).is_err());
            }
        }

        #[test]
        fn consistency_proofs_are_those_of_the_oracle(stored in 2_u64..2000, new in 2_u64..2000, old in 1_u64..2000) {
            let new = new.min(stored);
            let old = 1 + old % (new - 1);
            let (tiles, oracle) = (grown(stored), oracle(new));
            let path = only(&tiles, tiles_for_consistency(old, new)).consistency_proof(old, new).unwrap();
            let expected = oracle.prove_consistency(usize::try_from(new - old).unwrap());
            prop_assert_eq!(Some(path.clone()), from_bytes(expected.as_bytes()));

            let (old_root, new_root) = (tiles.root(old).unwrap(), root_of(&oracle));
            prop_assert_eq!(verify_consistency(old, &old_root, new, &new_root, &path), Ok(()));
            prop_assert!(verify_consistency(old, &new_root, new, &new_root, &path).is_err());
            prop_assert!(verify_consistency(old, &old_root, new, &old_root, &path).is_err());
            for changed in changed(&path) {
                prop_assert!(verify_consistency(old, &old_root, new, &new_root, &changed).is_err());
            }
        }
    }

    /// Returns the path with each of its hashes changed, without its last hash and with another hash.
    fn changed(path: &[Hash]) -> Vec<Vec<Hash>> {
        let mut paths: Vec<_> =
            (0..path.len()).map(|place| [&path[..place], &[empty_root()], &path[place + 1..]].concat()).collect();
        paths.extend(path.split_last().map(|(_, rest)| rest.to_vec()));
        paths.push([path, &[empty_root()]].concat());
        paths
    }

    #[test]
    fn proofs_outside_the_tree_name_the_missing_leaf() {
        let tiles = grown(300);
        let missing = |index| MissingTile { tile: TileId { level: 0, index }, width: 1 };
        assert_eq!(tiles.inclusion_proof(512, 300), Err(missing(2)));
        assert_eq!(tiles.inclusion_proof(0, 0), Err(missing(0)));
        assert_eq!(tiles.consistency_proof(513, 300), Err(missing(2)));
        assert!(tiles_for_inclusion(512, 300).is_empty());
        assert_eq!(tiles.consistency_proof(0, 300), Ok(Vec::new()));
        assert_eq!(tiles.consistency_proof(300, 300), Ok(Vec::new()));
        assert_eq!(tiles.root(0), Ok(empty_root()));
        assert_eq!(tiles.root(301), Err(MissingTile { tile: TileId { level: 0, index: 1 }, width: 45 }));
    }

    #[test]
    fn a_proof_in_a_large_tree_needs_few_tiles() {
        let tiles = grown(70_000);
        for index in [0, 255, 256, 65_535, 65_536, 69_999] {
            let needed = tiles_for_inclusion(index, 70_000);
            assert!(needed.len() <= 6, "{needed:?}");
            let path = only(&tiles, needed).inclusion_proof(index, 70_000).unwrap();
            let (leaf, root) = (leaf_hash(&data(index)), tiles.root(70_000).unwrap());
            assert_eq!(verify_inclusion(&leaf, index, 70_000, &path, &root), Ok(()));
        }
        for old in [1, 256, 65_536, 65_537, 69_999] {
            let path = only(&tiles, tiles_for_consistency(old, 70_000)).consistency_proof(old, 70_000).unwrap();
            let (old_root, new_root) = (tiles.root(old).unwrap(), tiles.root(70_000).unwrap());
            assert_eq!(verify_consistency(old, &old_root, 70_000, &new_root, &path), Ok(()));
        }
    }
}
