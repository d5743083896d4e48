//! Which dossiers and steps come first in lists.

use crate::office::Office;
use crate::support::{act, applicant, command, officer};
use jiff::SignedDuration;
use motcua_domain::dossier::Turn;
use motcua_domain::dossier::command::Command;
use motcua_domain::people::organisation::Role;
use motcua_domain::time::clock::Clock;

#[test]
fn a_dossier_ranks_by_the_limit_of_whose_turn_it_is() {
    let mut office = Office::open(0);
    let due = office.dossier.flow.whole.due().expect("the clock runs");
    assert_eq!(office.dossier.rank(), due.as_second());
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    let Turn::Supplement { until } = office.dossier.turn() else { panic!("a supplement is awaited") };
    assert_eq!(office.dossier.turn().applicant_until(), Some(until));
    assert_eq!(office.dossier.rank(), until.as_second());
    office.does(&applicant(), Command::Withdraw { reason: "thôi".into() }).expect("withdrawn");
    assert_eq!(office.dossier.rank(), -office.now.as_second(), "the latest that ended comes first");
}

#[test]
fn a_dossier_that_only_waits_to_be_handed_over_comes_after_everything_that_has_a_limit() {
    let mut office = Office::open(0);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    office.does(&officer(Role::Specialist, false), done).expect("done");
    assert_eq!((office.dossier.due_or_passed(), office.dossier.rank()), (None, i64::MAX));
}

#[test]
fn a_stay_ranks_by_its_own_limit_or_that_of_the_whole_whichever_comes_first() {
    let office = Office::open(0);
    let (whole, stay) = (office.dossier.due_or_passed().expect("it runs"), &office.dossier.flow.stays[0]);
    let own = stay.due().expect("it runs");
    assert!(own < whole, "four hours and five days");
    assert_eq!(office.dossier.rank_of(stay), own.as_second());
    let mut unlimited = stay.clone();
    unlimited.clock = None;
    assert_eq!(office.dossier.rank_of(&unlimited), whole.as_second());
}

#[test]
fn an_officer_can_act_at_a_stay_while_nothing_is_awaited_from_the_applicant() {
    let mut office = Office::open(0);
    assert!(office.dossier.flow.stays[0].waits_for_office());
    let mut of_applicant = office.dossier.flow.stays[0].clone();
    of_applicant.at.role = Role::Applicant;
    assert!(!of_applicant.waits_for_office());
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    assert!(!office.dossier.flow.stays[0].waits_for_office());
}

#[test]
fn a_clock_that_stopped_late_stays_late_since_its_time_was_used_up() {
    let mut office = Office::open(0);
    let due = office.dossier.flow.whole.due();
    office.later(24 * 24);
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    assert!(matches!(office.dossier.flow.whole, Clock::Stopped { .. }));
    assert_eq!(office.dossier.due_or_passed(), due);
}

#[test]
fn a_step_is_late_only_once_its_due_time_has_passed_and_while_its_clock_runs() {
    let mut office = Office::open(0);
    let stay = &office.dossier.flow.stays[0];
    let due = stay.due().expect("it runs");
    assert!(!stay.runs_late(due) && stay.runs_late(due + SignedDuration::from_secs(1)));
    let late = due + SignedDuration::from_hours(24);
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    assert!(!office.dossier.flow.stays[0].runs_late(late), "the applicant is awaited");
}
