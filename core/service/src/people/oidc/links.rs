//! The people of providers who are linked to an account, and the end of a session at a provider.

use super::hashed;
use crate::people::PeopleService;
use crate::people::sessions::{SessionToken, person};
use crate::{Error, InputRule};
use motcua_catalogue::login::LoginAudience;
use motcua_domain::identity;
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Text;
use motcua_store::audit::StaffEventKind;
use motcua_store::{accounts, external_login_row, logins};

/// A person of a provider who is linked to an account, as its owner sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedLogin {
    /// A name for the form that ends the link.
    pub id: String,
    /// The name of the provider.
    pub provider: Text,
    /// The name of the person at the provider.
    pub name: String,
    /// The assurance level of the last log-in, or 0.
    pub level: i64,
    /// In seconds since 1970.
    pub linked_at: i64,
    /// The moment of the last log-in, in seconds since 1970.
    pub used_at: i64,
}

/// Returns the name of a link in the list of its owner.
fn listed_link(row: &external_login_row::Model) -> String {
    hashed("link", &format!("{}\n{}", row.issuer, row.subject)).chars().take(32).collect()
}

impl PeopleService {
    /// Returns the people of providers who are linked to the person's account, the oldest link first.
    pub async fn linked_logins(&self, actor: &Actor) -> Result<Vec<LinkedLogin>, Error> {
        let rows = logins::of_account(self.database.reader(), person(actor)?).await?;
        let listed = |row: external_login_row::Model| {
            let known = self.providers.iter().find(|known| known.settings.id == row.provider);
            LinkedLogin {
                id: listed_link(&row),
                provider: known.map_or_else(|| Text::vi(row.provider.as_str()), |known| known.settings.name.clone()),
                name: row.name,
                level: row.level,
                linked_at: row.linked_at,
                used_at: row.used_at,
            }
        };
        Ok(rows.into_iter().map(listed).collect())
    }

    /// Ends a link of the person, who types the password. An account without a password keeps its links, because they
    /// are the only way into it. A link that has ended is skipped.
    pub async fn unlink(&self, actor: &Actor, password: &str, listed: &str) -> Result<(), Error> {
        let id = person(actor)?;
        if !self.has_own_password(actor).await? {
            return Err(Error::Invalid(InputRule::ProviderLast));
        }
        self.proven(actor, password).await?;
        let rows = logins::of_account(self.database.reader(), id).await?;
        let Some(row) = rows.into_iter().find(|row| listed_link(row) == listed) else { return Ok(()) };
        let transaction = self.database.begin().await?;
        transaction.unlink_login(&row.issuer, &row.subject, id).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns whether the person's account has a password.
    pub async fn has_own_password(&self, actor: &Actor) -> Result<bool, Error> {
        let account = accounts::by_id(self.database.reader(), person(actor)?).await?;
        Ok(account.is_some_and(|account| accounts::is_hash(&account.password)))
    }

    /// Links the officer with this log-in to a subject of a provider for staff. A subject of another officer is a
    /// duplicate.
    pub async fn link_officer(&self, login: &str, provider: &str, subject: &str) -> Result<(), Error> {
        let known = self.provider(provider)?;
        let account = accounts::by_login(self.database.reader(), &identity::login(login)).await?;
        let account = account.filter(|account| account.kind == accounts::kind::OFFICER).ok_or(Error::NotFound)?;
        if known.settings.audience != LoginAudience::Staff || subject.trim().is_empty() {
            return Err(Error::NotFound);
        }
        let now = self.clock.now().as_second();
        let row = external_login_row::Model {
            issuer: known.settings.issuer.clone(),
            subject: subject.trim().to_owned(),
            account: account.id.clone(),
            provider: known.settings.id.clone(),
            name: account.name.clone(),
            level: 0,
            linked_at: now,
            used_at: now,
        };
        let transaction = self.database.begin().await?;
        transaction.link_login(row).await?;
        self.record(&transaction, &account, StaffEventKind::SubjectLinked, None).await?;
        Ok(transaction.commit().await?)
    }

    /// Takes all subjects of a provider away from the officer with this log-in, ends the sessions of the officer, and
    /// returns how many subjects there were.
    pub async fn unlink_officer(&self, login: &str, provider: &str) -> Result<usize, Error> {
        let account = accounts::by_login(self.database.reader(), &identity::login(login)).await?;
        let account = account.filter(|account| account.kind == accounts::kind::OFFICER).ok_or(Error::NotFound)?;
        let id = UserId(account.id.clone());
        let rows = logins::of_account(self.database.reader(), &id).await?;
        let mut ended = 0;
        let transaction = self.database.begin().await?;
        for row in rows.iter().filter(|row| row.provider == provider) {
            ended += usize::from(transaction.unlink_login(&row.issuer, &row.subject, &id).await?);
        }
        if ended > 0 {
            transaction.end_sessions(&account.id, None).await?;
            self.record(&transaction, &account, StaffEventKind::SubjectsTaken, None).await?;
        }
        transaction.commit().await?;
        Ok(ended)
    }

    /// Returns the name of the provider at which the session was opened, and the address at which the person logs out
    /// there too. They come back to `back`.
    pub async fn log_out_at(&self, token: &SessionToken, back: &str) -> Result<Option<(Text, String)>, Error> {
        let Some(id) = logins::provider_of(self.database.reader(), &token.hash()).await? else { return Ok(None) };
        let known = self.providers.iter().find(|known| known.settings.id == id);
        Ok(known.and_then(|known| Some((known.settings.name.clone(), known.provider.log_out(back)?))))
    }
}
