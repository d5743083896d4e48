//! Sending the notices and the digests whose time has come by e-mail.
//!
//! A mail is sent and then its job is deleted. SMTP has no transaction over both, so a mail is sent once more, with the
//! same id, if its node is killed between the two, if the database does not answer for a while after the sending, or if
//! the answer of the mail server is lost. Nothing else sends a mail twice.

use super::JobService;
use crate::Error;
use crate::mail::{AddressedMail, EndedMail, MailConnection, MailEffect, MailOutcome, MailServer, MailTexts, SENDING};
use motcua_store::Fault;
use motcua_store::jobs::{Job, JobKind};
use std::time::Duration;

/// The most mails that are leased at once.
const MAILS: u64 = 20;

/// The pauses before an outcome is written down again, after the database was not available. They end before the lease.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(10),
];

impl JobService {
    /// Sends the notices and the digests whose time has come by e-mail, unless the hours are quiet. Returns the number of
    /// mails that the server took.
    ///
    /// If the server does not answer, one mail waits longer for its next attempt and the others are due again.
    pub async fn run_mails(&self, texts: &impl MailTexts) -> Result<usize, Error> {
        let Some(server) = self.senders.mail.server() else { return Ok(0) };
        self.senders.mail.plan_digests().await?;
        let (mut sent, mut open) = (0, None);
        while !self.senders.mail.is_quiet() {
            let now = self.clock.now().as_second();
            let leased = self.database.lease_jobs_of(&JobKind::OF_MAILS, now, MAILS).await?;
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
            if self.lease_ends(&job) {
                self.give_mails_back(std::iter::once(job).chain(left)).await?;
                return Ok(sent);
            }
            let ended = self.send(server, open, &job, texts).await?;
            self.end(&job, &ended).await?;
            match ended.outcome {
                MailOutcome::Sent(_) => sent += 1,
                MailOutcome::NoServer(_) => {
                    *open = None;
                    self.give_mails_back(left).await?;
                    return Err(Error::fault(ended.outcome));
                }
                MailOutcome::Unneeded
                | MailOutcome::Later(_)
                | MailOutcome::AddressRefused(_)
                | MailOutcome::MailRefused(_) => {}
            }
        }
        Ok(sent)
    }

    /// Returns whether another node could take a job while this one sends. Then the job gets a new lease.
    pub(super) fn lease_ends(&self, job: &Job) -> bool {
        let longest = i64::try_from(SENDING.as_secs()).unwrap_or(i64::MAX);
        job.leased_until - self.clock.now().as_second() <= 2 * longest
    }

    /// Sends the mail of a job, if there is one to send.
    async fn send(
        &self,
        server: &MailServer,
        open: &mut Option<MailConnection>,
        job: &Job,
        texts: &impl MailTexts,
    ) -> Result<EndedMail, Error> {
        let due = match job.kind {
            JobKind::Digest => self.senders.mail.due_digest(server, job, texts).await?,
            JobKind::Mail
            | JobKind::Sms
            | JobKind::Lapse
            | JobKind::Timer
            | JobKind::Remind
            | JobKind::Escalate
            | JobKind::Late
            | JobKind::Expiry
            | JobKind::Calendar
            | JobKind::Connect
            | JobKind::Bulk => self.senders.mail.due_mail(server, job, texts).await?,
        };
        let AddressedMail { recipient, mail } = match due {
            Ok(addressed) => addressed,
            Err(ended) => return Ok(ended),
        };
        let outcome = match open {
            Some(connection) => connection.send(&mail).await,
            None => match server.connect().await {
                Ok(connection) => open.insert(connection).send(&mail).await,
                Err(outcome) => outcome,
            },
        };
        Ok(EndedMail { recipient: Some(recipient), outcome })
    }

    /// Writes the outcome of a try down. A message that was sent would be sent again without this, so a database that does
    /// not answer is asked again as long as the lease lasts.
    pub(super) async fn end(&self, job: &Job, ended: &EndedMail) -> Result<(), Error> {
        let mut pauses = PAUSES.iter();
        let effect = loop {
            match self.write_down(job, ended).await {
                Err(Fault::Unavailable(reason)) => {
                    let Some(pause) = pauses.next() else { return Err(Error::Unavailable) };
                    tracing::warn!(job = job.key, %reason, "the outcome of a message could not be written down; trying again");
                    tokio::time::sleep(*pause).await;
                }
                written => break written?,
            }
        };
        let (key, attempts, outcome, why) = (&job.key, job.attempts, ended.outcome.word(), &ended.outcome);
        match effect {
            MailEffect::Done => tracing::debug!(job = key, outcome, "a message is done"),
            MailEffect::TriedAgain => tracing::debug!(job = key, outcome, attempts, %why, "a message is tried again"),
            MailEffect::AddressEnds => {
                let account = ended.recipient.as_ref().map(|recipient| recipient.account.as_str());
                tracing::warn!(account, outcome, %why, "an address gets no more messages");
            }
            MailEffect::GivenUp => tracing::warn!(job = key, outcome, attempts, %why, "a message is given up"),
        }
        Ok(())
    }

    async fn write_down(&self, job: &Job, ended: &EndedMail) -> Result<MailEffect, Fault> {
        let (transaction, now) = (self.database.begin().await?, self.clock.now().as_second());
        let effect = transaction.end_mail(job, ended.recipient.as_ref(), &ended.outcome, now).await?;
        transaction.commit().await?;
        Ok(effect)
    }

    /// Gives leases back before the messages are sent.
    pub(super) async fn give_mails_back(&self, jobs: impl Iterator<Item = Job>) -> Result<(), Error> {
        let (transaction, now) = (self.database.begin().await?, self.clock.now().as_second());
        for job in jobs {
            transaction.release_job(&job, now).await?;
        }
        Ok(transaction.commit().await?)
    }
}
