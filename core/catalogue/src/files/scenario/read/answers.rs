//! The answers of a scenario, whose names are those of fields, of parts of blocks, and of rows.

use super::KnownVersions;
use crate::files::scenario::ExpectedValue;
use crate::reading::node::{FileTable, Placed};
use motcua_domain::form::kinds::{AnswerType, Structure};
use motcua_domain::form::{AnswerRows, Field};
use serde_json::{Map, Value as Json};

/// Reads answers. Only known questions can be answered.
pub(super) fn read_values(table: &FileTable<'_>, versions: KnownVersions<'_>, known: &[&Field]) -> Map<String, Json> {
    check_answers(table, versions, "field", known);
    table.json()
}

/// Reads the expected values of fields, each with its line.
pub(super) fn expected_values(
    table: &FileTable<'_>,
    versions: KnownVersions<'_>,
    key: &'static str,
    known: &[&Field],
) -> Vec<ExpectedValue> {
    let Some(values) = table.table(key) else { return Vec::new() };
    let mut read = read_values(&values, versions, known);
    let mut expected = Vec::new();
    for name in values.names() {
        let line = values.line_at(&name.span);
        let value = read.remove(&name.value);
        expected.extend(value.map(|value| ExpectedValue { line, field: name.value, value }));
    }
    expected
}

/// Reports the names that are not among the known ones.
pub(super) fn check_names(
    table: &FileTable<'_>,
    versions: KnownVersions<'_>,
    what: &str,
    names: &[Placed<String>],
    known: &[&str],
) {
    for name in names.iter().filter(|name| !known.contains(&name.value.as_str())) {
        versions.unknown(table, what, name, known.iter().copied());
    }
}

/// Returns the ids of fields.
pub(super) fn ids<'f>(fields: &[&'f Field]) -> Vec<&'f str> {
    fields.iter().map(|field| field.id.as_str()).collect()
}

/// Reports the answers to other questions than these, and the parts of answers that the questions do not have.
fn check_answers(table: &FileTable<'_>, versions: KnownVersions<'_>, what: &str, known: &[&Field]) {
    let names = table.names();
    check_names(table, versions, what, &names, &ids(known));
    for name in names {
        let same: Vec<&Field> = known.iter().copied().filter(|field| field.id == name.value).collect();
        let Some((first, others)) = same.split_first() else { continue };
        // Two versions may ask in different ways.
        if others.iter().all(|other| other.kind.name() == first.kind.name()) {
            for answer in table.tables_at(&name.value) {
                check_answer(&answer, versions, first, &same);
            }
        }
    }
}

/// Reports the parts that an answer does not have. `same` are the fields with its name, of one kind.
fn check_answer(answer: &FileTable<'_>, versions: KnownVersions<'_>, first: &Field, same: &[&Field]) {
    let parts: Vec<&Field> = same.iter().flat_map(|field| field.kind.parts()).collect();
    match first.kind.structure() {
        Structure::Block(_) | Structure::Rows(AnswerRows::Added { .. }, _) => {
            check_answers(answer, versions, "part", &parts);
        }
        Structure::Rows(AnswerRows::Named(_), _) => {
            let rows: Vec<&str> = same.iter().flat_map(|field| rows_of(field)).collect();
            let names = answer.names();
            check_names(answer, versions, "row", &names, &rows);
            for row in names.iter().flat_map(|name| answer.tables_at(&name.value)) {
                check_answers(&row, versions, "part", &parts);
            }
        }
        Structure::Single(_) => {
            // An entry of a registry, or a date of which parts may be unknown.
            if let AnswerType::Parts(parts) = first.kind.answer_type() {
                let known: Vec<&str> = parts.into_iter().map(|(name, _)| name).collect();
                check_names(answer, versions, "part", &answer.names(), &known);
            }
        }
        Structure::Files(_) | Structure::Computed(_) | Structure::Explanation => {}
    }
}

/// Returns the names of the rows of a table.
fn rows_of(field: &Field) -> Vec<&str> {
    match field.kind.rows() {
        Some(AnswerRows::Named(rows)) => rows.iter().map(|row| row.value.as_str()).collect(),
        Some(AnswerRows::Added { .. }) | None => Vec::new(),
    }
}
