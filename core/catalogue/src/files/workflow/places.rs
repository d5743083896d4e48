//! The places of a workflow's steps and actions, for mistakes that appear only on a procedure's form.

use crate::reading::node::{FileTable, ListItem, Placed};
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
    pub stage: Range<usize>,
    pub join: Range<usize>,
    /// The units that are asked.
    pub units: Range<usize>,
    /// The number of answers that suffice.
    pub enough: Range<usize>,
    /// The other steps that it names, without the targets of actions.
    pub named: BTreeMap<String, Range<usize>>,
    /// The questions to the officer.
    pub fields: BTreeMap<String, Range<usize>>,
    pub actions: BTreeMap<ActionId, ActionPlaces>,
}

/// The places of an action.
#[derive(Debug, Clone, Default)]
pub struct ActionPlaces {
    pub id: Range<usize>,
    pub effect: Range<usize>,
    pub requires: Range<usize>,
    pub after: Range<usize>,
    pub during: Range<usize>,
    pub when: Range<usize>,
    pub to: Range<usize>,
    /// The place of a visit.
    pub visit: Range<usize>,
    pub basis: Range<usize>,
}

impl StepPlaces {
    /// Returns the places of the step in `table`. Actions are added as they are read.
    pub fn of(workflow: &str, table: &FileTable<'_>) -> Self {
        let ask = table.tables_at("ask").into_iter().next();
        let in_ask = |key: &str| ask.as_ref().map_or_else(|| table.place("ask"), |ask| ask.place(key));
        let own = |field: &FileTable<'_>| field.string("id").map(|id| (id.value, id.span));
        Self {
            workflow: workflow.to_owned(),
            id: id_of(table),
            assign: table.place("assign"),
            remind: table.place("remind"),
            escalate: table.place("escalate"),
            basis: table.place("basis"),
            stage: table.place("stage"),
            join: table.place("join"),
            units: in_ask("units"),
            enough: in_ask("enough"),
            named: named_by(table),
            fields: table.tables("field").iter().filter_map(own).collect(),
            actions: BTreeMap::new(),
        }
    }
}

impl ActionPlaces {
    /// Returns the places of the action in `table`.
    pub fn of(table: &FileTable<'_>) -> Self {
        let of_visit = |visit: &FileTable<'_>| visit.place("place");
        let visit = table.tables_at("visit").first().map_or_else(|| table.place("visit"), of_visit);
        Self {
            id: id_of(table),
            effect: table.place("effect"),
            requires: table.place("requires"),
            after: table.place("after"),
            during: table.place("during"),
            when: table.place("when"),
            to: table.place("to"),
            visit,
            basis: table.place("basis"),
        }
    }
}

/// Returns the places at which a step names other steps, without the targets of actions.
fn named_by(table: &FileTable<'_>) -> BTreeMap<String, Range<usize>> {
    let mut named: Vec<Placed<String>> = table.table("ask").and_then(|ask| ask.string("then")).into_iter().collect();
    for action in table.tables("action") {
        named.extend(action.string("during"));
        let text = |item| if let ListItem::Text(text) = item { Some(text) } else { None };
        named.extend(action.mixed("cancels").into_iter().filter_map(text));
    }
    named.into_iter().map(|step| (step.value, step.span)).collect()
}

/// Returns the place of a table's id, or of the table.
pub fn id_of(table: &FileTable<'_>) -> Range<usize> {
    table.place("id")
}
