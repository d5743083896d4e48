//! A procedure with everything in its folder.

use crate::context::{PROCEDURES, ProcedureContext, VersionFiles, file_of};
use crate::files::procedure;
use crate::files::scenario::{self, Scenario};
use crate::province::{Builtin, Province};
use crate::reading::diagnostic::{Diagnostic, MistakeReport, SourceFile};
use crate::reading::marks::warn_of_marks;
use crate::reading::node::{self, FileTable};
use crate::reading::tree::Tree;
use motcua_domain::names::Digest;
use motcua_domain::procedure::Procedure;
use motcua_domain::text;
use motcua_domain::text::Text;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A procedure as its folder declares it.
#[derive(Debug, Clone)]
pub struct Declared {
    pub procedure: Arc<Procedure>,
    /// The digest of the procedure. Each reader of a folder makes its own, because a start needs thousands of them.
    pub version: Digest,
    /// The files that the version needs, by digest: the component of its plugin, forms to download.
    pub content: VersionFiles,
    pub scenarios: Vec<Scenario>,
    /// The files of its workflow, and of the workflows whose steps that workflow includes.
    pub workflows: Vec<String>,
    /// The texts of its TOML files by path, byte for byte: the procedure, its scenarios and its workflows.
    pub source: BTreeMap<String, String>,
}

impl Declared {
    /// Returns whether the procedure is in this folder of `procedures`.
    pub fn is_at(&self, group: &str, slug: &str) -> bool {
        self.procedure.group == group && self.procedure.slug == slug
    }

    /// Returns a mistake of one of the procedure's plugins, or of all together, at its place in the file.
    pub fn unfit_plugin(&self, tree: &Tree, number: Option<usize>, message: impl Into<Text>) -> Vec<Diagnostic> {
        let report = MistakeReport::default();
        let file = file_of(&self.procedure.group, &self.procedure.slug);
        if let Some(source) = SourceFile::read(tree, &file, &report) {
            let place = node::place_among(&source, "plugin", number.unwrap_or_default());
            let help = text!(
                "hãy sửa thành phần bổ sung, quyền hoặc thiết lập của nó, hoặc phần mà thủ tục giao cho nó",
                "correct the plugin, its grant or its settings, or what the procedure leaves to it",
            );
            report.add("plugin-unfit", &source, place, message, help);
        }
        report.finish()
    }
}

/// Reads all procedures. Leaves out those with mistakes and reports the mistakes.
pub fn read_all(tree: &Tree, province: &Province, builtin: &Builtin, report: &MistakeReport) -> Vec<Declared> {
    let mut places = Vec::new();
    for group in tree.folders(PROCEDURES) {
        let slugs = tree.folders(&format!("{PROCEDURES}/{group}"));
        places.extend(slugs.into_iter().map(|slug| (group.clone(), slug)));
    }
    // Procedures are independent, and some cost a hundred times as much as others, so each core takes the next one.
    let read_one = |(group, slug): &(String, String)| {
        let own = MistakeReport::default();
        let workflows = &province.workflows;
        (read(&ProcedureContext { tree, province, workflows, builtin, group, slug }, &own), own)
    };
    let read: Vec<_> = places.par_iter().map(read_one).collect();
    let in_order = read.into_iter().filter_map(|(declared, own)| {
        report.absorb(own);
        declared
    });
    in_order.collect()
}

/// Reads one procedure.
pub fn read(context: &ProcedureContext<'_>, report: &MistakeReport) -> Option<Declared> {
    let tree = context.tree;
    let before = report.len();
    let source = SourceFile::read(tree, &file_of(context.group, context.slug), report)?;
    warn_of_marks(&source, report);
    let mut content = VersionFiles::new();
    let procedure =
        node::parse(&source, &procedure::KEYS, report, |table| procedure::read(table, context, &mut content));
    let mut scenarios = Vec::new();
    if let Some(procedure) = &procedure {
        for file in tree.files(&format!("{}/tests", context.folder()), ".toml") {
            let Some(source) = SourceFile::read(tree, file, report) else { continue };
            let read = |table: &FileTable<'_>| scenario::read(table, procedure, context);
            scenarios.extend(node::parse(&source, &scenario::KEYS, report, read));
        }
    }
    let procedure = procedure.filter(|_| before == report.len())?;
    let workflows = context.workflows.files_of(&procedure.workflow.id);
    let tests = format!("{}/tests", context.folder());
    let files = workflows.iter().map(String::as_str).chain(tree.files(&tests, ".toml")).chain([source.file.as_str()]);
    let text = |file: &str| {
        let bytes = tree.get(file).and_then(Result::ok)?;
        Some((file.to_owned(), std::str::from_utf8(bytes).ok()?.to_owned()))
    };
    let source = files.filter_map(text).collect();
    let version = procedure.digest();
    Some(Declared { procedure: Arc::new(procedure), version, content, scenarios, workflows, source })
}
