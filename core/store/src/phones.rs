//! The wishes of people about notices on the phone, and the numbers that a gateway refused for good.

use crate::mail::RefusedAddress;
use crate::rows::phone_choice;
use crate::{Fault, Transaction};
use motcua_domain::names::UserId;
use motcua_domain::people::phone::PhoneChannel;
use motcua_domain::text::Language;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

/// The wish of a person about notices on the phone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhoneChoice {
    /// The person switched notices on the phone off.
    pub unwanted: bool,
    /// The way that the person chose, or none if the first way of the gateway is taken.
    pub channel: Option<PhoneChannel>,
    pub language: Language,
    /// The last number of the person that a gateway refused for good since the person last asked for notices.
    pub refused: Option<RefusedAddress>,
}

impl PhoneChoice {
    /// Returns the refusal of a number, if this is the number that was refused.
    pub fn refusal(&self, number: &str) -> Option<&RefusedAddress> {
        self.refused.as_ref().filter(|refused| refused.address == number)
    }
}

/// Returns the wish of a person about notices on the phone. A person who chose nothing gets them in Vietnamese.
pub async fn choice(connection: &impl ConnectionTrait, account: &UserId) -> Result<PhoneChoice, Fault> {
    let row = phone_choice::Entity::find_by_id(account.as_str()).one(connection).await?;
    let Some(row) = row else { return Ok(PhoneChoice::default()) };
    let refused = row.refused.map(|address| RefusedAddress {
        address,
        reason: row.reason.unwrap_or_default(),
        at: row.refused_at.unwrap_or_default(),
    });
    Ok(PhoneChoice {
        unwanted: !row.wanted,
        channel: row.channel.as_deref().and_then(PhoneChannel::parse),
        language: Language::from_tag(&row.language),
        refused,
    })
}

impl Transaction {
    /// Stores by which way a person wants notices on the phone, if at all, and in which language. The number of a person who
    /// asks for notices is tried again.
    pub async fn set_phone_choice(
        &self,
        account: &UserId,
        channel: Option<PhoneChannel>,
        language: Language,
    ) -> Result<(), Fault> {
        use phone_choice::Column;
        let row = phone_choice::Model {
            account: account.to_string(),
            wanted: channel.is_some(),
            channel: channel.map(|channel| channel.name().to_owned()),
            language: language.tag().to_owned(),
            refused: None,
            reason: None,
            refused_at: None,
        };
        let mut change = OnConflict::column(Column::Account);
        change.update_columns([Column::Wanted, Column::Channel, Column::Language]);
        if channel.is_some() {
            change.update_columns([Column::Refused, Column::Reason, Column::RefusedAt]);
        }
        let insert = phone_choice::Entity::insert(row.into_active_model()).on_conflict(change);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
