//! Proofs that a person is the owner of an account: the password typed again, and codes that were sent.

use super::PeopleService;
use super::passwords::NOBODY;
use super::sessions::person;
use crate::{Error, InputRule};
use motcua_domain::people::organisation::Actor;
use motcua_store::{account_row, accounts};

impl PeopleService {
    /// Returns the account of a person who typed its password again.
    pub(crate) async fn proven(&self, actor: &Actor, password: &str) -> Result<account_row::Model, Error> {
        let account = accounts::by_id(self.database.reader(), person(actor)?).await?.ok_or(Error::NotFound)?;
        if self.hashing.verify(password, account.password.clone()).await? {
            return Ok(account);
        }
        self.note_failure(Some(&account)).await;
        Err(Error::Invalid(InputRule::PasswordWrong))
    }

    /// Returns whether an account has this password.
    pub(crate) async fn has_password(&self, account: &account_row::Model, password: &str) -> Result<bool, Error> {
        self.hashing.verify(password, account.password.clone()).await
    }

    /// Returns the hash of a one-time code. It is slow as that of a password, because a code is short.
    pub(crate) async fn hash_code(&self, code: &str) -> Result<String, Error> {
        self.hashing.hash(code).await
    }

    /// Returns whether a code has this hash. Without a hash the answer is no, and takes as long.
    pub(crate) async fn is_code(&self, code: &str, hash: Option<&str>) -> Result<bool, Error> {
        let is_right = self.hashing.verify(code, hash.unwrap_or(NOBODY).to_owned()).await?;
        Ok(is_right && hash.is_some())
    }
}
