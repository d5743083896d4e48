//! The install folder of a province.

use crate::diagnostic::{Diagnostic, Report, Source};
use crate::scenario::{self, Scenario};
use crate::synonyms::{self, Synonym};
use crate::{calendar, node, organisation, procedure, workflow};
use jiff::ToSpan as _;
use jiff::civil::Date;
use motcua_domain::calendar::{Calendar, Limit};
use motcua_domain::names::{AgencyId, Digest, ProcedureCode};
use motcua_domain::organisation::{Agency, Post};
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Text;
use motcua_domain::workflow::Workflow;
use std::collections::BTreeMap;
use std::path::Path;

/// The components that come with the kit.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    pub names: &'static [&'static str],
    pub component: fn(&str) -> Option<&'static [u8]>,
}

/// An officer, as `organisation.toml` names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    pub login: String,
    pub name: String,
    pub posts: Vec<Post>,
}

/// Everything that an install folder declares.
#[derive(Debug, Clone, Default)]
pub struct Install {
    pub province: Text,
    pub agencies: Vec<Agency>,
    pub officers: Vec<Officer>,
    pub calendar: Calendar,
    pub procedures: Vec<Procedure>,
    /// The components that the procedures' plugins need.
    pub components: BTreeMap<Digest, Vec<u8>>,
    /// What people say, and what the law calls it.
    pub synonyms: Vec<Synonym>,
    /// What the authors expect of their procedures.
    pub scenarios: Vec<Scenario>,
}

impl Install {
    /// The agency with this id.
    pub fn agency(&self, id: &AgencyId) -> Option<&Agency> {
        self.agencies.iter().find(|agency| agency.id == *id)
    }

    /// The procedure with this code.
    pub fn procedure(&self, code: &ProcedureCode) -> Option<&Procedure> {
        self.procedures.iter().find(|procedure| procedure.code == *code)
    }

    /// The procedure at this address.
    pub fn by_slug(&self, agency: &str, slug: &str) -> Option<&Procedure> {
        self.procedures.iter().find(|procedure| procedure.agency.as_str() == agency && procedure.slug == slug)
    }
}

/// What was read, and every mistake in it.
#[derive(Debug)]
pub struct Found {
    /// Without the files that have mistakes.
    pub install: Install,
    pub mistakes: Vec<Diagnostic>,
}

/// Reads the install folder `root` as of `today`.
pub fn load(root: &Path, builtin: &Builtin, today: Date) -> Found {
    let report = Report::default();
    let mut install = Install::default();
    if let Some(source) = Source::read(root, "organisation.toml", &report) {
        (install.province, install.agencies, install.officers) = node::parse(&source, &report, organisation::read);
    }
    let mut years = BTreeMap::new();
    for file in files(root, "calendar") {
        if let Some(source) = Source::read(root, &file, &report) {
            years.extend(node::parse(&source, &report, calendar::read));
        }
    }
    install.calendar = Calendar::new(years);
    if root.join("synonyms.toml").exists()
        && let Some(source) = Source::read(root, "synonyms.toml", &report)
    {
        install.synonyms = node::parse(&source, &report, synonyms::read);
    }
    let workflows = load_workflows(root, &report);
    load_procedures(root, builtin, &workflows, &report, &mut install);
    check_codes(&install, &report);
    check_calendar(&install, today, &report);
    Found { install, mistakes: report.finish() }
}

fn load_workflows(root: &Path, report: &Report) -> BTreeMap<String, Workflow> {
    let mut workflows = BTreeMap::new();
    for file in files(root, "workflows") {
        let Some(source) = Source::read(root, &file, report) else { continue };
        let id = file.trim_start_matches("workflows/").trim_end_matches(".toml").to_owned();
        let workflow = node::parse(&source, report, |table| workflow::read(table, &id));
        workflows.insert(id, workflow);
    }
    workflows
}

fn load_procedures(
    root: &Path,
    builtin: &Builtin,
    workflows: &BTreeMap<String, Workflow>,
    report: &Report,
    install: &mut Install,
) {
    for agency in folders(&root.join("procedures")) {
        for slug in folders(&root.join("procedures").join(&agency)) {
            let file = format!("procedures/{agency}/{slug}/procedure.toml");
            let Some(source) = Source::read(root, &file, report) else { continue };
            let folder = root.join("procedures").join(&agency).join(&slug);
            let around = procedure::Surroundings {
                folder: &folder,
                slug: &slug,
                agency: &agency,
                agencies: &install.agencies,
                workflows,
                builtin,
            };
            let before = report.len();
            let read = node::parse(&source, report, |table| procedure::read(table, &around));
            if let (Some((procedure, component)), true) = (read, before == report.len()) {
                if let (Some(plugin), Some(bytes)) = (&procedure.plugin, component) {
                    install.components.insert(plugin.component.clone(), bytes);
                }
                load_scenarios(root, &format!("procedures/{agency}/{slug}/tests"), &procedure.code, report, install);
                install.procedures.push(procedure);
            }
        }
    }
}

fn load_scenarios(root: &Path, folder: &str, code: &ProcedureCode, report: &Report, install: &mut Install) {
    let mut scenarios = Vec::new();
    for file in files(root, folder) {
        let Some(source) = Source::read(root, &file, report) else { continue };
        scenarios.extend(node::parse(&source, report, |table| scenario::read(table, code)));
    }
    install.scenarios.append(&mut scenarios);
}

fn check_codes(install: &Install, report: &Report) {
    let mut seen: BTreeMap<(&AgencyId, &ProcedureCode), &str> = BTreeMap::new();
    for procedure in &install.procedures {
        let key = (&procedure.agency, &procedure.code);
        let other = seen.insert(key, &procedure.slug);
        let elsewhere = install.procedures.iter().filter(|other| other.code == procedure.code).count() > 1;
        if other.is_some() || elsewhere {
            let file = format!("procedures/{}/{}/procedure.toml", procedure.agency, procedure.slug);
            let message = format!("the code `{}` belongs to more than one procedure", procedure.code);
            report.add_file("duplicate", &file, &message, "every procedure has its own code");
        }
    }
}

/// The calendar must reach beyond the longest limit that could begin today.
fn check_calendar(install: &Install, today: Date, report: &Report) {
    let days = |limit: Limit| match limit {
        Limit::WorkingHours(hours) => i64::from(hours) / 4 + 14,
        Limit::WorkingDays(days) => i64::from(days) * 2 + 14,
        Limit::CalendarDays(days) => i64::from(days) + 14,
    };
    let longest = install.procedures.iter().map(|procedure| days(procedure.limit)).max().unwrap_or(30);
    let needed = today.saturating_add(longest.days());
    let known = install.calendar.known_until(today);
    if known.is_none_or(|known| known < needed) {
        let year = known.map_or(today.year(), |known| known.year() + 1);
        let message = format!("the calendar must reach {needed}, but there is none for {year}");
        report.add_file("calendar-ends", &format!("calendar/{year}.toml"), &message, "add the calendar of that year");
    }
}

/// The `.toml` files in a folder of the install folder, by name.
fn files(root: &Path, folder: &str) -> Vec<String> {
    let mut names: Vec<String> = entries(&root.join(folder))
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .map(|name| format!("{folder}/{name}"))
        .collect();
    names.sort();
    names
}

fn folders(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = entries(path)
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

fn entries(path: &Path) -> impl Iterator<Item = std::fs::DirEntry> {
    std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok)
}
