//! The state of the database, for operators and for monitoring.

use crate::files::FileStore;
use crate::jobs::JobKind;
use crate::{Database, Fault};
use sea_orm::{DatabaseConnection, DbBackend, FromQueryResult, Statement};

/// The state of the database at one moment.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseHealth {
    /// The last write succeeded, or none failed yet.
    pub writes: bool,
    pub readers: PoolState,
    pub writers: PoolState,
    /// The size of the database in bytes.
    pub bytes: i64,
    /// Jobs that are not done: all, those that are due, and those that failed too often.
    pub jobs_waiting: i64,
    pub jobs_late: i64,
    pub jobs_dead: i64,
    /// Mails that wait to be sent.
    pub mails_waiting: i64,
    /// Entries of the journal that the log has not sealed.
    pub unsealed: i64,
}

/// Connections of a pool.
#[derive(Debug, Clone, Copy)]
pub struct PoolState {
    pub open: u32,
    pub idle: usize,
}

impl PoolState {
    fn of(connection: &DatabaseConnection, backend: DbBackend) -> Self {
        if backend == DbBackend::Postgres {
            let pool = connection.get_postgres_connection_pool();
            return Self { open: pool.size(), idle: pool.num_idle() };
        }
        let pool = connection.get_sqlite_connection_pool();
        Self { open: pool.size(), idle: pool.num_idle() }
    }
}

/// The version of the database, and its clock in seconds since 1970, unless it has the clock of this machine.
#[derive(Debug, Clone)]
pub struct ServerVersion {
    pub version: String,
    pub now: Option<i64>,
}

#[derive(FromQueryResult)]
struct ServerRow {
    version: String,
    now: i64,
}

#[derive(FromQueryResult)]
struct CountRow {
    waiting: i64,
    late: i64,
    dead: i64,
    mails: i64,
    unsealed: i64,
    bytes: i64,
}

impl Database {
    /// Returns the state of the database. It reads tables that are small as long as the portal works.
    pub async fn health(&self, now: i64) -> Result<DatabaseHealth, Fault> {
        let bytes = match self.backend() {
            DbBackend::Sqlite => "page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            _ => "pg_database_size(current_database())",
        };
        let mails = JobKind::OF_MAILS.map(|kind| format!("'{}'", kind.name())).join(", ");
        let sql = format!(
            "SELECT (SELECT count(*) FROM job WHERE NOT dead) AS waiting,
                (SELECT count(*) FROM job WHERE NOT dead AND run_at <= {now}) AS late,
                (SELECT count(*) FROM job WHERE dead) AS dead,
                (SELECT count(*) FROM job WHERE NOT dead AND kind IN ({mails})) AS mails,
                (SELECT count(*) FROM unsealed) AS unsealed,
                (SELECT {bytes}) AS bytes"
        );
        let counted = CountRow::find_by_statement(Statement::from_string(self.backend(), sql));
        let none = || Fault::Unreadable("the database returned no counts".to_owned());
        let counted = counted.one(self.reader()).await?.ok_or_else(none)?;
        Ok(DatabaseHealth {
            writes: !self.is_in_doubt(),
            readers: PoolState::of(self.reader().connections(), self.backend()),
            writers: PoolState::of(self.writer(), self.backend()),
            bytes: counted.bytes,
            jobs_waiting: counted.waiting,
            jobs_late: counted.late,
            jobs_dead: counted.dead,
            mails_waiting: counted.mails,
            unsealed: counted.unsealed,
        })
    }
}

impl Database {
    /// Returns the version and the clock of the database.
    pub async fn about(&self) -> Result<ServerVersion, Fault> {
        if self.backend() == DbBackend::Sqlite {
            return Ok(ServerVersion { version: rusqlite::version().to_owned(), now: None });
        }
        let sql = "SELECT current_setting('server_version') AS version, extract(epoch FROM now())::bigint AS now";
        let server =
            ServerRow::find_by_statement(Statement::from_string(self.backend(), sql)).one(self.reader()).await?;
        let server = server.ok_or_else(|| Fault::Unreadable("the database did not say its version".to_owned()))?;
        Ok(ServerVersion { version: server.version, now: Some(server.now) })
    }
}

impl FileStore {
    /// Returns how many bytes can still be written to the disk of the folder, or `None` for a store elsewhere.
    pub fn free(&self) -> Option<u64> {
        free(self.folder()?)
    }
}

/// Returns how many bytes can still be written to the disk that has this path.
pub fn free(path: &std::path::Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}
