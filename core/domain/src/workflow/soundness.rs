//! Checks that no dossier can get stuck on a workflow: explores every state that a dossier can reach.
//!
//! The states are those of the net ([`crate::workflow::net`]). Answers are not known yet, so a condition may hold or not, and a
//! parting may take any branches whose conditions can hold together ([`held_together`]). The search explores the shortest
//! ways first, so the report of a mistake has the fewest actions that lead to it.

use crate::expression::Expression;
use crate::form::together::held_together;
use crate::names::StepId;
use crate::text;
use crate::text::Text;
use crate::workflow::known_ends::KnownState;
use crate::workflow::net::{Arrival, Net, NetMove, NetMoved, NetOutcome, StepIndex, Token, meets_milestone};
use crate::workflow::structure::StructureCheck;
use crate::workflow::{Action, Branch, Effect, Workflow};
use std::collections::{BTreeSet, HashMap};

pub mod known_answers;

pub use crate::workflow::unsound::{ActionPath, MOST_AT_ONCE, MOST_CHOICES, Unsound};

/// The most states that the check explores before it gives up.
pub const MOST_STATES: usize = 20_000;

/// The most answers of one group that the check explores one by one. More answers before the last one change nothing
/// that another step could observe.
pub const MOST_ANSWERS: u32 = 4;

impl Workflow {
    /// Returns all defects that make the workflow unfit to run. Empty if the workflow is sound.
    pub fn problems(&self) -> Vec<Unsound> {
        let mut problems = Vec::new();
        StructureCheck { workflow: self, problems: &mut problems }.check();
        if problems.is_empty() { StateGraph::explore(self).problems() } else { problems }
    }
}

impl Workflow {
    /// Returns what [`Self::ends_from`] returns, and remembers it. Only for a workflow that never changes, such as that of
    /// a version of a procedure.
    pub fn ends_from_remembered(&self, tokens: &[Token], arrived: &[Arrival]) -> bool {
        let state = NetState::of(tokens, arrived);
        let key = state.key();
        self.known_ends.get(&key).unwrap_or_else(|| {
            let ends = self.ends_from_state(state);
            self.known_ends.keep(key, ends);
            ends
        })
    }

    /// Returns whether a dossier in this state can end after any actions, without getting stuck.
    pub fn ends_from(&self, tokens: &[Token], arrived: &[Arrival]) -> bool {
        self.ends_from_state(NetState::of(tokens, arrived))
    }

    /// Returns whether a dossier may end with a result although nobody has filled in the form of a step.
    pub fn returns_without(&self, step: &StepId) -> bool {
        let asked = self.step(step);
        let asks = |action: &Action| asked.is_some_and(|asked| asked.asks_form(action));
        let mut without = self.without_actions(step, asks);
        for known in &mut without.steps {
            known.actions.retain(|action| !matches!(action.effect, Effect::Decline | Effect::Refuse));
        }
        let states = StateGraph::explore(&without);
        states.edges.iter().any(|edge| edge.to == StateGraph::END)
    }

    /// Returns whether a step may begin although nobody has filled in the form of another step.
    pub fn begins_without(&self, step: &StepId, other: &StepId) -> bool {
        let asked = self.step(other);
        self.begins_without_actions(step, other, |action| asked.is_some_and(|asked| asked.asks_form(action)))
    }

    /// Returns whether a step may begin although nobody has taken any of these actions of another step.
    pub fn begins_without_actions(&self, step: &StepId, other: &StepId, actions: impl Fn(&Action) -> bool) -> bool {
        let without = self.without_actions(other, actions);
        let states = StateGraph::explore(&without);
        let is_known = !states.too_large && states.crowded.is_none();
        let begins = self.index(step).is_none_or(|step| states.begun.contains(&step));
        begins || !is_known
    }

    /// Returns the workflow without these actions of a step.
    fn without_actions(&self, step: &StepId, actions: impl Fn(&Action) -> bool) -> Self {
        let mut without = self.clone();
        for known in without.steps.iter_mut().filter(|known| known.id == *step) {
            known.actions.retain(|action| !actions(action));
        }
        without
    }

    fn ends_from_state(&self, state: NetState) -> bool {
        let states = StateGraph::explore_from(self, state);
        let stuck = |problem: &Unsound| {
            !matches!(problem, Unsound::DeadStep(_) | Unsound::DeadAction(..) | Unsound::JoinNeverFires(..))
        };
        !states.problems().iter().any(stuck)
    }
}

/// Returns the token with no more answers to come than the check explores. Whether units are left over after the last
/// answer stays as it is, because an action may be open only meanwhile.
fn with_few_answers(token: Token) -> Token {
    let wanted = token.wanted.min(MOST_ANSWERS);
    let left_over = token.open.saturating_sub(token.wanted).min(1);
    Token { step: token.step, open: wanted + left_over, wanted }
}

/// The state of a dossier: the tokens and the waiting branches, both in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct NetState {
    open: Vec<Token>,
    arrived: Vec<Arrival>,
}

impl NetState {
    /// Returns the state of a dossier, without answers that the check does not explore.
    fn of(tokens: &[Token], arrived: &[Arrival]) -> Self {
        let open = tokens.iter().map(|token| with_few_answers(*token)).collect();
        let mut state = Self { open, arrived: arrived.to_vec() };
        state.open.sort_unstable();
        state.arrived.sort_unstable();
        state
    }

    /// Returns the state as a workflow remembers it.
    fn key(&self) -> KnownState {
        let open = self.open.iter().map(|token| (token.step, token.open, token.wanted));
        let arrived = self.arrived.iter().map(|branch| (branch.to, branch.from, branch.spent));
        KnownState { open: open.collect(), arrived: arrived.collect() }
    }
}

/// An action that leads from one state to another.
#[derive(Debug, Clone, Copy)]
struct StateEdge {
    from: usize,
    to: usize,
    /// The step and its action.
    by: (StepIndex, usize),
    /// The number of the branches that a parting takes, among [`StateGraph::choices`].
    way: usize,
    /// A person takes the action, or the portal surely takes it if people wait.
    is_sure: bool,
}

/// All states. The first is the beginning, and the state [`StateGraph::END`] is the end.
struct StateGraph<'a> {
    net: Net<'a>,
    all: Vec<NetState>,
    /// The first way to each state: the previous state, the step and its action.
    reached: Vec<Option<(usize, StepIndex, usize)>>,
    known: HashMap<NetState, usize>,
    edges: Vec<StateEdge>,
    /// The sets of branches that each parting may take.
    choices: HashMap<(StepIndex, usize), Vec<Vec<StepIndex>>>,
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
        Self::explore_from(workflow, NetState { open: vec![Token::single(0)], arrived: Vec::new() })
    }

    fn explore_from(workflow: &'a Workflow, beginning: NetState) -> Self {
        let end = NetState::default();
        let mut states = Self {
            net: Net::new(workflow),
            known: HashMap::from([(beginning.clone(), Self::BEGINNING)]),
            begun: beginning.open.iter().map(|token| token.step).collect(),
            all: vec![end, beginning],
            reached: vec![None, None],
            edges: Vec::new(),
            choices: HashMap::new(),
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
        let workflow = self.net.workflow;
        for (place, token) in state.open.iter().enumerate() {
            if place > 0 && state.open[place - 1] == *token {
                continue;
            }
            let step = token.step;
            for (number, action) in workflow.steps[step].actions.iter().enumerate() {
                if meets_milestone(workflow, &state.open, place, action) {
                    self.taken.insert((step, number));
                    self.take(at, &state, place, (step, number));
                }
            }
        }
    }

    fn take(&mut self, at: usize, state: &NetState, place: usize, by: (StepIndex, usize)) {
        let workflow = self.net.workflow;
        let action = &workflow.steps[by.0].actions[by.1];
        let index = |id: &StepId| workflow.index(id);
        let ways: Vec<Vec<StepIndex>> = match &action.effect {
            // With or without a request, the dossier stays where it is.
            Effect::RequestSupplement => return self.edge((at, at), by, 0),
            Effect::Advance { to } | Effect::RequestPayment { to } => vec![index(to).into_iter().collect()],
            Effect::Split { to } => self.choices.entry(by).or_insert_with(|| choices(workflow, to)).clone(),
            Effect::Answer | Effect::Finish | Effect::Decline | Effect::Refuse | Effect::HandOver => vec![Vec::new()],
        };
        for (way, to) in ways.into_iter().enumerate() {
            match self.net.play(&state.open, &state.arrived, NetMove { token: place, action, to: &to }) {
                NetOutcome::AwaitsAnswers => {
                    let mut after = state.clone();
                    after.open[place] = after.open[place].answered();
                    after.open.sort_unstable();
                    self.arrive(at, (by, way), after);
                }
                NetOutcome::Moved(moved) => self.moved(at, state, (by, way), moved),
            }
        }
    }

    /// Goes on to the states that follow a move.
    fn moved(&mut self, at: usize, state: &NetState, (by, way): ((StepIndex, usize), usize), moved: NetMoved) {
        let workflow = self.net.workflow;
        let action = &workflow.steps[by.0].actions[by.1];
        self.begun.extend(&moved.begins);
        let kept: Vec<Token> =
            (0..state.open.len()).filter(|other| !moved.ended.contains(other)).map(|kept| state.open[kept]).collect();
        for begun in self.beginnings(&moved.begins) {
            let mut open: Vec<Token> = kept.iter().copied().chain(begun).collect();
            open.sort_unstable();
            let after = NetState { open, arrived: moved.arrived.clone() };
            let waiting = after.arrived.iter().any(|branch| !branch.spent);
            if action.effect.ends() {
                let cut_off = !after.open.is_empty() || waiting;
                if action.effect == Effect::HandOver && cut_off && self.improper.is_none() {
                    self.improper = Some((at, by.0, by.1, after));
                }
                self.edge((at, Self::END), by, way);
            } else if after.open.is_empty() && !waiting {
                self.edge((at, Self::END), by, way);
            } else {
                self.arrive(at, (by, way), after);
            }
        }
    }

    /// Returns the tokens with which these steps may begin. An officer may choose how many units are asked.
    fn beginnings(&mut self, begins: &[StepIndex]) -> Vec<Vec<Token>> {
        let mut all: Vec<Vec<Token>> = vec![Vec::new()];
        for &step in begins {
            let tokens = self.beginnings_at(step);
            let mut longer = Vec::with_capacity(all.len() * tokens.len());
            for before in &all {
                for token in &tokens {
                    longer.push([before.as_slice(), &[*token]].concat());
                }
            }
            all = longer;
            if all.len() > MOST_STATES {
                self.too_large = true;
                all.truncate(1);
            }
        }
        all
    }

    fn beginnings_at(&self, step: StepIndex) -> BTreeSet<Token> {
        let Some(many) = &self.net.workflow.steps[step].many else { return BTreeSet::from([Token::single(step)]) };
        let most = u32::try_from(many.places.len()).unwrap_or(u32::MAX);
        (many.least_asked()..=most).map(|units| with_few_answers(self.net.begun(step, units))).collect()
    }

    fn arrive(&mut self, at: usize, (by, way): ((StepIndex, usize), usize), after: NetState) {
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
        self.edge((at, number), by, way);
    }

    fn edge(&mut self, (from, to): (usize, usize), by: (StepIndex, usize), way: usize) {
        let action = &self.net.workflow.steps[by.0].actions[by.1];
        let is_sure = action.is_for_people() || action.comes_by_itself();
        self.edges.push(StateEdge { from, to, by, way, is_sure });
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
    fn left(&self, state: &NetState) -> Text {
        let open = |token: &Token| {
            let step = self.id(token.step);
            text!("`{step}` còn mở", "`{step}` is open")
        };
        let mut parts: Vec<Text> = state.open.iter().map(open).collect();
        for branch in state.arrived.iter().filter(|branch| !branch.spent) {
            let (from, to) = (self.id(branch.from), self.id(branch.to));
            parts.push(text!("một nhánh từ `{from}` đang chờ ở `{to}`", "a branch from `{from}` waits at `{to}`"));
        }
        parts.dedup();
        let (vi, en): (Vec<&str>, Vec<&str>) = parts.iter().map(Text::both).unzip();
        Text::new(vi.join(" và "), en.join(" and "))
    }

    fn place(&self, state: &NetState) -> StepId {
        let waiting = state.arrived.iter().find(|branch| !branch.spent).map(|branch| branch.to);
        self.id(state.open.first().map(|token| token.step).or(waiting).unwrap_or(0))
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
        let surely = self.leading_to(stuck.into_iter().chain([Self::END]), |edge| edge.is_sure);
        let timed = |at: &usize| ending.contains(at) && !surely.contains(at);
        if let Some(at) = self.on_rounds((Self::BEGINNING..self.all.len()).filter(timed).collect()) {
            let (step, way, round) = self.round(at);
            problems.push(Unsound::OnlyTimeEnds { step, way, round });
        }
        problems
    }

    fn round(&self, at: usize) -> (StepId, ActionPath, Text) {
        let state = &self.all[at];
        let mut steps: Vec<String> = state.open.iter().map(|token| format!("`{}`", self.id(token.step))).collect();
        steps.dedup();
        (self.place(state), self.way(at), Text::new(steps.join(" và "), steps.join(" and ")))
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
    let at = |step: StepIndex| state.open.iter().filter(|other| other.step == step).count();
    let open = state.open.iter().map(|token| token.step).filter(|step| at(*step) > MOST_AT_ONCE);
    let waiting = state
        .arrived
        .iter()
        .filter(|branch| state.arrived.iter().filter(|other| other == branch).count() > MOST_AT_ONCE)
        .map(|branch| branch.to);
    open.chain(waiting).next()
}

/// Returns the sets of branches that a parting may take: all sure branches, and those with conditions that can hold
/// together, at least one. If none of the conditions can hold, which is a mistake of its own, any of them may.
fn choices(workflow: &Workflow, branches: &[Branch]) -> Vec<Vec<StepIndex>> {
    let index = |branch: &Branch| workflow.index(&branch.to);
    let sure: Vec<StepIndex> = branches.iter().filter(|branch| branch.when.is_none()).filter_map(index).collect();
    let asking = branches.iter().filter_map(|branch| Some((index(branch)?, branch.when.as_ref()?)));
    let (open, conditions): (Vec<StepIndex>, Vec<&Expression>) = asking.unzip();
    let way = |set: u32| {
        let chosen = open.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, step)| *step);
        sure.iter().copied().chain(chosen).collect::<Vec<_>>()
    };
    let is_way = |way: &Vec<StepIndex>| !way.is_empty();
    let ways: Vec<Vec<StepIndex>> = held_together(&conditions).into_iter().map(way).filter(is_way).collect();
    if ways.is_empty() { (0_u32..1 << open.len()).map(way).filter(is_way).collect() } else { ways }
}
