//! `motcua procedure`

use crate::CommandOutcome;
use crate::cli::ProcedureCommand;
use crate::commands::{diagram, edit, import, new_procedure, packages, preview, scenarios, share};
use crate::runtime::ProvinceFolder;
use motcua_service::TimeSource;
use serde_json::json;
use std::path::Path;

pub async fn run(command: &ProcedureCommand) -> anyhow::Result<CommandOutcome> {
    match command {
        ProcedureCommand::New(new) => new_procedure::run(new),
        ProcedureCommand::Share { at, group, dir } => share::run(&dir.dir, at, group),
        ProcedureCommand::Test(arguments) => scenarios::run(arguments).await,
        ProcedureCommand::List { dir, published: false } => list(dir),
        ProcedureCommand::List { dir, published: true } => packages::list(dir).await,
        ProcedureCommand::Preview { dir, listen, record } => preview::run(dir, *listen, *record).await,
        ProcedureCommand::Pack { at, dir, out, sign } => packages::pack(&dir.dir, at, out.as_deref(), sign.as_deref()),
        ProcedureCommand::Install { package, dir } => packages::install(&dir.dir, package).await,
        ProcedureCommand::Diagram { at, dir, out, english } => {
            diagram::run(&dir.dir, at.as_deref(), out.as_deref(), *english)
        }
        ProcedureCommand::Publish { what, dir } => packages::publish(&dir.dir, what).await,
        ProcedureCommand::Source { version, dir, out } => packages::source(&dir.dir, version, out.as_deref()).await,
        ProcedureCommand::Retire { code, dir } => packages::retire(&dir.dir, code).await,
        ProcedureCommand::Diff { new, old, dir } => packages::diff(&dir.dir, new, old.as_deref()).await,
        ProcedureCommand::Keep { what, dir, out } => packages::keep(&dir.dir, what, out).await,
        ProcedureCommand::Set { at, path, value, file, dir } => edit::set(&dir.dir, at, file, (path, value)),
        ProcedureCommand::Rename { at, kind, old, new, write, dir } => {
            edit::rename(&dir.dir, at, (*kind, old, new), *write)
        }
        ProcedureCommand::Import { record, at, dir } => import::run(&dir.dir, record, at),
        ProcedureCommand::Export { dir } => export(dir),
    }
}

fn list(dir: &Path) -> anyhow::Result<CommandOutcome> {
    let install = ProvinceFolder::read(dir, &TimeSource::System)?.sound()?.install;
    for procedure in install.procedures() {
        println!("{}", packages::line(procedure, &procedure.digest()));
    }
    Ok(CommandOutcome::Fine)
}

fn export(dir: &Path) -> anyhow::Result<CommandOutcome> {
    let install = ProvinceFolder::read(dir, &TimeSource::System)?.sound()?.install;
    let records: Vec<_> = install.procedures().map(motcua_portal::record).collect();
    let catalogue = json!({ "province": install.province.name, "procedures": records });
    println!("{}", serde_json::to_string_pretty(&catalogue)?);
    Ok(CommandOutcome::Fine)
}
