//! Proposals of plugins for a new form.

use crate::form::kinds::{Input, SingleKind, Structure};
use crate::form::{AnswerRows, Field, FieldKind};
use crate::registry::Registries;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

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
    let context = Map::new();
    let (now, registries) = (Timestamp::UNIX_EPOCH, Registries::NONE);
    let read = kind.read(&Input { typed: Some(value), context: &context, now, registries });
    !matches!(read, Err(("too-long", _)))
}

#[cfg(test)]
mod tests {
    use super::fitting;
    use crate::form::testing::field;
    use crate::form::{FieldKind, kinds};
    use serde_json::json;

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
        let date = FieldKind::Date(kinds::Date { past: true, precision: crate::dates::Precision::Day });
        assert_eq!(fitting(&date, json!("no day")), Some(json!("no day")), "the applicant corrects it");
    }
}
