//! Lateness is one rule: the function of a clock and the condition in SQL say the same.

use jiff::Timestamp;
use motcua_domain::time::calendar::{Limit, WorkingLength};
use motcua_domain::time::clock::{Clock, ClockBudget, Punctuality, has_passed};
use motcua_store::projections::IS_LATE;
use proptest::prelude::*;
use rusqlite::Connection;

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("a moment of our days")
}

fn clocks() -> impl Strategy<Value = Clock> {
    let at = || (0_i64..20).prop_map(second);
    let left = || (-3_i64..4).prop_map(WorkingLength::Working);
    prop_oneof![
        (at(), left(), at()).prop_map(|(since, left, due)| Clock::Running { since, left, due }),
        (at(), left()).prop_map(|(at, left)| Clock::Stopped { at, left, passed: None }),
        (at(), at()).prop_map(|(at, due)| Clock::Stopped { at, left: WorkingLength::Working(0), passed: Some(due) }),
        Just(Clock::Unknown {
            budget: ClockBudget::Limit(Limit::WorkingDays(3)),
            ran: Vec::new(),
            since: Some(second(0))
        }),
    ]
}

/// Returns whether a query finds the row of a clock late, where `due_at` is as the lists keep it.
fn is_found_late(due_at: Option<i64>, now: i64) -> bool {
    let connection = Connection::open_in_memory().expect("a database");
    let sql = format!("SELECT CASE WHEN {IS_LATE} THEN 1 ELSE 0 END FROM (SELECT $2 AS due_at) AS dossier");
    connection.query_row(&sql, (now, due_at), |row| row.get(0)).expect("the query works")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_clock_is_late_exactly_when_a_query_finds_its_row_late(clock in clocks(), now in 0_i64..20) {
        let now = second(now);
        // A clock stopped before it is asked.
        prop_assume!(!matches!(clock, Clock::Stopped { at, .. } if at >= now));
        let (due_at, seconds) = (clock.due_or_passed().map(Timestamp::as_second), now.as_second());
        prop_assert_eq!(is_found_late(due_at, seconds), clock.is_late(now));
        prop_assert_eq!(due_at.is_some_and(|due| has_passed(due, seconds)), clock.is_late(now));
        prop_assert_eq!(clock.open(now) == Punctuality::Overdue, clock.is_late(now));
        prop_assert_eq!(clock.ended(now) == Punctuality::Late, clock.is_late(now));
    }
}
