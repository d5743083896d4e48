//! The number of an applicant, which a counter verifies when the applicant comes there.

use super::AccountService;
use super::met::is_unclaimed;
use crate::{Error, InputRule};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::DossierCode;
use motcua_domain::people::access::Deed;
use motcua_domain::people::organisation::Actor;
use motcua_store::accounts;
use motcua_store::contacts::{self, ContactChannel};

/// The number of the applicant of a dossier, as its counter sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterPhone {
    pub name: String,
    pub phone: String,
    /// The moment since which the number is known to be the applicant's, in seconds since 1970.
    pub verified_at: Option<i64>,
    /// The account of the applicant still has this number.
    pub is_current: bool,
    /// A counter opened the account, and its owner cannot log in yet.
    pub is_unclaimed: bool,
}

impl AccountService {
    /// Returns the number with which a dossier was filed, for an officer who may verify it. Logs the reading.
    pub async fn counter_phone(&self, actor: &Actor, code: &DossierCode) -> Result<CounterPhone, Error> {
        let dossier = self.at_counter(actor, code).await?;
        if let Actor::Officer { id, name, .. } = actor {
            self.dossiers.log_reading(id, name, code).await?;
        }
        self.phone_of(dossier).await
    }

    /// Stores that an officer has seen that the number of a dossier is its applicant's.
    pub async fn verify_phone(&self, actor: &Actor, code: &DossierCode) -> Result<(), Error> {
        let dossier = self.at_counter(actor, code).await?;
        let id = dossier.filed.applicant.id.clone();
        let phone = self.phone_of(dossier).await?;
        if !phone.is_current {
            return Err(Error::Invalid(InputRule::NumberChanged));
        }
        if phone.verified_at.is_some() {
            return Ok(());
        }
        let transaction = self.database.begin().await?;
        let now = self.clock.now().as_second();
        transaction.set_verified(&id, ContactChannel::Phone, &phone.phone, now).await?;
        Ok(transaction.commit().await?)
    }

    async fn at_counter(&self, actor: &Actor, code: &DossierCode) -> Result<Dossier, Error> {
        let dossier = self.dossiers.readable(actor, code).await?;
        if dossier.lets(actor, Deed::VerifyPhone) { Ok(dossier) } else { Err(Refusal::NotAllowed.into()) }
    }

    async fn phone_of(&self, dossier: Dossier) -> Result<CounterPhone, Error> {
        let (reader, applicant) = (self.database.reader(), dossier.filed.applicant);
        let account = accounts::by_id(reader, &applicant.id).await?;
        Ok(CounterPhone {
            verified_at: contacts::verified_at(reader, &applicant.id, ContactChannel::Phone, &applicant.phone).await?,
            is_unclaimed: account.as_ref().is_some_and(is_unclaimed),
            is_current: account.is_some_and(|account| account.phone == applicant.phone),
            name: applicant.name,
            phone: applicant.phone,
        })
    }
}
