//! Recomputing projections from the journal while the portal runs. Each dossier takes a transaction, so that a list
//! never lacks a dossier meanwhile.

use super::{
    ChangedRows, MoneyRows, issued, jobs_of, name_parts, notice, participations, partners, row, site_visits, stays,
    taken_steps,
};
use crate::batch::{Batch, OnExistingRow};
use crate::jobs;
use crate::journal::events;
use crate::rows::{
    dossier, dossier_file, job, journal, name_part, notice as notices, participation, partner, result, site_visit,
    stay, taken_step,
};
use crate::{Database, Fault, Transaction};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::Recorded;
use motcua_domain::names::DossierCode;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
};

/// The version of the code that computes the projections. It must be raised when one of their rows is computed in
/// another way.
const VERSION: &str = "10";

/// The setting that names the version by which all projections were computed.
const SETTING: &str = "projection";

/// The number of dossiers that are recomputed in one transaction.
const TOGETHER: u64 = 100;

/// The number of dossiers of the lists that are looked up in the journal at a time.
const LISTED_PAGE: i64 = 1000;

/// The most dossiers that a result names. Further ones are only counted.
const MOST_NAMED: usize = 100;

/// The most tries of a dossier that is changed meanwhile.
const MOST_TRIES: usize = 5;

/// The result of recomputing all projections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// The number of dossiers that were recomputed.
    pub dossiers: usize,
    /// The number of dossiers with entries whose content was removed. Their rows stay as they are.
    pub erased: usize,
    /// Dossiers whose journal cannot be read. Their rows stay as they are.
    pub failed: NamedItems<FailedRebuild>,
    /// Dossiers of the lists that the journal lacks. They stay in the lists, because nothing else records them.
    pub without_journal: NamedItems<String>,
}

/// A dossier whose rows could not be computed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailedRebuild {
    pub code: String,
    pub reason: String,
}

impl Rebuilt {
    /// Returns whether every dossier of the lists is as its journal says.
    pub const fn is_whole(&self) -> bool {
        self.failed.count == 0 && self.without_journal.count == 0
    }

    /// Counts the result for a dossier. Returns faults that do not concern this dossier alone.
    fn count(&mut self, code: &str, made: Result<(), Fault>) -> Result<(), Fault> {
        match made {
            Ok(()) => self.dossiers += 1,
            Err(Fault::Erased { .. }) => self.erased += 1,
            Err(fault @ (Fault::Journal { .. } | Fault::Unreadable(_))) => {
                self.failed.add(FailedRebuild { code: code.to_owned(), reason: fault.to_string() });
            }
            Err(fault) => return Err(fault),
        }
        Ok(())
    }

    /// Adds the results for other dossiers.
    fn extend(&mut self, other: Self) {
        self.dossiers += other.dossiers;
        self.erased += other.erased;
        self.failed.extend(other.failed);
        self.without_journal.extend(other.without_journal);
    }
}

/// The first items of a kind, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedItems<T> {
    pub first: Vec<T>,
    pub count: usize,
}

impl<T> NamedItems<T> {
    fn add(&mut self, item: T) {
        self.count += 1;
        if self.first.len() < MOST_NAMED {
            self.first.push(item);
        }
    }

    fn extend(&mut self, other: Self) {
        self.count += other.count;
        let room = MOST_NAMED.saturating_sub(self.first.len());
        self.first.extend(other.first.into_iter().take(room));
    }
}

/// A dossier of the lists, and the version of its first entry in the journal.
#[derive(FromQueryResult)]
pub(crate) struct ListedDossier {
    pub code: String,
    pub entry: Option<i64>,
}

impl Database {
    /// Recomputes all projections, if another version of this code computed them. If the process is stopped in between,
    /// the next call begins again.
    pub async fn catch_up_projections(&self) -> Result<Option<Rebuilt>, Fault> {
        let made_by = jobs::setting(self.reader(), SETTING).await?;
        let version = made_by.as_deref().and_then(|made_by| made_by.split(' ').next());
        if version == Some(VERSION) { Ok(None) } else { self.rebuild_projections().await.map(Some) }
    }

    /// Returns whether this version of the code computed the projections of all dossiers.
    ///
    /// It did not if a journal could not be read. The table of the files of dossiers may then lack some.
    pub async fn projections_are_current(&self) -> Result<bool, Fault> {
        Ok(jobs::setting(self.reader(), SETTING).await?.as_deref() == Some(VERSION))
    }

    /// Recomputes all projections from the journal. Rows of dossiers that the journal lacks stay, and the result names
    /// them.
    pub async fn rebuild_projections(&self) -> Result<Rebuilt, Fault> {
        let mut rebuilt = Rebuilt::default();
        self.find_without_journal(&mut rebuilt).await?;
        let mut last = String::new();
        loop {
            let codes = self.journaled_after(&last).await?;
            let Some(end) = codes.last() else { break };
            last.clone_from(end);
            let mut parsed = Vec::with_capacity(codes.len());
            for code in codes {
                match DossierCode::parse(&code).filter(|parsed| parsed.as_str() == code) {
                    Some(code) => parsed.push(code),
                    None => {
                        rebuilt
                            .failed
                            .add(FailedRebuild { code, reason: "it is not the code of a dossier".to_owned() });
                    }
                }
            }
            rebuilt.extend(self.rebuild_some(&parsed).await?);
            self.raise_counters(&parsed).await?;
        }
        for FailedRebuild { code, reason } in &rebuilt.failed.first {
            tracing::error!(code, reason, "the lists show a dossier as it stood before, because it cannot be read");
        }
        let made_by = match rebuilt.failed.count {
            0 => VERSION.to_owned(),
            count => {
                tracing::error!(count, "dossiers cannot be read; run: motcua audit verify");
                format!("{VERSION} without {count}")
            }
        };
        self.recount_figures().await?;
        self.name_published_holders().await?;
        let transaction = self.begin().await?;
        transaction.set_setting(SETTING, &made_by).await?;
        transaction.commit().await?;
        Ok(rebuilt)
    }

    /// Returns the codes of the next dossiers of the journal after a code.
    async fn journaled_after(&self, code: &str) -> Result<Vec<String>, Fault> {
        let first = journal::Entity::find().filter(journal::Column::Version.eq(1));
        let codes = first.filter(journal::Column::Dossier.gt(code)).order_by_asc(journal::Column::Dossier);
        let codes = codes.select_only().column(journal::Column::Dossier).limit(TOGETHER);
        Ok(codes.into_tuple().all(self.reader()).await?)
    }

    /// Finds dossiers of the lists that the journal lacks. Their numbers are not used again.
    async fn find_without_journal(&self, rebuilt: &mut Rebuilt) -> Result<(), Fault> {
        let mut last = String::new();
        loop {
            let page = self.listed_after(&last).await?;
            let Some(end) = page.last() else { return Ok(()) };
            last.clone_from(&end.code);
            let lacking: Vec<String> =
                page.into_iter().filter(|listed| listed.entry.is_none()).map(|listed| listed.code).collect();
            let codes: Vec<DossierCode> = lacking.iter().filter_map(|code| DossierCode::parse(code)).collect();
            self.raise_counters(&codes).await?;
            for code in lacking {
                rebuilt.without_journal.add(code);
            }
        }
    }

    /// Recomputes the projections of some dossiers in one transaction. If one of them is changed at this moment, each
    /// gets a transaction of its own.
    async fn rebuild_some(&self, codes: &[DossierCode]) -> Result<Rebuilt, Fault> {
        match self.rebuild_together(codes).await {
            Err(Fault::Duplicate { .. } | Fault::Unavailable(_)) => {}
            done => return done,
        }
        let mut rebuilt = Rebuilt::default();
        for code in codes {
            let made = self.rebuild_dossier(code).await.map_err(|fault| match fault {
                Fault::Duplicate { key } => {
                    let reason = format!("another dossier has its key already: {key}");
                    Fault::Journal { dossier: code.to_string(), reason }
                }
                fault => fault,
            });
            rebuilt.count(code.as_str(), made)?;
        }
        Ok(rebuilt)
    }

    async fn rebuild_together(&self, codes: &[DossierCode]) -> Result<Rebuilt, Fault> {
        let mut rebuilt = Rebuilt::default();
        let transaction = self.begin().await?;
        for code in codes {
            // A dossier that cannot be read has written nothing, so the transaction goes on.
            rebuilt.count(code.as_str(), transaction.rebuild_dossier(code).await)?;
        }
        transaction.commit().await?;
        Ok(rebuilt)
    }

    /// Recomputes the projections of one dossier.
    pub async fn rebuild_dossier(&self, code: &DossierCode) -> Result<(), Fault> {
        let mut tries = 1;
        loop {
            let transaction = self.begin().await?;
            match transaction.rebuild_dossier(code).await {
                Ok(()) => return transaction.commit().await,
                Err(Fault::Duplicate { .. } | Fault::Unavailable(_)) if tries < MOST_TRIES => tries += 1,
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Returns the next dossiers of the lists after a code.
    ///
    /// A subquery looks each dossier up in the journal, because a join might be planned as a pass over the whole
    /// journal, once for each page.
    pub(crate) async fn listed_after(&self, code: &str) -> Result<Vec<ListedDossier>, Fault> {
        const SQL: &str = "SELECT d.code,
                (SELECT j.version FROM journal j WHERE j.dossier = d.code AND j.version = 1) AS entry
            FROM dossier d WHERE d.code > $1 ORDER BY d.code LIMIT $2";
        let query = Statement::from_sql_and_values(self.backend(), SQL, [code.into(), LISTED_PAGE.into()]);
        Ok(ListedDossier::find_by_statement(query).all(self.reader()).await?)
    }
}

impl Transaction {
    /// Recomputes the projections of one dossier.
    ///
    /// Jobs that still follow from the dossier keep their tries and leases. Writes nothing if the journal of the
    /// dossier cannot be read.
    async fn rebuild_dossier(&self, code: &DossierCode) -> Result<(), Fault> {
        let connection = self.connection();
        // A change of the dossier at this moment waits for this transaction, or this transaction waits for it.
        let locked = dossier::Entity::find_by_id(code.as_str()).lock_exclusive();
        locked.one(connection).await?;
        let made = RebuiltRows::from_journal(&events(connection, code).await?, code)?;
        let keys: Vec<String> = made.jobs.iter().map(|job| job.key.clone()).collect();
        let open: Vec<i64> = made.stays.iter().map(|stay| stay.number).collect();
        let mut batch = Batch::new(connection.get_database_backend());
        made.add_to(&mut batch)?;
        let gone = job::Entity::delete_many().filter(jobs_of(code));
        gone.filter(job::Column::Key.is_not_in(keys)).exec(connection).await?;
        // Stays that remain are updated in place, so that a change that waits for this transaction finds them.
        let gone = stay::Entity::delete_many().filter(stay::Column::Dossier.eq(code.as_str()));
        gone.filter(stay::Column::Number.is_not_in(open)).exec(connection).await?;
        partner::Entity::delete_many().filter(partner::Column::Dossier.eq(code.as_str())).exec(connection).await?;
        let gone = participation::Entity::delete_many().filter(participation::Column::Dossier.eq(code.as_str()));
        gone.exec(connection).await?;
        name_part::Entity::delete_many().filter(name_part::Column::Dossier.eq(code.as_str())).exec(connection).await?;
        notices::Entity::delete_many().filter(notices::Column::Dossier.eq(code.as_str())).exec(connection).await?;
        result::Entity::delete_many().filter(result::Column::Dossier.eq(code.as_str())).exec(connection).await?;
        let gone = site_visit::Entity::delete_many().filter(site_visit::Column::Dossier.eq(code.as_str()));
        gone.exec(connection).await?;
        MoneyRows::delete(connection, code).await?;
        let gone = taken_step::Entity::delete_many().filter(taken_step::Column::Dossier.eq(code.as_str()));
        gone.exec(connection).await?;
        batch.run(connection).await.map(|_| ())
    }
}

/// The rows of a dossier that follow from its journal.
#[derive(Debug, Default)]
pub(crate) struct RebuiltRows {
    pub dossier: Option<dossier::ActiveModel>,
    pub stays: Vec<stay::Model>,
    pub partners: Vec<partner::Model>,
    pub participations: Vec<participation::Model>,
    pub name_parts: Vec<name_part::Model>,
    pub result: Option<result::Model>,
    pub site_visits: Vec<site_visit::Model>,
    pub steps: Vec<taken_step::Model>,
    pub jobs: Vec<job::Model>,
    pub notices: Vec<notices::Model>,
    pub files: Vec<dossier_file::Model>,
    pub money: MoneyRows,
}

impl RebuiltRows {
    /// Plays the events of a dossier and returns its rows.
    pub fn from_journal(events: &[Recorded], code: &DossierCode) -> Result<Self, Fault> {
        let unreadable = |reason: String| Fault::Journal { dossier: code.to_string(), reason };
        let (mut made, mut state, mut seen) = (Self::default(), None::<Dossier>, ChangedRows::default());
        for recorded in events {
            let before = state.clone();
            match &mut state {
                None => state = Some(Dossier::replay([recorded]).map_err(|error| unreadable(error.to_string()))?),
                Some(dossier) => dossier.apply(recorded).map_err(|error| unreadable(error.to_string()))?,
            }
            if let Some(after) = &state {
                made.notices.extend(notice(recorded, before.as_ref(), after)?);
                made.money.add(recorded, before.as_ref(), after);
                seen.project(before.as_ref(), after, recorded.at)?;
            }
        }
        if let Some(dossier) = &state {
            made.dossier = Some(row(dossier)?);
            made.stays = stays(dossier)?;
            made.partners = partners(dossier);
            made.participations = participations(dossier);
            made.name_parts = name_parts(dossier);
            made.result = issued(dossier)?;
            made.site_visits = site_visits(dossier);
            made.steps = taken_steps(dossier)?;
            made.jobs = jobs::of(dossier);
            made.files = seen.into_files();
        }
        Ok(made)
    }

    fn add_to(self, batch: &mut Batch) -> Result<(), Fault> {
        batch.insert::<dossier::Entity>(self.dossier, OnExistingRow::Replace)?;
        batch.insert::<stay::Entity>(self.stays, OnExistingRow::Replace)?;
        batch.insert::<partner::Entity>(self.partners, OnExistingRow::Replace)?;
        batch.insert::<participation::Entity>(self.participations, OnExistingRow::Replace)?;
        batch.insert::<name_part::Entity>(self.name_parts, OnExistingRow::Keep)?;
        batch.insert::<result::Entity>(self.result, OnExistingRow::Replace)?;
        batch.insert::<site_visit::Entity>(self.site_visits, OnExistingRow::Replace)?;
        batch.insert::<taken_step::Entity>(self.steps, OnExistingRow::Replace)?;
        batch.insert::<job::Entity>(self.jobs, OnExistingRow::Keep)?;
        batch.insert::<notices::Entity>(self.notices, OnExistingRow::Replace)?;
        batch.insert::<dossier_file::Entity>(self.files, OnExistingRow::Keep)?;
        self.money.add_all_to(batch)
    }
}
