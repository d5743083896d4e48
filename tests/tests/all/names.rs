//! The names that a template gets, as the contexts of the pages have them and as docs/themes.md lists them.
//!
//! `INSTA_UPDATE=always scripts/test names::` writes the lists in docs/themes.md again.

use crate::contributing::{files, read, root};
use motcua_portal::PAGES;
use motcua_portal::theme::ListedPage;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::str::Lines;

/// The heading of the lists, which go to the end of the page.
const HEADING: &str = "## The names of each page";

/// A type whose fields a template reads by their names.
#[derive(Debug)]
struct Group {
    about: String,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    name: String,
    kind: Kind,
    about: String,
}

/// The kind of a value, as a template sees it.
#[derive(Debug)]
enum Kind {
    Text,
    Number,
    Truth,
    /// Any JSON value.
    Json,
    Maybe(Box<Self>),
    List(Box<Self>),
    Group(String),
}

/// Returns the text between the beginning and the end of a type.
fn within<'a>(of: &'a str, start: &str, end: &str) -> Option<&'a str> {
    of.strip_prefix(start)?.strip_suffix(end)
}

impl Kind {
    /// Reads a type of Rust. A name that is not known is the name of a group.
    fn of(rust: &str) -> Self {
        let numbers = ["u8", "u16", "u32", "u64", "usize", "i32", "i64", "f64", "StayId"];
        if let Some(inner) = within(rust, "Option<", ">") {
            return Self::Maybe(Box::new(Self::of(inner)));
        }
        if let Some(inner) = within(rust, "Vec<", ">") {
            return Self::List(Box::new(Self::of(inner)));
        }
        match rust {
            "String" | "&'static str" => Self::Text,
            "bool" => Self::Truth,
            "Json" => Self::Json,
            _ if numbers.contains(&rust) => Self::Number,
            _ => Self::Group(rust.to_owned()),
        }
    }

    /// Describes the kind in the words of the guide.
    fn words(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Truth => "true or false".to_owned(),
            Self::Json => "JSON".to_owned(),
            Self::Maybe(kind) => format!("{} or none", kind.words()),
            Self::List(kind) => format!("list of {}", kind.words()),
            Self::Group(name) => format!("[{name}](#{})", name.to_lowercase()),
        }
    }

    /// Adds the names of the groups in values of this kind.
    fn add_groups<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::Text | Self::Number | Self::Truth | Self::Json => {}
            Self::Maybe(kind) | Self::List(kind) => kind.add_groups(found),
            Self::Group(name) => found.push(name),
        }
    }
}

type Groups = BTreeMap<String, Group>;

/// Returns a comment in one line of a table.
fn in_one_line(comment: &[&str]) -> String {
    comment.join(" ").replace("[`", "`").replace("`]", "`").replace('|', "\\|")
}

/// Reads the fields of a type, up to its end.
fn fields(lines: &mut Lines<'_>) -> Vec<Field> {
    let (mut fields, mut comment) = (Vec::new(), Vec::new());
    for line in lines.take_while(|line| *line != "}").map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            comment.push(text.trim());
        } else if let Some((name, rust)) = line.strip_prefix("pub ").unwrap_or(line).split_once(": ") {
            let kind = Kind::of(rust.trim_end_matches(','));
            fields.push(Field { name: name.to_owned(), kind, about: in_one_line(&comment) });
            comment.clear();
        }
    }
    fields
}

/// Adds the types of a file that templates can read.
fn add_groups(source: &str, found: &mut Groups) {
    let mut lines = source.lines();
    let (mut comment, mut is_shown) = (Vec::new(), false);
    while let Some(line) = lines.next() {
        if let Some(text) = line.strip_prefix("///") {
            comment.push(text.trim());
        } else if let Some(derived) = within(line, "#[derive(", ")]") {
            is_shown = derived.split(", ").any(|name| name == "Serialize");
        } else if !line.starts_with("#[") {
            if let Some(name) = within(line, "pub struct ", " {").filter(|_| is_shown) {
                let group = Group { about: in_one_line(&comment), fields: fields(&mut lines) };
                assert!(found.insert(name.to_owned(), group).is_none(), "two contexts have the name {name}");
            }
            comment.clear();
            is_shown = false;
        }
    }
}

fn groups() -> Groups {
    let mut paths = Vec::new();
    files(&root().join("core/portal/src"), "rs", &mut paths);
    let mut found = Groups::new();
    for path in &paths {
        add_groups(&read(path), &mut found);
    }
    found
}

/// Adds the places at which a value is of another kind.
fn compare(value: &Json, kind: &Kind, at: &str, groups: &Groups, wrong: &mut Vec<String>) {
    let is_right = match (kind, value) {
        (Kind::Json, _) | (Kind::Maybe(_), Json::Null) => true,
        (Kind::Text, value) => value.is_string(),
        (Kind::Number, value) => value.is_number(),
        (Kind::Truth, value) => value.is_boolean(),
        (Kind::Maybe(inner), value) => return compare(value, inner, at, groups, wrong),
        (Kind::List(inner), Json::Array(values)) => {
            for value in values {
                compare(value, inner, at, groups, wrong);
            }
            true
        }
        (Kind::Group(name), Json::Object(values)) => {
            let fields = groups.get(name).map(|group| group.fields.as_slice()).unwrap_or_default();
            for field in fields {
                let at = format!("{at}.{}", field.name);
                compare(values.get(&field.name).unwrap_or(&Json::Null), &field.kind, &at, groups, wrong);
            }
            let known: BTreeSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            let given: BTreeSet<&str> = values.keys().map(String::as_str).collect();
            known == given
        }
        (Kind::List(_) | Kind::Group(_), _) => false,
    };
    if !is_right {
        wrong.push(format!("{at} is not {}: {value}", kind.words()));
    }
}

/// Returns the groups that pages have, also through other groups, but not the contexts of the pages themselves.
fn inner_groups(groups: &Groups) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&str> = PAGES.iter().map(|page| page.name).collect();
    while let Some(name) = next.pop() {
        let group = groups.get(name).unwrap_or_else(|| panic!("there is no context {name} in core/portal/src"));
        let mut inner = Vec::new();
        for field in &group.fields {
            field.kind.add_groups(&mut inner);
        }
        next.extend(inner.into_iter().filter(|name| found.insert(*name)));
    }
    found
}

/// Returns the types and fields without a description, because the guide would show nothing beside their names.
fn undescribed(groups: &Groups) -> Vec<String> {
    let of_group = |(name, group): (&String, &Group)| {
        let own = group.about.is_empty().then(|| name.clone());
        let fields = group.fields.iter().filter(|field| field.about.is_empty());
        own.into_iter().chain(fields.map(|field| format!("{name}.{}", field.name))).collect::<Vec<_>>()
    };
    groups.iter().flat_map(of_group).collect()
}

/// Writes the table of a group.
fn table(group: &Group, prefix: &str) -> String {
    let row = |field: &Field| format!("| `{prefix}{}` | {} | {} |\n", field.name, field.kind.words(), field.about);
    format!("| name | kind | what it is |\n| --- | --- | --- |\n{}", group.fields.iter().map(row).collect::<String>())
}

fn of_page(page: &ListedPage, groups: &Groups) -> String {
    let group = &groups[page.name];
    let ListedPage { name, template, .. } = page;
    format!("### {name}\n\n`page` in `{template}`. {}\n\n{}\n", group.about, table(group, "page."))
}

/// Writes the lists of all names.
fn written(groups: &Groups) -> String {
    let pages: String = PAGES.iter().map(|page| of_page(page, groups)).collect();
    let group = |name: &str| format!("### {name}\n\n{}\n\n{}\n", groups[name].about, table(&groups[name], ""));
    let inner: String = inner_groups(groups).into_iter().map(group).collect();
    let text = format!(
        "{HEADING}\n\nThe tests compare these lists with the contexts in `core/portal/src`, and write them again with\n\
         `INSTA_UPDATE=always scripts/test names::`.\n\n{pages}## The groups of names\n\n{inner}"
    );
    format!("{}\n", text.trim_end())
}

#[test]
fn the_guide_for_themes_lists_every_name_of_every_page() {
    let file = root().join("docs/themes.md");
    let guide = read(&file);
    let (before, _) = guide.split_once(&format!("{HEADING}\n")).expect("the heading of the lists");
    let groups = groups();
    let bare = undescribed(&groups);
    assert!(bare.is_empty(), "say in a doc comment what a template gets here:\n{}", bare.join("\n"));
    let right = format!("{before}{}", written(&groups));
    if std::env::var("INSTA_UPDATE").is_ok_and(|wish| wish == "always") && guide != right {
        std::fs::write(&file, &right).expect("written");
        return;
    }
    let other = guide.lines().zip(right.lines()).find(|(listed, known)| listed != known);
    assert!(guide == right, "{other:?}: write docs/themes.md again by INSTA_UPDATE=always scripts/test names::");
}

#[test]
fn every_page_gives_its_template_the_names_that_are_read_from_the_code() {
    let groups = groups();
    let mut wrong = Vec::new();
    for page in PAGES {
        let samples = page.contexts().expect("contexts are written as JSON");
        assert!(!samples.is_empty(), "{} has no samples", page.name);
        let kind = Kind::Group(page.name.to_owned());
        for sample in &samples {
            compare(sample, &kind, page.name, &groups, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "names.rs reads the contexts otherwise than they are:\n{}", wrong.join("\n"));
}

#[test]
fn a_context_is_read_with_its_comments_and_kinds() {
    let source = "/// A page.\n#[derive(Debug, Serialize)]\npub struct APage {\n    /// The `|` of\n    /// [`B`].\n    \
                  pub a: Option<Vec<Vec<u8>>>,\n    pub b: B,\n}\n\n#[derive(Deserialize)]\n\
                  pub struct Query {\n    pub q: String,\n}\n";
    let mut found = Groups::new();
    add_groups(source, &mut found);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["APage"]);
    assert_eq!(found["APage"].about, "A page.");
    assert_eq!(
        table(&found["APage"], "page."),
        "| name | kind | what it is |\n| --- | --- | --- |\n\
         | `page.a` | list of list of number or none | The `\\|` of `B`. |\n\
         | `page.b` | [B](#b) |  |\n"
    );
    assert_eq!(undescribed(&found), ["APage.b"]);
    let mut wrong = Vec::new();
    let kind = Kind::Group("APage".to_owned());
    for value in [
        serde_json::json!({ "a": null, "b": {} }),
        serde_json::json!({ "a": [[1], []], "b": {} }),
        serde_json::json!({ "a": [[1]], "b": {}, "c": 1 }),
        serde_json::json!({ "a": [["x"], 1] }),
    ] {
        compare(&value, &kind, "page", &found, &mut wrong);
    }
    let places: Vec<&str> = wrong.iter().filter_map(|line| line.split(" is not").next()).collect();
    assert_eq!(places, ["page", "page.a", "page.a", "page.b", "page"]);
}
