//! The command line.

use clap::Parser as _;
use motcua::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    motcua_store::install_crypto_provider();
    // This program compiles plugins too, in a process of its own.
    if let Some(code) = motcua_sandbox::compile::child() {
        return code;
    }
    motcua::run(Cli::parse())
}
