//! Bulk work of officers: the same deed on many dossiers, with a row for each of them.
//!
//! A row tells what became of its dossier. The deed itself is an event of the dossier, with an id that follows from the row.
//! A worker that is killed between the event and the row does the row again, which changes nothing.

use crate::batch::{Batch, OnExistingRow};
use crate::jobs::JobKind;
use crate::rows::{bulk_line, bulk_work};
use crate::{Fault, Transaction};
use motcua_domain::names::UserId;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

/// The beginning of the keys of the jobs that do bulk work. The id of the work follows.
pub const BULK_JOB: &str = "bulk/";

/// The most works that a list shows.
pub const LISTED_WORKS: u64 = 50;

/// The words for the states of a line.
pub mod bulk_state {
    /// The line waits for its turn.
    pub const OPEN: &str = "open";
    /// The deed is done.
    pub const DONE: &str = "done";
    /// The rules refused the deed.
    pub const REFUSED: &str = "refused";
}

/// The number of lines in a state.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct BulkCount {
    pub work: String,
    pub state: String,
    pub count: i64,
}

/// Returns bulk work by its id.
pub async fn work(connection: &impl ConnectionTrait, id: &str) -> Result<Option<bulk_work::Model>, Fault> {
    Ok(bulk_work::Entity::find_by_id(id).one(connection).await?)
}

/// Returns the latest bulk work of an officer, or of everybody, the latest first.
pub async fn works(
    connection: &impl ConnectionTrait,
    account: Option<&UserId>,
) -> Result<Vec<bulk_work::Model>, Fault> {
    let own = account.map(|account| bulk_work::Column::Account.eq(account.as_str()));
    let found = bulk_work::Entity::find().filter(Condition::all().add_option(own));
    let found = found.order_by_desc(bulk_work::Column::CreatedAt).order_by_desc(bulk_work::Column::Id);
    Ok(found.limit(LISTED_WORKS).all(connection).await?)
}

/// Returns the lines of bulk work, in the order of the list from which they came.
pub async fn lines(connection: &impl ConnectionTrait, work: &str) -> Result<Vec<bulk_line::Model>, Fault> {
    let lines = bulk_line::Entity::find().filter(bulk_line::Column::Work.eq(work));
    Ok(lines.order_by_asc(bulk_line::Column::Number).all(connection).await?)
}

/// Returns the first lines of bulk work that wait for their turn.
pub async fn open_lines(
    connection: &impl ConnectionTrait,
    work: &str,
    most: u64,
) -> Result<Vec<bulk_line::Model>, Fault> {
    let open = bulk_line::Column::State.eq(bulk_state::OPEN);
    let lines = bulk_line::Entity::find().filter(bulk_line::Column::Work.eq(work)).filter(open);
    Ok(lines.order_by_asc(bulk_line::Column::Number).limit(most).all(connection).await?)
}

/// Returns how many lines of these works are in each state.
pub async fn counts(connection: &impl ConnectionTrait, works: &[&str]) -> Result<Vec<BulkCount>, Fault> {
    let (work, state) = (bulk_line::Column::Work, bulk_line::Column::State);
    let counted = bulk_line::Entity::find().select_only().column(work).column(state);
    let counted = counted.column_as(Expr::cust("COUNT(*)"), "count").filter(work.is_in(works.iter().copied()));
    let counted = counted.group_by(work).group_by(state);
    Ok(counted.into_model::<BulkCount>().all(connection).await?)
}

impl Transaction {
    /// Adds bulk work with its lines and the job that does it. If the work exists, the fault is [`Fault::Duplicate`].
    pub async fn add_bulk_work(&self, work: bulk_work::Model, lines: Vec<bulk_line::Model>) -> Result<(), Fault> {
        let (key, at) = (format!("{BULK_JOB}{}", work.id), work.created_at);
        let connection = self.connection();
        let mut batch = Batch::new(connection.get_database_backend());
        batch.insert::<bulk_work::Entity>([work], OnExistingRow::Refuse)?;
        batch.insert::<bulk_line::Entity>(lines, OnExistingRow::Refuse)?;
        batch.run(connection).await?;
        self.add_job(&key, JobKind::Bulk, at).await
    }

    /// Records what became of a line. A line that has an outcome keeps it.
    pub async fn set_bulk_outcome(&self, line: &bulk_line::Model, refusal: Option<&str>, at: i64) -> Result<(), Fault> {
        let state = if refusal.is_some() { bulk_state::REFUSED } else { bulk_state::DONE };
        bulk_line::Entity::update_many()
            .col_expr(bulk_line::Column::State, state.into())
            .col_expr(bulk_line::Column::Refusal, refusal.map(str::to_owned).into())
            .col_expr(bulk_line::Column::At, at.into())
            .filter(bulk_line::Column::Work.eq(line.work.as_str()))
            .filter(bulk_line::Column::Dossier.eq(line.dossier.as_str()))
            .filter(bulk_line::Column::Stay.eq(line.stay))
            .filter(bulk_line::Column::State.eq(bulk_state::OPEN))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Stops bulk work. The lines that wait for their turn stay as they are.
    pub async fn stop_bulk_work(&self, id: &str) -> Result<(), Fault> {
        bulk_work::Entity::update_many()
            .col_expr(bulk_work::Column::Stopped, true.into())
            .filter(bulk_work::Column::Id.eq(id))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Deletes the bulk work that was begun before a moment, and returns how many works it were.
    pub async fn forget_bulk_work(&self, before: i64) -> Result<u64, Fault> {
        let is_old = bulk_work::Column::CreatedAt.lt(before);
        let old = bulk_work::Entity::find().select_only().column(bulk_work::Column::Id).filter(is_old.clone());
        let lines = bulk_line::Column::Work.in_subquery(old.into_query());
        bulk_line::Entity::delete_many().filter(lines).exec(self.connection()).await?;
        Ok(bulk_work::Entity::delete_many().filter(is_old).exec(self.connection()).await?.rows_affected)
    }
}
