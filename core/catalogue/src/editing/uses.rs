//! The places of a file that name a field, a paper, a step or an action.

use super::{EditRefusal, document};
use crate::reading::keys::{Keys, Shape};
use crate::reading::patch::TextPatch;
use motcua_domain::expression::Expression;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The kind of a thing that has an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedKind {
    /// A question of a form.
    Field,
    Paper,
    Step,
    Action,
}

/// The role of a key's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyRole {
    /// The id of a thing.
    Id(NamedKind),
    /// The ids of things: a text, texts of a list, or the keys of a table.
    Names(&'static [NamedKind]),
    /// The ids of papers and of fields that take files.
    Files,
    /// A table from older names of steps to their ids.
    NewSteps,
    /// An action of a scenario, `action` or `step.action`.
    PlayedAction,
    /// A condition or a value over answers.
    Expression,
    /// The path to a part of an answer, which begins with a field.
    AnswerPath,
    /// The path of a field or a paper, perhaps with the code of a finding behind it: `path: code`.
    Finding,
}

/// The beginning of the path of a finding about a paper.
const PAPERS: &str = "papers.";

const FIELDS: KeyRole = KeyRole::Names(&[NamedKind::Field]);
const STEPS: KeyRole = KeyRole::Names(&[NamedKind::Step]);

/// Returns the role of a key of a table.
fn role(table: &str, key: &str) -> Option<KeyRole> {
    Some(match (table, key) {
        ("Field", "id") => KeyRole::Id(NamedKind::Field),
        ("Paper", "id") => KeyRole::Id(NamedKind::Paper),
        ("Step" | "Part", "id") => KeyRole::Id(NamedKind::Step),
        ("Action", "id") => KeyRole::Id(NamedKind::Action),
        ("Field", "required" | "shown" | "default" | "min" | "max" | "value")
        | ("Paper", "required")
        | ("Fee", "when" | "per" | "by" | "formula")
        | (
            "FeeCase" | "FeeExemption" | "FeeReduction" | "LimitCase" | "Action" | "BranchTo" | "Alternatives"
            | "Signer",
            "when",
        )
        | ("Expected" | "ScenarioStep" | "Check", "holds") => KeyRole::Expression,
        ("Field", "birth" | "sex" | "under")
        | ("Check" | "AssignTo", "field")
        | ("SiteVisit", "place")
        | ("Scenario" | "ScenarioStep" | "Expected", "values")
        | ("Expected" | "ScenarioStep", "absent")
        | ("ScenarioStep", "has")
        | ("Result", "data" | "from_result")
        | ("Signer", "many") => FIELDS,
        ("OfferedBy", "led_by")
        | ("Procedure", "one_per")
        | ("Signer", "identity")
        | ("Result", "number_field" | "holder" | "identity" | "valid_years" | "valid_months" | "valid_until") => {
            KeyRole::AnswerPath
        }
        ("Scenario" | "ScenarioStep", "papers") => KeyRole::Files,
        ("Expected", "findings") | ("Alternatives", "of") => KeyRole::Finding,
        ("Part", "then" | "refused")
        | ("Ask", "then")
        | ("Action", "to" | "during" | "cancels")
        | ("BranchTo" | "ScenarioStep", "step")
        | ("Procedure" | "LimitCase" | "Offer", "step_limits") => STEPS,
        ("ScenarioStep", "action") => KeyRole::PlayedAction,
        ("ScenarioStep", "renamed") => KeyRole::NewSteps,
        _ => return None,
    })
}

/// A name and its replacement.
#[derive(Debug, Clone)]
pub struct NewName {
    pub kind: NamedKind,
    pub old: String,
    pub new: String,
}

/// The uses of a name in one file.
#[derive(Debug, Default)]
pub struct FoundUses {
    pub patches: Vec<TextPatch>,
    /// The ids of this kind that the file defines.
    pub ids: BTreeSet<String>,
    /// The parameters, without `$`, that stand for a name or for an expression.
    pub parameters: BTreeSet<String>,
    /// The file has another thing of this name where the new name would hide it, such as a part of a group.
    pub is_hidden: bool,
    /// The places at which the name may be used and cannot be replaced by itself.
    pub unclear: Vec<usize>,
}

/// The facts about a name that other files tell.
#[derive(Debug, Clone, Copy)]
pub struct NameElsewhere<'a> {
    /// The parameters that stand for the name.
    pub parameters: &'a BTreeSet<String>,
    /// A paper of the procedure has the name of the field. Attached files are then those of the paper.
    pub is_paper: bool,
}

/// Finds the uses of a name in a file with these keys.
pub fn uses(
    text: &str,
    keys: &'static Keys,
    name: &NewName,
    elsewhere: NameElsewhere<'_>,
) -> Result<FoundUses, EditRefusal> {
    let root = document::parse(text)?;
    let NameElsewhere { parameters, is_paper } = elsewhere;
    let names_files = name.kind == NamedKind::Paper || (name.kind == NamedKind::Field && !is_paper);
    let mut search = UseSearch { text, name, parameters, names_files, found: FoundUses::default() };
    search.table(root.get_ref(), keys, false);
    Ok(search.found)
}

struct UseSearch<'a> {
    text: &'a str,
    name: &'a NewName,
    parameters: &'a BTreeSet<String>,
    /// Attached files can be those of the name.
    names_files: bool,
    found: FoundUses,
}

impl UseSearch<'_> {
    /// Looks at a table. The fields of a group are parts of its answer, and no answers of the form.
    fn table(&mut self, table: &DeTable<'_>, keys: &'static Keys, in_group: bool) {
        for (key, value) in table {
            let word: &str = key.get_ref();
            let Some(known) = keys.find(word) else { continue };
            // The questions of eligibility have names of their own.
            if known.name == "eligibility" {
                continue;
            }
            if matches!((keys.name, word), ("Workflow", "parameters") | ("Procedure", "workflow_with")) {
                self.values_of_parameters(value);
                continue;
            }
            match role(keys.name, word) {
                Some(role) => self.value(value, role, in_group),
                None => self.shape(value, known.shape, in_group || (keys.name == "Field" && word == "field")),
            }
            // Lists of steps and branches have texts and tables.
            if (keys.name, word) == ("Action", "to") {
                self.shape(value, known.shape, in_group);
            }
        }
    }

    fn shape(&mut self, value: &Spanned<DeValue<'_>>, shape: Shape, in_group: bool) {
        match value.get_ref() {
            DeValue::Table(table) => {
                if let Some(keys) = keys_for(shape, table) {
                    self.table(table, keys, in_group);
                }
            }
            DeValue::Array(items) => {
                for item in items {
                    self.shape(item, shape, in_group);
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, role: KeyRole, in_group: bool) {
        match (value.get_ref(), role) {
            (DeValue::String(word), KeyRole::Id(kind)) if kind == self.name.kind => {
                if in_group && kind == NamedKind::Field {
                    self.found.is_hidden |= **word == *self.name.old || **word == *self.name.new;
                } else {
                    self.found.ids.insert(word.to_string());
                    self.word(word, value.span());
                }
            }
            // Within a group, these keys name the parts of the group.
            (DeValue::String(word), KeyRole::Names(kinds)) if !in_group && kinds.contains(&self.name.kind) => {
                self.word(word, value.span());
            }
            (DeValue::String(word), KeyRole::Files) if self.names_files => self.word(word, value.span()),
            (DeValue::Table(table), KeyRole::Files) if self.names_files => {
                for key in table.keys() {
                    self.word(key.get_ref(), key.span());
                }
            }
            (DeValue::Table(table), KeyRole::Names(kinds)) if kinds.contains(&self.name.kind) => {
                for key in table.keys() {
                    self.word(key.get_ref(), key.span());
                }
            }
            (DeValue::Table(table), KeyRole::NewSteps) if self.name.kind == NamedKind::Step => {
                for step in table.values() {
                    self.word(step.get_ref().as_str().unwrap_or_default(), step.span());
                }
            }
            (DeValue::String(word), KeyRole::PlayedAction) => self.played_action(word, &value.span()),
            (DeValue::String(text), KeyRole::Expression) if self.name.kind == NamedKind::Field => {
                self.expression(text, value.span());
            }
            (DeValue::String(path), KeyRole::AnswerPath) if self.name.kind == NamedKind::Field => {
                let first = path.split('.').next().unwrap_or_default();
                if first == self.name.old {
                    self.replace(&value.span(), path, 0..first.len());
                }
            }
            (DeValue::String(text), KeyRole::Finding)
                if matches!(self.name.kind, NamedKind::Field | NamedKind::Paper) =>
            {
                self.finding(text, value.span());
            }
            (DeValue::Array(items), _) => {
                for item in items.iter().filter(|item| item.get_ref().is_str()) {
                    self.value(item, role, in_group);
                }
            }
            _ => {}
        }
    }

    /// Adds a word that is the name, or notes the parameter that stands for it.
    fn word(&mut self, word: &str, span: Range<usize>) {
        if let Some(parameter) = word.strip_prefix('$') {
            self.found.parameters.insert(parameter.to_owned());
        } else if word == self.name.old {
            self.replace(&span, word, 0..word.len());
        }
    }

    fn played_action(&mut self, word: &str, span: &Range<usize>) {
        let action = word.rfind('.').map_or(0, |dot| dot + 1);
        let part = match self.name.kind {
            NamedKind::Action => action..word.len(),
            NamedKind::Step => 0..action.saturating_sub(1),
            NamedKind::Field | NamedKind::Paper => return,
        };
        if word.get(part.clone()) == Some(self.name.old.as_str()) {
            self.replace(span, word, part);
        }
    }

    fn expression(&mut self, text: &str, span: Range<usize>) {
        if let Some(parameter) = text.strip_prefix('$') {
            self.found.parameters.insert(parameter.to_owned());
            return;
        }
        // A text that is no expression is a mistake of its own.
        let Ok(expression) = Expression::parse(text) else { return };
        match expression.places(&self.name.old) {
            Some(places) if places.is_empty() => {}
            Some(places) if expression.renamed(&self.name.old, &self.name.new).is_some() => {
                for place in places {
                    self.replace(&span, text, place);
                }
            }
            _ => self.found.unclear.push(span.start),
        }
    }

    /// Looks at `path: code`. The path begins with a field, or is `papers.` with a paper.
    fn finding(&mut self, text: &str, span: Range<usize>) {
        let (start, ends): (_, &[char]) = match (self.name.kind, text.strip_prefix(PAPERS)) {
            // The path of a file field begins like that of a paper.
            (_, Some(_)) if self.names_files => (PAPERS.len(), &[':']),
            (NamedKind::Field, None) => (0, &[':', '.', '[']),
            _ => return,
        };
        let rest = text.get(start..).unwrap_or_default();
        let end = start + rest.find(ends).unwrap_or(rest.len());
        if text.get(start..end) == Some(self.name.old.as_str()) {
            self.replace(&span, text, start..end);
        }
    }

    /// Looks at the values of parameters that stand for a name or for an expression.
    fn values_of_parameters(&mut self, value: &Spanned<DeValue<'_>>) {
        let Some(table) = value.get_ref().as_table() else { return };
        for (key, value) in table {
            let Some(text) = value.get_ref().as_str().filter(|_| self.parameters.contains::<str>(key.get_ref())) else {
                continue;
            };
            if self.name.kind == NamedKind::Field {
                self.expression(text, value.span());
            } else {
                self.word(text, value.span());
            }
        }
    }

    /// Replaces a part of a text.
    fn replace(&mut self, span: &Range<usize>, read: &str, part: Range<usize>) {
        match replaced(self.text, span, read, part, &self.name.new) {
            Some(patch) => self.found.patches.push(patch),
            None => self.found.unclear.push(span.start),
        }
    }
}

/// Returns the patch that replaces a part of a text at a place. Returns `None` if the file does not have the text as it
/// is read, because it has escapes.
pub fn replaced(text: &str, span: &Range<usize>, read: &str, part: Range<usize>, new: &str) -> Option<TextPatch> {
    let written = text.get(span.clone()).unwrap_or_default();
    let quotes = ["\"\"\"", "'''", "\"", "'", ""];
    let quote = quotes.into_iter().find_map(|quote| {
        let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
        (inner == read).then_some(quote.len())
    })?;
    let start = span.start + quote;
    Some(TextPatch { bytes: start + part.start..start + part.end, text: new.to_owned() })
}

/// Returns the keys of a table among those that can stand at its place: those that know most of its keys.
fn keys_for(shape: Shape, table: &DeTable<'_>) -> Option<&'static Keys> {
    match shape {
        Shape::Table(keys) | Shape::Tables(keys) => Some(keys),
        Shape::List(item) => keys_for(*item, table),
        Shape::Either(_, shapes) => {
            let known = |keys: &Keys| table.keys().filter(|key| keys.find(key.get_ref()).is_some()).count();
            shapes.iter().filter_map(|shape| keys_for(*shape, table)).max_by_key(|keys| known(keys))
        }
        _ => None,
    }
}

/// Returns all keys of texts within these tables that have no role, each as `Table.key`. A test compares them with a
/// list, so that a new key which names something cannot be forgotten.
pub fn plain_keys(keys: &'static Keys, seen: &mut BTreeSet<&'static str>, plain: &mut BTreeSet<String>) {
    if !seen.insert(keys.name) {
        return;
    }
    for key in keys.all {
        let takes_text = |shape: Shape| matches!(shape, Shape::Text);
        let is_named = role(keys.name, key.name).is_some();
        if !is_named && (key.shape.any(takes_text) || matches!(key.shape, Shape::List(Shape::Text) | Shape::Map(_))) {
            plain.insert(format!("{}.{}", keys.name, key.name));
        }
        within(key.shape, seen, plain);
    }
}

fn within(shape: Shape, seen: &mut BTreeSet<&'static str>, plain: &mut BTreeSet<String>) {
    match shape {
        Shape::Table(keys) | Shape::Tables(keys) => plain_keys(keys, seen, plain),
        Shape::List(item) => within(*item, seen, plain),
        Shape::Either(_, shapes) => shapes.iter().for_each(|shape| within(*shape, seen, plain)),
        _ => {}
    }
}
