//! CONTRIBUTING.md and the book in `docs/`, as somebody reads them who has never seen the code.

use motcua_domain::text::Language;
use motcua_portal::{PAGES, Theme};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folders of the repository. A path in the text begins with one of them.
const FOLDERS: [&str; 10] =
    [".ci/", ".config/", "core/", "docs/", "examples/", "migrations/", "scripts/", "tests/", "themes/", "xtask/"];

/// Folders that hold what is built, and no page of ours. The code of the demonstration has the name of its folder.
const BUILT: [&str; 3] = ["demo", "node_modules", "target"];
const DEMONSTRATION: &str = "src/demo";

/// The number of other crates that import a type of the domain which the glossary has to explain.
const SHARED: usize = 3;

/// The most words of the page about the architecture, which somebody reads in one sitting.
const LONGEST_ARCHITECTURE: usize = 1500;

/// Tasks that the table has to answer.
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

fn guide_for_themes() -> &'static str {
    include_str!("../../../docs/themes.md")
}

/// Returns the folder of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads a file of the repository.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the last part of a path.
pub fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// Adds the files of a folder and of its folders whose names end with the extension.
pub fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = name(&path);
        if path.is_dir() {
            let is_built = BUILT.contains(&name.as_str()) && !path.ends_with(DEMONSTRATION);
            if !name.starts_with('.') && !is_built {
                files(&path, extension, found);
            }
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
}

/// Returns the pages of the book, without its table of contents.
fn book() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    files(&root().join("docs"), "md", &mut pages);
    pages.retain(|path| name(path) != "SUMMARY.md");
    pages
}

/// Returns the code of all crates in `core/`, a text for each file.
fn sources() -> Vec<String> {
    let mut paths = Vec::new();
    files(&root().join("core"), "rs", &mut paths);
    paths.iter().map(|path| read(path)).collect()
}

/// Returns what stands between backticks.
fn spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Returns the paths between backticks in a line, without those that have a part to be filled in, such as `<name>`.
fn paths(line: &str) -> Vec<&str> {
    let words = spans(line).into_iter().filter_map(|span| span.split_whitespace().next());
    words.filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)) && !word.contains('<')).collect()
}

/// Returns the lines of a page outside of its blocks of code.
fn prose(text: &str) -> Vec<&str> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            lines.push(line);
        }
    }
    lines
}

/// Returns the relative links of a page. Code between backticks has none.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        let line = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let targets = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        found.extend(targets.filter(|target| !target.contains(':')).map(str::to_owned));
    }
    found
}

/// Returns the anchors of the headings of a page, as GitHub and mdBook write them.
fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).into_iter().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| -> String {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|sign| sign.is_alphanumeric() || [' ', '-', '_'].contains(sign));
        kept.map(|sign| if sign == ' ' { '-' } else { sign }).collect()
    };
    headings.map(anchor).collect()
}

/// Returns the cells of the rows of a table, below its head.
fn rows<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Vec<&'a str>> {
    let rows = lines.filter(|line| line.starts_with("| ")).skip_while(|line| !line.starts_with("| ---")).skip(1);
    rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// Returns the rows of the table below a heading.
fn table<'a>(page: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let section = page.split("\n## ").find(|section| section.lines().next() == Some(heading));
    let section = section.unwrap_or_else(|| panic!("the page has no heading: {heading}"));
    rows(section.lines())
}

/// Returns whether the text has the words, and no longer name begins with them.
fn has_name(text: &str, words: &str) -> bool {
    let goes_on = |sign: char| sign.is_alphanumeric() || sign == '_';
    text.match_indices(words).any(|(at, _)| !text[at + words.len()..].starts_with(goes_on))
}

/// Returns the names of the types of the domain that a file imports, or names with their paths.
fn types_of_the_domain(source: &str) -> BTreeSet<&str> {
    let goes_on = |sign: char| sign.is_alphanumeric() || sign == '_';
    let mut found = BTreeSet::new();
    for (at, start) in source.match_indices("motcua_domain::") {
        let rest = &source[at + start.len()..];
        let is_import = source[..at].ends_with("use ");
        let end = if is_import { rest.find(';') } else { rest.find(|sign: char| !goes_on(sign) && sign != ':') };
        let words = rest[..end.unwrap_or(rest.len())].split(|sign: char| !goes_on(sign));
        found.extend(words.filter(|word| word.starts_with(char::is_uppercase)));
    }
    found
}

/// Returns the text between the braces after `start`, if a file has it at the beginning of a line.
fn body<'a>(source: &'a str, start: &str) -> Option<&'a str> {
    let (_, body) = source.split_once(&format!("{start} {{\n"))?;
    body.split("\n}").next()
}

/// Returns whether a name of the glossary is a type, a variant or a field of a type, or a table.
fn is_declared(name: &str, sources: &[String]) -> bool {
    if let Some((outer, inner)) = name.split_once("::") {
        let (start, part) = if inner.starts_with(char::is_uppercase) {
            (format!("pub enum {outer}"), inner.to_owned())
        } else {
            (format!("pub struct {outer}"), format!("pub {inner}"))
        };
        let is_part = |line: &str| {
            line.trim()
                .strip_prefix(&part)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([',', ' ', '(', ':']))
        };
        let mut bodies = sources.iter().filter_map(|source| body(source, &start));
        return bodies.any(|body| body.lines().any(is_part));
    }
    if name.starts_with(char::is_uppercase) {
        let kinds = ["struct", "enum", "trait", "type"].map(|kind| format!("pub {kind} {name}"));
        return sources.iter().any(|source| kinds.iter().any(|words| has_name(source, words)));
    }
    sources.iter().any(|source| source.contains(&format!("table!({name}, \"{name}\"")))
}

#[test]
fn every_path_in_the_page_for_contributors_exists() {
    let named: Vec<&str> = page().lines().flat_map(paths).collect();
    assert!(named.len() > 40, "paths are no longer found in the page: {named:?}");
    let missing: Vec<&str> = named.into_iter().filter(|path| !root().join(path).exists()).collect();
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

#[test]
fn one_command_starts_every_program_that_the_book_names_and_that_the_tests_have() {
    let source = include_str!("../../../xtask/src/main.rs");
    let started: BTreeSet<&str> =
        source.split("program(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(started.len() > 8, "the programs of xtask are no longer found: {started:?}");
    let mut programs = Vec::new();
    files(&root().join("tests/src/bin"), "rs", &mut programs);
    let mut named: BTreeSet<String> = programs.iter().map(|path| name(path).replace(".rs", "")).collect();
    for text in book().iter().map(|path| read(path)).chain([page().to_owned()]) {
        let spans = prose(&text).into_iter().flat_map(spans);
        let words = spans.filter_map(|span| span.strip_prefix("cargo xtask ")?.split(' ').next());
        named.extend(words.filter(|word| *word != "PROGRAM").map(str::to_owned));
    }
    let unknown: Vec<String> = named.into_iter().filter(|name| !started.contains(name.as_str())).collect();
    assert!(unknown.is_empty(), "xtask/src/main.rs starts no such program: {unknown:?}");
}

#[test]
fn every_dependency_has_its_reason_above_it() {
    let manifest = include_str!("../../../Cargo.toml");
    let (_, dependencies) = manifest.split_once("[workspace.dependencies]\n").expect("dependencies");
    let lines: Vec<&str> = dependencies.lines().take_while(|line| !line.starts_with('[')).collect();
    let is_foreign = |line: &str| !line.is_empty() && !line.starts_with('#') && !line.contains("path = ");
    assert!(lines.iter().filter(|line| is_foreign(line)).count() > 50, "the dependencies are no longer found");
    let lacking = lines.windows(2).filter(|pair| is_foreign(pair[1]) && !pair[0].starts_with("# "));
    let lacking: Vec<&str> = lacking.map(|pair| pair[1]).collect();
    assert!(lacking.is_empty(), "Cargo.toml gives no reason in a comment above: {lacking:#?}");
}

#[test]
fn the_table_of_contents_of_the_book_has_every_page_once() {
    let mut listed = links(&read(&root().join("docs/SUMMARY.md")));
    let mut pages: Vec<String> = book().iter().map(|path| name(path)).collect();
    listed.sort();
    pages.sort();
    assert_eq!(listed, pages, "docs/SUMMARY.md lists other pages than docs/ has");
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    let mut pages = Vec::new();
    files(&root(), "md", &mut pages);
    // The help pages of themes lead to pages of the portal and to no files.
    pages.retain(|page| !page.starts_with(root().join("themes")));
    let (mut count, mut broken) = (0, Vec::new());
    for page in pages {
        for link in links(&read(&page)) {
            let (file, anchor) = link.split_once('#').unwrap_or((link.as_str(), ""));
            let target = if file.is_empty() { page.clone() } else { page.with_file_name(file) };
            let leads =
                target.exists() && (anchor.is_empty() || anchors(&read(&target)).iter().any(|known| known == anchor));
            count += 1;
            if !leads {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(count > 60, "links are no longer found: {count}");
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn every_path_in_the_book_exists() {
    let mut missing = Vec::new();
    for page in book() {
        let text = read(&page);
        let named = text.lines().flat_map(paths).filter(|path| !root().join(path).exists());
        missing.extend(named.map(|path| format!("{}: {path}", name(&page))));
    }
    assert!(missing.is_empty(), "the book names files that do not exist:\n{}", missing.join("\n"));
}

#[test]
fn the_page_about_the_architecture_is_read_in_one_sitting() {
    let page = include_str!("../../../docs/architecture.md");
    let words = page.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    assert!(words <= LONGEST_ARCHITECTURE, "{words} words: move details to docs/crates.md or docs/decisions.md");
}

#[test]
fn every_name_in_the_glossary_is_a_type_a_part_of_a_type_or_a_table() {
    let sources = sources();
    let page = include_str!("../../../docs/glossary.md");
    let rows: Vec<Vec<&str>> = page.split("\n## ").flat_map(|section| rows(section.lines())).collect();
    assert!(rows.len() > 40, "the tables of the glossary are no longer found");
    for row in rows {
        assert_eq!(row.len(), 4, "{row:?}");
        let names = spans(row[3]);
        assert!(!names.is_empty(), "the glossary gives no name in code: {row:?}");
        let unknown: Vec<&str> = names.into_iter().filter(|name| !is_declared(name, &sources)).collect();
        assert!(unknown.is_empty(), "{}: there is no such type, part of a type or table: {unknown:?}", row[1]);
    }
}

#[test]
fn every_type_of_the_domain_that_three_crates_import_is_in_the_glossary() {
    let mut own = Vec::new();
    files(&root().join("core/domain/src"), "rs", &mut own);
    let own: Vec<String> = own.iter().map(|path| read(path)).collect();
    let mut importers: BTreeMap<String, usize> = BTreeMap::new();
    for folder in std::fs::read_dir(root().join("core")).expect("the crates") {
        let mut paths = Vec::new();
        files(&folder.expect("a crate").path().join("src"), "rs", &mut paths);
        let sources: Vec<String> = paths.iter().map(|path| read(path)).collect();
        let names: BTreeSet<&str> = sources.iter().flat_map(|source| types_of_the_domain(source)).collect();
        for name in names {
            *importers.entry(name.to_owned()).or_default() += 1;
        }
    }
    let is_shared = |(name, count): &(&String, &usize)| {
        let kinds = ["struct", "enum"].map(|kind| format!("pub {kind} {name}"));
        **count >= SHARED && own.iter().any(|source| kinds.iter().any(|words| has_name(source, words)))
    };
    let shared: Vec<&str> = importers.iter().filter(is_shared).map(|(name, _)| name.as_str()).collect();
    assert!(shared.len() > 30, "the imports of the domain are no longer found: {shared:?}");
    let page = include_str!("../../../docs/glossary.md");
    let listed = spans(page);
    let missing: Vec<&str> = shared.into_iter().filter(|name| !listed.contains(name)).collect();
    assert!(missing.is_empty(), "docs/glossary.md has no row for {missing:?}");
}

#[test]
fn the_types_that_a_file_imports_are_found() {
    let source = "use motcua_domain::form::{Field, Kind as K};\nfn a(b: motcua_domain::text::Text, c: Other) {}\n";
    assert_eq!(types_of_the_domain(source), BTreeSet::from(["Field", "K", "Kind", "Text"]));
}

#[test]
fn a_name_that_no_code_has_is_not_in_the_glossary() {
    let source = "pub enum Effect {\n    HandOver,\n}\npub struct Paper {\n    pub name: Text,\n    own: u8,\n}\n\
        table!(stay, \"stay\", {\n";
    let sources = [source.to_owned()];
    for name in ["Effect", "Effect::HandOver", "Paper", "Paper::name", "stay"] {
        assert!(is_declared(name, &sources), "{name}");
    }
    for name in [
        "Effec",
        "Effect::Hand",
        "Paper::HandOver",
        "Paper::own",
        "Paper::nam",
        "Effect::name",
        "Papers",
        "sta",
        "paper",
    ] {
        assert!(!is_declared(name, &sources), "{name}");
    }
}

#[test]
fn the_guide_for_themes_lists_every_token_with_its_value() {
    let manifest = include_str!("../../../themes/default/theme.toml");
    let (_, rest) = manifest.split_once("[tokens]\n").expect("the tokens");
    let (section, _) = rest.split_once("\n[").expect("the table below the tokens");
    let lines = section.lines().filter_map(|line| line.split_once(" = "));
    let tokens: Vec<(&str, &str)> = lines.map(|(name, value)| (name, value.trim_matches('"'))).collect();
    let rows = table(guide_for_themes(), "The tokens");
    let listed: Vec<(&str, &str)> =
        rows.iter().map(|row| (row[0].trim_matches('`'), row[1].trim_matches('`'))).collect();
    assert_eq!(listed, tokens, "docs/themes.md lists other tokens than themes/default/theme.toml");
    let style = include_str!("../../../themes/default/static/style.css");
    let used: BTreeSet<&str> = style.split("var(--").skip(1).filter_map(|rest| rest.split([')', ',']).next()).collect();
    // The style sheet has other colours in the place of those that only the dark scheme has.
    let (_, rest) = manifest.split_once("[dark]\n").expect("the dark scheme");
    let (dark, _) = rest.split_once("\n[").expect("the table below it");
    let of_dark = dark.lines().filter_map(|line| Some(line.split_once(" = ")?.0));
    let named: BTreeSet<&str> = tokens.into_iter().map(|(name, _)| name).chain(of_dark).collect();
    assert_eq!(used, named, "the style sheet uses other tokens than the theme has");
}

#[test]
fn the_guide_for_themes_lists_every_template_with_its_blocks() {
    let mut templates = BTreeMap::new();
    let (folder, mut found) = (root().join("themes/default/templates"), Vec::new());
    files(&folder, "html", &mut found);
    for path in found.into_iter().filter(|path| path.parent() == Some(folder.as_path())) {
        let text = read(&path).replace("{%-", "{%");
        let mut blocks: Vec<String> = Vec::new();
        for block in text.split("{% block ").skip(1).filter_map(|rest| rest.split([' ', '%']).next()) {
            if !blocks.iter().any(|known| known == block) {
                blocks.push(block.to_owned());
            }
        }
        templates.insert(name(&path), blocks);
    }
    let (mut listed, mut pages) = (BTreeMap::new(), Vec::new());
    for row in table(guide_for_themes(), "The templates and their blocks") {
        let template = row[0].trim_matches('`');
        let blocks: Vec<String> = spans(row[3]).into_iter().map(str::to_owned).collect();
        listed.insert(template.to_owned(), blocks);
        pages.extend(spans(row[2]).into_iter().map(|context| (template, context)));
    }
    assert_eq!(listed, templates, "docs/themes.md lists other templates or blocks than themes/default/templates has");
    let known: Vec<(&str, &str)> = PAGES.iter().map(|page| (page.template, page.name)).collect();
    assert_eq!(pages, known, "docs/themes.md lists other pages than the portal has");
}

#[test]
fn the_guide_for_themes_lists_every_part_with_its_components() {
    let (folder, mut found) = (root().join("themes/default/templates"), Vec::new());
    files(&folder.join("parts"), "html", &mut found);
    let parts: BTreeSet<String> = found.iter().map(|path| format!("parts/{}", name(path))).collect();
    let mut listed = BTreeSet::new();
    for row in table(guide_for_themes(), "The parts") {
        let part = row[0].trim_matches('`');
        let text = read(&folder.join(part));
        for component in spans(row[1]) {
            assert!(text.contains(&format!("{{% macro {component}(")), "{part} has no component {component}");
        }
        listed.insert(part.to_owned());
    }
    assert_eq!(listed, parts, "docs/themes.md lists other parts than themes/default/templates/parts has");
}

#[test]
fn the_guide_for_themes_lists_every_name_of_the_shell() {
    let source = include_str!("../../../core/portal/src/theme/shell.rs");
    let fields = |start: &str, prefix: &str| -> Vec<String> {
        let body = body(source, start).unwrap_or_else(|| panic!("there is no {start}"));
        let lines = body.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(':'));
        lines.map(|(name, _)| format!("{prefix}{name}")).collect()
    };
    let known = [fields("pub struct Shell", "shell."), fields("pub struct ShellUser", "shell.user.")].concat();
    let rows = table(guide_for_themes(), "What a template gets");
    let listed: Vec<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(listed, known, "docs/themes.md lists other names than the shell has");
}

#[test]
fn the_theme_of_the_guide_shows_every_page() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut lines = guide_for_themes().lines();
    let mut count = 0;
    while let Some(line) = lines.next() {
        let Some((_, file)) = line.strip_prefix("```").and_then(|kind| kind.split_once(" file=")) else { continue };
        let text =
            lines.by_ref().take_while(|line| *line != "```").fold(String::new(), |text, line| text + line + "\n");
        let file = dir.path().join(file);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("written");
        count += 1;
    }
    assert_eq!(count, 6, "the files of the guide are no longer found");
    let theme = Theme::load(&dir.path().join("tinh/themes"), "tinh").expect("it can be loaded");
    assert_eq!(theme.check().1, Vec::new());
    let asset = |file: &str| String::from_utf8_lossy(theme.asset(file).expect("a file").0).into_owned();
    assert!(asset("tokens.css").contains("--color-primary: #14532d;"));
    assert!(asset("emblem.svg").contains("#14532d"));
    assert!(asset("tinh.css").contains("var(--color-accent)"));
    assert_eq!(theme.text(Language::En, "home-title"), "What do you need to get done today?");
}
