//! Proofs to check offline, of a dossier's entries and that the log begins with an older head.

use super::{keys, last_head, load, stored, unreadable, unsigned};
use crate::rows::{journal, log_leaf};
use crate::{Database, Fault};
use motcua_domain::names::{Digest, DossierCode};
use motcua_domain::transparency::checkpoint::{Checkpoint, NotACheckpoint};
use motcua_domain::transparency::consistency::{Consistency, NotAPrefix, require_prefix};
use motcua_domain::transparency::keys::open_head;
use motcua_domain::transparency::note::VerifierKey;
use motcua_domain::transparency::proof::{Migrated, Proof, ProvenEntry};
use motcua_domain::transparency::tile::{TileId, to_bytes};
use motcua_domain::transparency::tree::tiles_for_consistency;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// The reason why the log cannot be proved to begin with an older head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unprovable {
    #[error("nothing is sealed yet; the portal seals while it runs")]
    Empty,
    #[error("the older head cannot be trusted: {0}")]
    Old(NotACheckpoint),
    #[error("the newer head cannot be trusted: {0}")]
    New(NotACheckpoint),
    #[error(
        "the newer head does not begin with the older one: {0}. Either they are in the wrong order, or the log was \
             rewritten: run motcua audit verify"
    )]
    Path(NotAPrefix),
}

impl Database {
    /// Returns the proof of a dossier's entries that the log contains, or none if it contains none of them.
    pub async fn prove(&self, code: &DossierCode) -> Result<Option<Proof>, Fault> {
        let Some(head) = last_head(self.reader()).await? else { return Ok(None) };
        let keys = keys(self.reader()).await?;
        let (checkpoint, _) = Checkpoint::open(&head.note, &keys).map_err(|error| unreadable(&error))?;
        let leaves = log_leaf::Entity::find().filter(log_leaf::Column::Dossier.eq(code.as_str()));
        let leaves = leaves.all(self.reader()).await?.into_iter();
        let leaves: HashMap<i64, u64> = leaves.map(|leaf| (leaf.version, unsigned(leaf.number))).collect();
        let entries = journal::Entity::find().filter(journal::Column::Dossier.eq(code.as_str()));
        let entries = entries.order_by_asc(journal::Column::Version).all(self.reader()).await?;
        let sealed = entries.into_iter().map_while(|entry| {
            let leaf = leaves.get(&entry.version).copied().filter(|leaf| *leaf < checkpoint.size)?;
            Some(proven(entry, leaf))
        });
        let sealed: Vec<ProvenEntry> = sealed.collect();
        if sealed.is_empty() {
            return Ok(None);
        }
        let numbers: Vec<u64> = sealed.iter().map(|entry| entry.leaf).collect();
        let tiles = load(self.reader(), Proof::tiles(&numbers, checkpoint.size)).await?;
        let proof = Proof::new(code.to_string(), sealed, &tiles, &checkpoint, head.note, &keys);
        proof.map(Some).map_err(|error| unreadable(&error))
    }

    /// Returns the proof that a head of the log begins with an older one: the last head, or `new`.
    ///
    /// Keys of the log must have signed both: those of the install folder or, if there are none, those in the database.
    pub async fn prove_consistency(
        &self,
        old: &str,
        new: Option<&str>,
        folder: &[VerifierKey],
    ) -> Result<Result<Consistency, Unprovable>, Fault> {
        let keys = self.known_log_keys(folder).await?;
        let new = match new {
            Some(new) => new.to_owned(),
            None => match last_head(self.reader()).await? {
                Some(head) => head.note,
                None => return Ok(Err(Unprovable::Empty)),
            },
        };
        let (older, newer) = match (open_head(old, &keys), open_head(&new, &keys)) {
            (Ok(older), Ok(newer)) => (older, newer),
            (Err(reason), _) => return Ok(Err(Unprovable::Old(reason))),
            (_, Err(reason)) => return Ok(Err(Unprovable::New(reason))),
        };
        let tiles = load(self.reader(), tiles_for_consistency(older.size, newer.size)).await?;
        if let Err(reason) = require_prefix(&tiles, &older, newer.size, &newer.root) {
            return Ok(Err(Unprovable::Path(reason)));
        }
        let path = tiles.consistency_proof(older.size, newer.size).map_err(|error| unreadable(&error))?;
        let verifiers: Vec<VerifierKey> = keys.into_iter().map(|key| key.verifier).collect();
        Ok(Ok(Consistency::new(old.to_owned(), new, path, &verifiers)))
    }

    /// Returns the first hashes of a tile, if a signed head covers them.
    pub async fn log_tile(&self, tile: TileId, width: usize) -> Result<Option<Vec<u8>>, Fault> {
        let Some(head) = last_head(self.reader()).await? else { return Ok(None) };
        if !tile.is_within(width, head.size) {
            return Ok(None);
        }
        let hashes = stored(self.reader(), tile).await?;
        Ok(hashes.and_then(|hashes| hashes.get(..width).map(to_bytes)))
    }
}

fn proven(entry: journal::Model, leaf: u64) -> ProvenEntry {
    ProvenEntry {
        version: entry.version,
        at: entry.at,
        event: entry.event,
        command: entry.command,
        payload: entry.payload,
        payload_digest: Digest(entry.payload_digest),
        migrated: entry.old_number.zip(entry.old_hash).map(|(number, hash)| Migrated { number, hash }),
        leaf,
        path: Vec::new(),
    }
}
