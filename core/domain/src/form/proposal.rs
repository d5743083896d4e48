//! Proposals of plugins for a new form.

use crate::form::finding::FindingWords;
use crate::form::kinds::{Input, SingleKind, Structure};
use crate::form::{AnswerRows, Field, FieldKind};
use crate::registry::Registries;
use crate::text::Text;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// Returns the reason why a question does not take a number, if it asks for a number. The type of a number where a day is
/// asked is wrong already.
pub fn rejected_number(kind: &FieldKind, value: &Json) -> Option<Text> {
    let asks_number = kind.answer_type().is_number();
    let rejected = match kind.structure() {
        Structure::Single(kind) if asks_number && value.is_number() => read_alone(kind, value).err(),
        _ => None,
    };
    rejected.map(|(_, text)| text)
}

/// Returns a proposal as far as a question has room for it: no more rows than a group may have, no rows and parts that
/// the question does not have, and no text that is too long, because half a text would mislead. The applicant corrects
/// all else.
pub fn fitting(kind: &FieldKind, proposed: Json) -> Option<Json> {
    match (kind.structure(), proposed) {
        (Structure::Single(kind), value) => has_room(kind, &value).then_some(value),
        (Structure::Block(block), Json::Object(row)) => Some(fitting_parts(&block.parts, row)),
        (Structure::Rows(AnswerRows::Added { most, .. }, parts), Json::Array(rows)) => {
            let rows = rows.into_iter().take(most).map(|row| match row {
                Json::Object(row) => fitting_parts(parts, row),
                _ => Json::Object(Map::new()),
            });
            Some(rows.collect())
        }
        (Structure::Rows(AnswerRows::Named(known), parts), Json::Object(mut rows)) => {
            let row = |value: &String| match rows.remove(value) {
                Some(Json::Object(row)) => Some((value.clone(), fitting_parts(parts, row))),
                _ => None,
            };
            Some(Json::Object(known.iter().map(|row| &row.value).filter_map(row).collect()))
        }
        _ => None,
    }
}

fn fitting_parts(parts: &[Field], mut row: Map<String, Json>) -> Json {
    let part = |part: &Field| Some((part.id.clone(), fitting(&part.kind, row.remove(&part.id)?)?));
    Json::Object(parts.iter().filter_map(part).collect())
}

/// Returns whether an answer is not too long.
fn has_room(kind: &dyn SingleKind, value: &Json) -> bool {
    !matches!(read_alone(kind, value), Err(("too-long", _)))
}

/// Reads an answer without the answers beside it.
fn read_alone(kind: &dyn SingleKind, value: &Json) -> Result<Option<Json>, FindingWords> {
    let context = Map::new();
    let (now, registries) = (Timestamp::UNIX_EPOCH, Registries::NONE);
    kind.read(&Input { typed: Some(value), context: &context, now, registries })
}

#[cfg(test)]
mod tests {
    use super::{fitting, rejected_number};
    use crate::dates::Precision;
    use crate::form::testing::field;
    use crate::form::{FieldKind, kinds};
    use serde_json::json;

    #[test]
    fn a_number_outside_of_its_limits_is_rejected_with_the_reason() {
        let wells = FieldKind::Integer(kinds::Integer { min: Some(1), max: Some(9), unit: None });
        assert_eq!(rejected_number(&wells, &json!(9)), None);
        assert!(rejected_number(&wells, &json!(10)).is_some_and(|text| text.vi.contains('9')));
        assert_eq!(rejected_number(&FieldKind::YesNo, &json!(10)), None);
        let day = FieldKind::Date(kinds::Date { past: false, precision: Precision::Day });
        assert_eq!(rejected_number(&day, &json!(-1996)), None, "the check of types tells it");
    }

    #[test]
    fn a_proposal_has_no_more_rows_and_no_longer_texts_than_the_form_takes() {
        let text = || FieldKind::Text(kinds::Text { max: 5 });
        let members = FieldKind::Group(kinds::Group { min: 0, max: 3, fields: vec![field("name", text())] });
        let rows = json!(vec![json!({"name": "An", "other": 1}); 2_000]);
        assert_eq!(fitting(&members, rows), Some(json!(vec![json!({"name": "An"}); 3])));
        assert_eq!(fitting(&members, json!([{"name": "Nguyễn Văn An"}, 7])), Some(json!([{}, {}])));
        assert_eq!(fitting(&members, json!("An")), None);
        assert_eq!(fitting(&text(), json!("An")), Some(json!("An")));
        assert_eq!(fitting(&text(), json!("Nguyễn Văn An")), None);
        let date = FieldKind::Date(kinds::Date { past: true, precision: Precision::Day });
        assert_eq!(fitting(&date, json!("no day")), Some(json!("no day")), "the applicant corrects it");
    }
}
