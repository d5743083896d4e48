//! `motcua plugin new`: a plugin to begin with, whose types are those of the procedure's form.

use crate::CommandOutcome;
use crate::cli::PluginLanguage;
use crate::output::cannot_write;
use crate::runtime::BUILTIN;
use anyhow::{Context as _, bail};
use include_dir::{Dir, include_dir};
use motcua_catalogue::is_slug;
use motcua_domain::form::kinds::{AnswerType, Structure};
use motcua_domain::form::{AnswerRows, Field, FieldKind};
use motcua_domain::procedure::Procedure;
use motcua_domain::text::one_line;
use motcua_domain::time::calendar::local;
use motcua_service::TimeSource;
use std::cmp::Reverse;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../plugins/templates");
static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../plugins/sdk/src");
static WIT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../plugins/wit");

pub fn run(
    name: &str,
    procedure: &Path,
    language: PluginLanguage,
    out: Option<&Path>,
) -> anyhow::Result<CommandOutcome> {
    if !is_slug(name) || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        bail!(told!(
            "`{name}`: hãy viết chữ thường không dấu, chữ số và -, bắt đầu bằng chữ",
            "`{name}`: write small letters, digits and -, a letter first"
        ));
    }
    let declared = read(procedure)?;
    let dir = out.map_or_else(|| PathBuf::from(name), |out| out.join(name));
    if !crate::folder::is_empty(&dir) {
        bail!(crate::folder::not_empty(&dir));
    }
    let first = declared.form.fields().map(|(_, field)| field).find(|field| is_plain(&field.kind));
    let first = first.with_context(|| {
        told!(
            "biểu mẫu không có trường nào mà thành phần bổ sung xét được",
            "the form has no field that a plugin could look at"
        )
    })?;
    let about = format!("{} ({})", declared.name.vi, declared.code);
    let values = [
        ("NAME", name.to_owned()),
        // The text stands in a comment, and in Python in a text.
        ("PROCEDURE", if language == PluginLanguage::Python { quoted(&about) } else { one_line(&about) }),
        ("LABEL", quoted(&first.label.vi)),
        ("VERSION", env!("CARGO_PKG_VERSION").to_owned()),
        ("BINDGEN", "0.63".to_owned()),
        ("EMPTY", format!("values.{}.is_none()", rust_name(&first.id))),
        ("FIRST", if language == PluginLanguage::Rust { rust_name(&first.id) } else { first.id.clone() }),
    ];
    let files = files_of(language)?;
    for (file, text) in files {
        write(&dir.join(file), fill(text, &values).as_bytes())?;
    }
    extract(&WIT, &dir.join("wit"))?;
    if language == PluginLanguage::Rust {
        extract(&SDK, &dir.join("sdk/src"))?;
        write(&dir.join("src/dossier.rs"), typed(&declared).as_bytes())?;
    }
    write(&dir.join("dossier.json"), b"{}\n")?;
    say!("Đã ghi {}. Tiếp theo:", "Wrote {}. Next:"; dir.display());
    println!("  cd {}", dir.display());
    match language {
        PluginLanguage::Rust => println!("  cargo test"),
        PluginLanguage::Javascript => println!("  npm install"),
        PluginLanguage::Python => println!("  pip install -r requirements.txt"),
    }
    let more = match language {
        PluginLanguage::Rust => "",
        // The limit was measured with the versions that the templates name. See docs/plugins.md.
        PluginLanguage::Javascript => " --component-mib 12",
        PluginLanguage::Python => " --component-mib 18 --instances 40",
    };
    println!("  motcua plugin build\n  motcua plugin run {name}.wasm --dossier dossier.json{more}");
    Ok(CommandOutcome::Fine)
}

/// Reads the procedure in a folder `procedures/agency/name` of an install folder.
fn read(folder: &Path) -> anyhow::Result<std::sync::Arc<Procedure>> {
    let whole = folder
        .canonicalize()
        .with_context(|| told!("không có thư mục {}", "there is no folder {}"; folder.display()))?;
    let mut parts = whole.iter().rev().filter_map(|part| part.to_str());
    let (slug, agency) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let root = whole.ancestors().nth(3).filter(|_| parts.next() == Some("procedures"));
    let root = root.with_context(|| {
        told!(
            "hãy nêu thư mục của một thủ tục, chẳng hạn procedures/so-tuphap/doi-ten",
            "name the folder of a procedure, such as procedures/so-tuphap/doi-ten"
        )
    })?;
    let found = motcua_catalogue::load(root, &BUILTIN, local(TimeSource::System.now()).date());
    let declared = found.install.by_slug(agency, slug);
    let declared = declared.with_context(|| {
        told!("thủ tục có lỗi; hãy chạy motcua check trước", "the procedure has mistakes; run motcua check first")
    })?;
    Ok(declared.procedure.clone())
}

fn template(name: &str) -> anyhow::Result<&'static str> {
    TEMPLATES
        .get_file(name)
        .and_then(|file| file.contents_utf8())
        .with_context(|| format!("there is no template {name}"))
}

fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let said = || cannot_write(file.display());
    std::fs::create_dir_all(file.parent().unwrap_or(file)).with_context(said)?;
    std::fs::write(file, bytes).with_context(said)
}

fn extract(tree: &Dir<'_>, dir: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).and_then(|()| tree.extract(dir)).with_context(|| cannot_write(dir.display()))
}

/// Returns the files of a new plugin, each with its template.
fn files_of(language: PluginLanguage) -> anyhow::Result<Vec<(&'static str, &'static str)>> {
    let names: &'static [(&'static str, &'static str)] = match language {
        PluginLanguage::Rust => &[
            ("Cargo.toml", "rust/Cargo.toml.template"),
            ("src/lib.rs", "rust/lib.rs.template"),
            ("sdk/Cargo.toml", "rust/sdk.toml.template"),
        ],
        PluginLanguage::Javascript => &[
            ("plugin.js", "javascript/plugin.js.template"),
            ("build.mjs", "javascript/build.mjs.template"),
            ("package.json", "javascript/package.json.template"),
        ],
        PluginLanguage::Python => {
            &[("app.py", "python/app.py.template"), ("requirements.txt", "python/requirements.txt.template")]
        }
    };
    names.iter().map(|(file, name)| Ok((*file, template(name)?))).collect()
}

/// Returns a template with values in the place of their names. Names within a value are not replaced.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    loop {
        let found = values.iter().filter_map(|(name, value)| Some((rest.find(*name)?, *name, value)));
        let Some((at, name, value)) = found.min_by_key(|(at, name, _)| (*at, Reverse(name.len()))) else { break };
        filled.push_str(&rest[..at]);
        filled.push_str(value);
        rest = &rest[at + name.len()..];
    }
    filled + rest
}

/// Returns words of an author for a text in double quotes of Rust, JavaScript or Python: on one line, without
/// characters that nobody sees, and without a way to end the text.
fn quoted(words: &str) -> String {
    one_line(words).replace('\\', "\\\\").replace('"', "\\\"")
}

fn is_plain(kind: &FieldKind) -> bool {
    optional(kind).is_some()
}

/// Returns the type of an answer that may be absent.
fn optional(kind: &FieldKind) -> Option<&'static str> {
    match kind.answer_type() {
        // An entry of a registry.
        AnswerType::Parts(parts) if parts.iter().map(|(name, _)| *name).eq(["code", "name"]) => Some("Entry"),
        AnswerType::Text | AnswerType::Date => Some("String"),
        AnswerType::Int => Some("i64"),
        AnswerType::Float => Some("f64"),
        AnswerType::Bool => Some("bool"),
        AnswerType::List(_)
        | AnswerType::Parts(_)
        | AnswerType::Rows(..)
        | AnswerType::Place
        | AnswerType::Null
        | AnswerType::Any => None,
    }
}

/// Words that cannot be names in Rust, or not in every edition.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

fn rust_name(id: &str) -> String {
    if KEYWORDS.contains(&id) { format!("{id}_") } else { id.to_owned() }
}

/// Returns an id as the name of a type: `CitizenNumber` for `citizen_number`.
fn type_name(id: &str) -> String {
    let mut name = String::new();
    for part in id.split(['_', '-']).filter(|part| !part.is_empty()) {
        let mut letters = part.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// Returns the form of a procedure as Rust: a struct for the values, and a function for each place.
fn typed(procedure: &Procedure) -> String {
    let mut written = TemplateWriter::default();
    let fields: Vec<&Field> = procedure.form.fields().map(|(_, field)| field).collect();
    written.structure("Values", "The values of the form; what was not answered or is hidden is absent.", &fields);
    let TemplateWriter { types, places, entry } = written;
    let entry = if entry {
        "\n/// An entry of a registry.\n#[derive(Debug, Clone, Default, Deserialize)]\n#[serde(default)]\npub struct Entry {\n    pub code: String,\n    pub name: String,\n}\n"
    } else {
        ""
    };
    format!(
        "//! The form of {} ({}), written by `motcua plugin new`. Write it anew when the form changes.\n#![allow(dead_code, reason = \"a rule looks at some of the fields\")]\n\nuse serde::Deserialize;\n{types}{entry}\n/// The places of the form.\npub mod at {{\n    use motcua_plugin_sdk::Path;\n{places}}}\n",
        one_line(&procedure.name.vi),
        procedure.code
    )
}

#[derive(Default)]
struct TemplateWriter {
    types: String,
    places: String,
    entry: bool,
}

impl TemplateWriter {
    fn structure(&mut self, name: &str, doc: &str, fields: &[&Field]) {
        let mut body = String::new();
        for field in fields {
            let Some(kind) = self.kind(field, name) else { continue };
            let (id, rust) = (&field.id, rust_name(&field.id));
            let _ = writeln!(body, "    /// {}", one_line(&field.label.vi));
            if rust != *id {
                let _ = writeln!(body, "    #[serde(rename = \"{id}\")]");
            }
            let _ = writeln!(body, "    pub {rust}: {kind},");
            if name == "Values" {
                self.places(field);
            }
        }
        let _ = write!(
            self.types,
            "\n/// {}\n#[derive(Debug, Clone, Default, Deserialize)]\n#[serde(default)]\npub struct {name} {{\n{body}}}\n",
            one_line(doc)
        );
    }

    /// Returns the Rust type of a field, and writes the field's own structs first. Returns none for a field without a
    /// value.
    fn kind(&mut self, field: &Field, of: &str) -> Option<String> {
        let own = if of == "Values" { type_name(&field.id) } else { format!("{of}{}", type_name(&field.id)) };
        let own = if own == "Values" || own == "Entry" { format!("{own}Of") } else { own };
        let parts: Vec<&Field> = field.kind.parts().iter().collect();
        let label = &field.label.vi;
        if let Some(plain) = optional(&field.kind) {
            self.entry |= plain == "Entry";
            return Some(format!("Option<{plain}>"));
        }
        Some(match field.kind.structure() {
            Structure::Rows(AnswerRows::Added { .. }, _) => {
                self.structure(&own, &format!("One row of “{label}”."), &parts);
                format!("Vec<{own}>")
            }
            Structure::Rows(AnswerRows::Named(_), _) => {
                self.structure(&own, &format!("One row of “{label}”."), &parts);
                format!("std::collections::BTreeMap<String, {own}>")
            }
            Structure::Block(_) => {
                self.structure(&own, label, &parts);
                format!("Option<{own}>")
            }
            Structure::Explanation => return None,
            Structure::Single(_) if matches!(field.kind.answer_type(), AnswerType::List(_)) => "Vec<String>".to_owned(),
            // Files, places on a map, computed values, dates of which only a part is known: as JSON.
            Structure::Single(_) | Structure::Files(_) | Structure::Computed(_) => {
                "Option<serde_json::Value>".to_owned()
            }
        })
    }

    fn places(&mut self, field: &Field) {
        let (id, rust) = (&field.id, rust_name(&field.id));
        let _ = write!(
            self.places,
            "\n    /// {}\n    pub fn {rust}() -> Path {{\n        Path::field(\"{id}\")\n    }}\n",
            one_line(&field.label.vi)
        );
        for part in field.kind.parts() {
            if matches!(part.kind.structure(), Structure::Explanation) {
                continue;
            }
            let (given, then) = match field.kind.rows() {
                Some(AnswerRows::Added { .. }) => ("row: usize", ".then(row)"),
                Some(AnswerRows::Named(_)) => ("row: &str", ".then(row)"),
                None => ("", ""),
            };
            let _ = write!(
                self.places,
                "\n    /// {} – {}\n    pub fn {id}_{}({given}) -> Path {{\n        {rust}(){then}.then(\"{}\")\n    }}\n",
                one_line(&field.label.vi),
                one_line(&part.label.vi),
                part.id,
                part.id
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::form::kinds;
    use motcua_domain::text::Text;

    #[test]
    fn a_value_is_put_in_once_whatever_it_says() {
        let values = [("NAME", "LABEL NAME".to_owned()), ("LABEL", "NAME".to_owned())];
        assert_eq!(fill("a NAME, b LABEL; NAMES", &values), "a LABEL NAME, b NAME; LABEL NAMES");
        assert_eq!(fill("nothing", &values), "nothing");
    }

    #[test]
    fn words_of_an_author_do_not_end_the_text_in_which_they_stand() {
        assert_eq!(quoted("Tên \"công\r\n ty\" \\ \u{202e}\u{2028}x"), r#"Tên \"công ty\" \\ x"#);
        assert_eq!(quoted(r"\"), r"\\");
    }

    #[test]
    fn comments_of_the_types_have_one_line_whatever_a_label_says() {
        let words = "một\n} fn hai() {\r\u{2028}ba";
        let part = Field::new("part", Text::vi(words), FieldKind::Email);
        let group = FieldKind::Group(kinds::Group { fields: vec![part], min: 0, max: 3 });
        let field = Field::new("rows", Text::vi(words), group);
        let mut written = TemplateWriter::default();
        written.structure("Values", "The values.", &[&field]);
        for line in written.types.lines().chain(written.places.lines()).filter(|line| line.contains("hai()")) {
            assert!(line.trim_start().starts_with("///") && line.contains("ba"), "{line}");
        }
        assert_eq!(written.types.matches("hai()").count(), 3, "{}", written.types);
    }
}
