//! Changes of dossiers on their way into the journal. Those that wait together are written together and share one
//! flush to the disk; each is there as a whole or not at all.

use crate::entities::{dossier, job, journal, notice, stay};
use crate::{Database, Fault, Transaction, jobs, projections};
use jiff::civil::Date;
use motcua_domain::dossier::Dossier;
use motcua_domain::event::{Event, Recorded};
use motcua_domain::journal::{Entry, entry_hash, genesis};
use motcua_domain::names::{Digest, DossierCode};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, HashMap};
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

/// How many changes one statement writes at most: databases limit how many values it may have.
const MOST_ROWS: usize = 200;

/// Rows of projections, many at once.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Dossiers that are new.
    pub filed: Vec<dossier::Model>,
    pub changed: Vec<dossier::Model>,
    /// The dossiers whose steps are no longer what they were.
    pub moved: Vec<String>,
    pub stays: Vec<stay::Model>,
    pub jobs: Vec<job::Model>,
    pub jobs_gone: Vec<String>,
    pub notices: Vec<notice::Model>,
}

impl Database {
    /// Writes changes in one transaction. If that fails, each is tried alone, so that none suffers for another.
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
        let known = self.head.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(head) = known {
            let transaction = self.begin().await?;
            if let Ok((written, head)) = transaction.write_after(works, head, None).await
                && transaction.commit().await.is_ok()
            {
                *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
                return Ok(written);
            }
        }
        let transaction = self.begin().await?;
        transaction.lock_journal().await?;
        let head = transaction.head().await?;
        let fresh = transaction.fresh(works).await?;
        let (written, head) = transaction.write_after(works, head, Some(fresh)).await?;
        transaction.commit().await?;
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
        Ok(written)
    }
}

impl Transaction {
    /// Writes those changes that are `fresh`, all if nothing is said, after the entry `head`. A change that was overtaken
    /// breaks the unique key of the journal, and with it the transaction.
    async fn write_after(
        &self,
        works: &mut [Work],
        (mut number, mut previous): (i64, Digest),
        fresh: Option<Vec<bool>>,
    ) -> Result<(Vec<Written>, (i64, Digest)), Fault> {
        let fresh = fresh.unwrap_or_else(|| vec![true; works.len()]);
        self.number(works).await?;
        let mut entries = Vec::new();
        let mut rows = Rows::default();
        let mut written = Vec::new();
        for (work, fresh) in works.iter().zip(fresh) {
            if !fresh {
                written.push(Written::Overtaken);
                continue;
            }
            number += 1;
            let entry = entry(number, &previous, work)?;
            previous = Digest(entry.hash.clone());
            entries.push(entry.into_active_model());
            rows.project(number, work)?;
            if let Some(draft) = work.draft {
                self.remove_draft(draft).await?;
            }
            written.push(Written::Done(work.after.filed.code.clone()));
        }
        if !entries.is_empty() {
            journal::Entity::insert_many(entries).exec_without_returning(self.connection()).await?;
        }
        self.write_rows(rows).await?;
        Ok((written, (number, previous)))
    }

    /// Writes all changes, in portions that the database takes; `false`, and nothing of use, if one was overtaken.
    pub async fn write_whole(&self, works: &mut [Work]) -> Result<bool, Fault> {
        self.lock_journal().await?;
        for portion in works.chunks_mut(MOST_ROWS) {
            let fresh = self.fresh(portion).await?;
            if fresh.contains(&false) {
                return Ok(false);
            }
            let head = self.head().await?;
            self.write_after(portion, head, Some(fresh)).await?;
        }
        Ok(true)
    }

    /// The last entry of the journal.
    async fn head(&self) -> Result<(i64, Digest), Fault> {
        let last: Option<(i64, String)> = journal::Entity::find()
            .select_only()
            .columns([journal::Column::Number, journal::Column::Hash])
            .order_by_desc(journal::Column::Number)
            .into_tuple()
            .one(self.connection())
            .await?;
        Ok(last.map_or((0, genesis()), |(number, hash)| (number, Digest(hash))))
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

    /// Gives dossiers that are filed their numbers.
    async fn number(&self, works: &mut [Work]) -> Result<(), Fault> {
        let mut wanted: BTreeMap<(String, Date), u32> = BTreeMap::new();
        for key in works.iter().filter_map(|work| work.numbered.clone()) {
            *wanted.entry(key).or_default() += 1;
        }
        let mut next: BTreeMap<(String, Date), u32> = BTreeMap::new();
        for ((agency, day), count) in wanted {
            let last = self.take_numbers(&agency, &day.strftime("%y%m%d").to_string(), count).await?;
            next.insert((agency, day), last - count + 1);
        }
        for work in works {
            let Some(key) = &work.numbered else { continue };
            let Some(number) = next.get_mut(key) else { continue };
            let code = DossierCode::new(&key.0, key.1, *number);
            *number += 1;
            if let Event::Filed(filed) = &mut work.recorded.event {
                filed.code = code.clone();
            }
            work.after.filed.code = code;
        }
        Ok(())
    }

    /// Writes rows of projections.
    pub(crate) async fn write_rows(&self, rows: Rows) -> Result<(), Fault> {
        let connection = self.connection();
        let Rows { filed, changed, moved, stays, jobs, jobs_gone, notices } = rows;
        if !filed.is_empty() {
            // No upsert: a draft that was filed already must be refused by its unique key.
            let rows = filed.into_iter().map(IntoActiveModel::into_active_model);
            dossier::Entity::insert_many(rows).exec_without_returning(connection).await?;
        }
        if !changed.is_empty() {
            let columns = dossier::Column::iter().filter(|column| !matches!(column, dossier::Column::Code));
            let update = OnConflict::column(dossier::Column::Code).update_columns(columns).to_owned();
            let rows = changed.into_iter().map(IntoActiveModel::into_active_model);
            dossier::Entity::insert_many(rows).on_conflict(update).exec_without_returning(connection).await?;
        }
        if !moved.is_empty() {
            stay::Entity::delete_many().filter(stay::Column::Dossier.is_in(moved)).exec(connection).await?;
        }
        if !stays.is_empty() {
            let rows = stays.into_iter().map(IntoActiveModel::into_active_model);
            stay::Entity::insert_many(rows).exec_without_returning(connection).await?;
        }
        if !jobs_gone.is_empty() {
            job::Entity::delete_many().filter(job::Column::Key.is_in(jobs_gone)).exec(connection).await?;
        }
        if !jobs.is_empty() {
            let rows = jobs.into_iter().map(IntoActiveModel::into_active_model);
            let known = OnConflict::column(job::Column::Key).do_nothing().to_owned();
            job::Entity::insert_many(rows).on_conflict(known).exec_without_returning(connection).await?;
        }
        if !notices.is_empty() {
            let rows = notices.into_iter().map(IntoActiveModel::into_active_model);
            notice::Entity::insert_many(rows).exec_without_returning(connection).await?;
        }
        Ok(())
    }
}

impl Rows {
    /// Takes up what entry `number` changed.
    fn project(&mut self, number: i64, work: &Work) -> Result<(), Fault> {
        let Work { recorded, before, after, .. } = work;
        let row = projections::row(after)?;
        if before.is_none() {
            self.filed.push(row);
        } else {
            self.changed.push(row);
        }
        let stays = projections::stays(after)?;
        let before_stays = before.as_ref().map(projections::stays).transpose()?.unwrap_or_default();
        if stays != before_stays {
            if !before_stays.is_empty() {
                self.moved.push(after.filed.code.to_string());
            }
            self.stays.extend(stays);
        }
        let (old, new) = (before.as_ref().map(jobs::of).unwrap_or_default(), jobs::of(after));
        let has = |list: &[job::Model], row: &job::Model| list.iter().any(|known| known.key == row.key);
        self.jobs_gone.extend(old.iter().filter(|row| !has(&new, row)).map(|row| row.key.clone()));
        self.jobs.extend(new.into_iter().filter(|row| !has(&old, row)));
        self.notices.extend(projections::notice(number, recorded, before.as_ref(), after)?);
        Ok(())
    }
}

fn entry(number: i64, previous: &Digest, work: &Work) -> Result<journal::Model, Fault> {
    let Work { recorded, after, .. } = work;
    let payload = serde_json::to_string(recorded)?;
    let (at, code) = (recorded.at.to_string(), after.filed.code.as_str());
    let entry = Entry { number, dossier: code, version: i64::from(after.version), at: &at, payload: &payload };
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
