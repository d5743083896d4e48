//! The check of workflows against an independent oracle. The oracle shares no code with the net, searches depth first,
//! and stores states as texts. It computes for each state separately which states can be reached from it.

use crate::random::{Rng, workflow};
use motcua_domain::expression::Expression;
use motcua_domain::people::organisation::Role;
use motcua_domain::workflow::soundness::{MOST_AT_ONCE, Unsound};
use motcua_domain::workflow::{Action, Cancels, Effect, Join, Step, Workflow};
use std::collections::{BTreeMap, BTreeSet};

/// The number of compared workflows. `TEST_NETS` sets another number.
const NETS: u64 = 5_000;

/// The number of each thing: `@3` for an open step 3, `@3?1/4/2` for step 3 of which four units were asked, one has
/// answered and two answers are enough, `3<1` for a branch from 1 that waits at 3, `3<1!` for a branch that 3 has let
/// pass. `@3?` is a step of which it is open how many units are asked.
pub type State = BTreeMap<String, usize>;

/// The faults of a workflow that the oracle finds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    dead_steps: BTreeSet<String>,
    dead_actions: BTreeSet<String>,
    deadlock: bool,
    improper: bool,
    no_end: bool,
    only_time: bool,
    crowded: bool,
}

/// A group of units that are asked the same.
struct AskedTogether {
    answered: u32,
    asked: u32,
    enough: u32,
}

impl AskedTogether {
    /// Returns the group that a key names. A step that one unit takes has none.
    fn of(key: &str) -> Option<Self> {
        let numbers: Vec<u32> = key.split_once('?')?.1.split('/').map(|part| part.parse().expect("a number")).collect();
        let [answered, asked, enough] = numbers.as_slice() else { panic!("{key}") };
        Some(Self { answered: *answered, asked: *asked, enough: *enough })
    }
}

/// Returns the key of a group of units at a step.
pub fn group_key(step: usize, answered: u32, asked: u32, enough: u32) -> String {
    format!("@{step}?{answered}/{asked}/{enough}")
}

/// Returns whether a key is of something that is open at the step.
fn is_at(key: &str, step: usize) -> bool {
    let place = key.split('?').next().unwrap_or(key);
    place == format!("@{step}")
}

pub struct Oracle<'a> {
    workflow: &'a Workflow,
    /// The states that follow each state, each with whether a person takes the action. The empty state is the end.
    edges: BTreeMap<State, BTreeSet<(State, bool)>>,
    verdict: Verdict,
    begun: BTreeSet<usize>,
    taken: BTreeSet<(usize, usize)>,
}

pub fn add(state: &mut State, what: &str) {
    *state.entry(what.to_owned()).or_default() += 1;
}

fn take(state: &mut State, what: &str) {
    if let Some(count) = state.get_mut(what) {
        *count -= 1;
        if *count == 0 {
            state.remove(what);
        }
    }
}

fn has(state: &State, what: &str) -> bool {
    state.contains_key(what)
}

impl<'a> Oracle<'a> {
    pub fn new(workflow: &'a Workflow) -> Self {
        Self {
            workflow,
            edges: BTreeMap::new(),
            verdict: Verdict::default(),
            begun: BTreeSet::new(),
            taken: BTreeSet::new(),
        }
    }

    fn at(&self, id: &str) -> usize {
        self.workflow.steps.iter().position(|step| step.id.as_str() == id).expect("a step")
    }

    fn leads(&self, from: usize, to: usize) -> bool {
        let goes = |step: &Step| step.targets().any(|target| target.as_str() == self.workflow.steps[to].id.as_str());
        goes(&self.workflow.steps[from])
    }

    fn sources(&self, to: usize) -> Vec<usize> {
        (0..self.workflow.steps.len()).filter(|from| self.leads(*from, to)).collect()
    }

    /// Returns whether a branch at `from` can come to `to` without passing through `around`.
    fn comes(&self, from: usize, to: usize, around: usize, seen: &mut BTreeSet<usize>) -> bool {
        if from == around || !seen.insert(from) {
            return false;
        }
        from == to
            || (0..self.workflow.steps.len()).any(|next| self.leads(from, next) && self.comes(next, to, around, seen))
    }

    fn begin(&mut self, state: &mut State, step: usize) {
        self.begun.insert(step);
        let asks = if self.workflow.steps[step].many.is_some() { "?" } else { "" };
        add(state, &format!("@{step}{asks}"));
    }

    /// Returns the states with each number of units that may be asked.
    fn sized(&self, state: State) -> Vec<State> {
        let Some(key) = state.keys().find(|key| key.ends_with('?')).cloned() else { return vec![state] };
        let step: usize = key.trim_matches(['@', '?']).parse().expect("a step");
        let many = self.workflow.steps[step].many.as_ref().expect("it asks several");
        let all = u32::try_from(many.places.len()).expect("small");
        let least = if many.chosen { many.enough.unwrap_or(1) } else { all };
        let sizes = (least..=all).flat_map(|asked| {
            let mut with = state.clone();
            take(&mut with, &key);
            let enough = many.enough.map_or(asked, |enough| enough.min(asked));
            add(&mut with, &group_key(step, 0, asked, enough));
            self.sized(with)
        });
        sizes.collect()
    }

    /// Returns the number of units at whose work a step is open.
    fn standing(state: &State, step: usize) -> usize {
        let open = state.iter().filter(|(key, _)| is_at(key, step));
        let units = open.map(|(key, count)| {
            count
                * AskedTogether::of(key)
                    .map_or(1, |group| usize::try_from(group.asked - group.answered).expect("small"))
        });
        units.sum()
    }

    fn is_crowded(&self, state: &State) -> bool {
        let at = |step: usize| state.iter().filter(|(key, _)| is_at(key, step)).map(|(_, count)| count).sum::<usize>();
        let waiting =
            state.iter().any(|(key, count)| !key.starts_with('@') && !key.ends_with('!') && *count > MOST_AT_ONCE);
        waiting || (0..self.workflow.steps.len()).any(|step| at(step) > MOST_AT_ONCE)
    }

    fn arrive(&mut self, state: &mut State, step: usize, from: usize) {
        if self.workflow.steps[step].join == Join::Each {
            self.begin(state, step);
        } else {
            add(state, &format!("{step}<{from}"));
        }
    }

    /// Begins joins until none can begin.
    fn settle(&mut self, state: &mut State) {
        loop {
            let before = state.clone();
            for join in 0..self.workflow.steps.len() {
                self.join(state, join);
            }
            if *state == before {
                return;
            }
        }
    }

    fn join(&mut self, state: &mut State, join: usize) {
        let sources = self.sources(join);
        let waiting: Vec<usize> =
            sources.iter().copied().filter(|from| has(state, &format!("{join}<{from}"))).collect();
        if waiting.is_empty() {
            return;
        }
        match self.workflow.steps[join].join {
            Join::Each => {}
            Join::All => {
                if waiting.len() == sources.len() {
                    for from in &waiting {
                        take(state, &format!("{join}<{from}"));
                    }
                    self.begin(state, join);
                }
            }
            Join::Begun => {
                let missing: Vec<usize> = sources.iter().copied().filter(|from| !waiting.contains(from)).collect();
                let under_way = |at: usize| {
                    let open = state.keys().any(|key| is_at(key, at));
                    let waits = (0..self.workflow.steps.len()).any(|from| has(state, &format!("{at}<{from}")));
                    at != join && (open || waits)
                };
                let may_come = (0..self.workflow.steps.len()).filter(|at| under_way(*at)).any(|at| {
                    missing.iter().any(|source| *source != join && self.comes(at, *source, join, &mut BTreeSet::new()))
                });
                if !may_come {
                    for from in &waiting {
                        take(state, &format!("{join}<{from}"));
                    }
                    self.begin(state, join);
                }
            }
            Join::First(enough) => {
                let passed: Vec<usize> =
                    sources.iter().copied().filter(|from| has(state, &format!("{join}<{from}!"))).collect();
                let fresh: Vec<usize> = waiting.into_iter().filter(|from| !passed.contains(from)).collect();
                let enough = usize::try_from(enough).expect("small");
                if fresh.is_empty() || (passed.is_empty() && fresh.len() < enough) {
                    return;
                }
                for from in &fresh {
                    take(state, &format!("{join}<{from}"));
                    add(state, &format!("{join}<{from}!"));
                }
                if sources.iter().all(|from| has(state, &format!("{join}<{from}!"))) {
                    for from in &sources {
                        take(state, &format!("{join}<{from}!"));
                    }
                }
                if passed.is_empty() {
                    self.begin(state, join);
                }
            }
        }
    }

    fn explore(&mut self, state: State) {
        let mut open = vec![state];
        while let Some(state) = open.pop() {
            if self.edges.contains_key(&state) {
                continue;
            }
            if self.is_crowded(&state) {
                self.verdict.crowded = true;
                return;
            }
            let next = self.next(&state);
            open.extend(next.iter().map(|(after, _)| after.clone()).filter(|after| !after.is_empty()));
            self.edges.insert(state, next);
        }
    }

    /// Returns the states that follow a state, each with whether a person can bring it about.
    pub fn next(&mut self, state: &State) -> BTreeSet<(State, bool)> {
        let mut next = BTreeSet::new();
        for step in 0..self.workflow.steps.len() {
            for key in state.keys().filter(|key| is_at(key, step)) {
                for (number, action) in self.workflow.steps[step].actions.iter().enumerate() {
                    if let Some(during) = &action.during {
                        let during = self.at(during.as_str());
                        if Self::standing(state, during) < 1 + usize::from(during == step) {
                            continue;
                        }
                    }
                    self.taken.insert((step, number));
                    let person = action.after.is_none() || (action.when.is_none() && action.during.is_none());
                    let after = self.acted(state, step, key, action);
                    next.extend(after.into_iter().map(|after| (after, person)));
                }
            }
        }
        next
    }

    /// Returns the states that follow an action at what the key names.
    fn acted(&mut self, state: &State, step: usize, key: &str, action: &Action) -> Vec<State> {
        let mut all = Vec::new();
        let mut then = None;
        if action.effect == Effect::Answer {
            let group = AskedTogether::of(key).expect("several are asked");
            let answered = group.answered + 1;
            let own = self.workflow.steps[step].id.clone();
            let drops_the_rest = match &action.cancels {
                Cancels::Nothing => false,
                Cancels::Others => true,
                Cancels::Steps(steps) => steps.contains(&own),
            };
            if answered < group.enough && answered < group.asked && !drops_the_rest {
                let mut after = state.clone();
                take(&mut after, key);
                add(&mut after, &group_key(step, answered, group.asked, group.enough));
                return vec![after];
            }
            then = self.workflow.steps[step].many.as_ref().map(|many| self.at(many.then.as_str()));
        }
        for ways in self.ways(&action.effect) {
            let Some(ways) = ways else {
                all.push(state.clone());
                continue;
            };
            let mut after = state.clone();
            take(&mut after, key);
            match &action.cancels {
                Cancels::Nothing => {}
                Cancels::Others => after.clear(),
                Cancels::Steps(steps) => {
                    for cancelled in steps.iter().map(|id| self.at(id.as_str())) {
                        after.retain(|what, _| !is_at(what, cancelled) && !what.starts_with(&format!("{cancelled}<")));
                    }
                }
            }
            for way in ways.into_iter().chain(then) {
                self.arrive(&mut after, way, step);
            }
            self.settle(&mut after);
            let alive = after.keys().any(|what| !what.ends_with('!'));
            if action.effect.ends() {
                self.verdict.improper |= action.effect == Effect::HandOver && alive;
                after.clear();
            } else if !alive {
                after.clear();
            }
            all.extend(self.sized(after));
        }
        all
    }

    /// Returns the sets of steps to which an effect may lead. Returns `None` if it leads nowhere.
    fn ways(&self, effect: &Effect) -> Vec<Option<Vec<usize>>> {
        match effect {
            Effect::RequestSupplement => vec![None],
            Effect::Advance { to } | Effect::RequestPayment { to } => vec![Some(vec![self.at(to.as_str())])],
            Effect::Split { to } if to.iter().all(|branch| branch.when.is_none()) => {
                vec![Some(to.iter().map(|branch| self.at(branch.to.as_str())).collect())]
            }
            Effect::Split { to } => {
                let (a, b) = (self.at(to[0].to.as_str()), self.at(to[1].to.as_str()));
                vec![Some(vec![a]), Some(vec![b]), Some(vec![a, b])]
            }
            _ => vec![Some(Vec::new())],
        }
    }

    /// Returns whether the end, or a state without possible actions, can be reached.
    fn ends(&self, from: &State, by_people: bool) -> bool {
        let mut seen: BTreeSet<&State> = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(state) = open.pop() {
            if state.is_empty() || self.edges[state].is_empty() {
                return true;
            }
            let next = self.edges[state].iter().filter(|(_, person)| *person || !by_people);
            open.extend(next.map(|(after, _)| after).filter(|after| seen.insert(after)));
        }
        false
    }

    /// Returns whether a cycle leads back to the state without leaving `within`.
    fn on_round(&self, at: &State, within: &BTreeSet<&State>) -> bool {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&State> = vec![at];
        while let Some(state) = open.pop() {
            for (after, _) in self.edges[state].iter().filter(|(after, _)| after != state && within.contains(after)) {
                if after == at {
                    return true;
                }
                if seen.insert(after) {
                    open.push(after);
                }
            }
        }
        false
    }

    fn judge(mut self) -> Verdict {
        self.begun.insert(0);
        self.explore(State::from([("@0".to_owned(), 1)]));
        if self.verdict.crowded {
            return Verdict { crowded: true, ..Verdict::default() };
        }
        for (at, step) in self.workflow.steps.iter().enumerate() {
            if !self.begun.contains(&at) {
                self.verdict.dead_steps.insert(step.id.to_string());
                continue;
            }
            for (number, action) in step.actions.iter().enumerate() {
                if action.during.is_some() && !self.taken.contains(&(at, number)) {
                    self.verdict.dead_actions.insert(format!("{} {}", step.id, action.id));
                }
            }
        }
        self.verdict.deadlock = self.edges.values().any(BTreeSet::is_empty);
        self.verdict.no_end = self.edges.keys().any(|state| !self.ends(state, false));
        let timed = self.edges.keys().filter(|state| self.ends(state, false) && !self.ends(state, true)).collect();
        self.verdict.only_time = BTreeSet::iter(&timed).any(|state| self.on_round(state, &timed));
        self.verdict
    }
}

/// Returns the verdict of the check, in the oracle's words.
fn checked(workflow: &Workflow) -> Verdict {
    let mut verdict = Verdict::default();
    for problem in workflow.problems() {
        match problem {
            Unsound::DeadStep(step) | Unsound::JoinNeverFires(step, _) => {
                verdict.dead_steps.insert(step.to_string());
            }
            Unsound::DeadAction(step, action, _) => {
                verdict.dead_actions.insert(format!("{step} {action}"));
            }
            Unsound::Deadlock { .. } => verdict.deadlock = true,
            Unsound::ImproperEnd { .. } => verdict.improper = true,
            Unsound::NoEnd { .. } => verdict.no_end = true,
            Unsound::OnlyTimeEnds { .. } => verdict.only_time = true,
            Unsound::Crowded { .. } => verdict.crowded = true,
            other => panic!("{other:?}: {workflow:#?}"),
        }
    }
    verdict
}

fn asked(workflow: &Workflow) -> Verdict {
    Oracle::new(workflow).judge()
}

/// The compared workflows of one kind: the number of sound ones, the number with each fault, and the number of sound ones
/// that ask several units, have a timer or a step of the applicant.
#[derive(Debug, Default)]
struct Seen {
    sound: u64,
    dead: u64,
    deadlock: u64,
    improper: u64,
    no_end: u64,
    only_time: u64,
    crowded: u64,
    asking: u64,
    timed: u64,
    of_applicants: u64,
}

fn compare(seeds: impl Iterator<Item = u64>) -> Seen {
    let mut seen = Seen::default();
    for seed in seeds {
        let mut workflow = workflow(&mut Rng::new(seed), seed % 8 != 0);
        for action in workflow.steps.iter_mut().flat_map(|step| &mut step.actions).filter(|_| seed % 2 == 1) {
            action.when = action.after.map(|_| Expression::parse("x == 1").expect("CEL"));
        }
        let (check, oracle) = (checked(&workflow), asked(&workflow));
        assert_eq!(check, oracle, "seed {seed}: {:?} {workflow:#?}", workflow.problems());
        seen.sound += u64::from(check == Verdict::default());
        seen.dead += u64::from(!check.dead_steps.is_empty() || !check.dead_actions.is_empty());
        seen.deadlock += u64::from(check.deadlock);
        seen.improper += u64::from(check.improper);
        seen.no_end += u64::from(check.no_end);
        seen.only_time += u64::from(check.only_time);
        seen.crowded += u64::from(check.crowded);
        let sound = check == Verdict::default();
        let has = |kind: fn(&Step) -> bool| u64::from(sound && workflow.steps.iter().any(kind));
        seen.asking += has(|step| step.many.is_some());
        seen.timed += has(|step| step.timed().is_some());
        seen.of_applicants += has(|step| step.role == Role::Applicant);
    }
    seen
}

/// Returns the number of workflows to compare: a few thousand, or the number in `TEST_NETS`.
fn nets() -> u64 {
    std::env::var("TEST_NETS").map_or(NETS, |number| number.parse().expect("TEST_NETS is a number"))
}

#[test]
fn the_check_agrees_with_the_oracle_on_random_workflows() {
    let (nets, threads) = (nets(), 4_usize);
    let parts: Vec<Seen> = std::thread::scope(|scope| {
        let parts: Vec<_> =
            (0..4_u64).map(|part| scope.spawn(move || compare((part..nets).step_by(threads)))).collect();
        parts.into_iter().map(|part| part.join().expect("they agree")).collect()
    });
    let sum = |count: fn(&Seen) -> u64| parts.iter().map(count).sum::<u64>();
    let seen = Seen {
        sound: sum(|seen| seen.sound),
        dead: sum(|seen| seen.dead),
        deadlock: sum(|seen| seen.deadlock),
        improper: sum(|seen| seen.improper),
        no_end: sum(|seen| seen.no_end),
        only_time: sum(|seen| seen.only_time),
        crowded: sum(|seen| seen.crowded),
        asking: sum(|seen| seen.asking),
        timed: sum(|seen| seen.timed),
        of_applicants: sum(|seen| seen.of_applicants),
    };
    println!("{nets} workflows: {seen:?}");
    // An agreement on only one kind would prove little.
    let faults = [seen.sound, seen.dead, seen.deadlock, seen.improper, seen.no_end, seen.only_time, seen.crowded];
    for count in faults.into_iter().chain([seen.asking, seen.timed, seen.of_applicants]) {
        assert!(count >= (nets / 5_000).max(1), "{seen:?}");
    }
}
