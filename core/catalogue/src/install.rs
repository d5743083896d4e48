//! The install folder of a province.

use crate::context::{PROCEDURES, file_of, folder_of};
use crate::declared::{self, Declared};
use crate::files::workflow::{self, Templates};
use crate::files::{calendar, organisation, registry, synonyms};
use crate::province::{Builtin, Province};
use crate::reading::diagnostic::{Diagnostic, MistakeReport, SourceFile};
use crate::reading::node::{self, with_article};
use crate::reading::tree::{ORGANISATION, Tree};
use jiff::civil::Date;
use motcua_domain::form::ADDRESS_REGISTRIES;
use motcua_domain::identity;
use motcua_domain::names::{AgencyId, Digest};
use motcua_domain::procedure::Procedure;
use motcua_domain::registry::{Registries, RegistryEntry};
use motcua_domain::text;
use motcua_domain::time::calendar::Calendar;
use motcua_domain::workflow::Assign;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

mod areas;
mod follows;

/// Everything that an install folder declares.
#[derive(Debug, Clone, Default)]
pub struct Install {
    pub province: Province,
    pub declared: Vec<Declared>,
    /// Mistakes that do not keep the portal from starting, but need a correction.
    pub warnings: Vec<Diagnostic>,
}

impl Install {
    /// Returns the procedures, in the order of their folders.
    pub fn procedures(&self) -> impl ExactSizeIterator<Item = &Procedure> {
        self.declared.iter().map(|declared| &*declared.procedure)
    }

    /// Returns the procedure in this folder of `procedures`.
    pub fn by_slug(&self, group: &str, slug: &str) -> Option<&Declared> {
        self.declared.iter().find(|declared| declared.is_at(group, slug))
    }

    /// Returns the procedure at `agency/name`, or at `group/name`.
    pub fn at(&self, at: &str) -> Option<&Declared> {
        at.split_once('/').and_then(|(group, slug)| self.by_slug(group, slug))
    }

    /// Returns the workflows that no procedure uses, also as a part. Posts, people and answers differ from procedure to
    /// procedure, so nobody checks whether such a workflow fits them. Procedures with mistakes use no workflow here.
    pub fn unused_workflows(&self) -> Vec<&str> {
        let used: BTreeSet<&str> =
            self.declared.iter().flat_map(|declared| &declared.workflows).map(String::as_str).collect();
        let ids = self.province.workflows.0.keys().map(String::as_str);
        ids.filter(|id| !used.contains(workflow::file_of(id).as_str())).collect()
    }

    /// Returns the components for the procedures' plugins.
    pub fn components(&self) -> BTreeMap<&Digest, &[u8]> {
        let used = self.declared.iter().flat_map(|declared| {
            let plugins = declared.procedure.plugins.iter();
            plugins.filter_map(|plugin| declared.content.get_key_value(&plugin.component))
        });
        used.map(|(digest, bytes)| (digest, bytes.as_slice())).collect()
    }
}

/// The contents of an install folder, and every mistake in it.
#[derive(Debug)]
pub struct FoundInstall {
    /// The contents without the files that have mistakes.
    pub install: Install,
    pub mistakes: Vec<Diagnostic>,
}

/// The most communes without a province that are told.
const MOST_LOST: usize = 10;

/// The files and folders of an install folder that are read.
const NAMES: [&str; 6] = [ORGANISATION, "synonyms.toml", "calendar", "workflows", "registries", PROCEDURES];

/// Returns the files of the install folder `root` that declare something.
pub fn files(root: &Path) -> Tree {
    Tree::read(root, &NAMES)
}

/// Reads the install folder `root` as of `today`.
pub fn load(root: &Path, builtin: &Builtin, today: Date) -> FoundInstall {
    read(&files(root), builtin, today)
}

/// Reads the files of an install folder as of `today`.
pub fn read(tree: &Tree, builtin: &Builtin, today: Date) -> FoundInstall {
    let report = MistakeReport::default();
    let province = read_province(tree, &report);
    check_people(&province, &report);
    areas::check(tree, &province, &report);
    let declared = declared::read_all(tree, &province, builtin, &report);
    check_codes(tree, &declared, &report);
    check_addresses(&declared, &province, &report);
    follows::check(tree, &declared, &report);
    let mut install = Install { province, declared, warnings: Vec::new() };
    check_calendar(&install, today, &report);
    install.warnings = report.take_warnings();
    FoundInstall { install, mistakes: report.finish() }
}

fn read_province(tree: &Tree, report: &MistakeReport) -> Province {
    // The registries take as long as the rest, so another core reads them.
    let ((mut province, own), (registries, of_registries)) = rayon::join(
        || with_report(|report| read_agencies(tree, report)),
        || with_report(|report| read_registries(tree, report)),
    );
    report.absorb(own);
    report.absorb(of_registries);
    province.registries = registries;
    check_communes(tree, &province, report);
    province.workflows = Templates::read(tree, province.workflow_context(), report);
    province
}

fn with_report<T>(read: impl FnOnce(&MistakeReport) -> T) -> (T, MistakeReport) {
    let report = MistakeReport::default();
    (read(&report), report)
}

/// Reads the organisation, the calendar and the synonyms.
fn read_agencies(tree: &Tree, report: &MistakeReport) -> Province {
    let mut province = Province::default();
    if let Some(source) = SourceFile::read(tree, ORGANISATION, report) {
        let read = node::parse(&source, &organisation::KEYS, report, organisation::read);
        (province.name, province.agencies, province.officers) = (read.province, read.agencies, read.officers);
        (province.plans, province.plan, province.quality) = (read.plans, read.plan, read.quality);
        province.sort_posts();
    }
    let mut years = BTreeMap::new();
    for file in tree.files("calendar", ".toml") {
        if let Some(source) = SourceFile::read(tree, file, report) {
            years.extend(node::parse(&source, &calendar::KEYS, report, calendar::read));
        }
    }
    province.calendar = Calendar::new(years);
    if tree.get("synonyms.toml").is_some()
        && let Some(source) = SourceFile::read(tree, "synonyms.toml", report)
    {
        province.synonyms = node::parse(&source, &synonyms::KEYS, report, synonyms::read);
    }
    province
}

fn read_registries(tree: &Tree, report: &MistakeReport) -> Registries {
    let mut registries = Registries::default();
    for file in tree.files("registries", ".csv") {
        let Some(source) = SourceFile::read(tree, file, report) else { continue };
        let name = file.trim_start_matches("registries/").trim_end_matches(".csv");
        registries.0.insert(name.to_owned(), registry::read(&source, report).into());
    }
    registries
}

/// Reports the communes whose province is not in the registry of provinces, at their lines, because nobody could choose
/// them.
fn check_communes(tree: &Tree, province: &Province, report: &MistakeReport) {
    let [provinces, communes] = ADDRESS_REGISTRIES;
    let registry = |name: &str| province.registries.get(name);
    let (Some(known), Some(all)) = (registry(provinces), registry(communes)) else { return };
    let codes: BTreeSet<&str> = known.under(None).map(|entry| entry.code.as_str()).collect();
    let is_lost = |entry: &&RegistryEntry| entry.parent.as_deref().is_some_and(|parent| !codes.contains(parent));
    let lost: Vec<&RegistryEntry> = all.under(None).filter(is_lost).take(MOST_LOST).collect();
    if lost.is_empty() {
        return;
    }
    let file = |name: &str| format!("registries/{name}.csv");
    let Some(source) = SourceFile::read(tree, &file(communes), report) else { return };
    let before = report.mark();
    for entry in lost {
        let parent = entry.parent.as_deref().unwrap_or_default();
        let code = &entry.code;
        let message = text!(
            "`{parent}`, cấp trên của `{code}`, không phải là mã nào trong registries/{provinces}.csv",
            "the parent `{parent}` of `{code}` is no code of registries/{provinces}.csv",
        );
        let line = source.text.find(&format!("\n{code},")).map_or(0, |at| at + 1);
        let help = text!("hãy viết mã của một tỉnh", "write the code of a province");
        report.add("unknown-name", &source, line..line, message, help);
    }
    report.rest_on(before, &[&file(provinces)]);
}

/// Warns of steps that are given by name to an officer who has no post of their role anywhere, whichever procedure
/// follows the workflow.
fn check_people(province: &Province, report: &MistakeReport) {
    for (id, template) in &province.workflows.0 {
        for step in &template.workflow.steps {
            let Assign::Person { login } = &step.assign else { continue };
            let officer = province.officers.iter().find(|officer| officer.login == identity::login(login));
            // A step of a part is told at the file of the part.
            let places = template.places.get(&step.id).filter(|places| places.workflow == *id);
            let (Some(officer), Some(places), Some(source)) = (officer, places, province.workflows.source(id)) else {
                continue;
            };
            if officer.posts.iter().all(|post| post.role != step.role) {
                let (step, role) = (&step.id, step.role.name());
                let a_role = with_article(role);
                let message = text!(
                    "bước `{step}` được giao cho `{login}`, người không giữ vị trí {role} nào",
                    "step `{step}` is given to `{login}`, who holds no post of {a_role}",
                );
                let help = text!(
                    "hãy trao vị trí cho cán bộ trong organisation.toml, hoặc nêu cán bộ khác",
                    "give the officer the post in organisation.toml, or name another officer",
                );
                let before = report.mark();
                report.warn("person-without-post", source, places.assign.clone(), message, help);
                report.rest_on(before, &[ORGANISATION]);
            }
        }
    }
}

/// Reports each procedure whose code belongs to another one too, at its code.
fn check_codes(tree: &Tree, declared: &[Declared], report: &MistakeReport) {
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for procedure in declared.iter().map(|declared| &declared.procedure) {
        let file = file_of(&procedure.group, &procedure.slug);
        files.entry(procedure.code.as_str()).or_default().push(file);
    }
    let help = || {
        text!(
            "mỗi thủ tục có mã riêng; thủ tục mà nhiều cơ quan cùng cung cấp là một thư mục với `offered_by`",
            "every procedure has its own code; what several agencies offer is one folder with `offered_by`",
        )
    };
    for (code, files) in files.into_iter().filter(|(_, files)| files.len() > 1) {
        for file in &files {
            let Some(source) = SourceFile::read(tree, file, report) else { continue };
            let others: Vec<&str> = files.iter().filter(|other| *other != file).map(String::as_str).collect();
            let others = others.join(", ");
            let message = text!("mã `{code}` cũng là mã của {others}", "the code `{code}` is also that of {others}");
            report.add("duplicate", &source, node::place_of(&source, "code"), message, help());
        }
    }
}

/// Reports an agency that offers two procedures at one address.
fn check_addresses(declared: &[Declared], province: &Province, report: &MistakeReport) {
    let mut by_slug: BTreeMap<&str, Vec<&Procedure>> = BTreeMap::new();
    for procedure in declared.iter().map(|declared| &*declared.procedure) {
        by_slug.entry(&procedure.slug).or_default().push(procedure);
    }
    let is_shared =
        |same: &&Vec<&Procedure>| same.len() > 1 && same.iter().any(|procedure| procedure.offered_by.is_some());
    for same in by_slug.values().filter(is_shared) {
        let mut taken: BTreeMap<&AgencyId, &Procedure> = BTreeMap::new();
        for procedure in same {
            let offering = procedure.offering(&province.agencies);
            let other = offering.iter().find_map(|agency| Some((agency, taken.get(&agency.id)?)));
            if let Some((agency, other)) = other {
                let of = |procedure: &Procedure| folder_of(&procedure.group, &procedure.slug);
                let (agency, one, other) = (&agency.id, of(procedure), of(other));
                let message = text!(
                    "`{agency}` cung cấp `{one}` tại cùng địa chỉ với `{other}`",
                    "`{agency}` offers `{one}` at the same address as `{other}`",
                );
                let help = text!(
                    "hãy đặt tên khác cho thư mục của một trong hai thủ tục",
                    "give the folder of one of them another name",
                );
                report.add_file("duplicate", &file_of(&procedure.group, &procedure.slug), message, help);
            }
            taken.extend(offering.into_iter().map(|agency| (&agency.id, *procedure)));
        }
    }
}

/// Reports a folder without any calendar. A year that is not announced yet is no mistake, because due times wait for
/// it.
fn check_calendar(install: &Install, today: Date, report: &MistakeReport) {
    let calendar = &install.province.calendar;
    let Some(year) = calendar.missing_year(today) else { return };
    let file = format!("calendar/{year}.toml");
    let message = text!(
        "chưa có lịch của năm {year}, nên chưa tính được hạn trả kết quả trong năm đó",
        "there is no calendar for {year}, so due times in that year are not known yet",
    );
    let help = text!(
        "hãy thêm lịch của năm đó với các ngày nghỉ lễ, rồi khởi động lại cổng",
        "add the calendar of that year with its holidays, and start the portal again",
    );
    // The calendar may be there and have a mistake.
    let before = report.mark();
    if calendar.is_empty() {
        report.add_file("calendar-ends", &file, message, help);
    } else {
        report.warn_file("calendar-ends", &file, message, help);
    }
    report.rest_on(before, &[&file]);
}
