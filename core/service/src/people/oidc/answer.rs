//! The answer of a provider: whose account it opens.

use super::{KnownProvider, hashed};
use crate::people::PeopleService;
use crate::people::accounts::full_name;
use crate::people::factor::{LogInStep, TICKET_TIME};
use crate::people::sessions::{LoggedIn, SessionToken, person};
use crate::{Error, InputRule};
use motcua_catalogue::login::LoginAudience;
use motcua_domain::identity;
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::clean;
use motcua_oidc::{ProvenPerson, ReturnedAnswer};
use motcua_store::contacts::ContactChannel;
use motcua_store::{account_row, accounts, external_login_row, login_attempt_row, logins, provider_session_row};
use std::sync::Arc;

/// The outcome of an answer.
#[derive(Debug)]
pub enum ProviderOutcome {
    /// The provider named a person, who is logged in or, as an officer, types a code as after a password.
    Recognised {
        step: LogInStep,
        /// The log-in of the account.
        login: String,
        /// The address to which the person goes on.
        next: String,
        /// The form that the person takes along, as it was handed over at the beginning.
        carried: String,
    },
    /// Nobody is logged in or linked.
    Refused {
        rule: InputRule,
        /// The address to which the person would have gone on, and the form that they would have taken along.
        next: String,
        carried: String,
    },
    /// The person at the provider was linked to the account of the session.
    Linked,
}

/// The verified identity of a person, as a provider tells it.
#[derive(Debug)]
struct TrustedIdentity {
    name: String,
    number: Option<String>,
    phone: Option<String>,
}

/// A person whom a provider recognised, with the level of the log-in.
struct RecognisedPerson<'a> {
    known: &'a KnownProvider,
    person: ProvenPerson,
    level: i64,
    now: i64,
}

impl RecognisedPerson<'_> {
    fn issuer(&self) -> &str {
        &self.known.settings.issuer
    }

    /// Returns the log-in of an account whose citizen number is not known, or is the log-in of another account.
    fn own_login(&self) -> String {
        let digest = hashed("person", &format!("{}\n{}", self.issuer(), self.person.subject));
        let short: String = digest.chars().take(16).collect();
        format!("{}:{short}", self.known.settings.id)
    }

    /// Returns the claims that are verified identity. A person without a name gets no account.
    fn identity(&self) -> Result<TrustedIdentity, Error> {
        let claims = &self.known.settings.claims;
        let phone = claims.phone.as_ref().filter(|name| !self.person.denies(name));
        let claim = |name: Option<&String>| name.and_then(|name| self.person.claim(name));
        // A null is no text of PostgreSQL, and an invisible sign no part of a name.
        let name = self.person.claim(&claims.name).and_then(|name| full_name(&clean(name)).ok());
        Ok(TrustedIdentity {
            name: name.ok_or(Error::Invalid(InputRule::ProviderIdentity))?,
            number: claim(claims.number.as_ref()).and_then(identity::citizen_number),
            phone: claim(phone).and_then(identity::mobile),
        })
    }

    /// Returns the row that links the person to an account.
    fn link(&self, account: &UserId, name: String) -> external_login_row::Model {
        external_login_row::Model {
            issuer: self.issuer().to_owned(),
            subject: self.person.subject.clone(),
            account: account.to_string(),
            provider: self.known.settings.id.clone(),
            name,
            level: self.level,
            linked_at: self.now,
            used_at: self.now,
        }
    }
}

/// Returns the name of a ticket beside those of sessions.
fn of_ticket(ticket: &str) -> String {
    hashed("ticket", ticket)
}

impl PeopleService {
    /// Checks the answer with which a browser came back from a provider, and logs the person in or links them.
    ///
    /// The secrets of the log-in are used up, whatever the answer is. `actor` is the person of the session, if the
    /// browser has one.
    pub async fn finish_at_provider(
        &self,
        id: &str,
        browser: &SessionToken,
        actor: Option<&Actor>,
        state: &str,
        answer: ReturnedAnswer,
        device: &str,
    ) -> Result<ProviderOutcome, Error> {
        let known = self.provider(id)?;
        let now = self.clock.now().as_second();
        let attempt = self.take_attempt(&known, browser, state, now).await?;
        let (next, carried) = (attempt.next.clone(), attempt.carried.clone());
        match self.judge(&known, attempt, actor, answer, device, now).await {
            Err(Error::Invalid(rule)) => Ok(ProviderOutcome::Refused { rule, next, carried }),
            other => other,
        }
    }

    /// Asks the provider who the person is, and logs them in or links them.
    async fn judge(
        &self,
        known: &Arc<KnownProvider>,
        attempt: login_attempt_row::Model,
        actor: Option<&Actor>,
        answer: ReturnedAnswer,
        device: &str,
        now: i64,
    ) -> Result<ProviderOutcome, Error> {
        let (nonce, verifier) = (attempt.nonce.clone(), attempt.verifier.clone());
        let person = known.ask(move |provider| provider.finish(&answer, &nonce, &verifier, now)).await?;
        let level = known.settings.level_of(person.acr.as_deref());
        if known.settings.least_level.is_some_and(|least| level < least) {
            return Err(Error::Invalid(InputRule::ProviderLevel));
        }
        let recognised = RecognisedPerson { known, person, level: level.into(), now };
        if let Some(account) = attempt.account {
            self.link(&recognised, &UserId(account), actor).await?;
            return Ok(ProviderOutcome::Linked);
        }
        let account = match known.settings.audience {
            LoginAudience::Citizens => self.citizen(&recognised).await?,
            LoginAudience::Staff => self.officer(&recognised).await?,
        };
        self.note_use(&recognised).await?;
        let step = self.after_first_factor(&account, device).await?;
        let (recognised_in, lasts) = match &step {
            LogInStep::Done(logged_in) => (logged_in.token.hash(), self.sessions.end.as_secs()),
            LogInStep::Code(ticket) => (of_ticket(ticket), TICKET_TIME),
            LogInStep::SetUp(factor) => (of_ticket(&factor.ticket), TICKET_TIME),
        };
        self.note_provider(known.settings.id.clone(), recognised_in, lasts).await?;
        Ok(ProviderOutcome::Recognised { step, login: account.login, next: attempt.next, carried: attempt.carried })
    }

    /// Notes that a link was used, if the person has one. An officer whom organisation.toml names has none.
    async fn note_use(&self, recognised: &RecognisedPerson<'_>) -> Result<(), Error> {
        let RecognisedPerson { person, level, now, .. } = recognised;
        let transaction = self.database.begin().await?;
        transaction.note_login(recognised.issuer(), &person.subject, *level, *now).await?;
        Ok(transaction.commit().await?)
    }

    /// Notes the provider that recognised the person of a session or of a ticket, each named by a hash.
    async fn note_provider(&self, provider: String, token_hash: String, lasts: i64) -> Result<(), Error> {
        let now = self.clock.now().as_second();
        let row = provider_session_row::Model { token_hash, provider, ends_at: now + lasts };
        let transaction = self.database.begin().await?;
        transaction.add_provider_session(row, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Notes for a session that was opened by a ticket the provider that recognised the officer before, if there is one.
    pub(in crate::people) async fn note_provider_of_ticket(
        &self,
        ticket: &str,
        logged_in: &LoggedIn,
    ) -> Result<(), Error> {
        let provider = logins::provider_of(self.database.reader(), &of_ticket(ticket)).await?;
        match provider {
            Some(provider) => self.note_provider(provider, logged_in.token.hash(), self.sessions.end.as_secs()).await,
            None => Ok(()),
        }
    }

    /// Uses up the log-in with this state. It belongs to this browser and provider, or it does not exist.
    async fn take_attempt(
        &self,
        known: &Arc<KnownProvider>,
        browser: &SessionToken,
        state: &str,
        now: i64,
    ) -> Result<login_attempt_row::Model, Error> {
        let transaction = self.database.begin().await?;
        let attempt = transaction.end_login(&hashed("state", state)).await?;
        transaction.commit().await?;
        let fits = |attempt: &login_attempt_row::Model| {
            attempt.provider == known.settings.id
                && attempt.browser == hashed("browser", browser.secret())
                && attempt.expires_at > now
        };
        attempt.filter(fits).ok_or(Error::Invalid(InputRule::ProviderState))
    }

    /// Links a person to the account of the session, in which the log-in began.
    async fn link(
        &self,
        recognised: &RecognisedPerson<'_>,
        account: &UserId,
        actor: Option<&Actor>,
    ) -> Result<(), Error> {
        if actor.map(person).transpose()? != Some(account) {
            return Err(Error::Invalid(InputRule::ProviderState));
        }
        let name = recognised.identity()?.name;
        let transaction = self.database.begin().await?;
        match transaction.link_login(recognised.link(account, name)).await.map_err(Error::from) {
            Ok(()) => Ok(transaction.commit().await?),
            Err(Error::Duplicate) => {
                drop(transaction);
                let row = self.linked_to(recognised).await?;
                let is_own = row.is_some_and(|row| row.account == account.as_str());
                if is_own { Ok(()) } else { Err(Error::Invalid(InputRule::ProviderTaken)) }
            }
            Err(error) => Err(error),
        }
    }

    async fn linked_to(&self, recognised: &RecognisedPerson<'_>) -> Result<Option<external_login_row::Model>, Error> {
        let reader = self.database.reader();
        Ok(logins::of_subject(reader, recognised.issuer(), &recognised.person.subject).await?)
    }

    /// Returns the account of a citizen, and opens it at the first log-in.
    async fn citizen(&self, recognised: &RecognisedPerson<'_>) -> Result<account_row::Model, Error> {
        if let Some(row) = self.linked_to(recognised).await? {
            return self.usable(&UserId(row.account), accounts::kind::APPLICANT).await;
        }
        let identity = recognised.identity()?;
        let own = recognised.own_login();
        let number = identity.number.clone().unwrap_or_else(|| own.clone());
        for login in [number, own] {
            match self.open_for(recognised, &identity, login).await {
                // Another account has the citizen number as its log-in, or the same person came twice at this moment.
                Err(Error::Duplicate) => {
                    if let Some(row) = self.linked_to(recognised).await? {
                        return self.usable(&UserId(row.account), accounts::kind::APPLICANT).await;
                    }
                }
                other => return other,
            }
        }
        Err(Error::Duplicate)
    }

    /// Opens an account with the verified identity of a person. It has no password.
    async fn open_for(
        &self,
        recognised: &RecognisedPerson<'_>,
        identity: &TrustedIdentity,
        login: String,
    ) -> Result<account_row::Model, Error> {
        let id = UserId(self.ids.next().to_string());
        let row = account_row::Model {
            id: id.to_string(),
            login,
            kind: accounts::kind::APPLICANT.to_owned(),
            name: identity.name.clone(),
            phone: identity.phone.clone().unwrap_or_default(),
            email: None,
            password: accounts::BY_PROVIDER.to_owned(),
            created_at: recognised.now,
            closed: None,
            by_command: false,
        };
        let transaction = self.database.begin().await?;
        transaction.add_account(row.clone()).await?;
        transaction.link_login(recognised.link(&id, identity.name.clone())).await?;
        if let Some(phone) = &identity.phone {
            transaction.set_verified(&id, ContactChannel::Phone, phone, recognised.now).await?;
        }
        transaction.commit().await?;
        tracing::info!(account = %id, provider = %recognised.known.settings.id, "a provider opened an account");
        Ok(row)
    }

    /// Returns the account of an officer, whom organisation.toml names by the subject or an administrator linked.
    async fn officer(&self, recognised: &RecognisedPerson<'_>) -> Result<account_row::Model, Error> {
        let RecognisedPerson { known, person, .. } = recognised;
        let is_named =
            |subject: &String| subject.split_once(':') == Some((known.settings.id.as_str(), person.subject.as_str()));
        let reader = self.database.reader();
        let named = self.province.officers.iter().find(|officer| officer.subjects.iter().any(is_named));
        let id = match named {
            Some(officer) => accounts::by_login(reader, &officer.login).await?.map(|account| account.id),
            None => self.linked_to(recognised).await?.map(|row| row.account),
        };
        let id = id.ok_or(Error::Invalid(InputRule::ProviderUnknown))?;
        self.usable(&UserId(id), accounts::kind::OFFICER).await
    }

    /// Returns an account of this kind that is not closed. A log-in to a closed one has failed, as with its password.
    async fn usable(&self, id: &UserId, kind: &str) -> Result<account_row::Model, Error> {
        let account = accounts::by_id(self.database.reader(), id).await?;
        let account = account.filter(|account| account.kind == kind);
        let account = account.ok_or(Error::Invalid(InputRule::ProviderUnknown))?;
        if account.closed.is_some() {
            self.note_failure(Some(&account)).await;
            return Err(Error::Invalid(InputRule::ProviderClosed));
        }
        Ok(account)
    }
}
