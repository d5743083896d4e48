//! Entries of a registry.

use crate::form::FieldKind;
use crate::form::finding::{FindingWords, wrong};
use crate::form::kinds::single::text_of;
use crate::form::kinds::{AnswerType, Input, SingleKind, Text, plain};
use crate::registry::RegistryMatch;
use crate::text::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// An entry of a registry: `{ code, name }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    pub registry: String,
    /// The field to whose entry this one must belong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
}

/// The kind of the parts of an entry.
static TEXT: FieldKind = FieldKind::Text(Text { max: 0 });

impl SingleKind for Registry {
    /// Returns an entry by its code, its name, or both as a list of proposals shows them: `2393 Sản xuất gốm sứ`.
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        let text = match input.typed {
            Some(Json::Object(entry)) => plain(entry.get("code")),
            other => plain(other),
        };
        if text.is_empty() {
            return Ok(None);
        }
        let parent = self.under.as_deref().map(|field| entry_code(input.context.get(field)));
        let found = match (input.registries.get(&self.registry), parent) {
            // The entry above this one was not chosen.
            (None, _) | (_, Some(None)) => RegistryMatch::None,
            (Some(known), parent) => known.find(&text, parent.flatten()),
        };
        match found {
            RegistryMatch::One(entry) => Ok(Some(json!({ "code": entry.code, "name": entry.name.vi }))),
            RegistryMatch::Several(entries) => {
                let names = |language| {
                    let names = entries.iter().map(|entry| format!("{} {}", entry.code, entry.name.get(language)));
                    names.collect::<Vec<_>>().join("; ")
                };
                wrong(
                    "choice",
                    format!("Có nhiều mục như vậy: {}. Hãy viết rõ hơn hoặc nhập mã.", names(Language::Vi)),
                    format!("Several entries fit: {}. Write more of the name, or the code.", names(Language::En)),
                )
            }
            RegistryMatch::None => wrong("choice", "Hãy chọn một mục trong danh sách.", "Choose one of the list."),
        }
    }

    fn schema(&self) -> Json {
        json!({
            "type": "object", "$comment": format!("an entry of the registry {}", self.registry),
            "properties": { "code": { "type": "string" }, "name": { "type": "string" } },
            "required": ["code", "name"], "additionalProperties": false
        })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Parts(vec![("code", &TEXT), ("name", &TEXT)])
    }

    fn shown(&self, value: &Json, _language: Language) -> String {
        value.get("name").map_or_else(|| text_of(value), text_of)
    }

    fn registry(&self) -> Option<&str> {
        Some(&self.registry)
    }

    fn under(&self) -> Option<&str> {
        self.under.as_deref()
    }

    fn names_beside(&self) -> Vec<&str> {
        self.under.as_deref().into_iter().collect()
    }
}

/// Returns the code of the entry that answers a field.
pub fn entry_code(answer: Option<&Json>) -> Option<&str> {
    answer?.get("code")?.as_str()
}

#[cfg(test)]
mod tests {
    use crate::form::judge::{JudgeFacts, judge};
    use crate::form::testing::{codes, field, form};
    use crate::form::{FieldKind, kinds};
    use crate::registry::{Registries, Registry, RegistryEntry};
    use crate::text::Text;
    use jiff::Timestamp;
    use serde_json::json;

    #[test]
    fn a_commune_with_the_same_name_under_another_parent_is_taken() {
        let entry = |code: &str, name: &str, parent: Option<&str>| RegistryEntry {
            code: code.into(),
            name: Text::vi(name),
            parent: parent.map(str::to_owned),
            former: Vec::new(),
        };
        let provinces = Registry::new(vec![entry("74", "Bình Dương", None), entry("79", "Hồ Chí Minh", None)]);
        let communes = Registry::new(vec![entry("1", "Tân Thành", Some("74")), entry("2", "Tân Thành", Some("79"))]);
        let registries = Registries([("tinh".to_owned(), provinces.into()), ("xa".to_owned(), communes.into())].into());
        let of = |registry: &str, under: Option<&str>| {
            FieldKind::Registry(kinds::Registry { registry: registry.into(), under: under.map(str::to_owned) })
        };
        let area = FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None });
        let form =
            form(vec![field("area", area), field("commune", of("xa", Some("tinh"))), field("tinh", of("tinh", None))]);
        let given = JudgeFacts { now: Timestamp::UNIX_EPOCH, registries: &registries, files: &[], computed: None };
        let typed = |area: &str| json!({ "area": area, "commune": "Tân Thành", "tinh": "79" });
        let judged = judge(&form, typed("15").as_object().expect("an object"), given);
        assert!(judged.complete(), "{:?}", codes(&judged));
        assert_eq!(judged.values["commune"], json!({ "code": "2", "name": "Tân Thành" }));
        let judged = judge(&form, typed("1.5").as_object().expect("an object"), given);
        assert_eq!(codes(&judged), [("area", "integer")], "1.5 is no whole number, and never 15");
    }
}
