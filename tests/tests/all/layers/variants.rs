//! The code that handles kinds of fields, events and commands names each of them, so that the compiler finds every place
//! that a new one touches.
//!
//! A wildcard in a `match`, an `if let`, a `let … else` and a `matches!` take a new variant without a word.

use super::sizes::function_on;
use super::{code, indentation, unneeded, within_the_repository};
use crate::contributing::{files, read, root};
use std::collections::BTreeSet;

/// The enums, each with a text that stands in the files that know it.
const ENUMS: [(&str, &str); 3] =
    [("FieldKind", "FieldKind"), ("Event", "dossier::event"), ("Command", "dossier::command")];

/// The functions that may look at some variants only, each with its file and the reason.
const LOOKING_AT_SOME: [(&str, &str, &str); 2] = [
    ("core/domain/src/dossier/replay.rs", "replay", "a dossier whose first entry is no filing cannot be read"),
    ("core/store/src/journal/append.rs", "prepare", "a filing alone is numbered"),
];

/// The lines behind `matches!(` in which its end is looked for.
const MOST_LINES_OF_A_MACRO: usize = 12;

fn is_part_of_a_name(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// Returns whether a pattern names a variant of an enum.
fn has_variant(pattern: &str, name: &str) -> bool {
    let is_it = |at: usize| pattern[at + name.len()..].starts_with("::") && !pattern[..at].ends_with(is_part_of_a_name);
    pattern.match_indices(name).any(|(at, _)| is_it(at))
}

/// Returns the type whose methods begin on a line.
fn implemented(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("impl")?.strip_suffix(" {")?;
    let name = rest.rsplit(' ').next()?;
    name.split('<').next().filter(|name| !name.is_empty())
}

/// Splits a text at a sign outside of brackets.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_u32, 0, Vec::new());
    for (at, sign) in text.char_indices() {
        match sign {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if sign == separator && depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + sign.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// Returns the parts of a pattern that is a tuple, or the pattern.
fn parts(pattern: &str) -> Vec<&str> {
    let inner = pattern.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    inner.map_or_else(|| vec![pattern], |inner| split(inner, ','))
}

/// Returns whether a pattern takes every value: `_`, a name, or one of these within `Some`, `Ok` or `Err`.
fn is_wild(pattern: &str) -> bool {
    let pattern = pattern.trim_start_matches('&').trim();
    let mut wrappers = ["Some(", "Ok(", "Err("].into_iter();
    let wrapped = wrappers.find_map(|wrapper| pattern.strip_prefix(wrapper)?.strip_suffix(')'));
    if let Some(inner) = wrapped {
        return is_wild(inner);
    }
    let name = pattern.trim_start_matches("ref ").trim_start_matches("mut ");
    let is_name = name.starts_with(|first: char| first.is_lowercase() || first == '_');
    name == ".." || (is_name && name.chars().all(is_part_of_a_name))
}

/// Returns the patterns of the `match` that begins on the first line, as rustfmt writes it.
fn arms(lines: &[&str]) -> Vec<String> {
    let [first, rest @ ..] = lines else { return Vec::new() };
    let indent = indentation(first);
    let lines = rest.iter().filter(|line| !line.trim().is_empty());
    let inside = lines.take_while(|line| indentation(line) > indent);
    let is_pattern = |line: &&&str| {
        let (text, is_last) = (line.trim(), line.contains("=>"));
        match indentation(line) - indent {
            4 => !text.starts_with(['{', '#']) && (is_last || !text.starts_with([')', ']', '}'])),
            8 => is_last && text.starts_with("if "),
            _ => false,
        }
    };
    let (mut found, mut pattern) = (Vec::new(), String::new());
    for line in inside.filter(is_pattern) {
        let (part, is_last) = line.split_once("=>").map_or((*line, false), |(part, _)| (part, true));
        pattern += part;
        if is_last {
            found.push(std::mem::take(&mut pattern));
        }
    }
    found
}

/// Returns whether a `match` whose patterns name a variant also has a pattern for all others. In tuples, the parts at
/// the same place are compared.
fn has_wild_arm(arms: &[String], is_meant: &dyn Fn(&str) -> bool) -> bool {
    let patterns = arms.iter().filter_map(|arm| arm.split(" if ").next()).flat_map(|arm| split(arm, '|'));
    let patterns: Vec<Vec<&str>> = patterns.map(parts).collect();
    let mut places = BTreeSet::new();
    for pattern in &patterns {
        places.extend(pattern.iter().enumerate().filter(|(_, part)| is_meant(part)).map(|(place, _)| place));
    }
    let is_wild_at = |pattern: &[&str], place: usize| {
        let part = if pattern.len() == 1 { pattern.first() } else { pattern.get(place) };
        part.is_some_and(|part| is_wild(part))
    };
    patterns.iter().any(|pattern| places.iter().any(|place| is_wild_at(pattern, *place)))
}

/// Returns the text up to the parenthesis that closes it.
fn up_to_the_end(text: &str) -> &str {
    let mut depth = 1_u32;
    for (at, sign) in text.char_indices() {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// Returns the patterns of `if let`, `let` and `matches!` that begin on the first line.
fn single_patterns(lines: &[&str]) -> Vec<String> {
    let [first, ..] = lines else { return Vec::new() };
    let is_word = |at: &usize| !first[..*at].ends_with(is_part_of_a_name);
    let lets = first.match_indices("let ").map(|(at, _)| at).filter(is_word);
    let mut found: Vec<String> = lets.filter_map(|at| Some(first[at..].split_once(" = ")?.0.to_owned())).collect();
    let macros = first.matches("matches!(").count();
    if macros > 0 {
        let text = lines[..lines.len().min(MOST_LINES_OF_A_MACRO)].join("\n");
        found.extend(text.split("matches!(").skip(1).take(macros).map(|rest| up_to_the_end(rest).to_owned()));
    }
    found
}

/// Returns the functions of a file that look at some variants only.
fn looking_at_some(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let lines: Vec<&str> = code.lines().map(str::trim_end).collect();
    let knows = |(name, mark): &&(&str, &str)| code.contains(*mark) || code.contains(&format!("enum {name} {{"));
    let known: Vec<&str> = ENUMS.iter().filter(knows).map(|(name, _)| *name).collect();
    let (mut function, mut owner, mut found) = ("", "", BTreeSet::new());
    for (at, line) in lines.iter().enumerate() {
        function = function_on(line).unwrap_or(function);
        owner = if line.starts_with('}') { "" } else { implemented(line).unwrap_or(owner) };
        let is_own = known.contains(&owner);
        let is_meant = |pattern: &str| {
            known.iter().any(|name| has_variant(pattern, name)) || (is_own && has_variant(pattern, "Self"))
        };
        let begins_match =
            line.ends_with('{') && line.split(|sign: char| !is_part_of_a_name(sign)).any(|word| word == "match");
        let is_careless = single_patterns(&lines[at..]).iter().any(|pattern| is_meant(pattern))
            || (begins_match && has_wild_arm(&arms(&lines[at..]), &is_meant));
        if is_careless {
            found.insert(function.to_owned());
        }
    }
    found
}

#[test]
fn the_compiler_finds_every_place_that_a_new_kind_event_or_command_touches() {
    let (mut paths, mut found) = (Vec::new(), Vec::new());
    files(&root().join("core"), "rs", &mut paths);
    for path in paths {
        let (text, path) = (read(&path), within_the_repository(&path));
        if path.split('/').nth(2) == Some("src") {
            found.extend(looking_at_some(&text).into_iter().map(|function| (path.clone(), function)));
        }
    }
    let is_allowed = |(path, function): &&(String, String)| {
        LOOKING_AT_SOME.iter().any(|(file, name, _)| *file == path.as_str() && *name == function.as_str())
    };
    let wrong: Vec<String> =
        found.iter().filter(|one| !is_allowed(one)).map(|(path, function)| format!("{path}: {function}")).collect();
    let advice = "Name every variant, or ask the domain by a method";
    assert!(
        wrong.is_empty(),
        "a new kind of field, event or command is overlooked here. {advice}:\n{}",
        wrong.join("\n")
    );
    let allowed = LOOKING_AT_SOME.iter().map(|(file, function, _)| (*file, *function));
    assert_eq!(unneeded(allowed, &found), Vec::<String>::new(), "these name every variant by now: remove them");
}

#[test]
fn a_place_that_takes_all_other_variants_is_found_however_it_is_written() {
    let body = |inside: &str| format!("use a::FieldKind;\nfn f() {{\n{inside}\n}}\n");
    for careless in [
        "    match kind {\n        FieldKind::Text(_) => 1,\n        _ => 2,\n    }",
        "    match kind {\n        FieldKind::Text(_)\n        | FieldKind::Email => 1,\n        other => 2,\n    }",
        "    match kind {\n        Some(FieldKind::Text(_)) => 1,\n        Some(_) => 2,\n        None => 3,\n    }",
        "    let a = match (&kind, b) {\n        (FieldKind::Email, true) => 1,\n        (_, false) => 2,\n    };",
        "    match (a, &kind) {\n        (1, FieldKind::Email) => 1,\n        _ if b => 2,\n    }",
        "    match kind {\n        FieldKind::Date(_)\n            if b =>\n        {\n            1\n        }\n        _ => 2,\n    }",
        "    match kind {\n        FieldKind::Date(Date {\n            past,\n        }) => 1,\n        _ => 2,\n    }",
        "    if let FieldKind::Email = kind {\n    }",
        "    let Some(FieldKind::Date(date)) = kind else { return };",
        "    a.filter(|kind| matches!(kind, FieldKind::Email))",
        "    matches!(\n        kind,\n        FieldKind::Email | FieldKind::TaxCode\n    )",
    ] {
        assert_eq!(looking_at_some(&body(careless)), BTreeSet::from(["f".to_owned()]), "{careless}");
    }
    let own = "pub enum Event {\n}\nimpl Event {\n    fn f(&self) {\n        match self {\n            Self::Filed => 1,\n            _ => 2,\n        }\n    }\n}\n";
    assert_eq!(looking_at_some(own), BTreeSet::from(["f".to_owned()]));
}

#[test]
fn a_place_that_names_every_variant_or_looks_at_something_else_is_not_found() {
    let body = |inside: &str| format!("use a::FieldKind;\nfn f() {{\n{inside}\n}}\n");
    for careful in [
        "    match kind {\n        FieldKind::Text(_) => match a {\n            1 => 1,\n            _ => 2,\n        },\n        FieldKind::Email => 2,\n    }",
        "    match (&kind, b) {\n        (FieldKind::Text(_), _) => 1,\n        (FieldKind::Email, _) => 2,\n    }",
        "    match word {\n        \"text\" => FieldKind::Email,\n        _ => FieldKind::TaxCode,\n    }",
        "    let kind = FieldKind::Email;",
        "    match a {\n        OtherKind::A => 1,\n        _ => 2,\n    }",
        "    match kind {\n        FieldKind::Date(_)\n            if b =>\n        {\n            1\n        }\n        FieldKind::Email => 2,\n    }",
        "    // if let FieldKind::Email = kind {",
    ] {
        assert_eq!(looking_at_some(&body(careful)), BTreeSet::new(), "{careful}");
    }
    // Another type of the same name.
    let other = "use pulldown_cmark::Event;\nfn f() {\n    if let Event::Text(text) = event {\n    }\n}\n";
    assert_eq!(looking_at_some(other), BTreeSet::new());
}
