//! The mistakes from which others follow. A mistake that is held back must really follow, so that the count of these is
//! true. In doubt it is told.

use super::{Diagnostic, DiagnosticCause};
use motcua_domain::fold::fold;
use std::collections::BTreeMap;

/// A name that the check does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnknownName {
    pub name: String,
    /// The known name that is near, so that the name is probably misspelt.
    pub near: Option<String>,
}

/// The way in which a mistake loses a name.
enum LostName {
    /// Two parts have one id, so another one may be missing.
    SameId,
    /// The line has an id that is no id.
    BadId(String),
    /// The key stands in a table where it does not belong, or is written with other letters.
    Misplaced(String),
    /// The tables with these ids are read only in part, or not at all.
    Unread(Vec<String>),
}

/// The codes of mistakes that may keep a whole table with an id from being read.
const DROPPING: [&str; 6] = ["empty", "missing-key", "missing-translation", "nested", "unknown-name", "wrong-type"];

/// The codes of mistakes that leave every part as it is written: a scenario knows all names nevertheless.
const KEEPING: [&str; 5] = ["type", "never-holds", "no-way-on", "no-post", "bad-visit"];

/// The mistakes of a file from which others may follow, in their order.
#[derive(Debug, Default)]
struct FileCauses {
    all: Vec<DiagnosticCause>,
    source: String,
}

/// Ties mistakes and warnings to the mistakes from which they follow.
pub(super) fn tie(found: &mut [Diagnostic], warnings: &mut [Diagnostic]) {
    tie_lost_names(found);
    // A mistake that rests on files without mistakes is a cause, too, if it does not rest on its own file.
    let rests_on_none = |mistake: &Diagnostic| mistake.rests_on.is_empty();
    let stands_alone =
        |mistake: &Diagnostic| !mistake.rests_on.contains(&mistake.file) && !KEEPING.contains(&mistake.code);
    tie_to(found, warnings, rests_on_none);
    tie_to(found, warnings, |mistake| !mistake.rests_on.is_empty() && stands_alone(mistake));
}

/// Ties mistakes and warnings to those that are causes.
fn tie_to(found: &mut [Diagnostic], warnings: &mut [Diagnostic], is_cause: impl Fn(&Diagnostic) -> bool) {
    let mut causes: BTreeMap<String, FileCauses> = BTreeMap::new();
    for mistake in found.iter().filter(|mistake| mistake.cause.is_none() && is_cause(mistake)) {
        let of_file = causes.entry(mistake.file.clone()).or_default();
        of_file.all.push(DiagnosticCause::of(mistake));
        if of_file.source.is_empty() {
            of_file.source.clone_from(&mistake.source);
        }
    }
    for of_file in causes.values_mut() {
        of_file.all.sort_by_key(|cause| (cause.line, cause.column));
    }
    for mistake in found.iter_mut().chain(warnings.iter_mut()).filter(|mistake| mistake.cause.is_none()) {
        let cause = mistake.rests_on.iter().find_map(|file| causes.get(file)?.of(mistake)).cloned();
        mistake.cause = cause;
    }
}

/// Ties an unknown name to the mistake of its file that lost the name.
fn tie_lost_names(found: &mut [Diagnostic]) {
    let lost = |mistake: &Diagnostic| {
        let cause = DiagnosticCause::of(mistake);
        lost_names(mistake).into_iter().map(|lost| (cause.clone(), lost)).collect::<Vec<_>>()
    };
    let losing: Vec<(DiagnosticCause, LostName)> = found.iter().flat_map(lost).collect();
    for mistake in found.iter_mut().filter(|mistake| mistake.cause.is_none() && mistake.code != "unknown-key") {
        let Some(unknown) = &mistake.unknown else { continue };
        let explains = |(cause, lost): &&(DiagnosticCause, LostName)| {
            let is_itself = (cause.line, cause.column, cause.code) == (mistake.line, mistake.column, mistake.code);
            cause.file == mistake.file && !is_itself && lost.explains(unknown)
        };
        mistake.cause = losing.iter().find(explains).map(|(cause, _)| cause.clone());
    }
}

/// Returns the ways in which a mistake loses names.
fn lost_names(mistake: &Diagnostic) -> Vec<LostName> {
    let line = mistake.source.lines().nth(mistake.line.saturating_sub(1)).unwrap_or_default();
    let is_at_id = line.trim_start().strip_prefix("id").is_some_and(|rest| rest.trim_start().starts_with('='));
    match mistake.code {
        "duplicate" if is_at_id => vec![LostName::SameId],
        "bad-id" => vec![LostName::BadId(line.to_owned())],
        "unknown-key" => {
            let key = mistake.unknown.as_ref().map(|unknown| unknown.name.clone()).unwrap_or_default();
            vec![LostName::Unread(ids_under(&mistake.source, &key)), LostName::Misplaced(key)]
        }
        "wrong-type" if line.trim_start().starts_with('[') => {
            let key = names_of_header(line).last().unwrap_or_default();
            vec![LostName::Unread(ids_under(&mistake.source, key))]
        }
        // Other names than a kind leave the table as it is.
        "unknown-name" if !line.trim_start().starts_with("kind") => Vec::new(),
        code if DROPPING.contains(&code) => {
            vec![LostName::Unread(id_around(&mistake.source, mistake.line).into_iter().collect())]
        }
        _ => Vec::new(),
    }
}

/// Returns whether a line is the header of a table, such as `[[section.field]]`.
fn is_header(line: &str) -> bool {
    line.trim_start().starts_with('[')
}

/// Returns the names in the header of a table.
fn names_of_header(line: &str) -> impl Iterator<Item = &str> {
    line.trim().trim_matches(['[', ']']).split('.').map(str::trim)
}

/// Returns the id that a line sets, such as `id = "depth"`.
fn id_on(line: &str) -> Option<&str> {
    let value = line.trim_start().strip_prefix("id")?.trim_start().strip_prefix('=')?.trim_start();
    value.strip_prefix(['"', '\''])?.split(['"', '\'']).next()
}

/// Returns the ids of the tables whose headers have a name.
fn ids_under(source: &str, name: &str) -> Vec<String> {
    let mut is_under = false;
    let mut found = Vec::new();
    for line in source.lines() {
        if is_header(line) {
            is_under = names_of_header(line).any(|part| part == name);
        } else if is_under {
            found.extend(id_on(line).map(str::to_owned));
        }
    }
    found
}

/// Returns the id of the table that has a line, counted from 1.
fn id_around(source: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = source.lines().collect();
    let header = lines.iter().take(line).rposition(|line| is_header(line));
    let own = lines.iter().skip(header.map_or(0, |header| header + 1)).take_while(|line| !is_header(line));
    own.copied().find_map(id_on).map(str::to_owned)
}

impl LostName {
    /// Returns whether the name may be unknown because it was lost. A name that is near another known one is misspelt.
    fn explains(&self, unknown: &UnknownName) -> bool {
        match self {
            Self::SameId => unknown.near.is_none(),
            Self::BadId(line) => {
                let is_near = unknown.near.as_ref().is_some_and(|near| line.contains(near));
                is_near || fold(line).contains(&format!("\"{}\"", fold(&unknown.name)))
            }
            Self::Misplaced(key) => *key == unknown.name,
            Self::Unread(ids) => ids.contains(&unknown.name),
        }
    }
}

impl FileCauses {
    /// Returns the first mistake of the file from which another one follows.
    fn of(&self, mistake: &Diagnostic) -> Option<&DiagnosticCause> {
        self.all.iter().find(|cause| !mistake.is_of_scenario() || self.explains(cause, mistake))
    }

    /// Returns whether a mistake of a scenario follows from a mistake of this file. A scenario names a part that is lost
    /// if the file writes its name, or if some id of the file has a mistake.
    fn explains(&self, cause: &DiagnosticCause, mistake: &Diagnostic) -> bool {
        if KEEPING.contains(&cause.code) {
            return false;
        }
        let Some(unknown) = &mistake.unknown else { return true };
        let is_written =
            |part: &str| self.source.contains(&format!("\"{part}\"")) || self.source.contains(&format!("'{part}'"));
        let line = self.source.lines().nth(cause.line.saturating_sub(1)).unwrap_or_default();
        let is_of_line = || unknown.near.as_ref().is_none_or(|near| line.contains(near));
        let loses_id = ["bad-id", "duplicate"].contains(&cause.code) && is_of_line();
        loses_id || is_written(&unknown.name) || unknown.name.split(['.', '/']).any(is_written)
    }
}

impl Diagnostic {
    fn is_of_scenario(&self) -> bool {
        self.file.contains("/tests/")
    }
}
