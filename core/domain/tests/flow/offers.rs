//! A page offers what a decision accepts.

use crate::office::Office;
use crate::support::{act, applicant, command, officer, post, supplement};
use motcua_domain::dossier::command::{Act, Command};
use motcua_domain::dossier::decide::{Rules, decide};
use motcua_domain::dossier::event::{Payment, PaymentMethod, Rating, Refund};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{StayWait, Turn};
use motcua_domain::form::{Field, FieldKind};
use motcua_domain::people::organisation::{Actor, Post, Role};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::time::clock::Clock;
use motcua_domain::workflow::Effect;

/// Checks that each person is offered what a decision would accept, and returns what the applicant may do: withdraw, rate.
fn offered(office: &Office) -> (bool, bool) {
    let dossier = &office.dossier;
    let rules =
        Rules { procedure: &office.procedure, calendar: &office.calendar, registries: Registries::NONE, choices: &[] };
    let accepts = |actor: &Actor, command: Command| decide(rules, dossier, actor, command, office.now).is_ok();
    for actor in [applicant(), officer(Role::Counter, false), officer(Role::Specialist, false), Actor::System] {
        let withdraw = Command::Withdraw { reason: "thôi".into() };
        assert_eq!(dossier.may_withdraw(&actor), accepts(&actor, withdraw), "{actor:?}");
        let rate = Command::Rate(Rating { points: [2; 5], text: String::new(), at_counter: false });
        assert_eq!(dossier.may_rate(&actor), accepts(&actor, rate), "{actor:?}");
        assert_eq!(dossier.may_supplement(&actor), accepts(&actor, supplement(dossier)), "{actor:?}");
        let payment = Payment { amount: dossier.owed(), method: PaymentMethod::Cash, receipt: "7".into() };
        assert_eq!(dossier.may_record_payment(&actor), accepts(&actor, Command::RecordPayment(payment)), "{actor:?}");
        let refund = Refund { amount: dossier.refundable(), method: PaymentMethod::Cash, receipt: "8".into() };
        assert_eq!(dossier.may_record_refund(&actor), accepts(&actor, Command::RecordRefund(refund)), "{actor:?}");
        let undo = Command::Undo { seen: dossier.version };
        assert_eq!(dossier.may_undo(&actor).is_some(), accepts(&actor, undo), "{actor:?}");
    }
    (dossier.may_withdraw(&applicant()), dossier.may_rate(&applicant()))
}

#[test]
fn what_a_person_is_offered_is_what_a_decision_accepts() {
    let mut office = Office::open(28_000);
    let (counter, specialist) = (officer(Role::Counter, false), officer(Role::Specialist, false));
    assert_eq!(offered(&office), (true, false));
    assert!(office.dossier.may_record_payment(&counter), "the fee is owed from the beginning");
    assert!(!office.dossier.may_supplement(&applicant()), "nothing is asked for");
    office.does(&counter, command(act(&office.dossier, None, "ask", Role::Counter))).expect("asked");
    assert_eq!(offered(&office), (true, false));
    assert!(office.dossier.may_supplement(&applicant()));
    let given = supplement(&office.dossier);
    office.does(&applicant(), given).expect("supplemented");
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&counter, accept).expect("accepted");
    assert_eq!(offered(&office), (true, false));
    let payment = Payment { amount: office.dossier.owed(), method: PaymentMethod::Cash, receipt: "7".into() };
    office.does(&counter, Command::RecordPayment(payment)).expect("paid");
    assert_eq!(offered(&office), (true, false));
    assert!(!office.dossier.may_record_payment(&counter), "nothing is owed");
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    office.does(&specialist, done).expect("done");
    assert_eq!(offered(&office), (false, false), "there is a result");
    let hand_over = command(act(&office.dossier, None, "hand-over", Role::Counter));
    office.does(&counter, hand_over).expect("handed over");
    assert_eq!(offered(&office), (false, true), "the dossier has ended");
    let rating = Rating { points: [2; 5], text: String::new(), at_counter: false };
    office.does(&applicant(), Command::Rate(rating)).expect("rated");
    assert_eq!(offered(&office), (false, false), "it is rated");
}

#[test]
fn who_withdrew_may_rate_and_is_not_asked_to() {
    let mut office = Office::open(0);
    assert!(!office.dossier.asks_for_rating(&applicant()), "the dossier is open");
    office.does(&applicant(), Command::Withdraw { reason: "thôi".into() }).expect("withdrawn");
    assert_eq!(offered(&office), (false, true));
    assert!(!office.dossier.asks_for_rating(&applicant()));
}

#[test]
fn a_payment_is_asked_for_when_the_workflow_comes_to_it_and_not_before() {
    let mut office = Office::open(28_000);
    let asks = |office: &Office| office.dossier.asks_to_pay(&office.procedure.workflow);
    assert!(!asks(&office), "intake has not accepted the dossier");
    let counter = officer(Role::Counter, false);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&counter, accept).expect("accepted");
    assert!(matches!(office.dossier.turn(), Turn::Payment { .. }) && asks(&office));
    let payment = Payment { amount: office.dossier.owed(), method: PaymentMethod::Cash, receipt: "7".into() };
    office.does(&counter, Command::RecordPayment(payment)).expect("paid");
    assert!(!asks(&office), "nothing is owed");
    let mut never = Office::open(28_000);
    for step in &mut never.procedure.workflow.steps {
        step.actions.retain(|action| !matches!(action.effect, Effect::RequestPayment { .. }));
        for action in &mut step.actions {
            action.requires.clear();
        }
    }
    assert!(asks(&never), "a workflow that never asks wants the fee from the beginning");
}

/// Checks that undoing is offered to those whose undoing a decision accepts: the first of these people if `first`, and
/// nobody else.
fn undoing_is_offered(office: &Office, people: &[Actor], first: bool) {
    let Office { procedure, calendar, dossier, now } = office;
    let rules = Rules { procedure, calendar, registries: Registries::NONE, choices: &[] };
    for (at, actor) in people.iter().enumerate() {
        let accepted = decide(rules, dossier, actor, Command::Undo { seen: dossier.version }, *now).is_ok();
        assert_eq!((dossier.may_undo(actor).is_some(), accepted), (first && at == 0, first && at == 0), "{actor:?}");
    }
}

#[test]
fn an_officer_who_has_left_the_agency_and_an_applicant_are_not_offered_to_undo_their_action() {
    // No step tells anybody outside.
    let inside = |second: Role| {
        let mut office = Office::open(0);
        office.procedure.workflow.steps[1].role = second;
        office.procedure.workflow.steps[0].actions[0].effect = Effect::Advance { to: "work".into() };
        let filed = office.dossier.status();
        for step in &mut office.procedure.workflow.steps {
            step.status = filed;
            for action in &mut step.actions {
                action.requires.clear();
            }
        }
        office
    };
    let counter = officer(Role::Counter, false);
    let Actor::Officer { id, name, .. } = counter.clone() else { panic!("an officer") };
    let posts = vec![Post { agency: "so-khac".into(), ..post(Role::Counter) }];
    let left =
        Actor::Officer { id, name, posts, stands_for: Vec::new(), approves_own: Vec::new(), own_accounts: Vec::new() };
    let others = [left, officer(Role::Counter, true), officer(Role::Specialist, false), applicant(), Actor::System];
    let people = [&[counter.clone()][..], &others[..]].concat();

    let mut office = inside(Role::Specialist);
    undoing_is_offered(&office, &people, false);
    office.does(&counter, command(act(&office.dossier, None, "accept", Role::Specialist))).expect("accepted");
    undoing_is_offered(&office, &people, true);

    let mut office = inside(Role::Applicant);
    office.does(&counter, command(act(&office.dossier, None, "accept", Role::Specialist))).expect("accepted");
    undoing_is_offered(&office, &people, false);
    office.does(&applicant(), command(act(&office.dossier, None, "done", Role::Counter))).expect("done");
    assert!(office.dossier.undo.as_ref().is_some_and(|undo| undo.actor == applicant().reference()));
    undoing_is_offered(&office, &people, false);
}

#[test]
fn an_action_that_asks_the_applicant_or_refuses_needs_a_note_and_no_form() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    office.procedure.workflow.steps[0].form = vec![Field::new("checked", Text::vi("Đã kiểm tra?"), FieldKind::YesNo)];
    let step = office.procedure.workflow.steps[0].clone();
    let actions = step.actions.clone();
    assert_eq!(actions.iter().filter(|action| step.asks_form(action)).count(), 1, "only `accept` asks the form");
    for action in actions {
        let Office { procedure, calendar, dossier, now } = &office;
        let rules = Rules { procedure, calendar, registries: Registries::NONE, choices: &[] };
        let taken = |note: &str| {
            let (note, reason) = (note.to_owned(), note.to_owned());
            let act = Act { note, reason, ..act(dossier, None, action.id.as_str(), Role::Specialist) };
            decide(rules, dossier, &counter, command(act), *now)
        };
        assert_eq!(taken(""), if action.needs_note() { Err(Refusal::NoteMissing) } else { taken("vì") });
        assert_eq!(matches!(taken("vì"), Err(Refusal::Incomplete(_))), step.asks_form(&action), "{action:?}");
    }
}

#[test]
fn a_second_request_at_a_step_is_known_as_one() {
    let mut office = Office::open(0);
    let step = office.dossier.flow.stays[0].at.step.clone();
    assert!(!office.dossier.asked_before(&step));
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    assert!(office.dossier.asked_before(&step) && !office.dossier.asked_before(&"work".into()));
}

#[test]
fn a_supplement_can_be_given_while_a_payment_is_awaited_sooner() {
    let mut office = Office::open(28_000);
    office
        .does(&officer(Role::Counter, false), command(act(&office.dossier, None, "ask", Role::Counter)))
        .expect("asked");
    let mut paying = office.dossier.flow.stays[0].clone();
    let until = Clock::start_for_applicant(&office.calendar, Limit::CalendarDays(1), office.now);
    (paying.id, paying.waits) = (1, Some(StayWait::Payment { until: until.clone() }));
    office.dossier.flow.stays.push(paying);
    assert_eq!(office.dossier.turn(), Turn::Payment { until: until.due().expect("the year is known") });
    assert!(office.dossier.may_supplement(&applicant()));
    let given = supplement(&office.dossier);
    office.does(&applicant(), given).expect("supplemented");
    assert!(!office.dossier.may_supplement(&applicant()), "it was given");
}
