//! Commands that change an author's file: they patch the bytes that they name, and nothing else.

use crate::faulty::{BUILTIN, GOOD, PROCEDURE, SCENARIO, check, good, text};
use motcua_catalogue::editing::{
    EditRefusal, FilePatches, applied, fix, new_mistakes, set_in_procedure, set_in_scenario, set_in_workflow,
};
use motcua_catalogue::{TextPatch, Tree, files};
use proptest::prelude::*;
use std::path::Path;

fn set(text: &str, path: &str, value: &str) -> Result<String, EditRefusal> {
    let patch = set_in_procedure(text, path, value)?;
    Ok(TextPatch::apply(text, &[patch]).expect("the patch lies within the text"))
}

/// Checks that setting a value is the same as replacing `from` by `to`.
fn replaces(path: &str, value: &str, from: &str, to: &str) {
    assert!(GOOD.contains(from), "{from}");
    assert_eq!(set(GOOD, path, value).unwrap_or_else(|error| panic!("{path}: {error}")), GOOD.replacen(from, to, 1));
}

#[test]
fn a_value_is_set_where_it_stands() {
    replaces("level", "3", "level = 4", "level = 3");
    replaces("limit", "5 working-days", "limit = \"3 working-days\"", "limit = \"5 working-days\"");
    replaces("name.en", "Well \"permit\"", "en = \"Permit to drill a well\"", "en = \"Well \\\"permit\\\"\"");
    replaces("code", "1.5", "code = \"1.004232\"", "code = \"1.5\"");
    replaces("audience", "[\"citizen\"]", "[\"citizen\", \"business\"]", "[\"citizen\"]");
    replaces("step_limits.processing", "2 working-days", "\"1 working-day\"", "\"2 working-days\"");
    replaces("paper[map].required", "true", "required = \"depth > 50\"", "required = true");
    replaces("paper[1].required", "depth > 60", "\"depth > 50\"", "\"depth > 60\"");
    replaces("fee[1].amount", "60_000", "50_000", "60_000");
}

#[test]
fn a_value_that_is_not_there_becomes_a_line_at_the_end_of_its_table() {
    replaces("waiting_days", "20", "workflow = \"one-stop\"\n", "workflow = \"one-stop\"\nwaiting_days = 20\n");
    replaces("paper[map].count", "2", "template = \"ban-do.docx\"\n", "template = \"ban-do.docx\"\ncount = 2\n");
    replaces(
        "step_limits.\"a.b\"",
        "1 working-day",
        "\"1 working-day\"\n",
        "\"1 working-day\"\n\"a.b\" = \"1 working-day\"\n",
    );
    let text = "[eligibility]\r\n  help = { vi = \"a\" } # note\r\n\r\n[[check]]\r\nholds = \"true\"";
    assert_eq!(
        set(text, "eligibility.help.en", "b"),
        Ok("[eligibility]\r\n  help = { vi = \"a\", en = \"b\" } # note\r\n\r\n[[check]]\r\nholds = \"true\""
            .to_owned())
    );
    assert_eq!(set(text, "check[1].field", "age"), Ok(format!("{text}\r\nfield = \"age\"")));
}

#[test]
fn a_value_of_a_scenario_or_a_workflow_is_set_as_in_a_procedure() {
    let changed =
        |text: &str, patch: Result<TextPatch, EditRefusal>| TextPatch::apply(text, &[patch.expect("a patch")]);
    let workflow = text(&good(), "workflows/one-stop.toml");
    assert_eq!(
        changed(&workflow, set_in_workflow(&workflow, "step[approval].action[refuse].when", "depth > 3")),
        Some(workflow.replacen("effect = \"refuse\"\n", "effect = \"refuse\"\nwhen = \"depth > 3\"\n", 1))
    );
    let scenario = text(&good(), SCENARIO);
    assert_eq!(
        changed(&scenario, set_in_scenario(&scenario, "values.depth", "70")),
        Some(scenario.replacen("depth = 60", "depth = 70", 1))
    );
}

#[test]
fn a_command_that_would_lose_something_is_refused_with_a_way_out() {
    let refused = |path: &str, value: &str| set(GOOD, path, value).expect_err(path);
    assert_eq!(refused("name", "Tên mới"), EditRefusal::TwoLanguages("name".to_owned()));
    assert_eq!(refused("paper", "[]"), EditRefusal::WrittenApart("paper".to_owned()));
    assert_eq!(refused("step_limits", "{}"), EditRefusal::WrittenApart("step_limits".to_owned()));
    assert!(matches!(refused("levl", "3"), EditRefusal::UnknownKey { .. }));
    assert!(matches!(refused("level", "four"), EditRefusal::WrongValue { .. }));
    assert_eq!(refused("paper[plan].count", "2"), EditRefusal::Missing("plan".to_owned()));
    assert!(matches!(refused("paper[map", "2"), EditRefusal::NotAPath(_)));
    assert!(matches!(set("level = ", "level", "3"), Err(EditRefusal::NotToml(_))));
    let twice = "[[paper]]\nid = \"a\"\n[[paper]]\nid = \"a\"\n";
    assert_eq!(set(twice, "paper[a].count", "2"), Err(EditRefusal::Ambiguous("a".to_owned())));
}

/// Returns the paths of all plain values of a file.
fn paths(value: &toml::Value, path: &str, found: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let bare = key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
                let key = if bare { key.clone() } else { format!("\"{key}\"") };
                paths(value, &if path.is_empty() { key } else { format!("{path}.{key}") }, found);
            }
        }
        toml::Value::Array(items) if items.iter().all(toml::Value::is_table) && !items.is_empty() => {
            for (at, value) in items.iter().enumerate() {
                paths(value, &format!("{path}[{}]", at + 1), found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

fn samples() -> Tree {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/binhduong"))
}

/// Returns the text of a file with other line endings, a byte order mark, or without its last newline.
fn spelt(text: &str, how: u8) -> String {
    match how % 4 {
        0 => text.to_owned(),
        1 => text.replace('\n', "\r\n"),
        2 => format!("\u{feff}{text}"),
        _ => text.trim_end().to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_not_named_is_not_touched_and_undo_gives_the_same_bytes(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), value in any::<String>(), how in any::<u8>(),
    ) {
        let tree = samples();
        let all: Vec<&str> = tree.under("procedures").filter(|file| file.ends_with("/procedure.toml")).collect();
        let file = *which.get(&all);
        let before = spelt(&text(&tree, file), how);
        let meaning: toml::Table = toml::from_str(&before).expect("TOML");
        let mut found = Vec::new();
        paths(&toml::Value::Table(meaning.clone()), "", &mut found);
        let path = at.get(&found);
        // A number stays a number, and a list a list. The value itself is refused or set.
        let Ok(patch) = set_in_procedure(&before, path, &value) else { return Ok(()) };
        let patches = [patch];
        let after = TextPatch::apply(&before, &patches).expect("it lies within the text");
        let [patch] = &patches;
        prop_assert_eq!(&after[..patch.bytes.start], &before[..patch.bytes.start]);
        prop_assert_eq!(&after[patch.bytes.start + patch.text.len()..], &before[patch.bytes.end..]);
        let changed: toml::Table = toml::from_str(&after).expect("it is TOML still");
        let (mut old, mut new) = (Vec::new(), Vec::new());
        paths(&toml::Value::Table(meaning), "", &mut old);
        paths(&toml::Value::Table(changed), "", &mut new);
        prop_assert_eq!(old, new);
        let back = TextPatch::inverse(&before, &patches).expect("it lies within the text");
        prop_assert_eq!(TextPatch::apply(&after, &back).expect("it lies within the text"), before);
    }
}

#[test]
fn every_text_of_every_sample_can_be_set() {
    let tree = samples();
    let mut set = 0;
    for file in tree.under("procedures").filter(|file| file.ends_with("/procedure.toml")) {
        let before = text(&tree, file);
        let mut found = Vec::new();
        paths(&toml::Value::Table(toml::from_str(&before).expect("TOML")), "", &mut found);
        for path in found.iter().filter(|path| path.rsplit('.').next() == Some("vi") || path.ends_with("].id")) {
            set_in_procedure(&before, path, "moi \"x\"\n\u{7f}")
                .unwrap_or_else(|error| panic!("{file} {path}: {error}"));
            set += 1;
        }
    }
    assert!(set > 500, "{set}");
}

#[test]
fn a_change_that_makes_a_mistake_tells_it() {
    let tree = good();
    let change = |path: &str, value: &str| {
        let patch = set_in_procedure(GOOD, path, value).expect("a patch");
        let after = applied(&tree, &FilePatches::from([(PROCEDURE.to_owned(), vec![patch])])).expect("applied");
        new_mistakes(&tree, &after, &BUILTIN, jiff::civil::date(2027, 3, 3))
    };
    assert_eq!(change("level", "3"), []);
    let found = change("unit", "nowhere");
    assert_eq!(found.iter().map(|mistake| mistake.code).collect::<Vec<_>>(), ["unknown-name"]);
}

#[test]
fn corrections_leave_the_folder_without_the_mistakes() {
    let mut tree = good();
    let spoilt = GOOD.replacen("audience =", "audiense =", 1).replacen("\"van-phong\"", "'van-phog'", 1);
    tree.insert(PROCEDURE, spoilt.into());
    let found = check(&tree).mistakes;
    assert!(found.len() >= 2, "{found:?}");
    let after = applied(&tree, &fix(&found)).expect("applied");
    assert_eq!(text(&after, PROCEDURE), GOOD.replacen("\"van-phong\"", "'van-phong'", 1));
    assert!(check(&after).mistakes.is_empty());
    // What has no certain correction stays.
    assert!(fix(&check(&after).mistakes).is_empty());
}
