//! Reminders, escalations and notices of lateness come once, however late the portal looks and however often the clock
//! stops.

use crate::office::{Office, straight};
use crate::support::{act, applicant, command, officer, supplement};
use jiff::{SignedDuration, Timestamp};
use motcua_domain::dossier::Stay;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::time::calendar::Limit;
use motcua_domain::time::clock::Clock;
use motcua_domain::workflow::Workflow;
use proptest::prelude::*;

const REMIND: Command = Command::Remind { stay: 0 };
const ESCALATE: Command = Command::Escalate { stay: 0 };

/// The rest of the first step's limit at which its officer is reminded, in seconds.
const REST: i64 = 2 * 3600;

/// Returns the straight workflow, whose first step reminds its officer and is escalated.
fn urged() -> Workflow {
    let mut workflow = straight();
    workflow.steps[0].remind = Some(Limit::WorkingHours(2));
    workflow.steps[0].escalate = Some(Role::Leader);
    workflow
}

fn first(office: &Office) -> &Stay {
    &office.dossier.flow.stays[0]
}

fn waits(office: &Office) -> bool {
    first(office).waits.is_some()
}

fn ask(office: &mut Office) {
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
}

fn answer(office: &mut Office) {
    let supplement = supplement(&office.dossier);
    office.does(&applicant(), supplement).expect("supplemented");
}

/// Gives the commands of all jobs that are due, and returns their events.
fn run_jobs(office: &mut Office) -> Vec<Event> {
    let now = office.now;
    let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at < now);
    let stay = first(office);
    let mut due = Vec::new();
    if is_due(stay.reminds_at()) {
        due.push(REMIND);
    }
    if !stay.escalated && is_due(stay.due()) {
        due.push(ESCALATE);
    }
    if is_due(office.dossier.late_notice_at()) {
        due.push(Command::AnnounceLate);
    }
    due.into_iter().map(|command| office.does(&Actor::System, command).expect("what is due is told").event).collect()
}

#[test]
fn a_reminder_that_was_due_when_the_clock_stopped_is_given_when_it_runs_again() {
    let mut office = Office::on(urged(), 0);
    let due = first(&office).reminds_at().expect("it is known");
    office.now = due + SignedDuration::from_mins(10);
    ask(&mut office);
    assert_eq!(first(&office).reminds_at(), None);
    assert_eq!(office.does(&Actor::System, REMIND), Err(Refusal::TimeLeft), "nobody is urged on while it stands");
    office.later(48);
    answer(&mut office);
    assert_eq!(first(&office).reminds_at(), Some(office.now));
    office.does(&Actor::System, REMIND).expect("reminded");
    assert_eq!(office.does(&Actor::System, REMIND), Err(Refusal::NothingChanges), "once");
    ask(&mut office);
    office.later(1);
    answer(&mut office);
    assert_eq!(first(&office).reminds_at(), None, "once, however often the clock stops");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_became_due_while_the_clock_ran_is_told_exactly_once(
        steps in proptest::collection::vec((0_i64..60_000, 0_u8..3), 0..30),
    ) {
        let mut office = Office::on(urged(), 0);
        let mut told = Vec::new();
        for (pause, what) in steps {
            office.now += SignedDuration::from_secs(pause);
            match (what, waits(&office)) {
                (0, _) => told.extend(run_jobs(&mut office)),
                (_, true) => answer(&mut office),
                (_, false) => ask(&mut office),
            }
        }
        if waits(&office) {
            answer(&mut office);
        }
        // A job runs after the second at which it is due.
        office.now += SignedDuration::from_secs(1);
        told.extend(run_jobs(&mut office));
        let clock = first(&office).clock.clone().expect("the step has a limit");
        let Clock::Stopped { left, passed, .. } = clock.stop(&office.calendar, office.now) else {
            panic!("the years are known");
        };
        let count = |is_it: fn(&Event) -> bool| told.iter().filter(|event| is_it(event)).count();
        let reminded = count(|event| matches!(event, Event::Reminded { .. }));
        let escalated = count(|event| matches!(event, Event::Escalated { .. }));
        // The second in which the rest begins may count either way.
        if left.amount() != REST {
            prop_assert_eq!(reminded, usize::from(passed.is_some() || left.amount() < REST), "{:?}", clock);
        }
        prop_assert_eq!(escalated, usize::from(passed.is_some()), "{:?}", clock);
        let mut announced: Vec<Timestamp> = Vec::new();
        for event in &told {
            if let Event::LateAnnounced { due } = event {
                prop_assert!(!announced.contains(due), "an appointment is announced once");
                announced.push(*due);
            }
        }
        if office.dossier.flow.whole.runs_late(office.now) {
            prop_assert_eq!(announced.last().copied(), office.dossier.flow.whole.due());
        }
    }
}
