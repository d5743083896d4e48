//! Appointments on the spot: those of a dossier, and the form with which an officer makes one.

use crate::view::format;
use crate::view::icalendar::CalendarEntry;
use crate::view::units::place_name;
use jiff::Timestamp;
use jiff::civil::Weekday;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::SiteVisit;
use motcua_domain::dossier::site_visit::PlannedSiteVisit;
use motcua_domain::people::organisation::Agency;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use serde::Serialize;

/// An appointment on the spot.
#[derive(Debug, Clone, Serialize)]
pub struct SiteVisitContext {
    /// The day and the time: `thứ Hai 30/11/2026, 09:00-10:00`.
    pub time: String,
    /// The place.
    pub place: String,
    /// The unit that made the appointment, with its agency.
    pub unit: String,
    /// The officer's words about the visit, or an empty text.
    pub note: String,
    /// The day and the time before, if the visit was moved, or an empty text.
    pub moved_from: String,
    /// The visit does not take place.
    pub called_off: bool,
    /// The visit is over.
    pub past: bool,
}

/// The form for an appointment on the spot.
#[derive(Debug, Clone, Serialize)]
pub struct SiteVisitForm {
    /// The action calls the coming visit off, so nothing is typed.
    pub calls_off: bool,
    /// The day and the time of the coming visit, which is moved or called off, or an empty text.
    pub coming: String,
    /// The typed day, or an empty text.
    pub day: String,
    /// The typed time of the beginning, or an empty text.
    pub from: String,
    /// The typed time of the end, or an empty text.
    pub to: String,
    /// The typed place, or an empty text.
    pub place: String,
    /// The place that the applicant gave, which counts if none is typed, or an empty text.
    pub usual_place: String,
    /// The typed words to the applicant, or an empty text.
    pub note: String,
    /// The earliest time of the beginning, or an empty text if the visit can begin at once.
    pub earliest: String,
    /// The latest time of the end, or an empty text if there is none.
    pub latest: String,
}

impl SiteVisitContext {
    /// Returns appointments for checking a theme.
    pub fn samples() -> Vec<Self> {
        let sample = |moved: bool, called_off: bool, past: bool| Self {
            time: "thứ Hai 30/11/2026, 09:00-10:00".into(),
            place: "12 Lê Lợi".into(),
            unit: "Sở Mẫu – Phòng".into(),
            note: if moved { "Mang theo giấy tờ".into() } else { String::new() },
            moved_from: if moved { "thứ Sáu 27/11/2026, 09:00-10:00".into() } else { String::new() },
            called_off,
            past,
        };
        vec![sample(true, false, false), sample(false, true, false), sample(false, false, true)]
    }
}

impl SiteVisitForm {
    /// Returns a form for checking a theme.
    pub fn sample(calls_off: bool) -> Self {
        let text = |text: &str| if calls_off { String::new() } else { text.to_owned() };
        Self {
            calls_off,
            coming: "thứ Hai 30/11/2026, 09:00-10:00".into(),
            day: text("2026-11-30"),
            from: text("09:00"),
            to: text("10:00"),
            place: text("12 Lê Lợi"),
            usual_place: text("12 Lê Lợi"),
            note: text("Mang theo giấy tờ"),
            earliest: text("27/11/2026 08:00"),
            latest: text("10/12/2026 17:00"),
        }
    }
}

/// Returns the appointments of a dossier, in the order in which they were made.
pub fn site_visits(
    agencies: &[Agency],
    dossier: &Dossier,
    now: Timestamp,
    language: Language,
) -> Vec<SiteVisitContext> {
    let shown = |planned: &PlannedSiteVisit| SiteVisitContext {
        time: visit_time(&planned.visit, language),
        place: planned.visit.place.clone(),
        unit: place_name(agencies, &planned.unit, language),
        note: planned.visit.note.clone().unwrap_or_default(),
        moved_from: planned.moved_from.as_ref().map_or_else(String::new, |before| visit_time(before, language)),
        called_off: dossier.is_off(planned),
        past: planned.visit.to <= now,
    };
    dossier.site_visits.iter().map(shown).collect()
}

/// Returns the appointments of a dossier for calendars. `host` is the name of the portal. An appointment that is off since
/// the dossier ended has changed with the end, because calendars take a file only as news if its number has grown.
pub fn calendar_entries(dossier: &Dossier, title: &str, host: &str, language: Language) -> Vec<CalendarEntry> {
    let code = &dossier.filed.code;
    let name = dossier.filed.procedure_name.get(language);
    let entry = |(number, planned): (usize, &PlannedSiteVisit)| {
        let called_off = dossier.is_off(planned);
        let end = dossier.flow.ended.as_ref().filter(|_| called_off && !planned.called_off);
        CalendarEntry {
            uid: format!("{code}-{number}@{host}"),
            changed: end.map_or(planned.changed_at, |end| end.at),
            changes: planned.changes.saturating_add(u32::from(end.is_some())),
            from: planned.visit.from,
            to: planned.visit.to,
            summary: format!("{title}: {name} ({code})"),
            place: planned.visit.place.clone(),
            note: planned.visit.note.clone().unwrap_or_default(),
            called_off,
        }
    };
    dossier.site_visits.iter().enumerate().map(entry).collect()
}

/// Formats the time of an appointment.
pub fn visit_time(visit: &SiteVisit, language: Language) -> String {
    span(visit.from, visit.to, language)
}

/// Formats a span of a day: `thứ Hai 30/11/2026, 09:00-10:00`, or `Monday 30 Nov 2026, 09:00-10:00`.
pub fn span(from: Timestamp, to: Timestamp, language: Language) -> String {
    let (from, to) = (local(from), local(to));
    let weekday = weekday(from.weekday(), language);
    let day = format::day(from.date(), language);
    format!("{weekday} {day}, {}-{}", from.strftime("%H:%M"), to.strftime("%H:%M"))
}

const fn weekday(day: Weekday, language: Language) -> &'static str {
    let (vi, en) = match day {
        Weekday::Monday => ("thứ Hai", "Monday"),
        Weekday::Tuesday => ("thứ Ba", "Tuesday"),
        Weekday::Wednesday => ("thứ Tư", "Wednesday"),
        Weekday::Thursday => ("thứ Năm", "Thursday"),
        Weekday::Friday => ("thứ Sáu", "Friday"),
        Weekday::Saturday => ("thứ Bảy", "Saturday"),
        Weekday::Sunday => ("Chủ nhật", "Sunday"),
    };
    match language {
        Language::Vi => vi,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::span;
    use jiff::civil::date;
    use motcua_domain::text::Language;
    use motcua_domain::time::calendar::instant;

    #[test]
    fn a_visit_is_told_with_its_weekday() {
        let at = |hour: i8| instant(date(2026, 11, 30).at(hour, 0, 0, 0));
        assert_eq!(span(at(9), at(10), Language::Vi), "thứ Hai 30/11/2026, 09:00-10:00");
        assert_eq!(span(at(13), at(15), Language::En), "Monday 30 Nov 2026, 13:00-15:00");
    }
}
