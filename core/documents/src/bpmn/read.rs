//! Reads the nodes and flows of a process from XML.

use super::{
    BpmnProcess, EXTENSIONS, FlowNode, FlowNodeKind, MODEL, SequenceFlow, TaskInstances, UnknownElement, UnreadableBpmn,
};
use motcua_domain::text::Text;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;
use quick_xml::{XmlVersion, escape};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The largest file in bytes. Larger and deeper files are rejected.
const MOST_BYTES: usize = 8 << 20;
const DEEPEST: usize = 64;
const MOST_ELEMENTS: usize = 2000;

/// The namespace of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum NamespaceOwner {
    Bpmn,
    Motcua,
    #[default]
    Other,
}

#[derive(Debug, Default)]
struct BpmnElement {
    owner: NamespaceOwner,
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    children: Vec<BpmnElement>,
}

impl BpmnElement {
    fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    fn own(&self, attribute: &str) -> String {
        self.get(attribute).unwrap_or_default().to_owned()
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.owner == NamespaceOwner::Bpmn && child.name == name)
    }

    fn one(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.owner == NamespaceOwner::Bpmn && child.name == name)
    }

    /// Returns the data that Motcua wrote beside the element.
    fn details(&self) -> Map<String, Json> {
        let inside = self.one("extensionElements").into_iter().flat_map(|extensions| &extensions.children);
        let details = inside
            .filter(|child| child.owner == NamespaceOwner::Motcua)
            .find_map(|child| serde_json::from_str(&child.text).ok());
        details.unwrap_or_default()
    }
}

pub fn process(text: &str) -> Result<BpmnProcess, UnreadableBpmn> {
    if text.len() > MOST_BYTES {
        return Err(UnreadableBpmn::Other(format!("it is larger than {} MiB", MOST_BYTES >> 20)));
    }
    let root = document(text)?;
    let mut processes = root.all("process");
    let (Some(found), true) = (processes.next(), root.owner == NamespaceOwner::Bpmn) else {
        return Err(UnreadableBpmn::Other("it has no BPMN process".to_owned()));
    };
    if found.children.len() > MOST_ELEMENTS {
        return Err(UnreadableBpmn::Other(format!("its process has more than {MOST_ELEMENTS} elements")));
    }
    let mut process = read(&root, found);
    let more = processes.map(strange);
    process.strange.extend(more);
    Ok(process)
}

/// Returns the tree of elements.
fn document(text: &str) -> Result<BpmnElement, UnreadableBpmn> {
    let mut reader = NsReader::from_str(text);
    let mut open = vec![BpmnElement::default()];
    loop {
        let (namespace, event) = reader.read_resolved_event()?;
        let owner = match namespace {
            ResolveResult::Bound(Namespace(name)) if name == MODEL => NamespaceOwner::Bpmn,
            ResolveResult::Bound(Namespace(name)) if name == EXTENSIONS => NamespaceOwner::Motcua,
            _ => NamespaceOwner::Other,
        };
        match event {
            Event::Start(start) => {
                if open.len() > DEEPEST {
                    return Err(UnreadableBpmn::Other(format!("its elements are more than {DEEPEST} deep")));
                }
                open.push(element(owner, &start)?);
            }
            Event::Empty(start) => close(&mut open, element(owner, &start)?),
            Event::End(_) => {
                if let Some(done) = open.pop() {
                    close(&mut open, done);
                }
            }
            Event::Text(text) => add(&mut open, &text.xml10_content()),
            Event::CData(text) => add(&mut open, &text.xml10_content()),
            Event::GeneralRef(name) => {
                let found = match name.resolve_char_ref()? {
                    Some(letter) => letter.to_string(),
                    None => escape::resolve_predefined_entity(&name.xml10_content()).unwrap_or_default().to_owned(),
                };
                add(&mut open, &found);
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    let root = open.pop().filter(|_| open.is_empty()).and_then(|mut whole| whole.children.pop());
    root.ok_or_else(|| UnreadableBpmn::Other("an element is not closed, or there is none".to_owned()))
}

fn close(open: &mut [BpmnElement], done: BpmnElement) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(done);
    }
}

fn add(open: &mut [BpmnElement], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn element(owner: NamespaceOwner, start: &BytesStart<'_>) -> Result<BpmnElement, UnreadableBpmn> {
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
        attributes.insert(attribute.key.local_name().as_ref().to_owned(), value.into_owned());
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(BpmnElement { owner, name, attributes, ..BpmnElement::default() })
}

fn strange(element: &BpmnElement) -> UnknownElement {
    UnknownElement { id: element.own("id"), element: element.name.clone(), name: element.own("name") }
}

/// Elements of a process that do not affect the flow.
const SILENT: [&str; 5] = ["laneSet", "documentation", "extensionElements", "textAnnotation", "association"];

fn read(root: &BpmnElement, found: &BpmnElement) -> BpmnProcess {
    let participants = root.all("collaboration").flat_map(|collaboration| collaboration.all("participant"));
    let pool = participants.filter(|pool| pool.get("processRef") == found.get("id")).find_map(|pool| pool.get("name"));
    let mut process = BpmnProcess {
        id: found.own("id"),
        name: found.get("name").or(pool).unwrap_or_default().to_owned(),
        details: found.details(),
        ..BpmnProcess::default()
    };
    let mut lanes = BTreeMap::new();
    found.all("laneSet").for_each(|set| read_lanes(set, &mut lanes));
    for child in found.children.iter().filter(|child| child.owner == NamespaceOwner::Bpmn) {
        if child.name == "sequenceFlow" {
            process.flows.push(SequenceFlow {
                id: child.own("id"),
                from: child.own("sourceRef"),
                to: child.own("targetRef"),
                name: child.own("name"),
                when: child
                    .one("conditionExpression")
                    .map(|when| when.text.trim().to_owned())
                    .filter(|when| !when.is_empty()),
                details: child.details(),
            });
        } else if let Some(sort) = sort(child) {
            let lane = lanes.get(&child.own("id")).cloned().unwrap_or_default();
            let (id, name) = (child.own("id"), child.own("name"));
            process.nodes.push(FlowNode { id, name, lane: Text::vi(&lane), sort, details: child.details() });
        } else if !SILENT.contains(&child.name.as_str()) {
            process.strange.push(strange(child));
        }
    }
    let messages = root.all("collaboration").flat_map(|collaboration| collaboration.all("messageFlow"));
    process.strange.extend(messages.map(strange));
    process
}

/// Reads the lane of each node. The innermost lane counts.
fn read_lanes(set: &BpmnElement, lanes: &mut BTreeMap<String, String>) {
    for lane in set.all("lane") {
        for node in lane.all("flowNodeRef") {
            lanes.insert(node.text.trim().to_owned(), lane.own("name"));
        }
        lane.all("childLaneSet").for_each(|inner| read_lanes(inner, lanes));
    }
}

fn sort(element: &BpmnElement) -> Option<FlowNodeKind> {
    let events: Vec<&str> = element
        .children
        .iter()
        .map(|child| child.name.as_str())
        .filter(|name| name.ends_with("EventDefinition"))
        .collect();
    Some(match (element.name.as_str(), events.as_slice()) {
        ("startEvent", []) => FlowNodeKind::Start,
        ("endEvent", []) => FlowNodeKind::End { whole: false },
        ("endEvent", ["terminateEventDefinition" | "errorEventDefinition"]) => FlowNodeKind::End { whole: true },
        ("task" | "userTask" | "manualTask", _) if element.one("standardLoopCharacteristics").is_none() => {
            FlowNodeKind::Task { many: element.one("multiInstanceLoopCharacteristics").map(instances) }
        }
        ("exclusiveGateway", _) => FlowNodeKind::Exclusive,
        ("parallelGateway", _) => FlowNodeKind::Parallel,
        ("inclusiveGateway", _) => FlowNodeKind::Inclusive,
        ("complexGateway", _) => {
            FlowNodeKind::Complex { first: number(element.one("activationCondition")).unwrap_or(1) }
        }
        ("intermediateCatchEvent" | "receiveTask", ["messageEventDefinition"] | []) => FlowNodeKind::Wait,
        ("boundaryEvent", ["timerEventDefinition"]) if element.get("cancelActivity") != Some("false") => {
            FlowNodeKind::Timer {
                host: element.own("attachedToRef"),
                duration: element
                    .one("timerEventDefinition")
                    .and_then(|timer| timer.one("timeDuration"))
                    .map(|duration| duration.text.trim().to_owned())?,
            }
        }
        _ => return None,
    })
}

fn instances(element: &BpmnElement) -> TaskInstances {
    TaskInstances { count: number(element.one("loopCardinality")), enough: number(element.one("completionCondition")) }
}

/// Returns the number in an expression such as `3` or `nrOfCompletedInstances >= 2`.
fn number(element: Option<&BpmnElement>) -> Option<u32> {
    let text = &element?.text;
    let digits: String =
        text.chars().skip_while(|letter| !letter.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
