//! Periods on the calendar: the one function that ends them, and its inverses.
//!
//! | length | begins | ends |
//! | --- | --- | --- |
//! | working hours | in the open session, or in the next one | when the sessions have used it up |
//! | working days by hours | the same | the same |
//! | whole working days | on the day after the event (Civil Code, article 147) | with the last session of its last day |
//! | calendar days | the same | the same |
//! | calendar days of the applicant | the same | at 24:00 of its last day (article 148, clause 6) |
//!
//! If the last day is a day off, the period ends at the same time of the next working day (article 148, clause 5).

use crate::time::calendar::{Calendar, Limit, YearMissing, instant, local};
use crate::time::law::{ApplicantEnd, DayCount, DayOff, PeriodRules};
use crate::time::length::WorkingLength;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The seconds of a day of the wall clock.
const DAY: i64 = 86_400;

/// The party that acts at the end of a period at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Party {
    Office,
    Applicant,
}

impl Calendar {
    /// Returns the length of a limit of an office for an event at `at`.
    pub fn length(&self, limit: Limit, at: Timestamp) -> Result<WorkingLength, YearMissing> {
        let year = self.year(local(at).year())?;
        Ok(match limit {
            Limit::WorkingHours(hours) => WorkingLength::Working(i64::from(hours) * 3600),
            Limit::WorkingDays(days) => match year.rules.count {
                DayCount::Hours => WorkingLength::Working(i64::from(days) * year.working_day),
                DayCount::Days => WorkingLength::Days(year.rules.days_after(days)),
            },
            Limit::CalendarDays(days) => WorkingLength::Calendar(year.rules.days_after(days) * DAY),
        })
    }

    /// Returns the length of a period of calendar days that the applicant has after an event at `at`. The rules of a year
    /// that was not announced are those of the Civil Code.
    pub fn applicant_days(&self, days: u32, at: Timestamp) -> WorkingLength {
        let law = PeriodRules::default();
        let rules = self.year(local(at).year()).map_or(&law, |year| &year.rules);
        WorkingLength::Applicant(rules.days_after(days) * DAY)
    }

    /// Returns the instant from which a length runs after an event at `at`. Offices receive nothing outside their
    /// sessions.
    pub fn runs_from(&self, length: WorkingLength, at: Timestamp) -> Result<Timestamp, YearMissing> {
        match length {
            WorkingLength::Working(_) | WorkingLength::Days(_) | WorkingLength::Calendar(_) => self.next_working(at),
            WorkingLength::Applicant(_) | WorkingLength::Exact(_) => Ok(at),
        }
    }

    /// Returns the instant at which `length`, running since `from`, is used up. A length that is used up already ends at
    /// once, or with the day of `from`.
    pub fn end(&self, from: Timestamp, length: WorkingLength) -> Result<Timestamp, YearMissing> {
        let wall = |seconds: i64| from + SignedDuration::from_secs(seconds.max(0));
        match length {
            WorkingLength::Working(seconds) => self.end_of_hours(from, seconds.max(0)),
            WorkingLength::Days(days) => {
                self.day_after(local(from).date(), days).and_then(|day| self.close(day, Party::Office))
            }
            WorkingLength::Calendar(seconds) => self.close(local(wall(seconds)).date(), Party::Office),
            WorkingLength::Applicant(seconds) => self.close(local(wall(seconds)).date(), Party::Applicant),
            WorkingLength::Exact(seconds) => Ok(wall(seconds)),
        }
    }

    fn end_of_hours(&self, from: Timestamp, seconds: i64) -> Result<Timestamp, YearMissing> {
        let mut left = seconds;
        for session in self.sessions_after(from) {
            let (begin, end) = session?;
            let begin = begin.max(from);
            let available = end.as_second() - begin.as_second();
            if left <= available {
                return Ok(begin + SignedDuration::from_secs(left));
            }
            left -= available;
        }
        Err(YearMissing { year: local(from).year() })
    }

    /// Returns the working day that comes this number of working days after a day.
    fn day_after(&self, first: Date, days: i64) -> Result<Date, YearMissing> {
        let mut left = days;
        for day in first.series(1.day()) {
            if left <= 0 {
                return Ok(day);
            }
            if day > first && self.closing(day)?.is_some() {
                left -= 1;
                if left == 0 {
                    return Ok(day);
                }
            }
        }
        Err(YearMissing { year: first.year() })
    }

    /// Returns the end of a period whose last day is `last`.
    fn close(&self, last: Date, party: Party) -> Result<Timestamp, YearMissing> {
        let rules = &self.year(last.year())?.rules;
        let end = |day: Date, closing: Timestamp| match (party, rules.applicant_end) {
            (Party::Applicant, ApplicantEnd::Midnight) => midnight(day),
            (Party::Office, _) | (Party::Applicant, ApplicantEnd::Closing) => closing,
        };
        for day in last.series(1.day()) {
            match (self.closing(day)?, rules.day_off) {
                (Some(closing), _) => return Ok(end(day, closing)),
                (None, DayOff::Stays) => return Ok(midnight(day)),
                (None, DayOff::Moves) => {}
            }
        }
        Err(YearMissing { year: last.year() })
    }

    /// Returns the rest of `length` at `to`, if it ran since `from`.
    pub fn left(&self, length: WorkingLength, from: Timestamp, to: Timestamp) -> Result<WorkingLength, YearMissing> {
        Ok(length.minus(match length {
            WorkingLength::Working(_) => self.working_between(from, to)?,
            WorkingLength::Days(_) => self.working_days_between(local(from).date(), local(to).date())?,
            WorkingLength::Calendar(_) | WorkingLength::Applicant(_) | WorkingLength::Exact(_) => {
                (to.as_second() - from.as_second()).max(0)
            }
        }))
    }

    /// Returns the number of working days after `from`, until `to` and with it.
    fn working_days_between(&self, from: Date, to: Date) -> Result<i64, YearMissing> {
        let mut count = 0;
        for day in from.series(1.day()).skip(1).take_while(|day| *day <= to) {
            count += i64::from(self.closing(day)?.is_some());
        }
        Ok(count)
    }

    /// Returns the instant from which this many seconds of working time are left until `due`. Returns `None` if they would
    /// begin before `from`.
    pub fn hours_before(
        &self,
        due: Timestamp,
        seconds: i64,
        from: Timestamp,
    ) -> Result<Option<Timestamp>, YearMissing> {
        let run = self.working_between(from, due)? - seconds;
        if run > 0 { self.end(from, WorkingLength::Working(run)).map(Some) } else { Ok(None) }
    }
}

/// Returns the last second of a day. A period that ends at 24:00 has passed after it.
pub fn midnight(day: Date) -> Timestamp {
    instant(day.at(23, 59, 59, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::calendar::tests::{office, office_with};
    use crate::time::law::FirstDay;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn at(day: Date, hour: i8, minute: i8) -> Timestamp {
        instant(day.at(hour, minute, 0, 0))
    }

    fn limits() -> impl Strategy<Value = Limit> {
        prop_oneof![
            (1_u32..60).prop_map(Limit::WorkingHours),
            (1_u32..45).prop_map(Limit::WorkingDays),
            (1_u32..90).prop_map(Limit::CalendarDays)
        ]
    }

    /// Returns instants whose periods end in known years.
    fn instants() -> impl Strategy<Value = Timestamp> {
        let first = at(date(2026, 1, 1), 0, 0).as_second();
        (0_i64..600 * DAY).prop_map(move |later| Timestamp::from_second(first + later).expect("within range"))
    }

    fn counted(count: DayCount) -> Calendar {
        office_with(|year| year.rules.count = count)
    }

    fn counts() -> impl Strategy<Value = DayCount> {
        prop_oneof![Just(DayCount::Hours), Just(DayCount::Days)]
    }

    /// Returns the start and the length of an office's limit, or of the applicant's.
    fn begun(calendar: &Calendar, limit: Limit, at: Timestamp, applicant: bool) -> (Timestamp, WorkingLength) {
        let length = match limit {
            Limit::CalendarDays(days) if applicant => calendar.applicant_days(days, at),
            limit => calendar.length(limit, at).expect("a known year"),
        };
        (calendar.runs_from(length, at).expect("a known year"), length)
    }

    #[test]
    fn a_period_of_days_begins_on_the_day_after_the_event_and_ends_with_the_last_session() {
        let (calendar, monday) = (office(), at(date(2026, 3, 2), 9, 0));
        let end = |days| calendar.end(monday, calendar.length(Limit::CalendarDays(days), monday)?);
        assert_eq!(end(1), Ok(at(date(2026, 3, 3), 17, 0)));
        // Saturdays have a session in the morning, Sundays have none.
        assert_eq!(end(5), Ok(at(date(2026, 3, 7), 11, 30)));
        assert_eq!(end(6), Ok(at(date(2026, 3, 9), 17, 0)));
    }

    #[test]
    fn the_applicant_has_until_midnight_and_over_a_day_off_until_the_midnight_of_the_next_working_day() {
        let (calendar, asked) = (office(), at(date(2026, 8, 3), 9, 30));
        let end = |days| calendar.end(asked, calendar.applicant_days(days, asked));
        assert_eq!(end(29), Ok(midnight(date(2026, 9, 1))));
        assert_eq!(end(30), Ok(midnight(date(2026, 9, 3))), "2 September is a holiday");
    }

    #[test]
    fn whole_working_days_are_counted_without_the_first_to_the_end_of_the_last_session() {
        let (calendar, monday) = (counted(DayCount::Days), at(date(2026, 3, 2), 9, 0));
        let end = |days| calendar.end(monday, calendar.length(Limit::WorkingDays(days), monday)?);
        assert_eq!(end(1), Ok(at(date(2026, 3, 3), 17, 0)));
        assert_eq!(end(5), Ok(at(date(2026, 3, 7), 11, 30)));
        assert_eq!(end(6), Ok(at(date(2026, 3, 9), 17, 0)), "a Sunday is no working day");
    }

    #[test]
    fn the_rules_of_the_province_count() {
        let calendar = office_with(|year| {
            year.rules.first_day = FirstDay::Same;
            year.rules.day_off = DayOff::Stays;
            year.rules.applicant_end = ApplicantEnd::Closing;
        });
        let monday = at(date(2026, 3, 2), 9, 0);
        let office = |days| calendar.end(monday, calendar.length(Limit::CalendarDays(days), monday)?);
        assert_eq!(office(1), Ok(at(date(2026, 3, 2), 17, 0)));
        assert_eq!(office(7), Ok(midnight(date(2026, 3, 8))), "a Sunday has no last session");
        let applicant = calendar.end(monday, calendar.applicant_days(2, monday));
        assert_eq!(applicant, Ok(at(date(2026, 3, 3), 17, 0)));
    }

    proptest! {
        #[test]
        fn no_period_ends_on_a_day_off_or_before_the_end_of_the_law(
            at in instants(), limit in limits(), applicant: bool, count in counts(),
        ) {
            let calendar = counted(count);
            let (from, length) = begun(&calendar, limit, at, applicant);
            let last = local(calendar.end(from, length).expect("a known year")).date();
            prop_assert!(calendar.closing(last).expect("a known year").is_some(), "{last} is off");
            let days = match limit {
                Limit::CalendarDays(days) => i64::from(days),
                Limit::WorkingDays(_) | Limit::WorkingHours(_) => 0,
            };
            prop_assert!(last >= local(from).date().saturating_add(days.days()));
        }

        #[test]
        fn what_begins_later_ends_no_sooner(
            a in instants(), b in instants(), limit in limits(), applicant: bool, count in counts(),
        ) {
            let calendar = counted(count);
            let end = |at| {
                let (from, length) = begun(&calendar, limit, at, applicant);
                calendar.end(from, length).expect("a known year")
            };
            prop_assert!(end(a.min(b)) <= end(a.max(b)));
        }

        #[test]
        fn what_is_left_at_any_moment_ends_when_the_whole_ends(
            at in instants(), limit in limits(), applicant: bool, count in counts(), share in 0_i64..=100,
        ) {
            let calendar = counted(count);
            let (from, length) = begun(&calendar, limit, at, applicant);
            let end = calendar.end(from, length).expect("a known year");
            let moment = from + SignedDuration::from_secs((end.as_second() - from.as_second()) * share / 100);
            let moment = calendar.next_working(moment).expect("a known year");
            prop_assume!(moment <= end);
            let left = calendar.left(length, from, moment).expect("a known year");
            prop_assert_eq!(calendar.end(moment, left), Ok(end));
        }
    }
}
