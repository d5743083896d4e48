//! A forgotten password, which the owner of a verified address or number replaces by a code.
//!
//! No answer tells whether an account exists. A request for a code is answered before the account is looked up, and a
//! code without an account is hashed like any other.

use super::met::is_unclaimed;
use super::{AccountService, ReachedBy};
use crate::mail::MailTexts;
use crate::{Error, InputRule};
use motcua_domain::identity;
use motcua_domain::names::UserId;
use motcua_domain::text::Language;
use motcua_store::audit::StaffEventKind;
use motcua_store::contacts::{self, CodePurpose, ContactChannel};
use motcua_store::{account_row, accounts};
use std::sync::Arc;

impl AccountService {
    /// Sends a code to the verified address of the applicant with this log-in, or else to the verified number, if there is
    /// such an account. The work
    /// goes on after the answer.
    pub fn ask_for_password(
        self: &Arc<Self>,
        login: &str,
        language: Language,
        texts: Arc<impl MailTexts + Send + 'static>,
    ) -> Result<(), Error> {
        if !self.reaches_people() {
            return Ok(());
        }
        let place = Arc::clone(&self.sending).try_acquire_owned().map_err(|_| Error::Busy)?;
        let (service, login) = (Arc::clone(self), identity::login(login));
        tokio::spawn(async move {
            if let Err(error) = service.send_password_code(&login, language, &*texts).await {
                tracing::warn!(%error, "a code for a new password was not sent");
            }
            drop(place);
        });
        Ok(())
    }

    async fn send_password_code(&self, login: &str, language: Language, texts: &impl MailTexts) -> Result<(), Error> {
        let Some((account, to)) = self.reached(login).await? else {
            tracing::info!("a code for a new password was asked for an account without a verified address or number");
            return Ok(());
        };
        self.issue(&account, (CodePurpose::Password, &to), language, texts).await
    }

    /// Returns whether the portal sends codes for forgotten passwords.
    pub fn reaches_people(&self) -> bool {
        self.sends_codes() || self.texts_codes()
    }

    /// Returns the applicant's account with this log-in and its verified address, or else its verified number, if the
    /// account is open and the portal sends there. The first password of an account that a counter opened needs a code of
    /// the counter.
    async fn reached(&self, login: &str) -> Result<Option<(account_row::Model, ReachedBy)>, Error> {
        let reader = self.database.reader();
        let account = accounts::by_login(reader, login).await?;
        let is_open = |row: &account_row::Model| row.closed.is_none() && row.kind == accounts::kind::APPLICANT;
        let Some(account) = account.filter(is_open) else { return Ok(None) };
        let id = UserId(account.id.clone());
        let address = account.email.clone().filter(|_| self.sends_codes());
        let number = Some(account.phone.clone()).filter(|_| self.texts_codes() && !is_unclaimed(&account));
        let ways = [(ContactChannel::Email, address), (ContactChannel::Phone, number)];
        for (channel, value) in ways.into_iter().filter_map(|(channel, value)| Some((channel, value?))) {
            if contacts::verified_at(reader, &id, channel, &value).await?.is_some() {
                return Ok(Some((account, ReachedBy { channel, value })));
            }
        }
        Ok(None)
    }

    /// Returns the account with this log-in that a code for a forgotten password was sent to, and where it was sent.
    async fn reached_by_code(&self, login: &str) -> Result<Option<(account_row::Model, String)>, Error> {
        let Some((account, to)) = self.reached(login).await? else { return Ok(None) };
        if to.channel == ContactChannel::Phone {
            // The owner may type a code of a counter, which verified the number and sent nothing there.
            let id = UserId(account.id.clone());
            let sent = contacts::code(self.database.reader(), &id, CodePurpose::Password).await?;
            if sent.is_none_or(|code| code.target != to.value) {
                return Ok(None);
            }
        }
        Ok(Some((account, to.value)))
    }

    /// Sets a new password by a code that was sent, or by one that a counter or an administrator handed out, and ends all
    /// sessions of the account. The same code with the same password twice does it once. `device` says in words where that
    /// was. The record of a claimed account keeps it.
    pub async fn replace_password(&self, login: &str, typed: &str, password: &str, device: &str) -> Result<(), Error> {
        let wrong = || Error::Invalid(InputRule::CodeWrong);
        let login = identity::login(login);
        let (purpose, reached) = match self.reached_by_code(&login).await? {
            Some(reached) => (CodePurpose::Password, Some(reached)),
            None => match self.reached_by_administrator(&login).await? {
                Some(reached) => (CodePurpose::Reset, Some(reached)),
                None => (CodePurpose::Claim, self.reached_by_counter(&login).await?),
            },
        };
        let id = reached.as_ref().map(|(account, _)| UserId(account.id.clone()));
        let code = self.judge(id.as_ref(), purpose, typed).await?;
        let (Some((account, address)), Some(code)) = (reached, code) else { return Err(wrong()) };
        if code.used_at.is_some() {
            // A repeated form has done its work already.
            return if self.people.has_password(&account, password).await? { Ok(()) } else { Err(wrong()) };
        }
        if code.target != address {
            return Err(wrong());
        }
        let hashed = self.people.hash_of(password, &account).await?;
        let transaction = self.database.begin().await?;
        if !transaction.use_code(&code, self.clock.now().as_second()).await? {
            return Err(wrong());
        }
        transaction.set_password(&account.id, &hashed).await?;
        transaction.end_sessions(&account.id, None).await?;
        if purpose == CodePurpose::Claim {
            self.record_claim(&transaction, &UserId(account.id.clone()), device).await?;
        }
        self.people.record(&transaction, &account, StaffEventKind::PasswordChanged, id.as_ref()).await?;
        transaction.commit().await?;
        tracing::info!(account = %account.id, "a forgotten password was replaced");
        Ok(())
    }
}
