//! The standard answers of agencies, and the record of their changes.

use crate::rows::{answer_change, standard_answer};
use crate::{Fault, Transaction};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

/// The most standard answers of an agency.
pub const MOST_ANSWERS: u64 = 100;

/// Returns the standard answers of some agencies.
pub async fn of_agencies(
    connection: &impl ConnectionTrait,
    agencies: &[&str],
) -> Result<Vec<standard_answer::Model>, Fault> {
    if agencies.is_empty() {
        return Ok(Vec::new());
    }
    let of_agencies = standard_answer::Column::Agency.is_in(agencies.iter().copied());
    Ok(standard_answer::Entity::find().filter(of_agencies).all(connection).await?)
}

/// Returns the changes of the standard answers of an agency, the latest first, at most `most`.
pub async fn changes(
    connection: &impl ConnectionTrait,
    agency: &str,
    most: u64,
) -> Result<Vec<answer_change::Model>, Fault> {
    use answer_change::Column::{Agency, Id};
    let found = answer_change::Entity::find().filter(Agency.eq(agency)).order_by_desc(Id);
    Ok(found.limit(most).all(connection).await?)
}

impl Transaction {
    /// Stores a standard answer, in the place of the one with its id.
    pub async fn set_answer(&self, row: standard_answer::Model) -> Result<(), Fault> {
        use standard_answer::Column::{Id, Text, Title};
        let known = OnConflict::column(Id).update_columns([Title, Text]).to_owned();
        let insert = standard_answer::Entity::insert(row.into_active_model()).on_conflict(known);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Removes a standard answer.
    pub async fn remove_answer(&self, id: &str) -> Result<(), Fault> {
        standard_answer::Entity::delete_by_id(id).exec(self.connection()).await?;
        Ok(())
    }

    /// Records a change of a standard answer.
    pub async fn add_answer_change(&self, row: answer_change::Model) -> Result<(), Fault> {
        answer_change::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
