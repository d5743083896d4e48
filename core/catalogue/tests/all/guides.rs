//! The guides explain every key. The page of keys is made from the readers' tables, and is no guide.

use motcua_catalogue::schemas;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The guides for authors of procedures.
const FOR_AUTHORS: [&str; 5] = [
    include_str!("../../../../docs/authoring.md"),
    include_str!("../../../../docs/workflows.md"),
    include_str!("../../../../docs/expressions.md"),
    include_str!("../../../../docs/results.md"),
    include_str!("../../../../docs/plugins.md"),
];

/// The guides for operators, who write `motcua.toml`.
const FOR_OPERATORS: [&str; 8] = [
    include_str!("../../../../docs/operating.md"),
    include_str!("../../../../docs/accounts.md"),
    include_str!("../../../../docs/backup.md"),
    include_str!("../../../../docs/files.md"),
    include_str!("../../../../docs/journal.md"),
    include_str!("../../../../docs/performance.md"),
    include_str!("../../../../docs/postgresql.md"),
    include_str!("../../../../docs/plugins.md"),
];

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_'
}

/// Returns the keys that a piece of TOML names: before `=`, and in the header of a table.
fn keys_in(code: &str) -> Vec<String> {
    let pieces: Vec<&str> = code.split(" = ").collect();
    let before = pieces.iter().take(pieces.len() - 1).filter_map(|piece| piece.rsplit(|c: char| !is_of_name(c)).next());
    let header = code.trim_start().strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or_default();
    let tables = header.trim_start_matches('[').split('.').filter(|name| name.chars().all(is_of_name));
    before.chain(tables).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Returns the keys that a guide names in its code: in a block, or in a span as `key`, `key = value` or `[key]`.
fn explained(guide: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut is_block = false;
    for line in guide.lines() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if is_block {
            found.extend(keys_in(line));
        } else {
            for span in line.split('`').skip(1).step_by(2) {
                found.extend(keys_in(span));
                if span.chars().all(is_of_name) {
                    found.insert(span.to_owned());
                }
            }
        }
    }
    found
}

/// Returns the keys of a file in all of its tables.
fn keys(schema: &Json) -> BTreeSet<String> {
    let tables = schema["$defs"].as_object().into_iter().flat_map(serde_json::Map::values);
    let properties = tables.chain([schema]).filter_map(|table| table["properties"].as_object());
    properties.flat_map(|keys| keys.keys().cloned()).collect()
}

#[test]
fn every_key_of_every_file_is_explained_in_a_guide() {
    for (name, _, schema) in schemas::all() {
        let guides: &[&str] = if name == "motcua.schema.json" { &FOR_OPERATORS } else { &FOR_AUTHORS };
        let explained: BTreeSet<String> = guides.iter().flat_map(|guide| explained(guide)).collect();
        let keys = keys(&schema);
        assert!(!keys.is_empty(), "{name}");
        let missing: Vec<&String> = keys.difference(&explained).collect();
        assert!(missing.is_empty(), "{name}: explain these keys in a guide: {missing:?}");
    }
}

#[test]
fn a_word_of_the_text_and_a_word_within_a_value_explain_no_key() {
    let guide = "The publish key.\n`kind = \"text\"` and `max == 3`, `[[fee.case]]`, `round`\n```toml\n[log]\nevery = \"1h\"\n```\n";
    let wanted = ["case", "every", "fee", "kind", "log", "round"];
    assert_eq!(explained(guide), wanted.into_iter().map(str::to_owned).collect());
}
