//! Log-ins at providers: those that have begun, the people who are known, and the sessions that they opened.

use crate::rows::{external_login, login_attempt, provider_session};
use crate::{Fault, Transaction};
use motcua_domain::names::UserId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// The most log-ins at providers that an account has.
pub const MOST_OF_ACCOUNT: u64 = 20;

/// Returns a person of a provider, if they are known.
pub async fn of_subject(
    connection: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<external_login::Model>, Fault> {
    let key = (issuer.to_owned(), subject.to_owned());
    Ok(external_login::Entity::find_by_id(key).one(connection).await?)
}

/// Returns the log-ins at providers of an account, the oldest first.
pub async fn of_account(
    connection: &impl ConnectionTrait,
    account: &UserId,
) -> Result<Vec<external_login::Model>, Fault> {
    Ok(external_login::Entity::find()
        .filter(external_login::Column::Account.eq(account.as_str()))
        .order_by_asc(external_login::Column::LinkedAt)
        .order_by_asc(external_login::Column::Subject)
        .limit(MOST_OF_ACCOUNT)
        .all(connection)
        .await?)
}

/// Returns the provider at which a session was opened.
pub async fn provider_of(connection: &impl ConnectionTrait, token_hash: &str) -> Result<Option<String>, Fault> {
    let row = provider_session::Entity::find_by_id(token_hash.to_owned()).one(connection).await?;
    Ok(row.map(|row| row.provider))
}

impl Transaction {
    /// Adds a log-in that begins now, unless its network has begun `most` others that have not ended. Deletes those that
    /// have expired. Returns whether it was added.
    pub async fn begin_login(&self, row: login_attempt::Model, now: i64, most: u64) -> Result<bool, Fault> {
        self.forget_logins(now).await?;
        let of_network = login_attempt::Column::Network.eq(row.network.as_str());
        let begun = login_attempt::Entity::find().filter(of_network).count(self.connection()).await?;
        if begun >= most {
            return Ok(false);
        }
        login_attempt::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(true)
    }

    /// Deletes the log-ins that were not ended in time, with the forms that they carry. Returns the number of log-ins.
    pub async fn forget_logins(&self, now: i64) -> Result<u64, Fault> {
        let expired = login_attempt::Column::ExpiresAt.lte(now);
        Ok(login_attempt::Entity::delete_many().filter(expired).exec(self.connection()).await?.rows_affected)
    }

    /// Deletes a log-in that has begun, and returns it. Of two answers at the same moment, one gets it.
    pub async fn end_login(&self, state_hash: &str) -> Result<Option<login_attempt::Model>, Fault> {
        let row = login_attempt::Entity::find_by_id(state_hash.to_owned()).one(self.connection()).await?;
        let deleted = login_attempt::Entity::delete_by_id(state_hash.to_owned()).exec(self.connection()).await?;
        Ok(row.filter(|_| deleted.rows_affected == 1))
    }

    /// Links a person of a provider to an account. A person who is linked already is a duplicate fault.
    pub async fn link_login(&self, row: external_login::Model) -> Result<(), Fault> {
        external_login::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Notes a log-in of a person of a provider.
    pub async fn note_login(&self, issuer: &str, subject: &str, level: i64, now: i64) -> Result<(), Fault> {
        external_login::Entity::update_many()
            .col_expr(external_login::Column::UsedAt, now.into())
            .col_expr(external_login::Column::Level, level.into())
            .filter(external_login::Column::Issuer.eq(issuer))
            .filter(external_login::Column::Subject.eq(subject))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Takes a person of a provider away from an account. Returns whether they belonged to it.
    pub async fn unlink_login(&self, issuer: &str, subject: &str, account: &UserId) -> Result<bool, Fault> {
        let deleted = external_login::Entity::delete_many()
            .filter(external_login::Column::Issuer.eq(issuer))
            .filter(external_login::Column::Subject.eq(subject))
            .filter(external_login::Column::Account.eq(account.as_str()))
            .exec(self.connection())
            .await?;
        Ok(deleted.rows_affected == 1)
    }

    /// Notes the provider at which a session was opened, and forgets the sessions that have ended.
    pub async fn add_provider_session(&self, row: provider_session::Model, now: i64) -> Result<(), Fault> {
        let ended = provider_session::Column::EndsAt.lte(now);
        provider_session::Entity::delete_many().filter(ended).exec(self.connection()).await?;
        provider_session::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
