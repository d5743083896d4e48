//! The notice that tells the applicant of each event.

use crate::office::Office;
use crate::support::{act, applicant, command, officer, supplement};
use jiff::SignedDuration;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{Clocks, Event, Payment, PaymentMethod, Rating, Recorded};
use motcua_domain::dossier::notice_of;
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::time::clock::Clock;

/// Carries out a command and returns what the applicant is told of it.
fn told(office: &mut Office, actor: &Actor, command: Command) -> Option<&'static str> {
    let before = office.dossier.clone();
    let recorded = office.does(actor, command).expect("the command is carried out");
    notice_of(&recorded, Some(&before), &office.dossier)
}

/// Applies an event of the portal itself and returns what the applicant is told of it.
fn told_of(office: &mut Office, event: Event) -> Option<&'static str> {
    let before = office.dossier.clone();
    let recorded = Recorded { at: office.now, actor: Actor::System.reference(), event, choices: Vec::new() };
    office.dossier.apply(&recorded).expect("an event of it");
    notice_of(&recorded, Some(&before), &office.dossier)
}

#[test]
fn the_applicant_is_told_what_others_do_and_not_what_they_did_themselves() {
    let mut office = Office::open(28_000);
    let (counter, specialist) = (officer(Role::Counter, false), officer(Role::Specialist, false));
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    assert_eq!(told(&mut office, &counter, ask), Some("supplement-requested"));
    let given = supplement(&office.dossier);
    assert_eq!(told(&mut office, &applicant(), given), None);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    assert_eq!(told(&mut office, &counter, accept), Some("payment-requested"));
    let payment = Payment { amount: Dong(28_000), method: PaymentMethod::Cash, receipt: "7".into() };
    assert_eq!(told(&mut office, &counter, Command::RecordPayment(payment)), Some("payment-recorded"));
    let message = || Command::SendMessage { text: "xin chào".into() };
    assert_eq!(told(&mut office, &applicant(), message()), None);
    assert_eq!(told(&mut office, &counter, message()), Some("message-sent"));
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    assert_eq!(told(&mut office, &specialist, done), Some("result-ready"));
    let hand_over = command(act(&office.dossier, None, "hand-over", Role::Counter));
    assert_eq!(told(&mut office, &counter, hand_over), Some("returned"));
    let rating = Rating { points: [2; 5], text: String::new() };
    assert_eq!(told(&mut office, &applicant(), Command::Rate(rating)), None);
}

#[test]
fn the_applicant_is_told_of_filing_and_of_an_action_that_asks_for_nothing() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    assert_eq!(told(&mut office, &counter, accept), Some("advanced"));
    let event = Event::Filed(Box::new(office.dossier.filed.clone()));
    let filed = Recorded { at: office.now, actor: applicant().reference(), event, choices: Vec::new() };
    assert_eq!(notice_of(&filed, None, &office.dossier), Some("filed"));
}

#[test]
fn what_moves_within_the_house_is_not_told() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    let take = Command::Take { stay: 0, seen: office.dossier.version };
    assert_eq!(told(&mut office, &counter, take), None);
    assert_eq!(told_of(&mut office, Event::Reminded { stay: 0 }), None);
    assert_eq!(told_of(&mut office, Event::Escalated { stay: 0, to: Role::Leader }), None);
}

#[test]
fn a_new_calendar_is_told_only_if_the_whole_is_due_at_another_time() {
    let mut office = Office::open(0);
    let rescheduled = |whole: Clock| {
        let clocks = Clocks::of(whole);
        Event::Rescheduled { reason: "Nghỉ bão".into(), clocks, timers: Vec::new() }
    };
    let whole = office.dossier.flow.whole.clone();
    assert_eq!(told_of(&mut office, rescheduled(whole.clone())), None);
    let stopped = whole.stop(&office.calendar, office.now + SignedDuration::from_hours(1));
    assert_eq!(told_of(&mut office, rescheduled(stopped)), Some("rescheduled"));
}
