//! `motcua check`

use crate::CommandOutcome;
use crate::cli::OutputFormat;
use crate::commands::edit;
use crate::language;
use crate::output::counted;
use crate::runtime::ProvinceFolder;
use anyhow::bail;
use motcua_catalogue::{CheckReport, Diagnostic, UnfoundedProcedure};
use motcua_domain::procedure::{BasisGap, Procedure};
use motcua_service::TimeSource;
use std::cell::LazyCell;
use std::io::IsTerminal as _;
use std::path::Path;

pub fn run(dir: &Path, format: OutputFormat, fix: bool, lists_gaps: bool) -> anyhow::Result<CommandOutcome> {
    if !dir.is_dir() {
        bail!("{} is not a folder", dir.display());
    }
    if fix {
        let corrected = edit::fix(dir, &ProvinceFolder::read(dir, &TimeSource::System)?.mistakes)?;
        if format == OutputFormat::Text {
            for line in &corrected {
                println!("{line}");
            }
        }
    }
    let province = ProvinceFolder::read(dir, &TimeSource::System)?;
    // Flaws without a place in a file of the author's.
    let mut others = Vec::new();
    match province.theme() {
        Ok(theme) => others.extend(theme.check().1),
        Err(error) => others.push(format!("{error:#}")),
    }
    let mut mistakes = province.mistakes.clone();
    mistakes.extend(components(&province)?);
    // A procedure with mistakes may be the one that uses a workflow.
    let unused = if province.mistakes.is_empty() { province.install.unused_workflows() } else { Vec::new() };
    let without_basis = if lists_gaps { gaps(&province) } else { Vec::new() };
    let report = CheckReport {
        unused_workflows: unused.into_iter().map(str::to_owned).collect(),
        warnings: province.install.warnings.clone(),
        mistakes,
        others,
        without_basis,
    };
    let found = report.mistakes.len() + report.others.len();
    match format {
        OutputFormat::Json => println!("{}", serde_json::to_string(&report.record(language::chosen()))?),
        OutputFormat::Text => tell(dir, &report, province.install.declared.len()),
    }
    Ok(if found == 0 { CommandOutcome::Fine } else { CommandOutcome::Findings })
}

/// Returns the procedures with parts that name no legal basis.
fn gaps(province: &ProvinceFolder) -> Vec<UnfoundedProcedure> {
    let of = |procedure: &Procedure| UnfoundedProcedure {
        procedure: format!("{}/{}", procedure.group, procedure.slug),
        parts: procedure.without_basis(),
    };
    province.install.procedures().map(of).filter(|found| !found.parts.is_empty()).collect()
}

/// Prints the parts that name no legal basis.
fn tell_gaps(gaps: &[UnfoundedProcedure]) {
    for UnfoundedProcedure { procedure, parts } in gaps {
        println!("{procedure}: {} without a legal basis", counted(parts.len(), "part"));
        for BasisGap { part, id } in parts {
            println!("  {}", format!("{part} {id}").trim_end());
        }
        println!();
    }
}

/// Prints a report for people. A mistake that follows from another one is held back, because it says nothing new.
fn tell(dir: &Path, report: &CheckReport, procedures: usize) {
    let colour = std::io::stdout().is_terminal();
    let shown: Vec<&Diagnostic> = report.mistakes.iter().filter(|mistake| mistake.is_told()).collect();
    for mistake in report.warnings.iter().filter(|warning| warning.is_told()).chain(shown.iter().copied()) {
        println!("{}", mistake.render(colour, language::chosen()));
    }
    let held_back = report.mistakes.len() - shown.len();
    if held_back > 0 {
        println!("note: {} held back, because they follow from these\n", counted(held_back, "mistake"));
    }
    for other in &report.others {
        println!("{other}\n");
    }
    if !report.unused_workflows.is_empty() {
        let names = report.unused_workflows.join(", ");
        println!("note: no procedure uses these workflows, so their posts are not checked: {names}\n");
    }
    tell_gaps(&report.without_basis);
    match shown.len() + report.others.len() {
        0 => println!("{}: {}, no mistakes", dir.display(), counted(procedures, "procedure")),
        1 => println!("1 mistake"),
        found => println!("{found} mistakes; motcua explain CODE tells more of each"),
    }
}

/// Returns the flaws of the procedures' plugins: they cannot be loaded, want more than the portal allows, do not do
/// their tasks, or reject their settings.
fn components(province: &ProvinceFolder) -> anyhow::Result<Vec<Diagnostic>> {
    let plugins = province.plugins(None)?;
    let tree = LazyCell::new(|| motcua_catalogue::files(&province.dir));
    let mut mistakes = Vec::new();
    for declared in &province.install.declared {
        let slug = &declared.procedure.slug;
        for (number, plugin) in declared.procedure.plugins.iter().enumerate() {
            let name = &plugin.name;
            let mut faults = Vec::new();
            let of = |what: &dyn std::fmt::Display| format!("the plugin `{name}` of `{slug}`: {what}");
            faults.extend(plugins.policy.excess(plugin).iter().map(|excess| of(excess)));
            let loaded = declared
                .content
                .get(&plugin.component)
                .map(|bytes| plugins.sandbox.load(bytes, &plugin.limits.limits()));
            match loaded {
                Some(Err(fault)) => faults.push(of(&fault)),
                _ => faults.extend(plugins.wrong_settings(plugin).iter().map(|wrong| of(wrong))),
            }
            mistakes.extend(faults.iter().flat_map(|fault| declared.unfit_plugin(&tree, Some(number), fault.as_str())));
        }
        let all_loaded = declared.procedure.plugins.iter().all(|plugin| plugins.sandbox.knows(&plugin.component));
        if all_loaded {
            let not_done = plugins.not_done(&declared.procedure).into_iter();
            let not_done = not_done.map(|what| format!("the plugins of `{slug}`: {what}"));
            mistakes.extend(not_done.flat_map(|fault| declared.unfit_plugin(&tree, None, fault)));
        }
    }
    Ok(mistakes)
}
