//! Renaming a field, a paper, a step or an action, with all its uses.

use super::results::ResultNames;
use super::uses::{FoundUses, NameElsewhere, NamedKind, NewName, replaced, uses};
use super::{EditRefusal, FilePatches, RenameRefusal, document, text_of};
use crate::context::{PROCEDURES, file_of, folder_of};
use crate::files::{procedure, scenario, workflow};
use crate::reading::keys::Keys;
use crate::reading::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

/// The longest id, in bytes.
const LONGEST: usize = 100;

/// The words that stand for no action of a workflow in scenarios.
const NO_ACTIONS: [&str; 5] = ["supplement", "withdraw", "pay", "refund", "lapse"];

impl NamedKind {
    /// Returns the word of the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Paper => "paper",
            Self::Step => "step",
            Self::Action => "action",
        }
    }
}

/// The workflows of a folder: for each, the parts that it includes, as the id of the part and of the other workflow.
type IncludedParts = BTreeMap<String, Vec<(String, String)>>;

/// A procedure and the workflow that it follows.
struct FollowedWorkflow {
    group: String,
    slug: String,
    workflow: String,
}

/// Returns the patches that rename a thing of the procedure `group/slug` in all files that name it.
pub fn rename(tree: &Tree, group: &str, slug: &str, name: &NewName) -> Result<FilePatches, RenameRefusal> {
    let is_plain = |id: &str| id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if name.new.is_empty() || name.new.len() > LONGEST || !is_plain(&name.new) {
        return Err(RenameRefusal::NotAnId(name.new.clone()));
    }
    if name.new == name.old {
        return Err(RenameRefusal::Taken { kind: name.kind.name(), id: name.new.clone() });
    }
    let file = file_of(group, slug);
    let workflow = workflow_of(text_of(tree, &file)?)?;
    let mut renaming = Renaming::new(tree, name)?;
    match name.kind {
        NamedKind::Paper => renaming.procedure(group, slug)?,
        NamedKind::Field => {
            let own = renaming.found(&file, &procedure::KEYS, name)?;
            if own.ids.contains(&name.old) {
                renaming.field_of_form(group, slug, &workflow)?;
            } else {
                renaming.of_workflow(&workflow)?;
            }
            renaming.taken_from_results()?;
        }
        NamedKind::Step => renaming.of_workflow(&workflow)?,
        NamedKind::Action => {
            if NO_ACTIONS.contains(&name.old.as_str()) || NO_ACTIONS.contains(&name.new.as_str()) {
                return Err(RenameRefusal::Several(name.old.clone()));
            }
            renaming.of_workflow(&workflow)?;
        }
    }
    renaming.finish()
}

/// Returns the workflow that a `procedure.toml` names.
fn workflow_of(text: &str) -> Result<String, EditRefusal> {
    let root = document::parse(text)?;
    let named = root.get_ref().get("workflow").and_then(|workflow| workflow.get_ref().as_str());
    named.map(str::to_owned).ok_or_else(|| EditRefusal::Missing("workflow".to_owned()))
}

struct Renaming<'a> {
    tree: &'a Tree,
    name: &'a NewName,
    parts: IncludedParts,
    /// The procedures of the folder. Those that cannot be read follow no workflow here.
    procedures: Vec<FollowedWorkflow>,
    patches: FilePatches,
    /// The ids of this kind in the files that may define it.
    ids: BTreeSet<String>,
}

impl<'a> Renaming<'a> {
    fn new(tree: &'a Tree, name: &'a NewName) -> Result<Self, RenameRefusal> {
        let mut parts = IncludedParts::new();
        for file in tree.files("workflows", ".toml") {
            let id = file.trim_start_matches("workflows/").trim_end_matches(".toml");
            parts.insert(id.to_owned(), parts_of(text_of(tree, file)?)?);
        }
        let mut procedures = Vec::new();
        for group in tree.folders(PROCEDURES) {
            for slug in tree.folders(&format!("{PROCEDURES}/{group}")) {
                let text = text_of(tree, &file_of(&group, &slug)).ok();
                if let Some(workflow) = text.and_then(|text| workflow_of(text).ok()) {
                    procedures.push(FollowedWorkflow { group: group.clone(), slug, workflow });
                }
            }
        }
        Ok(Self { tree, name, parts, procedures, patches: FilePatches::new(), ids: BTreeSet::new() })
    }

    fn found(&self, file: &str, keys: &'static Keys, name: &NewName) -> Result<FoundUses, RenameRefusal> {
        Ok(uses(
            text_of(self.tree, file)?,
            keys,
            name,
            NameElsewhere { parameters: &BTreeSet::new(), is_paper: false },
        )?)
    }

    /// Adds the uses of a name in a file, and returns the parameters that may stand for it.
    fn add(
        &mut self,
        file: &str,
        keys: &'static Keys,
        name: &NewName,
        elsewhere: NameElsewhere<'_>,
    ) -> Result<FoundUses, RenameRefusal> {
        let text = text_of(self.tree, file)?;
        let found = uses(text, keys, name, elsewhere)?;
        if found.ids.contains(&name.new) {
            return Err(RenameRefusal::Taken { kind: name.kind.name(), id: name.new.clone() });
        }
        if let Some(at) = found.unclear.first() {
            let line = text.get(..*at).unwrap_or_default().matches('\n').count() + 1;
            return Err(RenameRefusal::Unclear { file: file.to_owned(), line });
        }
        if found.is_hidden {
            return Err(RenameRefusal::Hidden(name.old.clone()));
        }
        if !found.patches.is_empty() {
            let of_file = self.patches.entry(file.to_owned()).or_default();
            // A file that is looked at for several names has each use once.
            for patch in &found.patches {
                if !of_file.contains(patch) {
                    of_file.push(patch.clone());
                }
            }
        }
        Ok(found)
    }

    /// Adds the uses in the folder of a procedure.
    fn procedure(&mut self, group: &str, slug: &str) -> Result<(), RenameRefusal> {
        let name = self.name.clone();
        self.in_folder(group, slug, &name, &BTreeSet::new()).map(|ids| self.ids.extend(ids))
    }

    fn in_folder(
        &mut self,
        group: &str,
        slug: &str,
        name: &NewName,
        parameters: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, RenameRefusal> {
        let (tree, file) = (self.tree, file_of(group, slug));
        let paper = NewName { kind: NamedKind::Paper, ..name.clone() };
        let is_paper = self.found(&file, &procedure::KEYS, &paper)?.ids.contains(&name.old);
        let found = self.add(&file, &procedure::KEYS, name, NameElsewhere { parameters, is_paper })?;
        for file in tree.files(&format!("{}/tests", folder_of(group, slug)), ".toml") {
            self.add(file, &scenario::KEYS, name, NameElsewhere { parameters: &BTreeSet::new(), is_paper })?;
        }
        Ok(found.ids)
    }

    /// Adds the uses in a workflow's file. Its parameters are found first, because their values stand before the steps.
    fn workflow(&mut self, id: &str, name: &NewName) -> Result<FoundUses, RenameRefusal> {
        let file = workflow::file_of(id);
        let first = self.found(&file, &workflow::KEYS, name)?;
        let found =
            self.add(&file, &workflow::KEYS, name, NameElsewhere { parameters: &first.parameters, is_paper: false })?;
        Ok(FoundUses { parameters: first.parameters, ..found })
    }

    /// Returns the workflows whose steps a workflow has: itself and its parts.
    fn whole(&self, id: &str) -> BTreeSet<String> {
        let parts = self.parts.get(id).into_iter().flatten().map(|(_, workflow)| workflow.clone());
        parts.chain([id.to_owned()]).collect()
    }

    /// Renames a question of a procedure's own form. Its workflow may name it only if nobody else follows the workflow.
    fn field_of_form(&mut self, group: &str, slug: &str, workflow: &str) -> Result<(), RenameRefusal> {
        let name = self.name.clone();
        let mut parameters = BTreeSet::new();
        for id in self.whole(workflow) {
            let file = workflow::file_of(&id);
            let is_other = |other: &&FollowedWorkflow| (other.group.as_str(), other.slug.as_str()) != (group, slug);
            let others =
                self.procedures.iter().filter(is_other).filter(|other| self.whole(&other.workflow).contains(&id));
            let others: Vec<String> = others.map(|other| format!("{}/{}", other.group, other.slug)).collect();
            let found = self.workflow(&id, &name)?;
            self.ids.extend(found.ids);
            if id == workflow {
                parameters = found.parameters;
            }
            if self.patches.contains_key(&file) && !others.is_empty() {
                return Err(RenameRefusal::Shared { file, others: others.join(", ") });
            }
        }
        let ids = self.in_folder(group, slug, &name, &parameters)?;
        self.ids.extend(ids);
        Ok(())
    }

    /// Renames a thing of a workflow, in the workflow and in everything that follows it.
    fn of_workflow(&mut self, id: &str) -> Result<(), RenameRefusal> {
        let name = self.name.clone();
        let own = self.workflow(id, &name)?;
        if !own.ids.contains(&name.old) {
            return Err(RenameRefusal::Missing { kind: name.kind.name(), id: name.old });
        }
        self.ids.extend(own.ids);
        // The steps of a part have the name of the part before their own.
        let mut names = vec![name.clone()];
        if name.kind == NamedKind::Step {
            names.extend(self.steps_of_part(id, &name)?);
        }
        for name in names.iter().skip(1) {
            self.workflow(id, name)?;
        }
        let followers: Vec<(String, String, String)> = self
            .procedures
            .iter()
            .filter(|other| self.whole(&other.workflow).contains(id))
            .map(|other| (other.group.clone(), other.slug.clone(), other.workflow.clone()))
            .collect();
        let includers: Vec<(String, String)> = self
            .parts
            .iter()
            .flat_map(|(includer, parts)| parts.iter().map(move |(part, of)| (includer, part, of)))
            .filter(|(_, _, of)| *of == id)
            .map(|(includer, part, _)| (includer.clone(), part.clone()))
            .collect();
        for (includer, part) in &includers {
            if name.kind == NamedKind::Step {
                self.workflow(includer, &within_part(part, &name))?;
            }
        }
        for (group, slug, workflow) in followers {
            // The same id may be another action in a part of the whole workflow.
            if name.kind == NamedKind::Action {
                self.is_sole_action(&workflow, id)?;
            }
            if workflow == id {
                for name in &names {
                    self.in_folder(&group, &slug, name, &own.parameters)?;
                }
                continue;
            }
            let parts = includers.iter().filter(|(includer, _)| *includer == workflow);
            for (_, part) in parts {
                let name = if name.kind == NamedKind::Step { within_part(part, &name) } else { name.clone() };
                self.in_folder(&group, &slug, &name, &BTreeSet::new())?;
            }
        }
        Ok(())
    }

    /// Renames the answer where procedures take it from the results that keep it. All results from which a procedure
    /// takes it must get the new name.
    fn taken_from_results(&mut self) -> Result<(), RenameRefusal> {
        let (tree, name) = (self.tree, self.name);
        let read = |known: &FollowedWorkflow| {
            let file = file_of(&known.group, &known.slug);
            let text = text_of(tree, &file).ok()?;
            ResultNames::read(file, text)
        };
        let all: Vec<ResultNames> = self.procedures.iter().filter_map(read).collect();
        let keeps = |known: &&ResultNames| known.data.contains(&name.old);
        let (renamed, others): (Vec<&ResultNames>, Vec<&ResultNames>) =
            all.iter().filter(keeps).partition(|known| self.patches.contains_key(&known.file));
        for taker in &all {
            let places = taker.taken.iter().filter(|(source, _)| *source == name.old);
            for (source, place) in places.filter(|_| renamed.iter().any(|known| taker.follows(known))) {
                if let Some(other) = others.iter().find(|known| taker.follows(known)) {
                    return Err(RenameRefusal::Kept { file: taker.file.clone(), other: other.file.clone() });
                }
                let text = text_of(tree, &taker.file)?;
                let Some(patch) = replaced(text, place, source, 0..source.len(), &name.new) else {
                    let line = text.get(..place.start).unwrap_or_default().matches('\n').count() + 1;
                    return Err(RenameRefusal::Unclear { file: taker.file.clone(), line });
                };
                self.patches.entry(taker.file.clone()).or_default().push(patch);
            }
        }
        Ok(())
    }

    /// Checks that no other workflow of a joint procedure has an action of this name, because scenarios name actions
    /// without their step.
    fn is_sole_action(&self, workflow: &str, of: &str) -> Result<(), RenameRefusal> {
        for other in self.whole(workflow).iter().filter(|other| *other != of) {
            if self.found(&workflow::file_of(other), &workflow::KEYS, self.name)?.ids.contains(&self.name.old) {
                return Err(RenameRefusal::Several(self.name.old.clone()));
            }
        }
        Ok(())
    }

    /// Returns the names of the steps of a part, if the renamed step is a part.
    fn steps_of_part(&self, id: &str, name: &NewName) -> Result<Vec<NewName>, RenameRefusal> {
        let mut names = Vec::new();
        for (part, workflow) in self.parts.get(id).into_iter().flatten().filter(|(part, _)| *part == name.old) {
            let steps = self.found(&workflow::file_of(workflow), &workflow::KEYS, name)?.ids;
            names.extend(steps.into_iter().map(|step| NewName {
                kind: NamedKind::Step,
                old: format!("{part}.{step}"),
                new: format!("{}.{step}", name.new),
            }));
        }
        Ok(names)
    }

    fn finish(self) -> Result<FilePatches, RenameRefusal> {
        let kind = self.name.kind.name();
        if !self.ids.contains(&self.name.old) {
            return Err(RenameRefusal::Missing { kind, id: self.name.old.clone() });
        }
        if self.ids.contains(&self.name.new) {
            return Err(RenameRefusal::Taken { kind, id: self.name.new.clone() });
        }
        Ok(self.patches)
    }
}

/// Returns the name of a step as a step of a part.
fn within_part(part: &str, name: &NewName) -> NewName {
    let within = |id: &str| format!("{part}.{id}");
    NewName { kind: name.kind, old: within(&name.old), new: within(&name.new) }
}

/// Returns the parts of a workflow's file: the id of each with the workflow that it includes.
fn parts_of(text: &str) -> Result<Vec<(String, String)>, EditRefusal> {
    let root = document::parse(text)?;
    let steps = root.get_ref().get("step").and_then(|steps| steps.get_ref().as_array());
    let mut parts = Vec::new();
    for step in steps.into_iter().flatten() {
        let of = |key: &str| step.get_ref().as_table()?.get(key)?.get_ref().as_str().map(str::to_owned);
        parts.extend(of("id").zip(of("workflow")));
    }
    Ok(parts)
}
