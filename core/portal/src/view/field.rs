//! A field of a form as a page shows it.

mod areas;

pub use areas::LeadingAreas;

use crate::view::basis::BasisContext;
use crate::view::by_place::ByPlace;
use crate::view::files::FileContext;
use crate::view::refused::offered;
use motcua_domain::dates;
use motcua_domain::expression::WorkBudget;
use motcua_domain::form::judge::{Finding, Severity};
use motcua_domain::form::kinds::{InputForm, Structure, entry_code};
use motcua_domain::form::{AnswerRows, Field, FieldChoice, FieldKind, MapShape, kinds, row_context};
use motcua_domain::legal::LegalDocuments;
use motcua_domain::registry::{Registries, Registry, RegistryEntry};
use motcua_domain::text::Language;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// A field with its typed answer and the findings about it.
#[derive(Debug, Clone, Serialize)]
pub struct FieldContext {
    /// The name of the control, which is also its id on the page.
    pub name: String,
    /// The question.
    pub label: String,
    /// The help in the limited Markdown.
    pub help: String,
    /// The legal basis of asking.
    pub basis: Vec<BasisContext>,
    /// `line`, `date`, `text`, `choice`, `choices`, `select`, `search`, `yes-no`, `consent`, `explanation`, `computed`,
    /// `map`, `file`, `block`, `table` or `group`.
    pub widget: &'static str,
    /// The field must be answered.
    pub required: bool,
    /// The typed answer, or an empty text. A closed question has it in `choices`, too.
    pub value: String,
    /// The answers to choose from, of a closed question or a list.
    pub choices: Vec<ChoiceContext>,
    /// The unit of the answer, such as `m²`, or an empty text.
    pub unit: String,
    /// The keyboard of a phone: the attribute `inputmode`.
    pub inputmode: &'static str,
    /// The attribute `autocomplete`, such as `tel`. It is `off` unless the field asks for the applicant's own data.
    pub autocomplete: &'static str,
    /// An example of an answer, or an empty text.
    pub placeholder: &'static str,
    /// The findings about this field.
    pub findings: Vec<FindingContext>,
    /// The rows of a group or a table, or the one row of a block.
    pub rows: Vec<RowContext>,
    /// Another row or file may be added.
    pub more: bool,
    /// The list depends on another answer, and a button refreshes it.
    pub depends: bool,
    /// The attached files of a file field.
    pub files: Vec<FileContext>,
    /// The types that the browser's file dialogue offers.
    pub accept: String,
    /// The precision of a date: `day`, `month` or `year`.
    pub precision: &'static str,
    /// The shape of a place on a map: `point` or `area`. Other fields have an empty text.
    pub shape: &'static str,
    /// The boxes of a date. Each accepts digits only, so that a phone's keypad is enough.
    pub boxes: Vec<BoxContext>,
    /// The answer in words, if the question was asked before the form and answered, or an empty text.
    pub given: String,
    /// The source of an answer that nobody typed into the form and that the applicant has not looked over: `case` for the
    /// page of the procedure, `account`, or the code of an earlier dossier. Other answers have an empty text.
    pub taken: String,
}

/// A box of a date.
#[derive(Debug, Clone, Serialize)]
pub struct BoxContext {
    /// `day`, `month` or `year`. The name of the box ends with this word, after the name of the field.
    pub part: &'static str,
    /// The typed digits, or an empty text.
    pub value: String,
    /// The attribute `autocomplete`, such as `bday-day`, or `off`.
    pub autocomplete: &'static str,
}

/// A row of a group or a table.
#[derive(Debug, Clone, Serialize)]
pub struct RowContext {
    /// The number of the row, from 0.
    pub index: usize,
    /// The name of a table's row. Other rows have an empty text.
    pub label: String,
    /// The fields of the row.
    pub fields: Vec<FieldContext>,
}

/// An answer of a closed question.
#[derive(Debug, Clone, Serialize)]
pub struct ChoiceContext {
    /// The value that the control posts.
    pub value: String,
    /// The answer in words.
    pub label: String,
    /// The answer is chosen.
    pub chosen: bool,
}

/// A finding about an answer.
#[derive(Debug, Clone, Serialize)]
pub struct FindingContext {
    /// The field of the finding, as the anchor on the page.
    pub path: String,
    /// The finding must be corrected. Other findings are hints.
    pub error: bool,
    /// The finding in words.
    pub text: String,
}

/// Returns a finding in a language.
pub fn finding(finding: &Finding, language: Language) -> FindingContext {
    FindingContext {
        path: finding.path.clone(),
        error: finding.severity == Severity::Error,
        text: finding.text.get(language).to_owned(),
    }
}

/// The data with which the fields of a page are shown.
#[derive(Clone, Copy)]
pub struct FieldsContext<'a> {
    pub findings: &'a ByPlace<'a>,
    /// The budget of the conditions of the page. Fields whose conditions exceed it are shown.
    pub work: &'a WorkBudget,
    pub registries: &'a Registries,
    pub language: Language,
    /// The areas that a question offers, if its answer leads to the agency.
    pub areas: Option<&'a LeadingAreas<'a>>,
    /// The files attached under an id.
    pub files: &'a dyn Fn(&str) -> Vec<FileContext>,
    /// The documents that legal bases name.
    pub documents: LegalDocuments<'a>,
}

/// The longest registry that is scrolled. Longer ones are searched by typing.
const LONGEST_SELECT: usize = 250;

/// Returns the shown `fields` with their typed answers. `values` has the judged answers beside them, `context` the
/// answers for conditions.
pub fn fields(
    fields: &[Field],
    prefix: &str,
    typed: &Map<String, Json>,
    values: &Map<String, Json>,
    context: &Map<String, Json>,
    around: FieldsContext<'_>,
) -> Vec<FieldContext> {
    let seen = fields.iter().filter(|field| !field.kind.is_helper());
    let shown = seen.filter(|field| field.shown.holds_within(context, around.work));
    shown
        .map(|field| {
            let one = FieldOnPage { field, name: format!("{prefix}{}", field.id), values, context, around };
            one.show(typed.get(&field.id))
        })
        .collect()
}

/// Returns the name of the first question of a page that neither the page before asked nor the form answered. New rows
/// were filled in already.
pub fn new_question<'a>(
    now: &'a [FieldContext],
    before: &[FieldContext],
    posted: &[(String, String)],
) -> Option<&'a str> {
    let answers =
        |name: &str, key: &str| key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    now.iter().find_map(|field| {
        let Some(old) = before.iter().find(|old| old.name == field.name) else {
            let is_answered = posted.iter().any(|(key, _)| answers(&field.name, key));
            return (!is_answered).then_some(field.name.as_str());
        };
        field.rows.iter().find_map(|row| {
            let old = old.rows.iter().find(|old| old.index == row.index)?;
            new_question(&row.fields, &old.fields, posted)
        })
    })
}

/// Returns the name of the row or of the group at which a page begins after a button changed its rows: the row that was
/// added, or the one in the place of a row that was removed, if there is one. It is empty after other buttons.
pub fn changed_row(fields: &[FieldContext], wish: &str) -> String {
    let find = |name: &str| fields.iter().find(|field| field.name == name);
    if let Some(group) = wish.strip_prefix("add:").and_then(find) {
        return group.rows.last().map_or_else(|| group.name.clone(), |row| format!("{}.{}", group.name, row.index));
    }
    let removed = wish.strip_prefix("remove:").and_then(|row| row.rsplit_once('.'));
    let Some((group, index)) = removed.and_then(|(name, index)| Some((find(name)?, index))) else {
        return String::new();
    };
    let follows = group.rows.iter().any(|row| row.index.to_string() == index);
    if follows { format!("{}.{index}", group.name) } else { group.name.clone() }
}

/// Returns the fields that a browser posts if nobody types into them.
pub fn as_posted(fields: &[FieldContext]) -> Vec<(String, String)> {
    let mut posted = Vec::new();
    for field in fields {
        post(field, &mut posted);
    }
    posted
}

fn post(field: &FieldContext, posted: &mut Vec<(String, String)>) {
    let mut say = |value: &str| posted.push((field.name.clone(), value.to_owned()));
    let chosen = || field.choices.iter().filter(|choice| choice.chosen);
    match field.widget {
        "line" | "text" | "search" | "map" => say(&field.value),
        "date" => {
            let name = &field.name;
            posted.extend(field.boxes.iter().map(|one| (format!("{name}.{}", one.part), one.value.clone())));
        }
        "select" => say(chosen().next().map_or("", |choice| &choice.value)),
        "choices" => {
            for choice in chosen() {
                say(&choice.value);
            }
        }
        "choice" => match chosen().next() {
            Some(choice) => say(&choice.value),
            None if !field.required => say(""),
            None => {}
        },
        "yes-no" => match field.value.as_str() {
            "true" | "false" => say(&field.value),
            _ if !field.required => say(""),
            _ => {}
        },
        "consent" if field.value == "true" => say("true"),
        "group" | "block" | "table" => {
            for row in &field.rows {
                if field.widget == "group" {
                    posted.push((format!("{}.{}._", field.name, row.index), String::new()));
                }
                for inner in &row.fields {
                    post(inner, posted);
                }
            }
        }
        _ => {}
    }
}

struct FieldOnPage<'a> {
    field: &'a Field,
    name: String,
    values: &'a Map<String, Json>,
    context: &'a Map<String, Json>,
    around: FieldsContext<'a>,
}

impl FieldOnPage<'_> {
    fn show(&self, typed: Option<&Json>) -> FieldContext {
        let (field, language) = (self.field, self.around.language);
        let (widget, inputmode, autocomplete, placeholder) = self.widget();
        let rows = self.rows(typed);
        let files = if widget == "file" { (self.around.files)(&field.id) } else { Vec::new() };
        let (more, accept) = match field.kind.structure() {
            Structure::Rows(AnswerRows::Added { most, .. }, _) => (rows.len() < most, String::new()),
            Structure::Files(kind) => (files.len() < kind.max_files, offered(&kind.accept)),
            Structure::Single(_)
            | Structure::Block(_)
            | Structure::Rows(AnswerRows::Named(_), _)
            | Structure::Computed(_)
            | Structure::Explanation => (false, String::new()),
        };
        let findings = self.around.findings.at(&self.name);
        FieldContext {
            label: field.label.get(language).to_owned(),
            help: field.help.as_ref().map_or_else(String::new, |help| help.get(language).to_owned()),
            basis: BasisContext::cited(&self.around.documents.citations(&field.basis), language),
            widget,
            required: field.required.holds_within(self.context, self.around.work),
            value: self.value(typed),
            choices: self.choices(typed),
            unit: field.kind.unit(language).to_owned(),
            inputmode,
            autocomplete,
            placeholder,
            findings: findings.map(|found| finding(found, language)).collect(),
            rows,
            more,
            depends: field.kind.under().is_some(),
            files,
            accept,
            precision: field.kind.precision().name(),
            shape: field.kind.shape().map_or("", MapShape::name),
            boxes: self.boxes(typed),
            given: String::new(),
            taken: String::new(),
            name: self.name.clone(),
        }
    }

    fn widget(&self) -> (&'static str, &'static str, &'static str, &'static str) {
        match &self.field.kind {
            FieldKind::LongText(_) => ("text", "text", "off", ""),
            FieldKind::Integer(_) | FieldKind::Dong(_) | FieldKind::CitizenNumber(_) => ("line", "numeric", "off", ""),
            // The tax code of a branch has a dash.
            FieldKind::TaxCode => ("line", "text", "off", ""),
            FieldKind::Decimal(_) => ("line", "decimal", "off", ""),
            FieldKind::Date(_) => ("date", "numeric", "off", ""),
            FieldKind::DateTime(_) => match self.around.language {
                Language::Vi => ("line", "text", "off", "ngày/tháng/năm giờ:phút"),
                Language::En => ("line", "text", "off", "day/month/year hour:minute"),
            },
            FieldKind::Consent => ("consent", "", "", ""),
            FieldKind::Explanation => ("explanation", "", "", ""),
            FieldKind::Computed(_) => ("computed", "", "", ""),
            FieldKind::Phone(_) => ("line", "tel", self.own("phone", "tel"), ""),
            FieldKind::Email => ("line", "email", self.own("email", "email"), ""),
            FieldKind::YesNo => ("yes-no", "", "", ""),
            FieldKind::OneOf(_) => ("choice", "", "", ""),
            FieldKind::SeveralOf(_) => ("choices", "", "", ""),
            FieldKind::Registry(kinds::Registry { under, .. }) => {
                let long = match self.areas() {
                    Some(_) => self.entries("").len() > LONGEST_SELECT,
                    None => self.registry().is_some_and(|registry| registry.len() > LONGEST_SELECT),
                };
                if under.is_none() && long { ("search", "search", "off", "") } else { ("select", "", "", "") }
            }
            FieldKind::Map(kinds::Map { shape: MapShape::Point }) => ("map", "text", "off", "10.98069, 106.65138"),
            FieldKind::Map(kinds::Map { shape: MapShape::Area }) => ("map", "text", "off", ""),
            FieldKind::File(_) => ("file", "", "", ""),
            FieldKind::Group(_) => ("group", "", "", ""),
            FieldKind::Table(_) => ("table", "", "", ""),
            FieldKind::Address | FieldKind::Person(_) | FieldKind::Organisation | FieldKind::BankAccount => {
                ("block", "", "", "")
            }
            FieldKind::Text(_) => ("line", "text", self.own("name", "name"), ""),
        }
    }

    /// Returns the token for the browser's own data, but only where the form asks for the applicant's own, and not for
    /// that of a child, a company or a member.
    fn own(&self, what: &str, token: &'static str) -> &'static str {
        let name = self.name.as_str();
        let asked = ["applicant_", "full_"].iter().find_map(|prefix| name.strip_prefix(prefix));
        if asked.unwrap_or(name) == what { token } else { "off" }
    }

    /// Returns the boxes of a date with the typed answer, or with the author's proposal.
    fn boxes(&self, typed: Option<&Json>) -> Vec<BoxContext> {
        if self.field.kind.input_form() != InputForm::Date {
            return Vec::new();
        }
        let proposed = || self.values.get(&self.field.id).filter(|_| self.field.default.is_some());
        let values = typed.or_else(proposed).map(dates::boxes).unwrap_or_default();
        let parts = [("day", "bday-day"), ("month", "bday-month"), ("year", "bday-year")];
        // A date of birth without the word may be that of a child.
        let is_own = self.name == "applicant_birth_date";
        let own = |token| if is_own { token } else { "off" };
        let context = |((part, token), value)| BoxContext { part, value, autocomplete: own(token) };
        parts.into_iter().zip(values).map(context).collect()
    }

    fn registry(&self) -> Option<&Registry> {
        self.field.kind.registry().and_then(|name| self.around.registries.get(name))
    }

    /// Returns the areas that the question offers, if its answer leads to the agency.
    fn areas(&self) -> Option<&LeadingAreas<'_>> {
        self.around.areas.filter(|areas| areas.is_asked_at(&self.name))
    }

    /// Returns the entries of a registry that the question offers. `chosen` is the code of the typed answer.
    fn entries(&self, chosen: &str) -> Vec<&RegistryEntry> {
        let Some(registry) = self.registry() else { return Vec::new() };
        let parent = self.field.kind.under().map(|under| entry_code(self.values.get(under)).unwrap_or_default());
        let entries: Vec<&RegistryEntry> = registry.under(parent).collect();
        match self.areas() {
            Some(areas) => areas.among(entries, chosen),
            None => entries,
        }
    }

    fn value(&self, typed: Option<&Json>) -> String {
        let (kind, language) = (&self.field.kind, self.around.language);
        let value = self.values.get(&self.field.id);
        if kind.is_computed() {
            return kind.shown(value.unwrap_or(&Json::Null), language);
        }
        // The author's proposal stands there until somebody types.
        let proposed = || value.filter(|_| self.field.default.is_some());
        let Some(kept) = typed.or_else(proposed) else { return String::new() };
        let text = kind.retyped(kept, language);
        let searched = self.registry().filter(|_| self.widget().0 == "search");
        match searched.and_then(|known| known.entry(&text)) {
            Some(entry) => format!("{} {}", entry.code, entry.name.vi),
            None => text,
        }
    }

    fn choices(&self, typed: Option<&Json>) -> Vec<ChoiceContext> {
        let language = self.around.language;
        let value = self.value(typed);
        let chosen = |offered: &str| match typed {
            Some(Json::Array(items)) => items.iter().any(|item| item.as_str() == Some(offered)),
            _ => value == offered,
        };
        if self.registry().is_none() {
            let context = |choice: &FieldChoice| ChoiceContext {
                value: choice.value.clone(),
                label: choice.label.get(language).to_owned(),
                chosen: chosen(&choice.value),
            };
            return self.field.kind.choices().iter().map(context).collect();
        }
        let is_searched = self.widget().0 == "search";
        let context = |entry: &RegistryEntry| {
            let name = entry.name.get(language);
            ChoiceContext {
                value: if is_searched { format!("{} {name}", entry.code) } else { entry.code.clone() },
                label: name.to_owned(),
                chosen: chosen(&entry.code),
            }
        };
        self.entries(&value).into_iter().map(context).collect()
    }

    fn rows(&self, typed: Option<&Json>) -> Vec<RowContext> {
        let value = self.values.get(&self.field.id);
        match self.field.kind.structure() {
            Structure::Rows(AnswerRows::Added { least, .. }, _) => {
                let typed = typed.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
                let row = |index: usize| {
                    let prefix = format!("{}.{index}.", self.name);
                    let value = value.and_then(|value| value.get(index));
                    self.row(index, String::new(), &prefix, typed.get(index), value)
                };
                (0..typed.len().max(least)).map(row).collect()
            }
            Structure::Rows(AnswerRows::Named(rows), _) => {
                let row = |(index, known): (usize, &FieldChoice)| {
                    let prefix = format!("{}.{}.", self.name, known.value);
                    let label = known.label.get(self.around.language).to_owned();
                    let typed = typed.and_then(|typed| typed.get(&known.value));
                    self.row(index, label, &prefix, typed, value.and_then(|value| value.get(&known.value)))
                };
                rows.iter().enumerate().map(row).collect()
            }
            Structure::Block(_) => vec![self.row(0, String::new(), &format!("{}.", self.name), typed, value)],
            Structure::Single(_) | Structure::Files(_) | Structure::Computed(_) | Structure::Explanation => Vec::new(),
        }
    }

    fn row(&self, index: usize, label: String, prefix: &str, typed: Option<&Json>, value: Option<&Json>) -> RowContext {
        let empty = Map::new();
        let parts = self.field.kind.parts();
        let typed = typed.and_then(Json::as_object).unwrap_or(&empty);
        let values = value.and_then(Json::as_object).unwrap_or(&empty);
        let context = row_context(parts, self.context, values, self.around.work);
        RowContext { index, label, fields: fields(parts, prefix, typed, values, &context, self.around) }
    }
}

#[cfg(test)]
mod tests;
