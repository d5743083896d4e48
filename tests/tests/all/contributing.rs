//! CONTRIBUTING.md, for a reader who has never seen the code.

use std::path::Path;

/// Folders of the repository. A path in the text begins with one of them.
const FOLDERS: [&str; 9] =
    [".ci/", ".config/", "core/", "docs/", "examples/", "migrations/", "scripts/", "tests/", "themes/"];

/// Tasks that the table has to contain.
const TASKS: [&str; 7] = [
    "Add a kind of field",
    "Add a command on dossiers",
    "Add an event",
    "Add a page",
    "Add a setting",
    "Add a migration",
    "Add a diagnostic",
];

fn page() -> &'static str {
    include_str!("../../../CONTRIBUTING.md")
}

/// Returns the paths between backticks in a line, without those that have a part to be filled in, such as `<name>`.
fn paths(line: &str) -> Vec<&str> {
    let spans = line.split('`').skip(1).step_by(2);
    let words = spans.filter_map(|span| span.split_whitespace().next());
    words.filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)) && !word.contains('<')).collect()
}

#[test]
fn every_path_in_the_page_for_contributors_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let named: Vec<&str> = page().lines().flat_map(paths).collect();
    assert!(named.len() > 40, "paths are no longer found in the page: {named:?}");
    let missing: Vec<&str> = named.into_iter().filter(|path| !root.join(path).exists()).collect();
    assert!(missing.is_empty(), "CONTRIBUTING.md names files that do not exist: {missing:?}");
}

#[test]
fn the_table_of_the_page_for_contributors_names_files_for_every_task() {
    for task in TASKS {
        let row = page().lines().find(|line| line.starts_with(&format!("| {task} |")));
        let row = row.unwrap_or_else(|| panic!("CONTRIBUTING.md has no row for the task: {task}"));
        assert!(!paths(row).is_empty(), "CONTRIBUTING.md names no file for the task: {task}");
    }
}
