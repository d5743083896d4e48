//! The places of a workflow's steps and actions, for mistakes that appear only on a procedure's form.

use crate::reading::node::FileTable;
use motcua_domain::names::{ActionId, StepId};
use std::collections::BTreeMap;
use std::ops::Range;

/// The places of a workflow's steps. A step of a part stands in the file of the part.
pub type WorkflowPlaces = BTreeMap<StepId, StepPlaces>;

/// The places of a step.
#[derive(Debug, Clone, Default)]
pub struct StepPlaces {
    /// The workflow in whose file the step stands.
    pub workflow: String,
    pub id: Range<usize>,
    pub assign: Range<usize>,
    pub remind: Range<usize>,
    pub escalate: Range<usize>,
    pub basis: Range<usize>,
    pub actions: BTreeMap<ActionId, ActionPlaces>,
}

/// The places of an action.
#[derive(Debug, Clone, Default)]
pub struct ActionPlaces {
    pub when: Range<usize>,
    pub to: Range<usize>,
    /// The place of a visit.
    pub visit: Range<usize>,
    pub basis: Range<usize>,
}

impl StepPlaces {
    /// Returns the places of the step in `table`. Actions are added as they are read.
    pub fn of(workflow: &str, table: &FileTable<'_>) -> Self {
        Self {
            workflow: workflow.to_owned(),
            id: id_of(table),
            assign: table.place("assign"),
            remind: table.place("remind"),
            escalate: table.place("escalate"),
            basis: table.place("basis"),
            actions: BTreeMap::new(),
        }
    }
}

impl ActionPlaces {
    /// Returns the places of the action in `table`.
    pub fn of(table: &FileTable<'_>) -> Self {
        let of_visit = |visit: &FileTable<'_>| visit.place("place");
        let visit = table.tables_at("visit").first().map_or_else(|| table.place("visit"), of_visit);
        Self { when: table.place("when"), to: table.place("to"), visit, basis: table.place("basis") }
    }
}

/// Returns the place of a table's id, or of the table.
pub fn id_of(table: &FileTable<'_>) -> Range<usize> {
    table.place("id")
}
