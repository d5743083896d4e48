//! The daily digests of officers by e-mail: who wants one, and the day of the last one.

use crate::jobs::JobKind;
use crate::rows::digest;
use crate::{Fault, Transaction};
use jiff::civil::Date;
use motcua_domain::names::UserId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Statement,
};

/// Returns the address to which an officer's digests go, or `None` if the officer wants none.
pub async fn address(connection: &impl ConnectionTrait, officer: &UserId) -> Result<Option<String>, Fault> {
    let row = digest::Entity::find_by_id(officer.as_str()).one(connection).await?;
    Ok(row.map(|row| row.address))
}

/// Returns the officers whose digest of a day was not planned yet, in order after `after`, at most `most`.
pub async fn due(connection: &impl ConnectionTrait, day: Date, after: &str, most: u64) -> Result<Vec<UserId>, Fault> {
    let wanting = digest::Entity::find().select_only().column(digest::Column::Account);
    let wanting = wanting.filter(digest::Column::Day.lt(day.to_string())).filter(digest::Column::Account.gt(after));
    let wanting = wanting.order_by_asc(digest::Column::Account).limit(most);
    let officers: Vec<String> = wanting.into_tuple().all(connection).await?;
    Ok(officers.into_iter().map(UserId).collect())
}

impl Transaction {
    /// Stores that an officer wants digests at an address, the first one after a day. A change of the address keeps the day
    /// of the last one.
    pub async fn set_digest(&self, officer: &UserId, address: &str, day: Date) -> Result<(), Fault> {
        let row = digest::Model { account: officer.to_string(), address: address.to_owned(), day: day.to_string() };
        let known = OnConflict::column(digest::Column::Account).update_column(digest::Column::Address).to_owned();
        let insert = digest::Entity::insert(row.into_active_model()).on_conflict(known);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Stores that an officer wants no digests.
    pub async fn end_digest(&self, officer: &UserId) -> Result<(), Fault> {
        digest::Entity::delete_by_id(officer.as_str()).exec(self.connection()).await?;
        Ok(())
    }

    /// Adds the job that sends an officer the digest of a day, unless it was added before.
    pub async fn plan_digest(&self, officer: &UserId, day: Date, now: i64) -> Result<(), Fault> {
        const SQL: &str = "UPDATE digest SET day = $2 WHERE account = $1 AND day < $2";
        let connection = self.connection();
        let values = [officer.as_str().into(), day.to_string().into()];
        let update = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
        if connection.execute_raw(update).await?.rows_affected() == 0 {
            return Ok(());
        }
        self.add_job(&format!("{}/{officer}/{day}", JobKind::Digest.name()), JobKind::Digest, now).await
    }
}
