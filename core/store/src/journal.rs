//! The journal: append-only, hash-chained, the truth.

use crate::entities::journal;
use crate::projections;
use crate::{Database, Fault, Transaction};
use futures::TryStreamExt as _;
use motcua_domain::dossier::Dossier;
use motcua_domain::event::Recorded;
use motcua_domain::journal::{Entry, entry_hash, genesis};
use motcua_domain::names::{Digest, DossierCode};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

/// All events of a dossier in order; empty if there is no such dossier.
pub async fn events(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Vec<Recorded>, Fault> {
    let rows = journal::Entity::find()
        .filter(journal::Column::Dossier.eq(code.as_str()))
        .order_by_asc(journal::Column::Version)
        .all(connection)
        .await?;
    rows.iter().map(|row| Ok(serde_json::from_str(&row.payload)?)).collect()
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

impl Transaction {
    /// Lets one transaction at a time append to the journal, so that the chain has no forks. SQLite has one writer
    /// anyway.
    pub async fn lock_journal(&self) -> Result<(), Fault> {
        const KEY: i64 = 0x6d6f_7463_7561;
        let connection = self.connection();
        if connection.get_database_backend() == DbBackend::Postgres {
            let sql = format!("SELECT pg_advisory_xact_lock({KEY})");
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    /// How many events the dossier has.
    pub async fn dossier_version(&self, code: &DossierCode) -> Result<i64, Fault> {
        let last: Option<Option<i64>> = journal::Entity::find()
            .filter(journal::Column::Dossier.eq(code.as_str()))
            .select_only()
            .column_as(journal::Column::Version.max(), "version")
            .into_tuple()
            .one(self.connection())
            .await?;
        Ok(last.flatten().unwrap_or(0))
    }

    /// Appends `recorded`, which made `after`, and projects it. The journal must be locked.
    pub async fn append(&self, recorded: &Recorded, after: &Dossier) -> Result<(), Fault> {
        let connection = self.connection();
        let last: Option<(i64, String)> = journal::Entity::find()
            .select_only()
            .columns([journal::Column::Number, journal::Column::Hash])
            .order_by_desc(journal::Column::Number)
            .into_tuple()
            .one(connection)
            .await?;
        let (number, previous) = last.map_or((0, genesis()), |(number, hash)| (number, Digest(hash)));
        let payload = serde_json::to_string(recorded)?;
        let at = recorded.at.to_string();
        let code = after.filed.code.as_str();
        let entry =
            Entry { number: number + 1, dossier: code, version: i64::from(after.version), at: &at, payload: &payload };
        let row = journal::Model {
            number: entry.number,
            dossier: code.to_owned(),
            version: entry.version,
            hash: entry_hash(&previous, entry).0,
            at,
            event: recorded.event.name().to_owned(),
            payload,
        };
        journal::Entity::insert(row.into_active_model()).exec_without_returning(connection).await?;
        projections::project(connection, number + 1, recorded, after).await
    }

    /// The number of the next dossier of an agency on a day.
    pub async fn next_number(&self, agency_code: &str, day: &str) -> Result<u32, Fault> {
        let connection = self.connection();
        let sql = "INSERT INTO code_counter (agency_code, day, last) VALUES ($1, $2, 1)
                   ON CONFLICT (agency_code, day) DO UPDATE SET last = code_counter.last + 1 RETURNING last";
        let values = [agency_code.into(), day.into()];
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        let row = connection.query_one_raw(statement).await?;
        let last: i64 = row.ok_or_else(|| Fault::Unreadable("no number was given".to_owned()))?.try_get("", "last")?;
        u32::try_from(last).map_err(|error| Fault::Unreadable(error.to_string()))
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
