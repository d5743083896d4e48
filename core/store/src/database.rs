//! Connections and transactions.

use crate::projections::Rebuilt;
use crate::replica::{self, Replica};
use crate::sqlite::{SqliteWriter, WriteTurn, WriterOptions};
use crate::{DatabaseReader, Fault, postgres};
use motcua_migrations::{Migrator, MigratorTrait};
use sea_orm::sqlx::{self, SqliteConnection};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, FromQueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// The memory in KiB that a connection of SQLite uses for pages of its file: the writer, and each reader.
const WRITER_CACHE: u32 = 32 << 10;
const READER_CACHE: u32 = 4 << 10;

/// The time for which a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// The time for which a connection of SQLite waits for another process that writes. A request checks several times
/// whether its change was written, so this is a fraction of the request's patience.
const BUSY: Duration = Duration::from_secs(5);

/// The idle time after which a connection is tested before it is used.
///
/// Without the test, requests would fail one after another after a restart of the database, or behind a firewall that
/// forgets connections.
const IDLE: Duration = Duration::from_secs(1);

/// The advisory locks of PostgreSQL: one for each kind of work that one transaction at a time may do.
const MIGRATION_LOCK: i64 = 0x6d6f_7463_0001;
const RELEASE_LOCK: i64 = 0x6d6f_7463_0002;
pub(crate) const SEAL_LOCK: i64 = 0x6d6f_7463_0003;
pub(crate) const PUBLISH_LOCK: i64 = 0x6d6f_7463_0004;
const ORGANISATION_LOCK: i64 = 0x6d6f_7463_0005;

/// The oldest SQLite whose WAL mode loses nothing when one connection checkpoints while another writes.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Returns the settings of each connection of SQLite.
fn pragmas(purpose: ConnectionUse) -> Vec<(&'static str, String)> {
    let writes = purpose == ConnectionUse::Write;
    let cache = if writes { WRITER_CACHE } else { READER_CACHE };
    // The mode is stored in the file, so a connection that only looks does not set it.
    let mode = (purpose != ConnectionUse::Look).then(|| ("journal_mode", "WAL".to_owned()));
    let others = vec![
        ("synchronous", "FULL".to_owned()),
        ("foreign_keys", "ON".to_owned()),
        // The log is copied into the file once it has this many pages of 4 KiB.
        ("wal_autocheckpoint", "4000".to_owned()),
        // Statement journals stay in memory.
        ("temp_store", "MEMORY".to_owned()),
        ("cache_size", format!("-{cache}")),
        ("query_only", if writes { "OFF" } else { "ON" }.to_owned()),
    ];
    mode.into_iter().chain(others).collect()
}

/// The settings for opening the database.
#[derive(Clone)]
pub struct DatabaseOptions {
    /// `sqlite:///path/to/motcua.db` or `postgres://user:password@host/name`.
    pub url: String,
    /// A replica of a PostgreSQL database, for reads that may be some seconds old.
    pub replica: Option<String>,
    /// The number of connections that read at once. PostgreSQL has as many that write.
    pub readers: u32,
}

impl std::fmt::Debug for DatabaseOptions {
    /// Leaves the addresses out, because they may hold passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("readers", &self.readers).finish_non_exhaustive()
    }
}

/// The open database. Readers cannot write. SQLite has one writer beside them, and PostgreSQL has several.
///
/// Two ways lead to SQLite: sea-orm for reading and for small transactions, and a writer thread for the journal, where
/// the threads of the first would cost more than the statements. On PostgreSQL sea-orm serves both.
#[derive(Debug, Clone)]
pub struct Database {
    readers: DatabaseReader,
    replica: Option<Replica>,
    writers: DatabaseConnection,
    /// On SQLite, the thread that appends to the journal.
    sqlite: Option<SqliteWriter>,
    /// Set when a write failed or timed out. Only a write that changes something clears it, because a transaction
    /// without changes can be committed on a full disk.
    in_doubt: Arc<AtomicBool>,
}

/// A write transaction. Dropping it without [`Transaction::commit`] undoes everything.
#[derive(Debug)]
pub struct Transaction {
    inner: DatabaseTransaction,
    end: TransactionEnd,
    changes_organisation: AtomicBool,
    _turn: Option<WriteTurn>,
}

/// The end of a write transaction. Without a commit it is in doubt whether the database can write.
#[derive(Debug)]
struct TransactionEnd {
    in_doubt: Arc<AtomicBool>,
    settled: bool,
}

#[derive(FromQueryResult)]
struct AppliedMigration {
    version: String,
}

impl Database {
    /// Opens the database, creating the file of an embedded one.
    pub async fn open(options: &DatabaseOptions) -> Result<Self, Fault> {
        let sqlite = options.url.starts_with("sqlite:");
        if !sqlite && postgres::shares_sessions(&options.url, PATIENCE).await? {
            return Err(Fault::Unavailable(postgres::SHARED.to_owned()));
        }
        // The writer comes first: it creates the file and turns WAL on.
        let writers = connect(&options.url, if sqlite { 1 } else { options.readers }, ConnectionUse::Write).await?;
        let sqlite = sqlite.then(|| {
            let version = rusqlite::version_number();
            if version < OLDEST_SQLITE {
                return Err(Fault::Unavailable(format!("SQLite {version} can lose writes; 3.51.3 or newer is needed")));
            }
            let path = writers.get_sqlite_connection_pool().connect_options().get_filename().to_owned();
            SqliteWriter::start(WriterOptions { path, busy_timeout: BUSY, pragmas: pragmas(ConnectionUse::Write) })
        });
        let sqlite = sqlite.transpose()?;
        let readers =
            DatabaseReader::new(connect(&options.url, options.readers, ConnectionUse::Read).await?, options.readers);
        let replica = match &options.replica {
            Some(url) => Some(open_replica(url, options.readers).await?),
            None => None,
        };
        Ok(Self { readers, replica, writers, sqlite, in_doubt: Arc::default() })
    }

    /// Opens a database that exists, to look at it. None of its connections can change anything.
    pub async fn look(options: &DatabaseOptions) -> Result<Self, Fault> {
        if !options.url.starts_with("sqlite:") && postgres::shares_sessions(&options.url, PATIENCE).await? {
            return Err(Fault::Unavailable(postgres::SHARED.to_owned()));
        }
        let readers =
            DatabaseReader::new(connect(&options.url, options.readers, ConnectionUse::Look).await?, options.readers);
        let writers = connect(&options.url, 1, ConnectionUse::Look).await?;
        let replica = match &options.replica {
            Some(url) => Some(open_replica(url, options.readers).await?),
            None => None,
        };
        Ok(Self { readers, replica, writers, sqlite: None, in_doubt: Arc::default() })
    }

    /// Brings the schema up to date: all migrations in one transaction, one node at a time.
    ///
    /// If another version of the code computed the projections, recomputes them and returns the result.
    pub async fn migrate(&self) -> Result<Option<Rebuilt>, Fault> {
        let transaction = self.begin().await?;
        if self.writers.get_database_backend() == DbBackend::Postgres {
            // The second node waits as long as the first one needs.
            let unbounded = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;
                SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on;";
            transaction.connection().execute_unprepared(unbounded).await?;
            transaction.lock(MIGRATION_LOCK).await?;
        }
        Migrator::up(transaction.connection(), None).await?;
        transaction.commit().await?;
        self.catch_up_projections().await
    }

    /// Returns the names of migrations that have not been applied. It only reads.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, Fault> {
        let backend = self.readers.get_database_backend();
        let table = match backend {
            DbBackend::Sqlite => "SELECT name AS version FROM sqlite_master WHERE name = 'seaql_migrations'",
            _ => {
                // Names the table also to a role that may not read it. Such a role then learns that it may not.
                "SELECT tablename::text AS version FROM pg_tables
                  WHERE schemaname = current_schema() AND tablename = 'seaql_migrations'"
            }
        };
        let ask = async |sql: &str| {
            AppliedMigration::find_by_statement(Statement::from_string(backend, sql)).all(&self.readers).await
        };
        let applied =
            if ask(table).await?.is_empty() { Vec::new() } else { ask("SELECT version FROM seaql_migrations").await? };
        let all = Migrator::migrations().into_iter().map(|migration| migration.name().to_owned());
        Ok(all.filter(|name| !applied.iter().any(|row| row.version == *name)).collect())
    }

    /// Returns whether no migration has been applied.
    pub async fn is_new(&self) -> Result<bool, Fault> {
        Ok(self.pending_migrations().await?.len() == Migrator::migrations().len())
    }

    /// Checks that the database answers and, after a failed write, that it can write again.
    pub async fn ping(&self) -> Result<(), Fault> {
        if self.is_in_doubt() {
            let transaction = self.begin().await?;
            // The value is new each time, because SQLite writes nothing when a row stays as it is.
            transaction.set_setting("writes", &Uuid::now_v7().to_string()).await?;
            transaction.commit().await?;
            self.in_doubt.store(false, Ordering::Relaxed);
        }
        Ok(self.readers.connections().ping().await?)
    }

    /// Returns `sqlite` or `postgresql`.
    pub fn kind(&self) -> &'static str {
        match self.writers.get_database_backend() {
            DbBackend::Sqlite => "sqlite",
            _ => "postgresql",
        }
    }

    /// Returns which database it is.
    pub(crate) fn backend(&self) -> DbBackend {
        self.readers.get_database_backend()
    }

    /// Returns the connections that read.
    pub const fn reader(&self) -> &DatabaseReader {
        &self.readers
    }

    /// Returns the replica, if there is one.
    pub(crate) const fn replica(&self) -> Option<&Replica> {
        self.replica.as_ref()
    }

    /// Returns the thread that appends to the journal on SQLite.
    pub(crate) const fn sqlite(&self) -> Option<&SqliteWriter> {
        self.sqlite.as_ref()
    }

    /// Returns the connections that write.
    pub(crate) const fn writer(&self) -> &DatabaseConnection {
        &self.writers
    }

    /// Returns whether the last write failed or was given up.
    pub fn is_in_doubt(&self) -> bool {
        self.in_doubt.load(Ordering::Relaxed)
    }

    /// Records whether a change could be written.
    pub(crate) fn noted<T>(&self, written: Result<T, Fault>) -> Result<T, Fault> {
        match &written {
            Ok(_) => self.in_doubt.store(false, Ordering::Relaxed),
            Err(Fault::Duplicate { .. }) => {}
            Err(fault) => {
                log_unavailable(fault);
                self.in_doubt.store(true, Ordering::Relaxed);
            }
        }
        written
    }

    /// Begins a write transaction.
    pub async fn begin(&self) -> Result<Transaction, Fault> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let turn = match &self.sqlite {
            Some(writer) => Some(writer.turn(PATIENCE).await?),
            None => None,
        };
        let end = TransactionEnd { in_doubt: Arc::clone(&self.in_doubt), settled: false };
        let inner = self.writers.begin_with_options(options).await.map_err(Fault::from).inspect_err(log_unavailable)?;
        Ok(Transaction { inner, end, changes_organisation: AtomicBool::new(false), _turn: turn })
    }

    /// Closes all connections, after the work that is under way.
    pub async fn close(self) -> Result<(), Fault> {
        if let Some(replica) = &self.replica {
            replica.reader().connections().close_by_ref().await?;
        }
        self.readers.connections().close_by_ref().await?;
        Ok(self.writers.close().await?)
    }
}

fn log_unavailable(fault: &Fault) {
    if let Fault::Unavailable(reason) = fault {
        tracing::error!(%reason, "the database cannot write");
    }
}

impl Drop for TransactionEnd {
    fn drop(&mut self) {
        if !self.settled {
            self.in_doubt.store(true, Ordering::Relaxed);
        }
    }
}

impl Transaction {
    /// Returns the connection that belongs to the transaction.
    pub const fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Commits the transaction, which makes its changes durable.
    pub async fn commit(mut self) -> Result<(), Fault> {
        if self.changes_organisation.load(Ordering::Relaxed) {
            self.write_revision().await?;
        }
        self.inner.commit().await.map_err(Fault::from).inspect_err(log_unavailable)?;
        self.end.settled = true;
        Ok(())
    }

    /// Notes that the commit has to write a new revision of the organisation.
    pub(crate) fn note_organisation_changed(&self) {
        self.changes_organisation.store(true, Ordering::Relaxed);
    }

    /// Rolls the transaction back, and returns after that. A transaction that is dropped is rolled back a little later.
    pub(crate) async fn undo(mut self) -> Result<(), Fault> {
        self.inner.rollback().await?;
        // The transaction had nothing to write.
        self.end.settled = true;
        Ok(())
    }

    /// Lets one transaction at a time release procedures. SQLite has one writer anyway.
    pub async fn lock_releases(&self) -> Result<(), Fault> {
        self.lock(RELEASE_LOCK).await
    }

    /// Lets one transaction at a time change officers, their posts and the succession of units. SQLite has one writer
    /// anyway.
    pub(crate) async fn lock_organisation(&self) -> Result<(), Fault> {
        if self.inner.get_database_backend() == DbBackend::Postgres {
            // Several nodes that start at once look at all officers one after the other.
            self.inner.execute_unprepared("SET LOCAL lock_timeout = '50s'").await?;
        }
        self.lock(ORGANISATION_LOCK).await
    }

    /// Takes a lock if no other transaction has it. SQLite has one writer anyway.
    pub(crate) async fn try_lock(&self, lock: i64) -> Result<bool, Fault> {
        let backend = self.inner.get_database_backend();
        if backend != DbBackend::Postgres {
            return Ok(true);
        }
        let sql = format!("SELECT pg_try_advisory_xact_lock({lock})");
        let row = self.inner.query_one_raw(Statement::from_string(backend, sql)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(false))
    }

    /// Takes a lock, and waits for the transaction that has it. SQLite has one writer anyway.
    pub(crate) async fn lock(&self, lock: i64) -> Result<(), Fault> {
        if self.inner.get_database_backend() == DbBackend::Postgres {
            self.inner.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({lock})")).await?;
        }
        Ok(())
    }
}

/// The purpose of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ConnectionUse {
    Write,
    Read,
    /// Reading from a replica, which may be away.
    ReadReplica,
    /// Reading by a command, which creates nothing.
    Look,
}

/// Opens a replica. The portal also starts while the replica cannot be reached.
async fn open_replica(url: &str, connections: u32) -> Result<Replica, Fault> {
    match postgres::shares_sessions(url, replica::PATIENCE).await {
        Ok(false) => {}
        Ok(true) => return Err(Fault::Unavailable(postgres::SHARED.to_owned())),
        Err(fault) => tracing::warn!(%fault, "the replica does not answer, so the database itself is read"),
    }
    Ok(Replica::new(DatabaseReader::new(connect(url, connections, ConnectionUse::ReadReplica).await?, connections)))
}

async fn connect(url: &str, connections: u32, purpose: ConnectionUse) -> Result<DatabaseConnection, Fault> {
    let writes = purpose == ConnectionUse::Write;
    let is_replica = purpose == ConnectionUse::ReadReplica;
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(connections)
        .acquire_timeout(if is_replica { replica::PATIENCE } else { PATIENCE })
        .connect_lazy(is_replica)
        .sqlx_logging(false)
        .test_before_acquire_if_idle_for(IDLE)
        .map_sqlx_postgres_opts(postgres::introduce)
        .map_sqlx_postgres_pool_opts(move |pool| postgres::settle(pool, writes))
        .map_sqlx_sqlite_pool_opts(|pool| {
            // After a failed commit SQLite may have ended the transaction by itself while sqlx believes that it is
            // open. The next commit would then do nothing. Such a connection is closed.
            pool.after_release(|connection: &mut SqliteConnection, _| {
                Box::pin(async move {
                    sqlx::Connection::ping(connection).await?;
                    Ok(!sqlx::Connection::is_in_transaction(connection))
                })
            })
        })
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite.create_if_missing(purpose != ConnectionUse::Look).busy_timeout(BUSY);
            pragmas(purpose).into_iter().fold(sqlite, |sqlite, (name, value)| sqlite.pragma(name, value))
        });
    sea_orm::Database::connect(options).await.map_err(|error| match error {
        // The message of a connection string that cannot be parsed repeats it, and with it the password.
        DbErr::Conn(sea_orm::RuntimeErr::Internal(_)) => Fault::Unavailable(
            "the connection string cannot be parsed; special characters in it must be percent-encoded".to_owned(),
        ),
        error => error.into(),
    })
}
