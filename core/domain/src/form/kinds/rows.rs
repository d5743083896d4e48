//! Groups and tables: the same questions in each row.

use crate::form::{AnswerRows, Field, FieldChoice};
use serde::{Deserialize, Serialize};

/// A repeating group, such as the members of a company.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub min: usize,
    pub max: usize,
    pub fields: Vec<Field>,
}

/// The same questions for each row of a fixed list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub rows: Vec<FieldChoice>,
    pub fields: Vec<Field>,
}

impl Group {
    pub(super) const fn rows(&self) -> AnswerRows<'_> {
        AnswerRows::Added { least: self.min, most: self.max }
    }
}

impl Table {
    pub(super) fn rows(&self) -> AnswerRows<'_> {
        AnswerRows::Named(&self.rows)
    }
}

#[cfg(test)]
mod tests {
    use crate::form::testing::{codes, field, form, judge_json};
    use crate::form::{FieldChoice, FieldKind, kinds};
    use crate::text::Text;
    use serde_json::json;

    #[test]
    fn a_table_asks_the_same_of_each_of_its_rows() {
        let row = |value: &str| FieldChoice { value: value.into(), label: Text::vi(value) };
        let amount = field("amount", FieldKind::Integer(kinds::Integer { min: Some(0), max: None, unit: None }));
        let form = form(vec![field(
            "years",
            FieldKind::Table(kinds::Table { rows: vec![row("y1"), row("y2")], fields: vec![amount] }),
        )]);
        let judged = judge_json(&form, json!({"years": {"y1": {"amount": "5"}, "y2": {"amount": "-1"}, "y3": {}}}));
        assert_eq!(judged.values["years"], json!({"y1": {"amount": 5}, "y2": {}}));
        assert_eq!(codes(&judged), [("years.y2.amount", "range")]);
    }
}
