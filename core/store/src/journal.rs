//! The journal: append-only, hash-chained, the truth.

use crate::entities::{dossier, journal};
use crate::{Database, Fault, Transaction};
use futures::TryStreamExt as _;
use motcua_domain::dossier::Dossier;
use motcua_domain::event::Recorded;
use motcua_domain::journal::{Entry, entry_hash, genesis};
use motcua_domain::names::{Digest, DossierCode, ProcedureCode};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

/// All events of a dossier in order; empty if there is no such dossier.
pub async fn events(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Vec<Recorded>, Fault> {
    let rows = journal::Entity::find()
        .filter(journal::Column::Dossier.eq(code.as_str()))
        .order_by_asc(journal::Column::Version)
        .all(connection)
        .await?;
    rows.iter().map(|row| Ok(serde_json::from_str(&row.payload)?)).collect()
}

/// The events of all dossiers of a procedure, each in order.
pub async fn of_procedure(
    connection: &impl ConnectionTrait,
    procedure: &ProcedureCode,
) -> Result<Vec<Vec<Recorded>>, Fault> {
    let dossiers = dossier::Entity::find()
        .filter(dossier::Column::Procedure.eq(procedure.as_str()))
        .select_only()
        .column(dossier::Column::Code)
        .into_query();
    let rows = journal::Entity::find()
        .filter(journal::Column::Dossier.in_subquery(dossiers))
        .order_by_asc(journal::Column::Dossier)
        .order_by_asc(journal::Column::Version)
        .all(connection)
        .await?;
    let mut found: Vec<Vec<Recorded>> = Vec::new();
    for row in rows {
        let recorded = serde_json::from_str(&row.payload)?;
        match found.last_mut().filter(|_| row.version > 1) {
            Some(events) => events.push(recorded),
            None => found.push(vec![recorded]),
        }
    }
    Ok(found)
}

/// The dossier with this code, replayed from the journal.
pub async fn dossier(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Option<Dossier>, Fault> {
    let events = events(connection, code).await?;
    if events.is_empty() {
        return Ok(None);
    }
    Dossier::replay(&events)
        .map(Some)
        .map_err(|reason| Fault::Journal { dossier: code.to_string(), reason: reason.to_string() })
}

/// The advisory lock of PostgreSQL under which the journal is appended to.
pub(crate) const JOURNAL_LOCK: i64 = 0x6d6f_7463_7561;

impl Transaction {
    /// Lets one transaction at a time append to the journal, so that the chain has no forks. SQLite has one writer
    /// anyway.
    pub async fn lock_journal(&self) -> Result<(), Fault> {
        let connection = self.connection();
        if connection.get_database_backend() == DbBackend::Postgres {
            let sql = format!("SELECT pg_advisory_xact_lock({JOURNAL_LOCK})");
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

/// What verifying the journal found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audit {
    /// Every entry follows from the one before it.
    Sound { entries: i64, head: Digest },
    /// As [`Audit::Sound`], but the head that was kept elsewhere is not in the journal.
    HeadMissing { entries: i64 },
    /// The first entry that does not.
    Broken { number: i64, dossier: String, event: String, reason: String },
}

/// Recomputes the hash of every entry. `kept` is the hash of an entry that somebody wrote down elsewhere.
pub async fn verify(database: &Database, kept: Option<&str>) -> Result<Audit, Fault> {
    let mut rows = journal::Entity::find().order_by_asc(journal::Column::Number).stream(database.reader()).await?;
    let (mut number, mut previous) = (0, genesis());
    let mut found = kept.is_none();
    while let Some(row) = rows.try_next().await? {
        let broken = |reason: String| {
            Ok(Audit::Broken { number: row.number, dossier: row.dossier.clone(), event: row.event.clone(), reason })
        };
        number += 1;
        if row.number != number {
            return broken(format!("entry {number} is missing"));
        }
        let entry = Entry { number, dossier: &row.dossier, version: row.version, at: &row.at, payload: &row.payload };
        let hash = entry_hash(&previous, entry);
        if hash.as_str() != row.hash {
            return broken("its content does not fit its hash: it was changed after it was written".to_owned());
        }
        let recorded: Recorded = match serde_json::from_str(&row.payload) {
            Ok(recorded) => recorded,
            Err(error) => return broken(format!("its payload cannot be read: {error}")),
        };
        if recorded.event.name() != row.event || recorded.at.to_string() != row.at {
            return broken("its columns do not say what its payload says".to_owned());
        }
        found |= kept == Some(hash.as_str());
        previous = hash;
    }
    if !found {
        return Ok(Audit::HeadMissing { entries: number });
    }
    Ok(Audit::Sound { entries: number, head: previous })
}
