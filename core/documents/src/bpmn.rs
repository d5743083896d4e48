//! Workflows as BPMN 2.0, for other tools that show and edit them, and back.
//!
//! BPMN itself describes the way of a dossier: tasks in lanes, gateways, timers at tasks, events that wait for the
//! applicant, ends. Extension elements contain the facts for which BPMN has no word: posts, working time, officers'
//! forms and the requirements of actions. The reader trusts the flow first, so changes of another tool count.

mod of_workflow;
mod read;
mod remark;
mod to_workflow;
mod write;

use motcua_domain::text::Text;
use motcua_domain::workflow::{Step, Workflow};
use serde_json::{Map, Value as Json};

pub use remark::ImportRemark;

const MODEL: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const EXTENSIONS: &str = "urn:motcua:workflow:1";

/// A process as BPMN draws it.
#[derive(Debug, Clone, PartialEq, Default)]
struct BpmnProcess {
    id: String,
    name: String,
    details: Map<String, Json>,
    nodes: Vec<FlowNode>,
    flows: Vec<SequenceFlow>,
    /// Elements that were read and are none of the known ones.
    strange: Vec<UnknownElement>,
}

/// An element that Motcua has no meaning for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UnknownElement {
    id: String,
    element: String,
    name: String,
}

/// An element of the flow.
#[derive(Debug, Clone, PartialEq)]
struct FlowNode {
    id: String,
    name: String,
    lane: Text,
    sort: FlowNodeKind,
    details: Map<String, Json>,
}

#[derive(Debug, Clone, PartialEq)]
enum FlowNodeKind {
    Start,
    End {
        /// The whole process ends here, whatever else is open.
        whole: bool,
    },
    Task {
        many: Option<TaskInstances>,
    },
    Exclusive,
    Parallel,
    Inclusive,
    /// A gateway that continues when so many branches have arrived.
    Complex {
        first: u32,
    },
    /// An event that waits for a message from outside.
    Wait,
    /// A timer at the edge of the task with this id. It ends the task when the time has passed.
    Timer {
        host: String,
        /// The duration in ISO 8601.
        duration: String,
    },
}

/// A task with several instances at once.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TaskInstances {
    count: Option<u32>,
    enough: Option<u32>,
}

/// A line from one node to another.
#[derive(Debug, Clone, PartialEq)]
struct SequenceFlow {
    id: String,
    from: String,
    to: String,
    name: String,
    when: Option<String>,
    details: Map<String, Json>,
}

/// A file that is no readable BPMN.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableBpmn {
    #[error("it is not XML: {0}")]
    Xml(#[from] quick_xml::Error),
    #[error("an attribute is not XML: {0}")]
    Attribute(#[from] quick_xml::events::attributes::AttrError),
    #[error("{0}")]
    Other(String),
}

/// Returns the workflow as a BPMN document with its diagram. `lane` returns the role or unit that takes a step.
pub fn export(workflow: &Workflow, name: &str, lane: impl Fn(&Step) -> Text) -> String {
    write::document(&of_workflow::process(workflow, name, lane))
}

/// Returns the workflow that a BPMN document describes, and a remark on each part that the reader ignored or guessed.
/// Returns no workflow if nothing of it can be used.
pub fn import(text: &str) -> Result<(Option<Workflow>, Vec<ImportRemark>), UnreadableBpmn> {
    Ok(to_workflow::workflow(&read::process(text)?))
}
