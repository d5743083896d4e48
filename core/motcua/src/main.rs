//! The command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    motcua_store::install_crypto_provider();
    // This program also compiles plugins, judges files and prints letters, in processes of their own.
    let of_services = motcua_sandbox::compile::child().or_else(motcua_service::inspect::child);
    if let Some(code) = of_services.or_else(motcua::letters::child) {
        return code;
    }
    motcua::run(motcua::parse())
}
