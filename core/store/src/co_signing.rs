//! The people who sign beside an applicant: their invitations and their consents.

use crate::rows::{co_signing, dossier};
use crate::{Fault, Transaction};
use motcua_domain::names::{Digest, UserId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// The most drafts and dossiers that the list of a signer shows.
pub const SIGNINGS: u64 = 100;

/// The most people who sign a draft. A group has fewer rows.
const MOST_SIGNERS: u64 = 5000;

/// Returns the invitations to sign a draft.
pub async fn of_draft(connection: &impl ConnectionTrait, draft: Uuid) -> Result<Vec<co_signing::Model>, Fault> {
    Ok(co_signing::Entity::find()
        .filter(co_signing::Column::Draft.eq(draft.to_string()))
        .order_by_asc(co_signing::Column::Id)
        .limit(MOST_SIGNERS)
        .all(connection)
        .await?)
}

/// Returns the invitation with this id.
pub async fn by_id(connection: &impl ConnectionTrait, id: Uuid) -> Result<Option<co_signing::Model>, Fault> {
    Ok(co_signing::Entity::find_by_id(id.to_string()).one(connection).await?)
}

/// Returns the invitation with this secret.
pub async fn by_secret(connection: &impl ConnectionTrait, hash: &str) -> Result<Option<co_signing::Model>, Fault> {
    Ok(co_signing::Entity::find().filter(co_signing::Column::SecretHash.eq(hash)).one(connection).await?)
}

/// Returns the drafts that an account was invited to sign, the latest first, each with its dossier if it was filed.
pub async fn of_account(
    connection: &impl ConnectionTrait,
    account: &UserId,
) -> Result<Vec<(co_signing::Model, Option<dossier::Model>)>, Fault> {
    let rows = co_signing::Entity::find()
        .filter(co_signing::Column::Account.eq(account.as_str()))
        .order_by_desc(co_signing::Column::CreatedAt)
        .order_by_desc(co_signing::Column::Id)
        .limit(SIGNINGS)
        .all(connection)
        .await?;
    let drafts = rows.iter().map(|row| row.draft.as_str());
    let dossiers = dossier::Entity::find().filter(dossier::Column::Draft.is_in(drafts)).all(connection).await?;
    let filed = |row: co_signing::Model| {
        let dossier = dossiers.iter().find(|dossier| dossier.draft == row.draft).cloned();
        (row, dossier)
    };
    Ok(rows.into_iter().map(filed).collect())
}

/// Returns the row of the dossier that a draft became.
pub async fn dossier_of(connection: &impl ConnectionTrait, draft: &str) -> Result<Option<dossier::Model>, Fault> {
    Ok(dossier::Entity::find().filter(dossier::Column::Draft.eq(draft)).one(connection).await?)
}

impl Transaction {
    /// Stores an invitation in the place of an earlier one of the same person.
    pub async fn invite(&self, invitation: co_signing::Model) -> Result<(), Fault> {
        use co_signing::Column;
        co_signing::Entity::delete_many()
            .filter(Column::Draft.eq(invitation.draft.as_str()))
            .filter(Column::Signer.eq(invitation.signer.as_str()))
            .filter(Column::Person.eq(invitation.person.as_str()))
            .exec(self.connection())
            .await?;
        co_signing::Entity::insert(invitation.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Deletes invitations to sign a draft, with their consents. Returns how many there were.
    pub async fn remove_invitations(&self, draft: Uuid, ids: &[String]) -> Result<u64, Fault> {
        let removed = co_signing::Entity::delete_many()
            .filter(co_signing::Column::Draft.eq(draft.to_string()))
            .filter(co_signing::Column::Id.is_in(ids.iter().map(String::as_str)))
            .exec(self.connection())
            .await?;
        Ok(removed.rows_affected)
    }

    /// Counts a wrong number for an invitation.
    pub async fn count_wrong_number(&self, id: &str) -> Result<(), Fault> {
        co_signing::Entity::update_many()
            .col_expr(co_signing::Column::Tries, Expr::col(co_signing::Column::Tries).add(1_i64))
            .filter(co_signing::Column::Id.eq(id))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Binds an invitation to an account, unless it is bound. Returns whether it was bound now.
    pub async fn bind_invitation(&self, id: &str, account: &UserId, name: &str) -> Result<bool, Fault> {
        let bound = co_signing::Entity::update_many()
            .col_expr(co_signing::Column::Account, account.as_str().into())
            .col_expr(co_signing::Column::AccountName, name.into())
            .filter(co_signing::Column::Id.eq(id))
            .filter(co_signing::Column::Account.is_null())
            .exec(self.connection())
            .await?;
        Ok(bound.rows_affected > 0)
    }

    /// Stores the consent of an invited person to a content.
    pub async fn consent(&self, id: &str, content: &Digest, at: i64) -> Result<(), Fault> {
        co_signing::Entity::update_many()
            .col_expr(co_signing::Column::SignedAt, at.into())
            .col_expr(co_signing::Column::Content, content.as_str().into())
            .col_expr(co_signing::Column::DeclinedAt, None::<i64>.into())
            .col_expr(co_signing::Column::Reason, None::<String>.into())
            .filter(co_signing::Column::Id.eq(id))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Stores that an invited person declines. An earlier consent ends.
    pub async fn decline(&self, id: &str, reason: &str, at: i64) -> Result<(), Fault> {
        co_signing::Entity::update_many()
            .col_expr(co_signing::Column::SignedAt, None::<i64>.into())
            .col_expr(co_signing::Column::Content, None::<String>.into())
            .col_expr(co_signing::Column::DeclinedAt, at.into())
            .col_expr(co_signing::Column::Reason, reason.into())
            .filter(co_signing::Column::Id.eq(id))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
