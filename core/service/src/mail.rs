//! Notices to applicants by e-mail: who gets them, when, and what the portal writes.
//!
//! Not every address is verified, so a mail has only the name of the person, the code of the dossier and the word for
//! what happened. A mail about a complaint, a suggestion or a draft has no code either. Everything else is on the portal, after a
//! log-in.

mod code;
mod digest;
mod server;
mod text;

pub(crate) use code::CodeFor;
pub use code::CodeMail;
pub use digest::{DigestMail, DigestPart, DigestWish};
pub use motcua_store::mail::{MailEffect, MailOutcome};
pub use server::{MailConnection, MailServer, OutgoingMail, WrittenMail};
pub(crate) use server::{SENDING, short, without};
pub use text::WrittenText;

use crate::common::CommonParts;
use crate::rights::applicant;
use crate::{Error, TimeSource};
use jiff::{Timestamp, ToSpan as _};
use motcua_catalogue::Province;
use motcua_catalogue::mail::{MailSettings, QuietHours};
use motcua_domain::dossier::{ASKED_NOTICE, DRAFT_NOTICE};
use motcua_domain::names::{SuggestionId, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::suggestion::notice::SUGGESTION_NOTICES;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::{instant, local};
use motcua_store::jobs::Job;
use motcua_store::mail::MailRecipient;
use motcua_store::{Database, DatabaseReader, account_row, accounts, asked, left_drafts, mail, notice_row};
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization as _;

/// The age from which a notice is not sent any more, in seconds: 3 days. By then the person has seen the portal, or the
/// mail would only confuse them.
const OLDEST: i64 = 3 * 24 * 60 * 60;

/// The most characters of a name in a mail.
const LONGEST_NAME: usize = 80;

/// The settings of mails.
#[derive(Debug, Clone, Default)]
pub struct MailSetup {
    pub settings: MailSettings,
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
}

/// The thing of which a notice tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeSubject {
    /// A dossier, by its code.
    Dossier(String),
    /// A complaint or a suggestion.
    Suggestion(SuggestionId),
    /// A draft that its applicant left, by its id.
    Draft(String),
}

impl NoticeSubject {
    /// Returns the subject of a notice, which has its id in the place of a dossier's code, by the word for the event.
    pub(crate) fn of(id: String, event: &str) -> Self {
        if event == DRAFT_NOTICE {
            Self::Draft(id)
        } else if SUGGESTION_NOTICES.contains(&event) {
            Self::Suggestion(SuggestionId(id))
        } else if event == ASKED_NOTICE {
            // A reminder has an id of its own, which begins with the code.
            Self::Dossier(id.split('/').next().unwrap_or_default().to_owned())
        } else {
            Self::Dossier(id)
        }
    }
}

/// The content of a mail about a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeMail {
    /// The name of the applicant.
    pub name: String,
    pub subject: NoticeSubject,
    /// The word for the event, which has a text under `notice-<word>`.
    pub event: String,
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
}

/// The words of mails and of messages to phones, which a theme has.
pub trait MailTexts: Sync {
    /// Writes the mail about a notice. The reason why the theme cannot write it names the text that it lacks.
    fn write(&self, language: Language, mail: &NoticeMail) -> Result<WrittenMail, String>;

    /// Writes the mail with a one-time code. The reason why the theme cannot write it names the text that it lacks.
    fn write_code(&self, language: Language, mail: &CodeMail) -> Result<WrittenMail, String>;

    /// Writes the message to a phone about a notice. The reason why the theme cannot write it names the text that it
    /// lacks.
    fn write_text(&self, language: Language, mail: &NoticeMail) -> Result<WrittenText, String>;

    /// Writes the message to a phone with a one-time code. The reason why the theme cannot write it names the text that
    /// it lacks.
    fn write_code_text(&self, language: Language, mail: &CodeMail) -> Result<WrittenText, String>;

    /// Writes the digest of an officer. The reason why the theme cannot write it names the text that it lacks.
    fn write_digest(&self, language: Language, mail: &DigestMail) -> Result<WrittenMail, String>;
}

/// The address of an applicant, and whether notices are sent to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailWish {
    pub address: String,
    pub wanted: bool,
    pub language: Language,
    /// The moment at which the mail server refused the address for good, in seconds since 1970. It gets no mails.
    pub refused_at: Option<i64>,
}

/// A mail for a person.
#[derive(Debug)]
pub(crate) struct AddressedMail {
    pub recipient: MailRecipient,
    pub mail: OutgoingMail,
}

/// The outcome of a try, and the person whom the mail was for.
#[derive(Debug)]
pub(crate) struct EndedMail {
    pub recipient: Option<MailRecipient>,
    pub outcome: MailOutcome,
}

/// The notices by e-mail.
#[derive(Debug)]
pub struct MailService {
    database: Database,
    clock: TimeSource,
    server: Option<MailServer>,
    quiet: Option<QuietHours>,
    base_url: String,
    province: Arc<Province>,
}

impl MailService {
    pub(crate) fn new(common: &CommonParts, setup: MailSetup) -> Self {
        let CommonParts { database, clock, province, .. } = common.clone();
        let MailSetup { settings, base_url } = setup;
        Self { database, clock, server: MailServer::new(&settings), quiet: settings.quiet, base_url, province }
    }

    /// Returns the mail server, if the portal sends mails.
    pub(crate) const fn server(&self) -> Option<&MailServer> {
        self.server.as_ref()
    }

    /// Returns the moment from which the notice of an event is sent: at once, or at the end of the quiet hours. Returns
    /// none if the portal sends no mails.
    pub(crate) fn due(&self, at: Timestamp) -> Option<Timestamp> {
        self.server.as_ref().map(|_| after_quiet(self.quiet, at))
    }

    /// Returns whether no mails are sent now.
    pub(crate) fn is_quiet(&self) -> bool {
        is_quiet(self.quiet, self.clock.now())
    }

    /// Returns the wish of an applicant about mails, if the portal sends mails and the applicant has an address.
    pub async fn wish(&self, actor: &Actor) -> Result<Option<MailWish>, Error> {
        let id = applicant(actor)?;
        if self.server.is_none() {
            return Ok(None);
        }
        let reader = self.database.reader();
        let account = accounts::by_id(reader, id).await?.ok_or(Error::NotFound)?;
        let Some(address) = account.email else { return Ok(None) };
        let choice = mail::choice(reader, id).await?;
        let refused_at = choice.refusal(&address).map(|refused| refused.at);
        Ok(Some(MailWish { address, wanted: !choice.unwanted, language: choice.language, refused_at }))
    }

    /// Switches mails to an applicant on or off. They are written in this language from now on. An address that was
    /// refused is tried again, if it was put right or the server was wrong.
    pub async fn choose(&self, actor: &Actor, wanted: bool, language: Language) -> Result<(), Error> {
        let id = applicant(actor)?;
        let transaction = self.database.begin().await?;
        transaction.set_mail_choice(id, wanted, language).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the mail that a job is to send, as its person wants it now, or the outcome if there is none to send.
    pub(crate) async fn due_mail(
        &self,
        server: &MailServer,
        job: &Job,
        texts: &impl MailTexts,
    ) -> Result<Result<AddressedMail, EndedMail>, Error> {
        let unneeded = || Ok(Err(EndedMail { recipient: None, outcome: MailOutcome::Unneeded }));
        let reader = self.database.reader();
        let Some(AddressedNotice { notice, account, id: id_of_mail }) = AddressedNotice::of(reader, job).await? else {
            return unneeded();
        };
        let (id, name) = (UserId(account.id), account.name);
        let Some(address) = account.email else { return unneeded() };
        let choice = mail::choice(reader, &id).await?;
        if choice.unwanted || choice.refusal(&address).is_some() {
            return unneeded();
        }
        let recipient = MailRecipient { account: id, address };
        let ended = |outcome| EndedMail { recipient: Some(recipient.clone()), outcome };
        let now = self.clock.now();
        if let Some(old) = AddressedNotice::too_old(&notice, now) {
            return Ok(Err(ended(old)));
        }
        let (name, base_url) = (harmless(&name), self.base_url.clone());
        let subject = NoticeSubject::of(notice.dossier, &notice.event);
        let about = NoticeMail { name, subject, event: notice.event, base_url };
        let written = texts.write(choice.language, &about).map_err(MailOutcome::MailRefused);
        let mail = written.and_then(|mail| server.write(&recipient.address, &id_of_mail, mail, now)).map_err(ended);
        Ok(mail.map(|mail| AddressedMail { recipient: recipient.clone(), mail }))
    }
}

/// A notice that a job is to send, and the open account of its person.
#[derive(Debug)]
pub(crate) struct AddressedNotice {
    pub notice: notice_row::Model,
    pub account: account_row::Model,
    /// The id of the message. A message that is sent twice has the same id.
    pub id: String,
}

impl AddressedNotice {
    /// Returns the notice of a job, or none if nobody is to get it any more.
    pub(crate) async fn of(reader: &DatabaseReader, job: &Job) -> Result<Option<Self>, Error> {
        let Some((subject, version)) = job.mailed() else { return Ok(None) };
        let Some(notice) = mail::notice(reader, subject, version).await? else { return Ok(None) };
        if notice.event == DRAFT_NOTICE && !left_drafts::waits(reader, subject).await? {
            // The draft was filed or deleted meanwhile.
            return Ok(None);
        }
        if notice.event == ASKED_NOTICE && !asked::still_waits(reader, subject, version).await? {
            // The applicant gave what was asked meanwhile.
            return Ok(None);
        }
        let account = accounts::by_id(reader, &UserId(notice.account.clone())).await?;
        let id = format!("{subject}.{version}");
        Ok(account.filter(|account| account.closed.is_none()).map(|account| Self { notice, account, id }))
    }

    /// Returns the outcome of a notice that is too old to be sent.
    pub(crate) fn too_old(notice: &notice_row::Model, now: Timestamp) -> Option<MailOutcome> {
        let why = "the notice is older than 3 days, so it is not sent any more";
        (now.as_second() - notice.at > OLDEST).then(|| MailOutcome::MailRefused(why.to_owned()))
    }
}

/// Returns a name as a mail has it. A stranger can register under any name with the address of another person, and the
/// mail would advertise a page in the portal's name. So the signs of addresses become blanks, and a long name is cut.
fn harmless(name: &str) -> String {
    let plain = |sign: char| if sign.is_alphanumeric() || "'’-&(),".contains(sign) { sign } else { ' ' };
    let words: String = name.nfc().map(plain).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(LONGEST_NAME).collect::<String>().trim_end().to_owned()
}

/// Returns the moment from which a notice of an event at `at` is sent: at once, or at the end of the quiet hours.
pub(crate) fn after_quiet(quiet: Option<QuietHours>, at: Timestamp) -> Timestamp {
    quiet.and_then(|quiet| end_of(quiet, at)).unwrap_or(at)
}

/// Returns whether a moment lies in the quiet hours.
pub(crate) fn is_quiet(quiet: Option<QuietHours>, at: Timestamp) -> bool {
    quiet.is_some_and(|quiet| quiet.contains(local(at).time()))
}

/// Returns the end of the quiet hours in which a moment lies, or none if it lies in none.
fn end_of(quiet: QuietHours, at: Timestamp) -> Option<Timestamp> {
    let now = local(at);
    if !quiet.contains(now.time()) {
        return None;
    }
    let end = now.date().to_datetime(quiet.to);
    let end = if end <= now { end.checked_add(1.day()).unwrap_or(end) } else { end };
    Some(instant(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_name_in_a_mail_has_no_link_and_is_not_long() {
        for name in ["Nguyễn Văn An", "Y Blôk Niê-Kdăm", "Công ty TNHH O'Neil & Con (Việt Nam)"] {
            assert_eq!(harmless(name), name);
        }
        let lure = harmless("Bạn trúng thưởng, vào https://x.example/a?b=1 hoặc x@y.vn");
        assert_eq!(lure, "Bạn trúng thưởng, vào https x example a b 1 hoặc x y vn");
        assert_eq!(harmless(&"a".repeat(200)).chars().count(), LONGEST_NAME);
    }

    #[test]
    fn the_quiet_hours_end_in_the_morning_after_them() {
        let time = |text: &str| text.parse().expect("a time of the day");
        let night = QuietHours { from: time("21:00"), to: time("07:00") };
        let day = |day: i8, hour: i8, minute: i8| instant(date(2026, 3, day).at(hour, minute, 0, 0));
        assert_eq!(end_of(night, day(3, 22, 30)), Some(day(4, 7, 0)));
        assert_eq!(end_of(night, day(4, 6, 59)), Some(day(4, 7, 0)));
        assert_eq!(end_of(night, day(4, 7, 0)), None);
        let noon = QuietHours { from: time("11:30"), to: time("13:30") };
        assert_eq!(end_of(noon, day(3, 12, 0)), Some(day(3, 13, 30)));
    }
}
