//! The command line of Motcua and its wiring. The crates below contain all rules and all storage.

#[macro_use]
mod output;

pub mod access;
mod archive;
mod background;
pub mod cli;
mod commands;
pub mod demo;
pub mod folder;
mod help;
mod language;
pub mod letters;
pub mod listen;
mod log_key;
mod logging;
pub mod runtime;

pub use help::parse;

use cli::{Cli, CliCommand, DossiersCommand, OrgCommand};
use motcua_service::ReorganiseMode;
use std::process::ExitCode;

/// Also serves C code such as SQLite. The C library returns memory to the system and requests it again for each
/// transaction.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The result of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandOutcome {
    Fine,
    /// Something is not in order. The findings have been printed.
    Findings,
}

/// Runs a command: 0 is fine, 1 findings or a failure, and 2 (clap's) wrong usage.
pub fn run(cli: Cli) -> ExitCode {
    language::choose(cli.lang);
    logging::begin(&cli.command);
    match tokio::runtime::Runtime::new().map_err(Into::into).and_then(|runtime| runtime.block_on(dispatch(cli))) {
        Ok(CommandOutcome::Fine) => ExitCode::SUCCESS,
        Ok(CommandOutcome::Findings) => ExitCode::from(1),
        Err(error) => {
            output::complain(format_args!("{}", output::told(&error)));
            ExitCode::from(1)
        }
    }
}

/// Returns the mode of a command that moves dossiers.
const fn mode(only_try: bool, at_most: Option<usize>) -> ReorganiseMode {
    match at_most {
        _ if only_try => ReorganiseMode::Try,
        Some(most) => ReorganiseMode::ApplyAtMost(most),
        None => ReorganiseMode::Apply,
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<CommandOutcome> {
    let access = cli.command.access();
    match cli.command {
        CliCommand::Init { dir, sample } => commands::init::run(&dir, sample),
        CliCommand::Check { dir, format, fix, without_basis } => commands::check::run(&dir, format, fix, without_basis),
        CliCommand::Serve { dir, listen, no_migrate, publish_older } => {
            commands::serve::run(&dir, listen, !no_migrate, publish_older).await
        }
        CliCommand::Migrate { dir, status, grant } => {
            commands::migrate::run(&dir, status, grant.as_deref(), access).await
        }
        CliCommand::Demo { dir, listen } => commands::demo::run(&dir, listen).await,
        CliCommand::Procedure { command } => commands::procedure::run(&command).await,
        CliCommand::User { dir, command } => commands::user::run(&dir, command, access).await,
        CliCommand::Audit { dir, command } => commands::audit::run(&dir, command, access).await,
        CliCommand::Files { dir, command } => commands::files::run(&dir, command, access).await,
        CliCommand::Connect { dir, command } => commands::connect::run(&dir, &command).await,
        CliCommand::Mail { dir, command } => commands::mail::run(&dir, &command).await,
        CliCommand::Sms { dir, command } => commands::sms::run(&dir, &command).await,
        CliCommand::Backup { dir, to, recipient } => commands::backup::run(&dir, &to, &recipient).await,
        CliCommand::Restore { archive, dir, database, identity } => {
            commands::restore::run(&archive, &dir, database.as_deref(), identity.as_deref()).await
        }
        CliCommand::Org { command: OrgCommand::Apply { plan, dir, only_try, at_most } } => {
            commands::org::apply(&dir.dir, &plan, mode(only_try, at_most)).await
        }
        CliCommand::Dossier {
            command: DossiersCommand::Migrate { from, to, step, reason, only_try, at_most, dir },
        } => commands::org::migrate(&dir.dir, &from, &to, &step, &reason, mode(only_try, at_most)).await,
        CliCommand::Dossier { command: DossiersCommand::Replay { code, dir } } => {
            commands::replay::run(&dir.dir, &code, access).await
        }
        CliCommand::Plugin { command } => commands::plugin::run(&command),
        CliCommand::Workflow { command } => commands::workflow::run(&command).await,
        CliCommand::Theme { command } => commands::theme::run(&command).await,
        CliCommand::Schema { dir } => commands::schema::run(&dir),
        CliCommand::Explain { code } => Ok(commands::explain::run(code.as_deref())),
        CliCommand::Doctor { dir } => commands::doctor::run(&dir).await,
    }
}
