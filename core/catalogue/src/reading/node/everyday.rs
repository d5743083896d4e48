//! Days and moments as people write them, such as `31/01/2026 08:00`. In CEL, they would be calculations.

use jiff::civil::Time;
use motcua_domain::dates::{self, PartialDate, Precision};
use motcua_domain::text;
use motcua_domain::text::Text;

/// A day with the day first, and a text after it.
struct EverydayDay<'a> {
    /// The day in the form of the file. A day that is not in the calendar has none.
    day: Option<String>,
    rest: &'a str,
}

/// Returns the day at the beginning of a text, if the text begins as people write days.
fn everyday(text: &str) -> Option<EverydayDay<'_>> {
    // A day may have blanks around its parts, and then it has no time.
    day_of(text, "").or_else(|| text.split_once([' ', 'T']).and_then(|(written, rest)| day_of(written, rest)))
}

fn day_of<'a>(written: &str, rest: &'a str) -> Option<EverydayDay<'a>> {
    let parts: Vec<&str> = written.split(['-', '/', '.']).map(str::trim).collect();
    let [day, month, year] = parts.as_slice() else { return None };
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if day.len() > 2 || month.len() > 2 || year.len() != 4 || !parts.iter().all(is_number) {
        return None;
    }
    let day = dates::read(&format!("{day}/{month}/{year}"), Precision::Day).ok().and_then(PartialDate::day);
    Some(EverydayDay { day: day.map(|day| day.to_string()), rest: rest.trim() })
}

/// Returns the message about a day as people write it and the advice, if the text is one. A text that goes on with more than
/// a time is a calculation.
pub(super) fn as_day(text: &str) -> Option<(Text, Text)> {
    let EverydayDay { day, rest } = everyday(text)?;
    if !rest.is_empty() && time(rest).is_none() {
        return None;
    }
    let Some(day) = day else { return Some(no_day(text)) };
    let message = text!("`{text}` không phải là dạng ngày trong tệp", "`{text}` is not the form of a day in a file");
    Some((message, text!("hãy viết `{day}`: năm, tháng rồi ngày", "write `{day}`: the year, the month and the day")))
}

/// Returns the message about a moment as people write it and the advice, if the text is one.
pub(super) fn as_moment(text: &str) -> Option<(Text, Text)> {
    let EverydayDay { day, rest } = everyday(text)?;
    let time = if rest.is_empty() { Some("00:00".to_owned()) } else { time(rest) }?;
    let Some(day) = day else {
        let help = text!(
            "hãy viết một ngày có thật, dạng \"'2026-09-02T07:30'\"",
            "write a day that exists, such as \"'2026-09-02T07:30'\""
        );
        return Some((no_day(text).0, help));
    };
    let message =
        text!("`{text}` không phải là dạng thời điểm trong tệp", "`{text}` is not the form of a moment in a file");
    let help = text!(
        "hãy viết \"'{day}T{time}'\": năm, tháng, ngày rồi giờ",
        "write \"'{day}T{time}'\": the year, the month, the day and the time"
    );
    Some((message, help))
}

/// Returns the message about a day that does not exist, and the advice.
pub(super) fn no_day(text: &str) -> (Text, Text) {
    let message = text!("`{text}` không phải là ngày có trên lịch", "`{text}` is no day of the calendar");
    let help = text!(
        "hãy viết một ngày có thật, không kèm giờ, dạng 2026-09-02",
        "write a day that exists, without a time, such as 2026-09-02"
    );
    (message, help)
}

/// Returns a time of the day in hours and minutes.
fn time(text: &str) -> Option<String> {
    let (hour, rest) = text.split_once(':')?;
    let time: Time = format!("{hour:0>2}:{rest}").parse().ok()?;
    Some(time.strftime("%H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::{as_day, as_moment};
    use motcua_domain::text::{Language, Text};

    fn english(told: Option<(Text, Text)>) -> Option<String> {
        told.map(|(message, help)| format!("{}; {}", message.get(Language::En), help.get(Language::En)))
    }

    #[test]
    fn a_day_as_people_write_it_is_told_in_the_form_of_the_file_or_as_no_day() {
        let real = "is not the form of a day in a file; write `2026-01-31`: the year, the month and the day";
        for written in ["31-01-2026", "31/1/2026", "31.01.2026", "31 / 01 / 2026", "31/01/2026 08:00"] {
            assert_eq!(english(as_day(written)), Some(format!("`{written}` {real}")));
        }
        let none = "is no day of the calendar; write a day that exists, without a time, such as 2026-09-02";
        for written in ["31-02-2026", "32/13/2026", "31-02-2026 8:00"] {
            assert_eq!(english(as_day(written)), Some(format!("`{written}` {none}")));
        }
        for calculation in ["today", "2026-01-31", "born + 31", "1-1-2026 + born", ""] {
            assert_eq!(english(as_day(calculation)), None, "{calculation}");
        }
    }

    #[test]
    fn a_moment_as_people_write_it_is_told_in_the_form_of_the_file() {
        let form = "is not the form of a moment in a file; write";
        let told = |written: &str| english(as_moment(written)).unwrap_or_default();
        assert!(told("1/1/2026 8:05").starts_with(&format!("`1/1/2026 8:05` {form} \"'2026-01-01T08:05'\"")));
        assert!(told("31-12-2026").starts_with(&format!("`31-12-2026` {form} \"'2026-12-31T00:00'\"")));
        assert!(told("31-02-2026 08:00").contains("is no day of the calendar"));
        assert_eq!(english(as_moment("now + 1")), None);
    }
}
