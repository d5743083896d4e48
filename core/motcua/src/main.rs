//! The command line.

use clap::Parser as _;
use motcua::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    motcua::run(Cli::parse())
}
