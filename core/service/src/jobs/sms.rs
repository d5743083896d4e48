//! Sending the notices whose time has come to phones.
//!
//! As with mails, a message is sent and then its job is deleted. A message that is sent once more has the same id, and the
//! gateway sends it to the person once.

use super::JobService;
use crate::Error;
use crate::mail::{EndedMail, MailOutcome, MailTexts};
use crate::sms::{AddressedMessage, SmsGateway};
use motcua_store::jobs::{Job, JobKind};

/// The most messages that are leased at once.
const MESSAGES: u64 = 20;

impl JobService {
    /// Sends the notices whose time has come to phones, unless the hours are quiet. Returns the number of messages that the
    /// gateway took.
    ///
    /// If the gateway does not answer, one message waits longer for its next attempt and the others are due again.
    pub async fn run_sms(&self, texts: &impl MailTexts) -> Result<usize, Error> {
        let Some(gateway) = self.senders.sms.gateway() else { return Ok(0) };
        let mut sent = 0;
        while !self.senders.sms.is_quiet() {
            let now = self.clock.now().as_second();
            let leased = self.database.lease_jobs_of(&[JobKind::Sms], now, MESSAGES).await?;
            if leased.is_empty() {
                break;
            }
            sent += self.send_messages(gateway, leased, texts).await?;
        }
        Ok(sent)
    }

    /// Sends the messages of leased jobs one after the other.
    async fn send_messages(
        &self,
        gateway: &SmsGateway,
        leased: Vec<Job>,
        texts: &impl MailTexts,
    ) -> Result<usize, Error> {
        let (mut sent, mut left) = (0, leased.into_iter());
        while let Some(job) = left.next() {
            if self.lease_ends(&job) {
                self.give_mails_back(std::iter::once(job).chain(left)).await?;
                return Ok(sent);
            }
            let ended = match self.senders.sms.due_message(gateway, &job, texts).await? {
                Ok(AddressedMessage { recipient, message }) => {
                    let outcome = gateway.send(&message, self.clock.now()).await;
                    EndedMail { recipient: Some(recipient), outcome }
                }
                Err(ended) => ended,
            };
            self.end(&job, &ended).await?;
            match ended.outcome {
                MailOutcome::Sent(_) => sent += 1,
                MailOutcome::NoServer(_) => {
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
}
