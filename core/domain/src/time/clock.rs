//! The clock of a dossier and of each of its steps.
//!
//! It starts when the office receives the dossier, and stops while the office waits for a supplement or a payment. Then
//! it continues with the time that was left, never from the beginning.

use crate::time::calendar::{Calendar, Limit, WorkingLength, YearMissing, local};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The time that runs on the working calendar. The clock stores the due time, so a later change of the calendar does
/// not silently move the promise to a citizen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Clock {
    /// The rest `left` at the instant `since`. The time is used up at `due`.
    Running { since: Timestamp, left: WorkingLength, due: Timestamp },
    /// The rest `left` since the clock stopped `at`.
    Stopped { at: Timestamp, left: WorkingLength },
    /// The calendar of a year that the clock needs has not been announced. The clock stores the data from which it
    /// computes the rest and the due time, once that year is announced.
    Unknown {
        budget: ClockBudget,
        /// The spans from each start to the next stop, in order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ran: Vec<ClockSpan>,
        /// The last start. `None` while the clock is stopped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
}

/// The initial time of a clock with an unknown due time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockBudget {
    /// The whole limit. The calendar of the year in which it begins defines the length of a working day.
    Limit(Limit),
    /// The rest of a clock that was known before.
    Left(WorkingLength),
}

/// A stretch of time during which a clock ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockSpan {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// The punctuality of a dossier or a step against its limit.
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

/// Returns whether what was due at `due` is late at `at`: it is in time until the due time itself. Both are moments of one
/// kind, such as seconds of a row. The lists state the same in SQL (`IS_LATE` of the store).
pub fn has_passed<T: Ord>(due: T, at: T) -> bool {
    due < at
}

impl Clock {
    /// Returns a clock that starts in the session that is open at `at`, or in the next one.
    pub fn start(calendar: &Calendar, limit: Limit, at: Timestamp) -> Self {
        let started = calendar.next_working(at).and_then(|since| {
            let left = calendar.length(limit, since)?;
            Self::running(calendar, since, left)
        });
        started.unwrap_or_else(|_| Self::Unknown {
            budget: ClockBudget::Limit(limit),
            ran: Vec::new(),
            since: Some(at),
        })
    }

    fn running(calendar: &Calendar, since: Timestamp, left: WorkingLength) -> Result<Self, YearMissing> {
        Ok(Self::Running { since, left, due: calendar.end(since, left)? })
    }

    /// Returns the clock stopped at `at`. A stopped clock stays as it is.
    #[must_use]
    pub fn stop(&self, calendar: &Calendar, at: Timestamp) -> Self {
        match self {
            Self::Running { since, left, .. } => calendar.left(*left, *since, at).map_or_else(
                |_| Self::Unknown {
                    budget: ClockBudget::Left(*left),
                    ran: vec![ClockSpan { from: *since, to: at }],
                    since: None,
                },
                |left| Self::Stopped { at, left },
            ),
            Self::Stopped { .. } => self.clone(),
            Self::Unknown { budget, ran, since } => {
                let last = since.map(|from| ClockSpan { from, to: at });
                let ran = ran.iter().copied().chain(last).collect();
                Self::Unknown { budget: *budget, ran, since: None }.recomputed(calendar)
            }
        }
    }

    /// Returns the clock running again from `at` with the time that was left. A running clock stays as it is.
    #[must_use]
    pub fn resume(&self, calendar: &Calendar, at: Timestamp) -> Self {
        match self {
            Self::Running { .. } => self.clone(),
            Self::Stopped { left, .. } => {
                let known = calendar.next_working(at).and_then(|since| Self::running(calendar, since, *left));
                known.unwrap_or_else(|_| Self::Unknown {
                    budget: ClockBudget::Left(*left),
                    ran: Vec::new(),
                    since: Some(at),
                })
            }
            Self::Unknown { budget, ran, since } => {
                let since = since.or(Some(at));
                Self::Unknown { budget: *budget, ran: ran.clone(), since }.recomputed(calendar)
            }
        }
    }

    /// Returns the clock with its due time recomputed on a calendar that may have changed since the clock started. A
    /// due time that this calendar does not know stays as it is.
    #[must_use]
    pub fn recomputed(&self, calendar: &Calendar) -> Self {
        let known = match self {
            Self::Running { since, left, .. } => Self::running(calendar, *since, *left).ok(),
            Self::Stopped { .. } => None,
            Self::Unknown { budget, ran, since } => Self::known(calendar, *budget, ran, *since),
        };
        known.unwrap_or_else(|| self.clone())
    }

    /// Replays the same starts and stops on a calendar that may know the years now.
    fn known(calendar: &Calendar, budget: ClockBudget, ran: &[ClockSpan], since: Option<Timestamp>) -> Option<Self> {
        let begin = |at: Timestamp| calendar.next_working(at).ok();
        let first = begin(ran.first().map(|span| span.from).or(since)?)?;
        let mut left = match budget {
            ClockBudget::Limit(limit) => calendar.length(limit, first).ok()?,
            ClockBudget::Left(left) => left,
        };
        for span in ran {
            left = calendar.left(left, begin(span.from)?, span.to).ok()?;
        }
        match (since, ran.last()) {
            (Some(since), _) => Self::running(calendar, begin(since)?, left).ok(),
            (None, Some(last)) => Some(Self::Stopped { at: last.to, left }),
            (None, None) => None,
        }
    }

    /// Returns the due time. Returns `None` while the clock is stopped, or while the calendar does not know the due
    /// time.
    pub const fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Running { due, .. } => Some(*due),
            Self::Stopped { .. } | Self::Unknown { .. } => None,
        }
    }

    /// Returns when the time is used up; for a clock that stands with no time left, when it stopped. In rows this moment alone
    /// stands for the clock: the clock is late ([`Self::is_late`]) once it has passed.
    pub fn due_or_passed(&self) -> Option<Timestamp> {
        match self {
            Self::Running { due, .. } => Some(*due),
            Self::Stopped { at, left } => (left.seconds() < 0).then_some(*at),
            Self::Unknown { .. } => None,
        }
    }

    /// Whether the clock stands still.
    pub const fn stands(&self) -> bool {
        matches!(self, Self::Stopped { .. } | Self::Unknown { since: None, .. })
    }

    /// Returns whether a year that the clock needs has not been announced.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }

    /// Returns whether the time is used up at `at`, while the clock is open or when it ended. A clock that was stopped late
    /// stays late. A due time that is not known has not passed.
    pub fn is_late(&self, at: Timestamp) -> bool {
        match self {
            Self::Running { .. } => self.runs_late(at),
            Self::Stopped { left, .. } => left.seconds() < 0,
            Self::Unknown { .. } => false,
        }
    }

    /// Returns whether the clock runs and its time is used up at `now`. Nobody is urged on while the clock stands.
    pub fn runs_late(&self, now: Timestamp) -> bool {
        self.due().is_some_and(|due| has_passed(due, now))
    }

    /// Returns how an open dossier stands at `now`.
    pub fn open(&self, now: Timestamp) -> Punctuality {
        if self.is_late(now) { Punctuality::Overdue } else { Punctuality::NotYetDue }
    }

    /// Returns the punctuality at the end `end`. Nothing is late against a due time that was never known.
    pub fn ended(&self, end: Timestamp) -> Punctuality {
        match self {
            clock if clock.is_late(end) => Punctuality::Late,
            Self::Running { due, .. } if local(end).date() < local(*due).date() => Punctuality::Early,
            Self::Running { .. } | Self::Stopped { .. } | Self::Unknown { .. } => Punctuality::OnTime,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::calendar::instant;
    use crate::time::calendar::tests::office;
    use jiff::SignedDuration;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn left(clock: &Clock, calendar: &Calendar, at: Timestamp) -> i64 {
        match clock.stop(calendar, at) {
            Clock::Stopped { left, .. } => left.seconds(),
            clock => unreachable!("stop returns a stopped clock, and the years are known: {clock:?}"),
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
            let mut clock = Clock::start(&calendar, limit, now);
            let mut before = left(&clock, &calendar, now);
            for (run, stand) in waits {
                now += SignedDuration::from_secs(run);
                clock = clock.stop(&calendar, now);
                let stopped = left(&clock, &calendar, now);
                prop_assert!(stopped <= before, "time was gained while running");
                now += SignedDuration::from_secs(stand);
                prop_assert_eq!(left(&clock, &calendar, now), stopped, "the clock ran while stopped");
                clock = clock.resume(&calendar, now);
                before = left(&clock, &calendar, now);
                prop_assert_eq!(before, stopped, "resuming changed what was left");
            }
        }

        #[test]
        fn a_running_clock_is_overdue_exactly_when_its_due_time_has_passed(limit in limits(), later in 0_i64..20_000_000) {
            let calendar = office();
            let start = instant(date(2026, 3, 3).at(9, 0, 0, 0));
            let clock = Clock::start(&calendar, limit, start);
            let now = start + SignedDuration::from_secs(later);
            let overdue = clock.open(now) == Punctuality::Overdue;
            prop_assert_eq!(overdue, now > clock.due().expect("it runs"));
            prop_assert_eq!(clock.ended(now) == Punctuality::Late, overdue);
        }

        #[test]
        fn a_year_that_is_announced_late_gives_the_times_that_it_would_have_given_at_once(
            limit in limits(),
            start in 0_i64..400 * 86_400,
            waits in proptest::collection::vec((0_i64..3_000_000, 0_i64..1_500_000), 0..5),
            announced in 0_usize..6,
        ) {
            let (part, whole) = (office().until(2026), office());
            let mut now = instant(date(2026, 1, 5).at(9, 0, 0, 0)) + SignedDuration::from_secs(start);
            let (mut late, mut at_once) = (Clock::start(&part, limit, now), Clock::start(&whole, limit, now));
            for (count, (run, stand)) in waits.into_iter().enumerate() {
                let known = if count < announced { &part } else { &whole };
                now += SignedDuration::from_secs(run);
                (late, at_once) = (late.stop(known, now), at_once.stop(&whole, now));
                prop_assert!(late.stands());
                now += SignedDuration::from_secs(stand);
                (late, at_once) = (late.resume(known, now), at_once.resume(&whole, now));
                prop_assert!(!late.stands());
            }
            prop_assert!(late.is_unknown() || late == at_once, "a known time is the right one");
            prop_assert_eq!(late.recomputed(&part), late.clone(), "nothing new is known");
            prop_assert_eq!(&late.recomputed(&whole), &at_once);
            let last = late.stop(&part, now + SignedDuration::from_hours(30));
            prop_assert_eq!(last.recomputed(&whole), at_once.stop(&whole, now + SignedDuration::from_hours(30)));
            prop_assert!(!at_once.is_unknown());
        }

        #[test]
        fn a_due_time_is_unknown_exactly_when_it_lies_in_a_year_that_nobody_announced(
            limit in limits(),
            start in 0_i64..364 * 86_400,
        ) {
            let at = instant(date(2026, 1, 1).at(9, 0, 0, 0)) + SignedDuration::from_secs(start);
            let clock = Clock::start(&office().until(2026), limit, at);
            let due = Clock::start(&office(), limit, at).due().expect("the years are known");
            prop_assert_eq!(clock.is_unknown(), local(due).year() > 2026);
            prop_assert_eq!(clock.due(), Some(due).filter(|due| local(*due).year() == 2026));
        }
    }

    #[test]
    fn a_clock_that_the_calendar_does_not_know_is_written_and_read_back() {
        let december = instant(date(2028, 12, 20).at(9, 0, 0, 0));
        let clock = Clock::start(&office(), Limit::WorkingDays(30), december);
        let stopped = clock.stop(&office(), december + SignedDuration::from_hours(24));
        // The rest is known without the next year: 29 days.
        for (clock, state) in [(clock, "unknown"), (stopped, "stopped")] {
            let text = serde_json::to_string(&clock).expect("JSON");
            assert!(text.contains(state), "{text}");
            assert_eq!(serde_json::from_str::<Clock>(&text).expect("a clock"), clock);
        }
    }
}
