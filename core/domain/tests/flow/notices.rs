//! The notice that tells the applicant of each event.

use crate::office::{Office, straight};
use crate::support::{act, applicant, command, officer, procedure, supplement};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{Clocks, Event, Payment, PaymentMethod, Rating, Recorded};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{NOTICES, notice_of};
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{Limit, local};
use motcua_domain::time::clock::Clock;
use motcua_domain::workflow::{Action, Branch, Effect, Join, NationalStatus, Step, Workflow};

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
    assert_eq!(told(&mut office, &applicant(), given), Some("resumed"), "the appointment moves");
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    assert_eq!(told(&mut office, &counter, accept), Some("payment-requested"));
    let payment = Payment { amount: Dong(28_000), method: PaymentMethod::Cash, receipt: "7".into() };
    assert_eq!(told(&mut office, &counter, Command::RecordPayment(payment)), Some("payment-resumed"));
    let message = || Command::SendMessage { text: "xin chào".into(), files: Vec::new() };
    assert_eq!(told(&mut office, &applicant(), message()), None);
    assert_eq!(told(&mut office, &counter, message()), Some("message-sent"));
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    assert_eq!(told(&mut office, &specialist, done), Some("result-ready"));
    let hand_over = command(act(&office.dossier, None, "hand-over", Role::Counter));
    assert_eq!(told(&mut office, &counter, hand_over), Some("returned"));
    let rating = Rating { points: [2; 5], text: String::new(), at_counter: false };
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
fn the_applicant_is_told_that_a_step_is_theirs_although_the_status_stays_as_it_was() {
    let mut workflow = straight();
    let answer = Action::new("answer", Text::vi("answer"), Effect::Advance { to: "work".into() });
    workflow.steps.push(Step {
        actions: vec![answer],
        ..Step::new("question", Text::vi("question"), Role::Applicant, NationalStatus::Processing)
    });
    let ask = Action::new("ask-the-applicant", Text::default(), Effect::Advance { to: "question".into() });
    workflow.steps[1].actions.push(ask);
    let mut office = Office::on(workflow, 0);
    let specialist = officer(Role::Specialist, false);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    let status = office.dossier.status();
    let question = command(act(&office.dossier, None, "ask-the-applicant", Role::Applicant));
    assert_eq!(told(&mut office, &specialist, question), Some("step-requested"));
    assert_eq!(office.dossier.status(), status);
    let undo = Command::Undo { seen: office.dossier.version };
    assert_eq!(office.does(&specialist, undo), Err(Refusal::LeftTheHouse), "what was told is not taken back");
}

#[test]
fn a_result_that_waits_for_a_payment_is_told_with_the_payment() {
    let mut workflow = straight();
    workflow.steps[0].actions[0].effect = Effect::Advance { to: "work".into() };
    let mut office = Office::on(workflow, 28_000);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    assert_eq!(told(&mut office, &officer(Role::Specialist, false), done), Some("result-unpaid"));
}

#[test]
fn a_late_dossier_is_told_once_for_each_appointment_a_day_before_it() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    let at = office.dossier.late_notice_at().expect("an appointment");
    let due = office.dossier.flow.whole.due().expect("it runs");
    assert_eq!(due.duration_since(at), SignedDuration::from_hours(24));
    assert_eq!(office.does(&counter, Command::AnnounceLate), Err(Refusal::NotAllowed), "nobody but the portal");
    office.now = at - SignedDuration::from_secs(1);
    assert_eq!(office.does(&Actor::System, Command::AnnounceLate), Err(Refusal::TimeLeft));
    office.now = at;
    assert_eq!(told(&mut office, &Actor::System, Command::AnnounceLate), Some("late-soon"));
    assert_eq!(office.does(&Actor::System, Command::AnnounceLate), Err(Refusal::NothingChanges), "once");
    assert_eq!(office.dossier.late_notice_at(), None);

    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&counter, ask).expect("asked");
    assert_eq!(office.dossier.late_notice_at(), None, "the office does not have the turn");
    office.later(48);
    let given = supplement(&office.dossier);
    assert_eq!(told(&mut office, &applicant(), given), Some("resumed"));
    office.now = office.dossier.flow.whole.due().expect("it runs again") + SignedDuration::from_secs(1);
    assert_eq!(told(&mut office, &Actor::System, Command::AnnounceLate), Some("late"), "of the new appointment");
}

#[test]
fn an_appointment_that_moves_to_later_and_back_is_announced_late_no_third_time() {
    let mut office = Office::open(0);
    let first = office.dossier.flow.whole.clone();
    let later = |clock: &Clock| match clock {
        Clock::Running { since, left, due } => {
            Clock::Running { since: *since, left: *left, due: *due + SignedDuration::from_hours(24) }
        }
        clock => clock.clone(),
    };
    let moved =
        |whole: Clock| Event::Rescheduled {
            reason: "Nghỉ bão".into(), clocks: Clocks::of(whole), timers: Vec::new()
        };
    for whole in [first.clone(), later(&first)] {
        office.now = whole.due().expect("it runs");
        if whole != first {
            told_of(&mut office, moved(whole));
        }
        assert!(told(&mut office, &Actor::System, Command::AnnounceLate).is_some());
    }
    told_of(&mut office, moved(first));
    assert_eq!(office.dossier.late_notice_at(), None, "its job would repeat the first announcement");
}

#[test]
fn a_dossier_that_is_due_within_two_days_is_late_only_once_it_is() {
    let mut procedure = procedure(straight(), 0);
    procedure.limit = Limit::WorkingHours(2);
    let office = Office::under(procedure);
    assert_eq!(office.dossier.late_notice_at(), office.dossier.flow.whole.due());
}

#[test]
fn an_office_that_works_while_another_branch_asks_the_applicant_is_late_too() {
    let mut workflow = straight();
    let to_return = |id: &str| Action::new(id, Text::default(), Effect::Advance { to: "return".into() });
    let branch = |to: &str| Branch { to: to.into(), when: None };
    let part = Effect::Split { to: vec![branch("work"), branch("question")] };
    workflow.steps[0].actions.push(Action::new("part", Text::default(), part));
    workflow.steps[2].join = Join::All;
    workflow.steps.push(Step {
        actions: vec![to_return("answer")],
        ..Step::new("question", Text::vi("question"), Role::Applicant, NationalStatus::Processing)
    });
    let mut office = Office::on(workflow, 0);
    let part = command(act(&office.dossier, None, "part", Role::Specialist));
    office.does(&officer(Role::Counter, false), part).expect("parted");
    let due = office.dossier.flow.whole.due().expect("it runs");
    assert_eq!(office.dossier.late_notice_at(), Some(due - SignedDuration::from_hours(24)));
    let done = command(act(&office.dossier, Some(1), "done", Role::Counter));
    office.does(&officer(Role::Specialist, false), done).expect("done");
    assert_eq!(office.dossier.late_notice_at(), None, "the applicant alone has a step");
}

#[test]
fn nobody_is_told_of_a_late_dossier_once_there_is_a_result() {
    let mut office = Office::open(0);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    office.does(&officer(Role::Specialist, false), done).expect("done");
    assert_eq!(office.dossier.late_notice_at(), None);
}

#[test]
fn an_officer_apologises_for_a_late_dossier_alone_and_names_a_day_in_the_future() {
    let mut office = Office::open(0);
    let (counter, today) = (officer(Role::Counter, false), |office: &Office| local(office.now).date());
    let apology =
        |promised: Date| Command::Apologise { text: "Xin lỗi vì trễ hẹn.".into(), promised, files: Vec::new() };
    let tomorrow = today(&office).saturating_add(1.days());
    assert_eq!(office.does(&counter, apology(tomorrow)), Err(Refusal::BadPromise), "it is not late yet");
    assert!(!office.dossier.may_apologise(&counter, office.now));
    let due = office.dossier.flow.whole.due().expect("an appointment");
    office.now = due + SignedDuration::from_hours(1);
    assert!(office.dossier.may_apologise(&counter, office.now) && office.dossier.late_since(office.now) == Some(due));
    let today = today(&office);
    assert_eq!(office.does(&applicant(), apology(today.saturating_add(1.days()))), Err(Refusal::NotAllowed));
    assert_eq!(office.does(&counter, apology(today)), Err(Refusal::BadPromise), "today has begun");
    assert_eq!(told(&mut office, &counter, apology(today.saturating_add(3.days()))), Some("apologised"));
    let promised = office.dossier.apology().map(|(message, day)| (message.text.as_str(), day));
    assert_eq!(promised, Some(("Xin lỗi vì trễ hẹn.", today.saturating_add(3.days()))));
    assert_eq!(office.dossier.late_since(office.now), Some(due), "the dossier stays late");
}

#[test]
fn every_word_of_a_notice_is_listed_once() {
    let mut words = NOTICES.to_vec();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), NOTICES.len());
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

#[test]
fn applicants_read_the_names_of_actions_that_concern_them_and_no_others() {
    let mut workflow = straight();
    for action in workflow.steps.iter_mut().flat_map(|step| &mut step.actions) {
        action.name = Text::vi(action.id.as_str());
    }
    let told = |workflow: &Workflow, step: usize| {
        let step = &workflow.steps[step];
        let words = step.actions.iter().map(|action| workflow.told(step, action).map(|text| text.vi.clone()));
        words.map(Option::unwrap_or_default).collect::<Vec<_>>()
    };
    assert_eq!(told(&workflow, 0), ["accept", "ask", "decline"], "each asks or answers the applicant");
    assert_eq!((told(&workflow, 1), told(&workflow, 2)), (vec!["done".to_owned()], vec!["hand-over".to_owned()]));

    // Both steps are work within the house.
    workflow.steps[0].status = NationalStatus::Processing;
    workflow.steps[0].actions[0].effect = Effect::Advance { to: "work".into() };
    assert_eq!(told(&workflow, 0), ["", "ask", "decline"]);
    workflow.steps[0].actions[0].told = Some(Text::vi("Đang được xem xét"));
    assert_eq!(told(&workflow, 0), ["Đang được xem xét", "ask", "decline"], "the author's words come first");
    workflow.steps[0].actions[0].told = None;
    workflow.steps[1].role = Role::Applicant;
    assert_eq!(told(&workflow, 0), ["accept", "ask", "decline"], "the applicant has the next step");
}
