//! The work of officers who leave: it returns to the post, and is never in nobody's list.

use crate::support::{ROLES, act, calendar, command, file, officer, post, procedure, sound_workflow, start};
use jiff::{SignedDuration, Timestamp};
use motcua_domain::dossier::command::{Candidate, Command};
use motcua_domain::dossier::decide::{Rules, decide};
use motcua_domain::dossier::event::{Assignee, BegunStay, Event, Recorded};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, Stay};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::{AbsentOfficer, Actor, Post, Role};
use motcua_domain::registry::Registries;
use motcua_domain::workflow::Workflow;
use proptest::prelude::*;
use serde_json::json;

/// Returns the officers of an organisation. The bits of each number say which posts an officer holds.
fn organisation(posts: &[u8]) -> Vec<Candidate> {
    let held = |bits: u8| (0..ROLES.len()).filter(move |at| bits & (1_u8 << *at) != 0).map(|at| post(ROLES[at]));
    let candidate = |(number, bits): (usize, &u8)| {
        let name = format!("officer{number}");
        Candidate { id: name.as_str().into(), login: name.clone(), name, posts: held(*bits).collect(), open: 0 }
    };
    posts.iter().enumerate().map(candidate).collect()
}

fn person(candidate: &Candidate) -> Actor {
    Actor::Officer {
        id: candidate.id.clone(),
        name: candidate.name.clone(),
        posts: candidate.posts.clone(),
        stands_for: Vec::new(),
        approves_own: candidate.posts.clone(),
        own_accounts: Vec::new(),
    }
}

/// Returns whether the step is in the list of an officer.
fn is_in_a_list(dossier: &Dossier, stay: &Stay, officers: &[Actor]) -> bool {
    officers.iter().any(|officer| may(officer, Deed::TakeStep, Some(dossier.subject_at(stay))))
}

fn record(dossier: &mut Dossier, actor: &Actor, event: Event, now: Timestamp) {
    let recorded = Recorded { at: now, actor: actor.reference(), event, choices: Vec::new() };
    dossier.apply(&recorded).expect("an event of this dossier");
}

/// Lets the portal return the steps of officers who do not hold the post, as after each change of the organisation.
fn return_steps(rules: Rules<'_>, dossier: &mut Dossier, staff: &[Candidate], now: Timestamp) {
    for id in dossier.flow.stays.iter().map(|stay| stay.id).collect::<Vec<_>>() {
        let command = Command::ReturnToPost { stay: id, reason: "nghỉ việc".to_owned(), staff: staff.to_vec() };
        match decide(rules, dossier, &Actor::System, command, now) {
            Ok(event) => record(dossier, &Actor::System, event, now),
            Err(refusal) => assert_eq!(refusal, Refusal::NothingChanges),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_step_is_in_nobodys_list_whoever_leaves_as_long_as_its_post_is_held(
        seed: u64,
        turns in proptest::collection::vec((proptest::collection::vec(0_u8..32, 1..5), 0_usize..4, 0_usize..3), 1..15),
    ) {
        let (procedure, calendar) = (procedure(sound_workflow(seed, true), 0), calendar());
        let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
        let mut now = start();
        let mut dossier = Dossier::replay([&file(rules, now)]).expect("a dossier");
        for (posts, stay, choice) in turns {
            now += SignedDuration::from_hours(1);
            let staff = organisation(&posts);
            return_steps(rules, &mut dossier, &staff, now);
            let officers: Vec<Actor> = staff.iter().map(person).collect();
            for stay in dossier.flow.stays.iter().filter(|stay| stay.waits_for_office()) {
                let held = staff.iter().any(|officer| officer.holds(stay.at.role, dossier.place_of(stay)));
                prop_assert_eq!(is_in_a_list(&dossier, stay, &officers), held, "{:?}", stay);
            }
            // One of them takes a step, or an action at it.
            let stays = &dossier.flow.stays;
            let Some(stay) = stays.get(stay % stays.len().max(1)) else { break };
            let step = procedure.workflow.step(&stay.at.step).expect("a known step");
            let action = &step.actions[choice % step.actions.len()];
            let next = action.effect.targets().next().and_then(|to| procedure.workflow.step(to));
            let mut act = act(&dossier, Some(stay.id), action.id.as_str(), Role::Counter);
            act.typed = step.form.iter().map(|field| (field.id.clone(), json!("a"))).collect();
            act.assignee = next.and_then(|next| staff.iter().find(|officer| officer.serves(next, &dossier.place)).cloned());
            act.staff.clone_from(&staff);
            let take = Command::Take { stay: stay.id, seen: dossier.version };
            let begun = dossier.flow.visits.len();
            for command in [take, command(act)] {
                let done = officers.iter().find_map(|officer| {
                    let event = decide(rules, &dossier, officer, command.clone(), now).ok()?;
                    Some((officer.clone(), event))
                });
                if let Some((officer, event)) = done {
                    record(&mut dossier, &officer, event, now);
                    break;
                }
            }
            for stay in dossier.flow.stays.iter().filter(|stay| usize::try_from(stay.id).expect("small") >= begun) {
                let assignee = stay.assignee.as_ref().map(|assignee| &assignee.id);
                let place = dossier.place_of(stay);
                let holds = |officer: &Candidate| Some(&officer.id) == assignee && officer.holds(stay.at.role, place);
                prop_assert!(assignee.is_none() || staff.iter().any(holds), "{:?}", stay);
            }
        }
    }
}

/// Returns a dossier whose first step an officer took, acted at, and got back.
fn come_back(staff: &[Candidate]) -> Dossier {
    let (procedure, calendar) = (procedure(back_and_forth(), 0), calendar());
    let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
    let mut dossier = Dossier::replay([&file(rules, start())]).expect("a dossier");
    let (counter, leader) = (officer(Role::Counter, false), officer(Role::Leader, false));
    let take = Command::Take { stay: 0, seen: dossier.version };
    let event = decide(rules, &dossier, &counter, take, start()).expect("taken");
    record(&mut dossier, &counter, event, start());
    for actor in [&counter, &leader] {
        let mut act = act(&dossier, None, "on", Role::Counter);
        act.staff = staff.to_vec();
        let event = decide(rules, &dossier, actor, command(act), start()).expect("it moves");
        record(&mut dossier, actor, event, start());
    }
    dossier
}

fn back_and_forth() -> Workflow {
    use motcua_domain::text::Text;
    use motcua_domain::workflow::{Action, Effect, NationalStatus, Step};
    let step = |id: &str, role, to: &str| {
        let mut step = Step::new(id, Text::vi(id), role, NationalStatus::Processing);
        step.actions = vec![
            Action::new("on", Text::default(), Effect::Advance { to: to.into() }),
            Action::new("done", Text::default(), Effect::HandOver),
        ];
        step
    };
    Workflow::new("w", vec![step("a", Role::Counter, "b"), step("b", Role::Leader, "a")], Vec::new())
}

fn assignee_of(dossier: &Dossier) -> Option<&str> {
    dossier.flow.stays.first().and_then(|stay| stay.assignee.as_ref()).map(|assignee| assignee.id.as_str())
}

#[test]
fn a_step_that_comes_back_belongs_to_who_had_it_only_while_they_hold_the_post() {
    let had = |posts: Vec<Post>| Candidate {
        id: "counter0".into(),
        login: "counter0".to_owned(),
        name: "counter0".to_owned(),
        posts,
        open: 0,
    };
    assert_eq!(assignee_of(&come_back(&[had(vec![post(Role::Counter)])])), Some("counter0"));
    assert_eq!(assignee_of(&come_back(&[had(vec![post(Role::Specialist)])])), None, "another post now");
    assert_eq!(assignee_of(&come_back(&[])), None, "they left");
}

#[test]
fn events_of_earlier_versions_leave_a_step_to_who_had_it() {
    let begun = |text: &str| serde_json::from_str::<BegunStay>(text).expect("an old event");
    let old = r#"{"at":{"step":"a","name":{"vi":"a"},"role":"counter","status":"processing"}}"#;
    assert!(!begun(old).assignee_is_decided);
    let new = BegunStay { assignee_is_decided: true, ..begun(old) };
    assert!(begun(&serde_json::to_string(&new).expect("JSON")).assignee_is_decided);
}

#[test]
fn a_deputy_without_the_post_takes_a_step_for_the_officer_on_leave() {
    let (procedure, calendar) = (procedure(back_and_forth(), 0), calendar());
    let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
    let mut dossier = Dossier::replay([&file(rules, start())]).expect("a dossier");
    let absent = AbsentOfficer { id: "counter0".into(), name: "counter0".to_owned(), posts: vec![post(Role::Counter)] };
    let deputy = |posts: Vec<Post>| Actor::Officer {
        id: "son".into(),
        name: "Sơn".to_owned(),
        posts,
        stands_for: vec![absent.clone()],
        approves_own: Vec::new(),
        own_accounts: Vec::new(),
    };
    let take = Command::Take { stay: 0, seen: dossier.version };
    let own = decide(rules, &dossier, &deputy(vec![post(Role::Counter)]), take.clone(), start()).expect("taken");
    let name = |event: &Event| match event {
        Event::Assigned { assignee: Some(Assignee { id, .. }), .. } => id.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(name(&own), "son", "a holder of the post has it alone");
    let stranger = deputy(vec![post(Role::Specialist)]);
    let event = decide(rules, &dossier, &stranger, take, start()).expect("taken");
    assert_eq!(name(&event), "counter0");
    record(&mut dossier, &stranger, event, start());
    let stay = dossier.flow.stays.first().expect("a stay");
    assert!(is_in_a_list(&dossier, stay, &[stranger]), "and the deputy still has it in the list");
}
