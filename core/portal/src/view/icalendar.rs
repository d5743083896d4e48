//! Appointments as a file for calendars (iCalendar, RFC 5545).

use jiff::Timestamp;
use std::fmt::Write as _;

/// An appointment for calendars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEntry {
    /// The name of the appointment in all versions of the file.
    pub uid: String,
    /// The time of the last change.
    pub changed: Timestamp,
    /// The number of changes.
    pub changes: u32,
    pub from: Timestamp,
    pub to: Timestamp,
    pub summary: String,
    pub place: String,
    /// Words about the appointment, or an empty text.
    pub note: String,
    pub called_off: bool,
}

/// The most octets of a line, without its end.
const LONGEST_LINE: usize = 75;

/// Returns the file with these appointments.
pub fn calendar_file(entries: &[CalendarEntry]) -> String {
    let mut file = String::new();
    line(&mut file, "BEGIN", "VCALENDAR");
    line(&mut file, "VERSION", "2.0");
    line(&mut file, "PRODID", "-//Motcua//Motcua//VI");
    line(&mut file, "METHOD", "PUBLISH");
    for entry in entries {
        line(&mut file, "BEGIN", "VEVENT");
        line(&mut file, "UID", &escaped(&entry.uid));
        line(&mut file, "DTSTAMP", &utc(entry.changed));
        line(&mut file, "SEQUENCE", &entry.changes.to_string());
        line(&mut file, "DTSTART", &utc(entry.from));
        line(&mut file, "DTEND", &utc(entry.to));
        line(&mut file, "STATUS", if entry.called_off { "CANCELLED" } else { "CONFIRMED" });
        line(&mut file, "SUMMARY", &escaped(&entry.summary));
        line(&mut file, "LOCATION", &escaped(&entry.place));
        if !entry.note.is_empty() {
            line(&mut file, "DESCRIPTION", &escaped(&entry.note));
        }
        line(&mut file, "END", "VEVENT");
    }
    line(&mut file, "END", "VCALENDAR");
    file
}

/// Adds a line. A long line goes on in the next one, which begins with a blank. No character is split.
fn line(file: &mut String, name: &str, value: &str) {
    let mut used = 0;
    for sign in name.chars().chain([':']).chain(value.chars()) {
        if used + sign.len_utf8() > LONGEST_LINE {
            file.push_str("\r\n ");
            used = 1;
        }
        file.push(sign);
        used += sign.len_utf8();
    }
    file.push_str("\r\n");
}

/// Returns a text as a value: signs with a meaning of their own are marked, and other control characters are left out.
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for sign in text.replace("\r\n", "\n").chars() {
        match sign {
            '\\' | ';' | ',' => _ = write!(value, "\\{sign}"),
            '\n' => value.push_str("\\n"),
            control if control.is_control() => {}
            plain => value.push(plain),
        }
    }
    value
}

/// Returns a moment in UTC.
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(summary: &str, note: &str) -> CalendarEntry {
        CalendarEntry {
            uid: "H09.01-261124-0001-0@motcua.example".into(),
            changed: "2026-11-24T01:00:00Z".parse().expect("a time"),
            changes: 1,
            from: "2026-11-30T02:00:00Z".parse().expect("a time"),
            to: "2026-11-30T03:00:00Z".parse().expect("a time"),
            summary: summary.into(),
            place: "12 Lê Lợi, phường Phú Cường".into(),
            note: note.into(),
            called_off: false,
        }
    }

    #[test]
    fn a_visit_is_an_event_with_its_time_in_utc_and_its_signs_marked() {
        let file = calendar_file(&[entry("Kiểm tra; thử", "Mang theo:\r\ngiấy tờ")]);
        for line in [
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
            "\r\nUID:H09.01-261124-0001-0@motcua.example\r\n",
            "\r\nDTSTART:20261130T020000Z\r\nDTEND:20261130T030000Z\r\nSTATUS:CONFIRMED\r\n",
            "\r\nSUMMARY:Kiểm tra\\; thử\r\n",
            "\r\nLOCATION:12 Lê Lợi\\, phường Phú Cường\r\n",
            "\r\nDESCRIPTION:Mang theo:\\ngiấy tờ\r\n",
            "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        ] {
            assert!(file.contains(line), "{line}: {file}");
        }
        let off = calendar_file(&[CalendarEntry { called_off: true, ..entry("Kiểm tra", "") }]);
        assert!(off.contains("STATUS:CANCELLED") && !off.contains("DESCRIPTION"), "{off}");
    }

    /// Returns a value without its marks.
    fn unescaped(value: &str) -> String {
        let (mut text, mut signs) = (String::new(), value.chars());
        while let Some(sign) = signs.next() {
            match sign {
                '\\' => match signs.next() {
                    Some('n') => text.push('\n'),
                    other => text.extend(other),
                },
                plain => text.push(plain),
            }
        }
        text
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_every_text_comes_back(summary in "[^\\p{Cc}]{0,200}", note in "[a-z,;\\\\\nĐ]{1,200}") {
            let file = calendar_file(&[entry(&summary, &note)]);
            prop_assert!(file.ends_with("\r\n"));
            prop_assert!(file.split("\r\n").all(|line| line.len() <= LONGEST_LINE && !line.contains(['\r', '\n'])));
            let whole = file.replace("\r\n ", "");
            let value = |name: &str| {
                let found = whole.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                found.map(unescaped)
            };
            prop_assert_eq!(value("SUMMARY"), Some(summary));
            prop_assert_eq!(value("DESCRIPTION"), Some(note));
        }
    }
}
