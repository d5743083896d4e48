//! Starts a PostgreSQL cluster, runs a command with its address in the environment, and stops it. The tests of the
//! command share templates of install folders, too.

use anyhow::Context as _;
use motcua_tests::postgres::{Cluster, VARIABLE};
use motcua_tests::template;
use std::process::{Command, ExitCode};

fn main() -> anyhow::Result<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    let program = words.next().context("usage: with-postgres COMMAND [ARGUMENTS]")?;
    let cluster = Cluster::start_without_sync()?;
    let templates = tempfile::Builder::new().prefix("motcua-templates-").tempdir()?;
    let mut command = Command::new(&program);
    command.args(words).env(VARIABLE, cluster.url()).env(template::VARIABLE, templates.path());
    let status = command.status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}
