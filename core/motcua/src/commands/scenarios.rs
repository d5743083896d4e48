//! `motcua procedure test`

use crate::CommandOutcome;
use crate::cli::{OutputFormat, TestArguments};
use crate::commands::recording;
use crate::output::counted;
use crate::runtime::ProvinceFolder;
use anyhow::bail;
use motcua_catalogue::{Declared, Install, Scenario};
use motcua_service::scenario::{CoveredItem, ProcedureCoverage, ScenarioMismatch, play};
use motcua_service::{PluginHost, TimeSource};
use serde_json::{Value as Json, json};

/// A scenario that was played.
struct PlayedScenario<'a> {
    scenario: &'a Scenario,
    mismatches: Vec<ScenarioMismatch>,
}

/// The scenarios of one procedure, and the parts of the procedure that they touched.
struct TestedProcedure<'a> {
    played: Vec<PlayedScenario<'a>>,
    coverage: ProcedureCoverage<'a>,
}

pub async fn run(arguments: &TestArguments) -> anyhow::Result<CommandOutcome> {
    match &arguments.record {
        None => test(arguments),
        Some(code) => {
            let file = recording::record_one(arguments, code).await?;
            test(&TestArguments { only: Some(file), ..arguments.clone() })
        }
    }
}

/// Plays the scenarios that the arguments name.
fn test(arguments: &TestArguments) -> anyhow::Result<CommandOutcome> {
    let province = ProvinceFolder::read(&arguments.dir, &TimeSource::System)?.sound()?;
    let plugins = province.plugins(None)?;
    let install = &province.install;
    load_plugins(install, &plugins)?;
    let tested: Vec<TestedProcedure<'_>> = install
        .declared
        .iter()
        .filter_map(|declared| test_procedure(install, declared, &plugins, arguments.only.as_deref()))
        .collect();
    if let (Some(only), true) = (&arguments.only, tested.is_empty()) {
        bail!("no scenario has `{only}` in its path; procedures/GROUP/NAME/tests has those of a procedure");
    }
    match arguments.format {
        OutputFormat::Text => print_text(&tested, arguments),
        OutputFormat::Json => println!("{}", as_json(&tested, arguments)),
    }
    let failed = failures(&tested).count();
    let is_covered = tested.iter().all(|tested| tested.coverage.percent() >= arguments.least());
    Ok(if failed == 0 && is_covered { CommandOutcome::Fine } else { CommandOutcome::Findings })
}

/// Loads the plugins of all procedures.
fn load_plugins(install: &Install, plugins: &PluginHost) -> anyhow::Result<()> {
    for declared in &install.declared {
        for plugin in &declared.procedure.plugins {
            if let Some(bytes) = declared.content.get(&plugin.component) {
                plugins.sandbox.load(bytes, &plugin.limits.limits())?;
            }
        }
    }
    Ok(())
}

/// Plays the scenarios of a procedure whose path has the text `only`. Returns nothing if no path has it.
fn test_procedure<'a>(
    install: &Install,
    declared: &'a Declared,
    plugins: &PluginHost,
    only: Option<&str>,
) -> Option<TestedProcedure<'a>> {
    let mut coverage = ProcedureCoverage::new(&declared.procedure);
    let is_meant = |file: &str| only.is_none_or(|only| file.contains(only));
    let mut played = Vec::new();
    for scenario in declared.scenarios.iter().filter(|scenario| is_meant(&scenario.file)) {
        let mismatches = play(&install.province, plugins, scenario, &mut coverage);
        played.push(PlayedScenario { scenario, mismatches });
    }
    (only.is_none() || !played.is_empty()).then_some(TestedProcedure { played, coverage })
}

fn failures<'t, 'a>(tested: &'t [TestedProcedure<'a>]) -> impl Iterator<Item = &'t PlayedScenario<'a>> {
    tested.iter().flat_map(|tested| &tested.played).filter(|played| !played.mismatches.is_empty())
}

fn print_text(tested: &[TestedProcedure<'_>], arguments: &TestArguments) {
    for PlayedScenario { scenario, mismatches } in failures(tested) {
        println!("{}: {}", scenario.file, scenario.name);
        for ScenarioMismatch { line, what, expected, found } in mismatches {
            println!("  {}:{line}: {what}", scenario.file);
            println!("    expected  {expected}");
            println!("    found     {found}");
        }
    }
    if arguments.shows_coverage() {
        for tested in tested {
            print_coverage(&tested.coverage, arguments.least());
        }
    }
    let (all, failed) = (tested.iter().map(|tested| tested.played.len()).sum::<usize>(), failures(tested).count());
    println!("{} scenarios passed, {failed} failed", all - failed);
    let short = tested.iter().filter(|tested| tested.coverage.percent() < arguments.least()).count();
    if short > 0 {
        let procedures = counted(short, "procedure");
        println!("{procedures} with less than {}% of their parts touched by scenarios", arguments.least());
    }
}

fn print_coverage(coverage: &ProcedureCoverage<'_>, least: usize) {
    let (touched, all) = coverage.counts();
    let (procedure, percent) = (coverage.procedure(), coverage.percent());
    let short = if percent < least { format!(", less than {least}%") } else { String::new() };
    println!("{}/{}: {touched} of {all} parts ({percent}%{short})", procedure.group, procedure.slug);
    for CoveredItem { kind, name } in coverage.untouched() {
        println!("  {}  {name}", kind.name());
    }
}

fn as_json(tested: &[TestedProcedure<'_>], arguments: &TestArguments) -> Json {
    let mismatch = |mismatch: &ScenarioMismatch| {
        let ScenarioMismatch { line, what, expected, found } = mismatch;
        json!({ "line": line, "what": what, "expected": expected, "found": found })
    };
    let played = tested.iter().flat_map(|tested| &tested.played).map(|PlayedScenario { scenario, mismatches }| {
        let mismatches: Vec<Json> = mismatches.iter().map(mismatch).collect();
        json!({ "file": scenario.file, "name": scenario.name, "mismatches": mismatches })
    });
    let mut told = json!({ "scenarios": played.collect::<Vec<_>>() });
    if let (true, Json::Object(told)) = (arguments.shows_coverage(), &mut told) {
        let coverage = tested.iter().map(|tested| coverage_json(&tested.coverage));
        told.insert("coverage".to_owned(), coverage.collect());
    }
    told
}

fn coverage_json(coverage: &ProcedureCoverage<'_>) -> Json {
    let (procedure, (touched, all)) = (coverage.procedure(), coverage.counts());
    let item = |CoveredItem { kind, name }: CoveredItem| json!({ "kind": kind.name(), "name": name });
    let untouched: Vec<Json> = coverage.untouched().into_iter().map(item).collect();
    json!({
        "procedure": format!("{}/{}", procedure.group, procedure.slug),
        "touched": touched, "parts": all, "percent": coverage.percent(), "untouched": untouched,
    })
}
