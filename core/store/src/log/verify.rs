//! Verifying the log: every leaf is the entry that was sealed, every tile follows from its leaves, and a known key
//! signed the head.

use super::{last_head, load, signed, stored, unreadable, unsigned};
use crate::journal::{JournalFinding, JournalReport};
use crate::rows::{log_head, log_leaf};
use crate::{Database, Fault};
use motcua_domain::names::Digest;
use motcua_domain::transparency::keys::{LogKey, open_head};
use motcua_domain::transparency::merkle::Hash;
use motcua_domain::transparency::note::VerifierKey;
use motcua_domain::transparency::tile::{TileId, Tiles, WIDTH, tiles_to_append};
use motcua_domain::transparency::tree::tiles_for_root;
use motcua_domain::transparency::{entry_leaf, rotation_leaf};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement};
use std::collections::HashMap;

/// The number of leaves that are read at a time. It is the width of a tile, so each page makes one tile of level 0.
const PAGE: usize = WIDTH;

/// The number of entries waiting to be sealed that are read at a time.
const WAITING_PAGE: i64 = 200;

/// The keys and the head that verifying the log relies on.
#[derive(Debug, Clone, Default)]
pub struct LogTrust {
    /// The keys of the log from elsewhere, such as the install folder. If there are none, the keys in the database are
    /// trusted.
    pub keys: Vec<VerifierKey>,
    /// A signed head from elsewhere, with which the log must still begin.
    pub kept: Option<String>,
}

#[derive(FromQueryResult)]
struct StoredLeaf {
    number: i64,
    dossier: String,
    version: i64,
    hash: Option<String>,
    event: Option<String>,
}

/// An entry that waits to be sealed, and its version in the journal.
#[derive(FromQueryResult)]
struct UnsealedEntry {
    dossier: String,
    version: i64,
    entry: Option<i64>,
}

impl Database {
    /// Verifies the log and adds to a report of the journal.
    pub(crate) async fn verify_log(&self, trust: &LogTrust, report: &mut JournalReport) -> Result<(), Fault> {
        self.verify_waiting(report).await?;
        let known = super::keys(self.reader()).await?;
        if !trust.keys.is_empty() && !trust.keys.starts_with(&known) {
            report.add(wrong("the database names other keys of the log than the install folder".to_owned()));
        }
        let trusted = self.known_log_keys(&trust.keys).await?;
        for key in trusted.iter().filter(|key| key.since.is_none()) {
            report.add(wrong(format!("the log does not tell of its key {}: it was written anew", key.verifier)));
        }
        let last_leaf = log_leaf::Entity::find().order_by_desc(log_leaf::Column::Number).one(self.reader()).await?;
        let head = last_head(self.reader()).await?;
        let size = head.as_ref().map_or(0, |head| head.size);
        if last_leaf.is_some_and(|leaf| unsigned(leaf.number) >= size) {
            report.add(wrong("the log has leaves that no signed head covers: its last head was removed".to_owned()));
        }
        for earlier in
            log_head::Entity::find().filter(log_head::Column::Size.lt(signed(size))).all(self.reader()).await?
        {
            self.verify_kept(&earlier.note, &trusted, size, report).await?;
        }
        let tiles = self.verify_leaves(size, &trusted, report).await?;
        report.sealed = size;
        if let Some(head) = head {
            match open_head(&head.note, &trusted) {
                Err(error) => report.add(wrong(format!("the head of the log cannot be trusted: {error}"))),
                Ok(checkpoint) if checkpoint.size != size => {
                    report.add(wrong("the head of the log is of another size than its row says".to_owned()));
                }
                Ok(checkpoint) => match tiles.root(size) {
                    Ok(root) if root == checkpoint.root => report.head = Some(head.note),
                    Ok(_) => report.add(wrong("the entries do not make the head that was signed".to_owned())),
                    Err(error) => report.add(wrong(error.to_string())),
                },
            }
        }
        match &trust.kept {
            Some(kept) => self.verify_kept(kept, &trusted, size, report).await,
            None => Ok(()),
        }
    }

    /// Counts the entries that wait to be sealed, and finds those that the journal does not have.
    async fn verify_waiting(&self, report: &mut JournalReport) -> Result<(), Fault> {
        const SQL: &str = "SELECT u.dossier, u.version,
                (SELECT j.version FROM journal j WHERE j.dossier = u.dossier AND j.version = u.version) AS entry
            FROM unsealed u WHERE (u.dossier, u.version) > ($1, $2) ORDER BY u.dossier, u.version LIMIT $3";
        let (mut dossier, mut version) = (String::new(), i64::MIN);
        loop {
            let values = [dossier.as_str().into(), version.into(), WAITING_PAGE.into()];
            let query = Statement::from_sql_and_values(self.backend(), SQL, values);
            let page = UnsealedEntry::find_by_statement(query).all(self.reader()).await?;
            let Some(last) = page.last() else { return Ok(()) };
            (dossier, version) = (last.dossier.clone(), last.version);
            report.unsealed += page.len() as u64;
            for UnsealedEntry { dossier, version, .. } in page.into_iter().filter(|waiting| waiting.entry.is_none()) {
                let reason = "it waits to be sealed, and the journal does not have it: it was removed".to_owned();
                report.add(JournalFinding { dossier, version: Some(version), event: "unknown".to_owned(), reason });
            }
        }
    }

    /// Compares every leaf with its entry and every tile with its leaves, and returns the tiles that the root needs.
    async fn verify_leaves(&self, size: u64, keys: &[LogKey], report: &mut JournalReport) -> Result<Tiles, Fault> {
        // The leaves that introduce new keys, by the number of the key.
        let rotations: HashMap<i64, Hash> =
            (1..).zip(keys).map(|(number, key)| (number, rotation_leaf(&key.verifier))).collect();
        let (mut tiles, mut next) = (Tiles::default(), 0_u64);
        let mut for_root = Tiles::default();
        let wanted = tiles_for_root(size);
        while next < size {
            let count = PAGE.min(usize::try_from(size - next).unwrap_or(PAGE));
            let tile = TileId { level: 0, index: next / WIDTH as u64 };
            let sealed = stored(self.reader(), tile).await?.unwrap_or_default();
            let rows: HashMap<u64, StoredLeaf> =
                self.leaves(next).await?.into_iter().map(|leaf| (unsigned(leaf.number), leaf)).collect();
            let mut page = Vec::with_capacity(count);
            for (at, number) in (next..).take(count).enumerate() {
                let leaf = rows.get(&number).and_then(|leaf| leaf.hash(&rotations));
                let sealed = sealed.get(at).copied();
                if leaf.is_none() || leaf != sealed {
                    report.add(changed(number, rows.get(&number), leaf.is_some()));
                }
                page.push(sealed.or(leaf).unwrap_or(Hash([0; 32])));
            }
            let grown = tiles.append(next, &page).map_err(|error| unreadable(&error))?;
            next += count as u64;
            for tile in grown {
                let made = tiles.get(tile).unwrap_or_default();
                if wanted.contains(&tile) {
                    for_root.insert(tile, made.to_vec());
                }
                // A tile of a higher level grows page by page, so it is compared when it is complete, or at the end.
                // The log may have grown since its head was read.
                let stored = stored(self.reader(), tile).await?.unwrap_or_default();
                if (made.len() == WIDTH || next == size) && stored.get(..made.len()) != Some(made) {
                    report.add(wrong(format!("{tile} of the log does not follow from the leaves below it")));
                }
            }
            let edge = tiles_to_append(next);
            let kept = edge.into_iter().filter_map(|tile| Some((tile, tiles.get(tile)?.to_vec())));
            tiles = kept.collect();
        }
        Ok(for_root)
    }

    async fn leaves(&self, from: u64) -> Result<Vec<StoredLeaf>, Fault> {
        const SQL: &str = "SELECT l.number, l.dossier, l.version, j.hash, j.event FROM log_leaf l
            LEFT JOIN journal j ON j.dossier = l.dossier AND j.version = l.version
            WHERE l.number >= $1 ORDER BY l.number LIMIT $2";
        let values = [signed(from).into(), signed(PAGE as u64).into()];
        let query = Statement::from_sql_and_values(self.backend(), SQL, values);
        Ok(StoredLeaf::find_by_statement(query).all(self.reader()).await?)
    }

    /// Checks that the log still begins with a head from elsewhere.
    async fn verify_kept(
        &self,
        kept: &str,
        trusted: &[LogKey],
        size: u64,
        report: &mut JournalReport,
    ) -> Result<(), Fault> {
        let kept = match open_head(kept, trusted) {
            Ok(kept) => kept,
            Err(error) => {
                report.add(wrong(format!("the head that was kept cannot be trusted: {error}")));
                return Ok(());
            }
        };
        if kept.size > size {
            let reason =
                format!("the head that was kept has {} entries, the log {size}: entries were removed", kept.size);
            report.add(wrong(reason));
            return Ok(());
        }
        let tiles = load(self.reader(), tiles_for_root(kept.size)).await?;
        match tiles.root(kept.size) {
            Ok(root) if root == kept.root => {}
            Ok(_) => {
                report.add(wrong("the log does not begin with the head that was kept: it was written anew".to_owned()));
            }
            Err(error) => report.add(wrong(error.to_string())),
        }
        Ok(())
    }
}

impl StoredLeaf {
    fn hash(&self, rotations: &HashMap<i64, Hash>) -> Option<Hash> {
        if self.dossier.is_empty() {
            return rotations.get(&self.version).copied();
        }
        self.hash.clone().map(|hash| entry_leaf(&Digest(hash)))
    }
}

fn changed(number: u64, leaf: Option<&StoredLeaf>, has_entry: bool) -> JournalFinding {
    let reason = match (leaf, has_entry) {
        (None, _) => format!("leaf {number} of the log is missing: its entry was removed"),
        (Some(_), false) => "it was sealed in the log, and the journal has it no more: it was removed".to_owned(),
        (Some(_), true) => "it is not the entry that was sealed: it was changed afterwards".to_owned(),
    };
    let Some(leaf) = leaf else { return wrong(reason) };
    let event = leaf.event.clone().unwrap_or_else(|| "removed".to_owned());
    JournalFinding { dossier: leaf.dossier.clone(), version: Some(leaf.version), event, reason }
}

fn wrong(reason: String) -> JournalFinding {
    JournalFinding { dossier: String::new(), version: None, event: String::new(), reason }
}
