//! The working calendar: the hours of the counters, and the meaning of a limit in working time.
//!
//! Vietnam has one time zone and no summer time, so local time is UTC+7 throughout.

use crate::text;
use crate::text::Text;
use crate::time::law::PeriodRules;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

pub use crate::time::length::WorkingLength;

const UTC_OFFSET: Offset = Offset::constant(7);

/// The seconds by which local time is ahead of UTC.
pub const UTC_OFFSET_SECONDS: i32 = UTC_OFFSET.seconds();

/// Returns the wall-clock time in Vietnam at an instant.
pub fn local(at: Timestamp) -> DateTime {
    UTC_OFFSET.to_datetime(at)
}

/// Returns the instant of a wall-clock time in Vietnam.
pub fn instant(local: DateTime) -> Timestamp {
    UTC_OFFSET.to_timestamp(local).unwrap_or(Timestamp::MAX)
}

/// A limit that the law or the agency sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    WorkingHours(u32),
    WorkingDays(u32),
    CalendarDays(u32),
}

impl Limit {
    /// The greatest number of hours or days.
    pub const MOST: u32 = 3660;

    /// Reads `4 working-hours`, `3 working-days`, `90 calendar-days` (singular too).
    pub fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.trim().split_once(' ')?;
        let count: u32 = count.parse().ok().filter(|count| (1..=Self::MOST).contains(count))?;
        match unit.trim().trim_end_matches('s') {
            "working-hour" => Some(Self::WorkingHours(count)),
            "working-day" => Some(Self::WorkingDays(count)),
            "calendar-day" => Some(Self::CalendarDays(count)),
            _ => None,
        }
    }
}

impl Limit {
    /// Returns the limit in words: `3 ngày làm việc`.
    pub fn text(self) -> Text {
        let plural = |count: u32| if count == 1 { "" } else { "s" };
        let (count, vi, en) = match self {
            Self::WorkingHours(count) => (count, "giờ làm việc", "working hour"),
            Self::WorkingDays(count) => (count, "ngày làm việc", "working day"),
            Self::CalendarDays(count) => (count, "ngày", "day"),
        };
        Text::new(format!("{count} {vi}"), format!("{count} {en}{}", plural(count)))
    }

    /// Returns the limit in working hours, for comparing: a working day has 8, and 7 calendar days have 5 working days.
    pub fn working_hours(self) -> f64 {
        match self {
            Self::WorkingHours(hours) => f64::from(hours),
            Self::WorkingDays(days) => f64::from(days) * 8.0,
            Self::CalendarDays(days) => f64::from(days) * 8.0 * 5.0 / 7.0,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self {
            Self::WorkingHours(count) => (count, "working-hour"),
            Self::WorkingDays(count) => (count, "working-day"),
            Self::CalendarDays(count) => (count, "calendar-day"),
        };
        write!(f, "{count} {unit}{}", if *count == 1 { "" } else { "s" })
    }
}

/// A stretch of a day during which the counters are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterHours {
    pub from: Time,
    pub to: Time,
}

/// One year as the province announced it. Invariant, checked by [`Year::problem`]: the sessions of a day are ordered,
/// do not overlap and end after they begin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Year {
    /// The seconds of working time in the law's "one working day".
    pub working_day: i64,
    /// The sessions of each weekday, Monday first.
    pub week: [Vec<CounterHours>; 7],
    /// Days off, with their names.
    pub holidays: BTreeMap<Date, String>,
    /// Days worked to compensate for others, with their own sessions.
    pub compensatory: BTreeMap<Date, Vec<CounterHours>>,
    /// The rules by which periods begin and end.
    pub rules: PeriodRules,
}

impl Year {
    /// Returns the problem of this year, if any.
    pub fn problem(&self) -> Option<Text> {
        let ordered = |sessions: &Vec<CounterHours>| {
            sessions.iter().all(|s| s.from < s.to) && sessions.windows(2).all(|pair| pair[0].to <= pair[1].from)
        };
        if !self.week.iter().chain(self.compensatory.values()).all(ordered) {
            return Some(text!(
                "các buổi trong ngày phải nối tiếp nhau và kết thúc sau khi bắt đầu",
                "sessions of a day must follow one another and end after they begin"
            ));
        }
        if self.week.iter().all(Vec::is_empty) {
            return Some(text!("không ngày nào trong tuần có buổi làm việc", "no weekday has a session"));
        }
        if !(3600..=86_400).contains(&self.working_day) {
            return Some(text!(
                "một ngày làm việc phải dài từ 1 đến 24 giờ",
                "a working day must be between 1 and 24 hours long"
            ));
        }
        None
    }

    fn sessions(&self, day: Date) -> &[CounterHours] {
        if let Some(sessions) = self.compensatory.get(&day) {
            sessions
        } else if self.holidays.contains_key(&day) {
            &[]
        } else {
            &self.week[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())]
        }
    }
}

/// The years that the province has announced.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
}

/// The calendar of a required year has not been announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no calendar for {year}: add calendar/{year}.toml")]
pub struct YearMissing {
    pub year: i16,
}

/// The month from which the calendar of the next year should exist.
const ANNOUNCED: i8 = 9;

/// The parts of a calendar that affect due times: each day that differs from its weekday, and the weeks.
pub type CalendarSketch = BTreeMap<String, String>;

/// Returns in words the days that differ between two calendars.
pub fn differences(before: &CalendarSketch, after: &CalendarSketch) -> String {
    let added = after.iter().filter(|(day, what)| before.get(*day) != Some(what));
    let added = added.map(|(day, what)| format!("{day} {what}"));
    let gone = before.iter().filter(|(day, _)| !after.contains_key(*day));
    let gone = gone.map(|(day, what)| format!("{day} bỏ: {what}"));
    added.chain(gone).collect::<Vec<_>>().join("; ")
}

impl Calendar {
    /// Returns a calendar of these years.
    pub const fn new(years: BTreeMap<i16, Year>) -> Self {
        Self { years }
    }

    /// Returns the parts of the calendar that affect due times.
    pub fn sketch(&self) -> CalendarSketch {
        let sessions = |sessions: &[CounterHours]| {
            let shown = sessions.iter().map(|s| format!("{}-{}", s.from.strftime("%H:%M"), s.to.strftime("%H:%M")));
            shown.collect::<Vec<_>>().join(" ")
        };
        let mut sketch = CalendarSketch::new();
        for (number, year) in &self.years {
            let week: Vec<String> = year.week.iter().map(|day| sessions(day)).collect();
            let shown = format!("{} ({} giây; {})", week.join(", "), year.working_day, year.rules.words());
            sketch.insert(number.to_string(), shown);
            sketch.extend(year.holidays.iter().map(|(day, name)| (day.to_string(), name.clone())));
            let worked = year.compensatory.iter();
            sketch.extend(worked.map(|(day, worked)| (day.to_string(), format!("làm bù {}", sessions(worked)))));
        }
        sketch
    }

    /// Returns the calendar with years that nobody has announced yet. They equal the last known year, without days off.
    #[must_use]
    pub fn continued(&self, until: i16) -> Self {
        let mut years = self.years.clone();
        if let Some((last, year)) = self.years.last_key_value() {
            let plain = Year { holidays: BTreeMap::new(), compensatory: BTreeMap::new(), ..year.clone() };
            years.extend((last + 1..=until).map(|number| (number, plain.clone())));
        }
        Self { years }
    }

    /// Returns the last day that the calendar knows without a gap, counted from `from`. Returns `None` if the calendar
    /// does not know that year.
    pub fn known_until(&self, from: Date) -> Option<Date> {
        let last = (from.year()..=i16::MAX).take_while(|year| self.years.contains_key(year)).last()?;
        Date::new(last, 12, 31).ok()
    }

    /// Returns the calendar without the years after `last`.
    #[must_use]
    pub fn until(&self, last: i16) -> Self {
        Self { years: self.years.range(..=last).map(|(number, year)| (*number, year.clone())).collect() }
    }

    /// Returns whether no year was announced.
    pub fn is_empty(&self) -> bool {
        self.years.is_empty()
    }

    /// Returns the year whose calendar is missing `today`: this year, or from September the next year. The province
    /// announces the next year in autumn.
    pub fn missing_year(&self, today: Date) -> Option<i16> {
        let next = today.year().saturating_add(1);
        let mut needed = std::iter::once(today.year()).chain((today.month() >= ANNOUNCED).then_some(next));
        needed.find(|year| !self.years.contains_key(year))
    }

    pub(super) fn year(&self, year: i16) -> Result<&Year, YearMissing> {
        self.years.get(&year).ok_or(YearMissing { year })
    }

    /// Returns the sessions of a day as instants.
    fn sessions(&self, day: Date) -> Result<impl Iterator<Item = (Timestamp, Timestamp)>, YearMissing> {
        let sessions = self.year(day.year())?.sessions(day);
        Ok(sessions.iter().map(move |s| (instant(day.to_datetime(s.from)), instant(day.to_datetime(s.to)))))
    }

    /// Returns the end of the last session of a day. Returns `None` for a day off.
    pub(super) fn closing(&self, day: Date) -> Result<Option<Timestamp>, YearMissing> {
        Ok(self.sessions(day)?.last().map(|(_, to)| to))
    }

    /// Returns all sessions that end after `from`, in order, until a year is missing.
    pub(super) fn sessions_after(
        &self,
        from: Timestamp,
    ) -> impl Iterator<Item = Result<(Timestamp, Timestamp), YearMissing>> {
        let first = local(from).date();
        first
            .series(1.day())
            .flat_map(move |day| match self.sessions(day) {
                Ok(sessions) => sessions.map(Ok).collect::<Vec<_>>(),
                Err(missing) => vec![Err(missing)],
            })
            .filter(move |session| session.as_ref().map_or(true, |(_, to)| *to > from))
    }

    /// Returns `at` itself during a session, otherwise the beginning of the next session.
    pub fn next_working(&self, at: Timestamp) -> Result<Timestamp, YearMissing> {
        match self.sessions_after(at).next() {
            Some(session) => session.map(|(from, _)| from.max(at)),
            None => Err(YearMissing { year: local(at).year() }),
        }
    }

    /// Returns the seconds of working time in one working day, in the year of `at`.
    pub fn working_day(&self, at: Timestamp) -> Result<i64, YearMissing> {
        Ok(self.year(local(at).year())?.working_day)
    }

    /// Returns the working seconds between two instants. Returns 0 if `to` is not after `from`.
    pub fn working_between(&self, from: Timestamp, to: Timestamp) -> Result<i64, YearMissing> {
        let mut sum = 0;
        if to <= from {
            return Ok(0);
        }
        for session in self.sessions_after(from) {
            let (begin, end) = match session {
                // A year that begins after `to` need not be known.
                Err(missing) if missing.year > local(to).year() => break,
                session => session?,
            };
            if begin >= to {
                break;
            }
            sum += end.min(to).as_second() - begin.max(from).as_second();
        }
        Ok(sum)
    }

    /// Returns whether a session is open at `at`. Both ends of a session count.
    pub fn is_working(&self, at: Timestamp) -> Result<bool, YearMissing> {
        Ok(self.sessions(local(at).date())?.any(|(from, to)| from <= at && at <= to))
    }
}

/// Returns the weekday with this English name in lower case.
pub fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    pub(crate) fn office() -> Calendar {
        let day = vec![
            CounterHours { from: time(7, 30, 0, 0), to: time(11, 30, 0, 0) },
            CounterHours { from: time(13, 0, 0, 0), to: time(17, 0, 0, 0) },
        ];
        let saturday = vec![day[0]];
        let week = [day.clone(), day.clone(), day.clone(), day.clone(), day.clone(), saturday, vec![]];
        let year = |y: i16| Year {
            working_day: 8 * 3600,
            week: week.clone(),
            holidays: [(date(y, 9, 2), "Quốc khánh".to_owned())].into(),
            compensatory: [(date(y, 10, 4), day.clone())].into(),
            rules: PeriodRules::default(),
        };
        Calendar::new((2026..2029).map(|y| (y, year(y))).collect())
    }

    /// Returns the office's calendar with this change to each year.
    pub(crate) fn office_with(change: impl Fn(&mut Year)) -> Calendar {
        let mut calendar = office();
        calendar.years.values_mut().for_each(change);
        calendar
    }

    fn at(day: Date, hour: i8, minute: i8) -> Timestamp {
        instant(day.at(hour, minute, 0, 0))
    }

    #[test]
    fn a_dossier_filed_at_night_counts_from_the_next_session() {
        let calendar = office();
        let saturday_noon = at(date(2026, 8, 29), 12, 0);
        assert_eq!(calendar.next_working(saturday_noon), Ok(at(date(2026, 8, 31), 7, 30)));
        let end = calendar.end(saturday_noon, WorkingLength::Working(2 * 8 * 3600));
        assert_eq!(end, Ok(at(date(2026, 9, 1), 17, 0)));
        let over_the_holiday = calendar.end(saturday_noon, WorkingLength::Working(2 * 8 * 3600 + 60));
        assert_eq!(over_the_holiday, Ok(at(date(2026, 9, 3), 7, 31)));
    }

    #[test]
    fn a_year_that_nobody_announced_is_an_error() {
        let december = at(date(2028, 12, 29), 16, 0);
        assert_eq!(office().end(december, WorkingLength::Working(30 * 8 * 3600)), Err(YearMissing { year: 2029 }));
        assert_eq!(office().known_until(date(2026, 5, 1)), Some(date(2028, 12, 31)));
    }

    #[test]
    fn the_next_year_is_missed_from_september_on() {
        let calendar = office();
        assert_eq!(calendar.missing_year(date(2028, 8, 31)), None);
        assert_eq!(calendar.missing_year(date(2028, 9, 1)), Some(2029));
        assert_eq!(calendar.missing_year(date(2029, 1, 2)), Some(2029));
        assert_eq!(calendar.missing_year(date(2027, 12, 31)), None);
    }

    #[test]
    fn limits_are_read_as_they_are_written() {
        for text in ["4 working-hours", "45 working-days", "90 calendar-days"] {
            assert_eq!(Limit::parse(text).map(|limit| limit.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Limit::parse("1 working-day"), Some(Limit::WorkingDays(1)));
        for wrong in ["", "3", "3 days", "-1 working-days", "0 working-days", "99999999999 working-days"] {
            assert_eq!(Limit::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn limits_are_compared_in_working_hours() {
        assert!((Limit::WorkingDays(2).working_hours() - 16.0).abs() < f64::EPSILON);
        assert!((Limit::CalendarDays(7).working_hours() - 40.0).abs() < f64::EPSILON);
    }

    fn instants() -> impl Strategy<Value = Timestamp> {
        let first = at(date(2026, 1, 1), 0, 0).as_second();
        let last = at(date(2027, 12, 31), 0, 0).as_second();
        (first..last).prop_map(|second| Timestamp::from_second(second).expect("within range"))
    }

    proptest! {
        #[test]
        fn working_time_plus_a_duration_lands_inside_working_time(from in instants(), seconds in 0_i64..2_000_000) {
            let calendar = office();
            for length in [WorkingLength::Working(seconds), WorkingLength::Calendar(seconds)] {
                // A period of days that begins after the counter has closed runs from the next morning.
                let from = calendar.runs_from(length, from).expect("the years are known");
                let end = calendar.end(from, length).expect("the years are known");
                prop_assert!(calendar.is_working(end).expect("the years are known"));
                prop_assert!(end >= from);
            }
        }

        #[test]
        fn the_time_until_the_end_is_the_length(from in instants(), seconds in 0_i64..2_000_000) {
            let calendar = office();
            let end = calendar.end(from, WorkingLength::Working(seconds)).expect("the years are known");
            prop_assert_eq!(calendar.working_between(from, end), Ok(seconds));
        }

        #[test]
        fn working_time_adds_up(a in instants(), b in instants(), c in instants()) {
            let calendar = office();
            let mut order = [a, b, c];
            order.sort();
            let [a, b, c] = order;
            let between = |x, y| calendar.working_between(x, y).expect("the years are known");
            prop_assert_eq!(between(a, b) + between(b, c), between(a, c));
        }
    }
}
