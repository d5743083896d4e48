//! The rules of a procedure about its result in the register: the number, the holder, the validity, the kept answers,
//! and the earlier result that the new one follows.

mod follow;
mod status;

pub use follow::{EarlierEffect, FollowRule, ResultFact, is_same_number, plain_number};
pub use status::ResultStatus;

use crate::names::{DossierCode, ResultKind};
use crate::time::calendar::instant;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The most answers that a result keeps.
pub const MOST_KEPT: usize = 50;

/// The longest number of a result, in characters.
pub const LONGEST_NUMBER: usize = 100;

/// The rules about the result of a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultRule {
    pub kind: ResultKind,
    pub number: ResultNumber,
    /// The answer that names the holder, such as `organisation_name` or `owner.name`. Without it, the holder is the
    /// applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// The answer with the holder's citizen number or tax code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    pub valid: ResultValidity,
    /// The fields whose answers the result keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// The days before the end on which the applicant is told. `None` means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_days: Option<u32>,
    /// The earlier results that the procedure renews, changes or ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<FollowRule>,
}

/// The source of a result's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResultNumber {
    /// A text with names in braces, such as `{dossier}/GP-STNMT`.
    Scheme(String),
    /// The field into which an officer types the number.
    Typed(String),
}

/// The validity of a result, counted from its day of issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResultValidity {
    Unlimited,
    Years(u16),
    Months(u16),
    /// The field with the number of years.
    YearsOf(String),
    /// The field with the number of months.
    MonthsOf(String),
    /// The field with the last day.
    UntilDay(String),
}

/// The names that a number scheme may contain in braces.
pub const SCHEME_NAMES: [&str; 4] = ["dossier", "day", "serial", "year"];

/// The reason why a number scheme cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadScheme {
    /// The scheme has a name in braces that is not one of [`SCHEME_NAMES`], or a brace alone.
    Unknown(String),
    /// Two dossiers could get the same number.
    Repeats,
    /// The number could be longer than [`LONGEST_NUMBER`].
    TooLong,
}

impl ResultNumber {
    /// Returns the number of the result of a dossier that is issued on a day. If the answer with a typed number is
    /// missing, the code of the dossier is the number, so that the dossier can always end.
    pub fn of(&self, code: &DossierCode, from: Date, facts: &Map<String, Json>) -> String {
        let typed = match self {
            Self::Scheme(scheme) => return filled(scheme, code, from),
            Self::Typed(field) => text_at(facts, field),
        };
        typed.map_or_else(|| code.to_string(), |number| number.chars().take(LONGEST_NUMBER).collect())
    }

    /// Returns why this scheme cannot be used, if so. If several agencies offer the procedure, the number needs the whole
    /// code of the dossier, because each agency counts its own dossiers.
    pub fn fault_of(scheme: &str, of_several: bool) -> Option<BadScheme> {
        let mut rest = scheme.to_owned();
        for name in SCHEME_NAMES {
            rest = rest.replace(&format!("{{{name}}}"), "");
        }
        let has = |name: &str| scheme.contains(&format!("{{{name}}}"));
        if let Some(at) = rest.find(['{', '}']) {
            let unknown = rest.get(at..).unwrap_or_default();
            let end = unknown.find('}').map_or(unknown.len(), |end| end + 1);
            return Some(BadScheme::Unknown(unknown.get(..end).unwrap_or_default().to_owned()));
        }
        let has_parts = !of_several && has("day") && has("serial");
        if !has("dossier") && !has_parts {
            return Some(BadScheme::Repeats);
        }
        // The longest code has 20 letters, 6 digits of the day, 9 of the number, and two dashes.
        let longest = DossierCode::new(&"H".repeat(20), Date::MAX, u32::MAX / 5);
        let most = filled(scheme, &longest, Date::MAX).chars().count();
        (most > LONGEST_NUMBER).then_some(BadScheme::TooLong)
    }
}

/// Returns a scheme with its names replaced.
fn filled(scheme: &str, code: &DossierCode, from: Date) -> String {
    let (day, serial) = code.day_and_number();
    let year = format!("{:04}", from.year());
    let values = [code.as_str(), day, serial, year.as_str()];
    let mut number = scheme.to_owned();
    for (name, value) in SCHEME_NAMES.into_iter().zip(values) {
        number = number.replace(&format!("{{{name}}}"), value);
    }
    number
}

impl ResultValidity {
    /// Returns the last day of a result that is issued on a day. Returns `None` if the validity is unlimited, or if the
    /// answer that it needs is missing.
    ///
    /// A period of years or months ends on the day of the same number. If the last month has no such day, the period
    /// ends on the last day of this month (Civil Code 2015, article 148).
    pub fn until(&self, from: Date, facts: &Map<String, Json>) -> Option<Date> {
        let number = |field: &str| at_path(facts, field).and_then(Json::as_i64).filter(|number| *number >= 0);
        let span = match self {
            Self::Unlimited => return None,
            Self::Years(years) => Span::new().try_years(i64::from(*years)),
            Self::Months(months) => Span::new().try_months(i64::from(*months)),
            Self::YearsOf(field) => Span::new().try_years(number(field)?),
            Self::MonthsOf(field) => Span::new().try_months(number(field)?),
            Self::UntilDay(field) => return at_path(facts, field)?.as_str()?.parse().ok(),
        };
        // A period beyond the calendar ends with the calendar.
        Some(span.and_then(|span| from.checked_add(span)).unwrap_or(Date::MAX))
    }

    /// Returns the field whose answer the validity needs.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Unlimited | Self::Years(_) | Self::Months(_) => None,
            Self::YearsOf(field) | Self::MonthsOf(field) | Self::UntilDay(field) => Some(field),
        }
    }
}

impl ResultRule {
    /// Returns the time of the notice about the last day: the morning so many days before it.
    pub fn notice_at(&self, until: Date) -> Option<Timestamp> {
        let days = Span::new().try_days(self.notice_days?).ok()?;
        Some(instant(until.checked_sub(days).ok()?.at(8, 0, 0, 0)))
    }

    /// Returns the answers that the result keeps.
    pub fn kept(&self, facts: &Map<String, Json>) -> Map<String, Json> {
        let given = |field: &String| Some((field.clone(), facts.get(field)?.clone()));
        self.data.iter().filter_map(given).filter(|(_, answer)| !answer.is_null()).collect()
    }
}

/// Returns the answer at a path: a field, or a part of a field after a dot.
fn at_path<'a>(facts: &'a Map<String, Json>, path: &str) -> Option<&'a Json> {
    match path.split_once('.') {
        Some((field, part)) => facts.get(field)?.get(part),
        None => facts.get(path),
    }
}

/// Returns the text at a path, without blanks around it. Returns `None` for an empty text.
pub fn text_at(facts: &Map<String, Json>, path: &str) -> Option<String> {
    let text = at_path(facts, path)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
