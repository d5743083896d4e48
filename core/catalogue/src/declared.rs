//! A procedure with everything in its folder.

use crate::diagnostic::{Report, Source};
use crate::folder::{Builtin, Province};
use crate::scenario::{self, Scenario};
use crate::tree::Tree;
use crate::{node, procedure};
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use std::collections::BTreeMap;

/// The folder of all procedures.
pub const PROCEDURES: &str = "procedures";

/// A procedure as its folder declares it.
#[derive(Debug, Clone)]
pub struct Declared {
    pub procedure: Procedure,
    /// The files that the version needs, by digest: the component of its plugin, forms to download.
    pub content: BTreeMap<Digest, Vec<u8>>,
    pub scenarios: Vec<Scenario>,
}

impl Declared {
    /// Whether it is in this folder of `procedures`.
    pub fn is_at(&self, agency: &str, slug: &str) -> bool {
        self.procedure.agency.as_str() == agency && self.procedure.slug == slug
    }
}

/// The folder of one procedure.
pub fn folder_of(agency: &str, slug: &str) -> String {
    format!("{PROCEDURES}/{agency}/{slug}")
}

/// The file that declares it.
pub fn file_of(agency: &str, slug: &str) -> String {
    format!("{}/procedure.toml", folder_of(agency, slug))
}

/// Reads all procedures; those with mistakes are left out and the mistakes reported.
pub fn read_all(tree: &Tree, province: &Province, builtin: &Builtin, report: &Report) -> Vec<Declared> {
    let mut places = Vec::new();
    for agency in tree.folders(PROCEDURES) {
        let slugs = tree.folders(&format!("{PROCEDURES}/{agency}"));
        places.extend(slugs.into_iter().map(|slug| (agency.clone(), slug)));
    }
    // They know nothing of one another, so each core reads a part.
    let read_part = |part: &[(String, String)]| {
        let own = Report::default();
        let read = |(agency, slug): &(String, String)| read(tree, agency, slug, province, builtin, &own);
        let declared: Vec<Declared> = part.iter().filter_map(read).collect();
        (declared, own)
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let parts = places.chunks(places.len().div_ceil(cores).max(1));
    std::thread::scope(|scope| {
        let readers: Vec<_> = parts.map(|part| scope.spawn(move || read_part(part))).collect();
        let mut all = Vec::new();
        for reader in readers {
            let (declared, own) = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            all.extend(declared);
            report.absorb(own);
        }
        all
    })
}

/// Reads one procedure.
pub fn read(
    tree: &Tree,
    agency: &str,
    slug: &str,
    province: &Province,
    builtin: &Builtin,
    report: &Report,
) -> Option<Declared> {
    let before = report.len();
    let source = Source::read(tree, &file_of(agency, slug), report)?;
    let folder = folder_of(agency, slug);
    let mut content = BTreeMap::new();
    let procedure = node::parse(&source, report, |table| {
        let around = procedure::Surroundings { tree, folder: &folder, slug, agency, province, builtin };
        procedure::read(table, &around, &mut content)
    });
    let mut scenarios = Vec::new();
    if let Some(procedure) = &procedure {
        for file in tree.files(&format!("{folder}/tests"), ".toml") {
            let Some(source) = Source::read(tree, file, report) else { continue };
            scenarios.extend(node::parse(&source, report, |table| scenario::read(table, procedure)));
        }
    }
    let procedure = procedure.filter(|_| before == report.len())?;
    Some(Declared { procedure, content, scenarios })
}
