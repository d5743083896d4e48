//! Converts a workflow to BPMN.

use super::{BpmnProcess, FlowNode, FlowNodeKind, SequenceFlow, TaskInstances};
use motcua_domain::names::StepId;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::{Action, Branch, Effect, Join, Step, Workflow};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

pub fn process(workflow: &Workflow, name: &str, lane: impl Fn(&Step) -> Text) -> BpmnProcess {
    let mut details = object(&json!({ "id": workflow.id }));
    if !workflow.stages.is_empty() {
        details.insert("stages".to_owned(), json!(workflow.stages));
    }
    if !workflow.legal_basis.is_empty() {
        details.insert("legal_basis".to_owned(), json!(workflow.legal_basis));
    }
    let id = format!("workflow-{}", plain(&workflow.id));
    let process = BpmnProcess { id, name: name.to_owned(), details, ..BpmnProcess::default() };
    let mut writer = ProcessWriter { workflow, process, entries: BTreeMap::new() };
    let lanes: Vec<Text> = workflow.steps.iter().map(lane).collect();
    if let (Some(step), Some(lane)) = (workflow.steps.first(), lanes.first()) {
        writer.node("start", "", lane, FlowNodeKind::Start, Map::new());
        let into = writer.entry(step, lane, "start");
        writer.flow("start", &into, "", None, Map::new());
    }
    for (step, lane) in workflow.steps.iter().zip(&lanes) {
        writer.task(step, lane);
    }
    for (step, lane) in workflow.steps.iter().zip(&lanes) {
        writer.ways(step, lane, &lanes);
    }
    writer.process
}

/// Returns the fields of a serialised value.
pub fn object(value: &impl Serialize) -> Map<String, Json> {
    match serde_json::to_value(value) {
        Ok(Json::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Returns the duration for tools without a working calendar.
pub fn duration(limit: Limit) -> String {
    match limit {
        Limit::WorkingHours(count) => format!("PT{count}H"),
        Limit::WorkingDays(count) | Limit::CalendarDays(count) => format!("P{count}D"),
    }
}

struct ProcessWriter<'a> {
    workflow: &'a Workflow,
    process: BpmnProcess,
    /// Gateways before steps: the step, and the node that leads there.
    entries: BTreeMap<(StepId, String), String>,
}

fn task_id(step: &StepId) -> String {
    format!("step-{}", plain(step.as_str()))
}

/// Returns the id with only those characters that XML allows in ids.
fn plain(id: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    id.chars().map(|letter| if allowed(letter) { letter } else { '_' }).collect()
}

impl ProcessWriter<'_> {
    fn node(&mut self, id: &str, name: &str, lane: &Text, sort: FlowNodeKind, details: Map<String, Json>) {
        let node = FlowNode { id: id.to_owned(), name: name.to_owned(), lane: lane.clone(), sort, details };
        self.process.nodes.push(node);
    }

    fn flow(&mut self, from: &str, to: &str, name: &str, when: Option<String>, details: Map<String, Json>) {
        // The id follows from the ends, so that an action that is added elsewhere changes no other id.
        let base = format!("flow-{from}-{to}");
        let mut id = base.clone();
        let mut number = 2;
        while self.process.flows.iter().any(|flow| flow.id == id) {
            id = format!("{base}-{number}");
            number += 1;
        }
        let (from, to, name) = (from.to_owned(), to.to_owned(), name.to_owned());
        self.process.flows.push(SequenceFlow { id, from, to, name, when, details });
    }

    fn task(&mut self, step: &Step, lane: &Text) {
        let mut details = object(step);
        for told in ["actions", "join"] {
            details.remove(told);
        }
        let many = step.many.as_ref().map(|many| TaskInstances {
            count: u32::try_from(many.places.len()).ok().filter(|_| !many.chosen),
            enough: many.enough,
        });
        let task = task_id(&step.id);
        self.node(&task, &step.name.vi, lane, FlowNodeKind::Task { many }, details);
        if let Some((gateway, sort)) = Self::gateway(step) {
            self.node(&gateway, "", lane, sort, object(&json!({ "joins": true })));
            self.flow(&gateway, &task, "", None, Map::new());
        }
    }

    /// Returns the gateway that joins branches before a step, if there is one.
    fn gateway(step: &Step) -> Option<(String, FlowNodeKind)> {
        let (sort, join) = match step.join {
            Join::Each => return None,
            Join::All => (FlowNodeKind::Parallel, "all"),
            Join::Begun => (FlowNodeKind::Inclusive, "begun"),
            Join::First(first) => (FlowNodeKind::Complex { first }, "first"),
        };
        Some((format!("{}-join-{join}", task_id(&step.id)), sort))
    }

    /// Returns the end of a line to the step: the task, or the gateway that joins branches before it.
    fn entry(&mut self, step: &Step, lane: &Text, source: &str) -> String {
        let task = task_id(&step.id);
        let Some((gateway, _)) = Self::gateway(step) else { return task };
        // A gateway that waits for every line must not wait for two lines if a step takes only one of them.
        if step.join != Join::All || self.lines(source, &step.id) < 2 {
            return gateway;
        }
        let key = (step.id.clone(), source.to_owned());
        if let Some(known) = self.entries.get(&key) {
            return known.clone();
        }
        let merge = format!("{task}-merge-{source}");
        self.node(&merge, "", lane, FlowNodeKind::Exclusive, Map::new());
        self.flow(&merge, &gateway, "", None, Map::new());
        self.entries.insert(key, merge.clone());
        merge
    }

    /// Returns the number of actions of the step behind the task `source` that lead to `to`.
    fn lines(&self, source: &str, to: &StepId) -> usize {
        let step = self.workflow.steps.iter().find(|step| task_id(&step.id) == source);
        step.map_or(0, |step| {
            let answers =
                |action: &Action| step.many.iter().any(|many| many.then == *to) && action.effect == Effect::Answer;
            step.actions.iter().filter(|action| action.effect.targets().any(|at| at == to) || answers(action)).count()
        })
    }

    fn ways(&mut self, step: &Step, lane: &Text, lanes: &[Text]) {
        let task = task_id(&step.id);
        let by_people = step.actions.iter().filter(|action| action.is_for_people()).count();
        let mut from = task.clone();
        if by_people > 1 || step.actions.iter().any(|action| action.is_for_people() && action.when.is_some()) {
            from = format!("{task}-choice");
            self.node(&from, "", lane, FlowNodeKind::Exclusive, Map::new());
            self.flow(&task, &from, "", None, Map::new());
        }
        for action in &step.actions {
            let mut source = from.clone();
            if let Some(after) = action.after {
                source = format!("{task}-after-{}", plain(action.id.as_str()));
                let sort = FlowNodeKind::Timer { host: task.clone(), duration: duration(after) };
                self.node(&source, &after.text().vi, lane, sort, Map::new());
            }
            self.way(step, lane, lanes, action, &source);
        }
    }

    fn way(&mut self, step: &Step, lane: &Text, lanes: &[Text], action: &Action, source: &str) {
        let task = task_id(&step.id);
        let own = format!("{task}-{}", plain(action.id.as_str()));
        let mut details = object(action);
        details.remove("when");
        details.insert("effect".to_owned(), Json::from(action.effect.name()));
        let workflow = self.workflow;
        let find = |to: &StepId| workflow.steps.iter().zip(lanes).find(|(step, _)| step.id == *to);
        let answered = step.many.as_ref().filter(|_| action.effect == Effect::Answer).map(|many| &many.then);
        let to = match &action.effect {
            Effect::Advance { to } => find(to).map(|(to, lane)| self.entry(to, lane, &task)),
            Effect::Answer => answered.and_then(find).map(|(to, lane)| self.entry(to, lane, &task)),
            Effect::RequestPayment { to } => find(to).map(|(to, there)| {
                self.node(&own, "Nộp phí, lệ phí", lane, FlowNodeKind::Wait, object(&json!({ "waits": "payment" })));
                let into = self.entry(to, there, &task);
                self.flow(&own, &into, "", None, Map::new());
                own.clone()
            }),
            Effect::RequestSupplement => {
                self.node(&own, "Bổ sung hồ sơ", lane, FlowNodeKind::Wait, object(&json!({ "waits": "supplement" })));
                self.flow(&own, &task, "", None, Map::new());
                Some(own.clone())
            }
            Effect::Split { to } => {
                self.split(&own, &task, lane, lanes, to);
                Some(own.clone())
            }
            Effect::Finish | Effect::Decline | Effect::Refuse | Effect::HandOver => {
                let whole = action.effect.ends();
                self.node(&own, "", lane, FlowNodeKind::End { whole }, Map::new());
                Some(own.clone())
            }
        };
        if let Some(to) = to {
            let when = action.when.as_ref().map(|when| when.source().to_owned());
            self.flow(source, &to, &action.name.vi, when, details);
        }
    }

    /// Adds the gateway from which branches part.
    fn split(&mut self, id: &str, task: &str, lane: &Text, lanes: &[Text], branches: &[Branch]) {
        let all = branches.iter().all(|branch| branch.when.is_none());
        let sort = if all { FlowNodeKind::Parallel } else { FlowNodeKind::Inclusive };
        self.node(id, "", lane, sort, object(&json!({ "parts": true })));
        for branch in branches {
            let Some(at) = self.workflow.index(&branch.to) else { continue };
            let into = self.entry(&self.workflow.steps[at], &lanes[at], task);
            // Every way of an inclusive gateway needs a condition, even one that always holds.
            let when = branch.when.as_ref().map(|when| when.source().to_owned());
            self.flow(id, &into, "", when.or_else(|| (!all).then(|| "true".to_owned())), Map::new());
        }
    }
}
