//! Sealing: entries that are committed become leaves of the log, and its new head is signed.

use super::{Head, keys, last_head, load, signed, unreadable};
use crate::database::SEAL_LOCK;
use crate::rows::{log_head, log_key, log_leaf, log_tile, unsealed};
use crate::{Database, Fault, Transaction};
use jiff::Timestamp;
use motcua_domain::names::Digest;
use motcua_domain::transparency::checkpoint::Checkpoint;
use motcua_domain::transparency::merkle::Hash;
use motcua_domain::transparency::note::{SigningKey, VerifierKey};
use motcua_domain::transparency::tile::{tiles_to_append, to_bytes};
use motcua_domain::transparency::tree::tiles_for_root;
use motcua_domain::transparency::{entry_leaf, rotation_leaf};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, Statement, Value,
};

/// How many entries are sealed in one transaction.
const TOGETHER: i64 = 10_000;

/// The seconds of a day: one head of each past day is kept.
const DAY: i64 = 24 * 60 * 60;

/// The result of sealing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sealed {
    /// So many entries became leaves. If there are more, the next call takes them.
    Entries(u64),
    /// Another node seals now.
    Busy,
    /// The log is signed with another key, so this node must not sign.
    OtherKey(Box<VerifierKey>),
}

#[derive(FromQueryResult)]
struct Leaf {
    hash: String,
}

impl Database {
    /// Makes committed entries leaves of the log and signs its new head, in one transaction.
    pub async fn seal(&self, key: &SigningKey, now: Timestamp) -> Result<Sealed, Fault> {
        if unsealed::Entity::find().one(self.reader()).await?.is_none() {
            return Ok(Sealed::Entries(0));
        }
        let transaction = self.begin().await?;
        if !transaction.try_lock(SEAL_LOCK).await? {
            return Ok(Sealed::Busy);
        }
        let known = keys(transaction.connection()).await?;
        match known.last() {
            None => transaction.add_key(1, key.verifier(), 0).await?,
            Some(last) if last != key.verifier() => return Ok(Sealed::OtherKey(Box::new(last.clone()))),
            Some(_) => {}
        }
        let size = transaction.signed_size(&known).await?;
        let leaves = transaction.number_entries(size).await?;
        if leaves.is_empty() {
            return Ok(Sealed::Entries(0));
        }
        transaction.extend(size, &leaves, key, now).await?;
        transaction.commit().await?;
        Ok(Sealed::Entries(leaves.len() as u64))
    }

    /// Tells the log of a new key. The head that contains it is signed with the old key, and later heads with the new.
    pub async fn rotate_log_key(&self, old: &SigningKey, new: &VerifierKey, now: Timestamp) -> Result<Sealed, Fault> {
        let transaction = self.begin().await?;
        if !transaction.try_lock(SEAL_LOCK).await? {
            return Ok(Sealed::Busy);
        }
        let known = keys(transaction.connection()).await?;
        if let Some(last) = known.last().filter(|last| *last != old.verifier()) {
            return Ok(Sealed::OtherKey(Box::new(last.clone())));
        }
        let size = transaction.signed_size(&known).await?;
        let number = signed(known.len() as u64) + 1;
        let leaf = log_leaf::Model { number: signed(size), dossier: String::new(), version: number };
        let insert = log_leaf::Entity::insert(leaf.into_active_model());
        insert.exec_without_returning(transaction.connection()).await?;
        transaction.add_key(number, new, size + 1).await?;
        transaction.extend(size, &[rotation_leaf(new)], old, now).await?;
        transaction.commit().await?;
        Ok(Sealed::Entries(1))
    }

    /// Returns when the log was last signed, if all entries of a dossier are in it.
    pub async fn sealed_at(&self, dossier: &str) -> Result<Option<i64>, Fault> {
        let waiting = unsealed::Entity::find().filter(unsealed::Column::Dossier.eq(dossier));
        if waiting.one(self.reader()).await?.is_some() {
            return Ok(None);
        }
        Ok(last_head(self.reader()).await?.map(|Head { at, .. }| at))
    }
}

impl Transaction {
    /// Returns how many leaves the log has. Refuses to go on from tiles that do not make the head that was signed: the
    /// new signature would cover what somebody changed.
    async fn signed_size(&self, known: &[VerifierKey]) -> Result<u64, Fault> {
        let connection = self.connection();
        let Some(head) = last_head(connection).await? else { return Ok(0) };
        let (checkpoint, _) = Checkpoint::open(&head.note, known).map_err(|error| unreadable(&error))?;
        let tiles = load(connection, tiles_for_root(head.size)).await?;
        let root = tiles.root(head.size).map_err(|error| unreadable(&error))?;
        if checkpoint.size != head.size || checkpoint.root != root {
            return Err(Fault::Unreadable("the log is not as it was signed; run: motcua audit verify".to_owned()));
        }
        Ok(head.size)
    }

    async fn add_key(&self, number: i64, verifier: &VerifierKey, since: u64) -> Result<(), Fault> {
        let row = log_key::Model { number, verifier: verifier.to_string(), since: signed(since) };
        let insert = log_key::Entity::insert(row.into_active_model());
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Numbers entries that wait, and returns their leaves in order.
    async fn number_entries(&self, size: u64) -> Result<Vec<Hash>, Fault> {
        const NUMBER: &str = "INSERT INTO log_leaf (number, dossier, version)
            SELECT $1 - 1 + ROW_NUMBER() OVER (ORDER BY dossier, version), dossier, version
            FROM (SELECT dossier, version FROM unsealed ORDER BY dossier, version LIMIT $2) AS waiting";
        const HASHES: &str =
            "SELECT j.hash FROM log_leaf l JOIN journal j ON j.dossier = l.dossier AND j.version = l.version
            WHERE l.number >= $1 ORDER BY l.number";
        const TAKEN: &str = "DELETE FROM unsealed WHERE (dossier, version) IN
            (SELECT dossier, version FROM log_leaf WHERE number >= $1)";
        let connection = self.connection();
        let backend = connection.get_database_backend();
        let first: Value = signed(size).into();
        let statement = |sql: &str, values: Vec<Value>| Statement::from_sql_and_values(backend, sql, values);
        let numbered = connection.execute_raw(statement(NUMBER, vec![first.clone(), TOGETHER.into()])).await?;
        if numbered.rows_affected() == 0 {
            return Ok(Vec::new());
        }
        let rows = Leaf::find_by_statement(statement(HASHES, vec![first.clone()])).all(connection).await?;
        if rows.len() as u64 != numbered.rows_affected() {
            return Err(Fault::Unreadable("entries wait to be sealed that the journal does not have".to_owned()));
        }
        connection.execute_raw(statement(TAKEN, vec![first])).await?;
        Ok(rows.into_iter().map(|row| entry_leaf(&Digest(row.hash))).collect())
    }

    /// Appends leaves to the tiles and signs the new head.
    async fn extend(&self, size: u64, leaves: &[Hash], key: &SigningKey, now: Timestamp) -> Result<(), Fault> {
        let connection = self.connection();
        let mut tiles = load(connection, tiles_to_append(size)).await?;
        let changed = tiles.append(size, leaves).map_err(|error| unreadable(&error))?;
        for tile in changed {
            let hashes = tiles.get(tile).map(to_bytes).unwrap_or_default();
            let row = log_tile::Model { level: i64::from(tile.level), number: signed(tile.index), hashes };
            let key = [log_tile::Column::Level, log_tile::Column::Number];
            let longer = OnConflict::columns(key).update_column(log_tile::Column::Hashes).to_owned();
            let insert = log_tile::Entity::insert(row.into_active_model()).on_conflict(longer);
            insert.exec_without_returning(connection).await?;
        }
        let size = size + leaves.len() as u64;
        let root = tiles.root(size).map_err(|error| unreadable(&error))?;
        let origin = key.verifier().name().to_owned();
        let at = now.as_second();
        let now = Timestamp::from_second(at).map_err(|error| unreadable(&error))?;
        let note = Checkpoint { origin, size, root, at: now }.sign(key).map_err(|error| unreadable(&error))?;
        // The heads of this day that came before: anybody who kept one can still prove that this one contains it.
        let earlier = log_head::Entity::delete_many().filter(log_head::Column::At.gte(at - at.rem_euclid(DAY)));
        earlier.exec(connection).await?;
        let row = log_head::Model { size: signed(size), at, note };
        log_head::Entity::insert(row.into_active_model()).exec_without_returning(connection).await?;
        Ok(())
    }
}
