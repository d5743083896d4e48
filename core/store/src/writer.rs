//! Changes of dossiers on their way into the journal. Those that wait together are written together and share one
//! flush to the disk; each is there as a whole or not at all.

use crate::batch::{Batch, Known};
use crate::entities::{code_counter, dossier, draft, job, journal, notice, stay};
use crate::projections::Standing;
use crate::{Database, Fault, Transaction, is_duplicate, jobs, projections};
use jiff::civil::Date;
use motcua_domain::dossier::Dossier;
use motcua_domain::event::{Event, Recorded};
use motcua_domain::journal::{self as chain, entry_hash, genesis};
use motcua_domain::names::{Digest, DossierCode};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::PoisonError;
use uuid::Uuid;

/// A change that was decided and waits to be written.
#[derive(Debug, Clone)]
pub struct Work {
    pub recorded: Recorded,
    /// The dossier as the decision saw it; none when it is filed.
    pub before: Option<Dossier>,
    pub after: Dossier,
    /// The draft that the change uses up.
    pub draft: Option<Uuid>,
    /// The components that are told of it afterwards.
    pub tell: Vec<Digest>,
    /// Of a filing: the agency's code and the day under which the dossier is numbered.
    pub numbered: Option<(String, Date)>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is in the journal.
    Done(DossierCode),
    /// Another change of the same dossier was faster.
    Overtaken,
}

/// How many changes are written at most before the next are looked at.
const MOST_AT_ONCE: usize = 200;

/// How often a change is tried under the lock of the journal.
const MOST_TRIES: usize = 3;

/// Of how many agencies' days the last number is kept.
const MOST_DAYS: usize = 1000;

/// Rows of projections, many at once.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub dossiers: Vec<dossier::Model>,
    pub standings: Vec<Standing>,
    pub stays: Vec<stay::Model>,
    pub stays_gone: Vec<stay::Model>,
    pub jobs: Vec<job::Model>,
    pub jobs_gone: Vec<job::Model>,
    pub notices: Vec<notice::Model>,
    pub counters: Vec<code_counter::Model>,
}

/// The key of a draft that was used up.
#[derive(Debug, Serialize)]
struct UsedUp {
    id: Uuid,
}

impl Database {
    /// Writes changes in one transaction. If that fails, each is tried alone, so that none suffers for another. It has
    /// to be driven to its end.
    pub async fn write(&self, mut works: Vec<Work>) -> Vec<Result<Written, Fault>> {
        let together = self.write_together(&mut works).await;
        match together {
            Ok(written) => written.into_iter().map(Ok).collect(),
            Err(fault) if works.len() == 1 => vec![Err(fault)],
            Err(_) => {
                let mut results = Vec::new();
                for mut work in works {
                    let alone = self.write_together(std::slice::from_mut(&mut work)).await;
                    results.push(alone.map(|mut written| written.pop().unwrap_or(Written::Overtaken)));
                }
                results
            }
        }
    }

    async fn write_together(&self, works: &mut [Work]) -> Result<Vec<Written>, Fault> {
        // Nobody else writes, most of the time: then the journal ends where this node left it. If not, its unique keys
        // say so, and nothing has happened.
        let known = self.tail.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut tail) = known {
            tail.number(self.reader(), works).await?;
            let (batch, written) = tail.append(works, None)?;
            if batch.run_whole(self.writer()).await.is_ok() {
                self.keep(tail);
                return Ok(written);
            }
        }
        let mut tries = 1;
        loop {
            match self.write_locked(works).await {
                // A node that knew the end of the journal was faster in spite of the lock.
                Err(fault) if tries < MOST_TRIES && is_duplicate(&fault) => tries += 1,
                other => return other,
            }
        }
    }

    /// Reads where the journal ends, and writes there.
    async fn write_locked(&self, works: &mut [Work]) -> Result<Vec<Written>, Fault> {
        let transaction = self.begin().await?;
        transaction.lock_journal().await?;
        let connection = transaction.connection();
        let mut tail = Tail::read(connection).await?;
        tail.number(connection, works).await?;
        let fresh = transaction.fresh(works).await?;
        let (batch, written) = tail.append(works, Some(fresh))?;
        batch.run(connection).await?;
        transaction.commit().await?;
        self.keep(tail);
        Ok(written)
    }

    fn keep(&self, tail: Tail) {
        *self.tail.lock().unwrap_or_else(PoisonError::into_inner) = Some(tail);
    }
}

/// Where the journal ends, and which numbers were given to dossiers. Every number that is given moves the end.
#[derive(Debug)]
pub(crate) struct Tail {
    backend: DbBackend,
    number: i64,
    hash: Digest,
    /// The last number of an agency's day.
    given: BTreeMap<(String, Date), u32>,
}

impl Tail {
    async fn read(connection: &impl ConnectionTrait) -> Result<Self, Fault> {
        let last: Option<(i64, String)> = journal::Entity::find()
            .select_only()
            .columns([journal::Column::Number, journal::Column::Hash])
            .order_by_desc(journal::Column::Number)
            .into_tuple()
            .one(connection)
            .await?;
        let (number, hash) = last.map_or((0, genesis()), |(number, hash)| (number, Digest(hash)));
        Ok(Self { backend: connection.get_database_backend(), number, hash, given: BTreeMap::new() })
    }

    /// Gives dossiers that are filed their numbers.
    async fn number(&mut self, connection: &impl ConnectionTrait, works: &mut [Work]) -> Result<(), Fault> {
        if self.given.len() > MOST_DAYS {
            self.given.clear();
        }
        for work in works {
            let Some((agency, day)) = &work.numbered else { continue };
            let last = match self.given.entry((agency.clone(), *day)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(last_number(connection, agency, *day).await?),
            };
            *last += 1;
            let code = DossierCode::new(agency, *day, *last);
            if let Event::Filed(filed) = &mut work.recorded.event {
                filed.code = code.clone();
            }
            work.after.filed.code = code;
        }
        Ok(())
    }

    /// What writes those changes that are `fresh`, all if nothing is said, at the end of the journal. A change that was
    /// overtaken breaks the unique key of the journal, and with it the whole.
    fn append(&mut self, works: &[Work], fresh: Option<Vec<bool>>) -> Result<(Batch, Vec<Written>), Fault> {
        let fresh = fresh.unwrap_or_else(|| vec![true; works.len()]);
        let mut entries = Vec::new();
        let mut rows = Rows::default();
        let mut used_up = Vec::new();
        let mut changed: BTreeMap<&DossierCode, (Option<&Dossier>, &Dossier)> = BTreeMap::new();
        let mut written = Vec::new();
        for (work, fresh) in works.iter().zip(fresh) {
            if !fresh {
                written.push(Written::Overtaken);
                continue;
            }
            self.number += 1;
            let entry = entry(self.number, &self.hash, work)?;
            self.hash = Digest(entry.hash.clone());
            entries.push(entry);
            let Work { recorded, before, after, tell, .. } = work;
            rows.jobs.extend(tell.iter().map(|component| jobs::connect(component, after, recorded.at)));
            rows.notices.extend(projections::notice(self.number, recorded, before.as_ref(), after)?);
            // Of several changes of one dossier, the first knows how it stood and the last how it stands.
            changed.entry(&after.filed.code).or_insert((before.as_ref(), after)).1 = after;
            used_up.extend(work.draft.map(|id| UsedUp { id }));
            written.push(Written::Done(after.filed.code.clone()));
        }
        for (before, after) in changed.into_values() {
            rows.project(before, after)?;
        }
        let days: BTreeSet<&(String, Date)> = works.iter().filter_map(|work| work.numbered.as_ref()).collect();
        let counter = |key: &(String, Date)| code_counter::Model {
            agency_code: key.0.clone(),
            day: code_day(key.1),
            last: self.given.get(key).copied().map_or(0, i64::from),
        };
        rows.counters.extend(days.into_iter().map(counter));
        let mut batch = Batch::new(self.backend);
        batch.insert::<journal::Entity>(&entries, Known::Refuse)?;
        rows.add_to(&mut batch)?;
        batch.delete::<draft::Entity>(&used_up)?;
        Ok((batch, written))
    }
}

/// A day as it stands in the codes of dossiers.
fn code_day(day: Date) -> String {
    day.strftime("%y%m%d").to_string()
}

/// The last number that was given to a dossier of the agency on the day.
async fn last_number(connection: &impl ConnectionTrait, agency: &str, day: Date) -> Result<u32, Fault> {
    let key = (agency.to_owned(), code_day(day));
    let row = code_counter::Entity::find_by_id(key).one(connection).await?;
    row.map_or(Ok(0), |row| u32::try_from(row.last).map_err(|error| Fault::Unreadable(error.to_string())))
}

impl Transaction {
    /// Writes all changes, in portions that the database takes; `false`, and nothing of use, if one was overtaken.
    pub async fn write_whole(&self, works: &[Work]) -> Result<bool, Fault> {
        self.lock_journal().await?;
        for portion in works.chunks(MOST_AT_ONCE) {
            let fresh = self.fresh(portion).await?;
            if fresh.contains(&false) {
                return Ok(false);
            }
            let mut tail = Tail::read(self.connection()).await?;
            let (batch, _) = tail.append(portion, Some(fresh))?;
            batch.run(self.connection()).await?;
        }
        Ok(true)
    }

    /// Whether each change is decided on the dossier as it is. Of two for the same dossier the first counts.
    async fn fresh(&self, works: &[Work]) -> Result<Vec<bool>, Fault> {
        let codes: Vec<&str> =
            works.iter().filter(|work| work.before.is_some()).map(|work| work.after.filed.code.as_str()).collect();
        let mut versions: HashMap<String, i64> = HashMap::new();
        if !codes.is_empty() {
            let known: Vec<(String, i64)> = dossier::Entity::find()
                .filter(dossier::Column::Code.is_in(codes))
                .select_only()
                .columns([dossier::Column::Code, dossier::Column::Version])
                .into_tuple()
                .all(self.connection())
                .await?;
            versions.extend(known);
        }
        let is_fresh = |work: &Work| {
            let Some(before) = &work.before else { return true };
            let version = versions.get_mut(work.after.filed.code.as_str());
            let fresh = version.as_ref().is_some_and(|version| **version == i64::from(before.version));
            version.into_iter().filter(|_| fresh).for_each(|version| *version = i64::from(work.after.version));
            fresh
        };
        Ok(works.iter().map(is_fresh).collect())
    }
}

impl Rows {
    /// Takes up how a dossier stood and how it stands now.
    fn project(&mut self, before: Option<&Dossier>, after: &Dossier) -> Result<(), Fault> {
        match before {
            None => self.dossiers.push(projections::row(after)?),
            Some(_) => self.standings.push(projections::standing(after)?),
        }
        let old = before.map(projections::stays).transpose()?.unwrap_or_default();
        let new = projections::stays(after)?;
        let numbered = |list: &[stay::Model], row: &stay::Model| list.iter().any(|known| known.number == row.number);
        self.stays_gone.extend(old.iter().filter(|row| !numbered(&new, row)).cloned());
        self.stays.extend(new.into_iter().filter(|row| !old.contains(row)));
        let (old, new) = (before.map(jobs::of).unwrap_or_default(), jobs::of(after));
        let has = |list: &[job::Model], row: &job::Model| list.iter().any(|known| known.key == row.key);
        self.jobs_gone.extend(old.iter().filter(|row| !has(&new, row)).cloned());
        self.jobs.extend(new.into_iter().filter(|row| !has(&old, row)));
        Ok(())
    }

    pub(crate) fn add_to(&self, batch: &mut Batch) -> Result<(), Fault> {
        // A draft that was filed already is refused by its unique key, and a code that is there by the journal.
        batch.insert::<dossier::Entity>(&self.dossiers, Known::Refuse)?;
        batch.update::<dossier::Entity>(&self.standings, projections::FILED)?;
        batch.delete::<stay::Entity>(&self.stays_gone)?;
        batch.insert::<stay::Entity>(&self.stays, Known::Replace)?;
        batch.delete::<job::Entity>(&self.jobs_gone)?;
        batch.insert::<job::Entity>(&self.jobs, Known::Keep)?;
        batch.insert::<notice::Entity>(&self.notices, Known::Refuse)?;
        batch.insert::<code_counter::Entity>(&self.counters, Known::Replace)
    }
}

fn entry(number: i64, previous: &Digest, work: &Work) -> Result<journal::Model, Fault> {
    let Work { recorded, after, .. } = work;
    let payload = serde_json::to_string(recorded)?;
    let (at, code) = (recorded.at.to_string(), after.filed.code.as_str());
    let entry = chain::Entry { number, dossier: code, version: i64::from(after.version), at: &at, payload: &payload };
    Ok(journal::Model {
        number,
        dossier: code.to_owned(),
        version: entry.version,
        hash: entry_hash(previous, entry).0,
        at,
        event: recorded.event.name().to_owned(),
        payload,
    })
}
