//! The moves of a dossier on its workflow: branches part, wait for one another and go on.
//!
//! This is the token game of a workflow net. A dossier is open at some steps. At a step that joins branches, the
//! arrived branches wait until the step can begin. Deciding a command and checking a workflow use the same rules.

use crate::names::StepId;
use crate::workflow::{Cancels, Join, Workflow};
use serde::{Deserialize, Serialize};

/// The index of a step in [`Workflow::steps`].
pub type StepIndex = usize;

/// A branch that waits at a step which joins several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arrival {
    pub to: StepIndex,
    pub from: StepIndex,
    /// The step has begun already. The branch passes and is only counted.
    pub spent: bool,
}

/// An [`Arrival`] as events store it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedArrival {
    pub to: StepId,
    pub from: StepId,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spent: bool,
}

/// A move on the net.
#[derive(Debug, Clone, Copy)]
pub struct NetMove<'a> {
    /// The index of the open step that is left.
    pub leaves: usize,
    /// The indexes of other open steps that end with it.
    pub ends: &'a [usize],
    pub cancels: &'a Cancels,
    /// The steps to which the branch goes.
    pub to: &'a [StepIndex],
}

/// The result of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetMoved {
    /// The indexes of the steps that end, including the one that moved.
    pub ended: Vec<usize>,
    /// The steps that begin, in order.
    pub begins: Vec<StepIndex>,
    /// All branches that wait after the move.
    pub arrived: Vec<Arrival>,
}

/// A workflow with the data that its joins need.
#[derive(Debug)]
pub struct Net<'a> {
    pub workflow: &'a Workflow,
    /// The steps that join branches, each with the steps that lead to it.
    joins: Vec<(StepIndex, Vec<StepIndex>)>,
}

impl<'a> Net<'a> {
    /// Returns the net of a workflow.
    pub fn new(workflow: &'a Workflow) -> Self {
        let leads = |from: StepIndex, to: StepIndex| {
            workflow.steps[from].targets().any(|target| *target == workflow.steps[to].id)
        };
        let all = 0..workflow.steps.len();
        let joins = all
            .clone()
            .filter(|at| workflow.steps[*at].join != Join::Each)
            .map(|at| (at, all.clone().filter(|from| leads(*from, at)).collect()))
            .collect();
        Self { workflow, joins }
    }

    /// Moves from one of the `open` steps.
    pub fn play(&self, open: &[StepIndex], arrived: &[Arrival], moving: NetMove<'_>) -> NetMoved {
        let from = open[moving.leaves];
        let cancelled = |at: usize| match moving.cancels {
            Cancels::Nothing => false,
            Cancels::Others => true,
            Cancels::Steps(steps) => steps.contains(&self.workflow.steps[open[at]].id),
        };
        let ended: Vec<usize> =
            (0..open.len()).filter(|at| *at == moving.leaves || moving.ends.contains(at) || cancelled(*at)).collect();
        let kept = arrived.iter().filter(|branch| match moving.cancels {
            Cancels::Nothing => true,
            Cancels::Others => false,
            Cancels::Steps(steps) => !steps.contains(&self.workflow.steps[branch.to].id),
        });
        let mut state = State {
            open: (0..open.len()).filter(|at| !ended.contains(at)).map(|at| open[at]).collect(),
            arrived: kept.copied().collect(),
            begins: Vec::new(),
        };
        for &to in moving.to {
            if self.workflow.steps[to].join == Join::Each {
                state.begin(to);
            } else {
                state.arrived.push(Arrival { to, from, spent: false });
            }
        }
        while self.joins.iter().any(|(at, sources)| self.join(&mut state, *at, sources)) {}
        state.arrived.sort_unstable();
        NetMoved { ended, begins: state.begins, arrived: state.arrived }
    }

    /// Begins the step if possible, and returns whether anything changed.
    fn join(&self, state: &mut State, at: StepIndex, sources: &[StepIndex]) -> bool {
        let here: Vec<StepIndex> =
            sources.iter().copied().filter(|from| state.waits(at, *from, false).is_some()).collect();
        if here.is_empty() {
            return false;
        }
        match self.workflow.steps[at].join {
            Join::Each => false,
            Join::All if here.len() < sources.len() => false,
            Join::Begun if !self.nobody_else_comes(state, at, sources) => false,
            Join::All | Join::Begun => {
                for from in here {
                    state.take(at, from);
                }
                state.begin(at);
                true
            }
            Join::First(enough) => {
                let before: Vec<StepIndex> =
                    sources.iter().copied().filter(|from| state.waits(at, *from, true).is_some()).collect();
                let fresh: Vec<StepIndex> = here.into_iter().filter(|from| !before.contains(from)).collect();
                let begins = before.is_empty() && fresh.len() >= usize::try_from(enough).unwrap_or(usize::MAX);
                if fresh.is_empty() || (before.is_empty() && !begins) {
                    return false;
                }
                for from in &fresh {
                    state.spend(at, *from);
                }
                if before.len() + fresh.len() == sources.len() {
                    state.arrived.retain(|branch| branch.to != at || !branch.spent);
                }
                if begins {
                    state.begin(at);
                }
                true
            }
        }
    }

    /// Returns whether no moving branch can still come to `join` from a source without an arrival.
    fn nobody_else_comes(&self, state: &State, join: StepIndex, sources: &[StepIndex]) -> bool {
        let missing = sources.iter().copied().filter(|from| state.waits(join, *from, false).is_none());
        let mut leading: Vec<StepIndex> = missing.filter(|from| *from != join).collect();
        let mut next = 0;
        while let Some(&to) = leading.get(next) {
            next += 1;
            for (from, step) in self.workflow.steps.iter().enumerate() {
                let leads = || step.targets().any(|target| *target == self.workflow.steps[to].id);
                if from != join && !leading.contains(&from) && leads() {
                    leading.push(from);
                }
            }
        }
        let waiting = state.arrived.iter().filter(|branch| branch.to != join && !branch.spent).map(|branch| branch.to);
        state.open.iter().copied().chain(waiting).all(|at| !leading.contains(&at))
    }
}

struct State {
    open: Vec<StepIndex>,
    arrived: Vec<Arrival>,
    begins: Vec<StepIndex>,
}

impl State {
    fn begin(&mut self, step: StepIndex) {
        self.open.push(step);
        self.begins.push(step);
    }

    fn waits(&self, to: StepIndex, from: StepIndex, spent: bool) -> Option<usize> {
        self.arrived.iter().position(|branch| *branch == Arrival { to, from, spent })
    }

    fn take(&mut self, to: StepIndex, from: StepIndex) {
        if let Some(at) = self.waits(to, from, false) {
            self.arrived.swap_remove(at);
        }
    }

    fn spend(&mut self, to: StepIndex, from: StepIndex) {
        if let Some(at) = self.waits(to, from, false) {
            self.arrived[at].spent = true;
        }
    }
}
