//! Comparing answers of plugins by their meaning.
//!
//! Earlier versions of the portal cleaned texts less, and described faults in other words. An entry of the journal
//! stays as it was written, so such differences say nothing about the plugin.

use motcua_domain::dossier::verdict::Verdict;
use motcua_domain::form::judge::Finding;
use motcua_domain::procedure::FeeLine;
use motcua_domain::text::{Text, one_line};
use serde_json::{Map, Value as Json};

/// Returns each part of two verdicts with whether it means the same.
pub(crate) fn compare(old: &Verdict, new: &Verdict) -> [(&'static str, bool); 4] {
    [
        ("the findings", all(&old.findings, &new.findings, same_finding)),
        ("the fees", all(&old.fees, &new.fees, same_fee)),
        ("the computed values", same_parts(&old.computed, &new.computed)),
        ("the failures", same_fault(old.fault.as_ref(), new.fault.as_ref())),
    ]
}

/// Returns whether both failed, or neither did. The words do not count, because they change between versions.
pub(crate) const fn same_fault(old: Option<&String>, new: Option<&String>) -> bool {
    old.is_some() == new.is_some()
}

/// Returns whether two values are the same, apart from the cleaning of their texts.
pub(crate) fn same_value(old: &Json, new: &Json) -> bool {
    match (old, new) {
        (Json::String(old), Json::String(new)) => same_words(old, new),
        (Json::Array(old), Json::Array(new)) => all(old, new, same_value),
        (Json::Object(old), Json::Object(new)) => same_parts(old, new),
        (old, new) => old == new,
    }
}

/// Returns the visible characters of a text. Earlier versions removed ends of lines that are blanks now, so blanks do
/// not count.
fn visible(text: &str) -> String {
    one_line(text).split(' ').collect()
}

fn same_words(old: &str, new: &str) -> bool {
    old == new || visible(old) == visible(new)
}

/// Returns whether two texts mean the same. Earlier versions kept texts without words, which have a text of the portal
/// now.
fn same_text(old: &Text, new: &Text) -> bool {
    let words = |text: &str| Some(visible(text)).filter(|words| !words.is_empty());
    let english = |text: &Text| text.en.as_deref().and_then(words);
    words(&old.vi).is_none() || (words(&old.vi) == words(&new.vi) && english(old) == english(new))
}

fn same_finding(old: &Finding, new: &Finding) -> bool {
    let places = same_words(&old.path, &new.path) && same_words(&old.code, &new.code);
    places && old.severity == new.severity && same_text(&old.text, &new.text)
}

fn same_fee(old: &FeeLine, new: &FeeLine) -> bool {
    old.kind == new.kind && old.amount == new.amount && same_text(&old.name, &new.name)
}

fn same_parts(old: &Map<String, Json>, new: &Map<String, Json>) -> bool {
    let same = |(name, value): (&String, &Json)| {
        let exact = new.get(name);
        let found = exact.or_else(|| new.iter().find(|(other, _)| same_words(name, other)).map(|(_, value)| value));
        found.is_some_and(|found| same_value(value, found))
    };
    old.len() == new.len() && old.iter().all(same)
}

fn all<T>(old: &[T], new: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn verdict(json: Json) -> Verdict {
        serde_json::from_value(json).expect("a verdict of the journal")
    }

    /// Returns a verdict as the portal wrote it before it cleaned all texts in one way, and before verdicts had the
    /// time of the call.
    fn old() -> Verdict {
        verdict(json!({
            "component": "c",
            "findings": [{
                "path": "name", "code": "short", "severity": "warning",
                "text": { "vi": "Te\u{302}n\u{200b} ngắn,xem lại", "en": "Short\u{ad} name" },
            }],
            "fault": null,
            "fees": [{ "name": { "vi": "Phí\u{feff}", "en": "Fee" }, "kind": "fee", "amount": 5000 }],
            "computed": { "sum": "mo\u{323}t\u{200d}", "count": 3 },
            "basis": { "input": "d", "fuel": 1000 },
        }))
    }

    fn new() -> Verdict {
        verdict(json!({
            "component": "c",
            "findings": [{
                "path": "name", "code": "short", "severity": "warning",
                "text": { "vi": "Tên ngắn, xem lại", "en": "Short name" },
            }],
            "fault": null,
            "fees": [{ "name": { "vi": "Phí", "en": "Fee" }, "kind": "fee", "amount": 5000 }],
            "computed": { "sum": "mọt", "count": 3 },
            "basis": { "input": "d", "fuel": 1000, "at": "2026-03-03T02:00:07Z" },
        }))
    }

    fn otherwise(old: &Verdict, new: &Verdict) -> Vec<&'static str> {
        compare(old, new).into_iter().filter(|(_, same)| !same).map(|(what, _)| what).collect()
    }

    #[test]
    fn texts_that_were_cleaned_since_are_no_difference() {
        assert_eq!(otherwise(&old(), &new()), [""; 0]);
        assert_eq!(old().basis.and_then(|basis| basis.at), None, "an entry of the old form is read");
    }

    #[test]
    fn a_fault_in_other_words_is_no_difference_and_a_fault_instead_of_an_answer_is_one() {
        let failed = |words: &str| Verdict { fault: Some(words.to_owned()), ..old() };
        assert_eq!(otherwise(&failed("out of fuel"), &failed("the plugin used up its fuel")), [""; 0]);
        assert_eq!(otherwise(&failed("out of fuel"), &old()), ["the failures"]);
    }

    #[test]
    fn a_finding_that_had_no_words_is_the_same_as_one_that_names_its_plugin() {
        let mut silent = old();
        silent.findings[0].text = Text::new("", "");
        assert_eq!(otherwise(&silent, &new()), [""; 0]);
        assert_eq!(otherwise(&new(), &silent), ["the findings"]);
    }

    #[test]
    fn another_word_amount_place_or_value_is_a_difference() {
        let mut other = new();
        other.findings[0].text.vi = "Tên dài, xem lại".to_owned();
        assert_eq!(otherwise(&old(), &other), ["the findings"]);
        let mut other = new();
        other.fees[0].amount.0 += 1;
        assert_eq!(otherwise(&old(), &other), ["the fees"]);
        for (name, value) in [("sum", json!("hai")), ("count", json!(4)), ("more", json!(1))] {
            let mut other = new();
            other.computed.insert(name.to_owned(), value);
            assert_eq!(otherwise(&old(), &other), ["the computed values"], "{name}");
        }
    }
}
