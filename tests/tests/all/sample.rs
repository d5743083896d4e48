//! The numbers of procedures and scenarios in the sample province, counted in its files.

use crate::contributing::{files, name, root};
use std::path::PathBuf;

/// Returns the TOML files of the sample province's procedures.
fn declared() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root().join("examples/binhduong/procedures"), "toml", &mut found);
    found
}

/// Returns the number of procedures that the sample province has.
pub fn procedures() -> usize {
    declared().iter().filter(|file| name(file) == "procedure.toml").count()
}

/// Returns the number of scenarios that the sample province has.
pub fn scenarios() -> usize {
    let is_scenario = |file: &&PathBuf| file.parent().is_some_and(|folder| name(folder) == "tests");
    declared().iter().filter(is_scenario).count()
}
