//! E-mail to applicants: their wishes, the addresses that a mail server refused for good, the notices to send, and the
//! outcome of each mail and of each message to a phone.
//!
//! The outbox is the table of jobs. A change of a dossier or a suggestion inserts the job of its mail in its own transaction,
//! and nothing else inserts one, so rebuilding the projections sends no mail again.

use crate::jobs::{Job, JobKind};
use crate::rows::{mail_choice, notice};
use crate::{Fault, Transaction};
use motcua_domain::names::UserId;
use motcua_domain::text::Language;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, Statement};

/// The longest reason of a mail server that is stored, in characters.
const LONGEST_REASON: usize = 500;

/// The number of attempts after which a mail is given up. The pauses between them make up some 34 hours.
pub const MOST_TRIES: i64 = 12;

/// The outcome of a mail or of a message to a phone: of a notice, of a code, or of a test. Each has the words of the server,
/// of the gateway or of the portal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailOutcome {
    /// The server took the mail.
    #[error("{0}")]
    Sent(String),
    /// Nobody is to get the mail. The person switched mails off, or has no address that takes mails.
    #[error("nobody is to get the mail")]
    Unneeded,
    /// The server does not answer or takes no mails from the portal, so other mails would fail too.
    #[error("{0}")]
    NoServer(String),
    /// The server did not take this mail now. It may take it later.
    #[error("{0}")]
    Later(String),
    /// The server refuses the address for good.
    #[error("{0}")]
    AddressRefused(String),
    /// The server refuses this mail for good, the mail cannot be written, or it is too old.
    #[error("{0}")]
    MailRefused(String),
}

/// The effect of an outcome on the job of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailEffect {
    /// The job is done.
    Done,
    /// The job is done, and the person gets no more mails at this address.
    AddressEnds,
    /// The mail is tried again after a pause, which is longer with each try.
    TriedAgain,
    /// The mail is not tried again until an administrator asks for it.
    GivenUp,
}

impl MailOutcome {
    /// Returns the word for the outcome in the log of the process.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Sent(_) => "sent",
            Self::Unneeded => "unneeded",
            Self::NoServer(_) => "no-server",
            Self::Later(_) => "later",
            Self::AddressRefused(_) => "address-refused",
            Self::MailRefused(_) => "mail-refused",
        }
    }

    /// Returns the effect of the outcome of so many attempts.
    pub const fn effect(&self, attempts: i64) -> MailEffect {
        match self {
            Self::Sent(_) | Self::Unneeded => MailEffect::Done,
            Self::AddressRefused(_) => MailEffect::AddressEnds,
            Self::NoServer(_) | Self::Later(_) if attempts < MOST_TRIES => MailEffect::TriedAgain,
            Self::NoServer(_) | Self::Later(_) | Self::MailRefused(_) => MailEffect::GivenUp,
        }
    }
}

/// The person and the address to whom a mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRecipient {
    pub account: UserId,
    pub address: String,
}

/// The wish of a person about e-mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailChoice {
    /// The person switched mails off.
    pub unwanted: bool,
    pub language: Language,
    /// The last address of the person that a mail server refused for good since the person last asked for mails.
    pub refused: Option<RefusedAddress>,
}

/// An address that a mail server refused for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedAddress {
    pub address: String,
    /// The answer of the server.
    pub reason: String,
    /// In seconds since 1970.
    pub at: i64,
}

impl MailChoice {
    /// Returns the refusal of an address, if this is the address that was refused.
    pub fn refusal(&self, address: &str) -> Option<&RefusedAddress> {
        self.refused.as_ref().filter(|refused| refused.address == address)
    }
}

/// Returns the wish of a person about e-mail. A person who chose nothing gets mails in Vietnamese.
pub async fn choice(connection: &impl ConnectionTrait, account: &UserId) -> Result<MailChoice, Fault> {
    let row = mail_choice::Entity::find_by_id(account.as_str()).one(connection).await?;
    let Some(row) = row else { return Ok(MailChoice::default()) };
    let refused = row.refused.map(|address| RefusedAddress {
        address,
        reason: row.reason.unwrap_or_default(),
        at: row.refused_at.unwrap_or_default(),
    });
    Ok(MailChoice { unwanted: !row.wanted, language: Language::from_tag(&row.language), refused })
}

/// Returns the notice of the event that led to a version of a dossier or a suggestion.
pub async fn notice(
    connection: &impl ConnectionTrait,
    subject: &str,
    version: i64,
) -> Result<Option<notice::Model>, Fault> {
    Ok(notice::Entity::find_by_id((subject.to_owned(), version)).one(connection).await?)
}

impl Transaction {
    /// Stores whether a person wants mails, and in which language. The address of a person who asks for mails is tried again.
    pub async fn set_mail_choice(&self, account: &UserId, wanted: bool, language: Language) -> Result<(), Fault> {
        use mail_choice::Column;
        let row = mail_choice::Model {
            account: account.to_string(),
            wanted,
            language: language.tag().to_owned(),
            refused: None,
            reason: None,
            refused_at: None,
        };
        let mut change = OnConflict::column(Column::Account);
        change.update_columns([Column::Wanted, Column::Language]);
        if wanted {
            change.update_columns([Column::Refused, Column::Reason, Column::RefusedAt]);
        }
        let insert = mail_choice::Entity::insert(row.into_active_model()).on_conflict(change);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Stores that a mail server refused the address of a person for good. The first refusal of an address stays.
    pub async fn refuse_address(&self, account: &UserId, refused: &RefusedAddress) -> Result<(), Fault> {
        self.refuse("mail_choice", account, refused).await
    }

    /// Stores that a gateway refused the number of a person for good. The first refusal of a number stays.
    pub async fn refuse_number(&self, account: &UserId, refused: &RefusedAddress) -> Result<(), Fault> {
        self.refuse("phone_choice", account, refused).await
    }

    /// Stores in a table of wishes that an address or a number was refused for good.
    async fn refuse(&self, table: &str, account: &UserId, refused: &RefusedAddress) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO {table} (account, wanted, language, refused, reason, refused_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (account) DO UPDATE SET
                refused = excluded.refused, reason = excluded.reason, refused_at = excluded.refused_at
             WHERE COALESCE({table}.refused, '') <> excluded.refused"
        );
        let connection = self.connection();
        let reason: String = refused.reason.chars().take(LONGEST_REASON).collect();
        let values = [
            account.as_str().into(),
            true.into(),
            Language::default().tag().into(),
            refused.address.as_str().into(),
            reason.into(),
            refused.at.into(),
        ];
        let insert = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        connection.execute_raw(insert).await?;
        Ok(())
    }

    /// Ends a leased try of a mail or of a message to a phone with its outcome, and returns the effect on its job.
    pub async fn end_mail(
        &self,
        job: &Job,
        recipient: Option<&MailRecipient>,
        outcome: &MailOutcome,
        now: i64,
    ) -> Result<MailEffect, Fault> {
        let (effect, why) = (outcome.effect(job.attempts), outcome.to_string());
        match effect {
            MailEffect::Done => self.finish_job(job).await?,
            MailEffect::AddressEnds => {
                if let Some(MailRecipient { account, address }) = recipient {
                    let refused = RefusedAddress { address: address.clone(), reason: why, at: now };
                    if job.kind == JobKind::Sms {
                        self.refuse_number(account, &refused).await?;
                    } else {
                        self.refuse_address(account, &refused).await?;
                    }
                }
                self.finish_job(job).await?;
            }
            MailEffect::TriedAgain => self.fail_job(job, now, &why).await?,
            MailEffect::GivenUp => self.give_up_job(job, &why).await?,
        }
        Ok(effect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_one_effect_and_tries_have_an_end() {
        let why = || "451 later".to_owned();
        for (outcome, first, last) in [
            (MailOutcome::Sent(why()), MailEffect::Done, MailEffect::Done),
            (MailOutcome::Unneeded, MailEffect::Done, MailEffect::Done),
            (MailOutcome::NoServer(why()), MailEffect::TriedAgain, MailEffect::GivenUp),
            (MailOutcome::Later(why()), MailEffect::TriedAgain, MailEffect::GivenUp),
            (MailOutcome::AddressRefused(why()), MailEffect::AddressEnds, MailEffect::AddressEnds),
            (MailOutcome::MailRefused(why()), MailEffect::GivenUp, MailEffect::GivenUp),
        ] {
            assert_eq!((outcome.effect(1), outcome.effect(MOST_TRIES)), (first, last), "{}", outcome.word());
        }
    }
}
