//! Payments over a payment gateway that applicants have begun.
//!
//! A row tells what is known of the payment. The money itself is an event of the dossier, with an id that follows from the
//! reference. A node that is killed between the event and the row does both again, which records nothing twice.

use crate::rows::online_payment;
use crate::{Fault, Transaction};
use motcua_domain::names::DossierCode;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder};

/// The words for the states of a payment.
pub mod online_state {
    /// The gateway has said nothing for certain.
    pub const OPEN: &str = "open";
    /// The money is recorded in the dossier.
    pub const PAID: &str = "paid";
    /// The gateway took no money. A later word of the gateway that it did still counts.
    pub const FAILED: &str = "failed";
}

/// Returns the payment with this reference.
pub async fn by_reference(
    connection: &impl ConnectionTrait,
    reference: &str,
) -> Result<Option<online_payment::Model>, Fault> {
    Ok(online_payment::Entity::find_by_id(reference.to_owned()).one(connection).await?)
}

/// Returns the last payment that was begun for a dossier.
pub async fn last_of(
    connection: &impl ConnectionTrait,
    code: &DossierCode,
) -> Result<Option<online_payment::Model>, Fault> {
    let found = online_payment::Entity::find().filter(online_payment::Column::Dossier.eq(code.as_str()));
    let found = found.order_by_desc(online_payment::Column::BegunAt);
    Ok(found.order_by_desc(online_payment::Column::Reference).one(connection).await?)
}

/// Returns the number of payments that were begun for a dossier since a moment.
pub async fn begun_since(connection: &impl ConnectionTrait, code: &DossierCode, since: i64) -> Result<u64, Fault> {
    let found = online_payment::Entity::find()
        .filter(online_payment::Column::Dossier.eq(code.as_str()))
        .filter(online_payment::Column::BegunAt.gte(since));
    Ok(found.count(connection).await?)
}

impl Transaction {
    /// Adds a payment that begins now, unless one with its reference exists.
    pub async fn begin_online_payment(&self, row: online_payment::Model) -> Result<(), Fault> {
        let known = OnConflict::column(online_payment::Column::Reference).do_nothing().to_owned();
        let insert = online_payment::Entity::insert(row.into_active_model()).on_conflict(known);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Writes down what became of a payment. A payment that is recorded stays so.
    pub async fn settle_online_payment(
        &self,
        reference: &str,
        state: &str,
        transaction_number: &str,
        now: i64,
    ) -> Result<(), Fault> {
        online_payment::Entity::update_many()
            .col_expr(online_payment::Column::State, state.into())
            .col_expr(online_payment::Column::TransactionNumber, transaction_number.into())
            .col_expr(online_payment::Column::SettledAt, now.into())
            .filter(online_payment::Column::Reference.eq(reference))
            .filter(online_payment::Column::State.ne(online_state::PAID))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
