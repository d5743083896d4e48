//! E-mail to applicants: their wishes, the addresses that a mail server refused for good, and the notices to send.
//!
//! The outbox is the table of jobs. A change of a dossier or a suggestion inserts the job of its mail in its own transaction,
//! and nothing else inserts one, so rebuilding the projections sends no mail again.

use crate::rows::{mail_choice, notice};
use crate::{Fault, Transaction};
use motcua_domain::names::UserId;
use motcua_domain::text::Language;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

/// The longest reason of a mail server that is stored, in characters.
const LONGEST_REASON: usize = 500;

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

    /// Stores that a mail server refused the address of a person for good.
    pub async fn refuse_address(&self, account: &UserId, refused: &RefusedAddress) -> Result<(), Fault> {
        use mail_choice::Column;
        let row = mail_choice::Model {
            account: account.to_string(),
            wanted: true,
            language: Language::default().tag().to_owned(),
            refused: Some(refused.address.clone()),
            reason: Some(refused.reason.chars().take(LONGEST_REASON).collect()),
            refused_at: Some(refused.at),
        };
        let change = OnConflict::column(Column::Account)
            .update_columns([Column::Refused, Column::Reason, Column::RefusedAt])
            .to_owned();
        let insert = mail_choice::Entity::insert(row.into_active_model()).on_conflict(change);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
