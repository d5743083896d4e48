//! The proof of a dossier's entries, for a citizen to check offline.

use super::{keys, last_head, load, unreadable, unsigned};
use crate::rows::{journal, log_leaf};
use crate::{Database, Fault};
use motcua_domain::names::{Digest, DossierCode};
use motcua_domain::transparency::checkpoint::Checkpoint;
use motcua_domain::transparency::proof::{Migrated, Proof, ProvenEntry};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

impl Database {
    /// Returns the proof of those entries of a dossier that the log contains; none if it contains none of them.
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
