//! The sizes of files and functions.

use super::{indentation, unneeded, within_the_repository};
use crate::contributing::{files, read, root};

/// The most lines of a file.
const MOST_LINES: usize = 500;

/// The most lines of a function, with its signature.
const MOST_LINES_OF_A_FUNCTION: usize = 80;

/// The files that are longer, each with the reason.
const LONGER_FILES: &[(&str, &str)] = &[];

/// The functions that are longer, each with its file and the reason.
const LONGER_FUNCTIONS: [(&str, &str, &str); 2] = [
    ("core/motcua/src/demo/story.rs", "dossiers", "a list of dossiers, one a line"),
    ("core/portal/src/routes.rs", "pages", "a list of routes, one a line"),
];

/// Returns the name of the function that begins on a line.
pub fn function_on(line: &str) -> Option<&str> {
    let is_before = |word: &&str| word.starts_with("pub") || ["async", "const", "default", "unsafe"].contains(word);
    let mut words = line.trim_start().split(' ').skip_while(is_before);
    let name = words.next().filter(|word| *word == "fn").and(words.next())?;
    name.split(|sign: char| !sign.is_alphanumeric() && sign != '_').next().filter(|name| !name.is_empty())
}

/// Returns the number of lines of the function that begins on the first line. A declaration without a body has none.
/// The end is found as rustfmt writes it: a brace with the indentation of the first line.
fn length(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?;
    let end = format!("{}}}", " ".repeat(indentation(first)));
    let mut has_body = false;
    for (at, line) in lines.iter().enumerate() {
        has_body |= line.ends_with('{');
        if *line == end || (at == 0 && line.ends_with('}')) {
            return Some(at + 1);
        }
        if !has_body && line.ends_with(';') {
            return None;
        }
    }
    None
}

/// Returns the functions of a file with more lines than allowed, each with its number of lines.
fn long_functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let measured = (0..lines.len()).filter_map(|at| Some((function_on(lines[at])?, length(&lines[at..])?)));
    measured.filter(|(_, length)| *length > MOST_LINES_OF_A_FUNCTION).collect()
}

#[test]
fn no_file_and_no_function_is_too_long_to_be_read_at_once() {
    let mut paths = Vec::new();
    files(&root(), "rs", &mut paths);
    assert!(paths.len() > 300, "the files are no longer found: {}", paths.len());
    let (mut wrong, mut long) = (Vec::new(), Vec::new());
    for path in paths {
        let (text, path) = (read(&path), within_the_repository(&path));
        let lines = text.lines().count();
        if lines > MOST_LINES {
            long.push((path.clone(), String::new()));
            if !LONGER_FILES.iter().any(|(file, _)| *file == path) {
                wrong.push(format!("{path}: {lines} lines; split it by topic, to at most {MOST_LINES}"));
            }
        }
        for (name, lines) in long_functions(&text) {
            long.push((path.clone(), name.to_owned()));
            if !LONGER_FUNCTIONS.iter().any(|(file, function, _)| *file == path && *function == name) {
                let advice = format!("split it into named steps of at most {MOST_LINES_OF_A_FUNCTION}");
                wrong.push(format!("{path}: {name} has {lines} lines; {advice}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let files = LONGER_FILES.iter().map(|(file, _)| (*file, ""));
    let allowed = files.chain(LONGER_FUNCTIONS.iter().map(|(file, function, _)| (*file, *function)));
    assert_eq!(unneeded(allowed, &long), Vec::<String>::new(), "these are short by now: remove them from the lists");
}

#[test]
fn the_lines_of_a_function_are_counted_to_its_brace() {
    let body = |lines: usize| "    a();\n".repeat(lines);
    let text =
        |lines| format!("impl A {{\n    pub const fn b(\n        c: u8,\n    ) {{\n    {}    }}\n}}\n", body(lines));
    assert!(long_functions(&text(76)).is_empty());
    assert_eq!(long_functions(&text(77)), [("b", 81)]);
    let declared = format!("trait A {{\n    fn b(\n        &self,\n    ) -> u8;\n{}}}\nfn c() {{}}\n", body(100));
    assert!(long_functions(&declared).is_empty());
    assert_eq!(long_functions(&format!("pub(crate) async fn long<T>() {{\n{}}}\n", body(100))), [("long", 102)]);
}

#[test]
fn the_function_that_begins_on_a_line_is_found() {
    for line in ["fn stay() {", "    pub(crate) async fn stay<'a>(", "pub const fn stay() -> u8 {", "fn stay(&self);"] {
        assert_eq!(function_on(line), Some("stay"), "{line}");
    }
    for line in ["struct Stay {", "    let fnord = 1;", "type F = fn(u8) -> u8;", "", "// fn stay() {"] {
        assert_eq!(function_on(line), None, "{line}");
    }
}
