//! Moves many open dossiers to another version while people work on them, kills the command at random moments, and
//! checks that each dossier moved once and that no event was lost or doubled.

use anyhow::Context as _;
use clap::Parser;
use motcua_tests::portal::Kind;
use motcua_tests::postgres::Cluster;
use motcua_tests::siege::moves::MoveSiege;
use std::process::ExitCode;
use std::time::Duration;

/// Moves dossiers under load by a command that is killed.
#[derive(Parser)]
struct Arguments {
    /// The number of open dossiers.
    #[arg(long, default_value_t = 10_000)]
    dossiers: usize,
    /// The number of kills on each database.
    #[arg(long, default_value_t = 8)]
    kills: usize,
    /// The only database.
    #[arg(long)]
    database: Option<Kind>,
    /// The most minutes on each database.
    #[arg(long, default_value_t = 60)]
    minutes: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut failures = 0;
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if arguments.database.is_some_and(|only| only != kind) {
            continue;
        }
        match besiege(kind, &arguments).await {
            Ok(told) => println!("{kind:?}: {told}"),
            Err(error) => {
                failures += 1;
                println!("{kind:?}: FAILED: {error:#}");
            }
        }
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn besiege(kind: Kind, arguments: &Arguments) -> anyhow::Result<String> {
    let cluster = if kind == Kind::Postgres { Some(Cluster::start()?) } else { None };
    let url = cluster.as_ref().map(Cluster::url);
    let siege = MoveSiege { dossiers: arguments.dossiers, kills: arguments.kills };
    let limit = Duration::from_mins(arguments.minutes);
    tokio::time::timeout(limit, Box::pin(siege.run(kind, url.as_deref()))).await.context("it took too long")?
}
