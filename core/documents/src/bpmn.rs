//! Workflows as BPMN 2.0, so that other tools can show and edit them, and back.
//!
//! The way of a dossier is told in BPMN itself: tasks in lanes, gateways, timers at tasks, events that wait for the
//! applicant, ends. What BPMN has no word for (posts, working time, officers' forms, what an action requires) stands in
//! extension elements beside it. Reading looks at the flow first, so what another tool changed counts.

mod of_workflow;
mod read;
mod to_workflow;
mod write;

use motcua_domain::text::Text;
use motcua_domain::workflow::{Step, Workflow};
use serde_json::{Map, Value as Json};

pub use to_workflow::Remark;

const MODEL: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const EXTENSIONS: &str = "urn:motcua:workflow:1";

/// A process as BPMN draws it.
#[derive(Debug, Clone, PartialEq, Default)]
struct Process {
    id: String,
    name: String,
    details: Map<String, Json>,
    nodes: Vec<Node>,
    flows: Vec<Flow>,
    /// Elements that were read and are none of those below.
    strange: Vec<Strange>,
}

/// An element that Motcua has no meaning for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Strange {
    id: String,
    element: String,
    name: String,
}

/// Something that stands in the flow.
#[derive(Debug, Clone, PartialEq)]
struct Node {
    id: String,
    name: String,
    lane: Text,
    sort: Sort,
    details: Map<String, Json>,
}

#[derive(Debug, Clone, PartialEq)]
enum Sort {
    Start,
    End {
        /// The whole process ends here, whatever else is open.
        whole: bool,
    },
    Task {
        many: Option<Instances>,
    },
    Exclusive,
    Parallel,
    Inclusive,
    /// Goes on when so many have arrived.
    Complex {
        first: u32,
    },
    /// Waits for a message from outside.
    Wait,
    /// Stands at the edge of the task with this id and ends it when the time has passed.
    Timer {
        host: String,
        /// ISO 8601.
        duration: String,
    },
}

/// A task that is done by several at once.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Instances {
    count: Option<u32>,
    enough: Option<u32>,
}

/// A line from one node to another.
#[derive(Debug, Clone, PartialEq)]
struct Flow {
    id: String,
    from: String,
    to: String,
    name: String,
    when: Option<String>,
    details: Map<String, Json>,
}

/// A file that is not BPMN that can be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it is not XML: {0}")]
    Xml(#[from] quick_xml::Error),
    #[error("an attribute is not XML: {0}")]
    Attribute(#[from] quick_xml::events::attributes::AttrError),
    #[error("{0}")]
    Other(String),
}

/// The workflow as a BPMN document with its diagram; `lane` gives who takes a step.
pub fn export(workflow: &Workflow, name: &str, lane: impl Fn(&Step) -> Text) -> String {
    write::document(&of_workflow::process(workflow, name, lane))
}

/// The workflow that a BPMN document describes, and everything of it that was not understood or had to be guessed.
/// There is no workflow if nothing of it can be kept.
pub fn import(text: &str) -> Result<(Option<Workflow>, Vec<Remark>), Unreadable> {
    Ok(to_workflow::workflow(&read::process(text)?))
}
