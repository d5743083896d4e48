//! Properties of the domain: random sound workflows, random people, random commands, and a straight workflow by hand.

use crate::office::{Office, straight};
use crate::support::{
    ROLES, act, applicant, calendar, command, file, officer, procedure, sound_workflow, start, supplement,
};
use jiff::{SignedDuration, Timestamp};
use motcua_domain::dossier::command::{Act, Command};
use motcua_domain::dossier::decide::{FAULT_DAYS, MOST_MESSAGE_FILES, MOST_MESSAGES, Rules, decide};
use motcua_domain::dossier::event::{
    Assignee, Clocks, DossierOutcome, Event, Payment, PaymentMethod, Rating, Recorded, Refund,
};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, Turn};
use motcua_domain::expression::RuleFault;
use motcua_domain::media::StoredFile;
use motcua_domain::money::Dong;
use motcua_domain::names::Digest;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::registry::Registries;
use motcua_domain::time::clock::Clock;
use motcua_domain::workflow::{NationalStatus, Step};
use proptest::prelude::*;
use serde_json::{Map, json};

/// One random wish: its actor, its command, its stay, and the time since the last wish.
#[derive(Debug, Clone)]
struct Wish {
    who: usize,
    what: usize,
    stay: usize,
    action: usize,
    pause: i64,
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let wish = (0_usize..13, 0_usize..17, 0_usize..4, 0_usize..3, 0_i64..900_000)
        .prop_map(|(who, what, stay, action, pause)| Wish { who, what, stay, action, pause });
    proptest::collection::vec(wish, 0..40)
}

fn person(who: usize) -> Actor {
    match who {
        0 | 11 => applicant(),
        12 => Actor::System,
        _ => officer(ROLES[(who - 1) / 2], who.is_multiple_of(2)),
    }
}

/// Fills in the choice of a branch at every step.
fn filled(step: &Step, first: bool) -> Map<String, serde_json::Value> {
    step.form.iter().map(|field| (field.id.clone(), json!(if first { "a" } else { "b" }))).collect()
}

/// Returns the actor and the command of a wish about a dossier. Every other time the actor has the right.
fn wished(dossier: &Dossier, procedure: &Procedure, wish: &Wish) -> (Actor, Command) {
    let actor = person(wish.who);
    let stays = &dossier.flow.stays;
    let Some(stay) = stays.get(wish.stay % stays.len().max(1)) else {
        return (actor, Command::Rate(Rating { points: [2; 5], text: String::new(), at_counter: false }));
    };
    let step = procedure.workflow.step(&stay.at.step).expect("a known step");
    let action = &step.actions[wish.action % step.actions.len()];
    let to = action.effect.targets().next().and_then(|to| procedure.workflow.step(to));
    let holder = || if step.role == Role::Applicant { applicant() } else { officer(step.role, false) };
    let command = match wish.what {
        0 => Command::Withdraw { reason: "thôi".to_owned() },
        1 => Command::Lapse,
        2 => Command::SendMessage { text: "chào".to_owned(), files: Vec::new() },
        3 => Command::Take { stay: stay.id, seen: dossier.version },
        4 => supplement(dossier),
        5 => Command::Release { stay: stay.id, seen: dossier.version },
        6 => Command::RecordPayment(Payment {
            amount: dossier.owed(),
            method: PaymentMethod::Cash,
            receipt: "1".to_owned(),
        }),
        7 => return (Actor::System, Command::Elapse { stay: stay.id, staff: Vec::new() }),
        8 => return (holder(), Command::Undo { seen: dossier.version }),
        9 => {
            let fault = RuleFault::Overrun { at: "rows".to_owned() };
            return (Actor::System, Command::Extend { fault });
        }
        16 => Command::RecordRefund(Refund {
            amount: dossier.refundable().max(Dong(1)),
            method: PaymentMethod::Cash,
            receipt: "1".to_owned(),
        }),
        _ => {
            let mut act = act(dossier, Some(stay.id), action.id.as_str(), to.map_or(Role::Counter, |to| to.role));
            act.typed = filled(step, wish.action != 1);
            act.places.truncate(if wish.action == 2 { 1 + wish.stay } else { act.places.len() });
            if wish.what > 11 {
                return (holder(), command(act));
            }
            command(act)
        }
    };
    (actor, command)
}

/// Runs the wishes and returns all events, each with the state that followed.
fn run(
    rules: Rules<'_>,
    wishes: &[Wish],
    mut each: impl FnMut(&Dossier, &Dossier, Timestamp),
) -> (Vec<Recorded>, Dossier, Timestamp) {
    let mut now = start();
    let mut events = vec![file(rules, now)];
    let mut dossier = Dossier::replay(&events).expect("a dossier");
    for wish in wishes {
        now += SignedDuration::from_secs(wish.pause);
        let before = dossier.clone();
        let (actor, command) = wished(&dossier, rules.procedure, wish);
        if let Ok(event) = decide(rules, &dossier, &actor, command, now) {
            let recorded = Recorded { at: now, actor: actor.reference(), event, choices: Vec::new() };
            dossier.apply(&recorded).expect("an event of this dossier");
            events.push(recorded);
        } else {
            assert_eq!(before, dossier, "a refused command changed something");
        }
        each(&before, &dossier, now);
    }
    (events, dossier, now)
}

/// Returns the position of a dossier, for telling states apart.
fn standing(dossier: &Dossier) -> (Vec<String>, Vec<String>, Dong) {
    let stays = dossier.flow.stays.iter();
    let mut open: Vec<String> = stays.map(|stay| format!("{} {}", stay.at.step, stay.waits.is_some())).collect();
    open.sort();
    (open, dossier.flow.arrived.iter().map(|branch| format!("{branch:?}")).collect(), dossier.owed())
}

/// Returns every state that a person or the timer could cause next.
fn next(rules: Rules<'_>, dossier: &Dossier, now: Timestamp) -> Vec<Dossier> {
    let payment = Payment { amount: dossier.owed(), method: PaymentMethod::Cash, receipt: "1".to_owned() };
    let mut tries =
        vec![(Actor::System, Command::Lapse), (officer(Role::Counter, false), Command::RecordPayment(payment))];
    for stay in &dossier.flow.stays {
        tries.push((Actor::System, Command::Elapse { stay: stay.id, staff: Vec::new() }));
        let Some(step) = rules.procedure.workflow.step(&stay.at.step) else { continue };
        for action in &step.actions {
            let to = action.effect.targets().next().and_then(|to| rules.procedure.workflow.step(to));
            let role = to.map_or(Role::Counter, |to| to.role);
            for choice in [true, false] {
                let mut act = act(dossier, Some(stay.id), action.id.as_str(), role);
                act.typed = filled(step, choice);
                match step.role {
                    Role::Applicant => tries.push((applicant(), command(act))),
                    role => {
                        tries.push((officer(role, false), command(act.clone())));
                        tries.push((officer(role, true), command(act)));
                    }
                }
            }
        }
    }
    let after = tries.into_iter().filter_map(|(actor, command)| {
        let event = decide(rules, dossier, &actor, command, now).ok()?;
        let mut after = dossier.clone();
        after.apply(&Recorded { at: now, actor: actor.reference(), event, choices: Vec::new() }).ok()?;
        Some(after)
    });
    after.collect()
}

/// Lets officers, the applicant's own steps and time bring a dossier to its end by the shortest way.
fn can_end(rules: Rules<'_>, dossier: Dossier, mut now: Timestamp) -> Result<(), String> {
    let mut known = std::collections::HashSet::from([standing(&dossier)]);
    let mut open = vec![dossier];
    while !open.is_empty() && known.len() < 3_000 {
        // The longest time of the applicant, and days off after it.
        now += SignedDuration::from_hours((i64::from(FAULT_DAYS) + 5) * 24);
        let mut later = Vec::new();
        for dossier in &open {
            if dossier.has_ended() {
                return Ok(());
            }
            later.extend(next(rules, dossier, now).into_iter().filter(|after| known.insert(standing(after))));
        }
        open = later;
    }
    Err(format!("no end among {} states", known.len()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_journal_replayed_gives_the_state_that_was_shown(seed: u64, wishes in wishes(), fee in 0_i64..2) {
        let (procedure, calendar) = (procedure(sound_workflow(seed, true), fee), calendar());
        let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
        let (events, shown, _) = run(rules, &wishes, |_, _, _| {});
        let written = serde_json::to_string(&events).expect("events are JSON");
        let read: Vec<Recorded> = serde_json::from_str(&written).expect("and are read back");
        prop_assert_eq!(Dossier::replay(&read).expect("a dossier"), shown);
    }

    #[test]
    fn no_sequence_of_commands_leads_to_a_state_from_which_the_dossier_cannot_end(
        seed: u64, branching: bool, wishes in wishes(), fee in 0_i64..2,
    ) {
        let (procedure, calendar) = (procedure(sound_workflow(seed, branching), fee), calendar());
        let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
        let (_, dossier, now) = run(rules, &wishes, |_, _, _| {});
        let ended = can_end(rules, dossier, now);
        prop_assert!(ended.is_ok(), "{:?} {:#?}", ended, procedure.workflow);
    }

    #[test]
    fn nothing_but_rating_and_messages_follows_the_end_and_the_clock_stands_while_the_applicant_is_awaited(
        seed: u64, wishes in wishes(), fee in 0_i64..2,
    ) {
        let (procedure, calendar) = (procedure(sound_workflow(seed, true), fee), calendar());
        let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
        run(rules, &wishes, |before, after, _| {
            if before.has_ended() {
                assert_eq!((&before.flow, before.payments.len()), (&after.flow, after.payments.len()));
            }
            let waits = matches!(after.turn(), Turn::Supplement { .. } | Turn::Payment { .. });
            let theirs = after.flow.stays.iter().all(|stay| stay.at.role == Role::Applicant);
            if !after.has_ended() {
                assert_eq!(waits || theirs, matches!(after.flow.whole, Clock::Stopped { .. }), "{:?}", after.turn());
            }
        });
    }

    #[test]
    fn an_action_taken_back_leaves_nothing_behind(seed: u64, wishes in wishes()) {
        let (procedure, calendar) = (procedure(sound_workflow(seed, true), 0), calendar());
        let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
        let (_, dossier, now) = run(rules, &wishes, |_, _, _| {});
        for after in next(rules, &dossier, now) {
            let Some(undo) = after.undo.as_ref().filter(|undo| !undo.left_the_house) else { continue };
            let role = ROLES.into_iter().find(|role| undo.actor.user() == Some(&format!("{}0", role.name()).as_str().into()));
            let Some(role) = role else { continue };
            let event = decide(rules, &after, &officer(role, false), Command::Undo { seen: after.version }, now);
            prop_assert_eq!(after.may_undo(&officer(role, false)), Some(&undo.action));
            prop_assert_eq!(after.may_undo(&officer(role, true)), None);
            let mut undone = after.clone();
            let recorded = Recorded { at: now, actor: undo.actor.clone(), event: event.expect("it can be taken back"), choices: Vec::new() };
            undone.apply(&recorded).expect("an event of it");
            prop_assert_eq!(&undone.flow, &dossier.flow);
            // Only the person who took an action may undo it.
            let other = decide(rules, &after, &officer(role, true), Command::Undo { seen: after.version }, now);
            prop_assert_eq!(other, Err(Refusal::NothingToUndo));
        }
    }
}

#[test]
fn a_supplement_is_asked_for_once_per_step_and_the_clock_goes_on_with_what_was_left() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    let promised = office.dossier.filed.appointment.expect("the calendar knows it");
    office.later(1);
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&counter, ask).expect("asked");
    assert_eq!(office.dossier.status(), NationalStatus::SupplementRequested);
    office.later(48);
    let given = supplement(&office.dossier);
    let specialist = officer(Role::Specialist, false);
    assert_eq!(office.does(&specialist, given.clone()), Err(Refusal::NotAllowed));
    office.does(&applicant(), given).expect("supplemented");
    // The dossier waited two whole working days, so the appointment moves by exactly two working days.
    let moved = office.dossier.flow.whole.due().expect("it runs");
    assert_eq!(office.calendar.working_between(promised, moved), Ok(2 * 8 * 3600));
    let mut again = act(&office.dossier, None, "ask", Role::Counter);
    again.new_grounds = None;
    assert_eq!(office.does(&counter, command(again)), Err(Refusal::AskedAlready));
}

#[test]
fn a_fee_that_is_owed_stops_the_clock_until_it_is_recorded() {
    let mut office = Office::open(28_000);
    let counter = officer(Role::Counter, false);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&counter, accept).expect("accepted");
    assert_eq!(office.dossier.status(), NationalStatus::PaymentRequested);
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    assert_eq!(office.does(&officer(Role::Specialist, false), done.clone()), Err(Refusal::WaitsForApplicant));
    let pay = |amount| {
        Command::RecordPayment(Payment { amount: Dong(amount), method: PaymentMethod::Cash, receipt: "7".into() })
    };
    assert_eq!(office.does(&counter, pay(28_001)), Err(Refusal::WrongAmount { owed: Dong(28_000) }));
    office.does(&counter, pay(28_000)).expect("paid");
    assert_eq!(office.does(&counter, pay(28_000)), Err(Refusal::NothingOwed));
    assert_eq!(office.dossier.status(), NationalStatus::Processing);
}

#[test]
fn an_officer_who_acts_on_what_has_changed_meanwhile_is_told_so() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    let stale = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&counter, command(act(&office.dossier, None, "ask", Role::Counter))).expect("asked");
    assert_eq!(office.does(&counter, stale.clone()), Err(Refusal::Changed), "a colleague asked for a supplement");
    let given = supplement(&office.dossier);
    office.does(&applicant(), given).expect("supplemented");
    assert_eq!(office.does(&counter, stale.clone()), Err(Refusal::Changed), "the answers are others");
    office.does(&counter, command(act(&office.dossier, None, "accept", Role::Specialist))).expect("accepted");
    assert_eq!(office.does(&counter, stale), Err(Refusal::Changed), "the step is over");
    let unseen = |seen, dossier: &Dossier| command(Act { seen, ..act(dossier, None, "done", Role::Counter) });
    for seen in [0, office.dossier.version + 1] {
        let command = unseen(seen, &office.dossier);
        assert_eq!(office.does(&officer(Role::Specialist, false), command), Err(Refusal::Changed), "{seen}");
    }
}

#[test]
fn nobody_is_refused_over_words_that_the_officer_has_not_read() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    let unread = command(act(&office.dossier, None, "decline", Role::Specialist));
    office.does(&applicant(), Command::SendMessage { text: "tôi có giấy tờ".into(), files: Vec::new() }).expect("sent");
    assert_eq!(office.does(&counter, unread), Err(Refusal::Changed));
    let read = command(act(&office.dossier, None, "decline", Role::Specialist));
    office.does(&counter, Command::SendMessage { text: "chào anh".into(), files: Vec::new() }).expect("answered");
    office.does(&counter, read).expect("an officer's own message changes nothing");
}

#[test]
fn what_no_decision_rests_on_does_not_make_a_page_old() {
    let mut office = Office::open(28_000);
    let counter = officer(Role::Counter, false);
    let old = command(act(&office.dossier, None, "accept", Role::Specialist));
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    let payment = Payment { amount: Dong(28_000), method: PaymentMethod::Cash, receipt: "7".into() };
    office.does(&applicant(), Command::SendMessage { text: "xin chào".into(), files: Vec::new() }).expect("sent");
    office.does(&counter, Command::SendMessage { text: "chào anh".into(), files: Vec::new() }).expect("answered");
    office.does(&counter, Command::RecordPayment(payment)).expect("paid");
    let clocks = |dossier: &Dossier| Clocks::of(dossier.flow.whole.clone());
    let reminded = Event::Reminded { stay: 0 };
    let escalated = Event::Escalated { stay: 0, to: Role::Leader };
    let (reason, timers) = ("Nghỉ bão".to_owned(), Vec::new());
    let rescheduled = Event::Rescheduled { reason, clocks: clocks(&office.dossier), timers };
    for event in [reminded, escalated, rescheduled] {
        let recorded = Recorded { at: office.now, actor: Actor::System.reference(), event, choices: Vec::new() };
        office.dossier.apply(&recorded).expect("an event of it");
    }
    let Actor::Officer { id, name, .. } = &counter else { panic!("an officer") };
    let assignee = Some(Assignee { id: id.clone(), name: name.clone(), role: Role::Counter });
    let event = Event::Assigned { stay: 0, assignee, note: Some("Nhờ anh".into()) };
    let recorded = Recorded { at: office.now, actor: Actor::System.reference(), event, choices: Vec::new() };
    office.dossier.apply(&recorded).expect("an event of it");
    assert_eq!(
        office.does(&officer(Role::Counter, true), ask),
        Err(Refusal::NotAllowed),
        "it is another officer's now"
    );
    office.does(&counter, old).expect("accepted as it was seen");
}

#[test]
fn an_officer_who_gives_a_step_away_knows_who_has_it() {
    let mut office = Office::open(0);
    let (one, two) = (officer(Role::Counter, false), officer(Role::Counter, true));
    let seen = office.dossier.version;
    office.does(&applicant(), Command::SendMessage { text: "xin chào".into(), files: Vec::new() }).expect("sent");
    office.does(&one, Command::Take { stay: 0, seen }).expect("a message changes nothing of who has it");
    assert_eq!(office.does(&one, Command::Release { stay: 0, seen }), Err(Refusal::Changed));
    let seen = office.dossier.version;
    office.does(&one, Command::Release { stay: 0, seen }).expect("given back");
    assert_eq!(office.does(&two, Command::Take { stay: 0, seen }), Err(Refusal::Changed));
}

#[test]
fn a_step_that_began_again_after_an_action_was_taken_back_is_not_the_one_that_was_seen() {
    let mut office = Office::open(0);
    let mut workflow = straight();
    workflow.steps[0].status = NationalStatus::Processing;
    workflow.steps[1].status = NationalStatus::Processing;
    office.procedure.workflow = workflow;
    let first = file(
        Rules { procedure: &office.procedure, calendar: &office.calendar, registries: Registries::NONE, choices: &[] },
        start(),
    );
    office.dossier = Dossier::replay([&first]).expect("a dossier");
    // The first step of a filing has the status from the filing.
    office.dossier.flow.stays[0].at.status = NationalStatus::Processing;
    let (counter, specialist) = (officer(Role::Counter, false), officer(Role::Specialist, false));
    office.does(&counter, command(act(&office.dossier, None, "accept", Role::Specialist))).expect("accepted");
    let stale = command(act(&office.dossier, Some(1), "done", Role::Counter));
    let undo = Command::Undo { seen: office.dossier.version };
    office.does(&applicant(), Command::SendMessage { text: "xin chào".into(), files: Vec::new() }).expect("sent");
    office.does(&counter, undo.clone()).expect("a message changes nothing of the action");
    office.does(&counter, command(act(&office.dossier, None, "accept", Role::Specialist))).expect("accepted again");
    assert_eq!(office.dossier.flow.stays[0].id, 1, "under the same number");
    assert_eq!(office.does(&specialist, stale), Err(Refusal::Changed));
    assert_eq!(office.does(&counter, undo), Err(Refusal::Changed), "it was another action");
}

#[test]
fn an_applicant_writes_so_many_messages_in_a_dossier_and_officers_answer_all_of_them() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    let message = || Command::SendMessage { text: "xin chào".into(), files: Vec::new() };
    // Messages of officers do not count against the applicant's limit.
    office.does(&counter, message()).expect("sent");
    for _ in 0..MOST_MESSAGES {
        office.does(&applicant(), message()).expect("sent");
    }
    assert_eq!(office.does(&applicant(), message()), Err(Refusal::TooManyMessages { max: MOST_MESSAGES }));
    office.does(&counter, message()).expect("sent");
    assert_eq!(office.dossier.messages.len(), MOST_MESSAGES + 2);
}

#[test]
fn the_files_of_a_message_belong_to_the_dossier_and_are_open_to_both_sides() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    let sent = |name: &str| StoredFile {
        digest: Digest(name.repeat(64)),
        name: format!("{name}.pdf"),
        media_type: "application/pdf".into(),
        bytes: 1,
    };
    let message = |names: &[&str]| {
        let files = names.iter().map(|name| sent(name)).collect();
        Command::SendMessage { text: "xin chào".into(), files }
    };
    let six = message(&["a", "b", "c", "d", "e", "f"]);
    let refused = Err(Refusal::TooManyMessageFiles { max: MOST_MESSAGE_FILES });
    for actor in [applicant(), counter.clone()] {
        assert_eq!(office.does(&actor, six.clone()), refused);
    }
    let before = office.dossier.files().count();
    office.does(&applicant(), message(&["a", "b"])).expect("sent");
    office.does(&counter, message(&["c"])).expect("answered");
    assert_eq!(office.dossier.files().count(), before + 3);
    for actor in [applicant(), counter] {
        let names: Vec<&str> = office.dossier.files_for(&actor).map(|file| file.name.as_str()).collect();
        assert!(["a.pdf", "b.pdf", "c.pdf"].iter().all(|name| names.contains(name)), "{names:?}");
    }
}

#[test]
fn a_limit_that_the_applicant_lets_pass_ends_the_dossier_and_not_before() {
    let mut office = Office::open(0);
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    office.later(29 * 24);
    assert_eq!(office.does(&Actor::System, Command::Lapse), Err(Refusal::TimeLeft));
    office.later(3 * 24);
    office.does(&Actor::System, Command::Lapse).expect("lapsed");
    assert_eq!(office.dossier.flow.ended.map(|end| end.outcome), Some(DossierOutcome::Lapsed));
}

#[test]
fn a_result_is_handed_over_and_then_rated_once() {
    let mut office = Office::open(0);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    assert_eq!(office.does(&officer(Role::Specialist, true), done.clone()), Err(Refusal::NotAllowed));
    office.does(&officer(Role::Specialist, false), done).expect("done");
    assert_eq!(office.does(&applicant(), Command::Withdraw { reason: "thôi".into() }), Err(Refusal::AlreadyProcessed));
    let rate = || Command::Rate(Rating { points: [2, 2, 1, 2, 2], text: String::new(), at_counter: false });
    assert_eq!(office.does(&applicant(), rate()), Err(Refusal::NotEnded));
    let hand_over = command(act(&office.dossier, None, "hand-over", Role::Counter));
    office.does(&officer(Role::Counter, true), hand_over).expect("handed over");
    office.does(&applicant(), rate()).expect("rated");
    assert_eq!(office.does(&applicant(), rate()), Err(Refusal::RatedAlready));
    let event = Event::MessageSent { text: "cảm ơn".into(), promised: None, files: Vec::new() };
    assert_eq!(event.name(), "message-sent");
}
