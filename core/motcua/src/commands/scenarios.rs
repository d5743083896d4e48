//! `motcua procedure test`

use crate::CommandOutcome;
use crate::cli::{OutputFormat, TestArguments};
use crate::commands::recording;
use crate::language::told;
use crate::output::counted;
use crate::runtime::ProvinceFolder;
use anyhow::bail;
use motcua_catalogue::{Declared, Install, Scenario};
use motcua_domain::text;
use motcua_domain::text::Text;
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
        let message = text!(
            "không có tình huống thử nào có `{only}` trong đường dẫn; procedures/NHÓM/TÊN/tests có các tình huống thử của \
             một thủ tục",
            "no scenario has `{only}` in its path; procedures/GROUP/NAME/tests has those of a procedure"
        );
        bail!("{}", told(&message));
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
        for mismatch in mismatches {
            println!("  {}:{}: {}", scenario.file, mismatch.line, told(&mismatch.subject()));
            for line in both_sides(mismatch) {
                println!("    {}", told(&line));
            }
        }
    }
    if arguments.shows_coverage() {
        for tested in tested {
            print_coverage(&tested.coverage, arguments.least());
        }
    }
    let (all, failed) = (tested.iter().map(|tested| tested.played.len()).sum::<usize>(), failures(tested).count());
    let passed = all - failed;
    let sum = text!("{passed} tình huống thử đạt, {failed} không đạt", "{passed} scenarios passed, {failed} failed");
    println!("{}", told(&sum));
    let short = tested.iter().filter(|tested| tested.coverage.percent() < arguments.least()).count();
    if short > 0 {
        let (procedures, least) = (counted(short, "procedure"), arguments.least());
        let few = text!(
            "{short} thủ tục có ít hơn {least}% số phần được tình huống thử chạm tới",
            "{procedures} with less than {least}% of their parts touched by scenarios"
        );
        println!("{}", told(&few));
    }
}

/// Returns the lines with the expectation and with what was found.
fn both_sides(mismatch: &ScenarioMismatch) -> [Text; 2] {
    let ((expected_vi, expected), (found_vi, found)) = (mismatch.expected.both(), mismatch.found.both());
    [text!("mong đợi  {expected_vi}", "expected  {expected}"), text!("thực tế   {found_vi}", "found     {found}")]
}

fn print_coverage(coverage: &ProcedureCoverage<'_>, least: usize) {
    let (touched, all) = coverage.counts();
    let (procedure, percent) = (coverage.procedure(), coverage.percent());
    let short = if percent < least { text!(", ít hơn {least}%", ", less than {least}%") } else { Text::default() };
    let (group, slug, (vi, en)) = (&procedure.group, &procedure.slug, short.both());
    let sum = text!(
        "{group}/{slug}: {touched}/{all} phần ({percent}%{vi})",
        "{group}/{slug}: {touched} of {all} parts ({percent}%{en})"
    );
    println!("{}", told(&sum));
    for CoveredItem { kind, name } in coverage.untouched() {
        println!("  {}  {}", told(&kind.words().into()), told(&name));
    }
}

fn as_json(tested: &[TestedProcedure<'_>], arguments: &TestArguments) -> Json {
    let mismatch = |mismatch: &ScenarioMismatch| {
        let ScenarioMismatch { line, what, expected, found } = mismatch;
        json!({ "line": line, "what": what, "expected": told(expected), "found": told(found) })
    };
    let played = tested.iter().flat_map(|tested| &tested.played).map(|PlayedScenario { scenario, mismatches }| {
        let mismatches: Vec<Json> = mismatches.iter().map(mismatch).collect();
        json!({ "file": scenario.file, "name": scenario.name, "mismatches": mismatches })
    });
    let mut record = json!({ "scenarios": played.collect::<Vec<_>>() });
    if let (true, Json::Object(record)) = (arguments.shows_coverage(), &mut record) {
        let coverage = tested.iter().map(|tested| coverage_json(&tested.coverage));
        record.insert("coverage".to_owned(), coverage.collect());
    }
    record
}

fn coverage_json(coverage: &ProcedureCoverage<'_>) -> Json {
    let (procedure, (touched, all)) = (coverage.procedure(), coverage.counts());
    let item = |CoveredItem { kind, name }: CoveredItem| json!({ "kind": kind.name(), "name": told(&name) });
    let untouched: Vec<Json> = coverage.untouched().into_iter().map(item).collect();
    json!({
        "procedure": format!("{}/{}", procedure.group, procedure.slug),
        "touched": touched, "parts": all, "percent": coverage.percent(), "untouched": untouched,
    })
}
