//! The typed fields of a form, as a browser posts them: `name`, several `name`s, or `name.<row>.<field>` for groups.

use motcua_domain::dates::joined;
use motcua_domain::form::kinds::{InputForm, Structure};
use motcua_domain::form::{AnswerRows, Field, FieldChoice};
use motcua_domain::number;
use motcua_domain::text::Language;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeSet, HashMap};

/// The name of the hidden field with the language of a form's page. No field of a form can have it.
pub const PAGE_LANGUAGE: &str = "_language";

/// The largest group that can be typed. Exceeding the form's own limit is a finding.
const MOST_ROWS: usize = 200;

/// The most dots of a name before the number of a row. No form is as deep.
const DEEPEST: usize = 8;

/// The posted fields by name, so that each name takes one look-up.
#[derive(Debug, Default)]
struct PostedFields<'a> {
    values: HashMap<&'a str, Vec<&'a str>>,
    /// The rows of each group that has some.
    rows: HashMap<&'a str, BTreeSet<usize>>,
}

impl<'a> PostedFields<'a> {
    fn of(posted: &'a [(String, String)]) -> Self {
        let mut found = Self::default();
        for (name, value) in posted {
            found.values.entry(name).or_default().push(value);
            for (dot, _) in name.match_indices('.').take(DEEPEST) {
                let (group, rest) = (name.get(..dot).unwrap_or_default(), name.get(dot + 1..).unwrap_or_default());
                if let Some(row) = rest.split('.').next().and_then(|row| row.parse().ok()) {
                    found.rows.entry(group).or_default().insert(row);
                }
            }
        }
        found
    }

    fn values(&self, name: &str) -> &[&'a str] {
        self.values.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    fn last(&self, name: &str) -> Option<&'a str> {
        self.values(name).last().copied()
    }

    /// Returns the language of the page on which numbers were typed.
    fn language(&self) -> Language {
        self.last(PAGE_LANGUAGE).map_or(Language::Vi, Language::from_tag)
    }

    /// Returns a date: one text, or three boxes `name.day`, `name.month` and `name.year`.
    fn date(&self, name: &str) -> Option<String> {
        let boxes = ["day", "month", "year"].map(|part| self.last(&format!("{name}.{part}")));
        if boxes.iter().all(Option::is_none) {
            return self.last(name).map(str::to_owned);
        }
        let [day, month, year] = boxes.map(Option::unwrap_or_default);
        Some(joined(day, month, year))
    }
}

/// Returns the answers that were typed into these fields. Their posted names begin with `prefix`.
pub fn typed_in<'a>(
    fields: impl IntoIterator<Item = &'a Field>,
    prefix: &str,
    posted: &[(String, String)],
) -> Map<String, Json> {
    parts(fields, prefix, &PostedFields::of(posted))
}

/// Returns the answers of one row or block.
fn parts<'a>(
    fields: impl IntoIterator<Item = &'a Field>,
    prefix: &str,
    posted: &PostedFields<'_>,
) -> Map<String, Json> {
    let value = |field: &Field| (field.id.clone(), typed(field, &format!("{prefix}{}", field.id), posted));
    fields.into_iter().map(value).collect()
}

fn typed(field: &Field, name: &str, posted: &PostedFields<'_>) -> Json {
    let within = |fields: &[Field], prefix: String| Json::Object(parts(fields, &prefix, posted));
    match field.kind.structure() {
        Structure::Rows(AnswerRows::Added { .. }, parts) => {
            let rows = posted.rows.get(name).into_iter().flatten().take(MOST_ROWS);
            rows.map(|row| within(parts, format!("{name}.{row}."))).collect()
        }
        Structure::Rows(AnswerRows::Named(rows), parts) => {
            let row = |row: &FieldChoice| (row.value.clone(), within(parts, format!("{name}.{}.", row.value)));
            Json::Object(rows.iter().map(row).collect())
        }
        Structure::Block(block) => within(&block.parts, format!("{name}.")),
        Structure::Single(_) | Structure::Files(_) | Structure::Computed(_) | Structure::Explanation => {
            one(field.kind.input_form(), name, posted)
        }
    }
}

/// Returns the answer of a field without parts.
fn one(form: InputForm, name: &str, posted: &PostedFields<'_>) -> Json {
    match form {
        InputForm::List => posted.values(name).iter().copied().map(Json::from).collect(),
        InputForm::Date => posted.date(name).map_or(Json::Null, Json::from),
        InputForm::Number => posted.last(name).map_or(Json::Null, |text| number::typed(text, posted.language())),
        InputForm::Text => posted.last(name).map_or(Json::Null, Json::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::form::{FieldKind, kinds};
    use motcua_domain::text::Text;
    use serde_json::json;

    fn field(id: &str, kind: FieldKind) -> Field {
        Field::new(id, Text::new(id, id), kind)
    }

    fn text(id: &str) -> Field {
        field(id, FieldKind::Text(kinds::Text { max: 9 }))
    }

    fn posted(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_rows_of_a_group_are_those_that_were_posted_in_their_order() {
        let fields = [field(
            "members",
            FieldKind::Group(kinds::Group { fields: vec![text("name"), text("share")], min: 0, max: 9 }),
        )];
        let posted = posted(&[
            ("fill.members.10.name", "Bình"),
            ("fill.members.2.name", "An"),
            ("fill.members.2.share", "40"),
            ("fill.members.2.share", "60"),
            ("members.3.name", "elsewhere"),
            ("fill.members.x.name", "no row"),
        ]);
        let expected = json!({ "members": [
            { "name": "An", "share": "60" },
            { "name": "Bình", "share": null },
        ] });
        assert_eq!(Json::Object(typed_in(&fields, "fill.", &posted)), expected);
    }

    #[test]
    fn a_group_has_no_more_rows_than_can_be_typed() {
        let fields = [field("members", FieldKind::Group(kinds::Group { fields: vec![text("name")], min: 0, max: 9 }))];
        let rows = (0..2 * MOST_ROWS).map(|row| (format!("members.{row}.name"), row.to_string()));
        let typed = typed_in(&fields, "", &rows.collect::<Vec<_>>());
        let members = typed["members"].as_array().expect("a list");
        assert_eq!(members.len(), MOST_ROWS);
        assert_eq!(members[MOST_ROWS - 1]["name"], json!((MOST_ROWS - 1).to_string()));
    }
}
