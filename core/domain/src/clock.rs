//! The clock of a dossier and of each of its steps.
//!
//! It starts when the dossier is received, stops while a supplement or a payment is awaited, and goes on with
//! the time that was left, never from the beginning.

use crate::calendar::{Calendar, Length, Limit, YearMissing, local};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Time that runs on the working calendar. The due time is kept, so that a calendar changed later does not
/// silently move what a citizen was promised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Clock {
    /// `left` was left at `since`; it is used up at `due`.
    Running { since: Timestamp, left: Length, due: Timestamp },
    /// `left` is left since the clock stopped `at`.
    Stopped { at: Timestamp, left: Length },
}

/// How a dossier or a step stands against its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Punctuality {
    /// Ended before the day it was due.
    Early,
    /// Ended on the day it was due, in time.
    OnTime,
    /// Ended after it was due.
    Late,
    /// Open, and time is left.
    NotYetDue,
    /// Open, and the time has passed.
    Overdue,
}

impl Clock {
    /// A clock that starts in the session that is on at `at`, or in the next one.
    pub fn start(calendar: &Calendar, limit: Limit, at: Timestamp) -> Result<Self, YearMissing> {
        let since = calendar.next_working(at)?;
        Self::running(calendar, since, calendar.length(limit, since)?)
    }

    fn running(calendar: &Calendar, since: Timestamp, left: Length) -> Result<Self, YearMissing> {
        Ok(Self::Running { since, left, due: calendar.end(since, left)? })
    }

    /// The clock stopped at `at`. Stopping a stopped clock changes nothing.
    pub fn stop(self, calendar: &Calendar, at: Timestamp) -> Result<Self, YearMissing> {
        Ok(match self {
            Self::Running { since, left, .. } => Self::Stopped { at, left: calendar.left(left, since, at)? },
            Self::Stopped { .. } => self,
        })
    }

    /// The clock going on at `at` with the time that was left. A running clock goes on as it is.
    pub fn resume(self, calendar: &Calendar, at: Timestamp) -> Result<Self, YearMissing> {
        match self {
            Self::Running { .. } => Ok(self),
            Self::Stopped { left, .. } => Self::running(calendar, calendar.next_working(at)?, left),
        }
    }

    /// The clock with its due time reckoned anew, on a calendar that may have changed since it started.
    pub fn reckoned(self, calendar: &Calendar) -> Result<Self, YearMissing> {
        match self {
            Self::Running { since, left, .. } => Self::running(calendar, since, left),
            Self::Stopped { .. } => Ok(self),
        }
    }

    /// When the time is used up; `None` while the clock stands still.
    pub const fn due(self) -> Option<Timestamp> {
        match self {
            Self::Running { due, .. } => Some(due),
            Self::Stopped { .. } => None,
        }
    }

    /// How an open dossier stands at `now`.
    pub fn open(self, now: Timestamp) -> Punctuality {
        let passed = match self {
            Self::Running { due, .. } => now > due,
            Self::Stopped { left, .. } => left.seconds() < 0,
        };
        if passed { Punctuality::Overdue } else { Punctuality::NotYetDue }
    }

    /// How something that ended at `end` stood.
    pub fn ended(self, end: Timestamp) -> Punctuality {
        match self {
            Self::Running { due, .. } if end > due => Punctuality::Late,
            Self::Running { due, .. } if local(end).date() < local(due).date() => Punctuality::Early,
            Self::Stopped { left, .. } if left.seconds() < 0 => Punctuality::Late,
            Self::Running { .. } | Self::Stopped { .. } => Punctuality::OnTime,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::instant;
    use crate::calendar::tests::office;
    use jiff::SignedDuration;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn left(clock: Clock, calendar: &Calendar, at: Timestamp) -> i64 {
        match clock.stop(calendar, at).expect("the years are known") {
            Clock::Stopped { left, .. } => left.seconds(),
            Clock::Running { .. } => unreachable!("stop gives a stopped clock"),
        }
    }

    fn limits() -> impl Strategy<Value = Limit> {
        prop_oneof![
            (1_u32..60).prop_map(Limit::WorkingHours),
            (1_u32..45).prop_map(Limit::WorkingDays),
            (1_u32..90).prop_map(Limit::CalendarDays)
        ]
    }

    proptest! {
        #[test]
        fn the_clock_never_runs_while_stopped_and_never_gains_time(
            limit in limits(),
            waits in proptest::collection::vec((0_i64..400_000, 0_i64..400_000), 0..6),
        ) {
            let calendar = office();
            let mut now = instant(date(2026, 3, 3).at(9, 0, 0, 0));
            let mut clock = Clock::start(&calendar, limit, now).expect("the years are known");
            let mut before = left(clock, &calendar, now);
            for (run, stand) in waits {
                now += SignedDuration::from_secs(run);
                clock = clock.stop(&calendar, now).expect("the years are known");
                let stopped = left(clock, &calendar, now);
                prop_assert!(stopped <= before, "time was gained while running");
                now += SignedDuration::from_secs(stand);
                prop_assert_eq!(left(clock, &calendar, now), stopped, "the clock ran while stopped");
                clock = clock.resume(&calendar, now).expect("the years are known");
                before = left(clock, &calendar, now);
                prop_assert_eq!(before, stopped, "resuming changed what was left");
            }
        }

        #[test]
        fn a_running_clock_is_overdue_exactly_when_its_due_time_has_passed(limit in limits(), later in 0_i64..20_000_000) {
            let calendar = office();
            let start = instant(date(2026, 3, 3).at(9, 0, 0, 0));
            let clock = Clock::start(&calendar, limit, start).expect("the years are known");
            let now = start + SignedDuration::from_secs(later);
            let overdue = clock.open(now) == Punctuality::Overdue;
            prop_assert_eq!(overdue, now > clock.due().expect("it runs"));
            prop_assert_eq!(clock.ended(now) == Punctuality::Late, overdue);
        }
    }
}
