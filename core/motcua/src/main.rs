//! The command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    motcua_store::install_crypto_provider();
    // This program also compiles plugins and judges files, in processes of their own.
    if let Some(code) = motcua_sandbox::compile::child().or_else(motcua_service::inspect::child) {
        return code;
    }
    motcua::run(motcua::parse())
}
