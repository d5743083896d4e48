//! The log over the journals of all dossiers: a Merkle tree whose head is signed (see `motcua_domain::transparency`).
//!
//! ```text
//! append ──► unsealed (dossier, version)
//!                │  every few seconds, one node at a time (seal)
//!                ▼
//! log_leaf (number, dossier, version) ──► log_tile (256 hashes each) ──► log_head (signed)
//! ```

mod prove;
mod seal;
mod verify;

pub use seal::Sealed;
pub use verify::Trust;

use crate::rows::{log_head, log_key, log_tile};
use crate::{Database, Fault};
use motcua_domain::transparency::merkle::Hash;
use motcua_domain::transparency::note::VerifierKey;
use motcua_domain::transparency::tile::{TileId, Tiles, from_bytes};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};

/// A signed head of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many leaves the log has.
    pub size: u64,
    /// Seconds since 1970.
    pub at: i64,
    /// The signed checkpoint.
    pub note: String,
}

impl From<log_head::Model> for Head {
    fn from(row: log_head::Model) -> Self {
        Self { size: unsigned(row.size), at: row.at, note: row.note }
    }
}

impl Database {
    /// Returns the last signed head.
    pub async fn log_head(&self) -> Result<Option<Head>, Fault> {
        last_head(self.reader()).await
    }

    /// Returns the public keys of the log, the oldest first.
    pub async fn log_keys(&self) -> Result<Vec<VerifierKey>, Fault> {
        keys(self.reader()).await
    }
}

async fn last_head(connection: &impl ConnectionTrait) -> Result<Option<Head>, Fault> {
    let last = log_head::Entity::find().order_by_desc(log_head::Column::Size).one(connection).await?;
    Ok(last.map(Head::from))
}

async fn keys(connection: &impl ConnectionTrait) -> Result<Vec<VerifierKey>, Fault> {
    let rows = log_key::Entity::find().order_by_asc(log_key::Column::Number).all(connection).await?;
    let read = |row: log_key::Model| row.verifier.parse().map_err(|error| unreadable(&error));
    rows.into_iter().map(read).collect()
}

/// Loads tiles. Tiles that do not exist are left out, and computing with them says which is missing.
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

/// Returns a count as the database keeps it.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns a count as the tree has it.
fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
