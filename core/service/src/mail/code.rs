//! Mails with one-time codes, which are sent at once and are no notices.

use super::{MailService, MailTexts};
use motcua_domain::text::Language;
use motcua_store::contacts::CodePurpose;
use motcua_store::mail::MailOutcome;

/// The content of a mail, or of a message to a phone, with a one-time code.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeMail {
    /// The name of the applicant.
    pub name: String,
    /// The code, as the person types it.
    pub code: String,
    /// The word for the purpose, which has its texts under `mail-code-<word>`.
    pub purpose: &'static str,
    /// The minutes for which the code is valid.
    pub minutes: i64,
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
}

impl std::fmt::Debug for CodeMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeMail").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

/// A code for a person.
pub(crate) struct CodeFor<'a> {
    pub address: &'a str,
    pub name: &'a str,
    pub code: &'a str,
    pub purpose: CodePurpose,
    pub minutes: i64,
}

impl CodeFor<'_> {
    /// Returns an id for a message with the code. A code that is asked for again is another message.
    pub(crate) fn message_id() -> String {
        format!("code.{}", hex::encode(rand::random::<[u8; 16]>()))
    }

    /// Returns the content of the message with the code.
    pub(crate) fn mail(&self, base_url: &str) -> CodeMail {
        CodeMail {
            name: self.name.to_owned(),
            code: self.code.to_owned(),
            purpose: self.purpose.name(),
            minutes: self.minutes,
            base_url: base_url.to_owned(),
        }
    }
}

impl MailService {
    /// Sends a code to an address at once.
    pub(crate) async fn send_code(
        &self,
        code: &CodeFor<'_>,
        language: Language,
        texts: &impl MailTexts,
    ) -> MailOutcome {
        let Some(server) = &self.server else {
            return MailOutcome::NoServer("the portal has no mail server".to_owned());
        };
        let mail = code.mail(&self.base_url);
        let id = CodeFor::message_id();
        let written = texts.write_code(language, &mail).map_err(MailOutcome::MailRefused);
        match written.and_then(|mail| server.write(code.address, &id, mail, self.clock.now())) {
            Ok(mail) => server.send_one(&mail).await,
            Err(outcome) => outcome,
        }
    }
}
