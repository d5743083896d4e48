//! The choices of a file's questions, which a condition may name without quotes.

use motcua_domain::expression::Expression;
use motcua_domain::text;
use motcua_domain::text::Text;
use toml::de::{DeTable, DeValue};

/// A choice of a question.
struct WrittenChoice {
    question: String,
    value: String,
}

/// Returns the advice to put a name of an expression in quotes, if it is a choice of a question in the file.
pub(super) fn quotes(file: &str, expression: &Expression, name: &str) -> Option<Text> {
    let parsed = DeTable::parse(file).ok()?;
    let mut found = Vec::new();
    collect(parsed.get_ref(), &|value: &str| is_meant(value, name, expression.source()), &mut found);
    let is_read = |choice: &&WrittenChoice| expression.names().contains(&choice.question);
    let choice = found.iter().find(is_read).or_else(|| found.first())?;
    Some(put_in_quotes(&choice.question, &choice.value, expression))
}

/// Returns whether a name of an expression is this choice. CEL reads a choice with `-` as several names.
pub fn is_meant(choice: &str, name: &str, expression: &str) -> bool {
    let is_part = || choice.split('-').any(|part| part == name) && expression.contains(choice);
    choice == name || is_part()
}

/// Returns the advice to put a choice of a question in quotes.
pub fn put_in_quotes(question: &str, choice: &str, expression: &Expression) -> Text {
    let written = if expression.names().iter().any(|name| name == question) {
        format!("{question} == '{choice}'")
    } else {
        format!("'{choice}'")
    };
    text!(
        "`{choice}` là một lựa chọn của `{question}`: hãy viết nó trong dấu nháy, `{written}`",
        "`{choice}` is a choice of `{question}`: write it in quotes, `{written}`"
    )
}

/// Collects the choices of all questions in a table that are meant.
fn collect(table: &DeTable<'_>, is_meant: &dyn Fn(&str) -> bool, found: &mut Vec<WrittenChoice>) {
    let question = table.get("id").and_then(|id| id.get_ref().as_str());
    let choices = table.get("choices").and_then(|choices| choices.get_ref().as_array());
    if let Some((question, choices)) = question.zip(choices) {
        let value = |choice: &DeValue<'_>| Some(choice.as_table()?.get("value")?.get_ref().as_str()?.to_owned());
        let values = choices.iter().filter_map(|choice| value(choice.get_ref())).filter(|value| is_meant(value));
        found.extend(values.map(|value| WrittenChoice { question: question.to_owned(), value }));
    }
    for value in table.values() {
        match value.get_ref() {
            DeValue::Table(inner) => collect(inner, is_meant, found),
            DeValue::Array(items) => {
                for inner in items.iter().filter_map(|item| item.get_ref().as_table()) {
                    collect(inner, is_meant, found);
                }
            }
            _ => {}
        }
    }
}
