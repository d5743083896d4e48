//! The running numbers of an agency's books. A number is drawn in the transaction of the event that has it, so that no
//! number is given twice and none is left out.

use crate::rows::receipt_book;
use crate::{Fault, Transaction};
use motcua_domain::dossier::receipts::{BookSeries, number_key};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, Statement};

/// The statement that draws the next number of a series. Its transaction locks the series until it ends.
pub(crate) const NEXT_RECEIPT: &str = "INSERT INTO receipt_book (series, last) VALUES ($1, 1)
    ON CONFLICT (series) DO UPDATE SET last = receipt_book.last + 1 RETURNING last";

/// The last keys that begin so. A longer number is higher, and numbers of one length are ordered as texts.
const HIGHEST: &str = "SELECT number_key FROM receipt_number WHERE number_key BETWEEN $1 AND $2
    ORDER BY LENGTH(number_key) DESC, number_key DESC LIMIT 20";

#[derive(FromQueryResult)]
struct KeyRow {
    number_key: String,
}

/// Returns the number of a receipt with this running number.
pub(crate) fn receipt_of(series: &BookSeries, running: i64) -> Result<String, Fault> {
    let fitting = u32::try_from(running).ok().filter(|running| *running > 0);
    let damaged = || format!("the row of {} in receipt_book is damaged: it gave {running}", series.name());
    Ok(series.number(fitting.ok_or_else(|| Fault::Unreadable(damaged()))?))
}

impl Transaction {
    /// Raises the running number of a series to the highest number that exists, if it is lower. It is lower only if
    /// somebody changed or lost its row.
    pub(crate) async fn raise_book(&self, series: &BookSeries) -> Result<(), Fault> {
        let begin = format!("{}-", number_key(&series.name()));
        let connection = self.connection();
        let values = [begin.as_str().into(), format!("{begin}9999999999").into()];
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), HIGHEST, values);
        let found = KeyRow::find_by_statement(statement).all(connection).await?;
        let last = found.iter().filter_map(|row| series.running(&row.number_key)).max().unwrap_or(0);
        let row = receipt_book::Model { series: series.name(), last };
        let raise = OnConflict::column(receipt_book::Column::Series)
            .update_column(receipt_book::Column::Last)
            .action_and_where(Expr::cust("receipt_book.last < excluded.last"))
            .to_owned();
        let insert = receipt_book::Entity::insert(row.into_active_model()).on_conflict(raise);
        insert.exec_without_returning(connection).await?;
        Ok(())
    }
}
