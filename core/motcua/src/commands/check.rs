//! `motcua check`

use crate::CommandOutcome;
use crate::cli::OutputFormat;
use crate::commands::edit;
use crate::language;
use crate::output::counted;
use crate::runtime::ProvinceFolder;
use anyhow::bail;
use motcua_catalogue::{CheckReport, Diagnostic, UnfoundedProcedure};
use motcua_domain::procedure::plugin::GrantExcess;
use motcua_domain::procedure::{BasisGap, Procedure};
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use motcua_service::TimeSource;
use std::cell::LazyCell;
use std::io::IsTerminal as _;
use std::path::Path;

/// The files and folders of a province. A folder without any of them is none.
const OF_PROVINCE: [&str; 5] = ["motcua.toml", "organisation.toml", "procedures", "workflows", "calendar"];

pub fn run(dir: &Path, format: OutputFormat, fix: bool, lists_gaps: bool) -> anyhow::Result<CommandOutcome> {
    if !dir.is_dir() {
        let dir = dir.display();
        bail!("{}", language::told(&text!("{dir} không phải là thư mục", "{dir} is not a folder")));
    }
    if !OF_PROVINCE.iter().any(|name| dir.join(name).exists()) {
        let (dir, names) = (dir.display(), OF_PROVINCE.join(", "));
        let told = text!(
            "{dir} không phải là thư mục của một tỉnh, vì không có mục nào trong số: {names}. Hãy nêu thư mục có \
             organisation.toml, hoặc tạo thư mục mới bằng motcua init",
            "{dir} is not the folder of a province, because it has none of {names}. Name the folder that has \
             organisation.toml, or make a new one with motcua init",
        );
        bail!("{}", language::told(&told));
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
        Ok(theme) => others.extend(theme.check().1.iter().map(|problem| language::told(problem).to_owned())),
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
        let (count, counted) = (parts.len(), counted(parts.len(), "part"));
        let told =
            text!("{procedure}: {count} phần không có căn cứ pháp lý", "{procedure}: {counted} without a legal basis");
        println!("{}", language::told(&told));
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
        let (counted, why) = (counted(held_back, "mistake"), if held_back == 1 { "it follows" } else { "they follow" });
        let told = text!(
            "ghi chú: {held_back} lỗi không được nêu ra, vì là hệ quả của các lỗi này",
            "note: {counted} held back, because {why} from these",
        );
        println!("{}\n", language::told(&told));
    }
    for other in &report.others {
        println!("{other}\n");
    }
    if !report.unused_workflows.is_empty() {
        let names = report.unused_workflows.join(", ");
        let told = text!(
            "ghi chú: không thủ tục nào dùng các quy trình này, nên vị trí công tác trong đó chưa được kiểm tra: {names}",
            "note: no procedure uses these workflows, so their posts are not checked: {names}",
        );
        println!("{}\n", language::told(&told));
    }
    tell_gaps(&report.without_basis);
    println!("{}", language::told(&sum(dir, shown.len() + report.others.len(), procedures)));
}

/// Returns the number of mistakes in words.
fn sum(dir: &Path, found: usize, procedures: usize) -> Text {
    let (dir, counted) = (dir.display(), counted(procedures, "procedure"));
    match found {
        0 => text!("{dir}: {procedures} thủ tục, không có lỗi", "{dir}: {counted}, no mistakes"),
        1 => text!("1 lỗi", "1 mistake"),
        found => text!(
            "{found} lỗi; motcua explain CODE giải thích thêm từng lỗi",
            "{found} mistakes; motcua explain CODE tells more of each",
        ),
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
            let of = |vi: &str, en: &str| {
                text!("thành phần bổ sung `{name}` của `{slug}`: {vi}", "the plugin `{name}` of `{slug}`: {en}")
            };
            for words in plugins.policy.excess(plugin).iter().map(GrantExcess::words) {
                faults.push(of(words.get(Language::Vi), words.get(Language::En)));
            }
            let loaded = declared
                .content
                .get(&plugin.component)
                .map(|bytes| plugins.sandbox.load(bytes, &plugin.limits.limits()));
            match loaded {
                Some(Err(fault)) => faults.push(of(&fault.to_string(), &fault.to_string())),
                _ => faults.extend(plugins.wrong_settings(plugin).iter().map(|wrong| of(wrong, wrong))),
            }
            mistakes.extend(faults.into_iter().flat_map(|fault| declared.unfit_plugin(&tree, Some(number), fault)));
        }
        let all_loaded = declared.procedure.plugins.iter().all(|plugin| plugins.sandbox.knows(&plugin.component));
        if all_loaded {
            let not_done = plugins.not_done(&declared.procedure).into_iter();
            let told = |what: Text| {
                let (vi, en) = (what.get(Language::Vi), what.get(Language::En));
                text!("các thành phần bổ sung của `{slug}`: {vi}", "the plugins of `{slug}`: {en}")
            };
            mistakes.extend(not_done.map(told).flat_map(|fault| declared.unfit_plugin(&tree, None, fault)));
        }
    }
    Ok(mistakes)
}
