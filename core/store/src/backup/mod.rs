//! A consistent copy of the whole database while it is in use, and an empty database that is filled from a copy.
//!
//! The store knows rows and files. The archive around them is the business of `motcua backup` and `motcua restore`.

mod files;
mod postgres;
mod sqlite;

pub use files::{OpenedFile, PART, ReadStep};

use crate::rows::file;
use crate::{Database, Fault};
use motcua_domain::names::Digest;
use motcua_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Statement,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The name of the part that holds a whole SQLite database.
pub const SQLITE_FILE: &str = "motcua.db";

/// The number of digests of files that are read at a time.
const PAGE: u64 = 1000;

/// The contents of a copy, for its manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyContents {
    /// `sqlite` or `postgresql`.
    pub kind: String,
    /// The migrations that the database had, in order.
    pub migrations: Vec<String>,
    /// The tables whose rows are copied one by one. SQLite is copied as a file and has none.
    pub tables: Vec<CopiedTable>,
    /// The number of events in the journal.
    pub events: i64,
}

/// A table and the columns that its rows are copied with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedTable {
    pub name: String,
    pub columns: Vec<String>,
}

/// A part of a copy.
#[derive(Debug, Clone, Copy)]
pub enum CopyPart<'a> {
    /// A file of the whole database, which exists until its taker returns.
    File(&'a Path),
    /// Rows of one table, in PostgreSQL's text format. A row may go on in the next part.
    Rows(&'a [u8]),
}

/// A finished copy.
#[derive(Debug)]
pub struct FinishedCopy {
    pub contents: CopyContents,
    /// The files that the copied rows know.
    pub files: Vec<Digest>,
}

/// Returns the path of the SQLite file, or nothing for PostgreSQL.
pub fn file_of(database: &Database) -> Option<PathBuf> {
    let pool = || database.reader().connections().get_sqlite_connection_pool();
    (database.kind() == "sqlite").then(|| pool().connect_options().get_filename().to_owned())
}

/// Returns the names of the migrations that the database has, in order.
pub async fn applied(database: &Database) -> Result<Vec<String>, Fault> {
    let applied = Migrator::get_applied_migrations_read_only(database.reader()).await?;
    Ok(applied.iter().map(|migration| migration.name().to_owned()).collect())
}

/// Returns the first migration of a copy that this program does not know in this place.
pub fn unknown(contents: &CopyContents) -> Option<&str> {
    let known = Migrator::get_migration_files();
    let mut names = contents.migrations.iter().map(String::as_str).enumerate();
    names.find(|(at, name)| known.get(*at).is_none_or(|migration| migration.name() != *name)).map(|(_, name)| name)
}

/// Copies the database as it is at one moment, and hands each part with its name to `take`. Nobody who writes waits
/// for the copy. `scratch` is a folder for a temporary copy of a SQLite file.
pub async fn copy<E: From<Fault>>(
    database: &Database,
    scratch: &Path,
    mut take: impl FnMut(&str, CopyPart<'_>) -> Result<(), E>,
) -> Result<FinishedCopy, E> {
    match file_of(database) {
        Some(file) => {
            let into = scratch.join(SQLITE_FILE);
            let copied = sqlite::copy(file, into.clone()).await?;
            take(SQLITE_FILE, CopyPart::File(&into))?;
            Ok(copied)
        }
        None => postgres::copy(database, |name: &str, rows: &[u8]| take(name, CopyPart::Rows(rows))).await,
    }
}

/// Brings an empty PostgreSQL database to the schema of a copy and fills it with the parts in a folder. All rows are
/// written or none.
pub async fn fill(database: &Database, contents: &CopyContents, parts: &Path) -> Result<(), Fault> {
    let count = u32::try_from(contents.migrations.len()).map_err(|error| failed(&error))?;
    Migrator::up(database.writer(), Some(count)).await?;
    postgres::fill(database, contents, parts).await
}

/// Returns whether the database has no tables.
pub async fn is_empty(database: &Database) -> Result<bool, Fault> {
    let sql = match database.reader().get_database_backend() {
        DbBackend::Sqlite => "SELECT count(*) AS number FROM sqlite_master WHERE type = 'table'",
        _ => "SELECT count(*) AS number FROM pg_tables WHERE schemaname = current_schema()",
    };
    Ok(number(database, sql).await? == 0)
}

/// Returns the digests of the next files that the database knows after a digest, in order.
pub async fn files_after(database: &Database, digest: &str) -> Result<Vec<Digest>, Fault> {
    let query = file::Entity::find().select_only().column(file::Column::Digest);
    let query = query.filter(file::Column::Digest.gt(digest)).order_by_asc(file::Column::Digest).limit(PAGE);
    let digests: Vec<String> = query.into_tuple().all(database.reader()).await?;
    Ok(digests.into_iter().map(Digest).collect())
}

/// Returns whether the database knows a file.
pub async fn knows_file(database: &Database, digest: &Digest) -> Result<bool, Fault> {
    Ok(file::Entity::find_by_id(digest.as_str()).one(database.reader()).await?.is_some())
}

async fn number(database: &Database, sql: &str) -> Result<i64, Fault> {
    let reader = database.reader();
    let row = reader.query_one_raw(Statement::from_string(reader.get_database_backend(), sql)).await?;
    Ok(row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or_default())
}

/// Wraps an error of a driver or of the disk.
fn failed(error: &dyn std::error::Error) -> Fault {
    DbErr::Custom(error.to_string()).into()
}
