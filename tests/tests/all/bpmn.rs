//! Workflows as BPMN 2.0 and back.

#[path = "../../../core/domain/tests/flow/random.rs"]
mod random;

use motcua_catalogue::workflow_file;
use motcua_domain::text::Text;
use motcua_domain::workflow::{Step, Workflow};
use motcua_service::bpmn;
use motcua_tests::process::motcua;
use std::path::{Path, PathBuf};
use std::process::Command;

fn by_role(step: &Step) -> Text {
    Text::vi(step.role.name())
}

fn written(workflow: &Workflow) -> String {
    bpmn::export(workflow, "Thử <&> “quy trình”", by_role)
}

/// Returns the workflow after it was written as BPMN and read again.
fn there_and_back(workflow: &Workflow) -> Workflow {
    let document = written(workflow);
    let (back, remarks) = bpmn::import(&document).unwrap_or_else(|error| panic!("{error}: {document}"));
    assert_eq!(remarks, [], "{document}");
    back.expect("it has steps")
}

fn same(found: &Workflow, wanted: &Workflow) {
    for (found, wanted) in found.steps.iter().zip(&wanted.steps) {
        assert_eq!(found, wanted);
    }
    assert_eq!(found, wanted);
}

fn random_workflows(count: u64) -> impl Iterator<Item = Workflow> {
    (0..count).map(|seed| random::workflow(&mut random::Rng::new(seed), seed % 4 != 0))
}

#[test]
fn random_workflows_come_back_from_bpmn_as_they_were() {
    for workflow in random_workflows(1000) {
        same(&there_and_back(&workflow), &workflow);
    }
}

/// Returns the sample province in a folder of its own, and procedures that each follow another workflow.
fn province() -> (tempfile::TempDir, Vec<(String, Workflow)>) {
    let dir = tempfile::tempdir().expect("a folder");
    motcua::folder::write_binhduong(dir.path()).expect("it is written");
    let found = read(dir.path());
    let mut samples: Vec<(String, Workflow)> = Vec::new();
    for procedure in found.install.procedures() {
        if samples.iter().all(|(_, known)| known.id != procedure.workflow.id) {
            samples.push((format!("{}/{}", procedure.group, procedure.slug), procedure.workflow.clone()));
        }
    }
    assert!(samples.len() >= 5, "{}", samples.len());
    (dir, samples)
}

fn run(arguments: &[&str]) -> std::process::Output {
    motcua().args(arguments).output().expect("it runs")
}

fn read(dir: &Path) -> motcua_catalogue::FoundInstall {
    motcua_catalogue::load(dir, &motcua::runtime::BUILTIN, jiff::civil::date(2026, 3, 3))
}

#[test]
fn a_sample_workflow_goes_out_as_bpmn_and_comes_back_as_a_file_that_says_the_same() {
    let (dir, samples) = province();
    for (number, (at, workflow)) in samples.iter().enumerate() {
        same(&there_and_back(workflow), workflow);
        let folder = dir.path().to_str().expect("a path");
        let document = dir.path().join("exported.bpmn");
        let document = document.to_str().expect("a path");
        let told = run(&["workflow", "export", at, "--dir", folder, "--out", document]);
        assert!(told.status.success(), "{told:?}");
        let name = format!("come-back-{number}");
        let told = run(&["workflow", "import", document, &name, "--dir", folder]);
        assert!(told.status.success(), "{told:?}");
        let again = run(&["workflow", "import", document, &name, "--dir", folder]);
        assert!(!again.status.success(), "a file that is there is kept");
    }
    let found = read(dir.path());
    assert_eq!(found.mistakes, []);
    for (number, (_, workflow)) in samples.into_iter().enumerate() {
        let back = &found.install.province.workflows.0[&format!("come-back-{number}")].workflow;
        // Only its name is another.
        same(back, &Workflow { id: back.id.clone(), ..workflow });
    }
}

/// A document from other tools: other prefixes, none of our details, and elements that no workflow has.
const FOREIGN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:elsewhere">
  <process id="Process_1" name="Cấp phép khai thác">
    <laneSet id="l">
      <lane id="l1" name="Bộ phận một cửa"><flowNodeRef>A</flowNodeRef><flowNodeRef>D</flowNodeRef></lane>
      <lane id="l2" name="Phòng Nước"><flowNodeRef>B</flowNodeRef><flowNodeRef>C</flowNodeRef></lane>
    </laneSet>
    <startEvent id="S"><outgoing>f1</outgoing></startEvent>
    <userTask id="A" name="Tiếp nhận"/>
    <exclusiveGateway id="X"/>
    <parallelGateway id="P"/>
    <task id="B" name="Thẩm định hồ sơ"/>
    <manualTask id="C" name="Khảo sát"/>
    <parallelGateway id="J"/>
    <userTask id="D" name="Trả kết quả"/>
    <boundaryEvent id="T" attachedToRef="C"><timerEventDefinition><timeDuration>P10D</timeDuration></timerEventDefinition></boundaryEvent>
    <serviceTask id="V" name="Gửi SMS"/>
    <dataObject id="O" name="Hồ sơ"/>
    <endEvent id="E"/>
    <endEvent id="R"><terminateEventDefinition/></endEvent>
    <sequenceFlow id="f1" sourceRef="S" targetRef="A"/>
    <sequenceFlow id="f2" sourceRef="A" targetRef="X"/>
    <sequenceFlow id="f3" name="Hợp lệ" sourceRef="X" targetRef="P"/>
    <sequenceFlow id="f4" name="Từ chối" sourceRef="X" targetRef="R"><conditionExpression>${not CEL</conditionExpression></sequenceFlow>
    <sequenceFlow id="f5" sourceRef="P" targetRef="B"/>
    <sequenceFlow id="f6" sourceRef="P" targetRef="C"/>
    <sequenceFlow id="f7" name="Đạt" sourceRef="B" targetRef="J"/>
    <sequenceFlow id="f8" name="Xong" sourceRef="C" targetRef="J"/>
    <sequenceFlow id="f9" sourceRef="T" targetRef="J"/>
    <sequenceFlow id="f10" sourceRef="J" targetRef="D"/>
    <sequenceFlow id="f11" name="Trả" sourceRef="D" targetRef="V"/>
    <sequenceFlow id="f12" sourceRef="V" targetRef="E"/>
  </process>
</definitions>"#;

#[test]
fn of_a_document_of_another_tool_what_is_understood_is_kept_and_the_rest_is_listed() {
    let (workflow, remarks) = bpmn::import(FOREIGN).expect("it is BPMN");
    let remarks: Vec<String> = remarks.iter().map(ToString::to_string).collect();
    let file = workflow_file::write(&workflow.expect("it has tasks"));
    insta::assert_snapshot!(format!("{file}\n# {}\n", remarks.join("\n# ")));
}

#[test]
fn what_is_not_bpmn_is_refused_in_words_and_never_breaks() {
    let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let bomb = r#"<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;&b;</d>"#;
    let large = " ".repeat(9 << 20);
    let tasks = FOREIGN.replace("<startEvent", &format!("{}<startEvent", "<task/>".repeat(2001)));
    for text in
        ["", "<a>", "<a></b>", "plain", "<a b=1/>", "<a xmlns:x='y'><x:process/></a>", &deep, bomb, &large, &tasks]
    {
        let told = bpmn::import(text).expect_err("it is not BPMN").to_string();
        assert!(!told.is_empty());
    }
    // Without any of its parts, a document is read or refused.
    let document = written(&random_workflows(40).max_by_key(|workflow| workflow.steps.len()).expect("some"));
    let lines: Vec<&str> = document.lines().collect();
    for (from, to) in (0..lines.len()).flat_map(|from| [(from, from + 1), (from, from + 3)]) {
        let rest: Vec<&str> =
            lines.iter().enumerate().filter(|(at, _)| !(from..to).contains(at)).map(|(_, line)| *line).collect();
        let _ = bpmn::import(&rest.join("\n"));
    }
}

#[test]
fn other_tools_and_the_schema_of_the_omg_take_what_is_exported() {
    let tools = std::env::var("BPMN_TOOLS").expect("BPMN_TOOLS is set; run the tests by scripts/test");
    let tools = PathBuf::from(tools);
    let (dir, samples) = province();
    let mut files = Vec::new();
    for (number, workflow) in samples.into_iter().map(|(_, workflow)| workflow).chain(random_workflows(200)).enumerate()
    {
        let file = dir.path().join(format!("{number}.bpmn"));
        std::fs::write(&file, written(&workflow)).expect("it is written");
        files.push(file);
    }
    let schema = tools.join("node_modules/bpmn-moddle/resources/bpmn/xsd/BPMN20.xsd");
    let mut lint = Command::new("xmllint");
    lint.args(["--nonet", "--noout", "--schema"]).arg(schema).args(&files);
    let told = lint.output().expect("xmllint is installed");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr).lines().take(5).collect::<String>());
    let mut node = Command::new("node");
    node.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/moddle.mjs")).arg(&tools).args(&files);
    let told = node.output().expect("node is installed");
    assert!(told.status.success(), "{told:?}");
    assert_eq!(String::from_utf8_lossy(&told.stdout), "");
}

/// Returns the lines of a document between elements: each id with its ends.
fn lines_of(document: &str) -> std::collections::BTreeMap<String, String> {
    let part = |element: &str, name: &str| {
        let (_, rest) = element.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let flows = document.split("<bpmn:sequenceFlow ").skip(1);
    let read = |flow: &str| {
        let ends = format!("{} {}", part(flow, "sourceRef")?, part(flow, "targetRef")?);
        Some((part(flow, "id")?, ends))
    };
    flows.filter_map(read).collect()
}

#[test]
fn an_action_that_is_added_changes_the_id_of_no_other_line() {
    let mut compared = 0;
    for workflow in random_workflows(200) {
        let before = lines_of(&written(&workflow));
        let mut more = workflow.clone();
        // With one action, a step has no gateway yet, and its line begins elsewhere afterwards.
        let has_gateway = |step: &&mut Step| step.actions.iter().filter(|action| action.is_for_people()).count() > 1;
        let Some(first) = more.steps.first_mut().filter(has_gateway) else { continue };
        let refuse = motcua_domain::workflow::Effect::Refuse;
        first.actions.insert(0, motcua_domain::workflow::Action::new("one-more", Text::vi("Thêm"), refuse));
        let after = lines_of(&written(&more));
        for (id, ends) in &before {
            assert_eq!(after.get(id), Some(ends), "{id}");
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}
