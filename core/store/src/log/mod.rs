//! The log over the journals of all dossiers: a Merkle tree whose head is signed (see `motcua_domain::transparency`).
//!
//! ```text
//! append ──► unsealed (dossier, version)
//!                │  every few seconds, one node at a time (seal)
//!                ▼
//! log_leaf (number, dossier, version) ──► log_tile (256 hashes each) ──► log_head (signed)
//!                                                                            │
//!                                      file log-head of each node (kept) ◄───┴───► other places (publish)
//! ```

mod kept;
mod prove;
mod publish;
mod seal;
mod verify;

pub use kept::{FILE as HEAD_FILE, KeptHead, Signer, read_kept};
pub use prove::Unprovable;
pub use publish::RETRY;
pub use seal::Sealed;
pub use verify::LogTrust;

use crate::rows::{log_head, log_key, log_leaf, log_tile};
use crate::{Database, Fault, NotSealed};
use motcua_domain::transparency::checkpoint::Checkpoint;
use motcua_domain::transparency::consistency::require_prefix;
use motcua_domain::transparency::keys::{LogKey, open_head};
use motcua_domain::transparency::merkle::{Hash, empty_root};
use motcua_domain::transparency::note::VerifierKey;
use motcua_domain::transparency::tile::{TileId, Tiles, from_bytes};
use motcua_domain::transparency::tree::{tiles_for_consistency, tiles_for_root};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// A signed head of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// The number of leaves in the log.
    pub size: u64,
    /// Seconds since 1970.
    pub at: i64,
    /// The signed checkpoint.
    pub note: String,
}

impl From<log_head::Model> for SignedHead {
    fn from(row: log_head::Model) -> Self {
        Self { size: unsigned(row.size), at: row.at, note: row.note }
    }
}

impl Database {
    /// Checks that the log begins with a head from outside of the database, and returns the size of that head.
    ///
    /// Trusts these keys, or those in the database if there are none.
    pub async fn continues(&self, kept: &str, folder: &[VerifierKey]) -> Result<u64, Fault> {
        let keys = self.known_log_keys(folder).await?;
        let kept = open_head(kept, &keys).map_err(NotSealed::Kept)?;
        let (size, root) = end(self.reader(), &keys).await?.1;
        require_continued(self.reader(), &kept, size, &root).await?;
        Ok(kept.size)
    }

    /// Makes a key the first key of the log, unless the log has one. Returns the first key of the log.
    pub async fn claim_log_key(&self, key: &VerifierKey) -> Result<VerifierKey, Fault> {
        let transaction = self.begin().await?;
        let row = log_key::Model { number: 1, verifier: key.to_string(), since: 0 };
        let taken = OnConflict::column(log_key::Column::Number).do_nothing().to_owned();
        let insert = log_key::Entity::insert(row.into_active_model()).on_conflict(taken);
        insert.exec_without_returning(transaction.connection()).await?;
        let first = keys(transaction.connection()).await?.into_iter().next();
        transaction.commit().await?;
        first.ok_or_else(|| Fault::Unreadable("the log has no first key".to_owned()))
    }

    /// Returns the keys of the log with their turns. Uses these keys of the install folder, or those in the database if
    /// there are none.
    pub async fn known_log_keys(&self, folder: &[VerifierKey]) -> Result<Vec<LogKey>, Fault> {
        let verifiers = if folder.is_empty() { keys(self.reader()).await? } else { folder.to_vec() };
        in_turn(self.reader(), verifiers).await
    }

    /// Returns the last signed head.
    pub async fn log_head(&self) -> Result<Option<SignedHead>, Fault> {
        last_head(self.reader()).await
    }

    /// Returns the public keys of the log, the oldest first.
    pub async fn log_keys(&self) -> Result<Vec<VerifierKey>, Fault> {
        keys(self.reader()).await
    }
}

async fn last_head(connection: &impl ConnectionTrait) -> Result<Option<SignedHead>, Fault> {
    let last = log_head::Entity::find().order_by_desc(log_head::Column::Size).one(connection).await?;
    Ok(last.map(SignedHead::from))
}

async fn keys(connection: &impl ConnectionTrait) -> Result<Vec<VerifierKey>, Fault> {
    let rows = log_key::Entity::find().order_by_asc(log_key::Column::Number).all(connection).await?;
    let read = |row: log_key::Model| row.verifier.parse().map_err(|error| unreadable(&error));
    rows.into_iter().map(read).collect()
}

/// Returns the keys with their turns. A leaf of the log marks the beginning of a key's turn.
async fn in_turn(connection: &impl ConnectionTrait, verifiers: Vec<VerifierKey>) -> Result<Vec<LogKey>, Fault> {
    let leaves = log_leaf::Entity::find().filter(log_leaf::Column::Dossier.eq("")).all(connection).await?.into_iter();
    let told: HashMap<i64, u64> = leaves.map(|leaf| (leaf.version, unsigned(leaf.number) + 1)).collect();
    let key = |(number, verifier): (i64, VerifierKey)| {
        let since = if number == 1 { Some(0) } else { told.get(&number).copied() };
        LogKey { verifier, since }
    };
    Ok((1..).zip(verifiers).map(key).collect())
}

/// Returns the last head, and the size and root of the log as that head has them.
///
/// Rejects tiles from which the head does not follow, because a new signature would cover somebody's change.
async fn end(connection: &impl ConnectionTrait, keys: &[LogKey]) -> Result<(Option<SignedHead>, (u64, Hash)), Fault> {
    let Some(head) = last_head(connection).await? else { return Ok((None, (0, empty_root()))) };
    let Checkpoint { size, root, .. } = open_head(&head.note, keys).map_err(NotSealed::Head)?;
    let tiles = load(connection, tiles_for_root(size)).await?;
    if size != head.size || tiles.root(size) != Ok(root) {
        return Err(NotSealed::Tiles.into());
    }
    Ok((Some(head), (size, root)))
}

/// Rejects a log that does not begin with a head from outside of the database.
async fn require_continued(
    connection: &impl ConnectionTrait,
    kept: &Checkpoint,
    size: u64,
    root: &Hash,
) -> Result<(), Fault> {
    let tiles = load(connection, tiles_for_consistency(kept.size, size)).await?;
    let prefix = require_prefix(&tiles, kept, size, root);
    Ok(prefix.map_err(|_| NotSealed::Rewritten { kept: kept.size, at: kept.at, now: size })?)
}

/// Loads tiles. Leaves out tiles that do not exist, because computing with them reports the missing one.
async fn load(connection: &impl ConnectionTrait, wanted: impl IntoIterator<Item = TileId>) -> Result<Tiles, Fault> {
    let mut tiles = Tiles::default();
    for tile in wanted {
        if let Some(hashes) = stored(connection, tile).await? {
            tiles.insert(tile, hashes);
        }
    }
    Ok(tiles)
}

async fn stored(connection: &impl ConnectionTrait, tile: TileId) -> Result<Option<Vec<Hash>>, Fault> {
    let key = (i64::from(tile.level), signed(tile.index));
    let row = log_tile::Entity::find_by_id(key).one(connection).await?;
    row.map(|row| from_bytes(&row.hashes).ok_or_else(|| Fault::Unreadable(tile.to_string()))).transpose()
}

fn unreadable(error: &dyn std::error::Error) -> Fault {
    Fault::Unreadable(error.to_string())
}

/// Converts a count to the type of the database.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Converts a count to the type of the tree.
fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
