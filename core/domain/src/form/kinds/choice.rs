//! Choices of a closed list.

use crate::form::FieldChoice;
use crate::form::finding::{FindingWords, wrong};
use crate::form::kinds::single::text_of;
use crate::form::kinds::{AnswerType, Input, InputForm, SingleKind, plain};
use crate::text::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// One of the choices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OneOf {
    pub choices: Vec<FieldChoice>,
}

/// Any number of the choices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeveralOf {
    pub choices: Vec<FieldChoice>,
}

impl SingleKind for OneOf {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        input.read_text(|text| {
            check(&self.choices, &text)?;
            Ok(Some(Json::String(text)))
        })
    }

    fn schema(&self) -> Json {
        let one = |choice: &FieldChoice| json!({ "const": choice.value, "title": choice.label.get(Language::Vi) });
        json!({ "oneOf": self.choices.iter().map(one).collect::<Vec<_>>() })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Text
    }

    fn candidates(&self, _literals: &[Json]) -> Option<Vec<Json>> {
        Some(self.choices.iter().map(|choice| Json::from(choice.value.as_str())).collect())
    }

    fn shown(&self, value: &Json, language: Language) -> String {
        shown(&self.choices, value, language)
    }

    fn choices(&self) -> &[FieldChoice] {
        &self.choices
    }

    fn exclusive_choices(&self) -> Option<&[FieldChoice]> {
        Some(&self.choices)
    }

    fn describes_case(&self) -> bool {
        true
    }
}

impl SingleKind for SeveralOf {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        let chosen: Vec<String> = match input.typed {
            Some(Json::Array(items)) => items.iter().map(|item| plain(Some(item))).filter(|t| !t.is_empty()).collect(),
            other => Some(plain(other)).filter(|text| !text.is_empty()).into_iter().collect(),
        };
        let mut once: Vec<String> = Vec::new();
        for text in chosen {
            check(&self.choices, &text)?;
            if !once.contains(&text) {
                once.push(text);
            }
        }
        Ok((!once.is_empty()).then(|| once.into()))
    }

    fn schema(&self) -> Json {
        let values: Vec<&str> = self.choices.iter().map(|choice| choice.value.as_str()).collect();
        json!({ "type": "array", "minItems": 1, "items": { "enum": values } })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::List(Box::new(AnswerType::Text))
    }

    fn input_form(&self) -> InputForm {
        InputForm::List
    }

    fn shown(&self, value: &Json, language: Language) -> String {
        match value {
            Json::Array(items) => {
                items.iter().map(|item| shown(&self.choices, item, language)).collect::<Vec<_>>().join(", ")
            }
            other => text_of(other),
        }
    }

    fn longest(&self) -> Option<usize> {
        Some(self.choices.len())
    }

    fn choices(&self) -> &[FieldChoice] {
        &self.choices
    }

    fn describes_case(&self) -> bool {
        true
    }
}

/// Checks that a text is one of the choices.
fn check(choices: &[FieldChoice], text: &str) -> Result<(), FindingWords> {
    if choices.iter().any(|choice| choice.value == text) {
        return Ok(());
    }
    wrong("choice", "Hãy chọn một mục trong danh sách.", "Choose one of the list.")
}

fn shown(choices: &[FieldChoice], value: &Json, language: Language) -> String {
    let known = choices.iter().find(|choice| Some(choice.value.as_str()) == value.as_str());
    known.map_or_else(String::new, |choice| choice.label.get(language).to_owned())
}

#[cfg(test)]
mod tests {
    use crate::form::testing::{field, form, judge_json};
    use crate::form::{FieldChoice, FieldKind, kinds};
    use crate::text::Text;
    use serde_json::{Value as Json, json};

    #[test]
    fn the_same_choice_twice_is_one_and_one_line_is_one_line() {
        let choices = vec![FieldChoice { value: "a".into(), label: Text::vi("A") }];
        let form = form(vec![
            field("which", FieldKind::SeveralOf(kinds::SeveralOf { choices })),
            field("name", FieldKind::Text(kinds::Text { max: 20 })),
        ]);
        let judged = judge_json(&form, json!({"which": ["a", "a"], "name": "Nguyễn\r\nVăn\u{200b} An\0"}));
        assert_eq!(Json::Object(judged.values), json!({"which": ["a"], "name": "Nguyễn Văn An"}));
    }
}
