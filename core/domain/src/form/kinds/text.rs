//! Texts of one line and of several.

use crate::form::finding::{FindingWords, wrong};
use crate::form::kinds::{AccountFact, AnswerType, Input, SingleKind};
use crate::text::one_line;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// One line of at most `max` characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    pub max: usize,
}

/// Several lines of at most `max` characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LongText {
    pub max: usize,
}

impl SingleKind for Text {
    fn account_fact(&self) -> Option<AccountFact> {
        Some(AccountFact::Name)
    }

    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        input.read_text(|text| bounded(one_line(&text), self.max))
    }

    fn schema(&self) -> Json {
        schema(self.max)
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Text
    }

    fn candidates(&self, literals: &[Json]) -> Option<Vec<Json>> {
        Some(candidates(literals))
    }
}

impl SingleKind for LongText {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        input.read_text(|text| bounded(text, self.max))
    }

    fn schema(&self) -> Json {
        schema(self.max)
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Text
    }

    fn candidates(&self, literals: &[Json]) -> Option<Vec<Json>> {
        Some(candidates(literals))
    }
}

fn bounded(text: String, max: usize) -> Result<Option<Json>, FindingWords> {
    let length = text.chars().count();
    if length > max {
        return wrong(
            "too-long",
            format!("Tối đa {max} ký tự, hiện có {length}."),
            format!("At most {max} characters, there are {length}."),
        );
    }
    Ok(Some(Json::String(text)))
}

fn schema(max: usize) -> Json {
    json!({ "type": "string", "minLength": 1, "maxLength": max })
}

/// Returns the texts that make a difference to comparisons with the literals: each of them, and one beside it.
pub(super) fn candidates(literals: &[Json]) -> Vec<Json> {
    let texts: Vec<&str> = literals.iter().filter_map(Json::as_str).collect();
    let beside = texts.iter().map(|text| Json::from(format!("{text}\u{1}")));
    beside.chain(texts.iter().map(|text| Json::from(*text))).chain([Json::from("\u{1}")]).collect()
}

#[cfg(test)]
mod tests {
    use crate::form::testing::{field, form, judge_json};
    use crate::form::{FieldKind, kinds};
    use serde_json::json;

    #[test]
    fn decomposed_letters_are_composed() {
        let form = form(vec![field("name", FieldKind::Text(kinds::Text { max: 10 }))]);
        let judged = judge_json(&form, json!({"name": "Hoa\u{0300}"}));
        assert_eq!(judged.values["name"], json!("Hoà"));
    }
}
