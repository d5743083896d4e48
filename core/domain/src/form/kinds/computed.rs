//! Values that follow from other answers.

use crate::expression::Expression;
use crate::form::kinds::{number, yes_no};
use crate::text::{Language, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// The longest text that a plugin may compute, in characters.
const LONGEST: usize = 2000;

/// A value that follows from other answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Computed {
    /// The expression. `None` means that a plugin computes the value.
    pub value: Option<Expression>,
    pub unit: Option<Text>,
    /// People do not see the value. Only conditions and other values read it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub helper: bool,
}

impl Computed {
    /// Returns whether a plugin may compute this value.
    pub(crate) fn takes(value: &Json) -> bool {
        match value {
            Json::String(text) => text.chars().count() <= LONGEST,
            other => other.is_number() || other.is_boolean(),
        }
    }

    /// Returns the JSON Schema of the value, which marks a helper.
    pub(crate) fn schema(&self) -> Json {
        let types = json!(["number", "string", "boolean"]);
        if self.helper { json!({ "type": types, "x-helper": true }) } else { json!({ "type": types }) }
    }

    pub(super) fn shown(&self, value: &Json, language: Language) -> String {
        match value {
            Json::Bool(yes) => yes_no::shown(*yes, language).to_owned(),
            other => number::shown(other, self.unit.as_ref(), language),
        }
    }

    pub(super) fn unit(&self, language: Language) -> &str {
        number::unit_in(self.unit.as_ref(), language)
    }
}

#[cfg(test)]
mod tests {
    use crate::expression::{Condition, Expression};
    use crate::form::schema::object;
    use crate::form::testing::{field, form, judge_json};
    use crate::form::{FieldKind, kinds};
    use serde_json::json;

    #[test]
    fn computed_values_follow_from_others_wherever_they_stand() {
        let cel = |text: &str| Expression::parse(text).expect("it is CEL");
        let computed = |id: &str, text: &str| {
            field(id, FieldKind::Computed(kinds::Computed { value: Some(cel(text)), unit: None, helper: false }))
        };
        let mut large = field("reason", FieldKind::Text(kinds::Text { max: 10 }));
        large.shown = Condition::When(cel("total > 100"));
        let form = form(vec![
            large,
            computed("twice", "total * 2"),
            computed("total", "count * price"),
            field("count", FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None })),
            field("price", FieldKind::Dong(kinds::Dong { min: None, max: None })),
        ]);
        let judged = judge_json(&form, json!({"count": "3", "price": "50", "total": "7", "reason": "vì"}));
        assert_eq!(judged.values["total"], json!(150), "what was typed for it does not count");
        assert_eq!(judged.values["twice"], json!(300));
        assert_eq!(judged.values["reason"], json!("vì"));
        let small = judge_json(&form, json!({"count": "1", "price": "50", "reason": "vì"}));
        assert!(small.complete() && !small.values.contains_key("reason"));
        let unanswered = judge_json(&form, json!({"count": "1"}));
        let codes: Vec<_> = unanswered.findings.iter().map(|f| (f.path.as_str(), f.code.as_str())).collect();
        assert_eq!(codes, [("price", "required")], "a computed value is nobody's to give");
    }

    #[test]
    fn a_helper_has_a_value_that_conditions_read_and_a_mark_in_the_schema() {
        let value = Some(Expression::parse("count * 2").expect("it is CEL"));
        let mut reason = field("reason", FieldKind::Text(kinds::Text { max: 10 }));
        reason.shown = Condition::When(Expression::parse("twice > 5").expect("it is CEL"));
        let form = form(vec![
            field("count", FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None })),
            field("twice", FieldKind::Computed(kinds::Computed { value, unit: None, helper: true })),
            reason,
        ]);
        let judged = judge_json(&form, json!({"count": "3", "reason": "vì"}));
        assert_eq!(
            judged.values,
            json!({"count": 3, "twice": 6, "reason": "vì"}).as_object().cloned().expect("values")
        );
        let schema = object(form.fields().map(|(_, field)| field));
        assert_eq!(schema["properties"]["twice"]["x-helper"], json!(true));
        let stored = serde_json::to_value(kinds::Computed { value: None, unit: None, helper: false }).expect("JSON");
        assert_eq!(stored, json!({"value": null, "unit": null}), "as it was stored before");
    }
}
