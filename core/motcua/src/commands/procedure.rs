//! `motcua procedure`

use crate::CommandOutcome;
use crate::cli::ProcedureCommand;
use crate::commands::{diagram, import, new_procedure, packages, preview, share};
use crate::runtime::ProvinceFolder;
use motcua_service::{TimeSource, scenario};
use serde_json::json;
use std::path::Path;

pub async fn run(command: &ProcedureCommand) -> anyhow::Result<CommandOutcome> {
    match command {
        ProcedureCommand::New(new) => new_procedure::run(new),
        ProcedureCommand::Share { at, group, dir } => share::run(&dir.dir, at, group),
        ProcedureCommand::Test { dir, only } => test(dir, only.as_deref()),
        ProcedureCommand::List { dir, published: false } => list(dir),
        ProcedureCommand::List { dir, published: true } => packages::list(dir).await,
        ProcedureCommand::Preview { dir, listen } => preview::run(dir, *listen).await,
        ProcedureCommand::Pack { at, dir, out, sign } => packages::pack(&dir.dir, at, out.as_deref(), sign.as_deref()),
        ProcedureCommand::Install { package, dir } => packages::install(&dir.dir, package).await,
        ProcedureCommand::Diagram { at, dir, out, english } => {
            diagram::run(&dir.dir, at.as_deref(), out.as_deref(), *english)
        }
        ProcedureCommand::Publish { what, dir } => packages::publish(&dir.dir, what).await,
        ProcedureCommand::Retire { code, dir } => packages::retire(&dir.dir, code).await,
        ProcedureCommand::Diff { new, old, dir } => packages::diff(&dir.dir, new, old.as_deref()).await,
        ProcedureCommand::Import { record, at, dir } => import::run(&dir.dir, record, at),
        ProcedureCommand::Export { dir } => export(dir),
    }
}

fn test(dir: &Path, only: Option<&str>) -> anyhow::Result<CommandOutcome> {
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.sound()?;
    let plugins = province.plugins(None)?;
    let install = province.install;
    for declared in &install.declared {
        for plugin in &declared.procedure.plugins {
            if let Some(bytes) = declared.content.get(&plugin.component) {
                plugins.sandbox.load(bytes, &plugin.limits.limits())?;
            }
        }
    }
    let (mut passed, mut failed) = (0, 0);
    let wanted = |file: &str| only.is_none_or(|only| file.contains(only));
    for (procedure, scenario) in install.scenarios().filter(|(_, scenario)| wanted(&scenario.file)) {
        let mismatches = scenario::play(&install.province, procedure, &plugins, scenario);
        if mismatches.is_empty() {
            passed += 1;
            continue;
        }
        failed += 1;
        println!("{}: {}", scenario.file, scenario.name);
        for mismatch in mismatches {
            let line = mismatch.line.unwrap_or(1);
            println!("  {}:{line}: {}", scenario.file, mismatch.what);
            println!("    expected  {}", mismatch.expected);
            println!("    found     {}", mismatch.found);
        }
    }
    println!("{passed} scenarios passed, {failed} failed");
    Ok(if failed == 0 { CommandOutcome::Fine } else { CommandOutcome::Findings })
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
