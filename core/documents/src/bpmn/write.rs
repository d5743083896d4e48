//! Writes the nodes and flows of a process as XML, with the diagram.

use super::{BpmnProcess, EXTENSIONS, FlowNode, FlowNodeKind, MODEL, SequenceFlow};
use crate::diagram::{BOX, DiagramEdge, DiagramLayout, DiagramLine, DiagramNodeKind, DiagramPoint, SIGN};
use motcua_domain::text::Text;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

const NAMESPACES: [(&str, &str); 7] = [
    ("xmlns:bpmn", MODEL),
    ("xmlns:bpmndi", "http://www.omg.org/spec/BPMN/20100524/DI"),
    ("xmlns:dc", "http://www.omg.org/spec/DD/20100524/DC"),
    ("xmlns:di", "http://www.omg.org/spec/DD/20100524/DI"),
    ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ("xmlns:motcua", EXTENSIONS),
    ("expressionLanguage", "https://cel.dev"),
];

const BOUNDARY: f64 = 16.0;

/// The document with its open elements. Writing to memory does not fail.
struct BpmnDocument {
    writer: Writer<Vec<u8>>,
}

impl BpmnDocument {
    fn event(&mut self, event: Event<'_>) {
        // A vector accepts every write.
        let _ = self.writer.write_event(event);
    }

    fn start(name: &str, attributes: &[(&str, &str)]) -> BytesStart<'static> {
        let mut start = BytesStart::new(name.to_owned());
        for (key, value) in attributes {
            start.push_attribute((*key, clean(value).as_str()));
        }
        start
    }

    fn leaf(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Event::Empty(Self::start(name, attributes)));
    }

    fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.event(Event::Start(Self::start(name, attributes)));
        self.event(Event::Text(BytesText::new(&clean(text))));
        self.event(Event::End(BytesEnd::new(name)));
    }

    fn around(&mut self, name: &str, attributes: &[(&str, &str)], inner: impl FnOnce(&mut Self)) {
        self.event(Event::Start(Self::start(name, attributes)));
        inner(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    fn expression(&mut self, name: &str, text: &str) {
        self.text(name, &[("xsi:type", "bpmn:tFormalExpression")], text);
    }

    fn details(&mut self, details: &Map<String, Json>) {
        if !details.is_empty() {
            let text = Json::Object(details.clone()).to_string();
            self.around("bpmn:extensionElements", &[], |inner| inner.text("motcua:details", &[], &text));
        }
    }
}

/// Returns the text without characters that XML forbids.
fn clean(text: &str) -> String {
    let allowed = |letter: &char| !letter.is_control() || matches!(letter, '\t' | '\n' | '\r');
    text.chars().filter(|letter| allowed(letter) && !matches!(letter, '\u{fffe}' | '\u{ffff}')).collect()
}

pub fn document(process: &BpmnProcess) -> String {
    let mut document = BpmnDocument { writer: Writer::new_with_indent(Vec::new(), b' ', 2) };
    document.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let mut attributes = vec![("id", "definitions"), ("targetNamespace", EXTENSIONS)];
    attributes.extend(NAMESPACES);
    document.around("bpmn:definitions", &attributes, |document| {
        document.around("bpmn:collaboration", &[("id", "collaboration")], |document| {
            let pool = [("id", "pool"), ("name", process.name.as_str()), ("processRef", process.id.as_str())];
            document.leaf("bpmn:participant", &pool);
        });
        let lanes = lanes(process);
        let attributes = [("id", process.id.as_str()), ("isExecutable", "false")];
        document.around("bpmn:process", &attributes, |document| {
            document.details(&process.details);
            document.around("bpmn:laneSet", &[("id", "lanes")], |document| {
                for (number, (name, nodes)) in lanes.iter().enumerate() {
                    document.around("bpmn:lane", &[("id", &lane_id(number)), ("name", &name.vi)], |document| {
                        for node in nodes {
                            document.text("bpmn:flowNodeRef", &[], node);
                        }
                    });
                }
            });
            process.nodes.iter().for_each(|node| write_node(document, process, node));
            process.flows.iter().for_each(|flow| write_flow(document, flow));
        });
        BpmnDrawing::of(process).write(document);
    });
    String::from_utf8_lossy(&document.writer.into_inner()).into_owned()
}

fn lane_id(number: usize) -> String {
    format!("lane-{}", number + 1)
}

/// Returns the lanes in the order of their first nodes, each with its nodes.
fn lanes(process: &BpmnProcess) -> Vec<(&Text, Vec<&str>)> {
    let mut lanes: Vec<(&Text, Vec<&str>)> = Vec::new();
    for node in &process.nodes {
        match lanes.iter_mut().find(|(name, _)| **name == node.lane) {
            Some((_, nodes)) => nodes.push(&node.id),
            None => lanes.push((&node.lane, vec![&node.id])),
        }
    }
    lanes
}

fn write_node(document: &mut BpmnDocument, process: &BpmnProcess, node: &FlowNode) {
    let name = match &node.sort {
        FlowNodeKind::Start => "bpmn:startEvent",
        FlowNodeKind::End { .. } => "bpmn:endEvent",
        FlowNodeKind::Task { .. } => "bpmn:userTask",
        FlowNodeKind::Exclusive => "bpmn:exclusiveGateway",
        FlowNodeKind::Parallel => "bpmn:parallelGateway",
        FlowNodeKind::Inclusive => "bpmn:inclusiveGateway",
        FlowNodeKind::Complex { .. } => "bpmn:complexGateway",
        FlowNodeKind::Wait => "bpmn:intermediateCatchEvent",
        FlowNodeKind::Timer { .. } => "bpmn:boundaryEvent",
    };
    let mut attributes = vec![("id", node.id.as_str())];
    if !node.name.is_empty() {
        attributes.push(("name", &node.name));
    }
    if let FlowNodeKind::Timer { host, .. } = &node.sort {
        attributes.extend([("cancelActivity", "true"), ("attachedToRef", host)]);
    }
    document.around(name, &attributes, |document| {
        document.details(&node.details);
        process
            .flows
            .iter()
            .filter(|flow| flow.to == node.id)
            .for_each(|flow| document.text("bpmn:incoming", &[], &flow.id));
        process
            .flows
            .iter()
            .filter(|flow| flow.from == node.id)
            .for_each(|flow| document.text("bpmn:outgoing", &[], &flow.id));
        match &node.sort {
            FlowNodeKind::Task { many: Some(many) } => {
                document.around("bpmn:multiInstanceLoopCharacteristics", &[("isSequential", "false")], |document| {
                    if let Some(count) = many.count {
                        document.expression("bpmn:loopCardinality", &count.to_string());
                    }
                    if let Some(enough) = many.enough {
                        document.expression("bpmn:completionCondition", &format!("nrOfCompletedInstances >= {enough}"));
                    }
                });
            }
            FlowNodeKind::Complex { first } => {
                document.expression("bpmn:activationCondition", &format!("activationCount >= {first}"));
            }
            FlowNodeKind::End { whole: true } => document.leaf("bpmn:terminateEventDefinition", &[]),
            FlowNodeKind::Wait => document.leaf("bpmn:messageEventDefinition", &[]),
            FlowNodeKind::Timer { duration, .. } => {
                document.around("bpmn:timerEventDefinition", &[], |document| {
                    document.expression("bpmn:timeDuration", duration);
                });
            }
            _ => {}
        }
    });
}

fn write_flow(document: &mut BpmnDocument, flow: &SequenceFlow) {
    let mut attributes = vec![("id", flow.id.as_str()), ("sourceRef", &flow.from), ("targetRef", &flow.to)];
    if !flow.name.is_empty() {
        attributes.push(("name", &flow.name));
    }
    document.around("bpmn:sequenceFlow", &attributes, |document| {
        document.details(&flow.details);
        if let Some(when) = &flow.when {
            document.expression("bpmn:conditionExpression", when);
        }
    });
}

/// The positions of all elements.
struct BpmnDrawing<'a> {
    process: &'a BpmnProcess,
    layout: DiagramLayout,
    /// The index of each node in the layout. Timers stand at their tasks.
    places: BTreeMap<&'a str, usize>,
}

impl<'a> BpmnDrawing<'a> {
    fn of(process: &'a BpmnProcess) -> Self {
        let mut kinds = Vec::new();
        let mut names = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for node in &process.nodes {
            let kind = match node.sort {
                FlowNodeKind::Timer { .. } => continue,
                FlowNodeKind::Task { .. } => DiagramNodeKind::Step(kinds.len()),
                FlowNodeKind::Start => DiagramNodeKind::Start,
                _ => DiagramNodeKind::Sign,
            };
            places.insert(&node.id, kinds.len());
            kinds.push(kind);
            names.push(node.lane.clone());
        }
        for node in &process.nodes {
            if let FlowNodeKind::Timer { host, .. } = &node.sort
                && let Some(at) = places.get(host.as_str()).copied()
            {
                places.insert(&node.id, at);
            }
        }
        let mut edges: Vec<DiagramEdge> = Vec::new();
        for flow in &process.flows {
            let (Some(from), Some(to)) = (places.get(flow.from.as_str()), places.get(flow.to.as_str())) else {
                continue;
            };
            if !edges.iter().any(|known| known.from == *from && known.to == *to) {
                edges.push(DiagramEdge { from: *from, to: *to, actions: Vec::new(), back: false });
            }
        }
        Self { process, layout: DiagramLayout::arrange(&kinds, names, edges), places }
    }

    fn write(&self, document: &mut BpmnDocument) {
        document.around("bpmndi:BPMNDiagram", &[("id", "diagram")], |document| {
            document.around("bpmndi:BPMNPlane", &[("id", "plane"), ("bpmnElement", "collaboration")], |document| {
                let DiagramPoint { x: width, y: height } = self.layout.size;
                let pool = [("id", "pool-shape"), ("bpmnElement", "pool"), ("isHorizontal", "true")];
                let (top, bottom) = self.lanes_height(height);
                document.around("bpmndi:BPMNShape", &pool, |document| bounds(document, 0.0, top, width, bottom - top));
                for (number, (_, top, height)) in self.layout.lanes.iter().enumerate() {
                    let (id, shape) = (lane_id(number), format!("{}-shape", lane_id(number)));
                    let lane = [("id", shape.as_str()), ("bpmnElement", &id), ("isHorizontal", "true")];
                    document.around("bpmndi:BPMNShape", &lane, |document| {
                        bounds(document, 30.0, *top, width - 30.0, *height);
                    });
                }
                self.process.nodes.iter().for_each(|node| self.shape(document, node));
                self.process.flows.iter().for_each(|flow| self.edge(document, flow));
            });
        });
    }

    fn lanes_height(&self, height: f64) -> (f64, f64) {
        let top = self.layout.lanes.first().map_or(0.0, |(_, top, _)| *top);
        (top, self.layout.lanes.last().map_or(height, |(_, top, height)| top + height))
    }

    /// Returns the centre of a node and half its size.
    fn place(&self, node: &FlowNode) -> Option<(DiagramPoint, DiagramPoint)> {
        let at = self.layout.nodes.get(*self.places.get(node.id.as_str())?)?.at;
        let half = DiagramPoint { x: BOX.x / 2.0, y: BOX.y / 2.0 };
        Some(match &node.sort {
            FlowNodeKind::Task { .. } => (at, half),
            FlowNodeKind::Timer { host, .. } => {
                let same =
                    |other: &&FlowNode| matches!(&other.sort, FlowNodeKind::Timer { host: known, .. } if known == host);
                let before = self.process.nodes.iter().filter(same).take_while(|other| other.id != node.id).count();
                #[expect(clippy::cast_precision_loss, reason = "few")]
                let x = at.x - half.x + 24.0 + before as f64 * 40.0;
                (DiagramPoint { x, y: at.y + half.y }, DiagramPoint { x: BOUNDARY, y: BOUNDARY })
            }
            _ => (at, DiagramPoint { x: SIGN, y: SIGN }),
        })
    }

    fn shape(&self, document: &mut BpmnDocument, node: &FlowNode) {
        let Some((at, half)) = self.place(node) else { return };
        let shape = format!("{}-shape", node.id);
        let mut attributes = vec![("id", shape.as_str()), ("bpmnElement", &node.id)];
        if node.sort == FlowNodeKind::Exclusive {
            attributes.push(("isMarkerVisible", "true"));
        }
        document.around("bpmndi:BPMNShape", &attributes, |document| {
            bounds(document, at.x - half.x, at.y - half.y, half.x * 2.0, half.y * 2.0);
        });
    }

    fn edge(&self, document: &mut BpmnDocument, flow: &SequenceFlow) {
        let find = |id: &str| self.process.nodes.iter().find(|node| node.id == id);
        let (Some(from), Some(to)) = (find(&flow.from), find(&flow.to)) else { return };
        let (Some(start), Some(end)) = (self.places.get(from.id.as_str()), self.places.get(to.id.as_str())) else {
            return;
        };
        let Some(route) = self.layout.routes.iter().find(|route| route.from == *start && route.to == *end) else {
            return;
        };
        let Some(points) = self.points(from, to, route) else { return };
        let shape = format!("{}-edge", flow.id);
        document.around("bpmndi:BPMNEdge", &[("id", &shape), ("bpmnElement", &flow.id)], |document| {
            for point in points {
                document.leaf("di:waypoint", &[("x", &format!("{:.0}", point.x)), ("y", &format!("{:.0}", point.y))]);
            }
        });
    }

    fn points(&self, from: &FlowNode, to: &FlowNode, route: &DiagramLine) -> Option<Vec<DiagramPoint>> {
        let (at, half) = self.place(from)?;
        let mut points = route.points.clone();
        if points.is_empty() {
            // A line from a task back to itself runs below the task.
            let (target, size) = self.place(to)?;
            let below = target.y + size.y + 30.0;
            let (out, into) = (at.x + half.x * 0.5, target.x - size.x * 0.5);
            points = vec![
                DiagramPoint { x: out, y: at.y + half.y },
                DiagramPoint { x: out, y: below },
                DiagramPoint { x: into, y: below },
                DiagramPoint { x: into, y: target.y + size.y },
            ];
        } else if matches!(from.sort, FlowNodeKind::Timer { .. }) {
            let first = points[0];
            let below = at.y + BOUNDARY + 10.0;
            let turn = points.get(1).filter(|next| next.x > first.x).map_or(first.x + 20.0, |next| next.x);
            points[0] = DiagramPoint { x: turn, y: below };
            points.splice(0..0, [DiagramPoint { x: at.x, y: at.y + BOUNDARY }, DiagramPoint { x: at.x, y: below }]);
        }
        Some(points)
    }
}

fn bounds(document: &mut BpmnDocument, x: f64, y: f64, width: f64, height: f64) {
    let [x, y, width, height] = [x, y, width, height].map(|number| format!("{number:.0}"));
    document.leaf("dc:Bounds", &[("x", &x), ("y", &y), ("width", &width), ("height", &height)]);
}
