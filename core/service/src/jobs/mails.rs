//! Sending the notices and the digests whose time has come by e-mail.
//!
//! A mail is sent and then its job is deleted. SMTP has no transaction over both, so a mail is sent once more, with the
//! same id, if its node is killed between the two, if the database does not answer for a while after the sending, or if
//! the answer of the mail server is lost. Nothing else sends a mail twice.

use super::JobService;
use super::messages::MessageWay;
use crate::Error;
use crate::mail::{AddressedMail, EndedMail, MailConnection, MailServer, MailTexts};
use motcua_store::jobs::{Job, JobKind};

impl JobService {
    /// Sends the notices and the digests whose time has come by e-mail, unless the hours are quiet. Returns the number of
    /// mails that the server took.
    ///
    /// If the server does not answer, one mail waits longer for its next attempt and the others are due again.
    pub async fn run_mails(&self, texts: &impl MailTexts) -> Result<usize, Error> {
        let Some(server) = self.senders.mail.server() else { return Ok(0) };
        self.senders.mail.plan_digests().await?;
        let mut open = None;
        let sent = self.send_due(&mut MessageWay::Mail(server, &mut open), texts).await?;
        if let Some(connection) = open {
            connection.close().await;
        }
        Ok(sent)
    }

    /// Sends the mail of a job over the open connection or over a new one, if there is a mail to send.
    pub(super) async fn send_mail(
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
            | JobKind::Payment
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
}
