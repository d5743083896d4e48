//! Sending the notices whose time has come by e-mail.
//!
//! A mail is sent and then its job is deleted. If a node is killed between the two, the mail is sent once more after the
//! lease, with the same id. Nothing else sends a mail twice.

use super::JobService;
use crate::Error;
use crate::mail::{AddressedMail, DueMail, MailConnection, MailServer, MailTexts, MailTrouble, RefusedMail, SENDING};
use motcua_store::jobs::{Job, JobKind};

/// The most mails that are leased at once.
const MAILS: u64 = 20;

/// The number of attempts after which a mail is given up. The pauses between them make up some 34 hours.
const MOST_TRIES: i64 = 12;

impl JobService {
    /// Sends the notices whose time has come by e-mail, unless the hours are quiet. Returns the number of mails that
    /// the server took.
    ///
    /// If the server does not answer, one mail waits longer for its next attempt and the others are due again.
    pub async fn run_mails(&self, texts: &impl MailTexts) -> Result<usize, Error> {
        let Some(server) = self.mail.server() else { return Ok(0) };
        let (mut sent, mut open) = (0, None);
        while !self.mail.is_quiet() {
            let now = self.clock.now().as_second();
            let leased = self.database.lease_jobs_of(&[JobKind::Mail], now, MAILS).await?;
            if leased.is_empty() {
                break;
            }
            sent += self.send_all(server, &mut open, leased, texts).await?;
        }
        if let Some(connection) = open {
            connection.close().await;
        }
        Ok(sent)
    }

    /// Sends the mails of leased jobs over the open connection, or over a new one.
    async fn send_all(
        &self,
        server: &MailServer,
        open: &mut Option<MailConnection>,
        leased: Vec<Job>,
        texts: &impl MailTexts,
    ) -> Result<usize, Error> {
        let (mut sent, mut left) = (0, leased.into_iter());
        while let Some(job) = left.next() {
            // Another node could take the job while this one sends, so the job gets a new lease.
            let longest = i64::try_from(SENDING.as_secs()).unwrap_or(i64::MAX);
            if job.leased_until - self.clock.now().as_second() <= 2 * longest {
                self.give_mails_back(std::iter::once(job).chain(left)).await?;
                return Ok(sent);
            }
            match self.send(server, open, &job, texts).await? {
                Ok(was_sent) => {
                    self.finish(&job).await?;
                    sent += usize::from(was_sent);
                }
                Err(refused) => {
                    let trouble = refused.trouble.clone();
                    self.not_sent(&job, refused).await?;
                    if matches!(trouble, MailTrouble::Server(_)) {
                        *open = None;
                        self.give_mails_back(left).await?;
                        return Err(Error::fault(trouble));
                    }
                }
            }
        }
        Ok(sent)
    }

    /// Sends the mail of a job. Returns whether there was one to send.
    async fn send(
        &self,
        server: &MailServer,
        open: &mut Option<MailConnection>,
        job: &Job,
        texts: &impl MailTexts,
    ) -> Result<Result<bool, RefusedMail>, Error> {
        let AddressedMail { account, address, mail } = match self.mail.due_mail(server, job, texts).await? {
            Ok(DueMail::To(addressed)) => addressed,
            Ok(DueMail::Nobody) => return Ok(Ok(false)),
            Err(refused) => return Ok(Err(refused)),
        };
        let outcome = match open {
            Some(connection) => connection.send(&mail).await,
            None => match server.connect().await {
                Ok(connection) => open.insert(connection).send(&mail).await,
                Err(trouble) => Err(trouble),
            },
        };
        Ok(outcome.map(|_| true).map_err(|trouble| RefusedMail { account, address, trouble }))
    }

    async fn finish(&self, job: &Job) -> Result<(), Error> {
        let transaction = self.database.begin().await?;
        transaction.finish_job(job).await?;
        Ok(transaction.commit().await?)
    }

    /// Records that a mail was not sent. It is tried again after a pause, unless the refusal is for good.
    async fn not_sent(&self, job: &Job, refused: RefusedMail) -> Result<(), Error> {
        let RefusedMail { account, address, trouble } = refused;
        let (transaction, now, why) = (self.database.begin().await?, self.clock.now().as_second(), trouble.to_string());
        match trouble {
            MailTrouble::Address(_) => {
                tracing::warn!(%account, why, "the mail server refused an address for good; it gets no more mails");
                transaction.refuse_address(&account, &self.mail.refused_now(&address, &why)).await?;
                transaction.finish_job(job).await?;
            }
            MailTrouble::Content(_) => {
                tracing::warn!(job = job.key, why, "a mail is given up");
                transaction.give_up_job(job, &why).await?;
            }
            MailTrouble::Server(_) | MailTrouble::Later(_) if job.attempts >= MOST_TRIES => {
                tracing::warn!(job = job.key, why, attempts = job.attempts, "a mail is given up");
                transaction.give_up_job(job, &why).await?;
            }
            MailTrouble::Server(_) | MailTrouble::Later(_) => {
                tracing::debug!(job = job.key, why, attempts = job.attempts, "a mail could not be sent");
                transaction.fail_job(job, now, &why).await?;
            }
        }
        Ok(transaction.commit().await?)
    }

    /// Gives leases back before the mails are sent.
    async fn give_mails_back(&self, jobs: impl Iterator<Item = Job>) -> Result<(), Error> {
        let (transaction, now) = (self.database.begin().await?, self.clock.now().as_second());
        for job in jobs {
            transaction.release_job(&job, now).await?;
        }
        Ok(transaction.commit().await?)
    }
}
