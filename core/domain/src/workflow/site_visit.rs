//! Appointments on the spot: the rule of an action with which an officer makes, moves or calls off one.

use crate::form::Form;
use crate::form::kinds::Structure;
use crate::text::Language;
use crate::time::calendar::Limit;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The kinds of fields whose answer is a place.
pub const PLACE_KINDS: [&str; 3] = ["address", "text", "long-text"];

/// The rule of an action that makes an appointment on the spot, moves it, or calls it off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteVisitRule {
    /// The least time between the action and the beginning of the visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Limit>,
    /// The most time between the action and the end of the visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Limit>,
    /// The question of the form whose answer is the place, unless the officer names another place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The action calls the coming visit off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calls_off: bool,
}

impl SiteVisitRule {
    /// Returns the place that the applicant gave, or `None` if the rule names no question or the question has no answer.
    /// An address is written as Vietnamese addresses are, with the house number first.
    pub fn usual_place(&self, form: &Form, values: &Map<String, Json>) -> Option<String> {
        let id = self.place.as_deref()?;
        let (_, field) = form.fields().find(|(_, field)| field.id == id)?;
        let value = values.get(id)?;
        let words = match (field.kind.structure(), value) {
            (Structure::Block(_), Json::Object(answer)) => {
                let parts = field.kind.parts().iter().rev();
                let parts = parts.filter_map(|part| Some(part.kind.shown(answer.get(&part.id)?, Language::Vi)));
                parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
            }
            _ => field.kind.shown(value, Language::Vi),
        };
        Some(words.trim().to_owned()).filter(|words| !words.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Field, FieldKind, Section};
    use crate::text::Text;
    use serde_json::json;

    #[test]
    fn the_place_of_a_visit_is_the_address_that_the_applicant_gave() {
        let field = |id: &str, kind: FieldKind| Field::new(id, Text::vi(id), kind);
        let fields = vec![field("shop", FieldKind::Address), field("deep", FieldKind::YesNo)];
        let section = Section { id: "main".to_owned(), title: Text::default(), help: None, fields };
        let form = Form { sections: vec![section], ..Form::default() };
        let rule = SiteVisitRule { place: Some("shop".to_owned()), ..SiteVisitRule::default() };
        let entry = |code: &str, name: &str| json!({ "code": code, "name": name });
        let address = json!({
            "province": entry("74", "Bình Dương"),
            "commune": entry("25747", "Phường Phú Cường"),
            "detail": "12 Lê Lợi",
        });
        let values = json!({ "shop": address }).as_object().cloned().unwrap_or_default();
        let place = rule.usual_place(&form, &values);
        assert_eq!(place.as_deref(), Some("12 Lê Lợi, Phường Phú Cường, Bình Dương"));
        assert_eq!(rule.usual_place(&form, &Map::new()), None, "no answer");
        assert_eq!(SiteVisitRule::default().usual_place(&form, &values), None, "no question");
        assert!(PLACE_KINDS.contains(&FieldKind::Address.name()));
    }
}
