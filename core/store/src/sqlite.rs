//! The thread that appends to the journal on SQLite. All changes that wait share one transaction and one flush of the
//! disk.
//!
//! ```text
//! callers ──► queue (bounded) ──► writer thread:  BEGIN
//!                                                 the rows of each change
//!    ▲                                            COMMIT ── flush
//!    └──────────── answers, after the commit ◄────┘
//! ```
//!
//! If the database rejects one of the changes, the transaction is rolled back, and all are written again, each with a
//! savepoint of its own. The rejected change then does not affect the others. Savepoints from the start would cost
//! every change a copy of the pages that it changes.
//!
//! sea-orm reaches SQLite through a thread of its own for each statement. That costs more than the statements of a
//! change do, so this one path uses rusqlite, on the same SQLite library.

use crate::Fault;
use crate::batch::{Batch, ColumnValue};
use crate::journal::{Admission, Append, Appended, EarlierRow, NotAdmitted, NumberDraw, PreparedChange};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, ToSql, params_from_iter};
use sea_orm::{DbBackend, DbErr};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, oneshot};

/// The number of prepared statements that a connection caches. Fewer shapes of rows exist.
const STATEMENTS: usize = 64;

/// The most changes that share a transaction.
const MOST_TOGETHER: usize = 200;

/// The most changes that wait. Further ones are rejected, so that memory stays bounded.
const MOST_WAITING: usize = 2000;

/// Begins a transaction that writes.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// The right to write to the file. Writers of this process wait for it in line, instead of polling SQLite's lock.
pub(crate) type WriteTurn = OwnedMutexGuard<()>;

/// The settings for opening a connection that writes.
#[derive(Debug, Clone)]
pub(crate) struct WriterOptions {
    pub path: PathBuf,
    pub busy_timeout: Duration,
    pub pragmas: Vec<(&'static str, String)>,
}

/// A handle to the writer thread. The thread ends when the last handle is dropped.
#[derive(Debug, Clone)]
pub(crate) struct SqliteWriter {
    queue: SyncSender<WaitingChange>,
    turns: Arc<tokio::sync::Mutex<()>>,
}

/// A change that waits, and the place for its answer.
struct WaitingChange {
    append: Arc<Append>,
    prepared: Option<PreparedChange>,
    answer: oneshot::Sender<Result<Appended, Fault>>,
}

impl SqliteWriter {
    /// Starts the writer thread on a file that exists.
    pub fn start(connect: WriterOptions) -> Result<Self, Fault> {
        let connection = connect.open().map_err(failed)?;
        let (queue, waiting) = sync_channel(MOST_WAITING);
        let turns = Arc::default();
        let thread = WriterThread { connect, connection: Some(connection), turns: Arc::clone(&turns) };
        let named = std::thread::Builder::new().name("sqlite-writer".to_owned());
        named.spawn(move || thread.run(&waiting)).map_err(|error| Fault::Unavailable(error.to_string()))?;
        Ok(Self { queue, turns })
    }

    /// Waits for so long until no other writer of this process writes.
    pub async fn turn(&self, patience: Duration) -> Result<WriteTurn, Fault> {
        let turn = tokio::time::timeout(patience, Arc::clone(&self.turns).lock_owned()).await;
        turn.map_err(|_| Fault::Unavailable("other changes take too long to be written".to_owned()))
    }

    /// Appends a change. Returns once the change is on the disk, or once this process is certain that it is not.
    pub async fn append(&self, append: &Arc<Append>) -> Result<Appended, Fault> {
        let prepared = if append.draw().is_some() { None } else { Some(append.prepare(DbBackend::Sqlite, None)?) };
        let (answer, answered) = oneshot::channel();
        let waiting = WaitingChange { append: Arc::clone(append), prepared, answer };
        self.queue.try_send(waiting).map_err(|error| match error {
            TrySendError::Full(_) => Fault::Unavailable("too many changes wait to be written".to_owned()),
            TrySendError::Disconnected(_) => Fault::Unavailable("the writer thread has ended".to_owned()),
        })?;
        answered.await.map_err(|_| Fault::Unavailable("the writer thread has ended".to_owned()))?
    }
}

struct WriterThread {
    connect: WriterOptions,
    /// None after a failure, until a new connection was opened.
    connection: Option<Connection>,
    turns: Arc<tokio::sync::Mutex<()>>,
}

impl WriterThread {
    fn run(mut self, queue: &Receiver<WaitingChange>) {
        while let Ok(first) = queue.recv() {
            let mut group = vec![first];
            let turn = Arc::clone(&self.turns).blocking_lock_owned();
            group.extend(queue.try_iter().take(MOST_TOGETHER - 1));
            // A panic ends the group and not the thread. Its callers learn that it is unknown whether their changes
            // were written.
            let written = std::panic::catch_unwind(AssertUnwindSafe(|| self.write_group(group)));
            if written.is_err() {
                self.connection = None;
            }
            drop(turn);
        }
    }

    /// Writes a group in one transaction, and returns whether one began.
    ///
    /// If the transaction fails on the way, each change gets a transaction of its own. If none can begin, because
    /// another process writes or the file cannot be opened, the whole group learns it at once.
    fn write_group(&mut self, group: Vec<WaitingChange>) -> bool {
        let connection = match self.begin() {
            Ok(connection) => connection,
            Err(fault) => {
                refuse(group, &fault);
                return false;
            }
        };
        match write(&connection, &group, false) {
            Ok(results) => {
                self.connection = Some(connection);
                answer(group, results);
            }
            Err(fault) if group.len() == 1 => answer(group, vec![Err(fault)]),
            Err(fault) => {
                drop(connection);
                let mut rest = group.into_iter();
                while let Some(waiting) = rest.next() {
                    if !self.write_group(vec![waiting]) {
                        refuse(rest.collect(), &fault);
                        break;
                    }
                }
            }
        }
        true
    }

    /// Begins a transaction.
    ///
    /// After a failure the connection is dropped without a commit, and the next group gets a new one.
    fn begin(&mut self) -> Result<Connection, Fault> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect.open().map_err(failed)?,
        };
        run(&connection, BEGIN)?;
        Ok(connection)
    }
}

/// Answers a whole group that nothing was written.
fn refuse(group: Vec<WaitingChange>, fault: &Fault) {
    let results = group.iter().map(|_| Err(Fault::Unavailable(fault.to_string()))).collect();
    answer(group, results);
}

fn answer(group: Vec<WaitingChange>, results: Vec<Result<Appended, Fault>>) {
    let mut written = Vec::with_capacity(group.len());
    for (WaitingChange { append, prepared, answer }, result) in group.into_iter().zip(results) {
        // The caller takes the change back without copying it, so this thread drops its reference first.
        drop(append);
        written.push(prepared);
        // The caller may have gone. The written change stays.
        let _ = answer.send(result);
    }
    // The rows are freed when no caller waits for this thread any more.
    drop(written);
}

/// Carries out a statement that is kept prepared.
fn run(connection: &Connection, sql: &str) -> Result<(), Fault> {
    connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(|_| ()).map_err(failed)
}

/// Writes the changes in the transaction that has begun, and commits it. `apart` gives each a savepoint.
fn write(connection: &Connection, group: &[WaitingChange], apart: bool) -> Result<Vec<Result<Appended, Fault>>, Fault> {
    let mut results = Vec::with_capacity(group.len());
    for waiting in group {
        if apart {
            run(connection, "SAVEPOINT change")?;
        }
        let result = write_one(connection, waiting);
        match &result {
            Err(fault) if fault.is_of_the_database() => return Err(Fault::Unavailable(fault.to_string())),
            Err(_) if apart => run(connection, "ROLLBACK TO change")?,
            Err(_) => {
                run(connection, "ROLLBACK")?;
                run(connection, BEGIN)?;
                return write(connection, group, true);
            }
            Ok(_) => {}
        }
        if apart {
            run(connection, "RELEASE change")?;
        }
        results.push(result);
    }
    run(connection, "COMMIT")?;
    Ok(results)
}

fn write_one(connection: &Connection, waiting: &WaitingChange) -> Result<Appended, Fault> {
    if let Some(admission) = &waiting.append.admission
        && let Some(refused) = not_admitted(connection, admission)?
    {
        return Ok(Appended::NotAdmitted(refused));
    }
    let numbered;
    let prepared = match (&waiting.prepared, waiting.append.draw()) {
        (Some(prepared), _) => prepared,
        (None, Some(draw)) => {
            numbered = waiting.append.prepare(DbBackend::Sqlite, Some(next_number(connection, &draw)?))?;
            &numbered
        }
        (None, None) => return Err(Fault::Unreadable("a change that was not prepared".to_owned())),
    };
    for basis in &prepared.batch.bases {
        let mut found = connection.prepare_cached(&basis.sql(0)).map_err(failed)?;
        if !found.exists(params_from_iter(&basis.cells)).map_err(failed)? {
            return Err(Fault::Overtaken);
        }
    }
    let updated = write_batch(connection, &prepared.batch).map_err(failed)?;
    Ok(prepared.appended(updated))
}

/// Writes the rows of a batch and returns how many it updated.
fn write_batch(connection: &Connection, batch: &Batch) -> rusqlite::Result<usize> {
    let mut updated = 0;
    for part in batch.parts() {
        let mut statement = connection.prepare_cached(&part.shape.sql)?;
        for row in &part.rows {
            let changed = statement.execute(params_from_iter(row))?;
            if part.updates() {
                updated += changed;
            }
        }
    }
    Ok(updated)
}

/// Returns the reason why a filing is not admitted. Nothing is written between this and the rows of the filing.
fn not_admitted(connection: &Connection, admission: &Admission) -> Result<Option<NotAdmitted>, Fault> {
    for query in admission.queries() {
        let mut statement = connection.prepare_cached(query.sql).map_err(failed)?;
        let row = |row: &rusqlite::Row<'_>| Ok(EarlierRow { code: row.get(0)?, applicant: row.get(1)? });
        let found = statement.query_row(params_from_iter(&query.values), row).optional().map_err(failed)?;
        if let Some(found) = found {
            return query.refused(found).map(Some);
        }
    }
    Ok(None)
}

fn next_number(connection: &Connection, draw: &NumberDraw) -> Result<i64, Fault> {
    let mut statement = connection.prepare_cached(draw.sql).map_err(failed)?;
    let number = statement.query_row(params_from_iter(&draw.values), |row| row.get(0)).optional().map_err(failed)?;
    number.ok_or_else(|| draw.nothing())
}

impl WriterOptions {
    fn open(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(self.busy_timeout)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        for (name, value) in &self.pragmas {
            connection.pragma_update(None, name, value)?;
        }
        // After a failed flush Linux may count pages of the log as written that never reached the disk, and recovery
        // would read them. Copying them into the file writes and flushes them again. This does not wait for readers.
        connection.busy_timeout(Duration::ZERO)?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        connection.busy_timeout(self.busy_timeout)?;
        Ok(connection)
    }
}

impl ToSql for ColumnValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Nothing => ToSqlOutput::Owned(Value::Null),
            Self::Yes(yes) => ToSqlOutput::Owned(Value::Integer(i64::from(*yes))),
            Self::Number(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

/// Tells a broken key from a fault of the file or the disk.
fn failed(error: rusqlite::Error) -> Fault {
    match &error {
        rusqlite::Error::SqliteFailure(code, message) if code.code == ErrorCode::ConstraintViolation => {
            crate::duplicate_in(message.as_deref().unwrap_or_default())
                .unwrap_or_else(|| Fault::Database(DbErr::Custom(error.to_string())))
        }
        rusqlite::Error::SqliteFailure(..) => Fault::Unavailable(error.to_string()),
        _ => Fault::Database(DbErr::Custom(error.to_string())),
    }
}
