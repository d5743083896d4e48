//! A question that is answered with yes or no, and a consent.

use crate::form::finding::{FindingWords, wrong};
use crate::form::kinds::single::text_of;
use crate::form::kinds::{AnswerType, Input, SingleKind};
use crate::text::{Language, Text};
use serde_json::{Value as Json, json};

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YesNo;

/// A consent that is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent;

impl SingleKind for YesNo {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        input.read_text(|text| match text.as_str() {
            "true" => Ok(Some(Json::Bool(true))),
            "false" => Ok(Some(Json::Bool(false))),
            _ => wrong("choice", "Hãy chọn Có hoặc Không.", "Choose yes or no."),
        })
    }

    fn schema(&self) -> Json {
        json!({ "type": "boolean" })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Bool
    }

    fn candidates(&self, _literals: &[Json]) -> Option<Vec<Json>> {
        Some(vec![Json::Bool(true), Json::Bool(false)])
    }

    fn shown(&self, value: &Json, language: Language) -> String {
        value.as_bool().map_or_else(|| text_of(value), |yes| shown(yes, language).to_owned())
    }

    fn describes_case(&self) -> bool {
        true
    }
}

impl SingleKind for Consent {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        input.read_text(|text| Ok((text == "true").then_some(Json::Bool(true))))
    }

    fn schema(&self) -> Json {
        json!({ "const": true })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Bool
    }

    fn candidates(&self, _literals: &[Json]) -> Option<Vec<Json>> {
        Some(vec![Json::Bool(true)])
    }

    fn shown(&self, value: &Json, language: Language) -> String {
        match (value, language) {
            (Json::Bool(true), Language::Vi) => "Đã đồng ý".to_owned(),
            (Json::Bool(true), Language::En) => "Agreed".to_owned(),
            (other, _) => text_of(other),
        }
    }

    fn missing(&self, label: &Text) -> FindingWords {
        let (vi, en) = (&label.vi, label.get(Language::En));
        ("consent", Text::new(format!("Hãy đánh dấu “{vi}”."), format!("Tick “{en}”.")))
    }

    fn may_be_proposed(&self) -> bool {
        false
    }
}

/// Returns the word for an answer.
pub(super) const fn shown(yes: bool, language: Language) -> &'static str {
    match (yes, language) {
        (true, Language::Vi) => "Có",
        (false, Language::Vi) => "Không",
        (true, Language::En) => "Yes",
        (false, Language::En) => "No",
    }
}

#[cfg(test)]
mod tests {
    use crate::form::testing::{field, form, judge_json};
    use crate::form::{FieldKind, kinds};
    use serde_json::{Value as Json, json};

    #[test]
    fn consent_is_ticked_a_time_is_read_as_people_write_it_and_an_explanation_asks_nothing() {
        let form = form(vec![
            field("agreed", FieldKind::Consent),
            field("words", FieldKind::Explanation),
            field("at", FieldKind::DateTime(kinds::DateTime { past: false })),
        ]);
        let judged = judge_json(&form, json!({"agreed": "true", "words": "x", "at": "2/9/2026 7:05"}));
        assert!(judged.complete());
        assert_eq!(Json::Object(judged.values), json!({"agreed": true, "at": "2026-09-02T07:05"}));
        let judged = judge_json(&form, json!({"agreed": "false", "at": "2/9/2026"}));
        let codes: Vec<_> = judged.findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["consent", "date-time"]);
    }
}
