//! Sums of dossiers by agency, procedure and month, for the public figures, and the filings of the last days.
//!
//! The sums follow from the rows of dossiers alone, and one query reads all of them. Its cost grows with the dossiers, so
//! the caller keeps the answer for a while.

use crate::figures::{came_late, has_result, is_in_time};
use crate::{Database, DatabaseReader, Fault};
use jiff::civil::Date;
use motcua_domain::time::calendar::{UTC_OFFSET_SECONDS, instant};
use sea_orm::{DbBackend, FromQueryResult, Statement};

/// The sums of an agency, a procedure and a month. An agency is the one that has the dossiers now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct MonthlySums {
    pub agency: String,
    /// The code of the procedure.
    pub procedure: String,
    /// The month, such as `2026-11`, or an empty text for all months before the first one.
    pub month: String,
    /// The dossiers that were filed in this month.
    pub received: i64,
    /// The dossiers that ended in this month.
    pub ended: i64,
    /// The dossiers with an early or punctual result of this month.
    pub in_time: i64,
    /// The dossiers with a late result of this month.
    pub late: i64,
    /// The rated dossiers that ended in this month.
    pub rated: i64,
    /// The points of these ratings.
    pub points: i64,
}

/// The filings of a procedure over the last days, at all agencies together.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct RecentFilings {
    /// The code of the procedure.
    pub procedure: String,
    /// The dossiers of all these days.
    pub filed: i64,
    /// The dossiers of the last day alone.
    pub today: i64,
}

/// Returns the query of the filings since the day `first`.
fn recent_query(backend: DbBackend, first: Date, today: Date) -> Statement {
    // SQLite numbers parameters in the order in which they appear.
    let sql = "SELECT procedure, CAST(COUNT(*) AS BIGINT) AS filed,
                      CAST(SUM(CASE WHEN filed_at >= $1 THEN 1 ELSE 0 END) AS BIGINT) AS today
               FROM dossier WHERE filed_at >= $2 GROUP BY procedure ORDER BY procedure";
    let begin = |day: Date| instant(day.at(0, 0, 0, 0)).as_second();
    Statement::from_sql_and_values(backend, sql, [begin(today).into(), begin(first).into()])
}

async fn recent(reader: DatabaseReader, query: Statement) -> Result<Vec<RecentFilings>, Fault> {
    Ok(RecentFilings::find_by_statement(query).all(&reader).await?)
}

/// Returns the month of an instant in a column, in local time. Months before the first parameter are one.
fn month(backend: DbBackend, column: &str) -> String {
    let local = format!("{column} + {UTC_OFFSET_SECONDS}");
    let text = if backend == DbBackend::Postgres {
        format!("to_char(to_timestamp({local}) AT TIME ZONE 'UTC', 'YYYY-MM')")
    } else {
        format!("strftime('%Y-%m', {local}, 'unixepoch')")
    };
    format!("CASE WHEN {column} < $1 THEN '' ELSE {text} END")
}

/// Returns the query of the sums.
fn query(backend: DbBackend, first: Date) -> Statement {
    let sum = |name: &str| format!("CAST(SUM({name}) AS BIGINT) AS {name}");
    let sums = ["received", "ended", "in_time", "late", "rated", "points"].map(sum).join(", ");
    let sql = format!(
        "SELECT agency, procedure, month, {sums}
         FROM (SELECT agency, procedure, {filed} AS month, 1 AS received, 0 AS ended, 0 AS in_time, 0 AS late,
                      0 AS rated, 0 AS points
               FROM dossier
               UNION ALL SELECT agency, procedure, {ended}, 0, 1, 0, 0,
                      CASE WHEN rating IS NULL THEN 0 ELSE 1 END, COALESCE(rating, 0)
               FROM dossier WHERE ended_at IS NOT NULL
               UNION ALL SELECT agency, procedure, {processed}, 0, 0,
                      CASE WHEN {in_time} THEN 1 ELSE 0 END, CASE WHEN {late} THEN 1 ELSE 0 END, 0, 0
               FROM dossier WHERE {has_result}) AS part
         GROUP BY agency, procedure, month ORDER BY agency, procedure, month",
        filed = month(backend, "filed_at"),
        ended = month(backend, "ended_at"),
        processed = month(backend, "processed_at"),
        in_time = is_in_time(),
        late = came_late(),
        has_result = has_result(),
    );
    Statement::from_sql_and_values(backend, sql, [instant(first.at(0, 0, 0, 0)).as_second().into()])
}

async fn all(reader: DatabaseReader, query: Statement) -> Result<Vec<MonthlySums>, Fault> {
    Ok(MonthlySums::find_by_statement(query).all(&reader).await?)
}

impl Database {
    /// Returns the sums of all dossiers, by month from the day `first` on. A replica answers if there is one.
    pub async fn monthly_sums(&self, first: Date) -> Result<Vec<MonthlySums>, Fault> {
        let statement = query(self.backend(), first);
        self.read_behind(|reader: DatabaseReader| all(reader, statement.clone())).await
    }

    /// Returns the filings of each procedure since the day `first`, of which `today` is the last day. A replica answers
    /// if there is one.
    pub async fn recent_filings(&self, first: Date, today: Date) -> Result<Vec<RecentFilings>, Fault> {
        let statement = recent_query(self.backend(), first, today);
        self.read_behind(|reader: DatabaseReader| recent(reader, statement.clone())).await
    }
}
