//! A portal of the sample province on a database of its own, served on a free port, with a clock that is set by hand.

use crate::browser::Browser;
use crate::postgres;
use crate::template::Template;
use anyhow::Context as _;
use jiff::civil::DateTime;
use motcua::runtime::{self, RunningPortal, RuntimeOptions};
use motcua_domain::time::calendar::instant;
use motcua_service::{Services, TimeSource};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

/// The password of everybody.
pub const PASSWORD: &str = "bep-lua-hong-som";

/// The database of a portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A running portal.
#[derive(Debug)]
pub struct App {
    pub services: Services,
    pub clock: TimeSource,
    pub base: String,
    pub dir: TempDir,
}

/// The limits of tests, which do in an hour what people do in weeks.
const GENEROUS: &str = "
[sessions]
idle = \"14h\"

[quotas]
drafts = 1000000
day_files = 1000000
messages_per_hour = 1000000
filings_per_hour = 1000000
suggestions_per_day = 1000000
";

/// The beginning of the names of databases that are dropped later. The number of the process that created them follows,
/// and they are dropped when it has ended.
pub(crate) const PREFIX: &str = "motcua_";

/// The most of them that may be left. Then all are dropped together, because each drop waits for a checkpoint, and only
/// the first one of several has something to write.
const LEFT: usize = 16;

/// Returns the beginning of every story: a Tuesday morning.
pub fn morning() -> DateTime {
    jiff::civil::date(2026, 3, 3).at(9, 0, 0, 0)
}

/// Creates the install folder of the sample province on a new database.
pub async fn install(dir: &Path, kind: Kind, cluster: Option<&str>) -> anyhow::Result<()> {
    motcua::folder::write_binhduong(dir)?;
    let file = dir.join("motcua.toml");
    let mut settings = std::fs::read_to_string(&file)?;
    if kind == Kind::Postgres {
        settings = settings.replace("sqlite://data/motcua.db", &new_database(cluster).await?);
    }
    settings = settings.replace("listen = ", "tries_per_minute = 1000000\nlisten = ");
    settings.push_str(GENEROUS);
    std::fs::write(&file, settings)?;
    Ok(())
}

/// Creates an empty PostgreSQL database and returns its address.
pub async fn new_database(cluster: Option<&str>) -> anyhow::Result<String> {
    let cluster = match cluster {
        Some(cluster) => cluster.to_owned(),
        None => std::env::var(postgres::VARIABLE)
            .with_context(|| format!("{} is not set; run the tests by scripts/test", postgres::VARIABLE))?,
    };
    create_database(&cluster, None).await
}

/// Creates a PostgreSQL database and returns its address. The database is empty, or a copy of another one without
/// connections.
pub async fn create_database(cluster: &str, template: Option<&str>) -> anyhow::Result<String> {
    let connection = Database::connect(format!("{cluster}/postgres")).await?;
    drop_left_behind(&connection).await?;
    let name = format!("{PREFIX}{}_{}", std::process::id(), Uuid::now_v7().simple());
    let like = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
    connection.execute_unprepared(&format!("CREATE DATABASE {name}{like}")).await?;
    connection.close().await?;
    Ok(format!("{cluster}/{name}"))
}

/// Drops the databases of processes that have ended, if many exist, so that the tests do not fill the disk.
async fn drop_left_behind(connection: &DatabaseConnection) -> anyhow::Result<()> {
    let backend = connection.get_database_backend();
    let named = format!("SELECT datname::text FROM pg_database WHERE datname ^@ '{PREFIX}'");
    let rows = connection.query_all_raw(Statement::from_string(backend, named)).await?;
    let names = rows.iter().filter_map(|row| row.try_get_by_index::<String>(0).ok());
    let has_ended = |name: &String| {
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
        process.is_some_and(|(process, _)| !Path::new("/proc").join(process).exists())
    };
    let ended: Vec<String> = names.filter(has_ended).collect();
    for name in ended.iter().filter(|_| ended.len() > LEFT) {
        // Another process may drop it at the same time.
        drop(connection.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await);
    }
    Ok(())
}

/// Returns the address of the database of an install folder.
pub fn database_of(dir: &Path) -> anyhow::Result<String> {
    let settings = std::fs::read_to_string(dir.join("motcua.toml"))?;
    let address = settings.lines().find_map(|line| line.strip_prefix("database = \"")?.strip_suffix('"'));
    Ok(address.context("motcua.toml names no database")?.to_owned())
}

impl App {
    /// Starts a portal in which every officer has a password and no other account exists.
    pub async fn start(kind: Kind) -> Self {
        Self::start_on(kind, None).await.expect("the portal starts")
    }

    /// Starts a portal as [`Self::start`] does, on this cluster if one is given.
    pub async fn start_on(kind: Kind, cluster: Option<&str>) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        match cluster {
            Some(_) => Template::Province.make(dir.path(), kind, cluster).await?,
            None => Template::Province.install(dir.path(), kind).await?,
        }
        let clock = TimeSource::set_to(Template::Province.end());
        let (services, base) = serve(dir.path(), clock.clone()).await?;
        Ok(Self { services, clock, base, dir })
    }

    /// Moves the clock to a wall-clock time in Vietnam.
    pub fn at(&self, local: DateTime) {
        self.clock.set(instant(local));
    }

    /// Returns a browser of a new visitor.
    pub fn visitor(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// Returns a browser in which an officer is logged in.
    pub async fn officer(&self, login: &str) -> Browser {
        let browser = self.visitor();
        browser.log_in(login, PASSWORD).await;
        browser
    }

    /// Returns a browser in which a new citizen is logged in.
    pub async fn citizen(&self, name: &str, phone: &str) -> Browser {
        let browser = self.visitor();
        browser.register(name, phone, PASSWORD).await;
        browser
    }
}

/// Serves an install folder on a free port until the test ends.
pub async fn serve(dir: &Path, clock: TimeSource) -> anyhow::Result<(Services, String)> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let options = RuntimeOptions { base_url: Some(base.clone()), ..RuntimeOptions::serving() };
    let RunningPortal { services, router, server, .. } = runtime::open(dir, clock, options).await?;
    tokio::spawn(async move { motcua_portal::serve(listener, router, &server, std::future::pending()).await });
    Ok((services, base))
}

/// Serves a second portal on the same install folder, as another node would, and returns its address.
pub async fn serve_again(dir: &Path, clock: TimeSource) -> String {
    serve(dir, clock).await.expect("the portal starts").1
}
