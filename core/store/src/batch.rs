//! Many rows in one go. Rows travel as JSON in one parameter a table: the statement is the same for one row and for a
//! hundred, so the database prepares it once, and everything is one round trip.

use crate::Fault;
use crate::journal::JOURNAL_LOCK;
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{AssertSqlSafe, query, raw_sql};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn,
    RuntimeErr, Statement, Value,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What becomes of a row whose key is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// The whole is refused.
    Refuse,
    /// The new row takes its place.
    Replace,
    /// The old row stays.
    Keep,
}

/// What is done to a table. On SQLite in this order: a row that goes may make room for one that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Delete,
    Insert,
    Update,
}

/// Stands in a statement for the number of the parameter that holds its rows.
const ROWS: &str = "$rows";

#[derive(Debug)]
struct Part {
    sql: String,
    /// The rows so far, as JSON with commas between.
    rows: String,
}

/// Statements that are sent together. Rows can be added bit by bit; on PostgreSQL no two should be of one row, for all
/// statements see what was there before the first.
#[derive(Debug)]
pub(crate) struct Batch {
    backend: DbBackend,
    parts: BTreeMap<(Verb, String), Part>,
}

impl Batch {
    pub const fn new(backend: DbBackend) -> Self {
        Self { backend, parts: BTreeMap::new() }
    }

    /// Adds rows.
    pub fn insert<E: EntityTrait>(&mut self, rows: &[E::Model], known: Known) -> Result<(), Fault>
    where
        E::Model: Serialize,
    {
        self.add::<E>(Verb::Insert, rows, |table, source| {
            let (columns, keys) = (columns::<E>(), keys::<E>());
            let conflict = match known {
                Known::Refuse => String::new(),
                Known::Keep => " ON CONFLICT DO NOTHING".to_owned(),
                Known::Replace => {
                    let others = columns.iter().filter(|column| !keys.contains(column));
                    let sets: Vec<String> =
                        others.map(|column| format!("\"{column}\" = excluded.\"{column}\"")).collect();
                    format!(" ON CONFLICT ({}) DO UPDATE SET {}", quoted(&keys), sets.join(", "))
                }
            };
            format!("INSERT INTO \"{table}\" ({}) {}{conflict}", quoted(&columns), source(&columns))
        })
    }

    /// Changes rows that are there: all columns but those `fixed`, which the rows need not have. An index over those
    /// alone is left in peace.
    pub fn update<E: EntityTrait>(&mut self, rows: &[impl Serialize], fixed: &[E::Column]) -> Result<(), Fault> {
        self.add::<E>(Verb::Update, rows, |table, source| {
            let mut columns = columns::<E>();
            columns.retain(|column| fixed.iter().all(|fixed| fixed.as_str() != column));
            let (keys, others): (Vec<String>, Vec<String>) =
                columns.iter().cloned().partition(|column| keys::<E>().contains(column));
            let each = |columns: &[String], of: &str| -> Vec<String> {
                columns.iter().map(|column| format!("{of}\"{column}\" = new.\"{column}\"")).collect()
            };
            let sets = each(&others, "").join(", ");
            let same = each(&keys, &format!("\"{table}\".")).join(" AND ");
            format!("UPDATE \"{table}\" SET {sets} FROM ({}) AS new WHERE {same}", source(&columns))
        })
    }

    /// Deletes the rows that have the primary keys of `rows`.
    pub fn delete<E: EntityTrait>(&mut self, rows: &[impl Serialize]) -> Result<(), Fault> {
        self.add::<E>(Verb::Delete, rows, |table, source| {
            let keys = keys::<E>();
            format!("DELETE FROM \"{table}\" WHERE ({}) IN ({})", quoted(&keys), source(&keys))
        })
    }

    /// Adds rows to what is done to a table. `sql` makes the statement from the table and from what makes a query that
    /// gives some columns of the rows.
    fn add<E: EntityTrait>(
        &mut self,
        verb: Verb,
        rows: &[impl Serialize],
        sql: impl FnOnce(&str, &dyn Fn(&[String]) -> String) -> String,
    ) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let table = E::default().table_name().to_owned();
        let part = self.parts.entry((verb, table)).or_insert_with_key(|(_, table)| {
            let source = |columns: &[String]| source(self.backend, table, columns);
            Part { sql: sql(table, &source), rows: String::new() }
        });
        for row in rows {
            let row = serde_json::to_string(row)?;
            part.rows.reserve(row.len() + 1);
            if !part.rows.is_empty() {
                part.rows.push(',');
            }
            part.rows.push_str(&row);
        }
        Ok(())
    }

    /// Runs it within the transaction of a connection; on PostgreSQL without one it is a transaction of its own.
    pub async fn run(self, connection: &impl ConnectionTrait) -> Result<(), Fault> {
        if self.parts.is_empty() {
            return Ok(());
        }
        let (backend, sql) = (self.backend, self.script());
        let values = self.texts().map(Value::from);
        connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(())
    }

    /// Everything in one text.
    fn script(&self) -> String {
        let numbered = self.parts.values().zip(1..);
        let statements = numbered.map(|(part, number)| part.sql.replacen(ROWS, &format!("${number}"), 1));
        if self.backend == DbBackend::Postgres {
            let parts: Vec<String> =
                statements.enumerate().map(|(number, sql)| format!("s{number} AS ({sql})")).collect();
            // The query itself comes first: who holds the lock of the journal is waited for before anything is written.
            format!("WITH {} SELECT pg_advisory_xact_lock({JOURNAL_LOCK})", parts.join(", "))
        } else {
            statements.collect::<Vec<_>>().join("; ")
        }
    }

    /// The rows of each statement.
    fn texts(self) -> impl Iterator<Item = String> {
        self.parts.into_values().map(|part| format!("[{}]", part.rows))
    }

    /// Runs it as a transaction of its own, in one go. The future has to be driven to its end: dropped on the way, it
    /// leaves the connection within the transaction.
    pub async fn run_whole(self, connection: &DatabaseConnection) -> Result<(), Fault> {
        if self.backend == DbBackend::Postgres {
            return self.run(connection).await;
        }
        let sql = format!("BEGIN IMMEDIATE; {}; COMMIT", self.script());
        let failed = |error: sea_orm::sqlx::Error| DbErr::Exec(RuntimeErr::SqlxError(error.into()));
        let mut connection = connection.get_sqlite_connection_pool().acquire().await.map_err(failed)?;
        let query = self.texts().fold(query(AssertSqlSafe(sql)), Query::bind);
        let done = query.execute(&mut *connection).await;
        if done.is_err() {
            // There is no transaction if it did not begin.
            let _ = raw_sql("ROLLBACK").execute(&mut *connection).await;
        }
        done.map_err(failed)?;
        Ok(())
    }
}

/// A query that gives these columns of the rows in a parameter.
fn source(backend: DbBackend, table: &str, columns: &[String]) -> String {
    if backend == DbBackend::Postgres {
        return format!("SELECT {} FROM json_populate_recordset(NULL::\"{table}\", {ROWS}::json)", quoted(columns));
    }
    let values: Vec<String> = columns.iter().map(|column| format!("row ->> '{column}' AS \"{column}\"")).collect();
    // Not materialised, each column would write the row's text anew. Without a condition SQLite would read a following
    // ON as part of a join.
    let rows = format!("WITH rows AS MATERIALIZED (SELECT value AS row FROM jsonb_each({ROWS}))");
    format!("{rows} SELECT {} FROM rows WHERE TRUE", values.join(", "))
}

fn columns<E: EntityTrait>() -> Vec<String> {
    E::Column::iter().map(|column| column.as_str().to_owned()).collect()
}

fn keys<E: EntityTrait>() -> Vec<String> {
    E::PrimaryKey::iter().map(|key| key.into_column().as_str().to_owned()).collect()
}

fn quoted(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    quoted.join(", ")
}
