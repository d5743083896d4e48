//! The tiles in which the tree is stored (C2SP tlog-tiles).
//!
//! A tile of level 0 holds up to 256 leaves. A hash of a higher level is the root of a full tile of the level below.
//! The module [`super::tree`] computes roots and proofs from tiles.

use super::merkle::{Hash, empty_root, node_hash};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The height of a full tile.
pub(super) const HEIGHT: u32 = 8;
/// The number of hashes in a full tile.
pub const WIDTH: usize = 1 << HEIGHT;

/// The position of a tile in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    pub level: u8,
    pub index: u64,
}

/// A tile is not loaded, or it holds fewer hashes than the tree needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log has no {tile} with at least {width} hashes")]
pub struct MissingTile {
    pub tile: TileId,
    pub width: usize,
}

impl TileId {
    /// Returns the tile of the hash with this number in its level, and the position of the hash in the tile.
    pub(super) fn of(level: u8, number: u64) -> (Self, usize) {
        let [position, ..] = number.to_le_bytes();
        (Self { level, index: number >> HEIGHT }, usize::from(position))
    }

    /// Returns whether a tree of `size` leaves has this number of hashes in the tile.
    pub fn is_within(self, width: usize, size: u64) -> bool {
        let level_size = size.checked_shr(HEIGHT * u32::from(self.level)).unwrap_or(0);
        let first = self.index.checked_mul(WIDTH as u64);
        first.and_then(|first| first.checked_add(width as u64)).is_some_and(|end| end <= level_size)
    }

    /// Returns the path under which a log serves the tile with this number of hashes, such as
    /// `tile/0/x001/234.p/5`.
    pub fn path(self, width: usize) -> String {
        let Self { level, index } = self;
        let mut name = format!("{:03}", index % 1000);
        let mut rest = index / 1000;
        while rest > 0 {
            name = format!("x{:03}/{name}", rest % 1000);
            rest /= 1000;
        }
        if width < WIDTH { format!("tile/{level}/{name}.p/{width}") } else { format!("tile/{level}/{name}") }
    }

    /// Reads a path and returns the tile and its number of hashes. Accepts only paths in the form of [`Self::path`].
    pub fn parse(path: &str) -> Option<(Self, usize)> {
        let (level, name) = path.strip_prefix("tile/")?.split_once('/')?;
        let (name, width) = match name.split_once(".p/") {
            Some((name, width)) => (name, width.parse().ok()?),
            None => (name, WIDTH),
        };
        let mut index = 0_u64;
        for element in name.split('/') {
            let digits: u64 = element.strip_prefix('x').unwrap_or(element).parse().ok()?;
            index = index.checked_mul(1000)?.checked_add(digits)?;
        }
        let tile = Self { level: level.parse().ok()?, index };
        let is_in_range = tile.level < 64 && (1..=WIDTH).contains(&width);
        (is_in_range && tile.path(width) == path).then_some((tile, width))
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path(WIDTH))
    }
}

/// Reads the hashes of a stored tile. Returns nothing if the bytes end within a hash.
pub fn from_bytes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().copied().map(Hash).collect())
}

/// Returns the bytes of a tile to store.
pub fn to_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Returns the partial tiles of a tree with `size` leaves, and their numbers of hashes.
pub fn partial_tiles(size: u64) -> Vec<(TileId, usize)> {
    let mut partial = Vec::new();
    let (mut level, mut count) = (0, size);
    while count > 0 {
        let (tile, width) = TileId::of(level, count);
        if width > 0 {
            partial.push((tile, width));
        }
        (level, count) = (level + 1, count >> HEIGHT);
    }
    partial
}

/// Returns the tiles that [`Tiles::append`] needs.
pub fn tiles_to_append(size: u64) -> Vec<TileId> {
    partial_tiles(size).into_iter().map(|(tile, _)| tile).collect()
}

/// Tiles that the caller has loaded. A tile may hold more hashes than a tree of an older size needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tiles(BTreeMap<TileId, Vec<Hash>>);

impl Tiles {
    /// Adds a loaded tile.
    pub fn insert(&mut self, tile: TileId, hashes: Vec<Hash>) {
        self.0.insert(tile, hashes);
    }

    /// Returns the hashes of a tile.
    pub fn get(&self, tile: TileId) -> Option<&[Hash]> {
        self.0.get(&tile).map(Vec::as_slice)
    }

    /// Appends leaves to a tree of `size` leaves and returns the tiles that changed.
    ///
    /// A loaded tile may hold hashes beyond `size`, for example if the server stopped before it signed them. The
    /// function removes them. If a tile is missing, the function changes nothing.
    pub fn append(&mut self, size: u64, leaves: &[Hash]) -> Result<BTreeSet<TileId>, MissingTile> {
        for (tile, width) in partial_tiles(size) {
            if self.get(tile).is_none_or(|hashes| hashes.len() < width) {
                return Err(MissingTile { tile, width });
            }
        }
        let mut changed = BTreeSet::new();
        for (number, leaf) in (size..).zip(leaves) {
            self.push(number, *leaf, &mut changed);
        }
        Ok(changed)
    }

    /// Appends one leaf, and the root of each tile that becomes full.
    fn push(&mut self, leaf_number: u64, leaf: Hash, changed: &mut BTreeSet<TileId>) {
        let (mut level, mut number, mut hash) = (0, leaf_number, leaf);
        loop {
            let (tile, position) = TileId::of(level, number);
            let hashes = self.0.entry(tile).or_default();
            hashes.truncate(position);
            hashes.push(hash);
            changed.insert(tile);
            if hashes.len() < WIDTH {
                return;
            }
            (level, number, hash) = (level + 1, number >> HEIGHT, complete_root(hashes));
        }
    }
}

impl FromIterator<(TileId, Vec<Hash>)> for Tiles {
    fn from_iter<I: IntoIterator<Item = (TileId, Vec<Hash>)>>(tiles: I) -> Self {
        Self(tiles.into_iter().collect())
    }
}

/// Returns the root above hashes whose number is a power of two.
pub(super) fn complete_root(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => empty_root(),
        [hash] => *hash,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(&complete_root(left), &complete_root(right))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transparency::merkle::leaf_hash;
    use proptest::prelude::*;

    #[test]
    fn the_paths_are_those_of_the_specification() {
        for (level, index, width, path) in [
            (0, 0, WIDTH, "tile/0/000"),
            (1, 1_234_067, WIDTH, "tile/1/x001/x234/067"),
            (2, 1000, 5, "tile/2/x001/000.p/5"),
        ] {
            let tile = TileId { level, index };
            assert_eq!(tile.path(width), path);
            assert_eq!(TileId::parse(path), Some((tile, width)));
        }
        for path in [
            "",
            "tile/0",
            "tile/0/0",
            "tile/0/0000",
            "tile/00/000",
            "tile/64/000",
            "tile/0/x000/001",
            "tile/0/+01",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000/",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(TileId::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_tree_has_the_tiles_of_the_example_in_the_specification() {
        let mut tiles = Tiles::default();
        let changed = tiles.append(0, &vec![leaf_hash(b"a"); 70_000]).unwrap();
        assert_eq!(changed.len(), 273 + 1 + 1 + 1 + 1);
        let width = |level, index| tiles.get(TileId { level, index }).map_or(0, <[Hash]>::len);
        assert!((0..273).all(|index| width(0, index) == WIDTH));
        assert_eq!((width(0, 273), width(1, 0), width(1, 1), width(2, 0)), (112, WIDTH, 17, 1));
        let partial = [(0, 273, 112), (1, 1, 17), (2, 0, 1)];
        assert_eq!(partial_tiles(70_000), partial.map(|(level, index, width)| (TileId { level, index }, width)));
        assert_eq!(partial_tiles(256), [(TileId { level: 1, index: 0 }, 1)]);
        assert!(partial_tiles(0).is_empty());
    }

    #[test]
    fn a_tree_has_the_hashes_of_its_complete_tiles_and_of_its_right_edge() {
        let tile = |level, index| TileId { level, index };
        for (tile, width, size, within) in [
            (tile(0, 0), 1, 0, false),
            (tile(0, 0), 1, 1, true),
            (tile(0, 0), WIDTH, 255, false),
            (tile(0, 1), 44, 300, true),
            (tile(0, 1), 45, 300, false),
            (tile(1, 0), 1, 255, false),
            (tile(1, 0), 1, 300, true),
            (tile(7, 0), 1, u64::MAX, true),
            (tile(8, 0), 1, u64::MAX, false),
            (tile(63, 0), 1, u64::MAX, false),
            (tile(0, u64::MAX), WIDTH, u64::MAX, false),
        ] {
            assert_eq!(tile.is_within(width, size), within, "{tile} {width} {size}");
        }
    }

    #[test]
    fn nothing_is_appended_without_the_right_edge() {
        let leaves = [leaf_hash(b"a"); 300];
        let mut whole = Tiles::default();
        whole.append(0, &leaves).unwrap();
        let level_0 = TileId { level: 0, index: 1 };
        let level_1 = TileId { level: 1, index: 0 };
        assert_eq!(tiles_to_append(300), [level_0, level_1]);
        let mut tiles = Tiles::from_iter([(level_0, whole.get(level_0).unwrap().to_vec())]);
        assert_eq!(tiles.append(300, &leaves), Err(MissingTile { tile: level_1, width: 1 }));
        tiles.insert(level_1, vec![leaf_hash(b"a")]);
        assert_eq!(tiles.append(301, &leaves), Err(MissingTile { tile: level_0, width: 45 }));
        assert_eq!(tiles.append(300, &leaves).unwrap().len(), 3);
    }

    #[test]
    fn hashes_beyond_the_size_are_replaced() {
        let (mut one, mut two) = (Tiles::default(), Tiles::default());
        one.append(0, &[leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")]).unwrap();
        one.append(1, &[leaf_hash(b"d")]).unwrap();
        two.append(0, &[leaf_hash(b"a"), leaf_hash(b"d")]).unwrap();
        assert_eq!(one, two);
    }

    proptest! {
        #[test]
        fn a_path_is_read_again(level in 0_u8..64, index in any::<u64>(), shift in 0_u32..64, width in 1..=WIDTH) {
            let tile = TileId { level, index: index >> shift };
            prop_assert_eq!(TileId::parse(&tile.path(width)), Some((tile, width)));
        }

        #[test]
        fn stored_bytes_are_read_again(count in 0_u8..=255) {
            let hashes: Vec<Hash> = (0..count).map(|number| leaf_hash(&[number])).collect();
            let mut bytes = to_bytes(&hashes);
            prop_assert_eq!(from_bytes(&bytes), Some(hashes));
            bytes.push(0);
            prop_assert_eq!(from_bytes(&bytes), None);
        }
    }
}
