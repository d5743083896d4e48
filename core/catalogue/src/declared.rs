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
    let mut all = Vec::new();
    for agency in tree.folders(PROCEDURES) {
        for slug in tree.folders(&format!("{PROCEDURES}/{agency}")) {
            all.extend(read(tree, &agency, &slug, province, builtin, report));
        }
    }
    all
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
