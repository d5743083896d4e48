//! The figures of a period that an address asks for, and the addresses of others.

use crate::web::address;
use jiff::ToSpan as _;
use jiff::civil::Date;
use motcua_service::{CountingGroup, CountingWish};
use serde::Deserialize;

/// The figures that an officer wants, as an address says them.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CountingQuery {
    #[serde(default)]
    by: String,
    /// The first day of the period. Without one the period is this month, and an empty text is all time.
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    agency: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    procedure: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    step: String,
    /// The word for a figure whose dossiers are listed.
    #[serde(default)]
    pub figure: String,
    /// The place of the last row of the page before.
    #[serde(default)]
    pub after: String,
}

/// The words for periods that are often asked for, with their first and last days. All time has neither.
pub type PresetPeriod = (&'static str, Option<Date>, Option<Date>);

/// Returns the periods that are often asked for, as they are on a day.
pub fn presets(today: Date) -> [PresetPeriod; 5] {
    let month = today.first_of_month();
    let last_month = month.saturating_sub(1.month());
    let quarter = month.saturating_sub(((today.month() - 1) % 3).months());
    let end = |first: Date, months: i64| Some(first.saturating_add(months.months()).saturating_sub(1.day()));
    let year = today.first_of_year();
    [
        ("this-month", Some(month), end(month, 1)),
        ("last-month", Some(last_month), end(last_month, 1)),
        ("quarter", Some(quarter), end(quarter, 3)),
        ("year", Some(year), end(year, 12)),
        ("all-time", None, None),
    ]
}

/// Figures that were asked for.
#[derive(Debug, Clone)]
pub struct AskedFigures {
    pub by: CountingGroup,
    pub wish: CountingWish,
}

impl AskedFigures {
    /// Reads a query. Without days the period is this month, and a day that cannot be read is none.
    pub fn read(query: &CountingQuery, today: Date) -> Self {
        let [(_, first, last), ..] = presets(today);
        let day = |text: &str| text.trim().parse::<Date>().ok();
        let (from, to) = match (query.from.as_deref(), query.to.as_deref()) {
            (None, None) => (first, last),
            (from, to) => (from.and_then(day), to.and_then(day)),
        };
        // Days in the wrong order mean the time between them.
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) if from > to => (Some(to), Some(from)),
            days => days,
        };
        let chosen = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self {
            by: CountingGroup::ALL.into_iter().find(|by| by.name() == query.by).unwrap_or(CountingGroup::Agency),
            wish: CountingWish {
                from,
                to,
                agency: chosen(&query.agency).map(|id| id.as_str().into()),
                unit: chosen(&query.unit),
                procedure: chosen(&query.procedure),
                channel: chosen(&query.channel),
                step: chosen(&query.step),
            },
        }
    }

    /// Returns the address of these figures at a path, with some parameters changed or added.
    pub fn address(&self, path: &str, changed: &[(&str, &str)]) -> String {
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        let wish = &self.wish;
        let own = [
            ("by", self.by.name().to_owned()),
            ("from", day(wish.from)),
            ("to", day(wish.to)),
            ("agency", wish.agency.as_ref().map_or_else(String::new, ToString::to_string)),
            ("unit", wish.unit.clone().unwrap_or_default()),
            ("procedure", wish.procedure.clone().unwrap_or_default()),
            ("channel", wish.channel.clone().unwrap_or_default()),
            ("step", wish.step.clone().unwrap_or_default()),
        ];
        let is_changed = |name: &str| changed.iter().any(|(other, _)| *other == name);
        let kept = own.iter().map(|(name, value)| (*name, value.as_str())).filter(|(name, _)| !is_changed(name));
        let all = kept.chain(changed.iter().copied());
        // An empty day means all time, and no day means this month.
        let said: Vec<(&str, &str)> =
            all.filter(|(name, value)| !value.is_empty() || ["from", "to"].contains(name)).collect();
        address::with_query(path, &said)
    }

    /// Returns the beginning of the addresses of the dossiers behind figures, which ends before the word for a figure.
    pub fn rows(&self, changed: &[(&str, &str)]) -> String {
        format!("{}&figure=", self.address(address::COUNTED, changed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn asked(query: &str) -> AskedFigures {
        AskedFigures::read(&serde_urlencoded::from_str(query).expect("a query"), date(2026, 11, 24))
    }

    #[test]
    fn periods_that_are_often_asked_for_begin_and_end_with_their_days() {
        let found = presets(date(2026, 11, 24));
        let days = |from, to| (Some(from), Some(to));
        let expected = [
            days(date(2026, 11, 1), date(2026, 11, 30)),
            days(date(2026, 10, 1), date(2026, 10, 31)),
            days(date(2026, 10, 1), date(2026, 12, 31)),
            days(date(2026, 1, 1), date(2026, 12, 31)),
            (None, None),
        ];
        assert_eq!(found.map(|(_, from, to)| (from, to)), expected);
    }

    #[test]
    fn an_address_asks_for_the_figures_from_which_it_was_made() {
        for query in ["by=unit&from=2026-01-01&to=2026-03-31&agency=so-tnmt&channel=counter", "from=&to=", ""] {
            let first = asked(query);
            let address = first.address("/desk/figures", &[]);
            let again = asked(address.split_once('?').expect("a query").1);
            assert_eq!((again.by, again.wish), (first.by, first.wish), "{query}");
        }
        assert_eq!(asked("").wish.from, Some(date(2026, 11, 1)), "without a day it is this month");
        assert_eq!(asked("from=&to=").wish.from, None);
        assert_eq!(asked("from=rubbish&to=").wish.from, None);
    }
}
