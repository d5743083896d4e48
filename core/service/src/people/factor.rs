//! The second factor of officers: a code of an app (TOTP, RFC 6238) beside the password, and recovery codes.
//!
//! ```text
//! begin_log_in, or an answer of a provider ──► a session, or a ticket
//! finish_log_in  ticket, code ──► a session; with a ticket for setting up, the second factor too
//! ```
//!
//! The secret of an account follows from a nonce in the database and the portal's key for devices. A ticket says that the
//! password was right, or that a provider recognised the officer. It opens nothing without a code.

use super::{LoggedIn, PeopleService};
use crate::{Error, InputRule};
use hmac::{Hmac, KeyInit as _, Mac as _};
use motcua_catalogue::settings::SecondFactorRule;
use motcua_domain::identity;
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_store::audit::StaffEventKind;
use motcua_store::{account_row, accounts, factor_row, factors, is_duplicate};
use rand::seq::IndexedRandom as _;
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Secret, Totp};

/// The random bytes from which a secret follows.
const NONCE: usize = 16;

/// The time for which a ticket is valid, in seconds. It is long enough for the installation of an app.
pub(super) const TICKET_TIME: i64 = 15 * 60;

/// The number of recovery codes.
const RECOVERY_CODES: usize = 10;

/// The letters and digits of a recovery code, which people do not confuse.
const READABLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// The letters of a recovery code, without dashes: some 79 bits, so a plain digest of it cannot be guessed.
const RECOVERY_LENGTH: usize = 16;

/// The outcome of a right password, or of an answer of a provider that names a person.
#[derive(Debug)]
pub enum LogInStep {
    /// The person is logged in.
    Done(LoggedIn),
    /// The officer types a code. The text is the ticket.
    Code(String),
    /// The officer sets a second factor up, because the portal requires it.
    SetUp(NewFactor),
}

/// A second factor that an officer may set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFactor {
    /// The ticket of the log-in, or the nonce for an officer who is logged in.
    pub ticket: String,
    /// The secret in base 32, as apps take it.
    pub secret: String,
    pub login: String,
}

/// A log-in with a second factor.
#[derive(Debug)]
pub struct FactorLogIn {
    pub logged_in: LoggedIn,
    /// The recovery codes, if the second factor was set up at this log-in. They are shown once.
    pub recovery_codes: Vec<String>,
}

/// The state of an officer's own second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorState {
    /// The moment at which it was set up, in seconds since 1970, or none.
    pub since: Option<i64>,
    /// The number of recovery codes that were not used.
    pub recovery_codes: u64,
}

/// The parts of a ticket.
struct TicketParts<'a> {
    code: &'a str,
    expires_at: i64,
    nonce: &'a str,
    login: &'a str,
}

impl<'a> TicketParts<'a> {
    /// Reads a ticket. A log-in may have dots, so it comes last.
    fn parse(ticket: &'a str) -> Option<Self> {
        let mut parts = ticket.splitn(4, '.');
        let (code, expires_at) = (parts.next()?, parts.next()?.parse().ok()?);
        let (nonce, login) = (parts.next()?, parts.next()?);
        Some(Self { code, expires_at, nonce, login })
    }
}

/// Returns the log-in that a ticket names, for counting tries. The ticket may be made up.
pub fn login_of_ticket(ticket: &str) -> &str {
    TicketParts::parse(ticket).map_or("", |parts| parts.login)
}

impl PeopleService {
    /// Judges log-in and password, and opens a session unless the officer needs a second factor.
    pub async fn begin_log_in(&self, login: &str, password: &str, device: &str) -> Result<LogInStep, Error> {
        let account = self.judge_password(login, password).await?;
        self.after_first_factor(&account, device).await
    }

    /// Opens a session of a person whose first factor was right, unless the officer needs a second one.
    pub(super) async fn after_first_factor(
        &self,
        account: &account_row::Model,
        device: &str,
    ) -> Result<LogInStep, Error> {
        if account.kind != accounts::kind::OFFICER {
            return Ok(LogInStep::Done(self.open_session(account, device).await?));
        }
        let has_factor = factors::of(self.database.reader(), &account.id).await?.is_some();
        if has_factor {
            return Ok(LogInStep::Code(self.ticket(account, &new_nonce())));
        }
        match self.second_factor {
            SecondFactorRule::Offered => Ok(LogInStep::Done(self.open_session(account, device).await?)),
            SecondFactorRule::Required => {
                let nonce = new_nonce();
                let factor = self.new_factor_of(account, &nonce, self.ticket(account, &nonce));
                Ok(LogInStep::SetUp(factor))
            }
        }
    }

    /// Opens the session of an officer whose first factor was right, by a code. A code is taken once.
    ///
    /// A ticket that is old or made up is rejected as [`InputRule::TicketOld`], and a wrong code as
    /// [`InputRule::FactorCode`].
    pub async fn finish_log_in(&self, ticket: &str, code: &str, device: &str) -> Result<FactorLogIn, Error> {
        let (account, nonce) = self.judge_ticket(ticket).await?;
        let recovery_codes = match factors::of(self.database.reader(), &account.id).await? {
            Some(factor) => {
                self.take_code(&account, &factor, code).await?;
                Vec::new()
            }
            None => {
                let added = self.add_factor(&account, &nonce, code).await?;
                added.ok_or(Error::Invalid(InputRule::TicketOld))?
            }
        };
        let logged_in = self.open_session(&account, device).await?;
        self.note_provider_of_ticket(ticket, &logged_in).await?;
        Ok(FactorLogIn { logged_in, recovery_codes })
    }

    /// Returns the second factor that an officer sets up with a ticket, or none if the officer types a code of one that
    /// exists.
    pub async fn factor_of_ticket(&self, ticket: &str) -> Result<Option<NewFactor>, Error> {
        let (account, nonce) = self.judge_ticket(ticket).await?;
        let has_factor = factors::of(self.database.reader(), &account.id).await?.is_some();
        Ok((!has_factor).then(|| self.new_factor_of(&account, &nonce, ticket.to_owned())))
    }

    /// Returns the account and the nonce of a ticket. Rejects a ticket that is old or made up.
    async fn judge_ticket(&self, ticket: &str) -> Result<(account_row::Model, String), Error> {
        let old = || Error::Invalid(InputRule::TicketOld);
        let parts = TicketParts::parse(ticket).ok_or_else(old)?;
        let account = accounts::by_login(self.database.reader(), &identity::login(parts.login)).await?;
        let is_open = |row: &account_row::Model| row.closed.is_none() && row.kind == accounts::kind::OFFICER;
        let account = account.filter(is_open).ok_or_else(old)?;
        let mac = self.ticket_code(&account, parts.expires_at, parts.nonce);
        let is_ours = hex::decode(parts.code).is_ok_and(|code| mac.verify_slice(&code).is_ok());
        if !is_ours || parts.expires_at <= self.clock.now().as_second() {
            return Err(old());
        }
        Ok((account, parts.nonce.to_owned()))
    }

    /// Returns a second factor that the officer may set up.
    pub async fn new_factor(&self, actor: &Actor) -> Result<NewFactor, Error> {
        let account = self.own_account(actor).await?;
        let nonce = new_nonce();
        Ok(self.new_factor_of(&account, &nonce, nonce.clone()))
    }

    /// Returns the second factor of a form that is shown again.
    pub async fn same_factor(&self, actor: &Actor, nonce: &str) -> Result<NewFactor, Error> {
        let account = self.own_account(actor).await?;
        let is_nonce = nonce.len() == 2 * NONCE && nonce.bytes().all(|byte| byte.is_ascii_hexdigit());
        let nonce = if is_nonce { nonce.to_owned() } else { new_nonce() };
        Ok(self.new_factor_of(&account, &nonce, nonce.clone()))
    }

    /// Returns the state of the officer's own second factor.
    pub async fn factor_state(&self, actor: &Actor) -> Result<FactorState, Error> {
        let account = self.own_account(actor).await?;
        let reader = self.database.reader();
        let since = factors::of(reader, &account.id).await?.map(|factor| factor.since);
        Ok(FactorState { since, recovery_codes: factors::unused_codes(reader, &account.id).await? })
    }

    /// Sets the officer's own second factor up, by the password and a code of the app, and returns the recovery codes.
    /// Returns none if the officer has a second factor already.
    pub async fn set_factor(
        &self,
        actor: &Actor,
        password: &str,
        nonce: &str,
        code: &str,
    ) -> Result<Option<Vec<String>>, Error> {
        let account = self.proven(actor, password).await?;
        if account.kind != accounts::kind::OFFICER {
            return Err(Error::NotFound);
        }
        if factors::of(self.database.reader(), &account.id).await?.is_some() {
            return Ok(None);
        }
        self.add_factor(&account, nonce, code).await
    }

    /// Removes the second factor of an officer and ends the sessions. Removing it again changes nothing. `by` is the
    /// administrator, and none for a command of the operator.
    async fn remove_factor(&self, account: &account_row::Model, by: Option<&UserId>) -> Result<(), Error> {
        let transaction = self.database.begin().await?;
        if transaction.remove_factor(&account.id).await? {
            transaction.end_sessions(&account.id, None).await?;
            self.record(&transaction, account, StaffEventKind::FactorReset, by).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Removes the second factor of another officer, for an administrator.
    pub async fn reset_factor(&self, actor: &Actor, login: &str) -> Result<(), Error> {
        let account = self.administered(actor, login).await?;
        self.remove_factor(&account, actor.reference().user()).await
    }

    /// Removes the second factor of an officer, for a command of the operator.
    pub async fn reset_factor_by_command(&self, login: &str) -> Result<(), Error> {
        let account = self.account_of(login).await?;
        self.remove_factor(&account, None).await
    }

    async fn own_account(&self, actor: &Actor) -> Result<account_row::Model, Error> {
        let id = super::sessions::person(actor)?;
        let account = accounts::by_id(self.database.reader(), id).await?;
        account.filter(|account| account.kind == accounts::kind::OFFICER).ok_or(Error::NotFound)
    }

    /// Takes a code of the app, or a recovery code.
    async fn take_code(
        &self,
        account: &account_row::Model,
        factor: &factor_row::Model,
        typed: &str,
    ) -> Result<(), Error> {
        let transaction = self.database.begin().await?;
        let is_taken = match self.step_of(account, &factor.nonce, typed) {
            Some(step) => transaction.take_step(&account.id, step).await?,
            None => {
                let (hash, now) = (recovery_hash(&account.id, typed), self.clock.now().as_second());
                let is_taken = transaction.take_recovery_code(&account.id, &hash, now).await?;
                if is_taken {
                    let own = UserId(account.id.clone());
                    self.record(&transaction, account, StaffEventKind::RecoveryUsed, Some(&own)).await?;
                }
                is_taken
            }
        };
        if is_taken {
            return Ok(transaction.commit().await?);
        }
        drop(transaction);
        self.note_failure(Some(account)).await;
        Err(Error::Invalid(InputRule::FactorCode))
    }

    /// Adds a second factor by a first code of the app, and returns its recovery codes. Returns none if the account has
    /// one already.
    async fn add_factor(
        &self,
        account: &account_row::Model,
        nonce: &str,
        typed: &str,
    ) -> Result<Option<Vec<String>>, Error> {
        let Some(step) = self.step_of(account, nonce, typed) else {
            self.note_failure(Some(account)).await;
            return Err(Error::Invalid(InputRule::FactorCode));
        };
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
        let hashes: Vec<String> = codes.iter().map(|code| recovery_hash(&account.id, code)).collect();
        let row = factor_row::Model {
            account: account.id.clone(),
            nonce: nonce.to_owned(),
            since: self.clock.now().as_second(),
            last_step: step,
        };
        let own = UserId(account.id.clone());
        let transaction = self.database.begin().await?;
        match transaction.add_factor(row, &hashes).await {
            Err(fault) if is_duplicate(&fault) => return Ok(None),
            other => other?,
        }
        self.record(&transaction, account, StaffEventKind::FactorSet, Some(&own)).await?;
        transaction.commit().await?;
        Ok(Some(codes))
    }

    /// Returns the step of time to which a typed code belongs, if it is a code of the app.
    fn step_of(&self, account: &account_row::Model, nonce: &str, typed: &str) -> Option<i64> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let now = u64::try_from(self.clock.now().as_second()).ok()?;
        i64::try_from(self.totp(account, nonce).check(&digits, now)?).ok()
    }

    fn new_factor_of(&self, account: &account_row::Model, nonce: &str, ticket: String) -> NewFactor {
        let secret = self.totp(account, nonce).secret().to_base32();
        NewFactor { ticket, secret, login: account.login.clone() }
    }

    /// Returns the codes of an account for a nonce: six digits of SHA-1 each half a minute, as every app knows them. One
    /// step before and after the current one fits, too.
    fn totp(&self, account: &account_row::Model, nonce: &str) -> Totp {
        let mut code: Hmac<Sha256> = Hmac::new(&self.device_key.0.into());
        code.update(format!("totp {} {nonce}", account.id).as_bytes());
        let mut secret = [0; 20];
        for (byte, derived) in secret.iter_mut().zip(code.finalize().into_bytes()) {
            *byte = derived;
        }
        Builder::new().with_secret(Secret::new_stack(secret)).build_noncompliant()
    }

    /// Returns a ticket: the first factor of the account was right just now.
    fn ticket(&self, account: &account_row::Model, nonce: &str) -> String {
        let expires_at = self.clock.now().as_second() + TICKET_TIME;
        let code = hex::encode(self.ticket_code(account, expires_at, nonce).finalize().into_bytes());
        format!("{code}.{expires_at}.{nonce}.{}", account.login)
    }

    /// Returns the code of a ticket. Another password makes all tickets void.
    fn ticket_code(&self, account: &account_row::Model, expires_at: i64, nonce: &str) -> Hmac<Sha256> {
        let mut code: Hmac<Sha256> = Hmac::new(&self.device_key.0.into());
        code.update(format!("ticket {} {expires_at} {nonce} {}", account.id, account.password).as_bytes());
        code
    }
}

fn new_nonce() -> String {
    hex::encode(rand::random::<[u8; NONCE]>())
}

/// Returns a recovery code in groups that can be read out.
fn recovery_code() -> String {
    let mut random = rand::rng();
    let mut letter = || READABLE.choose(&mut random).map_or('a', |byte| char::from(*byte));
    let letters: String = (0..RECOVERY_LENGTH).map(|_| letter()).collect();
    let groups: Vec<String> =
        letters.chars().collect::<Vec<_>>().chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// Returns the hash of a recovery code, however it is typed.
fn recovery_hash(account: &str, typed: &str) -> String {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).take(2 * RECOVERY_LENGTH).collect();
    let letters = letters.to_ascii_lowercase();
    hex::encode(Sha256::digest(format!("recovery:{account}:{letters}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_long_and_is_read_however_it_is_typed() {
        let (one, other) = (recovery_code(), recovery_code());
        assert_ne!(one, other);
        assert_eq!(one.len(), RECOVERY_LENGTH + 3);
        let typed = format!(" {} ", one.replace('-', " ").to_uppercase());
        assert_eq!(recovery_hash("a", &typed), recovery_hash("a", &one));
        assert_ne!(recovery_hash("b", &one), recovery_hash("a", &one), "a code is for one account");
    }

    #[test]
    fn a_ticket_names_a_log_in_with_dots_and_a_text_that_is_none_names_nobody() {
        assert_eq!(login_of_ticket("00.17.ab.lan.khdt"), "lan.khdt");
        for text in ["", "lan.khdt", "00.x.ab.lan", "00.17.ab"] {
            assert_eq!(login_of_ticket(text), "", "{text}");
        }
    }
}
