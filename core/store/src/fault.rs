//! Faults of the database and the file store, distinguished by the caller's remedy.

use jiff::Timestamp;
use motcua_domain::names::Digest;
use motcua_domain::transparency::checkpoint::NotACheckpoint;
use sea_orm::sqlx::{self, error::DatabaseError};
use sea_orm::{DbErr, RuntimeErr};

/// A failure of the database or the file store. A fault is for the operator, and the applicant never caused it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A row with this key exists already. Nothing was written.
    #[error("the database has a row with this key already: {key}")]
    Duplicate {
        /// The name of the constraint on PostgreSQL, the columns on SQLite.
        key: String,
    },
    /// The row that a change builds on does not exist, because the database went back to an older state or another
    /// change was faster. Nothing was written.
    #[error("the database does not stand where the change began")]
    Overtaken,
    /// The database cannot be reached, or cannot write now. It is unknown whether the change was written, so the caller
    /// has to look for it.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    #[error("database: {0}")]
    Database(DbErr),
    #[error("file store: {0}")]
    Files(#[from] object_store::Error),
    #[error("file {0} was changed after it was stored")]
    FileChanged(Digest),
    #[error("the database holds text that is not what was written: {0}")]
    Unreadable(String),
    #[error("the journal of dossier {dossier} is unreadable: {reason}")]
    Journal { dossier: String, reason: String },
    #[error(transparent)]
    NotSealed(#[from] NotSealed),
    /// The entries of the dossier exist, and the content of some was removed.
    #[error("the content of dossier {dossier} was removed from the journal; run: motcua audit verify")]
    Erased { dossier: String },
}

/// The reason why a node does not seal the log, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSealed {
    #[error(
        "the database names {database} as the key of the log, and log-key.pub of the install folder ends with {folder}. \
         If another node seals the log, copy its log-key.pem and log-key.pub into the install folder and start this node \
         again. Otherwise somebody changed the table log_key: run motcua audit verify"
    )]
    OtherKey { database: String, folder: String },
    #[error(
        "the log in the database, with {now} entries, does not begin with the head of {at} with {kept} entries that this \
         node kept in log-head of the install folder: somebody emptied, restored or rewrote the log. Nothing is sealed \
         until the log begins with that head again. Run motcua audit verify and compare the database with a backup"
    )]
    Rewritten { kept: u64, at: Timestamp, now: u64 },
    #[error(
        "the head in log-head of the install folder cannot be trusted: {0}. Put the file of a backup in its place, or \
         remove it if you know why it is wrong: then the node trusts the log in the database once"
    )]
    Kept(NotACheckpoint),
    #[error("the last head of the log in the database cannot be trusted: {0}. Run motcua audit verify")]
    Head(NotACheckpoint),
    #[error("the tiles of the log in the database are not as they were signed. Run motcua audit verify")]
    Tiles,
    #[error(
        "{file} cannot be read or written: {reason}. The log needs it to keep its last head outside of the database"
    )]
    File { file: String, reason: String },
}

impl Fault {
    /// Returns whether the database was not available, so that the same operation may succeed later.
    pub const fn is_of_the_database(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Returns whether the same operation may succeed later.
    ///
    /// A file store that is full or cannot be reached returns a generic error. A lost file has another one.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Files(object_store::Error::Generic { .. }))
    }
}

/// Returns whether the fault is that a row with this key exists already.
pub const fn is_duplicate(fault: &Fault) -> bool {
    matches!(fault, Fault::Duplicate { .. })
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<DbErr> for Fault {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(_) => Self::Unavailable(error.to_string()),
            DbErr::Conn(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => of_sqlx(cause).unwrap_or(Self::Database(error)),
            _ => Self::Database(error),
        }
    }
}

fn of_sqlx(error: &sqlx::Error) -> Option<Fault> {
    match error {
        sqlx::Error::Database(error) => of_database(error.as_ref()),
        sqlx::Error::Io(_) => {
            Some(Fault::Unavailable(crate::postgres::why_unprotected(error).unwrap_or_else(|| error.to_string())))
        }
        sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Some(Fault::Unavailable(error.to_string())),
        _ => None,
    }
}

/// Temporary errors of PostgreSQL: a lock or a statement took too long, the server only reads, or a transaction was
/// idle or open for too long.
const PASSING: [&str; 5] = ["55P03", "57014", "25006", "25P03", "25P04"];

/// PostgreSQL's code of a division by zero. Only a batch divides, by the numbers of rows that it builds on.
const MISSING_BASIS: &str = "22012";

fn of_database(error: &dyn DatabaseError) -> Option<Fault> {
    if error.is_unique_violation() {
        let key = error.constraint().map(|key| Fault::Duplicate { key: key.to_owned() });
        return key.or_else(|| duplicate_in(error.message()));
    }
    let code = error.code()?;
    if code == MISSING_BASIS {
        return Some(Fault::Overtaken);
    }
    let unavailable = match code.parse::<u32>() {
        // SQLite's busy, locked, out of memory, read-only, I/O, full, cannot open; the high bytes refine them.
        Ok(code) if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() => {
            matches!(code & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14)
        }
        // PostgreSQL: lost connections, conflicts that may pass, no resources, shut down, the system's errors.
        _ => {
            let classes = ["08", "40", "53", "57P", "58"];
            classes.iter().any(|class| code.starts_with(class)) || PASSING.contains(&code.as_ref())
        }
    };
    unavailable.then(|| Fault::Unavailable(error.to_string()))
}

/// Reads the columns out of SQLite's message `UNIQUE constraint failed: TABLE.COLUMN, …`.
pub(crate) fn duplicate_in(message: &str) -> Option<Fault> {
    let key = message.split_once("UNIQUE constraint failed: ")?.1.to_owned();
    Some(Fault::Duplicate { key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_broken_key_is_read_from_sqlites_message() {
        let message = "UNIQUE constraint failed: dossier.draft";
        assert!(matches!(duplicate_in(message), Some(Fault::Duplicate { key }) if key == "dossier.draft"));
        assert!(duplicate_in("FOREIGN KEY constraint failed").is_none());
    }
}
