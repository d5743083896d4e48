//! The due times of open dossiers after a change of the calendar.
//!
//! One job recomputes them. A node that leases the job takes a portion of the dossiers, notes where it stopped, and gives
//! the lease back. So no lease has to last as long as the work, other jobs run in between, and another node goes on where
//! a killed node stopped. Each dossier is a change of its own, which changes nothing the second time.

use super::JobService;
use crate::Error;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::{CalendarSketch, differences};
use motcua_store::jobs::{self, Job, JobKind, LEASE};
use motcua_store::{Transaction, lists};
use serde::{Deserialize, Serialize};

/// The setting that keeps the calendar by which due times were computed. It is also the key of the job.
const CALENDAR: &str = "calendar";

/// The setting with the progress of the job. It exists while the job does.
const PROGRESS: &str = "calendar-progress";

/// The most dossiers whose due times are computed in one lease.
const PORTION: u64 = 200;

/// The seconds after which a node takes no more dossiers in one lease, and the seconds of the lease that are left for the
/// last of them.
const TIME: i64 = LEASE / 3;

/// The most dossiers that an error names. Further ones are only counted.
const MOST_NAMED: usize = 10;

/// The open dossiers whose due times could not be computed.
#[derive(Debug, Default, Serialize, Deserialize, thiserror::Error)]
#[error(
    "the due times of {count} open dossiers stay as they are, because the dossiers cannot be read, or because other \
     changes of them were faster ({}); run: motcua audit verify",
    .first.join(", ")
)]
struct PostponedDossiers {
    first: Vec<String>,
    count: usize,
}

impl PostponedDossiers {
    fn add(&mut self, code: &DossierCode) {
        self.count += 1;
        if self.first.len() < MOST_NAMED {
            self.first.push(code.to_string());
        }
    }
}

/// The progress of the job.
#[derive(Debug, Serialize, Deserialize)]
struct CalendarProgress {
    /// The calendar by which due times are computed now: that of the node that started last.
    calendar: CalendarSketch,
    /// The code of the last dossier that is done. The dossiers are taken in the order of their codes.
    last: String,
    postponed: PostponedDossiers,
}

impl CalendarProgress {
    fn new(calendar: CalendarSketch) -> Self {
        Self { calendar, last: String::new(), postponed: PostponedDossiers::default() }
    }

    /// Reads the setting. The job of an earlier version of the portal has none.
    fn read(stored: Option<&str>) -> Option<Self> {
        stored.and_then(|stored| serde_json::from_str(stored).ok())
    }
}

impl JobService {
    /// Compares the calendar with the one by which due times are computed. If they differ, adds a job that recomputes
    /// them by this calendar.
    pub(crate) async fn follow_calendar(&self) -> Result<(), Error> {
        let (reader, own) = (self.database.reader(), self.province.calendar.sketch());
        let progress = CalendarProgress::read(jobs::setting(reader, PROGRESS).await?.as_deref());
        let known = jobs::setting(reader, CALENDAR).await?;
        let shown = serde_json::to_string(&own).map_err(Error::fault)?;
        if progress.is_none() && known.as_ref() == Some(&shown) {
            return Ok(());
        }
        let transaction = self.database.begin().await?;
        if progress.is_none() && known.is_none() {
            transaction.set_setting(CALENDAR, &shown).await?;
            return Ok(transaction.commit().await?);
        }
        transaction.add_job(CALENDAR, JobKind::Calendar, self.clock.now().as_second()).await?;
        if progress.is_none_or(|progress| progress.calendar != own) {
            set_progress(&transaction, &CalendarProgress::new(own)).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Returns whether the due times are computed by the calendar of this node. During an upgrade, a node with the
    /// calendar of before leaves the job to the others.
    pub(super) async fn follows_latest_calendar(&self) -> Result<bool, Error> {
        let stored = jobs::setting(self.database.reader(), PROGRESS).await?;
        let progress = CalendarProgress::read(stored.as_deref());
        Ok(progress.is_none_or(|progress| progress.calendar == self.province.calendar.sketch()))
    }

    /// Recomputes the due times of a portion of the open dossiers, each in its journal with the reason. Returns true if
    /// all dossiers are done, and false if the job is due again.
    ///
    /// Dossiers that cannot be read or changed do not stop the others. The job then fails with their names at the end, so
    /// it is retried for all.
    pub(super) async fn reschedule_some(&self, job: &Job) -> Result<bool, Error> {
        let (reader, own) = (self.database.reader(), self.province.calendar.sketch());
        let known = jobs::setting(reader, CALENDAR).await?.unwrap_or_default();
        let before = serde_json::from_str(&known).unwrap_or_default();
        let reason = format!("Lịch làm việc thay đổi: {}", differences(&before, &own));
        let stored = CalendarProgress::read(jobs::setting(reader, PROGRESS).await?.as_deref());
        let mut progress = stored.unwrap_or_else(|| CalendarProgress::new(own.clone()));
        if progress.calendar != own {
            return self.give_back(job, None).await;
        }
        // The jobs that were leased together run one after the other, so a part of the lease may be over.
        let end = (self.clock.now().as_second() + TIME).min(job.leased_until - TIME);
        let codes = lists::open_codes(reader, None, &progress.last, PORTION).await?;
        if codes.is_empty() {
            return self.end_rescheduling(job, progress).await;
        }
        for code in codes {
            self.reschedule(&code, &reason, &mut progress.postponed).await?;
            progress.last = code.to_string();
            if self.clock.now().as_second() >= end {
                break;
            }
        }
        self.give_back(job, Some(&progress)).await
    }

    async fn reschedule(
        &self,
        code: &DossierCode,
        reason: &str,
        postponed: &mut PostponedDossiers,
    ) -> Result<(), Error> {
        let command = Command::Reschedule { reason: reason.to_owned() };
        match self.dossiers.change_and(&Actor::System, code, &command, None, &self.ids.command()).await {
            Ok(_) | Err(Error::Refused(Refusal::Ended | Refusal::NothingChanges)) => {}
            // The refusal may pass, so the job is tried again for this dossier.
            Err(Error::Refused(refusal)) => {
                tracing::warn!(dossier = %code, %refusal, "the due times of a dossier are computed later");
                postponed.add(code);
            }
            Err(error) => {
                let reason = error.of_one_dossier()?;
                tracing::error!(dossier = %code, %reason, "the due times of a dossier cannot be computed");
                postponed.add(code);
            }
        }
        Ok(())
    }

    /// Gives the lease back, with the progress if there is some. Returns false, because the job is not done.
    async fn give_back(&self, job: &Job, progress: Option<&CalendarProgress>) -> Result<bool, Error> {
        let transaction = self.database.begin().await?;
        if self.may_note(&transaction, job).await?
            && let Some(progress) = progress
        {
            set_progress(&transaction, progress).await?;
        }
        transaction.release_job(job, self.clock.now().as_second()).await?;
        transaction.commit().await?;
        Ok(false)
    }

    /// Ends the job after the last dossier. If dossiers were postponed, the job fails, and begins with the first dossier
    /// again when it is retried.
    async fn end_rescheduling(&self, job: &Job, progress: CalendarProgress) -> Result<bool, Error> {
        let CalendarProgress { calendar, postponed, .. } = progress;
        let transaction = self.database.begin().await?;
        if !self.may_note(&transaction, job).await? {
            transaction.release_job(job, self.clock.now().as_second()).await?;
            transaction.commit().await?;
            return Ok(false);
        }
        if postponed.count > 0 {
            set_progress(&transaction, &CalendarProgress::new(calendar)).await?;
            transaction.commit().await?;
            return Err(Error::fault(postponed));
        }
        transaction.finish_job(job).await?;
        transaction.set_setting(CALENDAR, &serde_json::to_string(&calendar).map_err(Error::fault)?).await?;
        transaction.remove_setting(PROGRESS).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Returns whether this node may write the progress: its lease has not ended, and no node with another calendar has
    /// started meanwhile. Such a node waits for the lock of the job until the commit.
    async fn may_note(&self, transaction: &Transaction, job: &Job) -> Result<bool, Error> {
        if !transaction.holds_lease(job).await? {
            return Ok(false);
        }
        let stored = CalendarProgress::read(jobs::setting(transaction.connection(), PROGRESS).await?.as_deref());
        Ok(stored.is_none_or(|stored| stored.calendar == self.province.calendar.sketch()))
    }
}

/// Stores the progress of the job, whose row the transaction has locked.
async fn set_progress(transaction: &Transaction, progress: &CalendarProgress) -> Result<(), Error> {
    Ok(transaction.set_setting(PROGRESS, &serde_json::to_string(progress).map_err(Error::fault)?).await?)
}
