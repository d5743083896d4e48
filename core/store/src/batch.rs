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

/// Statements that are sent together.
#[derive(Debug)]
pub(crate) struct Batch {
    backend: DbBackend,
    statements: Vec<String>,
    /// The rows of each statement.
    texts: Vec<String>,
}

impl Batch {
    pub const fn new(backend: DbBackend) -> Self {
        Self { backend, statements: Vec::new(), texts: Vec::new() }
    }

    /// Adds rows. A table should be named once: on PostgreSQL all statements see what was there before the first.
    pub fn insert<E: EntityTrait>(&mut self, rows: &[E::Model], known: Known) -> Result<(), Fault>
    where
        E::Model: Serialize,
    {
        if rows.is_empty() {
            return Ok(());
        }
        let table = E::default().table_name().to_owned();
        let columns = columns::<E>();
        let keys = keys::<E>();
        let source = self.rows(&table, &columns, rows)?;
        let conflict = match known {
            Known::Refuse => String::new(),
            Known::Keep => " ON CONFLICT DO NOTHING".to_owned(),
            Known::Replace => {
                let others = columns.iter().filter(|column| !keys.contains(column));
                let sets: Vec<String> = others.map(|column| format!("\"{column}\" = excluded.\"{column}\"")).collect();
                format!(" ON CONFLICT ({}) DO UPDATE SET {}", quoted(&keys), sets.join(", "))
            }
        };
        self.statements.push(format!("INSERT INTO \"{table}\" ({}) {source}{conflict}", quoted(&columns)));
        Ok(())
    }

    /// Changes rows that are there: all columns but those `fixed`, which the rows need not have. An index over those
    /// alone is left in peace.
    pub fn update<E: EntityTrait>(&mut self, rows: &[impl Serialize], fixed: &[E::Column]) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let table = E::default().table_name().to_owned();
        let mut columns = columns::<E>();
        columns.retain(|column| fixed.iter().all(|fixed| fixed.as_str() != column));
        let (keys, others): (Vec<String>, Vec<String>) =
            columns.iter().cloned().partition(|column| keys::<E>().contains(column));
        let source = self.rows(&table, &columns, rows)?;
        let each = |columns: &[String], of: &str| -> Vec<String> {
            columns.iter().map(|column| format!("{of}\"{column}\" = new.\"{column}\"")).collect()
        };
        let sets = each(&others, "").join(", ");
        let same = each(&keys, &format!("\"{table}\".")).join(" AND ");
        self.statements.push(format!("UPDATE \"{table}\" SET {sets} FROM ({source}) AS new WHERE {same}"));
        Ok(())
    }

    /// Deletes the rows that have the primary keys of `rows`.
    pub fn delete<E: EntityTrait>(&mut self, rows: &[impl Serialize]) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let table = E::default().table_name().to_owned();
        let keys = keys::<E>();
        let quoted = quoted(&keys);
        let source = self.rows(&table, &keys, rows)?;
        self.statements.push(format!("DELETE FROM \"{table}\" WHERE ({quoted}) IN ({source})"));
        Ok(())
    }

    /// A query that gives these columns of the rows.
    fn rows(&mut self, table: &str, columns: &[String], rows: &[impl Serialize]) -> Result<String, Fault> {
        self.texts.push(serde_json::to_string(rows)?);
        let number = self.texts.len();
        Ok(if self.backend == DbBackend::Postgres {
            format!("SELECT {} FROM json_populate_recordset(NULL::\"{table}\", ${number}::json)", quoted(columns))
        } else {
            let value = |column: &String| format!("row ->> '{column}' AS \"{column}\"");
            let values: Vec<String> = columns.iter().map(value).collect();
            // Not materialised, each column would write the row's text anew. Without a condition SQLite would read a
            // following ON as part of a join.
            let rows = format!("WITH rows AS MATERIALIZED (SELECT value AS row FROM jsonb_each(${number}))");
            format!("{rows} SELECT {} FROM rows WHERE TRUE", values.join(", "))
        })
    }

    /// Runs it within the transaction of a connection; on PostgreSQL without one it is a transaction of its own.
    pub async fn run(self, connection: &impl ConnectionTrait) -> Result<(), Fault> {
        if self.statements.is_empty() {
            return Ok(());
        }
        let sql = self.script();
        let values = self.texts.into_iter().map(Value::from);
        connection.execute_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        Ok(())
    }

    /// Everything in one text.
    fn script(&self) -> String {
        if self.backend == DbBackend::Postgres {
            let parts = self.statements.iter().enumerate().map(|(number, sql)| format!("s{number} AS ({sql})"));
            // The query itself comes first: who holds the lock of the journal is waited for before anything is written.
            format!("WITH {} SELECT pg_advisory_xact_lock({JOURNAL_LOCK})", parts.collect::<Vec<_>>().join(", "))
        } else {
            self.statements.join("; ")
        }
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
        let query = self.texts.into_iter().fold(query(AssertSqlSafe(sql)), Query::bind);
        let done = query.execute(&mut *connection).await;
        if done.is_err() {
            // There is no transaction if it did not begin.
            let _ = raw_sql("ROLLBACK").execute(&mut *connection).await;
        }
        done.map_err(failed)?;
        Ok(())
    }
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
