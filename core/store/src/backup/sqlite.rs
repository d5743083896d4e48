//! The copy of a SQLite file.

use super::{CopyContents, FinishedCopy, failed};
use crate::Fault;
use motcua_domain::names::Digest;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The time for which the copy waits for a lock. A recovery of the write-ahead log holds such a lock.
const PATIENCE: Duration = Duration::from_secs(30);

/// Copies the file as it is at one moment.
pub(super) async fn copy(file: PathBuf, into: PathBuf) -> Result<FinishedCopy, Fault> {
    let copied = tokio::task::spawn_blocking(move || vacuum(&file, &into)).await;
    copied.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
}

/// Writes the copy by `VACUUM INTO` and reads its contents.
///
/// SQLite reads all of it in one read transaction. In WAL mode, such a transaction keeps nobody from writing. The
/// backup interface of SQLite would copy in steps and begin again whenever another process writes between two steps,
/// so under load it would not end. `VACUUM INTO` also leaves out the free pages, which hold rows that were deleted.
fn vacuum(file: &Path, into: &Path) -> rusqlite::Result<FinishedCopy> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(file, flags)?;
    source.busy_timeout(PATIENCE)?;
    source.execute("VACUUM INTO ?1", [&*into.to_string_lossy()])?;
    drop(source);
    let copy = Connection::open_with_flags(into, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let contents = CopyContents {
        kind: "sqlite".to_owned(),
        migrations: texts(&copy, "SELECT version FROM seaql_migrations ORDER BY version")?,
        tables: Vec::new(),
        events: copy.query_row("SELECT count(*) FROM journal", [], |row| row.get(0))?,
    };
    let files = texts(&copy, "SELECT digest FROM file ORDER BY digest")?;
    Ok(FinishedCopy { contents, files: files.into_iter().map(Digest).collect() })
}

fn texts(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect()
}
