//! `motcua procedure`

use crate::Outcome;
use crate::cli::Procedure;
use crate::commands::new_procedure;
use crate::runtime::Province;
use motcua_desk::{Clock, scenario};
use motcua_sandbox::{Limits, Sandbox};
use std::path::Path;

pub fn run(command: &Procedure) -> anyhow::Result<Outcome> {
    match command {
        Procedure::New(new) => new_procedure::run(new),
        Procedure::Test { dir, only } => test(dir, only.as_deref()),
        Procedure::List { dir } => list(dir),
    }
}

fn test(dir: &Path, only: Option<&str>) -> anyhow::Result<Outcome> {
    let install = Province::read(dir, &Clock::System)?.sound()?.install;
    let sandbox = Sandbox::new(Limits::default())?;
    for bytes in install.components.values() {
        sandbox.load(bytes)?;
    }
    let (mut passed, mut failed) = (0, 0);
    for scenario in install.scenarios.iter().filter(|scenario| only.is_none_or(|only| scenario.file.contains(only))) {
        let mismatches = scenario::play(&install, &sandbox, scenario);
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
    Ok(if failed == 0 { Outcome::Fine } else { Outcome::Findings })
}

fn list(dir: &Path) -> anyhow::Result<Outcome> {
    let install = Province::read(dir, &Clock::System)?.sound()?.install;
    for procedure in &install.procedures {
        let version = procedure.digest();
        let version = version.as_str().get(..12).unwrap_or_default().to_owned();
        println!("{}  {version}  {}/{}  {}", procedure.code, procedure.agency, procedure.slug, procedure.name.vi);
    }
    Ok(Outcome::Fine)
}
