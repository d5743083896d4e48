//! The clock: every time of a dossier that counts. Dossiers, steps and stages have one for their limits, steps have one
//! for their timed action, and the applicant has one for what the office asked for. Reminders and escalations follow
//! from the clock of their step.
//!
//! A clock starts when the office receives the dossier, and stops while it is the applicant's turn. Then it continues
//! with the time that was left, never from the beginning. [`Calendar::end`] alone says when it ends, and
//! [`Clock::is_late`] alone whether that was in time.

use crate::time::calendar::{Calendar, Limit, WorkingLength, YearMissing, local};
use crate::time::period::midnight;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The time that runs on the working calendar. The clock stores the due time, so a later change of the calendar does
/// not silently move the promise to a citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Clock {
    /// The rest `left` at the instant `since`. The time is used up at `due`.
    Running { since: Timestamp, left: WorkingLength, due: Timestamp },
    /// The rest `left` since the clock stopped `at`. If it stopped late, the time was used up at `passed`.
    Stopped {
        at: Timestamp,
        left: WorkingLength,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passed: Option<Timestamp>,
    },
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
        Self::begin(calendar, ClockBudget::Limit(limit), at)
    }

    /// Returns a clock of the applicant, who has calendar days until the end of the last day.
    pub fn start_for_applicant(calendar: &Calendar, limit: Limit, at: Timestamp) -> Self {
        let budget = match limit {
            Limit::CalendarDays(days) => ClockBudget::Left(calendar.applicant_days(days, at)),
            Limit::WorkingHours(_) | Limit::WorkingDays(_) => ClockBudget::Limit(limit),
        };
        Self::begin(calendar, budget, at)
    }

    fn begin(calendar: &Calendar, budget: ClockBudget, at: Timestamp) -> Self {
        let begun = Self::first(calendar, budget, at).and_then(|(since, left)| Self::running(calendar, since, left));
        begun.unwrap_or(Self::Unknown { budget, ran: Vec::new(), since: Some(at) })
    }

    /// Returns the instant from which a clock runs that starts `at`, and its time.
    fn first(
        calendar: &Calendar,
        budget: ClockBudget,
        at: Timestamp,
    ) -> Result<(Timestamp, WorkingLength), YearMissing> {
        match budget {
            ClockBudget::Limit(limit) => {
                let since = calendar.next_working(at)?;
                Ok((since, calendar.length(limit, since)?))
            }
            ClockBudget::Left(left) => Ok((calendar.runs_from(left, at)?, left)),
        }
    }

    fn running(calendar: &Calendar, since: Timestamp, left: WorkingLength) -> Result<Self, YearMissing> {
        Ok(Self::Running { since, left, due: calendar.end(since, left)? })
    }

    /// Returns the clock stopped at `at`. A stopped clock stays as it is. A clock whose time was used up stays late.
    #[must_use]
    pub fn stop(&self, calendar: &Calendar, at: Timestamp) -> Self {
        match self {
            Self::Running { left, due, .. } if has_passed(*due, at) => {
                Self::Stopped { at, left: left.used_up(), passed: Some(*due) }
            }
            Self::Running { since, left, .. } => calendar.left(*left, *since, at).map_or_else(
                |_| Self::Unknown {
                    budget: ClockBudget::Left(*left),
                    ran: vec![ClockSpan { from: *since, to: at }],
                    since: None,
                },
                |left| Self::Stopped { at, left, passed: None },
            ),
            Self::Stopped { .. } => self.clone(),
            Self::Unknown { budget, ran, since } => {
                let last = since.map(|from| ClockSpan { from, to: at });
                let ran = ran.iter().copied().chain(last).collect();
                Self::Unknown { budget: *budget, ran, since: None }.recomputed(calendar)
            }
        }
    }

    /// Returns the clock running again from `at` with the time that was left. A running clock stays as it is. A clock
    /// whose time was used up is late at once, also outside the sessions.
    #[must_use]
    pub fn resume(&self, calendar: &Calendar, at: Timestamp) -> Self {
        match self {
            Self::Running { .. } => self.clone(),
            Self::Stopped { left, .. } => self.due_or_passed().map_or_else(
                || Self::begin(calendar, ClockBudget::Left(*left), at),
                |due| Self::Running { since: at, left: left.used_up(), due },
            ),
            Self::Unknown { budget, ran, since } => {
                let since = since.or(Some(at));
                Self::Unknown { budget: *budget, ran: ran.clone(), since }.recomputed(calendar)
            }
        }
    }

    /// Returns the clock with its due time recomputed on a calendar that may have changed since the clock started. A
    /// due time that this calendar does not know stays as it is, and so does a due time before the clock last stopped.
    #[must_use]
    pub fn recomputed(&self, calendar: &Calendar) -> Self {
        let known = match self {
            Self::Running { since, due, .. } if due < since => None,
            Self::Running { since, left, .. } => {
                let since = calendar.runs_from(*left, *since);
                since.and_then(|since| Self::running(calendar, since, *left)).ok()
            }
            Self::Stopped { .. } => None,
            Self::Unknown { budget, ran, since } => Self::known(calendar, *budget, ran, *since),
        };
        known.unwrap_or_else(|| self.clone())
    }

    /// Replays the same starts and stops on a calendar that may know the years now.
    fn known(calendar: &Calendar, budget: ClockBudget, ran: &[ClockSpan], since: Option<Timestamp>) -> Option<Self> {
        let mut stopped = None;
        for span in ran {
            stopped = Some(match stopped {
                Some(late @ Self::Stopped { passed: Some(_), .. }) => {
                    late.resume(calendar, span.from).stop(calendar, span.to)
                }
                Some(Self::Stopped { left, .. }) => Self::ran(calendar, ClockBudget::Left(left), *span)?,
                _ => Self::ran(calendar, budget, *span)?,
            });
        }
        let Some(since) = since else { return stopped };
        let running =
            stopped.map_or_else(|| Self::begin(calendar, budget, since), |clock| clock.resume(calendar, since));
        (!running.is_unknown()).then_some(running)
    }

    /// Returns the clock stopped after a span in which it ran. While all years of the span are known, a due time in an
    /// unknown year has not passed in it.
    fn ran(calendar: &Calendar, budget: ClockBudget, span: ClockSpan) -> Option<Self> {
        let (since, left) = Self::first(calendar, budget, span.from).ok()?;
        match Self::running(calendar, since, left) {
            Ok(running) => Some(running.stop(calendar, span.to)),
            Err(_) => {
                calendar.working_between(since, span.to).ok()?;
                let left = calendar.left(left, since, span.to).ok()?;
                Some(Self::Stopped { at: span.to, left, passed: None })
            }
        }
    }

    /// Returns the moment at which a running clock has this rest of its time. Returns `None` if that moment is not after
    /// the clock's start and before its end, and for a rest of another kind.
    pub fn rest_begins(&self, calendar: &Calendar, rest: Limit) -> Option<Timestamp> {
        let Self::Running { since, left, due } = self else { return None };
        let moment = match (*left, calendar.length(rest, *since).ok()?) {
            (WorkingLength::Days(_), WorkingLength::Working(seconds)) => {
                calendar.hours_before(*due, seconds, *since).ok()??
            }
            (WorkingLength::Working(_), WorkingLength::Days(days)) => {
                let rest = WorkingLength::Working(days.saturating_mul(calendar.working_day(*since).ok()?));
                calendar.end(*since, left.less(rest)?).ok()?
            }
            (WorkingLength::Calendar(left) | WorkingLength::Applicant(left), WorkingLength::Calendar(rest)) => {
                let run = WorkingLength::Exact(left).less(WorkingLength::Exact(rest))?;
                calendar.end(*since, run).and_then(|at| calendar.next_working(at)).ok()?
            }
            (left, rest) => calendar.end(*since, left.less(rest)?).ok()?,
        };
        (moment < *due).then_some(moment)
    }

    /// Returns the due time. Returns `None` while the clock is stopped, or while the calendar does not know the due
    /// time.
    pub const fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Running { due, .. } => Some(*due),
            Self::Stopped { .. } | Self::Unknown { .. } => None,
        }
    }

    /// Returns the moment at which the time is or was used up. A stopped clock has it only if it stopped late. In rows
    /// this moment alone stands for the clock: the clock is late ([`Self::is_late`]) once it has passed.
    pub fn due_or_passed(&self) -> Option<Timestamp> {
        match self {
            Self::Running { due, .. } | Self::Stopped { passed: Some(due), .. } => Some(*due),
            // Earlier versions of the portal stored a negative rest alone.
            Self::Stopped { at, left, passed: None } => (left.amount() < 0).then_some(*at),
            Self::Unknown { .. } => None,
        }
    }

    /// Returns the due time. Without the calendar of its year, returns the last second of the last day, as if no day were
    /// off. The calendar can only move that to later.
    pub fn due_at_the_soonest(&self) -> Timestamp {
        match self {
            Self::Running { due, .. } => *due,
            Self::Stopped { at: since, left, .. }
            | Self::Unknown { budget: ClockBudget::Left(left), since: Some(since), .. } => {
                let end = since.saturating_add(SignedDuration::from_secs(left.amount().max(0)));
                end.map_or(Timestamp::MAX, |end| midnight(local(end).date()))
            }
            Self::Unknown { .. } => Timestamp::MAX,
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
        self.due_or_passed().is_some_and(|due| has_passed(due, at))
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
    use crate::time::calendar::tests::{office, office_with};
    use jiff::ToSpan as _;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn left(clock: &Clock, calendar: &Calendar, at: Timestamp) -> i64 {
        match clock.stop(calendar, at) {
            Clock::Stopped { left, .. } => left.amount(),
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

    fn started(calendar: &Calendar, limit: Limit, at: Timestamp, applicant: bool) -> Clock {
        if applicant { Clock::start_for_applicant(calendar, limit, at) } else { Clock::start(calendar, limit, at) }
    }

    #[test]
    fn a_calendar_limit_that_stops_on_the_days_off_after_its_last_day_is_not_late_when_it_resumes() {
        let calendar = office();
        let clock = Clock::start(&calendar, Limit::CalendarDays(6), instant(date(2026, 3, 2).at(9, 0, 0, 0)));
        assert_eq!(clock.due(), Some(instant(date(2026, 3, 9).at(17, 0, 0, 0))), "8 March is a Sunday");
        let stopped = clock.stop(&calendar, instant(date(2026, 3, 9).at(8, 0, 0, 0)));
        let resumed = stopped.resume(&calendar, instant(date(2026, 3, 12).at(10, 0, 0, 0)));
        assert_eq!(resumed.due(), Some(instant(date(2026, 3, 12).at(17, 0, 0, 0))), "one working day was left");
    }

    #[test]
    fn a_time_that_is_used_up_in_a_year_that_nobody_announced_has_passed_once_the_year_is_known() {
        let (part, whole) = (office().until(2026), office());
        let start = instant(date(2026, 12, 15).at(17, 0, 0, 0));
        let stop = instant(date(2027, 1, 1).at(17, 0, 1, 0));
        let stopped = |calendar| Clock::start(calendar, Limit::CalendarDays(16), start).stop(calendar, stop);
        assert!(stopped(&whole).is_late(stop), "it was due one second before");
        assert!(stopped(&part).is_unknown());
        assert_eq!(stopped(&part).recomputed(&whole), stopped(&whole));
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
        fn a_clock_that_stops_late_is_late_whenever_it_resumes(
            limit in limits(), applicant: bool, over in 1_i64..2_000_000, stand in 0_i64..2_000_000,
        ) {
            let calendar = office();
            let start = instant(date(2026, 3, 3).at(9, 0, 0, 0));
            let clock = started(&calendar, limit, start, applicant);
            let due = clock.due().expect("it runs");
            let stopped = due + SignedDuration::from_secs(over);
            let resumed = stopped + SignedDuration::from_secs(stand);
            let late = clock.stop(&calendar, stopped);
            prop_assert!(late.is_late(resumed));
            let late = late.resume(&calendar, resumed);
            prop_assert_eq!((late.due(), late.open(resumed)), (Some(due), Punctuality::Overdue));
            prop_assert_eq!(late.recomputed(&calendar), late.clone());
            prop_assert_eq!(late.ended(due), clock.ended(due), "what ended in time stays in time");
        }

        #[test]
        fn a_clock_that_stops_in_time_is_not_late_when_it_resumes(
            limit in limits(), applicant: bool, share in 0_i64..=100, stand in 0_i64..2_000_000,
        ) {
            let calendar = office();
            let start = instant(date(2026, 3, 3).at(9, 0, 0, 0));
            let clock = started(&calendar, limit, start, applicant);
            let due = clock.due().expect("it runs");
            let stopped = start + SignedDuration::from_secs((due.as_second() - start.as_second()) * share / 100);
            let resumed = stopped + SignedDuration::from_secs(stand);
            let clock = clock.stop(&calendar, stopped);
            prop_assert!(!clock.is_late(resumed));
            let clock = clock.resume(&calendar, resumed);
            prop_assert!(!clock.is_late(resumed) && clock.due() >= Some(due), "{clock:?}");
        }

        #[test]
        fn a_clock_recomputed_is_the_one_that_the_new_calendar_would_have_started(
            limit in limits(), applicant: bool, start in 0_i64..300 * 86_400, off in 0_i64..400,
        ) {
            let start = instant(date(2026, 1, 5).at(9, 0, 0, 0)) + SignedDuration::from_secs(start);
            let day = date(2026, 1, 5).saturating_add(off.days());
            let storm = office_with(|year| { year.holidays.insert(day, "Nghỉ bão".to_owned()); });
            let recomputed = started(&office(), limit, start, applicant).recomputed(&storm);
            prop_assert_eq!(recomputed, started(&storm, limit, start, applicant));
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
