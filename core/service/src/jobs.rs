//! Scheduled work of the portal.

mod asked;
mod calendar;
mod left_drafts;
mod mails;
mod messages;
mod sms;

use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::ids::IdSource;
use crate::plugins::{NoMoreRetries, PluginService};
use crate::procedures::ProcedureService;
use crate::sms::Senders;
use crate::{Error, TimeSource};
use motcua_catalogue::Province;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{CommandId, DossierCode};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_store::jobs::{self, DeadJob, Job, JobKind};
use motcua_store::{Database, journal, lists, register};
use std::sync::Arc;

/// The most jobs that are leased at once.
const AT_ONCE: u64 = 50;

/// The most other systems that are called at once.
const CONNECTIONS: u64 = 8;

/// The work that the portal does at a time or after an event, without a request.
#[derive(Debug)]
pub struct JobService {
    database: Database,
    clock: TimeSource,
    ids: IdSource,
    province: Arc<Province>,
    procedures: Arc<ProcedureService>,
    plugins: Arc<PluginService>,
    senders: Senders,
    dossiers: Arc<DossierService>,
}

impl JobService {
    pub(crate) fn new(
        common: &CommonParts,
        procedures: Arc<ProcedureService>,
        plugins: Arc<PluginService>,
        senders: Senders,
        dossiers: Arc<DossierService>,
    ) -> Self {
        let CommonParts { database, clock, ids, province } = common.clone();
        Self { database, clock, ids, province, procedures, plugins, senders, dossiers }
    }

    /// Runs all jobs that are due, except for mails and for those that speak with other systems. Returns the number of
    /// jobs that are done.
    pub async fn run_jobs(&self) -> Result<usize, Error> {
        let mut done = 0;
        loop {
            let kinds = self.kinds_to_run().await?;
            let leased = self.database.lease_jobs_of(&kinds, self.clock.now().as_second(), AT_ONCE).await?;
            if leased.is_empty() {
                return Ok(done);
            }
            for job in leased {
                // The jobs before it took long, so another node may have it by now. Otherwise it is leased again.
                if job.leased_until <= self.clock.now().as_second() {
                    continue;
                }
                let outcome = match (job.kind, &job.dossier) {
                    (JobKind::Calendar, _) => match Box::pin(self.reschedule_some(&job)).await {
                        // The job is due again for the other dossiers, or it is another node's now.
                        Ok(false) => continue,
                        outcome => outcome.map(|_| ()),
                    },
                    (kind, Some(code)) => self.tend(kind, code, &job).await,
                    (_, None) => Ok(()),
                };
                done += usize::from(self.ended(&job, outcome).await?);
            }
        }
    }

    /// Returns the kinds of jobs that this node runs now, except for those that speak with other systems.
    async fn kinds_to_run(&self) -> Result<Vec<JobKind>, Error> {
        let is_followed = self.follows_latest_calendar().await?;
        Ok(JobKind::together(false).filter(|kind| *kind != JobKind::Calendar || is_followed).collect())
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
            None => transaction.finish_job(job).await?,
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
            JobKind::Expiry => {
                let result = register::of_dossier(self.database.reader(), code).await?;
                Command::AnnounceExpiry { followed: result.is_some_and(|result| result.later.is_some()) }
            }
            JobKind::Calendar
            | JobKind::Connect
            | JobKind::Mail
            | JobKind::Sms
            | JobKind::Bulk
            | JobKind::Digest
            | JobKind::Payment => return Ok(()),
        };
        self.dossiers.change_and(&Actor::System, code, &command, None, &CommandId(job.key.clone())).await.map(|_| ())
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
