//! The limits of one answer.

use crate::dates::PartialDate;
use crate::form::finding::{FindingWords, wrong};
use crate::number;
use crate::text::Language;
use serde_json::Value as Json;

/// Checks that a value lies within limits that depend on other answers, and returns the message if it does not. A date
/// of which only a part is known is outside if no possible day lies within the limits.
pub(crate) fn within(value: &Json, least: Option<&Json>, most: Option<&Json>) -> Result<(), FindingWords> {
    let below = |a: &Json, b: &Json| match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() < b.as_f64(),
        (Json::String(a), Json::String(b)) => a < b,
        _ => PartialDate::of(a).zip(PartialDate::of(b)).is_some_and(|(a, b)| a.latest() < b.earliest()),
    };
    let shown = |limit: &Json, language| match limit {
        Json::String(text) => PartialDate::of(limit).map_or_else(|| text.clone(), |day| day.shown(language)),
        Json::Number(limit) => number::shown(limit, language),
        other => other.to_string(),
    };
    let say = |vi: &str, en: &str, limit: &Json| {
        wrong("range", format!("{vi} {}.", shown(limit, Language::Vi)), format!("{en} {}.", shown(limit, Language::En)))
    };
    if let Some(least) = least.filter(|least| below(value, least)) {
        return say("Không được dưới", "Not below", least);
    }
    if let Some(most) = most.filter(|most| below(most, value)) {
        return say("Không được quá", "Not above", most);
    }
    Ok(())
}
