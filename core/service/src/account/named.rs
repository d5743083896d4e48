//! The name of an account that a counter opened. Another officer corrects it until the owner takes the account over.

use super::AccountService;
use super::met::{CounterPerson, is_unclaimed, written};
use crate::{Error, InputRule};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{AgencyId, UnitId, UserId};
use motcua_domain::people::access::{AccessSubject, Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_store::account_acts::{self, AccountActKind};
use motcua_store::{account_act_row, accounts};

/// The longest reason of a correction, in characters.
const LONGEST_REASON: usize = 300;

impl AccountService {
    /// Gives the account of a citizen number the name on the person's card, and records the act with its reason. The
    /// officer who opened the account does not, so that a second person looks at the card. Filed dossiers keep the name
    /// that they have.
    pub async fn correct_name(&self, actor: &Actor, person: &CounterPerson, reason: &str) -> Result<(), Error> {
        let Actor::Officer { id: officer, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        if !may(actor, Deed::CorrectName, None) {
            return Err(Refusal::NotAllowed.into());
        }
        let person = written(person)?;
        let number = person.number.ok_or(Error::Invalid(InputRule::PersonNumber))?;
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
            return Err(Error::Invalid(InputRule::CorrectionReason));
        }
        let known = accounts::by_login(self.database.reader(), &number).await?;
        let known = known.ok_or(Error::Invalid(InputRule::PersonNumber))?;
        let id = UserId(known.id);
        let nowhere = (AgencyId(String::new()), UnitId(String::new()));
        let (agency, unit) = (&nowhere.0, &nowhere.1);
        let subject = AccessSubject { owner: &id, agency, unit, role: None, assignee: None, past: &[] };
        if !may(actor, Deed::CorrectName, Some(subject)) {
            return Err(Refusal::OwnDossier.into());
        }
        let transaction = self.database.begin().await?;
        transaction.lock_account(&id).await?;
        // The owner may have taken the account over meanwhile.
        let account = accounts::by_id(transaction.connection(), &id).await?.filter(is_unclaimed);
        let account = account.ok_or(Error::Invalid(InputRule::AccountClaimed))?;
        if account.name == person.name {
            return Ok(());
        }
        let opened = account_acts::last(transaction.connection(), &id, AccountActKind::Opened).await?;
        if opened.is_some_and(|act| act.officer.as_deref() == Some(officer.as_str())) {
            return Err(Error::Invalid(InputRule::SameOfficer));
        }
        transaction.rename_account(id.as_str(), &person.name).await?;
        let act = account_act_row::Model {
            old_name: Some(account.name),
            new_name: Some(person.name),
            detail: reason.to_owned(),
            ..self.counter_act(actor, AccountActKind::Renamed, Some(&id))
        };
        transaction.add_account_act(act).await?;
        Ok(transaction.commit().await?)
    }
}
