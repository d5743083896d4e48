//! The words of a screen reader while somebody files a birth registration: the tree that Chromium gives to it, in order.

use crate::chromium::{Driver, Person};
use anyhow::Context as _;
use motcua_tests::portal::{App, Kind, PASSWORD};
use motcua_tests::walk::{BIRTH, CHILD, PARENTS};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The roles that a reader passes over. What is inside of them is read.
const SILENT: [&str; 11] = [
    "none",
    "generic",
    "paragraph",
    "strong",
    "emphasis",
    "code",
    "Legend",
    "LabelText",
    "LineBreak",
    "InlineTextBox",
    "ListMarker",
];

/// The roles whose name is all that is read of them.
const WHOLE: [&str; 12] = [
    "StaticText",
    "button",
    "checkbox",
    "combobox",
    "DisclosureTriangle",
    "heading",
    "image",
    "link",
    "radio",
    "searchbox",
    "term",
    "textbox",
];

/// Returns the states of a node that are read, each with a space before it.
fn states(node: &Json) -> String {
    let mut said = String::new();
    for property in node["properties"].as_array().into_iter().flatten() {
        let (name, value) = (property["name"].as_str().unwrap_or_default(), &property["value"]["value"]);
        let word = match (name, value) {
            ("required" | "disabled" | "focused" | "readonly" | "expanded", Json::Bool(true)) => name.to_owned(),
            ("expanded", Json::Bool(false)) => "collapsed".to_owned(),
            ("checked" | "invalid", Json::String(word)) if word != "false" => name.to_owned(),
            ("level", Json::Number(level)) if node["role"]["value"] == "heading" => format!("level {level}"),
            _ => continue,
        };
        said.push(' ');
        said.push_str(&word);
    }
    said
}

/// Returns a node as a line: the role, the name, the value, the states and the description.
fn line(role: &str, node: &Json) -> String {
    let text = |key: &str| node[key]["value"].as_str().unwrap_or_default().trim().to_owned();
    let mut said = if role == "StaticText" { "text".to_owned() } else { role.to_owned() };
    for (key, before, after) in [("name", " \"", "\""), ("value", " = \"", "\"")] {
        let text = text(key);
        if !text.is_empty() {
            said.push_str(&[before, text.as_str(), after].concat());
        }
    }
    said.push_str(&states(node));
    let description = text("description");
    if !description.is_empty() {
        said.push_str(&[" (", description.as_str(), ")"].concat());
    }
    said
}

/// Adds the lines of a node and of what is inside of it.
fn read(nodes: &BTreeMap<&str, &Json>, id: &str, lines: &mut Vec<String>) {
    let Some(node) = nodes.get(id) else { return };
    let role = node["role"]["value"].as_str().unwrap_or_default();
    let is_nameless = node["name"]["value"].as_str().is_none_or(|name| name.trim().is_empty());
    let is_empty = is_nameless && ["StaticText", "group"].contains(&role);
    let is_said = node["ignored"] == Json::Bool(false) && !is_empty && !SILENT.contains(&role);
    if is_said {
        lines.push(line(role, node));
    }
    if is_said && WHOLE.contains(&role) {
        return;
    }
    for child in node["childIds"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        read(nodes, child, lines);
    }
}

#[test]
fn a_node_is_read_with_its_role_its_name_and_its_state() {
    let name = json!({ "value": "Họ và tên" });
    let required = json!([
        { "name": "required", "value": { "value": true } },
        { "name": "invalid", "value": { "value": "true" } },
        { "name": "focusable", "value": { "value": true } },
    ]);
    let field = json!({ "name": name, "value": { "value": "An" }, "properties": required });
    assert_eq!(line("textbox", &field), "textbox \"Họ và tên\" = \"An\" required invalid");
    let level = json!([{ "name": "level", "value": { "value": 2 } }]);
    let heading = json!({ "role": { "value": "heading" }, "name": name, "properties": level });
    assert_eq!(line("heading", &heading), "heading \"Họ và tên\" level 2");
    let described = json!({ "name": name, "description": { "value": "Như trong giấy tờ" } });
    assert_eq!(line("textbox", &described), "textbox \"Họ và tên\" (Như trong giấy tờ)");
}

/// A story in the words of a screen reader.
struct Transcript<'a> {
    person: &'a Person<'a>,
    text: String,
}

impl Transcript<'_> {
    /// Adds the page that is open. Its frame is the same on every page, so it is added once.
    async fn hear(&mut self, about: &str) -> anyhow::Result<()> {
        let answer = self.person.cdp("Accessibility.getFullAXTree", json!({})).await?;
        let all = answer["nodes"].as_array().context("a tree")?;
        let nodes: BTreeMap<&str, &Json> =
            all.iter().filter_map(|node| Some((node["nodeId"].as_str()?, node))).collect();
        let root = all.first().and_then(|node| node["nodeId"].as_str()).context("a root")?;
        let mut lines = Vec::new();
        if self.text.is_empty() {
            read(&nodes, root, &mut lines);
        } else {
            let main = all.iter().find(|node| node["role"]["value"] == "main").context("the content")?;
            lines.push(line("RootWebArea", &all[0]));
            read(&nodes, main["nodeId"].as_str().context("an id")?, &mut lines);
        }
        self.text.push_str(&["== ", about, "\n", lines.join("\n").as_str(), "\n\n"].concat());
        Ok(())
    }
}

/// Types the answers of a page that are texts.
async fn type_answers(citizen: &Person<'_>, answers: &[(&str, &str)], names: &[&str]) -> anyhow::Result<()> {
    for (name, text) in answers.iter().filter(|(name, _)| names.contains(name)) {
        citizen.type_into(name, text).await?;
    }
    Ok(())
}

async fn file(citizen: &Person<'_>) -> anyhow::Result<String> {
    let mut transcript = Transcript { person: citizen, text: String::new() };
    citizen.open(BIRTH).await?;
    transcript.hear("the procedure").await?;
    citizen.press_words("Nộp hồ sơ trực tuyến").await?;
    transcript.hear("the log-in").await?;
    citizen.press_words("Đăng ký tài khoản").await?;
    transcript.hear("the registration").await?;
    for (name, text) in [("name", "Trần Thị Bích"), ("phone", "0908 111 222"), ("password", PASSWORD)] {
        citizen.type_into(name, text).await?;
    }
    citizen.press("main button.primary").await?;
    transcript.hear("the first page").await?;
    citizen.press("button.primary[value=next]").await?;
    transcript.hear("the first page without answers").await?;
    type_answers(citizen, CHILD, &["child_name", "birth_place"]).await?;
    citizen.type_date("birth_date", "28/02/2026").await?;
    citizen.choose("sex", "male").await?;
    citizen.press("button.primary[value=next]").await?;
    transcript.hear("the second page").await?;
    type_answers(citizen, PARENTS, &["mother_name", "mother_number", "copies"]).await?;
    citizen.choose("parents_married", "false").await?;
    citizen.press("button.primary[value=next]").await?;
    transcript.hear("the papers").await?;
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/motcua/src/demo/photo.jpg").canonicalize()?;
    citizen.attach("#file-birth_proof", &photo).await?;
    citizen.press("button[formaction$='/papers/birth_proof']").await?;
    transcript.hear("a paper that is attached").await?;
    citizen.press_words("Tiếp tục").await?;
    transcript.hear("the review").await?;
    citizen.tap("input[name=consent]").await?;
    citizen.press_words("Nộp hồ sơ").await?;
    transcript.hear("the receipt").await?;
    Ok(transcript.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_birth_registration_is_filed_by_ear() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    let citizen = Person::sit_down("listener", &driver, &app).await.expect("a browser");
    let text = file(&citizen).await.expect("it is filed");
    citizen.leave().await.expect("it ends");
    // The port of the portal is another one in each run.
    insta::assert_snapshot!(text.replace(&app.base, "http://portal"));
}
