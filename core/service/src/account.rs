//! The applicant's own account: the profile, the verified address, a forgotten password, an export of everything, and the
//! end of the account.

mod acts;
mod contact;
mod counter;
mod export;
mod forgotten;
mod leaving;
mod met;
mod named;
mod reset;

pub use contact::EmailChange;
pub use counter::CounterPhone;
pub use export::{AccountExport, ExportEntry, ExportPart};
pub use met::{CounterPerson, MetPerson};

use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::drafts::DraftService;
use crate::files::FileService;
use crate::ids::IdSource;
use crate::mail::{CodeFor, MailOutcome, MailTexts};
use crate::people::PeopleService;
use crate::quotas::AccountQuotas;
use crate::rights::applicant;
use crate::sms::Senders;
use crate::{Error, InputRule, TimeSource};
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Language;
use motcua_store::contacts::{self, CodePurpose, ContactChannel};
use motcua_store::{Database, account_row, accounts, code_row};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The minutes for which a code is valid.
const MINUTES: i64 = 15;

/// The seconds in which a code is not sent once more, so that a repeated form sends one mail.
const PAUSE: i64 = 60;

/// The most tries of one code, right or wrong.
const MOST_TRIES: i64 = 10;

/// The most mails with codes that are sent at once. Further ones are refused at once.
const SENT_AT_ONCE: usize = 32;

/// The most exports that run at once. Further ones are refused at once.
const EXPORTED_AT_ONCE: usize = 4;

/// The data of an applicant's own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub login: String,
    pub name: String,
    pub phone: String,
    /// The moment since which the number is known to be the owner's, in seconds since 1970.
    pub phone_verified_at: Option<i64>,
    pub email: Option<String>,
    /// The moment since which the address is known to be the owner's, in seconds since 1970.
    pub email_verified_at: Option<i64>,
    /// The address to which a code was sent that can still be typed.
    pub awaited: Option<String>,
    /// A code was sent to the number that can still be typed.
    pub awaits_text: bool,
    /// The portal sends mails, so an address is changed by a code.
    pub sends_codes: bool,
    /// The portal sends messages to phones, so a number is verified by a code.
    pub texts_codes: bool,
}

/// An address or a number to which a code goes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ReachedBy {
    channel: ContactChannel,
    value: String,
}

/// The applicant's own account.
#[derive(Debug)]
pub struct AccountService {
    database: Database,
    clock: TimeSource,
    ids: IdSource,
    quotas: AccountQuotas,
    people: Arc<PeopleService>,
    senders: Senders,
    files: Arc<FileService>,
    dossiers: Arc<DossierService>,
    drafts: Arc<DraftService>,
    sending: Arc<Semaphore>,
    exporting: Arc<Semaphore>,
}

impl AccountService {
    pub(crate) fn new(
        common: &CommonParts,
        quotas: AccountQuotas,
        people: Arc<PeopleService>,
        senders: Senders,
        files: Arc<FileService>,
        dossiers: Arc<DossierService>,
        drafts: Arc<DraftService>,
    ) -> Self {
        let CommonParts { database, clock, ids, .. } = common.clone();
        let (sending, exporting) = (Semaphore::new(SENT_AT_ONCE), Semaphore::new(EXPORTED_AT_ONCE));
        let (sending, exporting) = (Arc::new(sending), Arc::new(exporting));
        Self { database, clock, ids, quotas, people, senders, files, dossiers, drafts, sending, exporting }
    }

    /// Returns whether the portal sends mails with codes.
    pub fn sends_codes(&self) -> bool {
        self.senders.mail.server().is_some()
    }

    /// Returns whether the portal sends messages with codes to phones.
    pub fn texts_codes(&self) -> bool {
        self.senders.sms.gateway().is_some()
    }

    /// Returns the data of the applicant's own account.
    pub async fn profile(&self, actor: &Actor) -> Result<Profile, Error> {
        let (id, reader, now) = (applicant(actor)?, self.database.reader(), self.clock.now().as_second());
        let account = accounts::by_id(reader, id).await?.ok_or(Error::NotFound)?;
        let email_verified_at = match &account.email {
            Some(email) => contacts::verified_at(reader, id, ContactChannel::Email, email).await?,
            None => None,
        };
        let code = contacts::code(reader, id, CodePurpose::Email).await?;
        let texted = contacts::code(reader, id, CodePurpose::Phone).await?;
        let waits = |code: &code_row::Model| code.used_at.is_none() && code.expires_at > now && code.tries < MOST_TRIES;
        Ok(Profile {
            phone_verified_at: contacts::verified_at(reader, id, ContactChannel::Phone, &account.phone).await?,
            email_verified_at,
            awaited: code.filter(waits).map(|code| code.target),
            awaits_text: texted.filter(waits).is_some_and(|code| code.target == account.phone),
            sends_codes: self.sends_codes(),
            texts_codes: self.texts_codes(),
            login: account.login,
            name: account.name,
            phone: account.phone,
            email: account.email,
        })
    }

    /// Makes a code, stores its hash and sends it to an address or a number of the account. A code that was sent there a
    /// moment ago is not sent once more.
    async fn issue(
        &self,
        account: &account_row::Model,
        (purpose, to): (CodePurpose, &ReachedBy),
        language: Language,
        texts: &impl MailTexts,
    ) -> Result<(), Error> {
        let address = to.value.as_str();
        let (id, now) = (UserId(account.id.clone()), self.clock.now().as_second());
        let before = contacts::code(self.database.reader(), &id, purpose).await?;
        let is_new = |code: &code_row::Model| {
            code.target == address && code.used_at.is_none() && (0..PAUSE).contains(&(now - code.created_at))
        };
        if before.as_ref().is_some_and(is_new) {
            return Ok(());
        }
        self.quotas.count_code(&id).await?;
        let code = random_code();
        let hash = self.people.hash_code(&code).await?;
        let row = code_row::Model {
            account: account.id.clone(),
            purpose: purpose.name().to_owned(),
            target: address.to_owned(),
            hash: hash.clone(),
            created_at: now,
            expires_at: now + MINUTES * 60,
            tries: 0,
            used_at: None,
        };
        let transaction = self.database.begin().await?;
        transaction.set_code(row).await?;
        transaction.commit().await?;
        let sent = CodeFor { address, name: &account.name, code: &code, purpose, minutes: MINUTES };
        let (outcome, refused, unsent) = match to.channel {
            ContactChannel::Email => {
                let outcome = self.senders.mail.send_code(&sent, language, texts).await;
                (outcome, InputRule::MailAddress, InputRule::MailUnsent)
            }
            ContactChannel::Phone => {
                let outcome = self.senders.sms.send_code(&sent, language, texts).await;
                (outcome, InputRule::TextNumber, InputRule::TextUnsent)
            }
        };
        let rule = match &outcome {
            MailOutcome::Sent(_) => return Ok(()),
            MailOutcome::AddressRefused(_) => refused,
            MailOutcome::Unneeded | MailOutcome::NoServer(_) | MailOutcome::Later(_) | MailOutcome::MailRefused(_) => {
                unsent
            }
        };
        // The words of an outcome name neither an address nor a number.
        let (purpose_name, channel, kind) = (purpose.name(), to.channel.name(), outcome.word());
        tracing::warn!(account = %id, purpose = purpose_name, channel, outcome = kind, why = %outcome, "a code was not sent");
        let transaction = self.database.begin().await?;
        transaction.remove_code(&id, purpose, &hash).await?;
        transaction.commit().await?;
        Err(Error::Invalid(rule))
    }

    /// Counts a try of a code, and returns the code if it is right.
    async fn judge(
        &self,
        account: Option<&UserId>,
        purpose: CodePurpose,
        typed: &str,
    ) -> Result<Option<code_row::Model>, Error> {
        let now = self.clock.now().as_second();
        let row = match account {
            Some(account) => {
                let transaction = self.database.begin().await?;
                let row = transaction.try_code(account, purpose, now, MOST_TRIES).await?;
                transaction.commit().await?;
                row
            }
            None => None,
        };
        let is_right = self.people.is_code(&digits(typed), row.as_ref().map(|row| row.hash.as_str())).await?;
        Ok(row.filter(|_| is_right))
    }
}

/// Returns a code of eight digits.
fn random_code() -> String {
    let number: u32 = rand::random_range(0..100_000_000);
    format!("{number:08}")
}

/// Returns the digits of a typed code, because people type blanks and dashes between them.
fn digits(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_digit).take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_eight_digits_and_is_read_however_it_is_typed() {
        for _ in 0..100 {
            let code = random_code();
            assert!(code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        }
        for typed in ["12345678", "1234 5678", " 1234-5678 "] {
            assert_eq!(digits(typed), "12345678");
        }
        assert_eq!(digits(&"1".repeat(1000)).len(), 16);
    }
}
