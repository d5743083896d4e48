//! Sending the notices whose time has come to phones.
//!
//! As with mails, a message is sent and then its job is deleted. A message that is sent once more has the same id, and the
//! gateway sends it to the person once.

use super::JobService;
use super::messages::MessageWay;
use crate::Error;
use crate::mail::{EndedMail, MailTexts};
use crate::sms::{AddressedMessage, SmsGateway};
use motcua_store::jobs::Job;

impl JobService {
    /// Sends the notices whose time has come to phones, unless the hours are quiet. Returns the number of messages that the
    /// gateway took.
    ///
    /// If the gateway does not answer, one message waits longer for its next attempt and the others are due again.
    pub async fn run_sms(&self, texts: &impl MailTexts) -> Result<usize, Error> {
        let Some(gateway) = self.senders.sms.gateway() else { return Ok(0) };
        self.send_due(&mut MessageWay::Phone(gateway), texts).await
    }

    /// Hands the message of a job over to the gateway, if there is one to send.
    pub(super) async fn send_to_phone(
        &self,
        gateway: &SmsGateway,
        job: &Job,
        texts: &impl MailTexts,
    ) -> Result<EndedMail, Error> {
        let due = self.senders.sms.due_message(gateway, job, texts).await?;
        let AddressedMessage { recipient, message } = match due {
            Ok(addressed) => addressed,
            Err(ended) => return Ok(ended),
        };
        let outcome = gateway.send(&message, self.clock.now()).await;
        Ok(EndedMail { recipient: Some(recipient), outcome })
    }
}
