//! Accounts, passwords and sessions.

use crate::{Desk, Error, Rule};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use motcua_domain::identity;
use motcua_domain::names::{CommandId, UserId};
use motcua_domain::organisation::Actor;
use motcua_store::{account_row, accounts, is_duplicate};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// How long a session lasts, in seconds: a working day and the evening after it.
const SESSION_SECONDS: i64 = 14 * 3600;

/// The shortest password that is taken (NIST SP 800-63B).
const SHORTEST_PASSWORD: usize = 8;

/// The longest, so that hashing stays cheap.
const LONGEST_PASSWORD: usize = 200;

/// What a citizen or business gives to get an account.
#[derive(Debug, Clone)]
pub struct Registration {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub password: String,
}

/// The secret that a browser keeps. Only its hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// A new secret of 256 bits.
    pub fn random() -> Self {
        Self(hex::encode(rand::random::<[u8; 32]>()))
    }

    /// The token that a browser sent, if it has the shape of one.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| Self(text.to_owned()))
    }

    /// The secret, for the cookie.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// A value bound to the token that a page may show: it proves that a form came from a page of ours. It is masked
    /// anew each time, so that nobody learns it from the sizes of compressed pages.
    pub fn form_proof(&self) -> String {
        let mask: [u8; 32] = rand::random();
        let masked: Vec<u8> = self.form_secret().iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
        hex::encode(mask) + &hex::encode(masked)
    }

    /// Whether a form's proof is one of this token's.
    pub fn proves(&self, proof: &str) -> bool {
        let Ok(bytes) = hex::decode(proof) else { return false };
        let Some((mask, masked)) = bytes.split_at_checked(32).filter(|(_, masked)| masked.len() == 32) else {
            return false;
        };
        // Every byte is looked at, so that the time tells nothing.
        let differs = |(secret, (mask, masked)): (&u8, (&u8, &u8))| secret ^ mask ^ masked;
        self.form_secret().iter().zip(mask.iter().zip(masked)).map(differs).fold(0, |all, byte| all | byte) == 0
    }

    fn form_secret(&self) -> [u8; 32] {
        Sha256::digest(format!("form:{}", self.0)).into()
    }

    fn hash(&self) -> String {
        hex::encode(Sha256::digest(format!("session:{}", self.0)))
    }
}

/// Who is logged in.
#[derive(Debug, Clone)]
pub struct Session {
    pub actor: Actor,
}

/// An officer's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerAccount {
    pub login: String,
    pub name: String,
    /// A password has been set.
    pub can_log_in: bool,
}

/// A log-in that worked.
#[derive(Debug)]
pub struct LoggedIn {
    pub token: Token,
    pub actor: Actor,
}

async fn hash(password: String) -> Result<String, Error> {
    let hash = move || Argon2::default().hash_password(password.as_bytes()).map(|hash: PasswordHash| hash.to_string());
    let hashed = tokio::task::spawn_blocking(hash).await.map_err(Error::fault)?;
    hashed.map_err(|error| Error::Fault(error.to_string().into()))
}

async fn verify(password: String, hash: String) -> Result<bool, Error> {
    let verify = move || {
        PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    };
    tokio::task::spawn_blocking(verify).await.map_err(Error::fault)
}

impl Desk {
    /// Opens an account for a citizen or a business; the phone number is the log-in.
    pub async fn register(&self, registration: Registration) -> Result<UserId, Error> {
        self.register_by(&self.new_command(), registration).await
    }

    /// As [`Self::register`]. The same command with the same password opens one account, and the second answer is that
    /// of the first.
    pub async fn register_by(&self, command: &CommandId, registration: Registration) -> Result<UserId, Error> {
        let name = registration.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > 200 {
            return Err(Error::Invalid(Rule::Name));
        }
        let phone = identity::mobile(&registration.phone).ok_or(Error::Invalid(Rule::Phone))?;
        let email = match registration.email.trim() {
            "" => None,
            typed => Some(identity::email(typed).ok_or(Error::Invalid(Rule::Email))?),
        };
        check_password(&registration.password)?;
        let id = opened_by(command);
        let row = account_row::Model {
            id: id.to_string(),
            login: phone.clone(),
            kind: accounts::kind::APPLICANT.to_owned(),
            name,
            phone,
            email,
            password: hash(registration.password.clone()).await?,
            created_at: self.now().as_second(),
        };
        let transaction = self.inner.database.begin().await?;
        match transaction.add_account(row).await {
            Err(fault) if is_duplicate(&fault) => {
                drop(transaction);
                return self.registered_before(id, registration.password).await;
            }
            other => other?,
        }
        transaction.commit().await?;
        Ok(id)
    }

    /// Returns the account that the same command opened, if the password is its password. The account of any other
    /// command says no more than that the number is taken, so nobody can guess passwords here.
    async fn registered_before(&self, id: UserId, password: String) -> Result<UserId, Error> {
        let account = accounts::by_id(self.inner.database.reader(), &id).await?;
        let account = account.ok_or(Error::Invalid(Rule::PhoneTaken))?;
        if verify(password, account.password).await? { Ok(id) } else { Err(Error::Invalid(Rule::PhoneTaken)) }
    }

    /// Returns a new identifier. Those of one node are ordered as they were made.
    pub(crate) fn new_id(&self) -> Uuid {
        self.inner.ids.next(self.now().as_millisecond())
    }

    /// Returns a new id for a command that is given now.
    pub fn new_command(&self) -> CommandId {
        CommandId(self.new_id().to_string())
    }

    /// Logs in with phone number (applicants) or log-in (officers).
    pub async fn log_in(&self, login: &str, password: &str) -> Result<LoggedIn, Error> {
        let login = identity::mobile(login).unwrap_or_else(|| login.trim().to_lowercase());
        let account = accounts::by_login(self.inner.database.reader(), &login).await?;
        // A log-in that does not exist, or has no password yet, takes as long as a wrong password.
        let known = account.as_ref().map(|account| account.password.clone()).filter(|hash| !hash.is_empty());
        let known = known.unwrap_or_else(|| NOBODY.to_owned());
        let right = verify(password.to_owned(), known).await?;
        let Some(account) = account.filter(|_| right) else { return Err(Error::Invalid(Rule::Login)) };
        let actor = accounts::actor(self.inner.database.reader(), &account, self.today()).await?;
        let token = Token::random();
        let now = self.now().as_second();
        let transaction = self.inner.database.begin().await?;
        transaction.add_session(&token.hash(), &account.id, now, now + SESSION_SECONDS).await?;
        transaction.commit().await?;
        Ok(LoggedIn { token, actor })
    }

    /// Ends a session.
    pub async fn log_out(&self, token: &Token) -> Result<(), Error> {
        let transaction = self.inner.database.begin().await?;
        transaction.end_session(&token.hash()).await?;
        Ok(transaction.commit().await?)
    }

    /// Who is logged in with this token.
    pub async fn session(&self, token: &Token) -> Result<Option<Session>, Error> {
        let reader = self.inner.database.reader();
        let Some(account) = accounts::of_session(reader, &token.hash(), self.now().as_second()).await? else {
            return Ok(None);
        };
        let actor = accounts::actor(reader, &account, self.today()).await?;
        Ok(Some(Session { actor }))
    }

    /// Gives the account with this log-in a new password and ends its sessions.
    pub async fn set_password(&self, login: &str, password: &str) -> Result<(), Error> {
        check_password(password)?;
        let account = accounts::by_login(self.inner.database.reader(), login).await?.ok_or(Error::NotFound)?;
        let hashed = hash(password.to_owned()).await?;
        let transaction = self.inner.database.begin().await?;
        transaction.set_password(&account.id, &hashed).await?;
        Ok(transaction.commit().await?)
    }

    /// Officers' accounts, by log-in.
    pub async fn officers(&self) -> Result<Vec<OfficerAccount>, Error> {
        let rows = accounts::officers(self.inner.database.reader()).await?;
        let account = |row: account_row::Model| OfficerAccount {
            can_log_in: !row.password.is_empty(),
            login: row.login,
            name: row.name,
        };
        Ok(rows.into_iter().map(account).collect())
    }

    /// Makes the accounts of officers and their posts those of `organisation.toml`. A new account cannot log in
    /// until it is given a password.
    pub(crate) async fn sync_officers(&self) -> Result<(), Error> {
        let known = accounts::officers(self.inner.database.reader()).await?;
        let transaction = self.inner.database.begin().await?;
        for officer in &self.inner.province.officers {
            let id = match known.iter().find(|row| row.login == officer.login) {
                Some(row) => row.id.clone(),
                None => {
                    let row = account_row::Model {
                        id: self.new_id().to_string(),
                        login: officer.login.clone(),
                        kind: accounts::kind::OFFICER.to_owned(),
                        name: officer.name.clone(),
                        phone: String::new(),
                        email: None,
                        password: String::new(),
                        created_at: self.now().as_second(),
                    };
                    let id = row.id.clone();
                    transaction.add_account(row).await?;
                    id
                }
            };
            transaction.set_posts(&id, &officer.posts).await?;
        }
        let gone = known.iter().filter(|row| !self.inner.province.officers.iter().any(|o| o.login == row.login));
        for row in gone {
            transaction.set_posts(&row.id, &[]).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Returns the id of the account that a command opens.
fn opened_by(command: &CommandId) -> UserId {
    let hash: [u8; 32] = Sha256::digest(format!("account:{command}")).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    UserId(uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string())
}

fn check_password(password: &str) -> Result<(), Error> {
    match password.chars().count() {
        length if length < SHORTEST_PASSWORD => Err(Error::Invalid(Rule::PasswordShort)),
        length if length > LONGEST_PASSWORD => Err(Error::Invalid(Rule::PasswordLong)),
        _ => Ok(()),
    }
}

/// The hash of a password that nobody has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn a_proof_is_another_each_time_and_fits_its_own_token_only() {
        let (own, other) = (Token::random(), Token::random());
        let (first, second) = (own.form_proof(), own.form_proof());
        assert_ne!(first, second);
        assert!(own.proves(&first) && own.proves(&second));
        assert!(!other.proves(&first));
        for wrong in ["", "00", &first[..64], &format!("{first}00"), &first.replace(['0', '1'], "2"), "không"] {
            assert!(!own.proves(wrong), "{wrong}");
        }
    }
}
