//! The limits of suggestions, in working days of the calendar.

use super::{Suggestion, SuggestionDue};
use crate::time::calendar::{Calendar, Limit, YearMissing, local};
use crate::time::clock::has_passed;
use jiff::{SignedDuration, Timestamp};

/// The working days within which a desk acknowledges a suggestion and answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuggestionLimits {
    pub acknowledge_days: u32,
    pub answer_days: u32,
}

impl SuggestionLimits {
    /// Returns the due times of a suggestion that comes to a desk at `at`.
    pub fn due(self, calendar: &Calendar, at: Timestamp) -> SuggestionDue {
        SuggestionDue {
            acknowledge_by: end(calendar, self.acknowledge_days, at),
            answer_by: end(calendar, self.answer_days, at),
        }
    }

    /// Returns the due times after a suggestion was forwarded at `at`.
    ///
    /// Within the time for acknowledging, the limits begin again with the desk that receives it. Later they stay as they
    /// are, so a desk gains nothing by waiting.
    pub fn due_after_forward(self, calendar: &Calendar, before: SuggestionDue, at: Timestamp) -> SuggestionDue {
        if has_passed(before.acknowledge_by, at) { before } else { self.due(calendar, at) }
    }
}

/// Returns the end of a limit in working days. Years that nobody has announced are like the last one that is known.
fn end(calendar: &Calendar, days: u32, at: Timestamp) -> Timestamp {
    let on = |calendar: &Calendar| -> Result<Timestamp, YearMissing> {
        let since = calendar.next_working(at)?;
        calendar.end(since, calendar.length(Limit::WorkingDays(days), since)?)
    };
    let on_continued = |_: YearMissing| on(&calendar.continued(local(at).year().saturating_add(2)));
    // Without any calendar, seven days have five working days.
    let on_none = |_: YearMissing| {
        let hours = i64::from(days).saturating_mul(24 * 7) / 5;
        at.checked_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX)
    };
    on(calendar).or_else(on_continued).unwrap_or_else(on_none)
}

impl Suggestion {
    /// Returns whether the answer came late, or is late at `now`.
    pub fn is_late(&self, now: Timestamp) -> bool {
        has_passed(self.due.answer_by, self.ended_at().unwrap_or(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::calendar::instant;
    use crate::time::calendar::tests::office;
    use jiff::civil::{Date, date};

    const LIMITS: SuggestionLimits = SuggestionLimits { acknowledge_days: 5, answer_days: 15 };

    fn at(day: Date, hour: i8) -> Timestamp {
        instant(day.at(hour, 0, 0, 0))
    }

    #[test]
    fn the_limit_counts_working_days_and_leaves_out_holidays() {
        // Saturdays have one session, and the second of September is a holiday.
        let due = LIMITS.due(&office(), at(date(2026, 8, 31), 8));
        assert_eq!(due.acknowledge_by, instant(date(2026, 9, 7).at(13, 30, 0, 0)));
        assert_eq!(due.answer_by, at(date(2026, 9, 19), 8));
    }

    #[test]
    fn a_year_that_nobody_announced_does_not_keep_a_suggestion_from_being_sent() {
        let december = at(date(2028, 12, 28), 16);
        let due = LIMITS.due(&office(), december);
        assert!(due.answer_by > at(date(2029, 1, 1), 0), "{}", due.answer_by);
        let without = LIMITS.due(&Calendar::default(), december);
        assert_eq!(without.acknowledge_by, at(date(2029, 1, 4), 16));
    }

    #[test]
    fn a_desk_that_forwards_late_gives_away_what_is_left_and_no_more() {
        let calendar = office();
        let before = LIMITS.due(&calendar, at(date(2026, 3, 2), 8));
        let soon = LIMITS.due_after_forward(&calendar, before, at(date(2026, 3, 3), 8));
        assert!(soon.answer_by > before.answer_by);
        assert_eq!(LIMITS.due_after_forward(&calendar, before, at(date(2026, 3, 16), 8)), before);
    }
}
