//! The connection that writes changes to SQLite. sqlx hands the outcome of each statement from its thread to the one that
//! asked; here a whole batch is written by who has it.

use crate::Fault;
use crate::batch::{Batch, Cell};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql, TransactionBehavior, params_from_iter};
use sea_orm::DbErr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;

/// How many prepared statements are kept; there are fewer kinds of rows.
const STATEMENTS: usize = 64;

/// A connection that writes batches and blocks meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct Direct {
    connection: Arc<Mutex<Connection>>,
    turns: Arc<tokio::sync::Mutex<()>>,
}

/// Who has it writes: the others wait in line, and not by trying SQLite's lock again and again.
pub(crate) type Turn = OwnedMutexGuard<()>;

impl Direct {
    /// Opens a file that is there.
    pub fn open<'a>(
        path: &Path,
        busy_timeout: Duration,
        pragmas: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Result<Self, Fault> {
        let open = || {
            let connection = Connection::open(path)?;
            connection.busy_timeout(busy_timeout)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS);
            for (name, value) in pragmas {
                connection.pragma_update(None, name, value)?;
            }
            Ok(Self { connection: Arc::new(Mutex::new(connection)), turns: Arc::default() })
        };
        open().map_err(failed)
    }

    /// Waits until nobody in this process writes.
    pub async fn turn(&self) -> Turn {
        Arc::clone(&self.turns).lock_owned().await
    }

    /// Writes a batch in a transaction of its own.
    pub async fn write(&self, batch: Batch) -> Result<(), Fault> {
        let _turn = self.turn().await;
        // Who failed while writing left the connection without a transaction.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        write(&mut connection, batch).map_err(failed)
    }
}

fn write(connection: &mut Connection, batch: Batch) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for part in batch.into_parts() {
        let mut statement = transaction.prepare_cached(&part.sql())?;
        for row in &part.rows {
            statement.execute(params_from_iter(row))?;
        }
    }
    transaction.commit()
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Nothing => ToSqlOutput::Owned(Value::Null),
            Self::Yes(yes) => ToSqlOutput::Owned(Value::Integer(i64::from(*yes))),
            Self::Number(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

fn failed(error: rusqlite::Error) -> Fault {
    Fault::Database(DbErr::Custom(error.to_string()))
}
