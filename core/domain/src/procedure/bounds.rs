//! The bounds of a procedure on its filings: how many dossiers of an agency in a period, and one for each person.

use crate::names::Digest;
use crate::procedure::result::plain_number;
use crate::time::calendar::{instant, local};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

/// The bounds on the filings of a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilingBounds {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<FilingCap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_per: Option<OnePer>,
}

/// The most dossiers that are filed with an agency in a period, the first ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingCap {
    pub most: u32,
    pub per: CapPeriod,
}

/// The period of a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapPeriod {
    Day,
    Month,
    Year,
    /// All time together.
    #[default]
    Ever,
}

/// One dossier for each holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnePer {
    pub holder: FilingHolder,
    pub lasts: HolderTime,
}

/// The holder of the one dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FilingHolder {
    /// The account of the applicant, or the person for whom the applicant files.
    Applicant,
    /// The answer at this path, such as the number of a child: a question, or a part of one as in `owner.number`.
    Answer(String),
}

/// The time for which a dossier keeps its holder from filing another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolderTime {
    /// Until the dossier has ended.
    #[default]
    Open,
    /// Also after its end.
    Ever,
}

impl CapPeriod {
    pub const ALL: [Self; 4] = [Self::Day, Self::Month, Self::Year, Self::Ever];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
            Self::Ever => "ever",
        }
    }

    /// Returns the first second of the period that has this moment, and the first second after the period.
    pub fn around(self, now: Timestamp) -> (i64, i64) {
        let day = local(now).date();
        let second = |day: Date| instant(day.at(0, 0, 0, 0)).as_second();
        let until = |next: Result<Date, jiff::Error>| next.map_or(i64::MAX, second);
        match self {
            Self::Day => (second(day), until(day.tomorrow())),
            Self::Month => {
                let first = day.first_of_month();
                (second(first), until(first.checked_add(1.month())))
            }
            Self::Year => {
                let first = day.first_of_year();
                (second(first), until(first.checked_add(1.year())))
            }
            Self::Ever => (i64::MIN, i64::MAX),
        }
    }
}

impl HolderTime {
    pub const ALL: [Self; 2] = [Self::Open, Self::Ever];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ever => "ever",
        }
    }
}

impl FilingBounds {
    /// Returns whether nothing is bounded.
    pub const fn is_none(&self) -> bool {
        self.at_most.is_none() && self.one_per.is_none()
    }
}

impl FilingHolder {
    /// Returns the digest of the answer that names the holder. Blanks and capitals make no other holder, as they make no
    /// other number of a result. Returns `None` for an applicant, and if the question was not answered.
    pub fn answer(&self, values: &Map<String, Json>) -> Option<Digest> {
        match self {
            Self::Applicant => None,
            Self::Answer(path) => {
                let value = match at_path(values, path)? {
                    Json::Null => return None,
                    Json::String(text) => Json::String(plain_number(text)),
                    other => other.clone(),
                };
                Some(Digest(hex::encode(Sha256::digest(format!("{path}={value}")))))
            }
        }
    }
}

/// Returns the answer at a path of any depth, such as `owner.address.commune`.
fn at_path<'a>(values: &'a Map<String, Json>, path: &str) -> Option<&'a Json> {
    let mut names = path.split('.');
    let whole = values.get(names.next()?)?;
    names.try_fold(whole, |whole, part| whole.get(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    #[test]
    fn a_period_ends_at_midnight_in_vietnam() {
        let at = |day: Date| instant(day.at(0, 0, 0, 0)).as_second();
        let now = instant(date(2026, 12, 31).at(23, 59, 59, 0));
        assert_eq!(CapPeriod::Day.around(now), (at(date(2026, 12, 31)), at(date(2027, 1, 1))));
        assert_eq!(CapPeriod::Month.around(now), (at(date(2026, 12, 1)), at(date(2027, 1, 1))));
        assert_eq!(CapPeriod::Year.around(now), (at(date(2026, 1, 1)), at(date(2027, 1, 1))));
    }

    #[test]
    fn one_answer_is_one_holder_and_no_answer_is_nobody() {
        let holder = FilingHolder::Answer("child".to_owned());
        let of = |value: Json| holder.answer(json!({ "child": value }).as_object().expect("an object"));
        assert_eq!(of(json!("074")), of(json!("074")));
        assert_ne!(of(json!("074")), of(json!("075")));
        assert_eq!(of(json!("GPXD 12/2026")), of(json!(" gpxd12/2026")), "typed otherwise");
        assert_ne!(of(json!("1")), of(json!(1)));
        assert_eq!(of(Json::Null), None);
        assert_eq!(FilingHolder::Applicant.answer(&Map::new()), None);
    }

    #[test]
    fn a_part_of_an_answer_is_a_holder_whatever_the_other_parts_are() {
        let holder = FilingHolder::Answer("child.number".to_owned());
        let of = |child: Json| holder.answer(json!({ "child": child }).as_object().expect("an object"));
        assert_eq!(of(json!({ "number": "074", "name": "An" })), of(json!({ "number": "074", "name": "Bình" })));
        assert_ne!(of(json!({ "number": "074" })), of(json!({ "number": "075" })));
        assert!(of(json!({ "number": "074" })).is_some());
        assert_eq!(of(json!({ "name": "An" })), None);
    }
}
