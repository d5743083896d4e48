//! Kills the server with SIGKILL at random moments under load, and checks every promise of an answer: saved answers
//! exist, filed drafts are filed once, and the journal is sound.

use anyhow::{Context as _, ensure};
use clap::Parser;
use motcua_tests::portal::{Kind, database_of, install};
use motcua_tests::postgres::{Cluster, Terminator, free_port};
use motcua_tests::process::Server;
use motcua_tests::siege::audit;
use motcua_tests::siege::calendar::{Calendar, due_times};
use motcua_tests::siege::citizen::{Citizen, Promise, Stop};
use motcua_tests::siege::trouble::Trouble;
use motcua_tests::tmpfs::Tmpfs;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Kills the server under load and checks that no promise is broken.
#[derive(Parser)]
struct Arguments {
    /// The number of kills on each database.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// `sqlite` or `postgres`; by default both.
    #[arg(long)]
    database: Option<String>,
    /// The number of nodes beside one another on PostgreSQL, each killed at a moment of its own.
    #[arg(long, default_value_t = 2)]
    nodes: usize,
    /// Cause trouble in each round besides: a disk that is full for a while (SQLite; needs root), or the end of all
    /// connections (PostgreSQL).
    #[arg(long)]
    faults: bool,
}

/// The number of citizens who file at once.
const CITIZENS: usize = 4;

/// The milliseconds after which a server is killed, without and with trouble before.
const KILLED_AFTER: Range<u64> = 5..400;
const KILLED_AFTER_TROUBLE: Range<u64> = 5..1500;

/// The size of a disk that can be filled, in megabytes.
const DISK: u32 = 512;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut failures = 0;
    for (name, kind, nodes) in [("sqlite", Kind::Sqlite, 1), ("postgres", Kind::Postgres, arguments.nodes.max(1))] {
        if arguments.database.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        match besiege(kind, &arguments, nodes).await {
            Ok(told) => println!("{name}: {told}"),
            Err(error) => {
                failures += 1;
                println!("{name}: FAILED: {error:#}");
            }
        }
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Portals on one database.
struct Nodes<'a> {
    dir: &'a Path,
    listen: Vec<String>,
}

impl Nodes<'_> {
    async fn start(&self) -> anyhow::Result<Vec<Server>> {
        let mut servers = Vec::new();
        for listen in &self.listen {
            servers.push(Server::start_at(self.dir, listen, &[]).await?);
        }
        Ok(servers)
    }
}

async fn kill(servers: Vec<Server>) -> anyhow::Result<()> {
    for server in servers {
        server.kill().await?;
    }
    Ok(())
}

async fn kill_after(server: Server, milliseconds: Range<u64>) -> anyhow::Result<()> {
    tokio::time::sleep(Duration::from_millis(rand::random_range(milliseconds))).await;
    server.kill().await
}

/// A new install folder with everything that it needs.
struct Ground {
    dir: PathBuf,
    trouble: Trouble,
    _cluster: Option<Cluster>,
    _folder: TempDir,
}

impl Ground {
    async fn new(kind: Kind, faults: bool) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let cluster = if kind == Kind::Postgres { Some(Cluster::start()?) } else { None };
        let disk = if faults && kind == Kind::Sqlite { Some(Arc::new(Tmpfs::mount(DISK)?)) } else { None };
        let dir = disk.as_ref().map_or(folder.path(), |disk| disk.path()).join("portal");
        install(&dir, kind, cluster.as_ref().map(Cluster::url).as_deref()).await?;
        let trouble = match disk {
            Some(disk) => Trouble::FullDisk(disk),
            None if faults => Trouble::EndedConnections(Terminator::of(&database_of(&dir)?).await?),
            None => Trouble::Nothing,
        };
        Ok(Self { dir, trouble, _cluster: cluster, _folder: folder })
    }
}

async fn besiege(kind: Kind, arguments: &Arguments, count: usize) -> anyhow::Result<String> {
    let rounds = arguments.rounds;
    let ground = Ground::new(kind, arguments.faults).await?;
    let (dir, trouble) = (ground.dir.as_path(), &ground.trouble);
    let killed_after = if trouble.is_made() { KILLED_AFTER_TROUBLE } else { KILLED_AFTER };
    let listen = (0..count).map(|_| Ok(format!("127.0.0.1:{}", free_port()?))).collect::<anyhow::Result<_>>()?;
    let nodes = Nodes { dir, listen };
    let servers = nodes.start().await?;
    let mut citizens = Vec::new();
    for number in 0..CITIZENS * count {
        citizens.push(Citizen::new(&servers[number % count].base, number, trouble.is_made()).await);
    }
    kill(servers).await?;
    let calendar = Calendar::of(dir)?;

    for round in 1..=rounds {
        calendar.announce(round % 2 == 1)?;
        let servers = nodes.start().await?;
        for citizen in &mut citizens {
            citizen.check_fresh().await.with_context(|| format!("after kill {}", round - 1))?;
        }
        let toil = futures::future::join_all(citizens.iter_mut().map(Citizen::toil));
        let kills = servers.into_iter().map(|server| kill_after(server, killed_after.clone()));
        let kills = futures::future::try_join_all(kills);
        let (stops, killed, struck) = tokio::join!(toil, kills, trouble.strike());
        killed.and(struck)?;
        for stop in stops {
            if let Stop::Broken(error) = stop {
                return Err(error.context(format!("before kill {round}")));
            }
        }
        if round % 50 == 0 {
            audit(dir)?;
            eprintln!("{kind:?}: {round} kills");
        }
    }
    let servers = nodes.start().await?;
    let (mut promises, mut dossiers) = (0, BTreeSet::new());
    for citizen in &mut citizens {
        citizen.check_fresh().await?;
        for promise in &citizen.checked {
            citizen.check(promise).await.context("at the end")?;
            promises += 1;
            if let Promise::Filed { dossier, .. } = promise {
                ensure!(dossiers.insert(dossier.clone()), "two births are the one dossier {dossier}");
            }
        }
    }
    kill(servers).await?;
    let moved = due_times(dir, rounds).await.context("the due times")?;
    let told = audit(dir)?;
    let kills = usize::try_from(rounds)? * count;
    let retried: usize = citizens.iter().map(|citizen| citizen.retried).sum();
    Ok(format!(
        "{kills} kills of {count} nodes, {} dossiers, {promises} promises kept, {retried} forms taken at a later try, \
         {moved}, {told}",
        dossiers.len()
    ))
}
