//! Scheduled work of the portal.

use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::ids::IdSource;
use crate::plugins::{NoMoreRetries, PluginService};
use crate::{Error, TimeSource};
use motcua_catalogue::Province;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{CommandId, DossierCode};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_store::jobs::{self, DeadJob, Job, JobKind};
use motcua_store::{Database, journal, lists};
use std::sync::Arc;

/// The setting that keeps the calendar by which due times were computed.
const CALENDAR: &str = "calendar";

/// The most jobs that are leased at once.
const AT_ONCE: u64 = 50;

/// The most other systems that are called at once.
const CONNECTIONS: u64 = 8;

/// The most dossiers that an error names. Further ones are only counted.
const MOST_NAMED: usize = 10;

/// The open dossiers whose due times could not be computed.
#[derive(Debug, Default, thiserror::Error)]
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
    fn add(&mut self, code: DossierCode) {
        self.count += 1;
        if self.first.len() < MOST_NAMED {
            self.first.push(code.to_string());
        }
    }
}

/// The work that the portal does at a time or after an event, without a request.
#[derive(Debug)]
pub struct JobService {
    database: Database,
    clock: TimeSource,
    ids: IdSource,
    province: Arc<Province>,
    plugins: Arc<PluginService>,
    dossiers: Arc<DossierService>,
}

impl JobService {
    pub(crate) fn new(common: &CommonParts, plugins: Arc<PluginService>, dossiers: Arc<DossierService>) -> Self {
        let CommonParts { database, clock, ids, province } = common.clone();
        Self { database, clock, ids, province, plugins, dossiers }
    }

    /// Runs all jobs that are due, except for those that speak with other systems. Returns the number of jobs that are
    /// done.
    pub async fn run_jobs(&self) -> Result<usize, Error> {
        let mut done = 0;
        loop {
            let leased = self.database.lease_jobs(self.clock.now().as_second(), AT_ONCE, false).await?;
            if leased.is_empty() {
                return Ok(done);
            }
            for job in leased {
                let outcome = match (job.kind, &job.dossier) {
                    (JobKind::Calendar, _) => self.reschedule_all().await,
                    (kind, Some(code)) => self.tend(kind, code, &job).await,
                    (_, None) => Ok(()),
                };
                done += usize::from(self.ended(&job, outcome).await?);
            }
        }
    }

    /// Lets plugins notify other systems. These jobs are separate, because other systems may be slow.
    pub async fn run_connections(&self) -> Result<usize, Error> {
        let mut done = 0;
        loop {
            let leased = self.database.lease_jobs(self.clock.now().as_second(), CONNECTIONS, true).await?;
            if leased.is_empty() {
                return Ok(done);
            }
            let all = leased.iter().map(async |job| self.ended(job, self.plugins.connect(job).await).await);
            for ended in futures::future::join_all(all).await {
                done += usize::from(ended?);
            }
        }
    }

    /// Deletes a job that is done, and returns whether it is done. A failed job is retried later. So is a job that the
    /// rules refused, if it still follows from the state of its dossier.
    async fn ended(&self, job: &Job, outcome: Result<(), Error>) -> Result<bool, Error> {
        let is_done = match &outcome {
            Ok(()) => true,
            // The content of a dossier that has ended is not needed, so no work is left.
            Err(Error::Erased) => self.has_ended(job).await?,
            // A dossier that went on meanwhile asks for other work.
            Err(Error::Refused(_)) => !self.follows(job).await?,
            Err(_) => false,
        };
        let (transaction, now) = (self.database.begin().await?, self.clock.now().as_second());
        match outcome.err().filter(|_| !is_done) {
            None => transaction.finish_job(&job.key).await?,
            Some(Error::Refused(refusal)) => {
                tracing::debug!(job = job.key, %refusal, "a job stays due");
                transaction.refuse_job(job, now, &refusal.to_string()).await?;
            }
            Some(Error::Fault(fault)) if fault.is::<NoMoreRetries>() => {
                tracing::warn!(job = job.key, %fault, "a job is given up");
                transaction.give_up_job(job, &fault.to_string()).await?;
            }
            Some(error) => {
                tracing::warn!(job = job.key, %error, attempts = job.attempts, "a job failed");
                transaction.fail_job(job, now, &error.to_string()).await?;
            }
        }
        transaction.commit().await?;
        Ok(is_done)
    }

    /// Returns whether a job follows from the present state of its dossier.
    async fn follows(&self, job: &Job) -> Result<bool, Error> {
        let Some(code) = &job.dossier else { return Ok(false) };
        if !JobKind::OF_DOSSIERS.contains(&job.kind) {
            return Ok(false);
        }
        let dossier = journal::dossier(self.database.reader(), code).await?;
        Ok(dossier.is_some_and(|dossier| jobs::follows_from(&dossier, job)))
    }

    /// Returns whether the dossier of a job has ended, as its row in the lists says.
    async fn has_ended(&self, job: &Job) -> Result<bool, Error> {
        let Some(code) = &job.dossier else { return Ok(false) };
        let row = lists::row(self.database.reader(), code).await?;
        Ok(row.is_some_and(|row| row.ended_at.is_some()))
    }

    async fn tend(&self, kind: JobKind, code: &DossierCode, job: &Job) -> Result<(), Error> {
        let stay = job.stay;
        let command = match kind {
            JobKind::Lapse => Command::Lapse,
            JobKind::Timer => Command::Elapse { stay, staff: Vec::new() },
            JobKind::Remind => Command::Remind { stay },
            JobKind::Escalate => Command::Escalate { stay },
            JobKind::Late => Command::AnnounceLate,
            JobKind::Calendar | JobKind::Connect => return Ok(()),
        };
        self.dossiers.change_and(&Actor::System, code, &command, None, &CommandId(job.key.clone())).await.map(|_| ())
    }

    /// Compares the calendar with the one by which due times were computed. If it has changed, adds a job that
    /// recomputes them.
    pub(crate) async fn follow_calendar(&self) -> Result<(), Error> {
        let now = serde_json::to_string(&self.province.calendar.sketch()).map_err(Error::fault)?;
        let known = jobs::setting(self.database.reader(), CALENDAR).await?;
        if known.as_deref() == Some(now.as_str()) {
            return Ok(());
        }
        let transaction = self.database.begin().await?;
        match known {
            None => transaction.set_setting(CALENDAR, &now).await?,
            Some(_) => transaction.add_job(CALENDAR, JobKind::Calendar, self.clock.now().as_second()).await?,
        }
        Ok(transaction.commit().await?)
    }

    /// Recomputes the due times of all open dossiers, each in its journal with the reason.
    ///
    /// Dossiers that cannot be read or changed do not stop the others. The job then fails with their names, so it is
    /// retried.
    async fn reschedule_all(&self) -> Result<(), Error> {
        let now = self.province.calendar.sketch();
        let known = jobs::setting(self.database.reader(), CALENDAR).await?.unwrap_or_default();
        let before = serde_json::from_str(&known).unwrap_or_default();
        let reason = format!("Lịch làm việc thay đổi: {}", motcua_domain::time::calendar::differences(&before, &now));
        let (mut last, mut postponed) = (String::new(), PostponedDossiers::default());
        loop {
            let codes = lists::open_codes(self.database.reader(), None, &last, 200).await?;
            let Some(end) = codes.last() else { break };
            last = end.to_string();
            for code in codes {
                let command = Command::Reschedule { reason: reason.clone() };
                match self.dossiers.change_and(&Actor::System, &code, &command, None, &self.ids.command()).await {
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
            }
        }
        if postponed.count > 0 {
            return Err(Error::fault(postponed));
        }
        let transaction = self.database.begin().await?;
        transaction.set_setting(CALENDAR, &serde_json::to_string(&now).map_err(Error::fault)?).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the jobs that failed too often, and the numbers of waiting and of late jobs.
    pub async fn list(&self, actor: &Actor) -> Result<(Vec<DeadJob>, u64, u64), Error> {
        manages(actor)?;
        let reader = self.database.reader();
        let (waiting, late) = jobs::waiting(reader, self.clock.now().as_second()).await?;
        Ok((jobs::dead(reader).await?, waiting, late))
    }

    /// Lets a job that failed too often run again.
    pub async fn retry_job(&self, actor: &Actor, key: &str) -> Result<(), Error> {
        manages(actor)?;
        let transaction = self.database.begin().await?;
        transaction.retry_job(key, self.clock.now().as_second()).await?;
        Ok(transaction.commit().await?)
    }

    /// Lets all jobs that failed too often run again.
    pub async fn retry_all_jobs(&self, actor: &Actor) -> Result<(), Error> {
        manages(actor)?;
        let transaction = self.database.begin().await?;
        transaction.retry_all_jobs(self.clock.now().as_second()).await?;
        Ok(transaction.commit().await?)
    }
}

/// Refuses an actor who may not look after the jobs.
fn manages(actor: &Actor) -> Result<(), Error> {
    if may(actor, Deed::ManageJobs, None) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
}
