//! Sealing: entries that are committed become leaves of the log, and its new head is signed.

use super::{SignedHead, Signer, end, in_turn, keys, last_head, load, require_continued, signed, unreadable};
use crate::database::SEAL_LOCK;
use crate::rows::{log_head, log_key, log_leaf, log_tile, unsealed};
use crate::{Database, Fault, NotSealed, Transaction};
use jiff::Timestamp;
use motcua_domain::names::Digest;
use motcua_domain::transparency::checkpoint::Checkpoint;
use motcua_domain::transparency::keys::open_head;
use motcua_domain::transparency::merkle::Hash;
use motcua_domain::transparency::note::{SigningKey, VerifierKey};
use motcua_domain::transparency::tile::{tiles_to_append, to_bytes};
use motcua_domain::transparency::{entry_leaf, rotation_leaf};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, Statement, Value,
};

/// The most entries that are sealed in one transaction.
const TOGETHER: i64 = 10_000;

/// The seconds of a day: one head of each past day is kept.
const DAY: i64 = 24 * 60 * 60;

/// The result of sealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// The number of entries that became leaves. If there are more, the next call takes them.
    Entries(u64),
    /// Another node seals now.
    Busy,
}

/// The growth of the log in a transaction: the number of leaves, and their head if there are any.
struct LogGrowth {
    leaves: u64,
    head: Option<SignedHead>,
}

#[derive(FromQueryResult)]
struct NewLeaf {
    hash: String,
}

impl Database {
    /// Makes committed entries leaves of the log and signs its new head, in one transaction. The log must begin with
    /// the head that the node kept.
    pub async fn seal(&self, signer: &Signer, now: Timestamp) -> Result<Sealed, Fault> {
        // The kept heads are read before the database, because another process may seal in between.
        let kept = signer.kept.notes().await?;
        if unsealed::Entity::find().one(self.reader()).await?.is_none() {
            // The node stores a head that another node signed.
            let head = vouched(self.reader(), signer, &kept).await?;
            if let Some(head) = head
                && !(signer.kept.last().await.as_ref() == Some(&head) && kept.iter().all(|note| *note == head.note))
            {
                signer.kept.keep(&head).await?;
            }
            return Ok(Sealed::Entries(0));
        }
        let transaction = self.begin().await?;
        let grown = transaction.seal(signer, &kept, now).await;
        self.finish(transaction, signer, grown).await
    }

    /// Adds a new key to the log. The old key signs the head that contains it, and the new key signs later heads.
    pub async fn rotate_log_key(&self, signer: &Signer, new: &VerifierKey, now: Timestamp) -> Result<Sealed, Fault> {
        let kept = signer.kept.notes().await?;
        let transaction = self.begin().await?;
        let grown = transaction.rotate_log_key(signer, &kept, new, now).await;
        self.finish(transaction, signer, grown).await
    }

    /// Commits the growth of the log. After a failure, undoes the transaction first, so that its lock is free for the
    /// next try.
    async fn finish(
        &self,
        transaction: Transaction,
        signer: &Signer,
        grown: Result<Option<LogGrowth>, Fault>,
    ) -> Result<Sealed, Fault> {
        match grown {
            Ok(Some(LogGrowth { leaves, head: Some(head) })) => {
                transaction.commit().await?;
                // A head that the node stores is always in the database, because the node stores it after the commit.
                signer.kept.keep(&head).await?;
                Ok(Sealed::Entries(leaves))
            }
            Ok(grown) => {
                transaction.undo().await?;
                Ok(if grown.is_some() { Sealed::Entries(0) } else { Sealed::Busy })
            }
            Err(fault) => {
                // This fault says more than an error of the rollback, which ends with the connection at the latest.
                drop(transaction.undo().await);
                Err(fault)
            }
        }
    }

    /// Returns when the log was last signed, if all entries of a dossier are in it.
    pub async fn sealed_at(&self, dossier: &str) -> Result<Option<i64>, Fault> {
        let waiting = unsealed::Entity::find().filter(unsealed::Column::Dossier.eq(dossier));
        if waiting.one(self.reader()).await?.is_some() {
            return Ok(None);
        }
        Ok(last_head(self.reader()).await?.map(|SignedHead { at, .. }| at))
    }
}

/// Returns the last head of the log.
///
/// Rejects a log that this node must not continue: one under another key, one that differs from its signed head, or one
/// that does not begin with the node's own heads.
async fn vouched(
    connection: &impl ConnectionTrait,
    signer: &Signer,
    kept: &[String],
) -> Result<Option<SignedHead>, Fault> {
    let named = keys(connection).await?;
    // Only a new log has no key.
    let is_new = named.is_empty() && signer.keys.len() == 1 && last_head(connection).await?.is_none();
    if named != signer.keys && !is_new {
        let named = named.last().map_or_else(|| "no key".to_owned(), VerifierKey::to_string);
        return Err(NotSealed::OtherKey { database: named, folder: signer.key.verifier().to_string() }.into());
    }
    let keys = in_turn(connection, signer.keys.clone()).await?;
    let (head, (size, root)) = end(connection, &keys).await?;
    for note in kept {
        let kept = open_head(note, &keys).map_err(NotSealed::Kept)?;
        require_continued(connection, &kept, size, &root).await?;
    }
    Ok(head)
}

impl Transaction {
    /// Seals the waiting entries. Returns nothing if another node seals now.
    async fn seal(&self, signer: &Signer, kept: &[String], now: Timestamp) -> Result<Option<LogGrowth>, Fault> {
        let Some(size) = self.begin_to_seal(signer, kept).await? else { return Ok(None) };
        let leaves = self.number_entries(size).await?;
        if leaves.is_empty() {
            return Ok(Some(LogGrowth { leaves: 0, head: None }));
        }
        let head = self.extend(size, &leaves, &signer.key, now).await?;
        Ok(Some(LogGrowth { leaves: leaves.len() as u64, head: Some(head) }))
    }

    async fn rotate_log_key(
        &self,
        signer: &Signer,
        kept: &[String],
        new: &VerifierKey,
        now: Timestamp,
    ) -> Result<Option<LogGrowth>, Fault> {
        let Some(size) = self.begin_to_seal(signer, kept).await? else { return Ok(None) };
        let number = signed(signer.keys.len() as u64) + 1;
        let leaf = log_leaf::Model { number: signed(size), dossier: String::new(), version: number };
        let insert = log_leaf::Entity::insert(leaf.into_active_model());
        insert.exec_without_returning(self.connection()).await?;
        self.add_key(number, new, size + 1).await?;
        let head = self.extend(size, &[rotation_leaf(new)], &signer.key, now).await?;
        Ok(Some(LogGrowth { leaves: 1, head: Some(head) }))
    }

    /// Takes the lock of the log, and returns its size if this node may continue it. Returns nothing if another node
    /// seals now.
    async fn begin_to_seal(&self, signer: &Signer, kept: &[String]) -> Result<Option<u64>, Fault> {
        if !self.try_lock(SEAL_LOCK).await? {
            return Ok(None);
        }
        let size = vouched(self.connection(), signer, kept).await?.map_or(0, |head| head.size);
        self.add_first_key(signer).await?;
        Ok(Some(size))
    }

    /// Names the key of the node as the first key of the log, if the database names none.
    async fn add_first_key(&self, signer: &Signer) -> Result<(), Fault> {
        if keys(self.connection()).await?.is_empty() {
            self.add_key(1, signer.key.verifier(), 0).await?;
        }
        Ok(())
    }

    async fn add_key(&self, number: i64, verifier: &VerifierKey, since: u64) -> Result<(), Fault> {
        let row = log_key::Model { number, verifier: verifier.to_string(), since: signed(since) };
        let insert = log_key::Entity::insert(row.into_active_model());
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Numbers waiting entries, and returns their leaves in order.
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
        let rows = NewLeaf::find_by_statement(statement(HASHES, vec![first.clone()])).all(connection).await?;
        if rows.len() as u64 != numbered.rows_affected() {
            return Err(Fault::Unreadable("entries wait to be sealed that the journal does not have".to_owned()));
        }
        connection.execute_raw(statement(TAKEN, vec![first])).await?;
        Ok(rows.into_iter().map(|row| entry_leaf(&Digest(row.hash))).collect())
    }

    /// Appends leaves to the tiles, signs the new head and returns it.
    async fn extend(&self, size: u64, leaves: &[Hash], key: &SigningKey, now: Timestamp) -> Result<SignedHead, Fault> {
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
        // These are the earlier heads of this day. Anybody who has one of them can still prove that this head contains
        // it.
        let earlier = log_head::Entity::delete_many().filter(log_head::Column::At.gte(at - at.rem_euclid(DAY)));
        earlier.exec(connection).await?;
        let row = log_head::Model { size: signed(size), at, note: note.clone() };
        log_head::Entity::insert(row.into_active_model()).exec_without_returning(connection).await?;
        Ok(SignedHead { size, at, note })
    }
}
