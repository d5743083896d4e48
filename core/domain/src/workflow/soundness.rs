//! Checks that no dossier can get stuck on a workflow: explores every state that a dossier can reach.
//!
//! The states are those of the net ([`crate::workflow::net`]). Answers are not known yet, so a condition may hold or not, and a
//! parting may take any of its branches. The search explores the shortest ways first, so the report of a mistake has
//! the fewest actions that lead to it.

use crate::names::{ActionId, StageId, StepId};
use crate::people::organisation::Role;
use crate::workflow::net::{Arrival, Net, NetMove, StepIndex};
use crate::workflow::{Action, Branch, Cancels, Effect, Join, Requirement, Workflow};
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// The most states that the check explores before it gives up.
pub const MOST_STATES: usize = 20_000;

/// The most times that a step may be open at once.
pub const MOST_AT_ONCE: usize = 4;

/// The most branches with conditions of a parting.
pub const MOST_CHOICES: usize = 8;

/// The actions that lead to a state, from the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActionPath(pub Vec<(StepId, ActionId)>);

impl fmt::Display for ActionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("from the beginning");
        }
        f.write_str("after ")?;
        for (number, (step, action)) in self.0.iter().enumerate() {
            let arrow = if number == 0 { "" } else { ", " };
            write!(f, "{arrow}`{action}` at `{step}`")?;
        }
        Ok(())
    }
}

/// A defect that makes a workflow unfit to run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    #[error("a workflow needs at least one step")]
    NoSteps,
    #[error("two steps are called `{0}`")]
    DuplicateStep(StepId),
    #[error("step `{0}` offers two actions called `{1}`")]
    DuplicateAction(StepId, ActionId),
    #[error("action `{1}` of step `{0}` leads to `{2}`, which is not a step")]
    UnknownTarget(StepId, ActionId, StepId),
    #[error("step `{0}` names `{1}`, which is not a step")]
    UnknownStep(StepId, StepId),
    #[error("step `{0}` belongs to the stage `{1}`, which is not declared")]
    UnknownStage(StepId, StageId),
    #[error("a dossier begins at `{0}`, so it can neither join branches nor be taken several times")]
    FirstNotPlain(StepId),
    #[error("action `{1}` of step `{0}` needs an assignee but does not lead to another step")]
    AssigneeWithoutStep(StepId, ActionId),
    #[error(
        "action `{1}` of step `{0}` asks for payment and leads to a step that joins branches or is taken several times"
    )]
    PaymentIntoJoin(StepId, ActionId),
    #[error("action `{1}` of step `{0}` parts into no branch, or into the same one twice")]
    BadSplit(StepId, ActionId),
    #[error("action `{1}` of step `{0}` parts into more than {MOST_CHOICES} branches with conditions")]
    ManyChoices(StepId, ActionId),
    #[error("action `{1}` of step `{0}` is an answer, but the step is not taken several times")]
    AnswerOfOne(StepId, ActionId),
    #[error("action `{1}` of step `{0}` leads on, but the step is taken several times: each who is asked answers")]
    MoveOfMany(StepId, ActionId),
    #[error(
        "step `{0}` is taken several times, but asks nobody, one unit twice, or fewer than the answers that are enough"
    )]
    BadMany(StepId),
    #[error("step `{0}` is taken several times, but none of its actions answers")]
    NoAnswer(StepId),
    #[error("two actions of step `{0}` are taken by time")]
    TwoTimers(StepId),
    #[error("action `{1}` of step `{0}` is taken by time, so it cannot require anything of a person")]
    TimerRequires(StepId, ActionId),
    #[error("step `{0}` belongs to the applicant, who cannot take action `{1}`: {2}")]
    NotForApplicants(StepId, ActionId, &'static str),
    #[error("`{0}` joins the first {1} branches, but only {2} lead to it")]
    JoinOfFewer(StepId, u32, usize),
    #[error("no sequence of actions leads to step `{0}`")]
    DeadStep(StepId),
    #[error("step `{0}` never begins: branches come to it ({1}), but never those that it waits for")]
    JoinNeverFires(StepId, ActionPath),
    #[error("action `{1}` of step `{0}` can never be taken: the dossier is never at `{2}` meanwhile")]
    DeadAction(StepId, ActionId, StepId),
    #[error("the dossier gets stuck {way}: nothing can be done any more, and {left}")]
    Deadlock { step: StepId, way: ActionPath, left: String },
    #[error("the dossier can end {way} while {left}")]
    ImproperEnd { step: StepId, way: ActionPath, left: String },
    #[error("no sequence of actions leads to an end {way}: the dossier goes round at {round}")]
    NoEnd { step: StepId, way: ActionPath, round: String },
    #[error("{way} the dossier goes round at {round}, and only time leads out: no person can end it")]
    OnlyTimeEnds { step: StepId, way: ActionPath, round: String },
    #[error(
        "step `{step}` can be open or waited for more than {MOST_AT_ONCE} times at once {way}: branches part again and again and are not joined"
    )]
    Crowded { step: StepId, way: ActionPath },
    #[error("the workflow has more than {0} states, so it cannot be checked: give fewer branches to one parting")]
    TooLarge(usize),
}

impl Unsound {
    /// Returns the step of the problem.
    pub const fn step(&self) -> Option<&StepId> {
        match self {
            Self::NoSteps | Self::TooLarge(_) => None,
            Self::DuplicateStep(step)
            | Self::DuplicateAction(step, _)
            | Self::UnknownTarget(step, ..)
            | Self::UnknownStep(step, _)
            | Self::UnknownStage(step, _)
            | Self::FirstNotPlain(step)
            | Self::AssigneeWithoutStep(step, _)
            | Self::PaymentIntoJoin(step, _)
            | Self::BadSplit(step, _)
            | Self::ManyChoices(step, _)
            | Self::AnswerOfOne(step, _)
            | Self::MoveOfMany(step, _)
            | Self::BadMany(step)
            | Self::NoAnswer(step)
            | Self::TwoTimers(step)
            | Self::TimerRequires(step, _)
            | Self::NotForApplicants(step, ..)
            | Self::JoinOfFewer(step, ..)
            | Self::DeadStep(step)
            | Self::JoinNeverFires(step, _)
            | Self::DeadAction(step, ..)
            | Self::Deadlock { step, .. }
            | Self::ImproperEnd { step, .. }
            | Self::NoEnd { step, .. }
            | Self::OnlyTimeEnds { step, .. }
            | Self::Crowded { step, .. } => Some(step),
        }
    }
}

impl Workflow {
    /// Returns all defects that make the workflow unfit to run. Empty if the workflow is sound.
    pub fn problems(&self) -> Vec<Unsound> {
        let mut problems = Vec::new();
        StructureCheck { workflow: self, problems: &mut problems }.check();
        if problems.is_empty() { StateGraph::explore(self).problems() } else { problems }
    }
}

impl Workflow {
    /// Returns whether a dossier in this state can end after any actions, without getting stuck.
    pub fn ends_from(&self, open: &[StepIndex], arrived: &[Arrival]) -> bool {
        let mut state = NetState { open: open.to_vec(), arrived: arrived.to_vec() };
        state.open.sort_unstable();
        state.arrived.sort_unstable();
        let states = StateGraph::explore_from(self, state);
        let stuck = |problem: &Unsound| {
            !matches!(problem, Unsound::DeadStep(_) | Unsound::DeadAction(..) | Unsound::JoinNeverFires(..))
        };
        !states.problems().iter().any(stuck)
    }
}

/// The checks of the structure, before any move.
struct StructureCheck<'a> {
    workflow: &'a Workflow,
    problems: &'a mut Vec<Unsound>,
}

impl StructureCheck<'_> {
    fn check(&mut self) {
        let workflow = self.workflow;
        let Some(first) = workflow.steps.first() else {
            self.problems.push(Unsound::NoSteps);
            return;
        };
        if first.join != Join::Each || first.many.is_some() {
            self.problems.push(Unsound::FirstNotPlain(first.id.clone()));
        }
        let mut ids = BTreeSet::new();
        for step in &workflow.steps {
            if !ids.insert(&step.id) {
                self.problems.push(Unsound::DuplicateStep(step.id.clone()));
            }
            if let Some(stage) = step.stage.as_ref().filter(|stage| workflow.stage(stage).is_none()) {
                self.problems.push(Unsound::UnknownStage(step.id.clone(), stage.clone()));
            }
            if step.actions.iter().filter(|action| action.after.is_some()).count() > 1 {
                self.problems.push(Unsound::TwoTimers(step.id.clone()));
            }
            self.many(step);
            let mut actions = BTreeSet::new();
            for action in &step.actions {
                if !actions.insert(&action.id) {
                    self.problems.push(Unsound::DuplicateAction(step.id.clone(), action.id.clone()));
                }
                self.action(step, action);
            }
        }
        for step in &workflow.steps {
            let sources = workflow.steps.iter().filter(|from| from.targets().any(|to| *to == step.id)).count();
            if let Join::First(enough) = step.join
                && (enough == 0 || usize::try_from(enough).is_ok_and(|enough| enough > sources))
            {
                self.problems.push(Unsound::JoinOfFewer(step.id.clone(), enough, sources));
            }
        }
    }

    fn many(&mut self, step: &crate::workflow::Step) {
        let Some(many) = &step.many else { return };
        let places: BTreeSet<_> = many.places.iter().collect();
        let enough = usize::try_from(many.enough.unwrap_or(1)).unwrap_or(usize::MAX);
        if places.is_empty() || places.len() != many.places.len() || enough == 0 || enough > places.len() {
            self.problems.push(Unsound::BadMany(step.id.clone()));
        }
        if !step.actions.iter().any(|action| action.effect == Effect::Answer) {
            self.problems.push(Unsound::NoAnswer(step.id.clone()));
        }
        if self.workflow.step(&many.then).is_none() {
            self.problems.push(Unsound::UnknownStep(step.id.clone(), many.then.clone()));
        }
    }

    fn action(&mut self, step: &crate::workflow::Step, action: &Action) {
        let (at, id) = (|| step.id.clone(), || action.id.clone());
        let workflow = self.workflow;
        for to in action.effect.targets().filter(|to| workflow.step(to).is_none()) {
            self.problems.push(Unsound::UnknownTarget(at(), id(), to.clone()));
        }
        let cancelled: &[StepId] = if let Cancels::Steps(steps) = &action.cancels { steps } else { &[] };
        for named in action.during.iter().chain(cancelled).filter(|named| workflow.step(named).is_none()) {
            self.problems.push(Unsound::UnknownStep(at(), named.clone()));
        }
        let leads_on = action.effect.targets().next().is_some();
        if action.requires.contains(&Requirement::Assignee) && !leads_on {
            self.problems.push(Unsound::AssigneeWithoutStep(at(), id()));
        }
        if let Effect::RequestPayment { to } = &action.effect
            && workflow.step(to).is_some_and(|to| to.join != Join::Each || to.many.is_some())
        {
            self.problems.push(Unsound::PaymentIntoJoin(at(), id()));
        }
        if let Effect::Split { to } = &action.effect {
            let targets: BTreeSet<&StepId> = to.iter().map(|branch| &branch.to).collect();
            if targets.is_empty() || targets.len() != to.len() {
                self.problems.push(Unsound::BadSplit(at(), id()));
            }
            if to.iter().filter(|branch| branch.when.is_some()).count() > MOST_CHOICES {
                self.problems.push(Unsound::ManyChoices(at(), id()));
            }
        }
        match (&step.many, &action.effect) {
            (None, Effect::Answer) => self.problems.push(Unsound::AnswerOfOne(at(), id())),
            (Some(_), Effect::Finish) => self.problems.push(Unsound::MoveOfMany(at(), id())),
            (Some(_), _) if leads_on => self.problems.push(Unsound::MoveOfMany(at(), id())),
            _ => {}
        }
        if action.after.is_some() && (!action.requires.is_empty() || action.effect == Effect::RequestSupplement) {
            self.problems.push(Unsound::TimerRequires(at(), id()));
        }
        if step.role == Role::Applicant && action.is_for_people() {
            let why = match &action.effect {
                Effect::Advance { .. } | Effect::Split { .. } | Effect::Finish if action.requires.is_empty() => return,
                Effect::Advance { .. } | Effect::Split { .. } | Effect::Finish => "it requires what officers give",
                _ => "it is an officer's decision",
            };
            self.problems.push(Unsound::NotForApplicants(at(), id(), why));
        }
    }
}

/// The state of a dossier: the open steps and the waiting branches, both in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct NetState {
    open: Vec<StepIndex>,
    arrived: Vec<Arrival>,
}

/// An action that leads from one state to another.
#[derive(Debug, Clone, Copy)]
struct StateEdge {
    from: usize,
    to: usize,
    /// A person takes the action, not the timer.
    by_person: bool,
}

/// All states. The first is the beginning, and the state [`StateGraph::END`] is the end.
struct StateGraph<'a> {
    net: Net<'a>,
    all: Vec<NetState>,
    /// The first way to each state: the previous state, the step and its action.
    reached: Vec<Option<(usize, StepIndex, usize)>>,
    known: HashMap<NetState, usize>,
    edges: Vec<StateEdge>,
    begun: BTreeSet<StepIndex>,
    taken: BTreeSet<(StepIndex, usize)>,
    improper: Option<(usize, StepIndex, usize, NetState)>,
    crowded: Option<(usize, StepIndex)>,
    too_large: bool,
}

impl<'a> StateGraph<'a> {
    const END: usize = 0;
    const BEGINNING: usize = 1;

    fn explore(workflow: &'a Workflow) -> Self {
        Self::explore_from(workflow, NetState { open: vec![0], arrived: Vec::new() })
    }

    fn explore_from(workflow: &'a Workflow, beginning: NetState) -> Self {
        let end = NetState::default();
        let mut states = Self {
            net: Net::new(workflow),
            known: HashMap::from([(beginning.clone(), Self::BEGINNING)]),
            begun: beginning.open.iter().copied().collect(),
            all: vec![end, beginning],
            reached: vec![None, None],
            edges: Vec::new(),
            taken: BTreeSet::new(),
            improper: None,
            crowded: None,
            too_large: false,
        };
        let mut next = Self::BEGINNING;
        while next < states.all.len() && states.crowded.is_none() && !states.too_large {
            states.follow(next);
            next += 1;
        }
        states
    }

    /// Takes every action that is open in a state.
    fn follow(&mut self, at: usize) {
        let state = self.all[at].clone();
        for (place, &step) in state.open.iter().enumerate() {
            if place > 0 && state.open[place - 1] == step {
                continue;
            }
            let workflow = self.net.workflow;
            for (number, action) in workflow.steps[step].actions.iter().enumerate() {
                let met = |named: &StepId| {
                    state.open.iter().enumerate().any(|(other, at)| other != place && workflow.steps[*at].id == *named)
                };
                if action.during.as_ref().is_none_or(met) {
                    self.taken.insert((step, number));
                    self.take(at, &state, place, (step, number));
                }
            }
        }
    }

    fn take(&mut self, at: usize, state: &NetState, place: usize, (step, number): (StepIndex, usize)) {
        let workflow = self.net.workflow;
        let action = &workflow.steps[step].actions[number];
        let index = |id: &StepId| workflow.index(id);
        let ways: Vec<Vec<StepIndex>> = match &action.effect {
            // With or without a request, the dossier stays where it is.
            Effect::RequestSupplement => return self.edge(at, at, action),
            Effect::Advance { to } | Effect::RequestPayment { to } => vec![index(to).into_iter().collect()],
            Effect::Answer => vec![workflow.steps[step].many.iter().filter_map(|many| index(&many.then)).collect()],
            Effect::Split { to } => choices(workflow, to),
            Effect::Finish | Effect::Decline | Effect::Refuse | Effect::HandOver => vec![Vec::new()],
        };
        for to in ways {
            let moving = NetMove { leaves: place, ends: &[], cancels: &action.cancels, to: &to };
            let moved = self.net.play(&state.open, &state.arrived, moving);
            self.begun.extend(&moved.begins);
            let kept = (0..state.open.len()).filter(|other| !moved.ended.contains(other)).map(|kept| state.open[kept]);
            let mut open: Vec<StepIndex> = kept.chain(moved.begins).collect();
            open.sort_unstable();
            let after = NetState { open, arrived: moved.arrived };
            let waiting = after.arrived.iter().any(|branch| !branch.spent);
            if action.effect.ends() {
                let cut_off = !after.open.is_empty() || waiting;
                if action.effect == Effect::HandOver && cut_off && self.improper.is_none() {
                    self.improper = Some((at, step, number, after));
                }
                self.edge(at, Self::END, action);
            } else if after.open.is_empty() && !waiting {
                self.edge(at, Self::END, action);
            } else {
                self.arrive(at, (step, number), after);
            }
        }
    }

    fn arrive(&mut self, at: usize, by: (StepIndex, usize), after: NetState) {
        let number = match self.known.get(&after) {
            Some(known) => *known,
            None => {
                let number = self.all.len();
                if let Some(step) = crowded(&after) {
                    self.crowded.get_or_insert((number, step));
                }
                self.too_large |= number > MOST_STATES;
                self.known.insert(after.clone(), number);
                self.all.push(after);
                self.reached.push(Some((at, by.0, by.1)));
                number
            }
        };
        let action = &self.net.workflow.steps[by.0].actions[by.1];
        self.edge(at, number, action);
    }

    fn edge(&mut self, from: usize, to: usize, action: &Action) {
        self.edges.push(StateEdge { from, to, by_person: action.is_for_people() });
    }

    fn id(&self, step: StepIndex) -> StepId {
        self.net.workflow.steps[step].id.clone()
    }

    fn way(&self, to: usize) -> ActionPath {
        let mut way = Vec::new();
        let mut at = to;
        while let Some((before, step, action)) = self.reached[at] {
            way.push((self.id(step), self.net.workflow.steps[step].actions[action].id.clone()));
            at = before;
        }
        way.reverse();
        ActionPath(way)
    }

    /// Returns the open steps and the waiting branches, in words.
    fn left(&self, state: &NetState) -> String {
        let mut parts: Vec<String> = state.open.iter().map(|step| format!("`{}` is open", self.id(*step))).collect();
        for branch in state.arrived.iter().filter(|branch| !branch.spent) {
            parts.push(format!("a branch from `{}` waits at `{}`", self.id(branch.from), self.id(branch.to)));
        }
        parts.dedup();
        parts.join(" and ")
    }

    fn place(&self, state: &NetState) -> StepId {
        let waiting = state.arrived.iter().find(|branch| !branch.spent).map(|branch| branch.to);
        self.id(state.open.first().copied().or(waiting).unwrap_or(0))
    }

    fn problems(&self) -> Vec<Unsound> {
        if self.too_large {
            return vec![Unsound::TooLarge(MOST_STATES)];
        }
        if let Some((state, step)) = self.crowded {
            return vec![Unsound::Crowded { step: self.id(step), way: self.way(state) }];
        }
        let mut problems = self.dead();
        if let Some((state, step, action, after)) = &self.improper {
            let mut way = self.way(*state);
            way.0.push((self.id(*step), self.net.workflow.steps[*step].actions[*action].id.clone()));
            problems.push(Unsound::ImproperEnd { step: self.id(*step), way, left: self.left(after) });
        }
        let mut leads_on = vec![false; self.all.len()];
        for edge in &self.edges {
            leads_on[edge.from] = true;
        }
        let stuck: BTreeSet<usize> = (Self::BEGINNING..self.all.len()).filter(|at| !leads_on[*at]).collect();
        if let Some(&at) = stuck.first() {
            let state = &self.all[at];
            problems.push(Unsound::Deadlock { step: self.place(state), way: self.way(at), left: self.left(state) });
        }
        let ending = self.leading_to(stuck.iter().copied().chain([Self::END]), |_| true);
        if let Some(at) = (Self::BEGINNING..self.all.len()).find(|at| !ending.contains(at)) {
            let (step, way, round) = self.round(at);
            problems.push(Unsound::NoEnd { step, way, round });
        }
        let by_people = self.leading_to(stuck.into_iter().chain([Self::END]), |edge| edge.by_person);
        let timed = |at: &usize| ending.contains(at) && !by_people.contains(at);
        if let Some(at) = self.on_rounds((Self::BEGINNING..self.all.len()).filter(timed).collect()) {
            let (step, way, round) = self.round(at);
            problems.push(Unsound::OnlyTimeEnds { step, way, round });
        }
        problems
    }

    fn round(&self, at: usize) -> (StepId, ActionPath, String) {
        let state = &self.all[at];
        let mut steps: Vec<String> = state.open.iter().map(|step| format!("`{}`", self.id(*step))).collect();
        steps.dedup();
        (self.place(state), self.way(at), steps.join(" and "))
    }

    /// Returns steps that never begin, and actions that can never be taken.
    fn dead(&self) -> Vec<Unsound> {
        let mut problems = Vec::new();
        for (number, step) in self.net.workflow.steps.iter().enumerate() {
            if !self.begun.contains(&number) {
                let comes = |state: &NetState| state.arrived.iter().any(|branch| branch.to == number);
                problems.push(match self.all.iter().position(comes) {
                    Some(state) => Unsound::JoinNeverFires(step.id.clone(), self.way(state)),
                    None => Unsound::DeadStep(step.id.clone()),
                });
                continue;
            }
            for (at, action) in step.actions.iter().enumerate() {
                if let (Some(during), false) = (&action.during, self.taken.contains(&(number, at))) {
                    problems.push(Unsound::DeadAction(step.id.clone(), action.id.clone(), during.clone()));
                }
            }
        }
        problems
    }

    /// Returns the states from which edges that `count` accepts lead to one of `ends`.
    fn leading_to(&self, ends: impl Iterator<Item = usize>, count: impl Fn(&StateEdge) -> bool) -> BTreeSet<usize> {
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.all.len()];
        for edge in self.edges.iter().filter(|edge| count(edge)) {
            before[edge.to].push(edge.from);
        }
        let mut found: BTreeSet<usize> = ends.collect();
        let mut open: Vec<usize> = found.iter().copied().collect();
        while let Some(at) = open.pop() {
            open.extend(before[at].iter().copied().filter(|from| found.insert(*from)));
        }
        found
    }

    /// Returns the first of these states that lies on a cycle within them.
    fn on_rounds(&self, mut within: BTreeSet<usize>) -> Option<usize> {
        loop {
            let inner =
                |edge: &&StateEdge| edge.from != edge.to && within.contains(&edge.from) && within.contains(&edge.to);
            let leads: BTreeSet<usize> = self.edges.iter().filter(inner).map(|edge| edge.from).collect();
            if leads.len() == within.len() {
                return within.first().copied();
            }
            within = leads;
        }
    }
}

/// Returns a step that is open too often, or at which too many branches from the same step wait.
fn crowded(state: &NetState) -> Option<StepIndex> {
    let open = state.open.iter().filter(|step| state.open.iter().filter(|other| other == step).count() > MOST_AT_ONCE);
    let waiting = state
        .arrived
        .iter()
        .filter(|branch| state.arrived.iter().filter(|other| other == branch).count() > MOST_AT_ONCE)
        .map(|branch| branch.to);
    open.copied().chain(waiting).next()
}

/// Returns the sets of branches that a parting may take: all sure branches, and any of those with conditions, at least
/// one.
fn choices(workflow: &Workflow, branches: &[Branch]) -> Vec<Vec<StepIndex>> {
    let index = |branch: &Branch| workflow.index(&branch.to);
    let sure: Vec<StepIndex> = branches.iter().filter(|branch| branch.when.is_none()).filter_map(index).collect();
    let open: Vec<StepIndex> = branches.iter().filter(|branch| branch.when.is_some()).filter_map(index).collect();
    (0_u32..1 << open.len())
        .map(|set| {
            let chosen = open.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, step)| *step);
            sure.iter().copied().chain(chosen).collect::<Vec<_>>()
        })
        .filter(|way| !way.is_empty())
        .collect()
}
