//! Days as people write them, and days of which only the month or the year is known.

use crate::text::{Language, Text, narrow};
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The part of a date that must be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    #[default]
    Day,
    /// The day may be unknown.
    Month,
    /// The day and the month may be unknown.
    Year,
}

impl Precision {
    pub const ALL: [Self; 3] = [Self::Day, Self::Month, Self::Year];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Returns whether the whole date must be known.
    pub const fn is_day(self) -> bool {
        matches!(self, Self::Day)
    }
}

/// The years in which days of forms lie.
pub const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

/// A date of which the day, or the day and the month, may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialDate {
    /// The first possible day.
    first: Date,
    known: Precision,
}

/// The reason why something is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotADate {
    /// The text does not look like a date.
    Unreadable,
    /// The year has two digits, which may mean two centuries.
    ShortYear,
    /// No calendar has this day.
    Impossible,
    /// The year is out of [`YEARS`].
    OutOfRange,
    /// The day or the month is missing and must be known.
    Incomplete(Precision),
}

impl NotADate {
    /// Returns the message for a person.
    pub fn text(self) -> Text {
        let (first, last) = (*YEARS.start(), *YEARS.end());
        match self {
            Self::Unreadable => Text::new(
                "Hãy nhập ngày dạng ngày/tháng/năm, ví dụ 2/9/2026.",
                "Enter a date as day/month/year, such as 2/9/2026.",
            ),
            Self::ShortYear => Text::new(
                "Hãy viết năm bằng bốn chữ số, ví dụ 2/9/1985.",
                "Write the year in four digits, such as 2/9/1985.",
            ),
            Self::Impossible => Text::new(
                "Không có ngày này trên lịch; hãy xem lại ngày và tháng.",
                "The calendar has no such day; look at the day and the month again.",
            ),
            Self::OutOfRange => Text::new(
                format!("Hãy nhập năm từ {first} đến {last}."),
                format!("Enter a year from {first} to {last}."),
            ),
            Self::Incomplete(Precision::Day) => {
                Text::new("Hãy nhập đủ ngày, tháng và năm.", "Enter the day, the month and the year.")
            }
            Self::Incomplete(Precision::Month) => {
                Text::new("Hãy nhập ít nhất tháng và năm.", "Enter at least the month and the year.")
            }
            Self::Incomplete(Precision::Year) => Text::new(
                "Hãy nhập ít nhất năm; nếu nhập ngày thì nhập cả tháng.",
                "Enter at least the year; with a day enter the month too.",
            ),
        }
    }
}

impl PartialDate {
    /// Returns a date from its parts.
    fn new(year: i16, month: Option<i8>, day: Option<i8>) -> Result<Self, NotADate> {
        let known = match (month, day) {
            (Some(_), Some(_)) => Precision::Day,
            (Some(_), None) => Precision::Month,
            (None, None) => Precision::Year,
            (None, Some(_)) => return Err(NotADate::Incomplete(Precision::Year)),
        };
        if !YEARS.contains(&year) {
            return Err(NotADate::OutOfRange);
        }
        let first = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).map_err(|_| NotADate::Impossible)?;
        Ok(Self { first, known })
    }

    /// Returns the day, if it is known.
    pub fn day(self) -> Option<Date> {
        self.known.is_day().then_some(self.first)
    }

    /// Returns the year.
    pub fn year(self) -> i16 {
        self.first.year()
    }

    /// Returns the first possible day.
    pub const fn earliest(self) -> Date {
        self.first
    }

    /// Returns the last possible day.
    pub fn latest(self) -> Date {
        match self.known {
            Precision::Day => self.first,
            Precision::Month => self.first.last_of_month(),
            Precision::Year => self.first.last_of_year(),
        }
    }

    /// Reads a stored value: `"2026-09-02"`, or `{ "year": 1960, "month": 5 }`.
    pub fn of(value: &Json) -> Option<Self> {
        match value {
            Json::String(text) => Self::of_text(text),
            Json::Object(parts) => Self::of_parts(parts),
            _ => None,
        }
    }

    /// Reads a day that is stored as a text.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let first = text.parse::<Date>().ok().filter(|_| text.len() == "2026-09-02".len())?;
        Some(Self { first, known: Precision::Day })
    }

    /// Reads the known parts of a stored date.
    pub(crate) fn of_parts(parts: &Map<String, Json>) -> Option<Self> {
        let part = |name: &str| parts.get(name).map(|part| part.as_i64().and_then(|part| i8::try_from(part).ok()));
        let year = parts.get("year")?.as_i64().and_then(|year| i16::try_from(year).ok())?;
        let (month, day) = (part("month"), part("day"));
        if month == Some(None) || day == Some(None) {
            return None;
        }
        Self::new(year, month.flatten(), day.flatten()).ok()
    }

    /// Returns the stored value of a date whose day may be unknown: the known parts.
    pub fn parts(self) -> Json {
        let mut parts = Map::new();
        parts.insert("year".to_owned(), self.first.year().into());
        if self.known != Precision::Year {
            parts.insert("month".to_owned(), self.first.month().into());
        }
        if self.known.is_day() {
            parts.insert("day".to_owned(), self.first.day().into());
        }
        Json::Object(parts)
    }

    /// Returns the date for readers: `02/09/1960`, `09/1960`, `1960`, and `2 Sep 1960`, `Sep 1960`, `1960` in English.
    pub fn shown(self, language: Language) -> String {
        let format = match (self.known, language) {
            (Precision::Day, Language::Vi) => "%d/%m/%Y",
            (Precision::Day, Language::En) => "%-d %b %Y",
            (Precision::Month, Language::Vi) => "%m/%Y",
            (Precision::Month, Language::En) => "%b %Y",
            (Precision::Year, _) => "%Y",
        };
        self.first.strftime(format).to_string()
    }

    /// Returns day, month and year for three boxes. Unknown parts are empty.
    fn boxes(self) -> [String; 3] {
        let part = |known: bool, part: i8| if known { part.to_string() } else { String::new() };
        [
            part(self.known.is_day(), self.first.day()),
            part(self.known != Precision::Year, self.first.month()),
            self.first.year().to_string(),
        ]
    }
}

/// Returns a moment for readers: `02/09/2026 07:05`, and `2 Sep 2026 07:05` in English.
pub fn moment_shown(moment: DateTime, language: Language) -> String {
    let format = match language {
        Language::Vi => "%d/%m/%Y %H:%M",
        Language::En => "%-d %b %Y %H:%M",
    };
    moment.strftime(format).to_string()
}

/// Reads a date in the forms that people type: `2/9/2026`, `2-9-2026`, `2.9.2026`, `02092026`,
/// `ngày 2 tháng 9 năm 2026`. Also reads the form of programs: `2026-09-02`. With `precision` the day may be missing:
/// `9/1960`, `1960`.
pub fn read(text: &str, precision: Precision) -> Result<PartialDate, NotADate> {
    let date = read_any(text, precision)?;
    let enough = match precision {
        Precision::Day => date.known == Precision::Day,
        Precision::Month => date.known != Precision::Year,
        Precision::Year => true,
    };
    if enough { Ok(date) } else { Err(NotADate::Incomplete(precision)) }
}

fn read_any(text: &str, precision: Precision) -> Result<PartialDate, NotADate> {
    let text = narrow(text).to_lowercase();
    let text =
        text.trim().trim_start_matches("ngày").replace("tháng", "/").replace("năm", "/").replace(['-', '.'], "/");
    let mut parts: Vec<&str> =
        if text.contains('/') { text.split('/').map(str::trim).collect() } else { text.split_whitespace().collect() };
    // Unknown parts come first.
    while parts.len() > 1 && parts.first().is_some_and(|part| part.is_empty()) {
        parts.remove(0);
    }
    if parts.iter().any(|part| part.len() > 8 || !part.bytes().all(|b| b.is_ascii_digit())) {
        return Err(NotADate::Unreadable);
    }
    let year = |part: &str| match part.len() {
        4 => part.parse::<i16>().map_err(|_| NotADate::Unreadable),
        0 => Err(NotADate::Incomplete(precision)),
        1 | 2 => Err(NotADate::ShortYear),
        _ => Err(NotADate::Unreadable),
    };
    let small = |part: &str| match part.len() {
        0 => Err(NotADate::Incomplete(precision)),
        1 | 2 => part.parse::<i8>().map(Some).map_err(|_| NotADate::Unreadable),
        _ => Err(NotADate::Unreadable),
    };
    match parts.as_slice() {
        [all] if all.len() == 8 => {
            let (day, rest) = all.split_at(2);
            let (month, last) = rest.split_at(2);
            PartialDate::new(year(last)?, small(month)?, small(day)?)
        }
        [all] if all.len() == 6 => Err(NotADate::ShortYear),
        [only] => {
            if only.len() < 4 {
                return Err(NotADate::Unreadable);
            }
            PartialDate::new(year(only)?, None, None)
        }
        [first, month] if first.len() == 4 => PartialDate::new(year(first)?, small(month)?, None),
        [month, last] => PartialDate::new(year(last)?, small(month)?, None),
        [first, month, day] if first.len() == 4 => PartialDate::new(year(first)?, small(month)?, small(day)?),
        [day, month, last] => PartialDate::new(year(last)?, small(month)?, small(day)?),
        _ => Err(NotADate::Unreadable),
    }
}

/// Joins the inputs of three boxes. A whole date in the first box stays as it is.
pub fn joined(day: &str, month: &str, year: &str) -> String {
    let [day, month, year] = [day, month, year].map(str::trim);
    if month.is_empty() && year.is_empty() { day.to_owned() } else { format!("{day}/{month}/{year}") }
}

/// Returns the contents of three boxes for an input or a stored value. Text that cannot be read stays as it was typed.
pub fn boxes(typed: &Json) -> [String; 3] {
    if let Some(date) = PartialDate::of(typed) {
        return date.boxes();
    }
    let Json::String(text) = typed else { return <[String; 3]>::default() };
    if let Ok(date) = read(text, Precision::Year) {
        return date.boxes();
    }
    match text.split('/').collect::<Vec<_>>().as_slice() {
        [day, month, year] => [*day, *month, *year].map(str::to_owned),
        _ => [text.clone(), String::new(), String::new()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_day_is_read_as_people_write_it() {
        let second = jiff::civil::date(2026, 9, 2);
        for text in [
            "2/9/2026",
            "02/09/2026",
            "2-9-2026",
            "2.9.2026",
            "2 9 2026",
            " 2 / 9 / 2026 ",
            "02092026",
            "2026-09-02",
            "Ngày 2 tháng 9 năm 2026",
            "０２/０９/２０２６",
            "\u{200e}02/09/2026",
            "2\u{2013}9\u{2013}2026",
        ] {
            assert_eq!(read(text, Precision::Day).ok().and_then(PartialDate::day), Some(second), "{text}");
        }
    }

    #[test]
    fn it_is_told_what_is_wrong_with_a_date() {
        for (text, wrong) in [
            ("2/9/85", NotADate::ShortYear),
            ("020985", NotADate::ShortYear),
            ("29/02/1995", NotADate::Impossible),
            ("31042026", NotADate::Impossible),
            ("2/13/2026", NotADate::Impossible),
            ("2/9/1026", NotADate::OutOfRange),
            ("1960", NotADate::Incomplete(Precision::Day)),
            ("9/1960", NotADate::Incomplete(Precision::Day)),
            ("20//1960", NotADate::Incomplete(Precision::Day)),
            ("20/11/", NotADate::Incomplete(Precision::Day)),
            ("hôm qua", NotADate::Unreadable),
            ("", NotADate::Unreadable),
            ("1/2/3/4", NotADate::Unreadable),
            ("123456789012", NotADate::Unreadable),
        ] {
            assert_eq!(read(text, Precision::Day), Err(wrong), "{text}");
        }
    }

    #[test]
    fn where_the_papers_have_only_the_year_the_year_is_enough() {
        let year = read("1960", Precision::Year).expect("a year");
        assert_eq!(year.parts(), json!({"year": 1960}));
        assert_eq!((year.day(), year.earliest()), (None, jiff::civil::date(1960, 1, 1)));
        assert_eq!(year.latest(), jiff::civil::date(1960, 12, 31));
        let month = read("//1960", Precision::Year).and(read("/2/1960", Precision::Month)).expect("a month");
        assert_eq!(month.parts(), json!({"year": 1960, "month": 2}));
        assert_eq!(month.latest(), jiff::civil::date(1960, 2, 29));
        assert_eq!((month.shown(Language::Vi), month.shown(Language::En)), ("02/1960".into(), "Feb 1960".into()));
        assert_eq!(read("1960", Precision::Month), Err(NotADate::Incomplete(Precision::Month)));
        assert_eq!(read("20//1960", Precision::Year), Err(NotADate::Incomplete(Precision::Year)));
        for broken in
            [json!({"month": 2}), json!({"year": 1960, "day": 2}), json!({"year": 1960, "month": "x"}), json!(1960)]
        {
            assert_eq!(PartialDate::of(&broken), None, "{broken}");
        }
    }

    #[test]
    fn three_boxes_keep_what_was_typed() {
        let boxes = |text: &str| boxes(&json!(text));
        assert_eq!(boxes("02/09/2026"), ["2", "9", "2026"]);
        assert_eq!(boxes(&joined("", "", "1960")), ["", "", "1960"]);
        assert_eq!(boxes(&joined("31", "2", "2026")), ["31", "2", "2026"]);
        assert_eq!(boxes(&joined("2", "9", "85")), ["2", "9", "85"]);
        assert_eq!(boxes(&joined("hôm qua", "", "")), ["hôm qua", "", ""]);
        assert_eq!(read(&joined("02/09/2026", "", ""), Precision::Day).map(PartialDate::year), Ok(2026));
        assert_eq!(super::boxes(&json!({"year": 1960, "month": 5})), ["", "5", "1960"]);
    }

    proptest! {
        #[test]
        fn a_date_that_is_written_is_read_as_the_same(
            year in 1900_i16..=2200, month in 1_i8..=12, day in 1_i8..=28, known in 0_u8..3,
        ) {
            let (month, day) = ((known > 0).then_some(month), (known > 1).then_some(day));
            let date = PartialDate::new(year, month, day).expect("a date");
            prop_assert_eq!(read(&date.shown(Language::Vi), Precision::Year), Ok(date));
            let [first, second, third] = date.boxes();
            prop_assert_eq!(read(&joined(&first, &second, &third), Precision::Year), Ok(date));
            prop_assert_eq!(PartialDate::of(&date.parts()), Some(date));
        }

        #[test]
        fn reading_never_panics(text in any::<String>(), digits in "[0-9/. -]{0,12}") {
            for text in [text, digits] {
                let _ = read(&text, Precision::Year);
                let _ = boxes(&Json::String(text));
            }
        }
    }
}
