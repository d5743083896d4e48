//! Accounts of applicants and officers.

use super::{PeopleService, passwords};
use crate::{Error, InputRule};
use motcua_catalogue::{Officer, Province};
use motcua_domain::identity;
use motcua_domain::names::{CommandId, UserId};
use motcua_domain::people::organisation::{Actor, Post};
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_store::audit::StaffEventKind;
use motcua_store::contacts::ContactChannel;
use motcua_store::{Transaction, account_act_row, account_row, accounts, is_duplicate};
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// The longest log-in of an officer, in characters.
const LONGEST_LOGIN: usize = 64;

/// The longest name of a person, in characters.
const LONGEST_NAME: usize = 200;

/// The data with which a citizen or a business opens an account.
#[derive(Debug, Clone)]
pub struct Registration {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub password: String,
    /// The e-mail address is the log-in instead of the phone number, because somebody else registered the number.
    pub by_email: bool,
}

/// An officer's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerAccount {
    pub login: String,
    pub name: String,
    pub state: OfficerState,
    /// A command added it, and organisation.toml has not named it since.
    pub by_command: bool,
}

/// The reason why an officer can or cannot log in, as the database and organisation.toml have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficerState {
    CanLogIn,
    /// No password has been set.
    NoPassword,
    /// A command locked the account.
    Locked,
    /// organisation.toml no longer names the officer. The next start of the portal closes the account.
    Leaving,
    /// organisation.toml no longer names the officer, and the account is closed.
    Removed,
    /// A command locked the account, and organisation.toml no longer names the officer.
    LockedAndRemoved,
    /// The account is closed, and organisation.toml names the officer again. The next start of the portal opens it.
    Returning,
}

impl OfficerState {
    /// Returns the state of an officer's account.
    pub fn of(account: &account_row::Model, province: &Province) -> Self {
        let login = identity::login(&account.login);
        let is_named = province.officers.iter().any(|officer| officer.login == login);
        // The file does not decide on an officer whom a command added, until it names them.
        let is_gone = !is_named && !account.by_command;
        match account.closed.as_deref() {
            Some(accounts::closed::REMOVED) if is_named => Self::Returning,
            Some(accounts::closed::REMOVED) => Self::Removed,
            Some(_) if is_gone => Self::LockedAndRemoved,
            Some(_) => Self::Locked,
            None if is_gone => Self::Leaving,
            None if account.password.is_empty() => Self::NoPassword,
            None => Self::CanLogIn,
        }
    }

    /// Returns whether organisation.toml named the officer once and no longer does.
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Leaving | Self::Removed | Self::LockedAndRemoved)
    }

    /// Returns whether a command or an administrator locked the account.
    pub const fn is_locked(self) -> bool {
        matches!(self, Self::Locked | Self::LockedAndRemoved)
    }

    /// Returns the state in words that follow the log-in of the officer.
    pub fn text(self) -> Text {
        match self {
            Self::CanLogIn => text!("đăng nhập được", "can log in"),
            Self::NoPassword => text!("chưa có mật khẩu", "has no password yet"),
            Self::Locked => text!("đang bị khóa", "is locked"),
            Self::Leaving => text!(
                "không còn trong organisation.toml; tài khoản vẫn mở cho đến khi cổng khởi động lại",
                "is gone from organisation.toml; the account is open until the portal starts again"
            ),
            Self::Removed => text!(
                "không còn trong organisation.toml; tài khoản đã đóng",
                "is gone from organisation.toml; the account is closed"
            ),
            Self::LockedAndRemoved => text!(
                "đang bị khóa, và không còn trong organisation.toml",
                "is locked, and is gone from organisation.toml"
            ),
            Self::Returning => text!(
                "lại có trong organisation.toml; tài khoản còn đóng cho đến khi cổng khởi động lại",
                "is in organisation.toml again; the account is closed until the portal starts again"
            ),
        }
    }
}

impl PeopleService {
    /// Opens an account for a citizen or a business. The phone number is the log-in.
    pub async fn register(&self, registration: Registration) -> Result<UserId, Error> {
        self.register_by(&self.ids.command(), registration).await
    }

    /// Opens an account as [`Self::register`] does, once for each command.
    ///
    /// The same command with the same password opens one account, and the second answer repeats the first.
    pub async fn register_by(&self, command: &CommandId, registration: Registration) -> Result<UserId, Error> {
        let name = full_name(&registration.name)?;
        let phone = identity::mobile(&registration.phone).ok_or(Error::Invalid(InputRule::Phone))?;
        let email = match registration.email.trim() {
            "" => None,
            typed => Some(identity::email(typed).ok_or(Error::Invalid(InputRule::Email))?),
        };
        passwords::check(&registration.password, &[&name, &phone, email.as_deref().unwrap_or_default()])?;
        // The portal does not know the owner of a number or an address. A person whose number is taken can use their
        // address, and the other way round.
        let (login, taken) = match (&email, registration.by_email) {
            (Some(email), true) => (identity::login(email), InputRule::EmailTaken),
            (None, true) => return Err(Error::Invalid(InputRule::Email)),
            (_, false) => (phone.clone(), InputRule::PhoneTaken),
        };
        let id = opened_by(command);
        let row = account_row::Model {
            id: id.to_string(),
            login,
            kind: accounts::kind::APPLICANT.to_owned(),
            name,
            phone,
            email,
            password: self.hashing.hash(&registration.password).await?,
            created_at: self.clock.now().as_second(),
            closed: None,
            by_command: false,
        };
        let transaction = self.database.begin().await?;
        match transaction.add_account(row).await {
            Err(fault) if is_duplicate(&fault) => {
                drop(transaction);
                return self.registered_before(id, &registration.password, taken).await;
            }
            other => other?,
        }
        transaction.commit().await?;
        Ok(id)
    }

    /// Opens the account of a person who came to a counter. The citizen number is the log-in, and nobody can log in until
    /// the account has a password. The same transaction records `act` with the account. An account with this log-in is a
    /// duplicate.
    pub(crate) async fn open_at_counter(
        &self,
        number: &str,
        name: &str,
        phone: &str,
        email: Option<String>,
        act: account_act_row::Model,
    ) -> Result<UserId, Error> {
        let id = UserId(self.ids.next().to_string());
        let row = account_row::Model {
            id: id.to_string(),
            login: number.to_owned(),
            kind: accounts::kind::APPLICANT.to_owned(),
            name: name.to_owned(),
            phone: phone.to_owned(),
            email,
            password: String::new(),
            created_at: self.clock.now().as_second(),
            closed: None,
            by_command: false,
        };
        let transaction = self.database.begin().await?;
        transaction.add_account(row).await?;
        transaction.add_account_act(account_act_row::Model { account: Some(id.to_string()), ..act }).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Returns the account that the same command opened, if the password is its password.
    ///
    /// For any other account the answer says only that the number is taken, so nobody can guess passwords here.
    async fn registered_before(&self, id: UserId, password: &str, taken: InputRule) -> Result<UserId, Error> {
        let account = accounts::by_id(self.database.reader(), &id).await?;
        let account = account.ok_or(Error::Invalid(taken))?;
        if self.hashing.verify(password, account.password).await? { Ok(id) } else { Err(Error::Invalid(taken)) }
    }

    /// Sets the password of the account with this log-in and ends its sessions, for a command of the operator.
    pub async fn set_password(&self, login: &str, password: &str) -> Result<(), Error> {
        let account = self.account_of(login).await?;
        let hashed = self.hash_of(password, &account).await?;
        let transaction = self.database.begin().await?;
        transaction.set_password(&account.id, &hashed).await?;
        transaction.end_sessions(&account.id, None).await?;
        self.record(&transaction, &account, StaffEventKind::PasswordSet, None).await?;
        Ok(transaction.commit().await?)
    }

    /// Checks a new password of an account and returns its hash.
    pub(crate) async fn hash_of(&self, password: &str, account: &account_row::Model) -> Result<String, Error> {
        let email = account.email.as_deref().unwrap_or_default();
        passwords::check(password, &[&account.login, &account.name, &account.phone, email])?;
        self.hashing.hash(password).await
    }

    /// Creates the account of an officer whom organisation.toml names, if it does not exist.
    ///
    /// An applicant's account with the same log-in is a duplicate, because a caller who means the officer must not get
    /// it.
    pub async fn know_officer(&self, login: &str) -> Result<(), Error> {
        let Some(officer) = self.named(&identity::login(login)) else { return Ok(()) };
        match accounts::by_login(self.database.reader(), &officer.login).await? {
            Some(account) if account.kind == accounts::kind::OFFICER => return Ok(()),
            Some(_) => return Err(Error::Duplicate),
            None => {}
        }
        let transaction = self.database.begin().await?;
        transaction.change_organisation().await?;
        let known = accounts::officers(self.database.reader()).await?;
        self.sync_officer(&transaction, officer, account_for(officer, &known)).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the officer whom organisation.toml names with this log-in.
    fn named(&self, login: &str) -> Option<&Officer> {
        self.province.officers.iter().find(|officer| officer.login == login)
    }

    pub(super) async fn account_of(&self, login: &str) -> Result<account_row::Model, Error> {
        let reader = self.database.reader();
        accounts::by_login(reader, &identity::login(login)).await?.ok_or(Error::NotFound)
    }

    /// Returns the accounts of officers, by log-in.
    pub async fn officers(&self) -> Result<Vec<OfficerAccount>, Error> {
        let rows = accounts::officers(self.database.reader()).await?;
        let account = |row: account_row::Model| OfficerAccount {
            state: OfficerState::of(&row, &self.province),
            login: row.login,
            name: row.name,
            by_command: row.by_command,
        };
        Ok(rows.into_iter().map(account).collect())
    }

    /// Returns the officers with their posts, by log-in, for a preview in which nobody has to log in.
    pub async fn officers_of_preview(&self) -> Result<Vec<Actor>, Error> {
        let reader = self.database.reader();
        let mut actors = Vec::new();
        for row in accounts::officers(reader).await? {
            actors.push(accounts::actor(reader, &row, self.clock.today()).await?);
        }
        Ok(actors)
    }

    /// Returns the state of the officer with this log-in, or `None` if no officer has it.
    pub async fn officer_state(&self, login: &str) -> Result<Option<OfficerState>, Error> {
        match self.account_of(login).await {
            Ok(account) => Ok(self.state_of(&account)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the state of an officer's account, or `None` for an applicant's.
    fn state_of(&self, account: &account_row::Model) -> Option<OfficerState> {
        let is_officer = account.kind == accounts::kind::OFFICER;
        is_officer.then(|| OfficerState::of(account, &self.province))
    }

    /// Adds an officer whom organisation.toml does not name. Such an account cannot log in until it has a password.
    pub async fn add_officer(&self, login: &str, name: &str, posts: &[Post]) -> Result<(), Error> {
        let login = identity::login(login);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if login.is_empty() || login.chars().count() > LONGEST_LOGIN || !login.chars().all(is_plain) {
            return Err(Error::Invalid(InputRule::LoginName));
        }
        let name = full_name(&name.nfc().collect::<String>())?;
        let transaction = self.database.begin().await?;
        transaction.change_organisation().await?;
        let id = self.insert_officer(&transaction, &login, &name, true).await?;
        transaction.set_posts(&id, &self.with_exceptions(posts)).await?;
        Ok(transaction.commit().await?)
    }

    /// Locks an account and ends its sessions on all nodes, or unlocks it. `by` is the administrator who does it, and
    /// none for a command of the operator.
    ///
    /// An officer whom organisation.toml removed stays out, because only the file can make a person an officer again.
    /// Once the file names the officer again, unlocking also opens an account that the removal closed.
    pub(crate) async fn lock(&self, by: Option<&UserId>, login: &str, locked: bool) -> Result<(), Error> {
        let transaction = self.database.begin().await?;
        // A node that starts at this moment closes and opens accounts, too.
        transaction.change_organisation().await?;
        let account = self.account_of(login).await?;
        let state = self.state_of(&account);
        if !locked && state.is_some_and(OfficerState::is_gone) {
            return Err(Error::Invalid(InputRule::OfficerRemoved));
        }
        let reason = locked.then_some(accounts::closed::LOCKED);
        if locked && account.closed.as_deref() == reason {
            // The same command again changes nothing, and no node reads the organisation again.
            return Ok(());
        }
        if !locked
            && state.is_some()
            && let Some(officer) = self.named(&account.login)
            && accounts::posts(transaction.connection(), &account.id).await?.is_empty()
        {
            // An earlier start may have taken the posts away. Other posts stay, because the file may have mistakes.
            self.sync_officer(&transaction, officer, Some(&account)).await?;
        }
        transaction.close_account(&account.id, reason).await?;
        // The same command again changes nothing, and is recorded once.
        if account.closed.as_deref() != reason {
            let kind = if locked { StaffEventKind::Locked } else { StaffEventKind::Unlocked };
            self.record(&transaction, &account, kind, by).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn insert_officer(
        &self,
        transaction: &Transaction,
        login: &str,
        name: &str,
        by_command: bool,
    ) -> Result<String, Error> {
        let row = account_row::Model {
            id: self.ids.next().to_string(),
            login: login.to_owned(),
            kind: accounts::kind::OFFICER.to_owned(),
            name: name.to_owned(),
            phone: String::new(),
            email: None,
            password: String::new(),
            created_at: self.clock.now().as_second(),
            closed: None,
            by_command,
        };
        let id = row.id.clone();
        transaction.add_account(row).await?;
        Ok(id)
    }

    /// Returns the posts, each with whether its holder may approve their own proposals.
    fn with_exceptions(&self, posts: &[Post]) -> Vec<(Post, bool)> {
        let agency = |post: &Post| self.province.agency(&post.agency);
        let own = |post: &Post| agency(post).is_some_and(|agency| agency.lets_approve_own(post));
        posts.iter().map(|post| (post.clone(), own(post))).collect()
    }

    /// Updates the accounts of officers, their names and their posts from `organisation.toml`.
    ///
    /// A new account cannot log in until it has a password. An account that the file no longer names is closed, which
    /// ends its sessions on all nodes. Accounts that a command added stay as they are until the file names them, and
    /// follow the file from then on.
    pub(crate) async fn sync_officers(&self) -> Result<(), Error> {
        let officers = &self.province.officers;
        let transaction = self.database.begin().await?;
        transaction.change_organisation().await?;
        let known = accounts::officers(self.database.reader()).await?;
        for officer in officers {
            self.sync_officer(&transaction, officer, account_for(officer, &known)).await?;
        }
        for row in &known {
            let state = OfficerState::of(row, &self.province);
            if state.is_gone() {
                transaction.set_posts(&row.id, &[]).await?;
                transaction.set_officer_contacts(&row.id, &[]).await?;
            }
            if state == OfficerState::Leaving {
                tracing::warn!(account = %row.id, "organisation.toml no longer names an officer, who is logged out");
                transaction.close_account(&row.id, Some(accounts::closed::REMOVED)).await?;
            }
        }
        Ok(transaction.commit().await?)
    }

    async fn sync_officer(
        &self,
        transaction: &Transaction,
        officer: &Officer,
        row: Option<&account_row::Model>,
    ) -> Result<(), Error> {
        if row.is_none_or(|row| row.login != officer.login)
            && let Some(other) = accounts::by_login(transaction.connection(), &officer.login).await?
        {
            tracing::error!(
                account = %other.id,
                "an applicant has the log-in of an officer of organisation.toml; give the officer another one"
            );
            return Ok(());
        }
        let id = match row {
            Some(row) => {
                if row.login != officer.login {
                    transaction.change_login(&row.id, &officer.login).await?;
                }
                if row.by_command {
                    transaction.leave_to_organisation(&row.id).await?;
                }
                if row.name != officer.name {
                    transaction.rename_account(&row.id, &officer.name).await?;
                }
                if row.closed.as_deref() == Some(accounts::closed::REMOVED) {
                    transaction.close_account(&row.id, None).await?;
                }
                row.id.clone()
            }
            None => self.insert_officer(transaction, &officer.login, &officer.name, false).await?,
        };
        transaction.set_officer_contacts(&id, &known_of(officer)).await?;
        Ok(transaction.set_posts(&id, &self.with_exceptions(&officer.posts)).await?)
    }
}

/// Returns a name as accounts have it, with single blanks.
pub(crate) fn full_name(typed: &str) -> Result<String, Error> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Error::Invalid(InputRule::Name));
    }
    Ok(name)
}

/// Returns what organisation.toml says about the person who is an officer.
fn known_of(officer: &Officer) -> Vec<(&'static str, String)> {
    let Officer { citizen_number, phone, email, .. } = officer;
    let known =
        [("identity", citizen_number), (ContactChannel::Phone.name(), phone), (ContactChannel::Email.name(), email)];
    known.into_iter().filter_map(|(kind, value)| Some((kind, value.clone()?))).collect()
}

/// Returns the account of an officer of organisation.toml. Accounts of earlier versions may have other spellings of
/// their log-ins, by which nobody could log in.
fn account_for<'a>(officer: &Officer, known: &'a [account_row::Model]) -> Option<&'a account_row::Model> {
    let exact = known.iter().find(|row| row.login == officer.login);
    exact.or_else(|| known.iter().find(|row| identity::login(&row.login) == officer.login))
}

/// Returns the id of the account that a command opens.
fn opened_by(command: &CommandId) -> UserId {
    let hash: [u8; 32] = Sha256::digest(format!("account:{command}")).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    UserId(uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string())
}
