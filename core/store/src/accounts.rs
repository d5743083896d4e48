//! Accounts, the posts they hold, and their sessions.

use crate::entities::{account, post_holding, session};
use crate::{Fault, Transaction};
use motcua_domain::names::{AgencyId, UnitId, UserId};
use motcua_domain::organisation::{Actor, Post, Role};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

/// The values of `account.kind`.
pub mod kind {
    pub const APPLICANT: &str = "applicant";
    pub const OFFICER: &str = "officer";
}

/// The account with this log-in.
pub async fn by_login(connection: &impl ConnectionTrait, login: &str) -> Result<Option<account::Model>, Fault> {
    Ok(account::Entity::find().filter(account::Column::Login.eq(login)).one(connection).await?)
}

/// The account with this id.
pub async fn by_id(connection: &impl ConnectionTrait, id: &UserId) -> Result<Option<account::Model>, Fault> {
    Ok(account::Entity::find_by_id(id.as_str()).one(connection).await?)
}

/// All accounts of officers, by log-in.
pub async fn officers(connection: &impl ConnectionTrait) -> Result<Vec<account::Model>, Fault> {
    Ok(account::Entity::find()
        .filter(account::Column::Kind.eq(kind::OFFICER))
        .order_by_asc(account::Column::Login)
        .all(connection)
        .await?)
}

/// The posts that an account holds.
pub async fn posts(connection: &impl ConnectionTrait, account: &str) -> Result<Vec<Post>, Fault> {
    let rows = post_holding::Entity::find().filter(post_holding::Column::Account.eq(account)).all(connection).await?;
    rows.into_iter().map(post).collect()
}

fn post(row: post_holding::Model) -> Result<Post, Fault> {
    let role = Role::parse(&row.role).ok_or_else(|| Fault::Unreadable(format!("role {}", row.role)))?;
    Ok(Post { agency: AgencyId(row.agency), unit: UnitId(row.unit), role })
}

/// The officers who hold the post for `role` on dossiers of this agency and unit.
pub async fn holders(
    connection: &impl ConnectionTrait,
    role: Role,
    agency: &AgencyId,
    unit: &UnitId,
) -> Result<Vec<account::Model>, Fault> {
    let mut query = post_holding::Entity::find()
        .filter(post_holding::Column::Agency.eq(agency.as_str()))
        .filter(post_holding::Column::Role.eq(role.name()));
    if role.is_bound_to_unit() {
        query = query.filter(post_holding::Column::Unit.eq(unit.as_str()));
    }
    let ids: Vec<String> = query.all(connection).await?.into_iter().map(|row| row.account).collect();
    let query = account::Entity::find().filter(account::Column::Id.is_in(ids));
    Ok(query.order_by_asc(account::Column::Name).all(connection).await?)
}

/// The person behind an account.
pub async fn actor(connection: &impl ConnectionTrait, account: &account::Model) -> Result<Actor, Fault> {
    let (id, name) = (UserId(account.id.clone()), account.name.clone());
    Ok(match account.kind.as_str() {
        kind::OFFICER => Actor::Officer { posts: posts(connection, &account.id).await?, id, name },
        _ => Actor::Applicant { id, name },
    })
}

/// The account of a session that has not expired.
pub async fn of_session(
    connection: &impl ConnectionTrait,
    token_hash: &str,
    now: i64,
) -> Result<Option<account::Model>, Fault> {
    // Every request asks this, so it is one query.
    let open = session::Entity::find()
        .select_only()
        .column(session::Column::Account)
        .filter(session::Column::TokenHash.eq(token_hash))
        .filter(session::Column::ExpiresAt.gt(now))
        .into_query();
    Ok(account::Entity::find().filter(account::Column::Id.in_subquery(open)).one(connection).await?)
}

impl Transaction {
    /// Adds an account. A log-in that is taken is a duplicate fault.
    pub async fn add_account(&self, row: account::Model) -> Result<(), Fault> {
        account::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Makes the posts of an account these.
    pub async fn set_posts(&self, account: &str, held: &[Post]) -> Result<(), Fault> {
        let connection = self.connection();
        if posts(connection, account).await? == held {
            return Ok(());
        }
        let all = post_holding::Entity::delete_many().filter(post_holding::Column::Account.eq(account));
        all.exec(connection).await?;
        for post in held {
            let row = post_holding::Model {
                account: account.to_owned(),
                agency: post.agency.to_string(),
                unit: post.unit.to_string(),
                role: post.role.name().to_owned(),
            };
            post_holding::Entity::insert(row.into_active_model()).exec_without_returning(connection).await?;
        }
        Ok(())
    }

    /// Changes a password hash and ends the account's sessions.
    pub async fn set_password(&self, account: &str, password: &str) -> Result<(), Fault> {
        account::Entity::update_many()
            .col_expr(account::Column::Password, password.into())
            .filter(account::Column::Id.eq(account))
            .exec(self.connection())
            .await?;
        session::Entity::delete_many().filter(session::Column::Account.eq(account)).exec(self.connection()).await?;
        Ok(())
    }

    /// Remembers up to which notice an applicant has read.
    pub async fn set_notices_read(&self, account: &str, number: i64) -> Result<(), Fault> {
        account::Entity::update_many()
            .col_expr(account::Column::NoticesRead, number.into())
            .filter(account::Column::Id.eq(account))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Opens a session and forgets those that have expired.
    pub async fn add_session(&self, token_hash: &str, account: &str, now: i64, expires_at: i64) -> Result<(), Fault> {
        session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(now)).exec(self.connection()).await?;
        let row = session::Model { token_hash: token_hash.to_owned(), account: account.to_owned(), expires_at };
        session::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Ends a session.
    pub async fn end_session(&self, token_hash: &str) -> Result<(), Fault> {
        session::Entity::delete_by_id(token_hash).exec(self.connection()).await?;
        Ok(())
    }
}
