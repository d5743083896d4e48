//! Logging in and out, and the sessions between.

use super::passwords::NOBODY;
use super::{LogInStep, PeopleService};
use crate::{Error, InputRule};
use hmac::{Hmac, KeyInit as _, Mac as _};
use motcua_domain::identity;
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_store::audit::StaffEventKind;
use motcua_store::sessions::OpenSession;
use motcua_store::{account_row, accounts, logins, session_row, sessions};
use sha2::{Digest as _, Sha256};

/// The number of times that an active session is extended within its idle time, at least.
const EXTENSIONS: i64 = 10;

/// The time after a log-in at a provider in which an account without a password gets one, in seconds.
const FIRST_PASSWORD: i64 = 15 * 60;

/// The random bytes in the name of a device.
const DEVICE_NONCE: usize = 16;

/// The secret by which the portal recognises the devices of earlier log-ins, and the files that its pages remember.
#[derive(Clone, Copy)]
pub struct DeviceKey(pub [u8; 64]);

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceKey(…)")
    }
}

/// The secret that a browser stores. The portal stores only its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl SessionToken {
    /// Returns a new secret of 256 bits.
    pub fn random() -> Self {
        Self(hex::encode(rand::random::<[u8; 32]>()))
    }

    /// Returns the token that a browser sent, if it has the shape of one.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns the secret, for the cookie.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Returns a value that proves that a form came from a page of ours. A page may show it.
    ///
    /// It is bound to the token. Its mask is different each time, so that nobody learns the token from the sizes of
    /// compressed pages.
    pub fn form_proof(&self) -> String {
        let mask: [u8; 32] = rand::random();
        let masked: Vec<u8> = self.form_secret().iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
        hex::encode(mask) + &hex::encode(masked)
    }

    /// Returns whether a form's proof belongs to this token.
    pub fn proves(&self, proof: &str) -> bool {
        let Ok(bytes) = hex::decode(proof) else { return false };
        let Some((mask, masked)) = bytes.split_at_checked(32).filter(|(_, masked)| masked.len() == 32) else {
            return false;
        };
        // Every byte is compared, so that the time reveals nothing.
        let differs = |(secret, (mask, masked)): (&u8, (&u8, &u8))| secret ^ mask ^ masked;
        self.form_secret().iter().zip(mask.iter().zip(masked)).map(differs).fold(0, |all, byte| all | byte) == 0
    }

    fn form_secret(&self) -> [u8; 32] {
        Sha256::digest(format!("form:{}", self.0)).into()
    }

    /// Returns the log-in that stays in the place of the one of an account that was deleted in this session. Nobody can
    /// log in with it.
    pub(crate) fn left_behind(&self) -> String {
        format!("deleted:{}", hex::encode(Sha256::digest(format!("deleted:{}", self.0))))
    }

    /// Returns the hash by which the portal knows the session.
    pub(super) fn hash(&self) -> String {
        hex::encode(Sha256::digest(format!("session:{}", self.0)))
    }
}

/// A session of a person who is logged in.
#[derive(Debug, Clone)]
pub struct LoginSession {
    pub actor: Actor,
}

/// A session in the list that its owner sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSession {
    /// A name for the form that ends the session. It does not open the session.
    pub id: String,
    /// The browser and the system in words, or an empty text.
    pub device: String,
    /// In seconds since 1970, or 0 if it is not known.
    pub opened_at: i64,
    /// The moment of the last use, within some minutes, in seconds since 1970, or 0 if it is not known.
    pub used_at: i64,
    /// The list was asked for in this session.
    pub is_this: bool,
}

/// The sessions that a person ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndedSessions {
    /// All except for this one.
    Others,
    /// The one with this id of [`ListedSession`].
    One(String),
}

/// The longest description of a device that is stored, in characters.
const LONGEST_DEVICE: usize = 100;

/// A successful log-in.
#[derive(Debug)]
pub struct LoggedIn {
    pub token: SessionToken,
    pub actor: Actor,
}

impl PeopleService {
    /// Logs in with the phone number (applicants) or the log-in (officers).
    pub async fn log_in(&self, login: &str, password: &str) -> Result<LoggedIn, Error> {
        self.log_in_from(login, password, "").await
    }

    /// Logs in as [`Self::log_in`] does, on a device that the owner recognises by these words. Rejects an officer who
    /// needs a second factor, as if the password were wrong.
    pub async fn log_in_from(&self, login: &str, password: &str, device: &str) -> Result<LoggedIn, Error> {
        match self.begin_log_in(login, password, device).await? {
            LogInStep::Done(logged_in) => Ok(logged_in),
            // The password alone opens nothing.
            LogInStep::Code(_) | LogInStep::SetUp(_) => Err(Error::Invalid(InputRule::Login)),
        }
    }

    /// Returns the account with this log-in, if it is open and has this password.
    pub(super) async fn judge_password(&self, login: &str, password: &str) -> Result<account_row::Model, Error> {
        let reader = self.database.reader();
        let account = accounts::by_login(reader, &identity::login(login)).await?;
        // A log-in that does not exist, has no password yet or is closed takes as long as a wrong password.
        let known = account.as_ref().filter(|account| account.closed.is_none()).map(|account| &account.password);
        let known = known.filter(|hash| accounts::is_hash(hash)).cloned().unwrap_or_else(|| NOBODY.to_owned());
        let right = self.hashing.verify(password, known).await?;
        match account {
            Some(account) if right => Ok(account),
            account => {
                self.note_failure(account.as_ref()).await;
                Err(Error::Invalid(InputRule::Login))
            }
        }
    }

    /// Opens a session of an account that has proved who it is.
    pub(super) async fn open_session(&self, account: &account_row::Model, device: &str) -> Result<LoggedIn, Error> {
        let actor = accounts::actor(self.database.reader(), account, self.clock.today()).await?;
        let token = SessionToken::random();
        let now = self.clock.now().as_second();
        let ends_at = now + self.sessions.end.as_secs();
        let expires_at = ends_at.min(now + self.sessions.idle.as_secs());
        let row = session_row::Model {
            token_hash: token.hash(),
            account: account.id.clone(),
            expires_at,
            ends_at,
            opened_at: now,
            used_at: now,
            device: device.chars().take(LONGEST_DEVICE).collect(),
        };
        let transaction = self.database.begin().await?;
        if account.kind == accounts::kind::OFFICER {
            let own = UserId(account.id.clone());
            let event = self.staff_event(account, StaffEventKind::LoggedIn, Some(&own), &row.device);
            transaction.add_staff_event(event).await?;
        }
        transaction.add_session(row).await?;
        transaction.commit().await?;
        Ok(LoggedIn { token, actor })
    }

    /// Logs a failed log-in without personal data, and stores it for the owner of the account.
    ///
    /// The person gets the same answer even if this cannot be written.
    pub(super) async fn note_failure(&self, account: Option<&account_row::Model>) {
        let Some(account) = account else {
            tracing::warn!("a log-in failed: there is no such account");
            return;
        };
        tracing::warn!(account = %account.id, kind = %account.kind, closed = ?account.closed, "a log-in failed");
        let kept = async {
            let transaction = self.database.begin().await?;
            transaction
                .add_failed_log_in(&self.ids.next().to_string(), &account.id, self.clock.now().as_second())
                .await?;
            if account.kind == accounts::kind::OFFICER {
                let event = self.staff_event(account, StaffEventKind::LogInFailed, None, "");
                transaction.add_staff_event(event).await?;
            }
            transaction.commit().await
        };
        if let Err(fault) = kept.await {
            tracing::warn!(%fault, "a failed log-in was not kept");
        }
    }

    /// Returns a new name for the device on which the owner of an account logged in.
    pub fn name_device(&self, login: &str) -> String {
        let nonce = hex::encode(rand::random::<[u8; DEVICE_NONCE]>());
        let code = self.device_code(login, &nonce).finalize().into_bytes();
        nonce + &hex::encode(code)
    }

    /// Returns whether the owner of the account with this log-in logged in on the device before.
    pub fn knows_device(&self, login: &str, device: &str) -> bool {
        let Some((nonce, code)) = device.split_at_checked(2 * DEVICE_NONCE) else { return false };
        hex::decode(code).is_ok_and(|code| self.device_code(login, nonce).verify_slice(&code).is_ok())
    }

    fn device_code(&self, login: &str, nonce: &str) -> Hmac<Sha256> {
        let mut code: Hmac<Sha256> = Hmac::new(&self.device_key.0.into());
        code.update(format!("device {nonce} {}", identity::login(login)).as_bytes());
        code
    }

    /// Ends a session.
    pub async fn log_out(&self, token: &SessionToken) -> Result<(), Error> {
        let transaction = self.database.begin().await?;
        transaction.end_session(&token.hash()).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the session with this token. The call counts as activity in the session.
    pub async fn session(&self, token: &SessionToken) -> Result<Option<LoginSession>, Error> {
        let reader = self.database.reader();
        let now = self.clock.now().as_second();
        let Some(session) = sessions::of_session(reader, &token.hash(), now).await? else { return Ok(None) };
        let actor = accounts::actor(reader, &session.account, self.clock.today()).await?;
        self.extend(token, &session, now).await;
        Ok(Some(LoginSession { actor }))
    }

    /// Moves the end of an active session, now and then. The page is shown even if this cannot be written.
    async fn extend(&self, token: &SessionToken, session: &OpenSession, now: i64) {
        let idle = self.sessions.idle.as_secs();
        let until = if session.ends_at == 0 { session.expires_at } else { session.ends_at.min(now + idle) };
        // Near its last moment a session gets no longer, and its last use is still stored.
        let step = (idle / EXTENSIONS).max(1);
        if until - session.expires_at < step && (session.used_at == 0 || now - session.used_at < step) {
            return;
        }
        let extended = async {
            let transaction = self.database.begin().await?;
            transaction.extend_session(&token.hash(), now, until).await?;
            transaction.commit().await
        };
        if let Err(fault) = extended.await {
            tracing::warn!(%fault, "a session was not extended");
        }
    }

    /// Returns the name with which the person logs in, or an empty text for a person of a preview, who has no account.
    pub async fn login_name(&self, actor: &Actor) -> Result<String, Error> {
        let account = accounts::by_id(self.database.reader(), person(actor)?).await?;
        Ok(account.map(|account| account.login).unwrap_or_default())
    }

    /// Returns the moments of the person's last failed log-ins, in seconds since 1970, the latest first.
    pub async fn failed_log_ins(&self, actor: &Actor) -> Result<Vec<i64>, Error> {
        Ok(accounts::failed_log_ins(self.database.reader(), person(actor)?).await?)
    }

    /// Returns the sessions of the person, the last used first.
    pub async fn sessions(&self, actor: &Actor, token: &SessionToken) -> Result<Vec<ListedSession>, Error> {
        let (id, now, this) = (person(actor)?, self.clock.now().as_second(), token.hash());
        let rows = sessions::sessions_of(self.database.reader(), id, now).await?;
        let listed = |row: session_row::Model| ListedSession {
            id: listed_id(&row.token_hash),
            is_this: row.token_hash == this,
            device: row.device,
            opened_at: row.opened_at,
            used_at: row.used_at,
        };
        Ok(rows.into_iter().map(listed).collect())
    }

    /// Ends sessions of the person. A session that has ended is skipped.
    pub async fn end_sessions(&self, actor: &Actor, token: &SessionToken, ended: &EndedSessions) -> Result<(), Error> {
        let (id, now) = (person(actor)?, self.clock.now().as_second());
        let transaction = self.database.begin().await?;
        match ended {
            EndedSessions::Others => transaction.end_sessions(id.as_str(), Some(&token.hash())).await?,
            EndedSessions::One(listed) => {
                let rows = sessions::sessions_of(transaction.connection(), id, now).await?;
                if let Some(row) = rows.into_iter().find(|row| listed_id(&row.token_hash) == *listed) {
                    transaction.end_session(&row.token_hash).await?;
                }
            }
        }
        Ok(transaction.commit().await?)
    }

    /// Returns whether the person may set a first password without an old one: a provider opened the account, and
    /// recognised the person in this session a moment ago. An officer gets one from an administrator alone.
    pub async fn may_set_first_password(&self, actor: &Actor, token: &SessionToken) -> Result<bool, Error> {
        let (id, now, this, reader) =
            (person(actor)?, self.clock.now().as_second(), token.hash(), self.database.reader());
        let account = accounts::by_id(reader, id).await?;
        let is_without = |row: account_row::Model| row.password == accounts::BY_PROVIDER;
        if !account.is_some_and(is_without) || logins::provider_of(reader, &this).await?.is_none() {
            return Ok(false);
        }
        let rows = sessions::sessions_of(reader, id, now).await?;
        Ok(rows.iter().any(|row| row.token_hash == this && now - row.opened_at < FIRST_PASSWORD))
    }

    /// Sets the person's password and ends their other sessions.
    pub async fn change_password(
        &self,
        actor: &Actor,
        token: &SessionToken,
        old: &str,
        new: &str,
    ) -> Result<(), Error> {
        let account = accounts::by_id(self.database.reader(), person(actor)?).await?.ok_or(Error::NotFound)?;
        let is_first = self.may_set_first_password(actor, token).await?;
        if !is_first && !self.hashing.verify(old, account.password.clone()).await? {
            // A repeated form has done its work already.
            if self.hashing.verify(new, account.password.clone()).await? {
                return Ok(());
            }
            self.note_failure(Some(&account)).await;
            return Err(Error::Invalid(InputRule::PasswordWrong));
        }
        let hashed = self.hash_of(new, &account).await?;
        let transaction = self.database.begin().await?;
        transaction.set_password(&account.id, &hashed).await?;
        transaction.end_sessions(&account.id, Some(&token.hash())).await?;
        self.record(&transaction, &account, StaffEventKind::PasswordChanged, Some(person(actor)?)).await?;
        Ok(transaction.commit().await?)
    }
}

/// Returns the name of a session in the list of its owner, from the hash of its token.
fn listed_id(token_hash: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(format!("listed:{token_hash}")).into();
    hex::encode(&digest[..16])
}

/// Returns the account of a person.
pub(super) fn person(actor: &Actor) -> Result<&UserId, Error> {
    match actor {
        Actor::Applicant { id, .. } | Actor::Officer { id, .. } => Ok(id),
        Actor::System => Err(Error::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::SessionToken;

    #[test]
    fn a_proof_is_another_each_time_and_fits_its_own_token_only() {
        let (own, other) = (SessionToken::random(), SessionToken::random());
        let (first, second) = (own.form_proof(), own.form_proof());
        assert_ne!(first, second);
        assert!(own.proves(&first) && own.proves(&second));
        assert!(!other.proves(&first));
        for wrong in ["", "00", &first[..64], &format!("{first}00"), &first.replace(['0', '1'], "2"), "không"] {
            assert!(!own.proves(wrong), "{wrong}");
        }
    }
}
