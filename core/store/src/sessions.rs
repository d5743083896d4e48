//! Sessions: opening, extending, listing and ending them.

use crate::rows::{account, session};
use crate::{Fault, Transaction};
use motcua_domain::names::UserId;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};

/// The most sessions of an account that are listed.
const LISTED: u64 = 100;

/// Returns the account of a session that has not ended.
///
/// The session's two ends come with it: one that holds if nothing is done, and one that holds in any case. A closed
/// account has no session.
pub async fn of_session(
    connection: &impl ConnectionTrait,
    token_hash: &str,
    now: i64,
) -> Result<Option<OpenSession>, Fault> {
    // Every request asks this, so it is one query.
    const SQL: &str = "SELECT a.id, a.login, a.kind, a.name, a.phone, a.email, a.password, a.created_at, a.closed,
                              a.by_command, s.expires_at, s.ends_at, s.used_at
                       FROM session s JOIN account a ON a.id = s.account
                       WHERE s.token_hash = $1 AND s.expires_at > $2 AND (s.ends_at > $2 OR s.ends_at = 0)
                             AND a.closed IS NULL";
    let values = [token_hash.into(), now.into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    Ok(OpenSession::find_by_statement(query).one(connection).await?)
}

/// A session that has not ended.
#[derive(Debug, FromQueryResult)]
pub struct OpenSession {
    #[sea_orm(nested)]
    pub account: account::Model,
    pub expires_at: i64,
    pub ends_at: i64,
    pub used_at: i64,
}

/// Returns the sessions of an account that have not ended, the last used first, a hundred at most.
pub async fn sessions_of(
    connection: &impl ConnectionTrait,
    account: &UserId,
    now: i64,
) -> Result<Vec<session::Model>, Fault> {
    let open = Condition::any().add(session::Column::EndsAt.gt(now)).add(session::Column::EndsAt.eq(0));
    Ok(session::Entity::find()
        .filter(session::Column::Account.eq(account.as_str()))
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(open)
        .order_by_desc(session::Column::UsedAt)
        .order_by_asc(session::Column::TokenHash)
        .limit(LISTED)
        .all(connection)
        .await?)
}

impl Transaction {
    /// Opens a session and deletes sessions that have ended.
    pub async fn add_session(&self, row: session::Model) -> Result<(), Fault> {
        let ended = session::Column::ExpiresAt.lte(row.opened_at);
        session::Entity::delete_many().filter(ended).exec(self.connection()).await?;
        session::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Extends a session after activity: it was used now, and ends at `expires_at` if nothing more is done.
    pub async fn extend_session(&self, token_hash: &str, now: i64, expires_at: i64) -> Result<(), Fault> {
        session::Entity::update_many()
            .col_expr(session::Column::ExpiresAt, expires_at.into())
            .col_expr(session::Column::UsedAt, now.into())
            .filter(session::Column::TokenHash.eq(token_hash))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Ends a session.
    pub async fn end_session(&self, token_hash: &str) -> Result<(), Fault> {
        session::Entity::delete_by_id(token_hash).exec(self.connection()).await?;
        Ok(())
    }

    /// Ends the sessions of an account, except one.
    pub async fn end_sessions(&self, account: &str, but: Option<&str>) -> Result<(), Fault> {
        let mut all = session::Entity::delete_many().filter(session::Column::Account.eq(account));
        if let Some(token_hash) = but {
            all = all.filter(session::Column::TokenHash.ne(token_hash));
        }
        all.exec(self.connection()).await?;
        Ok(())
    }
}
