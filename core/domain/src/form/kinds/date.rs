//! Dates, with all parts or some, and moments.

use crate::dates::{self, PartialDate, Precision, YEARS};
use crate::form::FieldKind;
use crate::form::finding::{FindingWords, wrong};
use crate::form::kinds::single::{as_typed, text_of};
use crate::form::kinds::{AnswerType, Input, InputForm, Integer, SingleKind, is_default, plain, text};
use crate::text::{Language, narrow};
use crate::time::calendar::local;
use jiff::Timestamp;
use jiff::civil::{self, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// A date as text. If the day may be unknown, the known parts of `{ year, month, day }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Date {
    pub past: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub precision: Precision,
}

/// A day with a time, in Vietnam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateTime {
    pub past: bool,
}

/// The kind of the parts of a date.
static WHOLE: FieldKind = FieldKind::Integer(Integer { min: None, max: None, unit: None });

impl SingleKind for Date {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        let kept = input.typed.filter(|typed| typed.is_object()).and_then(PartialDate::of);
        let text = kept.map_or_else(|| plain(input.typed), |kept| kept.shown(Language::Vi));
        if text.is_empty() {
            return Ok(None);
        }
        let date = dates::read(&text, self.precision).map_err(|not| ("date", not.text()))?;
        if self.past && date.earliest() > local(input.now).date() {
            return future();
        }
        let day = date.day().filter(|_| self.precision.is_day());
        Ok(Some(day.map_or_else(|| date.parts(), |day| Json::String(day.to_string()))))
    }

    fn schema(&self) -> Json {
        if self.precision.is_day() {
            return json!({ "type": "string", "format": "date" });
        }
        // The day, or the day and the month, may be missing.
        let required: &[&str] = if self.precision == Precision::Month { &["year", "month"] } else { &["year"] };
        json!({
            "type": "object",
            "properties": {
                "year": { "type": "integer", "minimum": YEARS.start(), "maximum": YEARS.end() },
                "month": { "type": "integer", "minimum": 1, "maximum": 12 },
                "day": { "type": "integer", "minimum": 1, "maximum": 31 }
            },
            "required": required, "dependentRequired": { "day": ["month"] }, "additionalProperties": false
        })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        if self.precision.is_day() {
            return AnswerType::Date;
        }
        AnswerType::Parts(vec![("year", &WHOLE), ("month", &WHOLE), ("day", &WHOLE)])
    }

    fn input_form(&self) -> InputForm {
        InputForm::Date
    }

    fn candidates(&self, literals: &[Json]) -> Option<Vec<Json>> {
        self.precision.is_day().then(|| text::candidates(literals))
    }

    fn days(&self, of: &BTreeSet<civil::Date>, today: civil::Date) -> Option<Vec<Json>> {
        let fits = |day: &&civil::Date| YEARS.contains(&day.year()) && !(self.past && **day > today);
        self.precision.is_day().then(|| of.iter().filter(fits).map(|day| Json::from(day.to_string())).collect())
    }

    fn precision(&self) -> Precision {
        self.precision
    }

    fn shown(&self, value: &Json, language: Language) -> String {
        PartialDate::of(value).map_or_else(|| text_of(value), |date| date.shown(language))
    }

    fn is_past(&self) -> bool {
        self.past
    }

    fn is_measured(&self) -> bool {
        true
    }

    fn describes_case(&self) -> bool {
        true
    }
}

impl SingleKind for DateTime {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        input.read_text(|text| moment(&text, self.past, input.now))
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$" })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Text
    }

    fn candidates(&self, literals: &[Json]) -> Option<Vec<Json>> {
        Some(text::candidates(literals))
    }

    fn shown(&self, value: &Json, language: Language) -> String {
        let text = text_of(value);
        text.parse::<civil::DateTime>().map_or(text, |moment| dates::moment_shown(moment, language))
    }

    /// Returns the moment as people write it, on pages in both languages. The value is `2026-09-02T07:05`, and people
    /// type `02/09/2026 07:05`.
    fn retyped(&self, kept: &Json, _language: Language) -> String {
        let text = as_typed(kept);
        text.parse::<civil::DateTime>().map_or(text, |moment| dates::moment_shown(moment, Language::Vi))
    }

    fn is_past(&self) -> bool {
        self.past
    }

    fn is_measured(&self) -> bool {
        true
    }
}

fn future<T>() -> Result<T, FindingWords> {
    wrong("future", "Ngày này chưa đến.", "This day has not come yet.")
}

fn moment(text: &str, past: bool, now: Timestamp) -> Result<Option<Json>, FindingWords> {
    let read = || {
        let text = narrow(text);
        let (date, time) = text.split_once(['T', ' '])?;
        let (hour, minute) = time.trim().split_once([':', 'h'])?;
        let minute = minute.strip_suffix(":00").unwrap_or(minute);
        let time = Time::new(hour.trim().parse().ok()?, minute.trim().parse().ok()?, 0, 0).ok()?;
        Some(dates::read(date, Precision::Day).ok()?.day()?.to_datetime(time))
    };
    let Some(moment) = read() else {
        return wrong(
            "date-time",
            "Hãy nhập ngày và giờ dạng ngày/tháng/năm giờ:phút.",
            "Enter day and time as day/month/year hour:minute.",
        );
    };
    if past && moment > local(now) {
        return future();
    }
    Ok(Some(Json::String(moment.strftime("%Y-%m-%dT%H:%M").to_string())))
}

#[cfg(test)]
mod tests {
    use crate::dates::Precision;
    use crate::expression::{Condition, Expression};
    use crate::form::testing::{codes, field, form, judge_json};
    use crate::form::{FieldKind, kinds};
    use crate::text::Language;
    use serde_json::json;

    #[test]
    fn where_papers_have_only_a_year_the_year_is_kept_as_a_year() {
        let cel = |text: &str| Expression::parse(text).expect("it is CEL");
        let mut born = field("born", FieldKind::Date(kinds::Date { past: true, precision: Precision::Year }));
        born.at_most = Some(cel("married"));
        let mut guardian = field("guardian", FieldKind::Text(kinds::Text { max: 10 }));
        guardian.shown = Condition::When(cel("born.year > 1950"));
        let form = form(vec![
            field("married", FieldKind::Date(kinds::Date { past: true, precision: Precision::Day })),
            born,
            guardian,
        ]);
        let judged = |born: &str| judge_json(&form, json!({"married": "1/6/1960", "born": born, "guardian": "An"}));
        let year = judged("1960");
        assert!(year.complete(), "some day of 1960 is before 1 June: {:?}", year.findings);
        assert_eq!(year.values["born"], json!({"year": 1960}));
        assert!(year.values.contains_key("guardian"));
        assert_eq!(judged("5/1949").values.get("guardian"), None, "conditions see the year");
        assert_eq!(judged("2/6/1960").values["born"], json!({"year": 1960, "month": 6, "day": 2}));
        for (late, code) in [("7/1960", "range"), ("1961", "range"), ("1971", "future"), ("2//1960", "date")] {
            assert_eq!(codes(&judged(late)).first().map(|found| found.1), Some(code), "{late}");
        }
        let mut person = field("father", FieldKind::Person(kinds::Person { precision: Precision::Year }));
        person.required = Condition::Fixed(true);
        let form = self::form(vec![person]);
        let typed = json!({"father": {"name": "An", "birth_date": "1965", "sex": "male", "citizen_number": "074065000123",
            "address": {"province": "74", "commune": "25747", "detail": "12"}}});
        let judged = judge_json(&form, typed);
        assert!(judged.complete(), "{:?}", judged.findings);
        assert_eq!(judged.values["father"]["birth_date"], json!({"year": 1965}));
    }

    #[test]
    fn a_moment_comes_back_as_people_type_it() {
        let at = FieldKind::DateTime(kinds::DateTime { past: false });
        for language in [Language::Vi, Language::En] {
            assert_eq!(at.retyped(&json!("2026-09-02T07:05"), language), "02/09/2026 07:05");
            assert_eq!(at.retyped(&json!("2/9/2026 7h"), language), "2/9/2026 7h", "a wrong answer stays as it is");
        }
    }

    #[test]
    fn a_date_is_shown_as_far_as_it_is_known() {
        let born = FieldKind::Date(kinds::Date { past: true, precision: Precision::Year });
        for (value, vi, en) in [
            (json!("1960-09-02"), "02/09/1960", "2 Sep 1960"),
            (json!({"year": 1960, "month": 9}), "09/1960", "Sep 1960"),
            (json!({"year": 1960}), "1960", "1960"),
        ] {
            assert_eq!(born.shown(&value, Language::Vi), vi);
            assert_eq!(born.shown(&value, Language::En), en);
        }
    }
}
