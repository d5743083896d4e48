//! Changes of dossiers on their way into the journal. Those that wait together are written together and share one
//! flush to the disk; each is there as a whole or not at all.

use crate::batch::{Batch, Known};
use crate::entities::{code_counter, dossier, draft, job, journal, notice, stay};
use crate::{Database, Fault, Transaction, is_duplicate, jobs, projections};
use jiff::civil::Date;
use motcua_domain::dossier::Dossier;
use motcua_domain::event::{Event, Recorded};
use motcua_domain::journal::{self as chain, entry_hash, genesis};
use motcua_domain::names::{Digest, DossierCode};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
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
    pub dossiers: Vec<dossier::ActiveModel>,
    pub standings: Vec<dossier::ActiveModel>,
    pub stays: Vec<stay::Model>,
    pub stays_gone: Vec<stay::Model>,
    pub jobs: Vec<job::Model>,
    pub jobs_gone: Vec<job::Model>,
    pub notices: Vec<notice::Model>,
    pub counters: Vec<code_counter::Model>,
}

/// Changes that wait. While those before them are written, they are made ready for the end that the journal will have
/// then; if it ends elsewhere, they are made anew.
#[derive(Debug, Default)]
pub struct Pending {
    works: Vec<Work>,
    /// None as long as nobody knows where the journal ends.
    ready: Option<Ready>,
    /// Whether a portion was taken out and nobody said yet where the journal ended with it.
    guessed: bool,
}

/// What writes changes at the end of the journal.
#[derive(Debug)]
struct Ready {
    tail: Tail,
    batch: Batch,
    days: BTreeSet<(String, Date)>,
    dossiers: HashSet<DossierCode>,
}

/// Changes on their way to the database.
#[derive(Debug)]
pub struct Portion {
    works: Vec<Work>,
    batch: Option<Batch>,
}

/// What became of a portion.
#[derive(Debug)]
pub struct Outcome {
    pub results: Vec<Result<Written, Fault>>,
    pub end: End,
    /// Thrown away with the outcome, when those who wait have their answers.
    _works: Vec<Work>,
}

/// Where the journal ends after a portion.
#[derive(Debug)]
pub enum End {
    /// Where it was foreseen: what was made ready meanwhile can be written.
    Foreseen,
    /// Elsewhere, if it is known at all.
    Elsewhere(Option<Tail>),
}

impl Pending {
    pub const fn is_empty(&self) -> bool {
        self.works.is_empty()
    }

    /// Whether a change can be made ready as far as its number goes.
    pub fn knows(&self, day: &(String, Date)) -> bool {
        self.ready.as_ref().is_none_or(|ready| ready.tail.given.contains_key(day))
    }

    /// Takes up the last number of a day, as the database has it. One that is known already goes before it: it counts
    /// what is not written yet.
    pub fn learn(&mut self, day: &(String, Date), last: u32) {
        if let Some(ready) = &mut self.ready {
            ready.tail.given.entry(day.clone()).or_insert(last);
        }
    }

    /// Adds a change and makes it ready.
    pub fn add(&mut self, mut work: Work) {
        // What is in the way, even a panic, leaves nothing ready: then all are written under the lock, where it shows.
        if let Some(mut ready) = self.ready.take()
            && matches!(ready.add(&mut work), Ok(true))
        {
            self.ready = Some(ready);
        }
        self.works.push(work);
    }

    /// Says where the journal ended with the portion that was taken out last. What waits is made ready for another end
    /// if it has to be.
    pub fn ended(&mut self, end: End) {
        self.guessed = false;
        let End::Elsewhere(tail) = end else { return };
        self.ready = tail.map(Ready::at);
        for work in std::mem::take(&mut self.works) {
            self.add(work);
        }
    }

    /// Takes out what waits; what is added from now on comes after it. Before [`Pending::ended`] is called for the
    /// portion before, nothing is ready: it would be hung on entries that may never have been written.
    pub fn take(&mut self) -> Portion {
        let works = std::mem::take(&mut self.works);
        let ready = self.ready.take().filter(|_| !self.guessed);
        self.guessed = true;
        let made = ready.and_then(|ready| ready.finish().ok());
        let (batch, mut tail) = made.unzip();
        if let Some(tail) = tail.as_mut().filter(|tail| tail.given.len() > MOST_DAYS) {
            tail.given.clear();
        }
        self.ready = tail.map(Ready::at);
        Portion { works, batch }
    }
}

impl Ready {
    fn at(tail: Tail) -> Self {
        let batch = Batch::new(tail.backend);
        Self { tail, batch, days: BTreeSet::new(), dossiers: HashSet::new() }
    }

    /// Adds a change; `false` if there is one of the same dossier, or nobody knows which numbers were given on its day. One
    /// that was overtaken breaks the unique key of the journal, and with it the whole.
    fn add(&mut self, work: &mut Work) -> Result<bool, Fault> {
        if let Some(day) = &work.numbered {
            let Some(code) = self.tail.next_code(day) else { return Ok(false) };
            self.days.insert(day.clone());
            if let Event::Filed(filed) = &mut work.recorded.event {
                filed.code = code.clone();
            }
            work.after.filed.code = code;
        }
        let Work { recorded, before, after, draft, tell, .. } = work;
        if !self.dossiers.insert(after.filed.code.clone()) {
            return Ok(false);
        }
        let entry = self.tail.append(recorded, after)?;
        let mut rows = Rows::default();
        rows.project(before.as_ref(), after)?;
        rows.jobs.extend(tell.iter().map(|component| jobs::connect(component, after, recorded.at)));
        rows.notices.extend(projections::notice(entry.number, recorded, before.as_ref(), after)?);
        rows.add_to(&mut self.batch)?;
        self.batch.insert::<journal::Entity>([entry], Known::Refuse)?;
        self.batch.delete::<draft::Entity>(draft.map(used_up))?;
        Ok(true)
    }

    /// What writes it, and where the journal ends then.
    fn finish(mut self) -> Result<(Batch, Tail), Fault> {
        let counters: Vec<_> = self.days.into_iter().map(|day| self.tail.counter(day)).collect();
        self.batch.insert::<code_counter::Entity>(counters, Known::Replace)?;
        Ok((self.batch, self.tail))
    }
}

fn used_up(draft: Uuid) -> draft::ActiveModel {
    draft::ActiveModel { id: Set(draft.to_string()), ..draft::ActiveModel::default() }
}

impl Database {
    /// The last number that was given to a dossier of an agency on a day.
    pub async fn last_number(&self, day: &(String, Date)) -> Result<u32, Fault> {
        last_number(self.reader(), day).await
    }

    /// Writes changes in one transaction. If that fails, each is tried alone, so that none suffers for another. It has
    /// to be driven to its end, and on SQLite it blocks while the disk works: give it a thread of its own.
    pub async fn write(&self, portion: Portion) -> Outcome {
        let Portion { mut works, batch } = portion;
        // Nobody else writes, most of the time: then the journal ends where it was foreseen. If not, its unique keys say
        // so, and nothing has happened.
        if let Some(batch) = batch
            && batch.run_whole(self).await.is_ok()
        {
            let results = works.iter().map(|work| Ok(Written::Done(work.after.filed.code.clone()))).collect();
            return Outcome { results, end: End::Foreseen, _works: works };
        }
        let (results, end) = match self.write_trying(&mut works).await {
            Ok((written, tail)) => (written.into_iter().map(Ok).collect(), Some(tail)),
            Err(fault) if works.len() == 1 => (vec![Err(fault)], None),
            Err(_) => {
                let (mut results, mut end) = (Vec::new(), None);
                for work in &mut works {
                    let alone = self.write_trying(std::slice::from_mut(work)).await;
                    results.push(alone.map(|(mut written, tail)| {
                        end = Some(tail);
                        written.pop().unwrap_or(Written::Overtaken)
                    }));
                }
                (results, end)
            }
        };
        Outcome { results, end: End::Elsewhere(end), _works: works }
    }

    async fn write_trying(&self, works: &mut [Work]) -> Result<(Vec<Written>, Tail), Fault> {
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
    async fn write_locked(&self, works: &mut [Work]) -> Result<(Vec<Written>, Tail), Fault> {
        let transaction = self.begin().await?;
        transaction.lock_journal().await?;
        let tail = Tail::read(transaction.connection()).await?;
        let fresh = transaction.fresh(works).await?;
        let (written, tail) = transaction.append(works, &fresh, tail).await?;
        transaction.commit().await?;
        Ok((written, tail))
    }
}

/// Where the journal ends, and which numbers were given to dossiers. Every number that is given moves the end.
#[derive(Debug)]
pub struct Tail {
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

    /// Reads the last numbers of days that are not known.
    async fn learn(&mut self, connection: &impl ConnectionTrait, works: &[Work]) -> Result<(), Fault> {
        for day in works.iter().filter_map(|work| work.numbered.as_ref()) {
            if let Entry::Vacant(unknown) = self.given.entry(day.clone()) {
                unknown.insert(last_number(connection, day).await?);
            }
        }
        Ok(())
    }

    /// The code of the next dossier that is filed at an agency on a day, if its numbers are known.
    fn next_code(&mut self, day: &(String, Date)) -> Option<DossierCode> {
        let last = self.given.get_mut(day)?;
        *last += 1;
        Some(DossierCode::new(&day.0, day.1, *last))
    }

    /// The row that keeps the last number of an agency's day.
    fn counter(&self, day: (String, Date)) -> code_counter::Model {
        let last = self.given.get(&day).copied().map_or(0, i64::from);
        code_counter::Model { agency_code: day.0, day: code_day(day.1), last }
    }

    /// The next entry of the journal.
    fn append(&mut self, recorded: &Recorded, after: &Dossier) -> Result<journal::Model, Fault> {
        let payload = serde_json::to_string(recorded)?;
        let (at, code) = (recorded.at.to_string(), after.filed.code.as_str());
        let (number, version) = (self.number + 1, i64::from(after.version));
        let hash = entry_hash(&self.hash, chain::Entry { number, dossier: code, version, at: &at, payload: &payload });
        self.number = number;
        self.hash.clone_from(&hash);
        let (dossier, event) = (code.to_owned(), recorded.event.name().to_owned());
        Ok(journal::Model { number, dossier, version, at, event, payload, hash: hash.0 })
    }
}

/// A day as it stands in the codes of dossiers.
fn code_day(day: Date) -> String {
    day.strftime("%y%m%d").to_string()
}

/// The last number that was given to a dossier of an agency on a day.
async fn last_number(connection: &impl ConnectionTrait, day: &(String, Date)) -> Result<u32, Fault> {
    let row = code_counter::Entity::find_by_id((day.0.clone(), code_day(day.1))).one(connection).await?;
    row.map_or(Ok(0), |row| u32::try_from(row.last).map_err(|error| Fault::Unreadable(error.to_string())))
}

impl Transaction {
    /// Writes all changes, in portions that the database takes; `false`, and nothing of use, if one was overtaken.
    pub async fn write_whole(&self, works: &mut [Work]) -> Result<bool, Fault> {
        self.lock_journal().await?;
        let mut tail = Tail::read(self.connection()).await?;
        for portion in works.chunks_mut(MOST_AT_ONCE) {
            let fresh = self.fresh(portion).await?;
            if fresh.contains(&false) {
                return Ok(false);
            }
            (_, tail) = self.append(portion, &fresh, tail).await?;
        }
        Ok(true)
    }

    /// Writes those changes that are fresh at the end of the journal.
    async fn append(&self, works: &mut [Work], fresh: &[bool], mut tail: Tail) -> Result<(Vec<Written>, Tail), Fault> {
        tail.learn(self.connection(), works).await?;
        let mut ready = Ready::at(tail);
        let mut written = Vec::new();
        for (work, fresh) in works.iter_mut().zip(fresh) {
            if !fresh {
                written.push(Written::Overtaken);
                continue;
            }
            if !ready.add(work)? {
                // Another change of the same dossier goes into the database before this one.
                let (batch, tail) = ready.finish()?;
                batch.run(self.connection()).await?;
                ready = Ready::at(tail);
                if !ready.add(work)? {
                    return Err(Fault::Unreadable(format!("no number is known for dossier {}", work.after.filed.code)));
                }
            }
            written.push(Written::Done(work.after.filed.code.clone()));
        }
        let (batch, tail) = ready.finish()?;
        batch.run(self.connection()).await?;
        Ok((written, tail))
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

    pub(crate) fn add_to(self, batch: &mut Batch) -> Result<(), Fault> {
        // A draft that was filed already is refused by its unique key, and a code that is there by the journal.
        batch.insert::<dossier::Entity>(self.dossiers, Known::Refuse)?;
        batch.update::<dossier::Entity>(self.standings, projections::FILED)?;
        batch.delete::<stay::Entity>(self.stays_gone)?;
        batch.insert::<stay::Entity>(self.stays, Known::Replace)?;
        batch.delete::<job::Entity>(self.jobs_gone)?;
        batch.insert::<job::Entity>(self.jobs, Known::Keep)?;
        batch.insert::<notice::Entity>(self.notices, Known::Refuse)?;
        batch.insert::<code_counter::Entity>(self.counters, Known::Replace)
    }
}
