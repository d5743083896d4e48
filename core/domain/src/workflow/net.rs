//! The moves of a dossier on its workflow: branches part, wait for one another and go on.
//!
//! This is the token game of a workflow net. A dossier stands at some steps, each with a token. At a step that asks
//! several units, one token stands for the whole group, and it moves on with the answer that decides. At a step that
//! joins branches, the arrived branches wait until the step can begin. Deciding a command, moving a dossier to another
//! version, checking a workflow and simulating it use the same rules.

use crate::names::StepId;
use crate::workflow::{Action, Effect, Join, Step, Workflow};
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

/// A token of a dossier on the net: a step that is open, or a group of units that are asked the same at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    pub step: StepIndex,
    /// The number of units that have not answered. It is 1 at a step that one unit takes.
    pub open: u32,
    /// The number of answers after which the dossier moves on.
    pub wanted: u32,
}

impl Token {
    /// Returns the token of a step that one unit takes.
    pub const fn single(step: StepIndex) -> Self {
        Self { step, open: 1, wanted: 1 }
    }

    /// Returns whether the group waits for more answers after this one. An answer that cancels its own step decides
    /// for the whole group.
    fn awaits_more(self, step: &Step, action: &Action) -> bool {
        self.open > 1 && self.wanted > 1 && !action.cancels.names(&step.id)
    }

    /// Returns the token of the group after an answer that does not decide.
    #[must_use]
    pub const fn answered(self) -> Self {
        Self { step: self.step, open: self.open.saturating_sub(1), wanted: self.wanted.saturating_sub(1) }
    }
}

/// An open stay of a dossier at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenStay {
    pub step: StepIndex,
    /// The group of the stay, if several units are asked.
    pub group: Option<AskedGroup>,
}

/// A group of units that are asked the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedGroup {
    /// The number that the stays of the group share.
    pub first: u32,
    /// The number of answers that suffice.
    pub enough: u32,
    /// The number of answers so far.
    pub answered: u32,
}

/// The position of a dossier on the net.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marking {
    pub tokens: Vec<Token>,
    /// The stays of each token, as indexes of the open stays.
    pub stays: Vec<Vec<usize>>,
    pub arrived: Vec<Arrival>,
}

impl Marking {
    /// Returns the position of a dossier with these open stays. The stays of one group share a token.
    pub fn new(open: impl IntoIterator<Item = OpenStay>, arrived: Vec<Arrival>) -> Self {
        let mut marking = Self { arrived, ..Self::default() };
        let mut groups: Vec<Option<AskedGroup>> = Vec::new();
        for (at, stay) in open.into_iter().enumerate() {
            let same = |(token, group): (&Token, Option<AskedGroup>)| {
                let shared = group.zip(stay.group).is_some_and(|(group, own)| group.first == own.first);
                shared && token.step == stay.step
            };
            match marking.tokens.iter().zip(groups.iter().copied()).position(same) {
                Some(known) => {
                    marking.tokens[known].open += 1;
                    marking.stays[known].push(at);
                }
                None => {
                    marking.tokens.push(Token::single(stay.step));
                    marking.stays.push(vec![at]);
                    groups.push(stay.group);
                }
            }
        }
        for (token, group) in marking.tokens.iter_mut().zip(groups) {
            let wanted = group.map_or(1, |group| group.enough.saturating_sub(group.answered));
            token.wanted = wanted.clamp(1, token.open);
        }
        marking
    }

    /// Returns the index of the token to which an open stay belongs.
    pub fn token_of(&self, stay: usize) -> Option<usize> {
        self.stays.iter().position(|stays| stays.contains(&stay))
    }
}

/// Returns whether the milestone of an action lets a token take it: the dossier stands at the step of `during` too,
/// with another token or with another unit of the same group.
pub fn meets_milestone(workflow: &Workflow, tokens: &[Token], at: usize, action: &Action) -> bool {
    let Some(during) = &action.during else { return true };
    let mut others = tokens.iter().enumerate().filter(|(other, token)| *other != at || token.open > 1);
    others.any(|(_, token)| workflow.steps.get(token.step).is_some_and(|step| step.id == *during))
}

/// A move on the net.
#[derive(Debug, Clone, Copy)]
pub struct NetMove<'a> {
    /// The index of the token that moves, or of whose units one answers.
    pub token: usize,
    pub action: &'a Action,
    /// The steps to which the action leads. The step after an answer follows from the net.
    pub to: &'a [StepIndex],
}

/// The outcome of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetOutcome {
    /// The unit has answered, and the group waits for more answers. Nothing else changes.
    AwaitsAnswers,
    Moved(NetMoved),
}

/// The result of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetMoved {
    /// The indexes of the tokens that end, including the one that moved.
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

    /// Returns the token that begins at a step if so many units are asked there.
    pub fn begun(&self, step: StepIndex, units: u32) -> Token {
        let Some(many) = &self.workflow.steps[step].many else { return Token::single(step) };
        Token { step, open: units, wanted: many.enough_of(units) }
    }

    /// Moves one of the tokens.
    pub fn play(&self, tokens: &[Token], arrived: &[Arrival], moving: NetMove<'_>) -> NetOutcome {
        let token = tokens[moving.token];
        let (from, action) = (token.step, moving.action);
        let step = &self.workflow.steps[from];
        let answers = action.effect == Effect::Answer;
        if answers && token.awaits_more(step, action) {
            return NetOutcome::AwaitsAnswers;
        }
        let cancelled = |at: usize| action.cancels.names(&self.workflow.steps[tokens[at].step].id);
        let ended: Vec<usize> = (0..tokens.len()).filter(|at| *at == moving.token || cancelled(*at)).collect();
        let kept = arrived.iter().filter(|branch| !action.cancels.names(&self.workflow.steps[branch.to].id));
        let mut state = State {
            open: (0..tokens.len()).filter(|at| !ended.contains(at)).map(|at| tokens[at].step).collect(),
            arrived: kept.copied().collect(),
            begins: Vec::new(),
        };
        let after_answers = step.many.as_ref().filter(|_| answers).and_then(|many| self.workflow.index(&many.then));
        for to in moving.to.iter().copied().chain(after_answers) {
            if self.workflow.steps[to].join == Join::Each {
                state.begin(to);
            } else {
                state.arrived.push(Arrival { to, from, spent: false });
            }
        }
        while self.joins.iter().any(|(at, sources)| self.join(&mut state, *at, sources)) {}
        state.arrived.sort_unstable();
        NetOutcome::Moved(NetMoved { ended, begins: state.begins, arrived: state.arrived })
    }

    /// Moves from one of the open stays of a dossier. The result has the indexes of the stays that end. Returns nothing
    /// if the marking does not have the stay.
    pub fn leave(&self, marking: &Marking, stay: usize, action: &Action, to: &[StepIndex]) -> Option<NetMoved> {
        let token = marking.token_of(stay)?;
        Some(match self.play(&marking.tokens, &marking.arrived, NetMove { token, action, to }) {
            NetOutcome::AwaitsAnswers => {
                NetMoved { ended: vec![stay], begins: Vec::new(), arrived: marking.arrived.clone() }
            }
            NetOutcome::Moved(moved) => {
                let mut ended: Vec<usize> =
                    moved.ended.iter().flat_map(|token| marking.stays[*token].iter().copied()).collect();
                ended.sort_unstable();
                NetMoved { ended, ..moved }
            }
        })
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
