//! `calendar/<year>.toml`: counter hours, holidays and compensatory days.

use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed};
use jiff::ToSpan as _;
use jiff::civil::{Date, Time};
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{CounterHours, Year, weekday};
use motcua_domain::time::law::{ApplicantEnd, DayCount, DayOff, FirstDay, PeriodRules};

keys! {
    /// `calendar/<year>.toml`: counter hours, holidays and compensatory days.
    pub(crate) KEYS = "Calendar" {
        required {
            year: Shape::Integer(2000, 2200),
            week: Shape::Table(&WEEK),
        }
        optional {
            /// The hours of a working day. 8 by default.
            working_day_hours: Shape::Number,
            counting: Shape::Table(&COUNTING),
            holiday: Shape::Tables(&HOLIDAY),
            compensatory: Shape::Tables(&COMPENSATORY),
        }
    }

    /// The rules by which periods begin and end. Without a key, the rule of the Civil Code of 2015 counts.
    COUNTING = "Counting" {
        optional {
            /// Limits in working days: hour by hour from the receipt, or by whole days to the end of the last session.
            /// `hours` by default.
            count: Shape::Word(|| DayCount::ALL.map(DayCount::name).to_vec()),
            /// The first day of a period of days. `next-day` by default (article 147).
            first_day: Shape::Word(|| FirstDay::ALL.map(FirstDay::name).to_vec()),
            /// The last day of a period, if it would be a day off. `next-working-day` by default (article 148, clause 5).
            day_off: Shape::Word(|| DayOff::ALL.map(DayOff::name).to_vec()),
            /// The end of the applicant's last day. `midnight` by default (article 148, clause 6).
            applicant_end: Shape::Word(|| ApplicantEnd::ALL.map(ApplicantEnd::name).to_vec()),
            /// The law that states these rules.
            source: Shape::Text,
        }
    }

    /// Sessions by day, such as `["07:30-11:30", "13:00-17:00"]`.
    WEEK = "Week" {
        optional {
            monday: SESSIONS,
            tuesday: SESSIONS,
            wednesday: SESSIONS,
            thursday: SESSIONS,
            friday: SESSIONS,
            saturday: SESSIONS,
            sunday: SESSIONS,
        }
    }

    /// One day, or the days of `from` and `to`.
    HOLIDAY = "Holiday" {
        required {
            name: Shape::Text,
        }
        optional {
            date: Shape::Date,
            from: Shape::Date,
            to: Shape::Date,
        }
    }

    /// A working day that compensates for another day.
    COMPENSATORY = "Compensatory" {
        required {
            date: Shape::Date,
            sessions: SESSIONS,
        }
    }
}

/// The most days of one holiday.
const LONGEST_HOLIDAY: i32 = 31;

const SESSIONS: Shape = Shape::List(&Shape::Text);

/// Reads one year.
pub fn read(root: &FileTable<'_>) -> Option<(i16, Year)> {
    let before = root.report.len();
    let number = root.integer("year");
    if number.is_none() {
        root.missing("year", "2026");
    }
    let hours = root.number("working_day_hours").unwrap_or(8.0);
    #[expect(clippy::cast_possible_truncation, reason = "a day has few seconds; nonsense is reported below")]
    let mut year = Year { working_day: (hours * 3600.0) as i64, ..Year::default() };
    if let Some(week) = root.table("week") {
        for key in WEEK.all {
            if let Some(day) = weekday(key.name) {
                year.week[usize::from(day.to_monday_zero_offset().unsigned_abs())] = sessions(&week, key.name);
            }
        }
        week.finish();
    } else {
        root.missing("[week]", "\nmonday = [\"07:30-11:30\", \"13:00-17:00\"]");
    }
    if let Some(counting) = root.table("counting") {
        year.rules = rules(&counting);
        counting.finish();
    }
    let number = i16::try_from(number?).ok()?;
    for table in root.tables("holiday") {
        let days = holiday(&table, number);
        warn_of_overlap(&table, &days, &year);
        year.holidays.extend(days);
    }
    for day in root.tables("compensatory") {
        let date = day.date("date");
        // Without sessions, the day would be a day off.
        let sessions = sessions(&day, "sessions");
        if sessions.is_empty() {
            day.missing("sessions", "[\"07:30-11:30\", \"13:00-17:00\"]");
        }
        day.finish();
        match date {
            Some(date) => {
                in_year(&day, &date, number);
                no_holiday(&day, &date, &year);
                warn_of_usual(&day, &date, &sessions, &year);
                year.compensatory.insert(date.value, sessions);
            }
            None => day.missing("date", "2026-10-04"),
        }
    }
    if let Some(problem) = year.problem() {
        // Sessions that do not follow one another are told at their places.
        if root.report.len() == before {
            let place = if root.names_key("working_day_hours") { "working_day_hours" } else { "week" };
            let help =
                text!("hãy sửa giờ làm việc của tuần hoặc của một ngày", "correct the hours of the week or of a day");
            root.mistake("bad-calendar", root.place(place), problem, help);
        }
        return None;
    }
    Some((number, year))
}

/// Reads a holiday, and returns its days, each with its name.
fn holiday(table: &FileTable<'_>, year: i16) -> Vec<(Date, String)> {
    let name = table.required_string("name", "\"Quốc khánh\"").map_or_else(String::new, |name| name.value);
    let (date, from) = (table.date("date"), table.date("from"));
    let first = date.or(from);
    let last = table.date("to").or_else(|| first.clone());
    table.finish();
    let (Some(first), Some(last)) = (first, last) else {
        if !table.names_key("from") {
            table.missing("date", "2026-09-02");
        }
        return Vec::new();
    };
    if last.value < first.value {
        table.mistake("bad-calendar", last.span.clone(), ends_too_early(first.value, last.value), later_day());
    } else if last.value.since(first.value).is_ok_and(|length| length.get_days() >= LONGEST_HOLIDAY) {
        let message =
            text!("ngày nghỉ dài hơn {LONGEST_HOLIDAY} ngày", "the holiday has more than {LONGEST_HOLIDAY} days");
        let help = text!(
            "hãy viết các kỳ nghỉ, mỗi kỳ nhiều nhất {LONGEST_HOLIDAY} ngày",
            "write holidays of at most {LONGEST_HOLIDAY} days each"
        );
        table.mistake("bad-calendar", last.span.clone(), message, help);
    }
    in_year(table, &first, year);
    in_year(table, &last, year);
    let days = first.value.series(1.day()).take_while(|day| *day <= last.value);
    let days = days.take(usize::try_from(LONGEST_HOLIDAY).unwrap_or_default());
    days.map(|day| (day, name.clone())).collect()
}

/// Warns of a holiday that has a day of another one.
fn warn_of_overlap(table: &FileTable<'_>, days: &[(Date, String)], year: &Year) {
    let Some((day, other)) = days.iter().find_map(|(day, _)| Some((day, year.holidays.get(day)?))) else { return };
    let message = text!("{day} cũng thuộc ngày nghỉ “{other}”", "{day} is also a day of the holiday “{other}”");
    let help = text!("hãy viết mỗi ngày nghỉ một lần", "write each day off once");
    table.warn("bad-calendar", table.span.clone(), message, help);
}

/// Reports a compensatory working day that is a holiday.
fn no_holiday(table: &FileTable<'_>, date: &Placed<Date>, year: &Year) {
    let Some(holiday) = year.holidays.get(&date.value) else { return };
    let day = date.value;
    let message = text!(
        "{day} vừa là ngày làm bù, vừa là ngày nghỉ “{holiday}”",
        "{day} is a compensatory working day and a day of the holiday “{holiday}”"
    );
    let help = text!("hãy bỏ một trong hai, hoặc rút ngắn kỳ nghỉ", "remove one of them, or shorten the holiday");
    table.mistake("bad-calendar", date.span.clone(), message, help);
}

/// Warns of a compensatory working day that is worked in any case, with the same sessions.
fn warn_of_usual(table: &FileTable<'_>, date: &Placed<Date>, sessions: &[CounterHours], year: &Year) {
    let weekday = usize::from(date.value.weekday().to_monday_zero_offset().unsigned_abs());
    let is_usual = year.week.get(weekday).is_some_and(|usual| usual.as_slice() == sessions);
    if !is_usual || sessions.is_empty() || year.holidays.contains_key(&date.value) {
        return;
    }
    let day = date.value;
    let message = text!(
        "{day} là ngày làm bù, nhưng vốn là ngày làm việc trong tuần với cùng các buổi",
        "{day} is a compensatory working day, and is worked in any case with the same sessions"
    );
    let help = text!("hãy sửa ngày, hoặc bỏ phần này", "correct the day, or remove this");
    table.warn("bad-calendar", date.span.clone(), message, help);
}

fn ends_too_early(first: Date, last: Date) -> Text {
    text!(
        "ngày nghỉ kết thúc vào {last}, trước khi bắt đầu vào {first}",
        "the holiday ends on {last}, before it begins on {first}"
    )
}

fn later_day() -> Text {
    text!("hãy viết một ngày muộn hơn, hoặc bỏ `to`", "write a later day, or remove `to`")
}

fn rules(table: &FileTable<'_>) -> PeriodRules {
    PeriodRules {
        count: table.word("count", &DayCount::ALL, DayCount::name).unwrap_or_default(),
        first_day: table.word("first_day", &FirstDay::ALL, FirstDay::name).unwrap_or_default(),
        day_off: table.word("day_off", &DayOff::ALL, DayOff::name).unwrap_or_default(),
        applicant_end: table.word("applicant_end", &ApplicantEnd::ALL, ApplicantEnd::name).unwrap_or_default(),
        source: table.string("source").map(|source| source.value),
    }
}

fn in_year(table: &FileTable<'_>, date: &Placed<Date>, year: i16) {
    if date.value.year() != year {
        let day = date.value;
        let message = text!("{day} không thuộc năm {year}", "{day} is not in {year}");
        let help = text!("hãy chuyển sang lịch của năm đó", "move it to the calendar of its own year");
        table.mistake("wrong-year", date.span.clone(), message, help);
    }
}

fn sessions(table: &FileTable<'_>, key: &'static str) -> Vec<CounterHours> {
    let read = |text: Placed<String>| {
        let session = text.value.split_once('-').and_then(|(from, to)| {
            let (from, to): (Time, Time) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
            Some(CounterHours { from, to })
        });
        if session.is_none() {
            let written = text.value;
            let message = text!("`{written}` không phải là một buổi làm việc", "`{written}` is not a session");
            table.mistake(
                "bad-session",
                text.span,
                message,
                text!("hãy viết dạng \"07:30-11:30\"", "write it as \"07:30-11:30\""),
            );
        }
        session
    };
    let mut sessions: Vec<CounterHours> = Vec::new();
    for text in table.strings(key) {
        let span = text.span.clone();
        let Some(session) = read(text) else { continue };
        if session.to <= session.from || sessions.last().is_some_and(|last| session.from < last.to) {
            let message = text!(
                "các buổi trong ngày phải nối tiếp nhau và kết thúc sau khi bắt đầu",
                "sessions of a day must follow one another and end after they begin"
            );
            let help = text!("hãy viết các buổi trong ngày theo thứ tự", "write the sessions of the day in order");
            table.mistake("bad-calendar", span, message, help);
        }
        sessions.push(session);
    }
    sessions
}
