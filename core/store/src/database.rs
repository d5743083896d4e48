//! Connections and transactions.

use crate::Fault;
use crate::direct::{Direct, Turn};
use motcua_migrations::{Migrator, MigratorTrait, PROJECTIONS_CHANGED};
use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use std::time::Duration;

/// Who writes knows the rows by their keys. Plans are made when tables are small or their sizes unknown, and kept: they
/// would read whole tables when these have grown. Without the last, PostgreSQL plans each time for the very rows.
const BY_KEY: [(&str, &str); 4] = [
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("plan_cache_mode", "force_generic_plan"),
];

/// What a connection of SQLite keeps of its file in memory, in KiB: the one that writes, and each that reads.
const WRITER_CACHE: u32 = 32 << 10;
const READER_CACHE: u32 = 4 << 10;

/// How long a connection is waited for, and on SQLite another that writes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What each connection of SQLite is told.
fn pragmas(writes: bool) -> Vec<(&'static str, String)> {
    let cache = if writes { WRITER_CACHE } else { READER_CACHE };
    vec![
        ("journal_mode", "WAL".to_owned()),
        ("synchronous", "FULL".to_owned()),
        ("foreign_keys", "ON".to_owned()),
        // The log is copied into the file each so many pages (4 KiB): what changes all the time, once in a while.
        ("wal_autocheckpoint", "4000".to_owned()),
        // Of each statement the old pages are kept until it ends: not in a file.
        ("temp_store", "MEMORY".to_owned()),
        ("cache_size", format!("-{cache}")),
        ("query_only", if writes { "OFF" } else { "ON" }.to_owned()),
    ]
}

/// How to open the database.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite:///path/to/motcua.db` or `postgres://user:password@host/name`.
    pub url: String,
    /// How many connections read at once; on PostgreSQL as many write.
    pub readers: u32,
}

/// The open database: readers that cannot write, and beside them one writer on SQLite, several on PostgreSQL.
#[derive(Debug, Clone)]
pub struct Database {
    readers: DatabaseConnection,
    writers: DatabaseConnection,
    /// On SQLite, what writes changes of dossiers.
    direct: Option<Direct>,
}

/// A write transaction. Dropping it without [`Transaction::commit`] undoes everything.
#[derive(Debug)]
pub struct Transaction {
    inner: DatabaseTransaction,
    _turn: Option<Turn>,
}

impl Database {
    /// Opens the database, creating the file of an embedded one.
    pub async fn open(options: &Options) -> Result<Self, Fault> {
        let connect = |connections: u32, writes: bool| {
            let mut connect = ConnectOptions::new(options.url.clone());
            connect
                .max_connections(connections)
                .acquire_timeout(PATIENCE)
                .sqlx_logging(false)
                .test_before_acquire(false)
                .map_sqlx_postgres_opts(move |postgres| {
                    if writes {
                        postgres.options(BY_KEY)
                    } else {
                        postgres.options([("default_transaction_read_only", "on")])
                    }
                })
                .map_sqlx_sqlite_opts(move |sqlite| {
                    let sqlite = sqlite.create_if_missing(true).busy_timeout(PATIENCE);
                    pragmas(writes).into_iter().fold(sqlite, |sqlite, (name, value)| sqlite.pragma(name, value))
                });
            connect
        };
        let sqlite = options.url.starts_with("sqlite:");
        // The writer comes first: it creates the file and turns WAL on.
        let writers = sea_orm::Database::connect(connect(if sqlite { 1 } else { options.readers }, true)).await?;
        let readers = sea_orm::Database::connect(connect(options.readers, false)).await?;
        let direct = sqlite.then(|| {
            let file = writers.get_sqlite_connection_pool().connect_options();
            Direct::open(file.get_filename(), PATIENCE, pragmas(true))
        });
        Ok(Self { readers, writers, direct: direct.transpose()? })
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), Fault> {
        let pending = self.pending_migrations().await?;
        Migrator::up(&self.writers, None).await?;
        if pending.iter().any(|name| name == PROJECTIONS_CHANGED) {
            let transaction = self.begin().await?;
            transaction.rebuild_projections().await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// The names of migrations that have not been applied.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, Fault> {
        let pending = Migrator::get_pending_migrations(&self.writers).await?;
        Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Fault> {
        Ok(self.readers.ping().await?)
    }

    /// `sqlite` or `postgresql`.
    pub fn kind(&self) -> &'static str {
        match self.writers.get_database_backend() {
            DbBackend::Sqlite => "sqlite",
            _ => "postgresql",
        }
    }

    /// A connection for reading.
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Whether [`Database::write`] blocks while the disk works.
    pub const fn blocks(&self) -> bool {
        self.direct.is_some()
    }

    /// On SQLite, what writes batches.
    pub(crate) const fn direct(&self) -> Option<&Direct> {
        self.direct.as_ref()
    }

    /// The connection that writes.
    pub(crate) const fn writer(&self) -> &DatabaseConnection {
        &self.writers
    }

    /// Begins a write transaction.
    pub async fn begin(&self) -> Result<Transaction, Fault> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let turn = match &self.direct {
            Some(direct) => Some(direct.turn().await),
            None => None,
        };
        Ok(Transaction { inner: self.writers.begin_with_options(options).await?, _turn: turn })
    }

    /// Closes all connections, after what is under way.
    pub async fn close(self) -> Result<(), Fault> {
        self.readers.close().await?;
        Ok(self.writers.close().await?)
    }
}

impl Transaction {
    /// The connection that belongs to the transaction.
    pub const fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Makes everything durable.
    pub async fn commit(self) -> Result<(), Fault> {
        Ok(self.inner.commit().await?)
    }
}
