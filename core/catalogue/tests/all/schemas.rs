//! The schemas for editors and the page of keys describe exactly the keys that the readers know.

use crate::faulty::{GOOD, PROCEDURE, SCENARIO, check, good, text};
use motcua_catalogue::{Diagnostic, Tree, reference, schemas};
use motcua_domain::text::Language;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;

/// Tables, each with its file, its header, its schema and its definition there.
const TABLES: [(&str, &str, &str, &str); 24] = [
    (PROCEDURE, "", "procedure.schema.json", ""),
    (PROCEDURE, "[plugin]", "procedure.schema.json", "Plugin"),
    (PROCEDURE, "[[limit_case]]", "procedure.schema.json", "LimitCase"),
    (PROCEDURE, "[[paper]]", "procedure.schema.json", "Paper"),
    (PROCEDURE, "[[fee]]", "procedure.schema.json", "Fee"),
    (PROCEDURE, "[[check]]", "procedure.schema.json", "Check"),
    (PROCEDURE, "[eligibility]", "procedure.schema.json", "Eligibility"),
    (PROCEDURE, "[[section]]", "procedure.schema.json", "Section"),
    (SCENARIO, "", "scenario.schema.json", ""),
    (SCENARIO, "[[step]]", "scenario.schema.json", "ScenarioStep"),
    ("workflows/one-stop.toml", "", "workflow.schema.json", ""),
    ("workflows/one-stop.toml", "[[step]]", "workflow.schema.json", "Step"),
    ("workflows/joint.toml", "[[step]]", "workflow.schema.json", "Part"),
    ("workflows/joint.toml", "[[stage]]", "workflow.schema.json", "Stage"),
    ("workflows/one-stop.toml", "[[step.action]]", "workflow.schema.json", "Action"),
    ("organisation.toml", "", "organisation.schema.json", ""),
    ("organisation.toml", "[[agency]]", "organisation.schema.json", "Agency"),
    ("organisation.toml", "[[agency.unit]]", "organisation.schema.json", "Unit"),
    ("organisation.toml", "[[officer]]", "organisation.schema.json", "Officer"),
    ("calendar/2027.toml", "", "calendar.schema.json", ""),
    ("calendar/2027.toml", "[week]", "calendar.schema.json", "Week"),
    ("calendar/2027.toml", "[[holiday]]", "calendar.schema.json", "Holiday"),
    ("synonyms.toml", "", "synonyms.schema.json", ""),
    ("synonyms.toml", "[[synonym]]", "synonyms.schema.json", "Synonym"),
];

fn schema(name: &str) -> Json {
    schemas::all().into_iter().find(|(known, ..)| *known == name).expect("a schema").2
}

/// Returns the part of a schema for a table.
fn part<'a>(schema: &'a Json, definition: &str) -> &'a Json {
    if definition.is_empty() { schema } else { &schema["$defs"][definition] }
}

/// Returns the keys that are read at the root of a file, from the message about an unknown key.
fn keys(tree: &Tree, file: &str, at: &str) -> Vec<BTreeSet<String>> {
    let mut tree = tree.clone();
    let text = text(&tree, file);
    let text = match at {
        "" => format!("zzzzzzzzzzzzzzzzzzzz = 1\n{text}"),
        header => text.replacen(&format!("{header}\n"), &format!("{header}\nzzzzzzzzzzzzzzzzzzzz = 1\n"), 1),
    };
    tree.insert(file, text.into());
    let told = check(&tree).mistakes;
    let of = |mistake: &Diagnostic| {
        mistake
            .help
            .get(Language::En)
            .strip_prefix("known keys are ")
            .map(|keys| keys.split(", ").map(str::to_owned).collect())
    };
    told.iter().filter(|mistake| mistake.code == "unknown-key").filter_map(of).collect()
}

#[test]
fn the_schemas_know_the_keys_that_are_read_and_no_others() {
    let mut tree = good();
    let workflow = text(&tree, "workflows/one-stop.toml");
    tree.insert("workflows/one-stop.toml", workflow.into());
    let of = |schema: &Json, definition: &str| -> BTreeSet<String> {
        part(schema, definition)["properties"].as_object().expect("properties").keys().cloned().collect()
    };
    for (file, at, name, definition) in TABLES {
        let read = keys(&tree, file, at);
        let known = of(&schema(name), definition);
        // Some keys are read only if another exists: `to` beside `date`.
        let read = read.first().unwrap_or_else(|| panic!("{file} {at}: nothing was told"));
        assert_eq!(read, &known, "{file} {at}");
    }
    // A field's keys depend on its kind. Together they are those of the schema.
    let field = of(&schema("procedure.schema.json"), "Field");
    let mut read = BTreeSet::new();
    for kind in motcua_domain::form::FieldKind::NAMES {
        let odd = format!("kind = \"{kind}\"\nregistry = \"lines\"\nzzzzzzzzzzzzzzzzzzzz = 1\n");
        let mut tree = good();
        tree.insert(PROCEDURE, GOOD.replacen("kind = \"person\"\n", &odd, 1).into());
        let told = check(&tree).mistakes;
        let help = told.iter().find_map(|mistake| mistake.help.get(Language::En).strip_prefix("known keys are "));
        read.extend(help.unwrap_or_else(|| panic!("{kind}: nothing was told")).split(", ").map(str::to_owned));
    }
    assert_eq!(read, field);
}

/// Returns the key of a message about a missing key, such as `field` of `[[section.field]]`.
fn missed(mistake: &Diagnostic) -> Option<String> {
    let key = mistake.message.get(Language::En).strip_prefix('`')?.strip_suffix("` is missing")?;
    key.trim_matches(['[', ']']).rsplit('.').next().map(str::to_owned)
}

#[test]
fn the_schemas_require_the_keys_that_the_readers_miss() {
    // A workflow without steps is unsound, and a header in single brackets stands in the file already.
    let emptied = TABLES
        .into_iter()
        .filter(|(file, at, ..)| at.starts_with("[[") || at.is_empty() && !file.starts_with("workflows/"));
    for (file, at, name, definition) in emptied.filter(|(.., definition)| *definition != "Part") {
        let mut tree = good();
        let whole = text(&tree, file);
        let emptied = if at.is_empty() { String::new() } else { format!("{whole}\n{at}\n") };
        tree.insert(file, emptied.into());
        let told = check(&tree).mistakes;
        let told = told.iter().filter(|mistake| mistake.code == "missing-key" && mistake.file == file);
        let mut missed: BTreeSet<String> = told.filter_map(missed).collect();
        if definition == "Holiday" {
            // A holiday has `date`, or `from` and `to`.
            assert!(missed.remove("date"));
        }
        if definition == "Fee" {
            // A fee has `amount`, cases, brackets or a formula.
            assert!(missed.remove("amount"));
        }
        let schema = schema(name);
        let required = part(&schema, definition)["required"].as_array().expect("a list");
        let required: BTreeSet<String> = required.iter().filter_map(Json::as_str).map(str::to_owned).collect();
        assert_eq!(missed, required, "{file} {at}");
    }
}

#[test]
fn the_schema_of_the_settings_knows_the_keys_that_are_read_and_no_others() {
    let schema = schema("motcua.schema.json");
    let folder = tempfile::tempdir().expect("a folder");
    let sections = [
        ("[s3]", "S3"),
        ("[log]", "Log"),
        ("[server]", "Server"),
        ("[log_output]", "LogOutput"),
        ("[metrics]", "Metrics"),
        ("[scan]", "Scan"),
        ("[mail]", "Mail"),
        ("[mail.quiet]", "QuietHours"),
        ("[sms]", "Sms"),
        ("[sms.quiet]", "QuietHours"),
        ("[suggestions]", "Suggestions"),
        ("[bank]", "Bank"),
        ("[payment]", "Payment"),
        ("[[login]]", "Login"),
    ];
    let sections = sections.map(|(header, definition)| (header, &schema["$defs"][definition]));
    for (header, at) in [("", &schema)].into_iter().chain(sections) {
        std::fs::write(folder.path().join("motcua.toml"), format!("{header}\nzzzzzzzzzzzzzzzzzzzz = 1\n"))
            .expect("written");
        let told = motcua_catalogue::settings::load(folder.path()).1;
        let help = told
            .iter()
            .find_map(|mistake| mistake.help.get(Language::En).strip_prefix("known keys are "))
            .expect("it is told");
        let read: BTreeSet<&str> = help.split(", ").collect();
        let known: BTreeSet<&str> = at["properties"].as_object().expect("keys").keys().map(String::as_str).collect();
        assert_eq!(read, known, "{header}");
    }
}

#[test]
fn the_page_of_keys_shows_the_keys_that_are_read_and_no_others() {
    let page = reference::page();
    if page != include_str!("../../../../docs/keys.md") {
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys.md");
        std::fs::write(&made, page).expect("written");
        panic!("docs/keys.md shows other keys than the readers have: copy {} there", made.display());
    }
}

#[test]
fn the_samples_are_valid_under_the_schemas_and_faults_are_not() {
    for (name, _, schema) in schemas::all() {
        let validator = jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        for province in ["minimal", "binhduong"] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(province);
            let tree = Tree::read(
                &root,
                &["motcua.toml", "organisation.toml", "synonyms.toml", "calendar", "workflows", "procedures"],
            );
            let fits = |file: &&str| match name {
                "procedure.schema.json" => file.ends_with("/procedure.toml"),
                "scenario.schema.json" => file.contains("/tests/"),
                "workflow.schema.json" => file.starts_with("workflows/"),
                "calendar.schema.json" => file.starts_with("calendar/"),
                other => other.trim_end_matches(".schema.json") == file.trim_end_matches(".toml"),
            };
            let all: Vec<&str> =
                ["procedures", "workflows", "calendar"].into_iter().flat_map(|folder| tree.under(folder)).collect();
            let roots = ["motcua.toml", "organisation.toml", "synonyms.toml"]
                .into_iter()
                .filter(|file| tree.get(file).is_some());
            for file in all
                .into_iter()
                .filter(|file| Path::new(file).extension().is_some_and(|kind| kind == "toml"))
                .chain(roots)
                .filter(fits)
            {
                let value: toml::Value = toml::from_str(&text(&tree, file)).expect("TOML");
                let json = json_of(&value);
                let wrong: Vec<String> =
                    validator.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
                assert!(wrong.is_empty(), "{province}/{file}: {wrong:?}");
            }
        }
        assert!(!validator.is_valid(&serde_json::json!({ "zzz": 1 })), "{name}");
    }
}

/// Returns a TOML value as JSON, with dates as texts.
fn json_of(value: &toml::Value) -> Json {
    match value {
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json_of).collect(),
        toml::Value::Table(table) => table.iter().map(|(key, value)| (key.clone(), json_of(value))).collect(),
        other => serde_json::to_value(other).expect("plain"),
    }
}
