//! Converts BPMN to a workflow, with a list of the parts that were not understood.

use super::of_workflow::duration;
use super::remark::{self, ImportRemark};
use super::{BpmnProcess, FlowNode, FlowNodeKind, SequenceFlow};
use motcua_domain::expression::Expression;
use motcua_domain::fold::fold;
use motcua_domain::names::StepId;
use motcua_domain::people::organisation::Role;
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::{Action, Branch, Effect, Join, Many, NationalStatus, Step, Workflow};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

pub fn workflow(process: &BpmnProcess) -> (Option<Workflow>, Vec<ImportRemark>) {
    let nodes = process.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut reader =
        WorkflowReader { process, nodes, ids: BTreeMap::new(), joins: BTreeMap::new(), remarks: Vec::new() };
    let found = reader.workflow();
    (found, reader.remarks)
}

/// The final target of a line.
enum LineTarget {
    Step(StepId),
    Parting(Vec<Branch>),
    Payment(StepId),
    Supplement,
    End { whole: bool },
}

struct WorkflowReader<'a> {
    process: &'a BpmnProcess,
    nodes: BTreeMap<&'a str, &'a FlowNode>,
    /// The steps of tasks.
    ids: BTreeMap<&'a str, StepId>,
    joins: BTreeMap<StepId, Join>,
    remarks: Vec<ImportRemark>,
}

impl<'a> WorkflowReader<'a> {
    fn remark(&mut self, element: &str, text: impl Into<Text>) {
        let remark = ImportRemark::new(element, text);
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    fn leaving(&self, id: &str) -> Vec<&'a SequenceFlow> {
        self.process.flows.iter().filter(|flow| flow.from == id).collect()
    }

    fn arriving(&self, id: &str) -> usize {
        self.process.flows.iter().filter(|flow| flow.to == id).count()
    }

    fn workflow(&mut self) -> Option<Workflow> {
        for strange in &self.process.strange {
            let name = if strange.name.is_empty() { String::new() } else { format!(" “{}”", strange.name) };
            let element = &strange.element;
            let words = text!(
                "{element}{name} không có nghĩa trong quy trình và bị bỏ qua",
                "{element}{name} has no meaning in a workflow and is left out"
            );
            self.remark(&strange.id, words);
        }
        let tasks: Vec<&FlowNode> =
            self.process.nodes.iter().filter(|node| matches!(node.sort, FlowNodeKind::Task { .. })).collect();
        for task in &tasks {
            let known = task.details.get("id").and_then(Json::as_str).map(str::to_owned);
            let id = known.unwrap_or_else(|| kebab(if task.name.is_empty() { &task.id } else { &task.name }));
            let taken = |id: &str| self.ids.values().any(|known| known.as_str() == id);
            let id = free(&id, taken);
            self.ids.insert(&task.id, StepId(id));
        }
        for node in &self.process.nodes {
            if let (Some(join), [next]) = (self.join(node), self.leaving(&node.id).as_slice())
                && let Some(step) = self.ids.get(next.to.as_str())
            {
                self.joins.insert(step.clone(), join);
            }
        }
        let mut steps: Vec<Step> = Vec::new();
        for task in &tasks {
            let step = self.step(task);
            steps.push(step);
        }
        let start = self.start();
        if let Some(at) = start.and_then(|first| steps.iter().position(|step| step.id == first)) {
            let first = steps.remove(at);
            steps.insert(0, first);
        }
        for step in &mut steps {
            step.join = self.joins.get(&step.id).copied().unwrap_or_default();
        }
        let read = |name: &str| self.process.details.get(name).cloned();
        let stages = read("stages").and_then(|stages| serde_json::from_value(stages).ok()).unwrap_or_default();
        let documents = read("legal_basis").and_then(|documents| serde_json::from_value(documents).ok());
        let id = read("id").and_then(|id| Some(id.as_str()?.to_owned()));
        let name = if self.process.name.is_empty() { &self.process.id } else { &self.process.name };
        let id = id.unwrap_or_else(|| kebab(name));
        let legal_basis = documents.unwrap_or_default();
        let workflow = Workflow { legal_basis, ..Workflow::new(id, steps, stages) };
        (!workflow.steps.is_empty()).then_some(workflow)
    }

    fn start(&mut self) -> Option<StepId> {
        let starts: Vec<&FlowNode> =
            self.process.nodes.iter().filter(|node| node.sort == FlowNodeKind::Start).collect();
        for other in starts.iter().skip(1) {
            self.remark(&other.id, remark::SECOND_START);
        }
        let Some(start) = starts.first() else {
            self.remark(&self.process.id, remark::NO_START);
            return None;
        };
        let flow = *self.leaving(&start.id).first()?;
        match self.reach(flow, "") {
            Some(LineTarget::Step(step)) => Some(step),
            _ => {
                self.remark(&start.id, remark::START_WITHOUT_TASK);
                None
            }
        }
    }

    fn step(&mut self, task: &'a FlowNode) -> Step {
        let mut step = Self::details_of(task).unwrap_or_else(|| self.guess(task));
        if let Some(id) = self.ids.get(task.id.as_str()) {
            step.id = id.clone();
        }
        if !task.name.is_empty() && step.name.vi != task.name {
            step.name = Text::vi(&task.name);
        }
        let FlowNodeKind::Task { many } = &task.sort else { return step };
        step.many = many.as_ref().map(|instances| {
            let known = step.many.take();
            if known.is_none() {
                self.remark(&task.id, remark::NOBODY_ASKED);
            }
            let unknown = || Many { places: Vec::new(), chosen: false, enough: None, then: "".into(), listed: true };
            let known = known.unwrap_or_else(unknown);
            Many { enough: instances.enough, ..known }
        });
        let mut ways = Vec::new();
        self.ways(task, &mut ways);
        let mut taken: Vec<String> = Vec::new();
        for (flow, when, after) in ways {
            let Some(mut action) = self.action(task, &mut step, flow, after) else { continue };
            let id = free(action.id.as_str(), |id| taken.iter().any(|known| known == id));
            taken.push(id.clone());
            action.id = id.as_str().into();
            action.when = when;
            step.actions.push(action);
        }
        if step.actions.is_empty() {
            self.remark(&task.id, remark::NO_WAY_ON);
        }
        step
    }

    /// Returns the step that was written beside the task.
    fn details_of(task: &FlowNode) -> Option<Step> {
        let mut details = task.details.clone();
        if let Some(Json::Object(many)) = details.get_mut("many") {
            many.entry("then").or_insert_with(|| Json::from(""));
        }
        details.insert("actions".to_owned(), Json::Array(Vec::new()));
        serde_json::from_value(Json::Object(details)).ok()
    }

    fn guess(&mut self, task: &FlowNode) -> Step {
        let first = self.process.flows.iter().any(|flow| flow.to == task.id && self.is_start(&flow.from));
        let status = if first { NationalStatus::Filed } else { NationalStatus::Processing };
        let lane = task.lane.vi.as_str();
        let role = role(lane).unwrap_or(Role::Specialist);
        let (role_name, status_name) = (role.name(), status.name());
        let words = text!(
            "vai trò `{role_name}` và trạng thái `{status_name}` được đoán từ chỗ của nó trong làn “{lane}”",
            "role `{role_name}` and status `{status_name}` are guessed from its place in lane “{lane}”"
        );
        self.remark(&task.id, words);
        Step::new("", Text::vi(if task.name.is_empty() { &task.id } else { &task.name }), role, status)
    }

    fn is_start(&self, id: &str) -> bool {
        self.nodes.get(id).is_some_and(|node| node.sort == FlowNodeKind::Start)
    }

    /// Collects the lines by which a task can be left, in the order of the document, each with a condition or a time.
    fn ways(&mut self, task: &'a FlowNode, ways: &mut Vec<(&'a SequenceFlow, Option<Expression>, Option<String>)>) {
        let direct = self.leaving(&task.id);
        if direct.len() > 1 {
            self.remark(&task.id, remark::LINES_AT_ONCE);
        }
        for flow in direct.into_iter().take(1) {
            self.choice(flow, None, ways, 0);
        }
        for node in &self.process.nodes {
            if let FlowNodeKind::Timer { host, duration } = &node.sort
                && *host == task.id
            {
                for flow in self.leaving(&node.id).into_iter().take(1) {
                    let when = self.condition(flow);
                    ways.push((flow, when, Some(duration.clone())));
                }
            }
        }
        let place = |flow: &SequenceFlow| self.process.flows.iter().position(|known| known.id == flow.id);
        ways.sort_by_key(|(flow, ..)| place(flow));
    }

    fn choice(
        &mut self,
        flow: &'a SequenceFlow,
        before: Option<Expression>,
        ways: &mut Vec<(&'a SequenceFlow, Option<Expression>, Option<String>)>,
        depth: usize,
    ) {
        let when = match (before, self.condition(flow)) {
            (Some(before), Some(when)) => {
                Expression::parse(&format!("({}) && ({})", before.source(), when.source())).ok()
            }
            (before, when) => before.or(when),
        };
        let gateway = self.nodes.get(flow.to.as_str()).copied();
        let parts =
            gateway.filter(|node| node.sort == FlowNodeKind::Exclusive && self.arriving(&node.id) == 1 && depth < 32);
        match parts {
            Some(gateway) => {
                for flow in self.leaving(&gateway.id) {
                    self.choice(flow, when.clone(), ways, depth + 1);
                }
            }
            None => ways.push((flow, when, None)),
        }
    }

    fn condition(&mut self, flow: &SequenceFlow) -> Option<Expression> {
        let source = flow.when.as_deref().filter(|source| *source != "true")?;
        match Expression::parse(source) {
            Ok(expression) => Some(expression),
            Err(_) => {
                self.remark(
                    &flow.id,
                    text!(
                        "điều kiện `{source}` không phải là CEL và bị bỏ qua",
                        "the condition `{source}` is not CEL and is left out"
                    ),
                );
                None
            }
        }
    }

    fn action(
        &mut self,
        task: &'a FlowNode,
        step: &mut Step,
        flow: &'a SequenceFlow,
        timer: Option<String>,
    ) -> Option<Action> {
        let reached = self.reach(flow, &task.id)?;
        let kind = flow.details.get("effect").and_then(Json::as_str);
        let effect = match reached {
            LineTarget::Step(to) if step.many.is_some() && kind.map_or(timer.is_none(), |kind| kind == "answer") => {
                if let Some(many) = &mut step.many {
                    many.then = to;
                }
                Effect::Answer
            }
            LineTarget::Step(to) => Effect::Advance { to },
            LineTarget::Parting(to) => Effect::Split { to },
            LineTarget::Payment(to) => Effect::RequestPayment { to },
            LineTarget::Supplement => Effect::RequestSupplement,
            LineTarget::End { whole: true } => match kind {
                Some("hand-over") => Effect::HandOver,
                Some("decline") => Effect::Decline,
                Some("refuse") => Effect::Refuse,
                _ => {
                    self.remark(&flow.id, remark::WHOLE_END);
                    Effect::Refuse
                }
            },
            LineTarget::End { whole: false } if kind == Some("finish") || self.parts() => Effect::Finish,
            LineTarget::End { whole: false } => {
                self.remark(&flow.id, remark::PLAIN_END);
                Effect::HandOver
            }
        };
        let name = if flow.name.is_empty() { step.name.vi.clone() } else { flow.name.clone() };
        let mut action =
            Self::detailed(flow, &effect).unwrap_or_else(|| Action::new(&kebab(&name), Text::vi(&name), effect));
        if action.name.vi != name && !flow.name.is_empty() {
            action.name = Text::vi(&name);
        }
        action.after = timer.and_then(|timer| self.after(flow, &timer, action.after));
        Some(action)
    }

    /// Returns whether branches part anywhere.
    fn parts(&self) -> bool {
        let parts = |node: &&FlowNode| matches!(node.sort, FlowNodeKind::Parallel | FlowNodeKind::Inclusive);
        self.process.nodes.iter().filter(parts).any(|node| self.leaving(&node.id).len() > 1)
    }

    fn detailed(flow: &SequenceFlow, effect: &Effect) -> Option<Action> {
        let mut details: Map<String, Json> = flow.details.clone();
        details.insert("effect".to_owned(), serde_json::to_value(effect).ok()?);
        serde_json::from_value(Json::Object(details)).ok()
    }

    fn after(&mut self, flow: &SequenceFlow, timer: &str, known: Option<Limit>) -> Option<Limit> {
        if let Some(known) = known.filter(|known| duration(*known) == timer) {
            return Some(known);
        }
        let read = iso(timer);
        match read {
            Some(limit) => self.remark(
                &flow.id,
                text!("thời gian `{timer}` được coi là {limit}", "the time `{timer}` is taken as {limit}"),
            ),
            None => {
                self.remark(
                    &flow.id,
                    text!(
                        "thời gian `{timer}` không có dạng P10D hoặc PT4H và bị bỏ qua",
                        "the time `{timer}` is not of the form P10D or PT4H and is left out"
                    ),
                );
            }
        }
        read
    }

    /// Follows a line to its target. `task` is its origin.
    fn reach(&mut self, flow: &'a SequenceFlow, task: &str) -> Option<LineTarget> {
        let mut at = flow;
        let mut join: Option<Join> = None;
        for _ in 0..=self.process.nodes.len() {
            let Some(node) = self.nodes.get(at.to.as_str()).copied() else {
                // An element that is left out is skipped, if it has one way on.
                if let ([next], true) = (self.leaving(&at.to).as_slice(), self.is_strange(&at.to)) {
                    at = next;
                    continue;
                }
                let to = &at.to;
                let words = text!(
                    "dẫn đến `{to}`, từ đó không có một lối đi tiếp duy nhất",
                    "leads to `{to}`, from which there is no one way on"
                );
                self.remark(&at.id, words);
                return None;
            };
            let out = self.leaving(&node.id);
            let next = match (&node.sort, out.as_slice()) {
                (FlowNodeKind::Task { .. }, _) => {
                    let step = self.ids.get(node.id.as_str())?.clone();
                    let join = join.unwrap_or_default();
                    if self.joins.insert(step.clone(), join).is_some_and(|known| known != join) {
                        self.remark(&node.id, remark::PAST_THE_JOIN);
                    }
                    return Some(LineTarget::Step(step));
                }
                (FlowNodeKind::End { whole }, _) => return Some(LineTarget::End { whole: *whole }),
                (FlowNodeKind::Wait, [next]) => return self.waits(node, next, task),
                (FlowNodeKind::Exclusive, [next]) => next,
                (FlowNodeKind::Parallel | FlowNodeKind::Inclusive, branches)
                    if node.details.contains_key("parts") || branches.len() > 1 && self.arriving(&node.id) == 1 =>
                {
                    return Some(self.parting(branches));
                }
                (FlowNodeKind::Parallel | FlowNodeKind::Inclusive | FlowNodeKind::Complex { .. }, [next]) => {
                    join = self.join(node).or(join);
                    if join.is_some() && !self.ids.contains_key(next.to.as_str()) {
                        self.remark(&node.id, remark::JOIN_WITHOUT_TASK);
                        return None;
                    }
                    next
                }
                _ => {
                    self.remark(&node.id, remark::UNFIT_GATEWAY);
                    return None;
                }
            };
            at = next;
        }
        self.remark(&flow.id, remark::ROUND);
        None
    }

    /// Returns the way in which a gateway joins branches, if it does.
    fn join(&self, node: &FlowNode) -> Option<Join> {
        let joins = self.arriving(&node.id) > 1 || node.details.contains_key("joins");
        match node.sort {
            FlowNodeKind::Parallel if joins => Some(Join::All),
            FlowNodeKind::Inclusive if joins => Some(Join::Begun),
            FlowNodeKind::Complex { first } if joins => Some(Join::First(first)),
            _ => None,
        }
    }

    fn is_strange(&self, id: &str) -> bool {
        self.process.strange.iter().any(|strange| strange.id == id)
    }

    fn waits(&mut self, node: &FlowNode, next: &'a SequenceFlow, task: &str) -> Option<LineTarget> {
        let payment = node.details.get("waits").and_then(Json::as_str) == Some("payment");
        if next.to == task && !payment {
            return Some(LineTarget::Supplement);
        }
        let Some(LineTarget::Step(to)) = self.reach(next, task) else {
            self.remark(&node.id, remark::WAIT_WITHOUT_TASK);
            return None;
        };
        if !payment {
            self.remark(&node.id, remark::WAIT_FOR_PAYMENT);
        }
        Some(LineTarget::Payment(to))
    }

    fn parting(&mut self, flows: &[&'a SequenceFlow]) -> LineTarget {
        let mut branches = Vec::new();
        for flow in flows {
            match self.reach(flow, "") {
                Some(LineTarget::Step(to)) => branches.push(Branch { to, when: self.condition(flow) }),
                _ => self.remark(&flow.id, remark::BRANCH_WITHOUT_TASK),
            }
        }
        LineTarget::Parting(branches)
    }
}

/// Reads `P10D`, `PT4H`.
fn iso(text: &str) -> Option<Limit> {
    let count = |inner: &str| inner.parse().ok().filter(|count| (1..=3660).contains(count));
    let hours =
        text.strip_prefix("PT").and_then(|rest| rest.strip_suffix('H')).and_then(count).map(Limit::WorkingHours);
    hours.or_else(|| text.strip_prefix('P')?.strip_suffix('D').and_then(count).map(Limit::CalendarDays))
}

/// Returns the role that the name of a lane means.
fn role(lane: &str) -> Option<Role> {
    const WORDS: [(&str, Role); 11] = [
        ("mot cua", Role::Counter),
        ("tiep nhan", Role::Counter),
        ("counter", Role::Counter),
        ("lanh dao", Role::Leader),
        ("leader", Role::Leader),
        ("truong phong", Role::UnitHead),
        ("head", Role::UnitHead),
        ("tham dinh", Role::Appraiser),
        ("appraise", Role::Appraiser),
        ("nguoi nop", Role::Applicant),
        ("applicant", Role::Applicant),
    ];
    let lane = fold(lane);
    WORDS.iter().find(|(word, _)| lane.contains(word)).map(|(_, role)| *role)
}

/// Returns words with hyphens, in the form of ids.
fn kebab(text: &str) -> String {
    let folded = fold(text);
    let words: Vec<&str> =
        folded.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let id = words.join("-");
    if id.starts_with(|letter: char| letter.is_ascii_alphabetic()) { id } else { format!("step-{id}") }
}

/// Returns the id, or the id with a number, that does not exist yet.
fn free(id: &str, taken: impl Fn(&str) -> bool) -> String {
    let others = (2..).map(|number| format!("{id}-{number}"));
    std::iter::once(id.to_owned()).chain(others).find(|id| !taken(id)).unwrap_or_default()
}
