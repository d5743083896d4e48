//! A procedure with everything in its folder.

use crate::diagnostic::{Report, Source};
use crate::province::{Builtin, Province};
use crate::scenario::{self, Scenario};
use crate::tree::Tree;
use crate::workflow::Templates;
use crate::{node, procedure};
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The folder of all procedures.
pub const PROCEDURES: &str = "procedures";

/// A procedure as its folder declares it.
#[derive(Debug, Clone)]
pub struct Declared {
    pub procedure: Arc<Procedure>,
    /// The files that the version needs, by digest: the component of its plugin, forms to download.
    pub content: BTreeMap<Digest, Vec<u8>>,
    pub scenarios: Vec<Scenario>,
    /// The files of the workflow that it follows, and of those whose steps that takes.
    pub workflows: Vec<String>,
}

impl Declared {
    /// Whether it is in this folder of `procedures`.
    pub fn is_at(&self, agency: &str, slug: &str) -> bool {
        self.procedure.agency.as_str() == agency && self.procedure.slug == slug
    }
}

/// What a procedure is read from, and what it may refer to.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    pub tree: &'a Tree,
    pub province: &'a Province,
    /// Those of the province, or of a package.
    pub workflows: &'a Templates,
    pub builtin: &'a Builtin,
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
pub fn read_all(around: Around<'_>, report: &Report) -> Vec<Declared> {
    let tree = around.tree;
    let mut places = Vec::new();
    for agency in tree.folders(PROCEDURES) {
        let slugs = tree.folders(&format!("{PROCEDURES}/{agency}"));
        places.extend(slugs.into_iter().map(|slug| (agency.clone(), slug)));
    }
    // They know nothing of one another, so each core reads a part.
    let read_part = |part: &[(String, String)]| {
        let own = Report::default();
        let read = |(agency, slug): &(String, String)| read(around, agency, slug, &own);
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
pub fn read(around: Around<'_>, agency: &str, slug: &str, report: &Report) -> Option<Declared> {
    let tree = around.tree;
    let before = report.len();
    let source = Source::read(tree, &file_of(agency, slug), report)?;
    let folder = folder_of(agency, slug);
    let mut content = BTreeMap::new();
    let procedure = node::parse(&source, report, |table| {
        let place = procedure::Surroundings { around, folder: &folder, slug, agency };
        procedure::read(table, &place, &mut content)
    });
    let mut scenarios = Vec::new();
    if let Some(procedure) = &procedure {
        for file in tree.files(&format!("{folder}/tests"), ".toml") {
            let Some(source) = Source::read(tree, file, report) else { continue };
            scenarios.extend(node::parse(&source, report, |table| scenario::read(table, procedure)));
        }
    }
    let procedure = procedure.filter(|_| before == report.len())?;
    let id = &procedure.workflow.id;
    let uses = around.workflows.0.get(id).into_iter().flat_map(|template| &template.uses);
    let workflows = std::iter::once(id).chain(uses).map(|id| format!("workflows/{id}.toml")).collect();
    Some(Declared { procedure: Arc::new(procedure), content, scenarios, workflows })
}
