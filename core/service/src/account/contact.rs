//! The name, the number and the e-mail address of an applicant, and the codes that verify the latter two.

use super::{AccountService, ReachedBy};
use crate::mail::MailTexts;
use crate::people::full_name;
use crate::rights::applicant;
use crate::{Error, InputRule};
use motcua_domain::identity;
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Language;
use motcua_store::contacts::{self, CodePurpose, ContactChannel};
use motcua_store::{Transaction, account_row, accounts, is_duplicate};

/// The outcome of a request to change an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailChange {
    /// A code was sent to the address. The address is changed when the code is typed.
    CodeSent,
    /// The address was changed, or it was that of the account before.
    Changed,
}

impl AccountService {
    /// Changes the name and the mobile number of an applicant, who types the password again.
    ///
    /// A number by which the applicant logs in changes the log-in too. Filed dossiers keep the name and the number.
    pub async fn change_profile(&self, actor: &Actor, password: &str, name: &str, phone: &str) -> Result<(), Error> {
        let id = applicant(actor)?;
        let account = self.people.proven(actor, password).await?;
        let name = full_name(name)?;
        let phone = identity::mobile(phone).ok_or(Error::Invalid(InputRule::Phone))?;
        let transaction = self.database.begin().await?;
        transaction.rename_account(&account.id, &name).await?;
        transaction.set_phone(id, &phone).await?;
        if account.login == account.phone {
            change_login(&transaction, &account, &phone, InputRule::PhoneTaken).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Begins to change the e-mail address of an applicant, who types the password again.
    ///
    /// The portal sends a code to the address, and [`Self::confirm_email`] changes the address. A portal that sends no
    /// mails changes the address at once, and the address is not known to be the applicant's.
    pub async fn change_email(
        &self,
        actor: &Actor,
        password: &str,
        email: &str,
        language: Language,
        texts: &impl MailTexts,
    ) -> Result<EmailChange, Error> {
        let id = applicant(actor)?;
        let account = self.people.proven(actor, password).await?;
        let email = identity::email(email).ok_or(Error::Invalid(InputRule::Email))?;
        let is_known =
            contacts::verified_at(self.database.reader(), id, ContactChannel::Email, &email).await?.is_some();
        if account.email.as_ref() == Some(&email) && (is_known || !self.sends_codes()) {
            return Ok(EmailChange::Changed);
        }
        if !self.sends_codes() {
            let transaction = self.database.begin().await?;
            set_email(&transaction, &account, &email).await?;
            transaction.commit().await?;
            return Ok(EmailChange::Changed);
        }
        let place = self.sending.try_acquire().map_err(|_| Error::Busy)?;
        let to = ReachedBy { channel: ContactChannel::Email, value: email };
        let issued = self.issue(&account, (CodePurpose::Email, &to), language, texts).await;
        drop(place);
        issued.map(|()| EmailChange::CodeSent)
    }

    /// Changes the e-mail address of an applicant to the one that got this code. The same code twice changes it once.
    pub async fn confirm_email(&self, actor: &Actor, typed: &str) -> Result<(), Error> {
        let (id, now) = (applicant(actor)?, self.clock.now().as_second());
        let wrong = || Error::Invalid(InputRule::CodeWrong);
        let code = self.judge(Some(id), CodePurpose::Email, typed).await?.ok_or_else(wrong)?;
        let account = accounts::by_id(self.database.reader(), id).await?.ok_or(Error::NotFound)?;
        if code.used_at.is_some() {
            return if account.email.as_ref() == Some(&code.target) { Ok(()) } else { Err(wrong()) };
        }
        let transaction = self.database.begin().await?;
        if !transaction.use_code(&code, now).await? {
            return Err(wrong());
        }
        set_email(&transaction, &account, &code.target).await?;
        transaction.set_verified(id, ContactChannel::Email, &code.target, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Sends a code to the number of an applicant, unless the number is known to be theirs. [`Self::confirm_phone`]
    /// verifies the number. Returns whether a code was sent.
    pub async fn text_code(&self, actor: &Actor, language: Language, texts: &impl MailTexts) -> Result<bool, Error> {
        let (id, reader) = (applicant(actor)?, self.database.reader());
        let account = accounts::by_id(reader, id).await?.ok_or(Error::NotFound)?;
        if contacts::verified_at(reader, id, ContactChannel::Phone, &account.phone).await?.is_some() {
            return Ok(false);
        }
        if !self.texts_codes() {
            return Err(Error::Invalid(InputRule::TextUnsent));
        }
        let place = self.sending.try_acquire().map_err(|_| Error::Busy)?;
        let to = ReachedBy { channel: ContactChannel::Phone, value: account.phone.clone() };
        let issued = self.issue(&account, (CodePurpose::Phone, &to), language, texts).await;
        drop(place);
        issued.map(|()| true)
    }

    /// Verifies the number of an applicant by the code that it got. The same code twice verifies it once.
    pub async fn confirm_phone(&self, actor: &Actor, typed: &str) -> Result<(), Error> {
        let (id, now, reader) = (applicant(actor)?, self.clock.now().as_second(), self.database.reader());
        let wrong = || Error::Invalid(InputRule::CodeWrong);
        let code = self.judge(Some(id), CodePurpose::Phone, typed).await?.ok_or_else(wrong)?;
        let account = accounts::by_id(reader, id).await?.ok_or(Error::NotFound)?;
        // The number may have been changed since the code was sent.
        if account.phone != code.target {
            return Err(wrong());
        }
        if code.used_at.is_some() {
            let known = contacts::verified_at(reader, id, ContactChannel::Phone, &code.target).await?;
            return if known.is_some() { Ok(()) } else { Err(wrong()) };
        }
        let transaction = self.database.begin().await?;
        if !transaction.use_code(&code, now).await? {
            return Err(wrong());
        }
        transaction.set_verified(id, ContactChannel::Phone, &code.target, now).await?;
        Ok(transaction.commit().await?)
    }
}

/// Changes the address of an account, and the log-in if it was the address.
async fn set_email(transaction: &Transaction, account: &account_row::Model, email: &str) -> Result<(), Error> {
    let login = account.email.as_deref().map(identity::login);
    if login.as_ref() == Some(&account.login) {
        change_login(transaction, account, &identity::login(email), InputRule::EmailTaken).await?;
    }
    Ok(transaction.set_email(&UserId(account.id.clone()), email).await?)
}

/// Changes the log-in of an account. A log-in that another account has breaks the rule `taken`.
async fn change_login(
    transaction: &Transaction,
    account: &account_row::Model,
    login: &str,
    taken: InputRule,
) -> Result<(), Error> {
    match transaction.change_login(&account.id, login).await {
        Err(fault) if is_duplicate(&fault) => Err(Error::Invalid(taken)),
        changed => Ok(changed?),
    }
}
