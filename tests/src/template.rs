//! Install folders with their databases that are created once in a run of the tests, and copied for each test.
//!
//! Publishing the sample province, compiling its plugins and hashing the passwords of its officers takes seconds, and
//! hundreds of tests begin with it. The first test that needs a template creates it, while the others wait. Without
//! [`VARIABLE`] each test creates its own.

use crate::portal::{Kind, PASSWORD, PREFIX, create_database, database_of, install, morning};
use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use jiff::civil::date;
use motcua::runtime::{self, RuntimeOptions};
use motcua_domain::time::calendar::instant;
use motcua_service::TimeSource;
use sea_orm::{ConnectionTrait as _, Database};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The variable that names the folder of templates, which lives as long as the cluster of the tests.
pub const VARIABLE: &str = "TEST_TEMPLATES";

/// The initial content of an install folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// The sample province. Every officer has [`PASSWORD`], and no other account exists.
    Province,
    /// The sample province with its whole story.
    Story,
}

impl Template {
    /// Returns the time at which the template ends.
    pub fn end(self) -> Timestamp {
        match self {
            Self::Province => instant(morning()),
            Self::Story => instant(date(2026, 11, 24).at(14, 0, 0, 0)),
        }
    }

    /// Creates an install folder like the template, on a database of its own.
    pub async fn install(self, dir: &Path, kind: Kind) -> anyhow::Result<()> {
        let Some(folder) = self.made_once(kind).await? else { return self.make(dir, kind, None).await };
        copy(&folder, dir)?;
        if kind == Kind::Postgres {
            let template = database_of(&folder)?;
            let (cluster, name) = template.rsplit_once('/').context("the address names no database")?;
            let own = create_database(cluster, Some(name)).await?;
            rename_database(dir, &template, &own)?;
        }
        Ok(())
    }

    /// Creates an install folder from nothing, as the template is created. The database of PostgreSQL is in this
    /// cluster, or in that of the tests.
    pub async fn make(self, dir: &Path, kind: Kind, cluster: Option<&str>) -> anyhow::Result<()> {
        install(dir, kind, cluster).await?;
        let clock = TimeSource::set_to(self.end());
        let services = match self {
            Self::Province => {
                // The portal that serves the copy creates the key of the log, because the key is named by its address.
                let services = runtime::open(dir, clock, RuntimeOptions::migrating()).await?.services;
                for officer in services.people.officers().await? {
                    services.people.set_password(&officer.login, PASSWORD).await?;
                }
                services
            }
            Self::Story => {
                let services = runtime::open(dir, clock.clone(), RuntimeOptions::serving()).await?.services;
                motcua::demo::tell(&services, &clock, clock.now()).await?;
                services
            }
        };
        let database = services.database().clone();
        drop(services);
        Ok(database.close().await?)
    }

    /// Returns the folder of the template. This process creates the template if it is the first to need it. Returns
    /// nothing if the folder of templates does not exist.
    async fn made_once(self, kind: Kind) -> anyhow::Result<Option<PathBuf>> {
        let Some(root) = std::env::var_os(VARIABLE) else { return Ok(None) };
        let folder = PathBuf::from(root).join(format!("{self:?}-{kind:?}"));
        let file = File::create(folder.with_extension("lock"))?;
        // A test that is ended while it creates the template releases the lock.
        let lock = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await??;
        if !folder.exists() {
            let part = folder.with_extension("part");
            if part.exists() {
                std::fs::remove_dir_all(&part)?;
            }
            self.make(&part, kind, None).await?;
            match kind {
                Kind::Sqlite => checkpoint(&part.join("data/motcua.db"))?,
                Kind::Postgres => outlive(&part).await?,
            }
            std::fs::rename(&part, &folder)?;
        }
        drop(lock);
        Ok(Some(folder))
    }
}

/// Renames the database of an install folder, so that it outlives this process.
async fn outlive(dir: &Path) -> anyhow::Result<()> {
    let own = database_of(dir)?;
    let (cluster, name) = own.rsplit_once('/').context("the address names no database")?;
    let kept = name.replacen(PREFIX, "template_", 1);
    let connection = Database::connect(format!("{cluster}/postgres")).await?;
    connection.execute_unprepared(&format!("ALTER DATABASE {name} RENAME TO {kept}")).await?;
    connection.close().await?;
    rename_database(dir, &own, &format!("{cluster}/{kept}"))
}

/// Names another database in the settings of an install folder.
fn rename_database(dir: &Path, before: &str, after: &str) -> anyhow::Result<()> {
    let file = dir.join("motcua.toml");
    Ok(std::fs::write(&file, std::fs::read_to_string(&file)?.replace(before, after))?)
}

/// Moves everything from the log of a SQLite database into its file, so that the file alone is the database.
fn checkpoint(database: &Path) -> anyhow::Result<()> {
    let connection = rusqlite::Connection::open(database)?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    ensure!(busy == 0, "{} is still in use", database.display());
    Ok(())
}

/// Copies a folder with the permissions of its files and folders, without the files of SQLite beside its database.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let beside = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(&name))?;
            std::fs::set_permissions(to.join(&name), entry.metadata()?.permissions())?;
        } else if !beside.ends_with("-wal") && !beside.ends_with("-shm") {
            std::fs::copy(entry.path(), to.join(&name))?;
        }
    }
    Ok(())
}
