//! Sending the messages of leased jobs on any way, and writing down what became of each.

use super::JobService;
use crate::Error;
use crate::mail::{EndedMail, MailConnection, MailEffect, MailOutcome, MailServer, MailTexts, SENDING};
use crate::sms::SmsGateway;
use motcua_store::Fault;
use motcua_store::jobs::{Job, JobKind};
use std::time::Duration;

/// The most messages that are leased at once.
const MESSAGES: u64 = 20;

/// The pauses before an outcome is written down again, after the database was not available. They end before the lease.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(10),
];

/// A way on which messages leave the portal.
pub(super) enum MessageWay<'a> {
    /// The mail server, with the connection that is open.
    Mail(&'a MailServer, &'a mut Option<MailConnection>),
    Phone(&'a SmsGateway),
}

impl MessageWay<'_> {
    /// Returns the kinds of jobs whose messages go this way.
    const fn kinds(&self) -> &'static [JobKind] {
        match self {
            Self::Mail(..) => &JobKind::OF_MAILS,
            Self::Phone(_) => &[JobKind::Sms],
        }
    }
}

impl JobService {
    /// Sends the messages of a way whose time has come, unless its hours are quiet. Returns the number of messages that
    /// were taken.
    pub(super) async fn send_due(&self, way: &mut MessageWay<'_>, texts: &impl MailTexts) -> Result<usize, Error> {
        let mut sent = 0;
        while !self.is_quiet(way) {
            let now = self.clock.now().as_second();
            let leased = self.database.lease_jobs_of(way.kinds(), now, MESSAGES).await?;
            if leased.is_empty() {
                break;
            }
            sent += self.send_all(way, leased, texts).await?;
        }
        Ok(sent)
    }

    fn is_quiet(&self, way: &MessageWay<'_>) -> bool {
        match way {
            MessageWay::Mail(..) => self.senders.mail.is_quiet(),
            MessageWay::Phone(_) => self.senders.sms.is_quiet(),
        }
    }

    /// Sends the messages of leased jobs one after the other.
    async fn send_all(
        &self,
        way: &mut MessageWay<'_>,
        leased: Vec<Job>,
        texts: &impl MailTexts,
    ) -> Result<usize, Error> {
        let (mut sent, mut left) = (0, leased.into_iter());
        while let Some(job) = left.next() {
            if self.lease_ends(&job) {
                self.give_messages_back(std::iter::once(job).chain(left)).await?;
                return Ok(sent);
            }
            let ended = match way {
                MessageWay::Mail(server, open) => self.send_mail(server, open, &job, texts).await?,
                MessageWay::Phone(gateway) => self.send_to_phone(gateway, &job, texts).await?,
            };
            self.end(&job, &ended).await?;
            match ended.outcome {
                MailOutcome::Sent(_) => sent += 1,
                MailOutcome::NoServer(_) => {
                    self.give_messages_back(left).await?;
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
    fn lease_ends(&self, job: &Job) -> bool {
        let longest = i64::try_from(SENDING.as_secs()).unwrap_or(i64::MAX);
        job.leased_until - self.clock.now().as_second() <= 2 * longest
    }

    /// Writes the outcome of a try down. A message that was sent would be sent again without this, so a database that does
    /// not answer is asked again as long as the lease lasts.
    async fn end(&self, job: &Job, ended: &EndedMail) -> Result<(), Error> {
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
    async fn give_messages_back(&self, jobs: impl Iterator<Item = Job>) -> Result<(), Error> {
        let (transaction, now) = (self.database.begin().await?, self.clock.now().as_second());
        for job in jobs {
            transaction.release_job(&job, now).await?;
        }
        Ok(transaction.commit().await?)
    }
}
