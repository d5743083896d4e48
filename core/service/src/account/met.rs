//! The account of a person who came to a counter with paper: finding it, opening it, and handing it over.
//!
//! A person without an account gets one whose log-in is their citizen number. Nobody can log in to it until a counter has
//! seen the person again and handed out a code. The code and the number let the person set a password.

use super::acts::masked;
use super::{AccountService, random_code};
use crate::people::full_name;
use crate::rights::clerk;
use crate::{Error, InputRule};
use motcua_domain::citizen_card;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::fold::fold;
use motcua_domain::identity;
use motcua_domain::names::{DossierCode, UserId};
use motcua_domain::people::access::Deed;
use motcua_domain::people::organisation::Actor;
use motcua_store::account_acts::{self, AccountActKind};
use motcua_store::contacts::{self, CodePurpose, ContactChannel};
use motcua_store::{Transaction, account_act_row, account_row, accounts, code_row, lists};

/// The time for which a code from a counter is valid, in seconds: 14 days.
const CLAIM_TIME: i64 = 14 * 24 * 60 * 60;

/// A person as an officer at the counter wrote them down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CounterPerson {
    /// The citizen number.
    pub number: String,
    pub name: String,
    pub phone: String,
    pub email: String,
}

/// The account of a person who came to a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetPerson {
    pub id: UserId,
    pub name: String,
    pub phone: String,
    /// The number is known to be the person's.
    pub phone_verified: bool,
    /// A counter opened the account, and its owner cannot log in yet.
    pub is_unclaimed: bool,
}

/// The typed facts of a person in their one spelling.
pub(super) struct WrittenPerson {
    pub number: Option<String>,
    pub name: String,
    phone: Option<String>,
    email: Option<String>,
}

impl AccountService {
    /// Returns the account of a person: the one of their citizen number, or the one of their phone number. Logs the
    /// reading, and records a search that finds nobody.
    ///
    /// An account of another name is not shown, so nobody learns from a number whose it is.
    pub async fn meet(&self, actor: &Actor, person: &CounterPerson) -> Result<Option<MetPerson>, Error> {
        clerk(actor)?;
        let person = written(person)?;
        let found = self.met(actor, &person).await?;
        if found.is_none() {
            let numbers = [&person.number, &person.phone].into_iter().flatten();
            let detail = numbers.map(|number| masked(number)).collect::<Vec<_>>().join(", ");
            let act = self.counter_act(actor, AccountActKind::Sought, None);
            let transaction = self.database.begin().await?;
            transaction.add_account_act(account_act_row::Model { detail, ..act }).await?;
            transaction.commit().await?;
        }
        Ok(found)
    }

    async fn met(&self, actor: &Actor, person: &WrittenPerson) -> Result<Option<MetPerson>, Error> {
        let reader = self.database.reader();
        for login in [&person.number, &person.phone].into_iter().flatten() {
            let found = accounts::by_login(reader, login).await?;
            let Some(account) = found.filter(|row| row.kind == accounts::kind::APPLICANT) else { continue };
            let is_same = is_same_name(&account.name, &person.name);
            // Many people give the phone number of a relative.
            if !is_same && person.number.as_ref().is_some_and(|number| number != login) {
                continue;
            }
            if let Actor::Officer { id, name, .. } = actor {
                self.dossiers.log_readings(id, name, &[&account.id]).await?;
            }
            if !is_same {
                let rule = if is_unclaimed(&account) { InputRule::PersonNameOpen } else { InputRule::PersonName };
                return Err(Error::Invalid(rule));
            }
            if account.closed.is_some() {
                return Err(Error::Invalid(InputRule::PersonLocked));
            }
            let id = UserId(account.id.clone());
            let verified = contacts::verified_at(reader, &id, ContactChannel::Phone, &account.phone).await?;
            // Anybody can register with the phone number and the name of another person, and would get the dossier.
            if person.number.as_ref() != Some(login) && verified.is_none() {
                continue;
            }
            return Ok(Some(MetPerson {
                is_unclaimed: is_unclaimed(&account),
                phone_verified: verified.is_some(),
                name: account.name,
                phone: account.phone,
                id,
            }));
        }
        Ok(None)
    }

    /// Returns the account of a person as [`Self::meet`] does, and opens one if there is none. Opening it again returns
    /// the same account.
    pub async fn meet_or_open(&self, actor: &Actor, person: &CounterPerson) -> Result<UserId, Error> {
        clerk(actor)?;
        let person = written(person)?;
        if let Some(known) = self.met(actor, &person).await? {
            return Ok(known.id);
        }
        let number = person.number.as_deref().ok_or(Error::Invalid(InputRule::PersonNumber))?;
        let phone = person.phone.as_deref().ok_or(Error::Invalid(InputRule::Phone))?;
        let act = self.counter_act(actor, AccountActKind::Opened, None);
        match self.people.open_at_counter(number, &person.name, phone, person.email.clone(), act).await {
            // Another officer opened it at this moment.
            Err(Error::Duplicate) => {
                self.met(actor, &person).await?.map(|known| known.id).ok_or(Error::Invalid(InputRule::PersonLocked))
            }
            opened => opened,
        }
    }

    /// Makes the code by which the applicant of a dossier sets the first password of an account that a counter opened.
    /// It takes the place of an earlier code. `card` is the citizen number, or the scan of the card, of the person at the
    /// counter, and has to be that of the account. Logs the reading, and records the act.
    pub async fn hand_over(&self, actor: &Actor, code: &DossierCode, card: &str) -> Result<String, Error> {
        let Actor::Officer { id: officer, name, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        let dossier = self.dossiers.readable(actor, code).await?;
        if !dossier.lets(actor, Deed::HandOverAccount) {
            return Err(Refusal::NotAllowed.into());
        }
        let id = &dossier.filed.applicant.id;
        let account = accounts::by_id(self.database.reader(), id).await?.filter(is_unclaimed);
        let account = account.ok_or(Error::Invalid(InputRule::AccountClaimed))?;
        if number_on(card).as_ref() != Some(&account.login) {
            return Err(Error::Invalid(InputRule::PersonNumber));
        }
        // A code opens all dossiers of the account, so no officer hands out one that opens those of another agency.
        if lists::has_dossiers_elsewhere(self.database.reader(), id, &dossier.place.agency).await? {
            return Err(Refusal::NotAllowed.into());
        }
        self.dossiers.log_reading(officer, name, code).await?;
        let now = self.clock.now().as_second();
        self.quotas.count_code(id).await?;
        let handed = random_code();
        let row = code_row::Model {
            account: account.id,
            purpose: CodePurpose::Claim.name().to_owned(),
            target: account.login,
            hash: self.people.hash_code(&handed).await?,
            created_at: now,
            expires_at: now + CLAIM_TIME,
            tries: 0,
            used_at: None,
        };
        let act = account_act_row::Model {
            agency: dossier.place.agency.to_string(),
            dossier: Some(code.to_string()),
            ..self.counter_act(actor, AccountActKind::CodeHanded, Some(id))
        };
        let transaction = self.database.begin().await?;
        transaction.set_code(row).await?;
        transaction.add_account_act(act).await?;
        transaction.commit().await?;
        tracing::info!(account = %id, dossier = %code, by = %officer, "a counter handed out a code for an account that it opened");
        Ok(handed)
    }

    /// Records in the transaction that sets the first password that somebody at `device` used a code of a counter up.
    pub(super) async fn record_claim(
        &self,
        transaction: &Transaction,
        account: &UserId,
        device: &str,
    ) -> Result<(), Error> {
        // The portal did not record a code that an earlier version handed out.
        let handed = account_acts::last(transaction.connection(), account, AccountActKind::CodeHanded).await?;
        let act = self.counter_act(&Actor::System, AccountActKind::Claimed, Some(account));
        let act = match handed {
            Some(handed) => {
                account_act_row::Model { agency: handed.agency, dossier: handed.dossier, basis: Some(handed.id), ..act }
            }
            None => act,
        };
        Ok(transaction.add_account_act(account_act_row::Model { detail: device.to_owned(), ..act }).await?)
    }

    /// Returns the account that a code of a counter opens, with the log-in for which the code was made.
    pub(super) async fn reached_by_counter(&self, login: &str) -> Result<Option<(account_row::Model, String)>, Error> {
        let reader = self.database.reader();
        let is_open = |row: &account_row::Model| row.closed.is_none() && row.kind == accounts::kind::APPLICANT;
        let Some(account) = accounts::by_login(reader, login).await?.filter(is_open) else { return Ok(None) };
        let code = contacts::code(reader, &UserId(account.id.clone()), CodePurpose::Claim).await?;
        // A form that is sent again finds the account claimed by its own code.
        let is_claimed_by_code = code.as_ref().is_some_and(|code| code.used_at.is_some());
        let login = account.login.clone();
        Ok((is_unclaimed(&account) || is_claimed_by_code).then_some((account, login)))
    }
}

/// Returns whether a counter opened an account, and nobody can log in to it yet.
pub(super) fn is_unclaimed(account: &account_row::Model) -> bool {
    let is_number = identity::citizen_number(&account.login).as_ref() == Some(&account.login);
    account.kind == accounts::kind::APPLICANT && account.closed.is_none() && account.password.is_empty() && is_number
}

/// Returns whether two names are one, whatever their capitals and diacritics are. A scanner may lose them.
fn is_same_name(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}

/// Returns the citizen number that was typed, or that the scan of a card has.
fn number_on(card: &str) -> Option<String> {
    identity::citizen_number(card.trim()).or_else(|| citizen_card::read(card.trim()).ok().map(|card| card.number))
}

/// Reads the typed facts of a person.
pub(super) fn written(person: &CounterPerson) -> Result<WrittenPerson, Error> {
    let given = |typed: &str, read: fn(&str) -> Option<String>, rule: InputRule| match typed.trim() {
        "" => Ok(None),
        typed => read(typed).map(Some).ok_or(Error::Invalid(rule)),
    };
    let number = given(&person.number, identity::citizen_number, InputRule::PersonNumber)?;
    let phone = given(&person.phone, identity::mobile, InputRule::Phone)?;
    if number.is_none() && phone.is_none() {
        return Err(Error::Invalid(InputRule::PersonNumber));
    }
    let email = given(&person.email, identity::email, InputRule::Email)?;
    Ok(WrittenPerson { number, name: full_name(&person.name)?, phone, email })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_whatever_a_scanner_makes_of_its_letters() {
        assert!(is_same_name("Nguyễn Thị Ngân", "NGUYEN THI NGAN"));
        assert!(is_same_name("Đặng Hoà", "Đặng Hòa"));
        assert!(!is_same_name("Nguyễn Thị Ngân", "Nguyễn Thị Ngà"));
    }

    #[test]
    fn the_number_of_a_card_is_typed_or_scanned() {
        let scan = "074195000321||Nguyễn Thị Ngân|02091995|Nữ|Phường Phú Cường|10052021";
        for card in [" 074 195 000 321", scan] {
            assert_eq!(number_on(card).as_deref(), Some("074195000321"), "{card}");
        }
        assert_eq!(number_on("").or_else(|| number_on("x|y")), None);
    }

    #[test]
    fn a_person_is_written_down_by_a_number_and_a_name() {
        let person = |number: &str, phone: &str| CounterPerson {
            number: number.to_owned(),
            name: " Nguyễn  Thị Ngân ".to_owned(),
            phone: phone.to_owned(),
            email: String::new(),
        };
        let known = written(&person("074 195 000 321", "+84 912 345 678")).expect("a person");
        assert_eq!((known.name.as_str(), known.email), ("Nguyễn Thị Ngân", None));
        assert_eq!(known.number.as_deref(), Some("074195000321"));
        assert_eq!(known.phone.as_deref(), Some("0912345678"));
        for (number, phone) in [("", ""), ("000195000321", ""), ("074195000321", "12")] {
            assert!(written(&person(number, phone)).is_err(), "{number} {phone}");
        }
        let nameless = CounterPerson { name: " ".to_owned(), ..person("074195000321", "") };
        assert!(written(&nameless).is_err());
    }
}
