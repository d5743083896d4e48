//! The end of an account, and what the law keeps of it.

use super::AccountService;
use crate::people::SessionToken;
use crate::rights::applicant;
use crate::{Error, InputRule};
use motcua_domain::people::organisation::Actor;
use motcua_store::{accounts, contacts};

impl AccountService {
    /// Returns the number of the applicant's dossiers that have not ended. They keep the account from being deleted.
    pub async fn open_dossiers(&self, actor: &Actor) -> Result<i64, Error> {
        Ok(contacts::open_dossiers(self.database.reader(), applicant(actor)?).await?)
    }

    /// Deletes the account of an applicant, who types the password again: the profile, drafts, papers, settings and
    /// sessions. Filed dossiers stay with the name in the journal. Suggestions stay, and the name in the account was the
    /// only one that they had.
    pub async fn delete(&self, actor: &Actor, token: &SessionToken, password: &str) -> Result<(), Error> {
        let id = applicant(actor)?;
        self.people.proven(actor, password).await?;
        let transaction = self.database.begin().await?;
        transaction.lock_account(id).await?;
        if contacts::open_dossiers(transaction.connection(), id).await? > 0 {
            return Err(Error::Invalid(InputRule::OpenDossiers));
        }
        transaction.erase_account(id, &token.left_behind()).await?;
        transaction.commit().await?;
        tracing::info!(account = %id, "an applicant deleted the account");
        Ok(())
    }

    /// Returns whether an account was deleted in the session of this token, so that a repeated form gets the same
    /// answer.
    pub async fn was_deleted_by(&self, token: &SessionToken) -> Result<bool, Error> {
        Ok(accounts::by_login(self.database.reader(), &token.left_behind()).await?.is_some())
    }
}
