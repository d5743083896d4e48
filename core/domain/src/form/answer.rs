//! The limits of one answer.

use crate::dates::{PartialDate, moment_shown};
use crate::form::finding::{FindingWords, wrong};
use crate::number;
use crate::text::Language;
use jiff::civil::DateTime;
use serde_json::Value as Json;

/// A side of the limits of an answer.
#[derive(Clone, Copy)]
enum LimitSide {
    Least,
    Most,
}

/// Checks that a value lies within limits that depend on other answers, and returns the message if it does not. A date
/// of which only a part is known is outside if no possible day lies within the limits.
pub(crate) fn within(value: &Json, least: Option<&Json>, most: Option<&Json>) -> Result<(), FindingWords> {
    let below = |a: &Json, b: &Json| match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() < b.as_f64(),
        (Json::String(a), Json::String(b)) => a < b,
        _ => PartialDate::of(a).zip(PartialDate::of(b)).is_some_and(|(a, b)| a.latest() < b.earliest()),
    };
    if let Some(least) = least.filter(|least| below(value, least)) {
        return outside(LimitSide::Least, least);
    }
    if let Some(most) = most.filter(|most| below(most, value)) {
        return outside(LimitSide::Most, most);
    }
    Ok(())
}

/// Returns the message about an answer beyond a limit, with the words for a number, a date or a moment.
fn outside(side: LimitSide, limit: &Json) -> Result<(), FindingWords> {
    let date = PartialDate::of(limit);
    let moment = limit.as_str().and_then(|text| text.parse::<DateTime>().ok());
    let (vi, en) = match (side, date, moment) {
        (LimitSide::Least, Some(date), _) if date.day().is_some() => ("Không được trước ngày", "Not before"),
        (LimitSide::Most, Some(date), _) if date.day().is_some() => ("Không được sau ngày", "Not after"),
        (LimitSide::Least, Some(_), _) | (LimitSide::Least, None, Some(_)) => ("Không được trước", "Not before"),
        (LimitSide::Most, Some(_), _) | (LimitSide::Most, None, Some(_)) => ("Không được sau", "Not after"),
        (LimitSide::Least, None, None) => ("Không được dưới", "Not below"),
        (LimitSide::Most, None, None) => ("Không được quá", "Not above"),
    };
    let shown = |language: Language| match (date, moment, limit) {
        (Some(date), ..) => date.shown(language),
        (None, Some(moment), _) => moment_shown(moment, language),
        (None, None, Json::Number(limit)) => number::shown(limit, language),
        (None, None, Json::String(text)) => text.clone(),
        (None, None, other) => other.to_string(),
    };
    wrong("range", format!("{vi} {}.", shown(Language::Vi)), format!("{en} {}.", shown(Language::En)))
}

#[cfg(test)]
mod tests {
    use super::within;
    use serde_json::{Value as Json, json};

    fn said(value: &Json, least: Option<&Json>, most: Option<&Json>) -> (String, String) {
        let (code, text) = within(value, least, most).expect_err("it is outside");
        assert_eq!(code, "range");
        let (vi, en) = text.both();
        (vi.to_owned(), en.to_owned())
    }

    #[test]
    fn the_limit_of_a_date_is_told_as_before_or_after_and_that_of_a_number_as_below_or_above() {
        for (limit, low, high, words) in [
            (json!(5), json!(4), json!(6), ["Không được dưới 5.", "Not below 5.", "Không được quá 5.", "Not above 5."]),
            (
                json!("2026-09-02"),
                json!("2026-09-01"),
                json!("2026-09-03"),
                [
                    "Không được trước ngày 02/09/2026.",
                    "Not before 2 Sep 2026.",
                    "Không được sau ngày 02/09/2026.",
                    "Not after 2 Sep 2026.",
                ],
            ),
            (
                json!({ "year": 1960 }),
                json!("1959-12-31"),
                json!("1961-01-01"),
                ["Không được trước 1960.", "Not before 1960.", "Không được sau 1960.", "Not after 1960."],
            ),
            (
                json!("2026-09-02T07:30"),
                json!("2026-09-02T07:29"),
                json!("2026-09-02T07:31"),
                [
                    "Không được trước 02/09/2026 07:30.",
                    "Not before 2 Sep 2026 07:30.",
                    "Không được sau 02/09/2026 07:30.",
                    "Not after 2 Sep 2026 07:30.",
                ],
            ),
        ] {
            let (below, above) = (said(&low, Some(&limit), None), said(&high, None, Some(&limit)));
            assert_eq!([below.0, below.1, above.0, above.1], words, "{limit}");
            assert!(within(&limit, Some(&limit), Some(&limit)).is_ok(), "{limit}");
        }
    }
}
