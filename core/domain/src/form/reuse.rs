//! The answers of an earlier dossier that a new draft can take.
//!
//! A draft takes an answer only into a question of the same name and kind that is still empty, and only if the answer is
//! right there today. Files, consents and computed values are never taken.

use crate::form::finding::{Finding, Severity};
use crate::form::judge::{JudgeFacts, Judged, anything, judge};
use crate::form::kinds::Structure;
use crate::form::proposal::fitting;
use crate::form::{Field, Form};
use serde_json::{Map, Value as Json};

/// The most judgements after which the answers that are left must be right together.
const MOST_ROUNDS: usize = 5;

/// The answers of an earlier dossier, with the form that asked for them.
#[derive(Debug, Clone, Copy)]
pub struct EarlierAnswers<'a> {
    pub form: &'a Form,
    pub values: &'a Map<String, Json>,
}

impl EarlierAnswers<'_> {
    /// Returns the answer to a question, if the earlier form had a question of the same name and kind.
    fn answer_to(&self, field: &Field) -> Option<Json> {
        let is_same = |before: &Field| before.id == field.id && before.kind.name() == field.kind.name();
        let is_asked = self.form.fields().any(|(_, before)| is_same(before));
        let answer = self.values.get(&field.id).filter(|answer| anything(answer))?;
        if !is_asked || !is_taken(field) {
            return None;
        }
        fitting(&field.kind, answer.clone())
    }
}

/// Returns whether the answer to a question may be taken at all. A consent is given each time, also in a row.
fn is_taken(field: &Field) -> bool {
    let is_typed = |part: &Field| matches!(part.kind.structure(), Structure::Single(_));
    let is_consent = |part: &Field| is_typed(part) && !part.kind.may_be_proposed();
    field.kind.may_be_proposed() && !field.kind.parts().iter().any(is_consent)
}

/// Returns the answers of an earlier dossier that a draft with the form and the answers `typed` can take.
pub fn reusable(
    earlier: EarlierAnswers<'_>,
    form: &Form,
    typed: &Map<String, Json>,
    facts: JudgeFacts<'_>,
) -> Map<String, Json> {
    let open = form.fields().filter(|(_, field)| !typed.get(&field.id).is_some_and(anything));
    let mut taken: Map<String, Json> =
        open.filter_map(|(_, field)| Some((field.id.clone(), earlier.answer_to(field)?))).collect();
    for _ in 0..MOST_ROUNDS {
        if taken.is_empty() {
            break;
        }
        let mut all = typed.clone();
        all.extend(taken.clone());
        let Judged { values, findings, fault } = judge(form, &all, facts);
        if fault.is_some() {
            break;
        }
        let before = taken.len();
        // A question that the other answers hide has no value.
        taken.retain(|id, _| values.contains_key(id) && !findings.iter().any(|found| is_about(found, id)));
        if taken.len() == before {
            return taken;
        }
    }
    Map::new()
}

/// Returns whether a finding rejects the answer to a question or a part of it.
fn is_about(found: &Finding, id: &str) -> bool {
    let rest = found.path.strip_prefix(id);
    found.severity == Severity::Error && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dates::Precision;
    use crate::expression::{Condition, Expression};
    use crate::form::kinds::samples::samples;
    use crate::form::testing::{field, form, registries};
    use crate::form::{FieldChoice, FieldKind, kinds};
    use crate::text::Text;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use serde_json::json;

    fn text(max: usize) -> FieldKind {
        FieldKind::Text(kinds::Text { max })
    }

    fn choices(values: &[&str]) -> FieldKind {
        let choice = |value: &&str| FieldChoice { value: (*value).to_owned(), label: Text::vi(*value) };
        FieldKind::OneOf(kinds::OneOf { choices: values.iter().map(choice).collect() })
    }

    fn shown(field: Field, by: &str) -> Field {
        Field { shown: Condition::When(Expression::parse(by).expect("CEL")), ..field }
    }

    fn object(json: &Json) -> Map<String, Json> {
        json.as_object().expect("an object").clone()
    }

    fn take(before: Vec<Field>, values: &Json, now: Vec<Field>, typed: &Json) -> Json {
        let (before, now, registries) = (form(before), form(now), registries());
        let facts = JudgeFacts { now: Timestamp::UNIX_EPOCH, registries: &registries, files: &[], computed: None };
        let values = object(values);
        let earlier = EarlierAnswers { form: &before, values: &values };
        Json::Object(reusable(earlier, &now, &object(typed), facts))
    }

    #[test]
    fn an_answer_goes_only_into_an_empty_question_of_the_same_name_and_kind() {
        let before = || vec![field("name", text(20)), field("place", text(20)), field("note", text(20))];
        let now = vec![field("name", text(20)), field("place", FieldKind::YesNo), field("other", text(20))];
        let values = json!({ "name": "An", "place": "Phú Cường", "note": "x" });
        assert_eq!(take(before(), &values, now.clone(), &json!({})), json!({ "name": "An" }));
        assert_eq!(take(before(), &values, now.clone(), &json!({ "name": "Bình" })), json!({}), "it is not empty");
        assert_eq!(take(before(), &values, now, &json!({ "name": "  " })), json!({ "name": "An" }));
    }

    #[test]
    fn an_answer_that_is_wrong_today_or_hidden_stays_behind() {
        let before = || {
            let date = FieldKind::Date(kinds::Date { past: false, precision: Precision::Day });
            vec![field("kind", choices(&["a", "b"])), field("long", text(20)), field("day", date)]
        };
        let values = json!({ "kind": "b", "long": "Nguyễn Văn An", "day": "1985-09-02" });
        let past = FieldKind::Date(kinds::Date { past: true, precision: Precision::Day });
        let now = vec![field("kind", choices(&["a"])), field("long", text(5)), field("day", past)];
        assert_eq!(take(before(), &values, now, &json!({})), json!({}), "a choice, a length and a day");
        let now = || vec![field("kind", choices(&["a", "b"])), shown(field("long", text(20)), "kind == 'a'")];
        assert_eq!(take(before(), &values, now(), &json!({})), json!({ "kind": "b" }), "it hides the other");
        let chosen = take(before(), &values, now(), &json!({ "kind": "a" }));
        assert_eq!(chosen, json!({ "long": "Nguyễn Văn An" }));
    }

    #[test]
    fn a_consent_is_given_each_time_also_in_a_row() {
        let group = |fields| FieldKind::Group(kinds::Group { min: 0, max: 3, fields });
        let fields = || {
            let agreeing = group(vec![field("name", text(9)), field("agreed", FieldKind::Consent)]);
            let members = group(vec![field("name", text(9))]);
            vec![field("agreed", FieldKind::Consent), field("witnesses", agreeing), field("members", members)]
        };
        let values = json!({
            "agreed": true,
            "witnesses": [{ "name": "An", "agreed": true }],
            "members": [{ "name": "Bình" }],
        });
        assert_eq!(take(fields(), &values, fields(), &json!({})), json!({ "members": [{ "name": "Bình" }] }));
    }

    #[test]
    fn files_and_computed_values_are_never_taken() {
        for kind in samples() {
            let is_given =
                matches!(kind.structure(), Structure::Files(_) | Structure::Computed(_) | Structure::Explanation);
            if is_given {
                let fields = || vec![field("a", kind.clone())];
                assert_eq!(take(fields(), &json!({ "a": "x" }), fields(), &json!({})), json!({}), "{}", kind.name());
            }
        }
    }

    proptest! {
        #[test]
        fn a_draft_keeps_what_is_typed_and_gets_no_wrong_answer(
            values in prop::collection::vec(prop::option::of("[a-zà-ỹ0-9 ]{0,12}"), 5),
            typed in prop::collection::vec(prop::option::of("[a-z]{0,3}"), 5),
            longest in 1_usize..12,
        ) {
            let ids = ["f0", "f1", "f2", "f3", "f4"];
            let answers = |given: &[Option<String>]| -> Map<String, Json> {
                let given = ids.iter().zip(given).filter_map(|(id, text)| Some(((*id).to_owned(), Json::from(text.clone()?))));
                given.collect()
            };
            let (values, typed) = (answers(&values), answers(&typed));
            let before = form(ids.iter().map(|id| field(id, text(20))).collect());
            let fields = ids.iter().enumerate().map(|(at, id)| match at {
                0 => field(id, text(longest)),
                _ => shown(field(id, text(longest)), &format!("{} != 'a'", ids[at - 1])),
            });
            let (now, registries) = (form(fields.collect()), registries());
            let facts =
                JudgeFacts { now: Timestamp::UNIX_EPOCH, registries: &registries, files: &[], computed: None };
            let taken = reusable(EarlierAnswers { form: &before, values: &values }, &now, &typed, facts);
            let mut whole = typed.clone();
            whole.extend(taken.clone());
            let judged = judge(&now, &whole, facts);
            for (id, answer) in &taken {
                prop_assert_eq!(values.get(id), Some(answer));
                prop_assert!(!typed.get(id).is_some_and(anything));
                prop_assert!(judged.values.contains_key(id));
                prop_assert!(!judged.findings.iter().any(|found| found.path == *id));
            }
        }
    }
}
