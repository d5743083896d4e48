//! Properties of the heart: random sound workflows, random people, random commands.

use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};
use motcua_domain::calendar::{Calendar, Limit, Session, Year, instant};
use motcua_domain::clock::Clock;
use motcua_domain::command::{Act, Command, Filing, Refusal};
use motcua_domain::decide::{Rules, decide, decide_filing};
use motcua_domain::dossier::{Dossier, Stage};
use motcua_domain::event::{Applicant, Assignee, Event, Outcome, Payment, PaymentMethod, Rating, Recorded, StoredFile};
use motcua_domain::expression::Condition;
use motcua_domain::form::Form;
use motcua_domain::money::Dong;
use motcua_domain::names::{Digest, DossierCode, StepId};
use motcua_domain::organisation::{Actor, Post, Role};
use motcua_domain::procedure::{Fee, FeeKind, Procedure};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::workflow::{Action, Effect, NationalStatus, Requirement, Step, Workflow};
use proptest::prelude::*;
use serde_json::Map;
use uuid::Uuid;

const ROLES: [Role; 5] = [Role::Counter, Role::UnitHead, Role::Specialist, Role::Appraiser, Role::Leader];

fn calendar() -> Calendar {
    let day = vec![
        Session { from: time(7, 30, 0, 0), to: time(11, 30, 0, 0) },
        Session { from: time(13, 0, 0, 0), to: time(17, 0, 0, 0) },
    ];
    let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, vec![], vec![]];
    let year = Year { working_day: 8 * 3600, week, ..Year::default() };
    Calendar::new((2026..2040).map(|number| (number, year.clone())).collect())
}

fn procedure(workflow: Workflow, fee: i64) -> Procedure {
    let fee = Fee { name: Text::vi("Phí"), kind: FeeKind::Fee, amount: Dong(fee), when: Condition::Fixed(fee > 0) };
    Procedure {
        code: "1.000001".into(),
        slug: "thu".into(),
        name: Text::vi("Thử"),
        summary: Text::default(),
        agency: "so".into(),
        unit: "phong".into(),
        field: Text::default(),
        audience: vec![],
        life_events: vec![],
        keywords: vec![],
        level: 3,
        limit: Limit::WorkingDays(5),
        limit_cases: vec![],
        waiting_days: 30,
        result: Text::default(),
        how_to: vec![],
        conditions: vec![],
        eligibility: None,
        legal_basis: vec![],
        papers: vec![],
        fees: vec![fee],
        form: Form::default(),
        workflow,
        plugin: None,
    }
}

fn applicant() -> Actor {
    Actor::Applicant { id: "an".into(), name: "An".to_owned() }
}

fn post(role: Role) -> Post {
    Post { agency: "so".into(), unit: "phong".into(), role }
}

/// Two officers for each role, so that an assigned step has somebody it does not belong to.
fn officer(role: Role, second: bool) -> Actor {
    let id = format!("{}{}", role.name(), u8::from(second));
    Actor::Officer { id: id.as_str().into(), name: id, posts: vec![post(role)] }
}

fn file(rules: Rules<'_>, now: Timestamp) -> Recorded {
    let filing = Filing {
        code: DossierCode::parse("H09.01-260105-0001").expect("a code"),
        draft: Uuid::nil(),
        applicant: Applicant { id: "an".into(), name: "An".to_owned(), phone: String::new(), email: None },
        typed: Map::new(),
        papers: vec![],
        verdict: None,
        consent: true,
    };
    let event = decide_filing(rules, &applicant(), filing, now).expect("a complete filing");
    Recorded { at: now, actor: applicant().reference(), event }
}

fn act(dossier: &Dossier, action: &str, role: Role) -> Command {
    let assignee = Assignee { id: format!("{}0", role.name()).as_str().into(), name: String::new(), role };
    Command::Act(Box::new(Act {
        action: action.into(),
        seen: dossier.version,
        note: "vì".to_owned(),
        assignee: Some((assignee, vec![post(role)])),
        result: Some(StoredFile {
            digest: Digest("0".repeat(64)),
            name: "kq.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: 1,
        }),
        new_grounds: Some("mới".to_owned()),
    }))
}

/// One random wish: who, what, and how long after the last one.
#[derive(Debug, Clone)]
struct Wish {
    who: usize,
    what: usize,
    action: usize,
    pause: i64,
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let wish = (0_usize..13, 0_usize..12, 0_usize..3, 0_i64..900_000).prop_map(|(who, what, action, pause)| Wish {
        who,
        what,
        action,
        pause,
    });
    proptest::collection::vec(wish, 0..40)
}

fn person(who: usize) -> Actor {
    match who {
        0 | 11 => applicant(),
        12 => Actor::System,
        _ => officer(ROLES[(who - 1) / 2], who.is_multiple_of(2)),
    }
}

fn command(dossier: &Dossier, procedure: &Procedure, wish: &Wish) -> Command {
    let step = procedure.workflow.step(&dossier.at.step).expect("a known step");
    let action = &step.actions[wish.action % step.actions.len()];
    let to = action.effect.target().and_then(|to| procedure.workflow.step(to));
    match wish.what {
        0 => Command::Withdraw { reason: "thôi".to_owned() },
        1 => Command::Lapse,
        2 => Command::SendMessage { text: "chào".to_owned() },
        3 => Command::Rate(Rating { points: [2; 5], text: String::new() }),
        4 | 5 => Command::Supplement { typed: Map::new(), papers: vec![], verdict: None },
        6 => Command::RecordPayment(Payment {
            amount: dossier.owed(),
            method: PaymentMethod::Cash,
            receipt: "1".to_owned(),
        }),
        _ => act(dossier, action.id.as_str(), to.map_or(Role::Counter, |to| to.role)),
    }
}

prop_compose! {
    fn any_action(steps: usize)(kind in 0_usize..8, to in 0..steps, needs in 0_usize..5, name in 0_u32..1000) -> Action {
        let target = StepId(format!("s{to}"));
        let effect = match kind {
            0..=3 => Effect::Advance { to: target },
            4 => Effect::RequestPayment { to: target },
            5 => Effect::RequestSupplement,
            6 => Effect::Refuse,
            _ => Effect::HandOver,
        };
        let requires = match needs {
            0 => vec![Requirement::Note],
            1 if effect.target().is_some() => vec![Requirement::Assignee],
            2 => vec![Requirement::ResultFile],
            3 => vec![Requirement::FeePaid],
            _ => vec![],
        };
        Action { id: format!("a{name}").as_str().into(), name: Text::default(), effect, requires }
    }
}

fn any_step(id: usize, steps: usize) -> impl Strategy<Value = Step> {
    let limit = prop_oneof![Just(None), (1_u32..9).prop_map(|hours| Some(Limit::WorkingHours(hours)))];
    (0..ROLES.len(), limit, any::<bool>(), proptest::collection::vec(any_action(steps), 1..4)).prop_map(
        move |(role, limit, processed, actions)| Step {
            id: StepId(format!("s{id}")),
            name: Text::default(),
            role: ROLES[role],
            limit,
            status: if processed { NationalStatus::Processed } else { NationalStatus::Processing },
            actions,
        },
    )
}

fn sound_workflow() -> impl Strategy<Value = Workflow> {
    (1_usize..6)
        .prop_flat_map(|steps| (0..steps).map(|id| any_step(id, steps)).collect::<Vec<_>>())
        .prop_map(|steps| Workflow { id: "w".to_owned(), steps })
        .prop_filter("sound", |workflow| workflow.problems().is_empty())
}

fn start() -> Timestamp {
    instant(jiff::civil::date(2026, 1, 5).at(9, 0, 0, 0))
}

/// Runs the wishes; gives all events and the state that was shown after them.
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
        let command = command(&dossier, rules.procedure, wish);
        let actor = person(wish.who);
        if let Ok(event) = decide(rules, &dossier, &actor, command, now) {
            let recorded = Recorded { at: now, actor: actor.reference(), event };
            dossier.apply(&recorded).expect("an event of this dossier");
            events.push(recorded);
        } else {
            assert_eq!(before, dossier, "a refused command changed something");
        }
        each(&before, &dossier, now);
    }
    (events, dossier, now)
}

/// Lets officers and the portal, without the applicant, bring a dossier to its end by the shortest way.
fn officers_end(rules: Rules<'_>, dossier: Dossier, mut now: Timestamp) -> Result<Dossier, String> {
    let mut open = vec![dossier];
    for _ in 0..64 {
        now += SignedDuration::from_hours(31 * 24);
        let mut next = Vec::new();
        for dossier in &open {
            if dossier.has_ended() {
                return Ok(dossier.clone());
            }
            let step = rules.procedure.workflow.step(&dossier.at.step).ok_or("unknown step")?;
            let mut tries = vec![(Actor::System, Command::Lapse)];
            let payment = Payment { amount: dossier.owed(), method: PaymentMethod::Cash, receipt: "1".to_owned() };
            tries.push((officer(Role::Counter, false), Command::RecordPayment(payment)));
            for action in &step.actions {
                let role = action
                    .effect
                    .target()
                    .and_then(|to| rules.procedure.workflow.step(to))
                    .map_or(Role::Counter, |s| s.role);
                for second in [false, true] {
                    tries.push((officer(step.role, second), act(dossier, action.id.as_str(), role)));
                }
            }
            for (actor, command) in tries {
                if let Ok(event) = decide(rules, dossier, &actor, command, now) {
                    let mut after = dossier.clone();
                    after.apply(&Recorded { at: now, actor: actor.reference(), event }).map_err(|e| e.to_string())?;
                    if !next.iter().any(|other: &Dossier| {
                        other.at == after.at && other.stage == after.stage && other.owed() == after.owed()
                    }) {
                        next.push(after);
                    }
                }
            }
        }
        open = next;
    }
    Err("no end after 64 steps".to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_journal_replayed_gives_the_state_that_was_shown(workflow in sound_workflow(), wishes in wishes(), fee in 0_i64..2) {
        let (procedure, calendar) = (procedure(workflow, fee), calendar());
        let (events, shown, _) = run(Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE }, &wishes, |_, _, _| {});
        let written = serde_json::to_string(&events).expect("events are JSON");
        let read: Vec<Recorded> = serde_json::from_str(&written).expect("and are read back");
        prop_assert_eq!(Dossier::replay(&read).expect("a dossier"), shown);
    }

    #[test]
    fn no_sequence_of_commands_leads_to_a_state_from_which_the_dossier_cannot_end(
        workflow in sound_workflow(), wishes in wishes(), fee in 0_i64..2,
    ) {
        let (procedure, calendar) = (procedure(workflow, fee), calendar());
        let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE };
        let (_, dossier, now) = run(rules, &wishes, |_, _, _| {});
        let ended = officers_end(rules, dossier, now);
        prop_assert!(ended.is_ok(), "{:?}", ended);
    }

    #[test]
    fn nothing_but_rating_and_messages_follows_the_end_and_the_clock_stands_while_the_applicant_is_awaited(
        workflow in sound_workflow(), wishes in wishes(), fee in 0_i64..2,
    ) {
        let (procedure, calendar) = (procedure(workflow, fee), calendar());
        run(Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE }, &wishes, |before, after, _| {
            if before.has_ended() {
                assert_eq!((&before.stage, &before.at, before.payments.len()), (&after.stage, &after.at, after.payments.len()));
            }
            let waits = matches!(after.stage, Stage::AwaitingSupplement { .. } | Stage::AwaitingPayment { .. });
            if !after.has_ended() {
                assert_eq!(waits, matches!(after.clocks.whole, Clock::Stopped { .. }), "{:?}", after.stage);
            }
        });
    }
}

fn straight() -> Workflow {
    let action = |id: &str, effect, requires| Action { id: id.into(), name: Text::default(), effect, requires };
    let step = |id: &str, role, status, actions| Step {
        id: id.into(),
        name: Text::vi(id),
        role,
        limit: Some(Limit::WorkingHours(4)),
        status,
        actions,
    };
    Workflow {
        id: "straight".to_owned(),
        steps: vec![
            step(
                "intake",
                Role::Counter,
                NationalStatus::Received,
                vec![
                    action("accept", Effect::RequestPayment { to: "work".into() }, vec![Requirement::Assignee]),
                    action("ask", Effect::RequestSupplement, vec![]),
                    action("decline", Effect::Decline, vec![]),
                ],
            ),
            step(
                "work",
                Role::Specialist,
                NationalStatus::Processing,
                vec![action("done", Effect::Advance { to: "return".into() }, vec![Requirement::ResultFile])],
            ),
            step(
                "return",
                Role::Counter,
                NationalStatus::Processed,
                vec![action("hand-over", Effect::HandOver, vec![Requirement::FeePaid])],
            ),
        ],
    }
}

struct Office {
    procedure: Procedure,
    calendar: Calendar,
    dossier: Dossier,
    now: Timestamp,
}

impl Office {
    fn open(fee: i64) -> Self {
        let (procedure, calendar) = (procedure(straight(), fee), calendar());
        let event = file(Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE }, start());
        Self { dossier: Dossier::replay([&event]).expect("a dossier"), procedure, calendar, now: start() }
    }

    fn does(&mut self, actor: &Actor, command: Command) -> Result<(), Refusal> {
        let rules = Rules { procedure: &self.procedure, calendar: &self.calendar, registries: Registries::NONE };
        let event = decide(rules, &self.dossier, actor, command, self.now)?;
        self.dossier.apply(&Recorded { at: self.now, actor: actor.reference(), event }).expect("an event of it");
        Ok(())
    }

    fn later(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
    }
}

#[test]
fn a_supplement_is_asked_for_once_per_step_and_the_clock_goes_on_with_what_was_left() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    let promised = office.dossier.filed.appointment;
    office.later(1);
    let ask = act(&office.dossier, "ask", Role::Counter);
    office.does(&counter, ask).expect("asked");
    assert_eq!(office.dossier.status(), NationalStatus::SupplementRequested);
    office.later(48);
    let supplement = || Command::Supplement { typed: Map::new(), papers: vec![], verdict: None };
    assert_eq!(office.does(&counter, supplement()), Err(Refusal::NotAllowed));
    office.does(&applicant(), supplement()).expect("supplemented");
    // Two whole working days were waited, so the appointment moves by exactly two working days.
    let moved = office.dossier.clocks.whole.due().expect("it runs");
    assert_eq!(office.calendar.working_between(promised, moved), Ok(2 * 8 * 3600));
    let Command::Act(mut again) = act(&office.dossier, "ask", Role::Counter) else { unreachable!("act gives Act") };
    again.new_grounds = None;
    assert_eq!(office.does(&counter, Command::Act(again)), Err(Refusal::AskedAlready));
}

#[test]
fn a_fee_that_is_owed_stops_the_clock_until_it_is_recorded() {
    let mut office = Office::open(28_000);
    let counter = officer(Role::Counter, false);
    let accept = act(&office.dossier, "accept", Role::Specialist);
    office.does(&counter, accept).expect("accepted");
    assert_eq!(office.dossier.status(), NationalStatus::PaymentRequested);
    let done = act(&office.dossier, "done", Role::Counter);
    assert_eq!(office.does(&officer(Role::Specialist, false), done.clone()), Err(Refusal::WaitsForApplicant));
    let pay = |amount| {
        Command::RecordPayment(Payment { amount: Dong(amount), method: PaymentMethod::Cash, receipt: "7".into() })
    };
    assert_eq!(office.does(&counter, pay(1)), Err(Refusal::WrongAmount { owed: Dong(28_000) }));
    office.does(&counter, pay(28_000)).expect("paid");
    assert_eq!(office.does(&counter, pay(28_000)), Err(Refusal::NothingOwed));
    assert_eq!(office.dossier.status(), NationalStatus::Processing);
}

#[test]
fn an_officer_who_acts_on_what_has_changed_meanwhile_is_told_so() {
    let mut office = Office::open(0);
    let stale = act(&office.dossier, "accept", Role::Specialist);
    office.does(&applicant(), Command::SendMessage { text: "xin chào".into() }).expect("sent");
    assert_eq!(office.does(&officer(Role::Counter, false), stale), Err(Refusal::Changed));
}

#[test]
fn a_limit_that_the_applicant_lets_pass_ends_the_dossier_and_not_before() {
    let mut office = Office::open(0);
    let ask = act(&office.dossier, "ask", Role::Counter);
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    office.later(29 * 24);
    assert_eq!(office.does(&Actor::System, Command::Lapse), Err(Refusal::TimeLeft));
    office.later(3 * 24);
    office.does(&Actor::System, Command::Lapse).expect("lapsed");
    assert!(matches!(office.dossier.stage, Stage::Ended { outcome: Outcome::Lapsed, .. }));
}

#[test]
fn a_result_is_handed_over_and_then_rated_once() {
    let mut office = Office::open(0);
    let accept = act(&office.dossier, "accept", Role::Specialist);
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    let done = act(&office.dossier, "done", Role::Counter);
    assert_eq!(office.does(&officer(Role::Specialist, true), done.clone()), Err(Refusal::NotAllowed));
    office.does(&officer(Role::Specialist, false), done).expect("done");
    assert_eq!(office.does(&applicant(), Command::Withdraw { reason: "thôi".into() }), Err(Refusal::AlreadyProcessed));
    let rate = || Command::Rate(Rating { points: [2, 2, 1, 2, 2], text: String::new() });
    assert_eq!(office.does(&applicant(), rate()), Err(Refusal::NotEnded));
    let hand_over = act(&office.dossier, "hand-over", Role::Counter);
    office.does(&officer(Role::Counter, true), hand_over).expect("handed over");
    office.does(&applicant(), rate()).expect("rated");
    assert_eq!(office.does(&applicant(), rate()), Err(Refusal::RatedAlready));
    let event = Event::MessageSent { text: "cảm ơn".into() };
    assert_eq!(event.name(), "message-sent");
}
