//! Decisions about dossiers against the oracle of the net: from each state, people and time cause exactly the states that
//! the oracle allows.

use crate::oracle::{Oracle, State, add, group_key};
use crate::random::{Rng, UNITS};
use crate::support::{act, applicant, calendar, command, file, officer, procedure, sound_workflow, start};
use jiff::{SignedDuration, Timestamp};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::decide::{Rules, decide};
use motcua_domain::dossier::event::Recorded;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::registry::Registries;
use motcua_domain::workflow::{Action, Effect, Step, Workflow};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The number of workflows, and the most moves on each.
const WALKS: u64 = 300;
const MOVES: usize = 12;

/// Returns the position of a dossier in the words of the oracle.
fn standing(workflow: &Workflow, dossier: &Dossier) -> State {
    let mut state = State::new();
    let flow = &dossier.flow;
    if dossier.has_ended() {
        return state;
    }
    let mut groups = BTreeSet::new();
    for stay in &flow.stays {
        let step = workflow.index(&stay.at.step).expect("a step");
        let visit = &flow.visits[usize::try_from(stay.id).expect("small")];
        let Some(asked) = visit.asked else {
            add(&mut state, &format!("@{step}"));
            continue;
        };
        if groups.insert(asked.first) {
            let together = || flow.visits.iter().filter(|other| other.asked.is_some_and(|it| it.first == asked.first));
            let answered = together().filter(|other| other.left.as_ref().is_some_and(|left| left.action.is_some()));
            let count = |number: usize| u32::try_from(number).expect("small");
            add(&mut state, &group_key(step, count(answered.count()), count(together().count()), asked.enough));
        }
    }
    for branch in &flow.arrived {
        let [to, from] = [&branch.to, &branch.from].map(|id| workflow.index(id).expect("a step"));
        add(&mut state, &format!("{to}<{from}{}", if branch.spent { "!" } else { "" }));
    }
    state
}

/// Returns the commands of people and of time at the open steps.
fn commands(workflow: &Workflow, dossier: &Dossier) -> Vec<(Actor, Command)> {
    let mut all = Vec::new();
    for stay in &dossier.flow.stays {
        all.push((Actor::System, Command::Elapse { stay: stay.id, staff: Vec::new() }));
        let step = workflow.step(&stay.at.step).expect("a step");
        for action in step.actions.iter().filter(|action| action.effect != Effect::RequestSupplement) {
            let to = action.effect.targets().next().and_then(|to| workflow.step(to));
            let mut targets = action.effect.targets().filter_map(|to| workflow.step(to));
            let chooses = targets.any(|to| to.many.as_ref().is_some_and(|many| many.chosen));
            let answers: &[&str] = if step.form.is_empty() { &["a"] } else { &["a", "b"] };
            for answer in answers {
                for units in if chooses { 1..=UNITS.len() } else { UNITS.len()..=UNITS.len() } {
                    let role = to.map_or(Role::Counter, |to| to.role);
                    let mut act = act(dossier, Some(stay.id), action.id.as_str(), role);
                    act.typed = step.form.iter().map(|field| (field.id.clone(), json!(answer))).collect();
                    act.places.truncate(units);
                    let actor = if step.role == Role::Applicant { applicant() } else { officer(step.role, false) };
                    all.push((actor, command(act)));
                }
            }
        }
    }
    all
}

/// Returns whether the commands reach every state that the net allows: one branch of a parting is chosen by one answer, so
/// no answer takes both, and two groups are not of every size.
fn is_exact(workflow: &Workflow, dossier: &Dossier) -> bool {
    let chooses = |step: &Step| step.many.as_ref().is_some_and(|many| many.chosen);
    let parts = |action: &Action| action.expressions().next().is_some();
    let open = dossier.flow.stays.iter().filter_map(|stay| workflow.step(&stay.at.step));
    !workflow.steps.iter().any(chooses) && !open.flat_map(|step| &step.actions).any(parts)
}

/// Returns the dossiers that the commands lead to, by their position.
fn after(rules: Rules<'_>, dossier: &Dossier, now: Timestamp) -> BTreeMap<State, Dossier> {
    let workflow = &rules.procedure.workflow;
    let mut found = BTreeMap::new();
    for (actor, command) in commands(workflow, dossier) {
        let Ok(event) = decide(rules, dossier, &actor, command, now) else { continue };
        let mut after = dossier.clone();
        let recorded = Recorded { at: now, actor: actor.reference(), event, choices: Vec::new() };
        after.apply(&recorded).expect("an event of it");
        found.insert(standing(workflow, &after), after);
    }
    found
}

#[test]
fn decisions_lead_to_the_states_that_the_oracle_allows_and_to_all_of_them() {
    let (mut exact, mut asked, mut moves) = (0, 0, 0);
    for seed in 0..WALKS {
        let (procedure, calendar) = (procedure(sound_workflow(seed, true), 0), calendar());
        let workflow = &procedure.workflow;
        let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
        let (mut now, mut rng) = (start(), Rng::new(seed));
        let mut dossier = Dossier::replay([&file(rules, now)]).expect("a dossier");
        for _ in 0..MOVES {
            if dossier.has_ended() {
                break;
            }
            // Every timer has run out by then.
            now += SignedDuration::from_hours(24 * 31);
            let state = standing(workflow, &dossier);
            let mut allowed: BTreeSet<State> =
                Oracle::new(workflow).next(&state).into_iter().map(|(after, _)| after).collect();
            // A request to the applicant leaves the dossier where it is.
            allowed.remove(&state);
            let mut found = after(rules, &dossier, now);
            found.remove(&state);
            let reached: BTreeSet<State> = found.keys().cloned().collect();
            let extra: Vec<_> = reached.difference(&allowed).collect();
            assert!(extra.is_empty(), "seed {seed}: {extra:?} after {state:?}: {workflow:#?}");
            if is_exact(workflow, &dossier) {
                assert_eq!(reached, allowed, "seed {seed}: after {state:?}: {workflow:#?}");
                exact += 1;
            }
            asked += u64::from(state.keys().any(|key| key.contains('?')));
            moves += 1;
            let Some(next) = found.into_values().nth(rng.below(reached.len().max(1))) else { break };
            dossier = next;
        }
    }
    assert!(exact > moves / 4 && asked > 50, "{exact} of {moves} exact, {asked} with groups");
}
