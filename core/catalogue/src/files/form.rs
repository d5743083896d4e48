//! The form of a procedure: its sections, fields and rules.

use crate::reading::node::{ExpressionNames, ExpressionPurpose, FileTable, Placed, is_usable_id, usable_id};
use motcua_domain::dates::Precision;
use motcua_domain::form::{
    ADDRESS_REGISTRIES, Field, FieldChoice, FieldKind, Form, FormCheck, MapShape, Section, kinds,
};
use motcua_domain::money::Dong;
use motcua_domain::procedure::MediaKind;
use motcua_domain::registry::Registries;
use motcua_domain::text;
use std::collections::BTreeSet;

mod helpers;
pub mod keys;
mod limit_rules;
mod limits;
mod meaning;
mod nested;
mod own_answers;

use limits::FieldLimits;
pub use meaning::{LIGHTER, check_expressions, check_load, too_heavy};

/// Returns the ids of the fields of a table as written, because a condition may refer to a field that comes later, or
/// that has a mistake.
pub fn ids(table: &FileTable<'_>) -> Vec<String> {
    table.tables("field").into_iter().filter_map(|field| field.string("id")).map(|id| id.value).collect()
}

/// Returns the ids of all fields of the form.
pub fn field_ids(root: &FileTable<'_>) -> Vec<String> {
    root.tables("section").iter().flat_map(ids).collect()
}

/// Returns whether the header of a section or of a field is written otherwise, such as `[section]` or `[[sections]]`, so
/// that its fields are not read.
pub fn has_wrong_section(file: &str) -> bool {
    file.lines().map(str::trim).filter(|line| line.starts_with('[')).any(|header| {
        let mut names = header.trim_matches(['[', ']']).split('.').map(str::trim);
        match (names.next(), names.next()) {
            (Some("section"), None) => !header.starts_with("[["),
            (Some("section"), Some(below)) => below != "field" || !header.starts_with("[["),
            (Some(first), _) => first.starts_with("sect"),
            (None, _) => false,
        }
    })
}

/// Checks that an identifier is one in CEL and occurs once.
pub fn identifier(table: &FileTable<'_>, id: &Placed<String>, seen: &mut BTreeSet<String>) {
    /// Words that have a meaning in expressions.
    const RESERVED: [&str; 19] = [
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
        "null", "package", "return", "today", "true", "while",
    ];
    if !is_usable_id(&id.value) {
        let written = &id.value;
        let message = text!("không dùng được `{written}` làm mã", "`{written}` cannot be used as an id");
        let help = match usable_id(written) {
            Some(usable) => text!(
                "hãy viết chữ thường không dấu, chữ số và _, bắt đầu bằng chữ, chẳng hạn `{usable}`",
                "write lower-case letters, digits and _, a letter first, such as `{usable}`"
            ),
            None => text!(
                "hãy viết chữ thường không dấu, chữ số và _, bắt đầu bằng chữ",
                "write lower-case letters, digits and _, a letter first"
            ),
        };
        table.mistake("bad-id", id.span.clone(), message, help);
    } else if RESERVED.contains(&id.value.as_str()) {
        let written = &id.value;
        let message = text!(
            "`{written}` là từ của biểu thức nên không dùng làm mã được",
            "`{written}` is a word of expressions and cannot be used as an id"
        );
        table.mistake("bad-id", id.span.clone(), message, text!("hãy đặt tên khác", "give it another name"));
    }
    if !seen.insert(id.value.clone()) {
        let written = &id.value;
        let message = text!("mã `{written}` được dùng hai lần", "the id `{written}` is used twice");
        let help = text!("hãy đặt cho mỗi phần một mã riêng", "give each its own id");
        table.mistake("duplicate", id.span.clone(), message, help);
    }
}

/// The most fields of a form, including those of its groups and tables, because each is judged for every page.
const MOST_FIELDS: usize = 1_000;

/// Reads the sections and the rules. `first` is a page that the portal asks before those of the author.
pub fn read(root: &FileTable<'_>, names: ExpressionNames<'_>, registries: &Registries, first: Option<Section>) -> Form {
    let mut sections: Vec<Section> = first.into_iter().collect();
    let mut section_ids: BTreeSet<String> = sections.iter().map(|section| section.id.clone()).collect();
    let mut reader = FormReader::new(names, registries);
    reader.seen.extend(sections.iter().flat_map(|section| &section.fields).map(|field| field.id.clone()));
    for table in &root.tables("section") {
        let id = table.required_string("id", "\"applicant\"");
        let title = table.required_text("title").unwrap_or_default();
        let help = table.text("help");
        let fields = reader.fields(table);
        if fields.is_empty() && ids(table).is_empty() {
            table.missing("[[section.field]]", "\nid = \"full_name\"");
        }
        helpers::check_section(table, &fields);
        table.finish();
        if let Some(id) = id {
            identifier(table, &id, &mut section_ids);
            sections.push(Section { id: id.value, title, help, fields });
        }
    }
    let fields: Vec<&Field> = sections.iter().flat_map(|section| &section.fields).collect();
    reader.check_parents(root, &fields);
    let inner = |field: &&Field| if field.kind.rows().is_some() { 1 + field.kind.parts().len() } else { 1 };
    let count: usize = fields.iter().map(inner).sum();
    if count > MOST_FIELDS {
        let message = text!(
            "biểu mẫu có {count} trường, mà nhiều nhất là {MOST_FIELDS}",
            "the form has {count} fields, and at most {MOST_FIELDS} are taken"
        );
        let help = text!("hãy hỏi ít hơn, hoặc tách thành hai thủ tục", "ask less, or make two procedures of it");
        root.mistake("too-many", root.place("section"), message, help);
    }
    let checks = read_checks(root, "check", names);
    helpers::check_rules(root, &sections, &checks);
    Form { sections, checks }
}

/// Reads the rules over answers.
pub fn read_checks(table: &FileTable<'_>, key: &'static str, names: ExpressionNames<'_>) -> Vec<FormCheck> {
    let read = |table: &FileTable<'_>| {
        let holds = table.required_expression("holds", names, ExpressionPurpose::Rule, "\"wells <= 10\"");
        let text = table.required_text("text");
        let field = table.string("field");
        if let Some(field) = field.as_ref().filter(|field| !names.known.contains(&field.value.as_str())) {
            table.unknown_word("field", field, names.known.iter().copied());
        }
        let basis = table.basis("basis");
        table.finish();
        Some(FormCheck { holds: holds?, text: text?, field: field.map(|field| field.value), basis })
    };
    table.tables(key).iter().filter_map(read).collect()
}

/// A reader of fields.
pub struct FormReader<'a> {
    /// People attach files at the questions.
    pub takes_files: bool,
    names: ExpressionNames<'a>,
    registries: &'a Registries,
    seen: BTreeSet<String>,
    /// The fields on which lists depend, at the places that name them.
    parents: Vec<Placed<String>>,
    /// The fields with which a citizen number must agree, at the places that name them.
    births: Vec<Placed<String>>,
    sexes: Vec<Placed<String>>,
}

impl<'a> FormReader<'a> {
    pub fn new(names: ExpressionNames<'a>, registries: &'a Registries) -> Self {
        let (parents, births, sexes) = (Vec::new(), Vec::new(), Vec::new());
        Self { takes_files: true, names, registries, seen: BTreeSet::new(), parents, births, sexes }
    }

    /// Reads the fields of a table.
    pub fn fields(&mut self, table: &FileTable<'_>) -> Vec<Field> {
        table.tables("field").iter().filter_map(|field| self.field(field)).collect()
    }

    /// Reads a field, and notes its id if it has a mistake.
    fn field(&mut self, table: &FileTable<'_>) -> Option<Field> {
        let before = table.report.len();
        let field = self.read_field(table);
        if table.report.len() > before
            && let Some(id) = table.string("id")
        {
            self.names.written.borrow_mut().faulty.insert(id.value);
        }
        field
    }

    fn read_field(&mut self, table: &FileTable<'_>) -> Option<Field> {
        let id = table.required_string("id", "\"full_name\"");
        let label = table.required_text("label");
        let help = table.text("help");
        let shown = table.condition("shown", true, self.names, ExpressionPurpose::When, None);
        let required = table.condition("required", true, self.names, ExpressionPurpose::When, Some(&shown));
        let default = table.proposal("default", self.names);
        let (at_least, at_most) = (table.bound("min", self.names), table.bound("max", self.names));
        let limits = FieldLimits { table, by_expression: [at_least.is_some(), at_most.is_some()] };
        let kind = self.kind(table, id.as_ref().map(|id| id.value.as_str()), &limits);
        let basis = table.basis("basis");
        let from_account = own_answers::from_account(table, kind.as_ref(), self.names.group.is_some());
        if kind.is_none() {
            table.know_all_keys();
        }
        table.finish();
        if let Some(id) = &id {
            identifier(table, id, &mut self.seen);
        }
        if let Some(kind) = &kind {
            limits.check(kind, default.as_ref());
        }
        if let Some(id) = &id {
            own_answers::check(table, &id.value, &shown, kind.as_ref(), default.as_ref());
        }
        let (id, label, kind) = (id?.value, label?, kind?);
        Some(Field { id, label, help, required, shown, default, from_account, at_least, at_most, basis, kind })
    }

    fn kind(&mut self, table: &FileTable<'_>, id: Option<&str>, limits: &FieldLimits<'_, '_>) -> Option<FieldKind> {
        let word = table.required_string("kind", "\"text\"")?;
        let past = || table.boolean("past").unwrap_or(false);
        let precision = || table.word("precision", &Precision::ALL, Precision::name).unwrap_or_default();
        let may = |key| table.boolean(key).unwrap_or(false);
        let within_group = self.names.group.is_some();
        Some(match word.value.as_str() {
            "text" => FieldKind::Text(kinds::Text { max: size(table, "max", 200, 1000) }),
            "long-text" => FieldKind::LongText(kinds::LongText { max: size(table, "max", 2000, 20_000) }),
            "integer" => FieldKind::Integer(kinds::Integer {
                min: limits.whole(0),
                max: limits.whole(1),
                unit: table.text("unit"),
            }),
            "decimal" => FieldKind::Decimal(kinds::Decimal {
                min: limits.number(0),
                max: limits.number(1),
                places: u32::try_from(table.integer_or_default("places")).unwrap_or_default(),
                unit: table.text("unit"),
            }),
            "dong" => FieldKind::Dong(kinds::Dong { min: limits.whole(0).map(Dong), max: limits.whole(1).map(Dong) }),
            "date" => FieldKind::Date(kinds::Date { past: past(), precision: precision() }),
            "date-time" => FieldKind::DateTime(kinds::DateTime { past: past() }),
            "consent" => FieldKind::Consent,
            "explanation" => FieldKind::Explanation,
            "computed" => self.computed(table)?,
            "yes-no" => FieldKind::YesNo,
            "one-of" => FieldKind::OneOf(kinds::OneOf { choices: read_choices(table, "choices") }),
            "several-of" => FieldKind::SeveralOf(kinds::SeveralOf { choices: read_choices(table, "choices") }),
            "registry" => self.registry(table)?,
            "phone" => FieldKind::Phone(kinds::Phone { landline: may("landline"), foreign: may("foreign") }),
            "email" => FieldKind::Email,
            "citizen-number" => self.citizen_number(table),
            "tax-code" => FieldKind::TaxCode,
            "bank-account" => FieldKind::BankAccount,
            "address" | "person" | "organisation" => {
                for registry in ADDRESS_REGISTRIES {
                    known_registry(
                        table,
                        self.registries,
                        &Placed { value: registry.to_owned(), span: word.span.clone() },
                    );
                }
                match word.value.as_str() {
                    "address" => FieldKind::Address,
                    "person" => FieldKind::Person(kinds::Person { precision: precision() }),
                    _ => FieldKind::Organisation,
                }
            }
            "map" => FieldKind::Map(kinds::Map {
                shape: table.word("shape", &MapShape::ALL, MapShape::name).unwrap_or(MapShape::Point),
            }),
            "group" if !within_group => self.group(table, &word, id),
            "table" if !within_group => self.table(table, &word, id),
            "file" if !within_group && self.takes_files => FieldKind::File(kinds::File {
                accept: accepted(table),
                max_bytes: max_bytes(table),
                max_files: max_files(table),
            }),
            "file" if !within_group => {
                nested::files_of_officers(table, &word);
                return None;
            }
            "group" | "table" | "file" => {
                nested::in_rows(table, &word);
                return None;
            }
            _ => {
                table.unknown_word("kind", &word, FieldKind::NAMES.iter().copied());
                return None;
            }
        })
    }

    fn computed(&self, table: &FileTable<'_>) -> Option<FieldKind> {
        let by_plugin = table.word("from", &["plugin"], |word| word).is_some();
        let helper = table.boolean("helper").unwrap_or(false);
        if by_plugin && self.names.group.is_some() {
            nested::plugin_value(table);
        }
        let value = if by_plugin {
            None
        } else {
            Some(table.required_expression("value", self.names, ExpressionPurpose::Value, "\"count * price\"")?)
        };
        Some(FieldKind::Computed(kinds::Computed { value, unit: table.text("unit"), helper }))
    }

    fn registry(&mut self, table: &FileTable<'_>) -> Option<FieldKind> {
        let registry = table.required_string("registry", "\"communes\"")?;
        known_registry(table, self.registries, &registry);
        let under = table.string("under");
        self.parents.extend(under.clone());
        Some(FieldKind::Registry(kinds::Registry { registry: registry.value, under: under.map(|under| under.value) }))
    }

    fn citizen_number(&mut self, table: &FileTable<'_>) -> FieldKind {
        let (birth, sex) = (table.string("birth"), table.string("sex"));
        self.births.extend(birth.clone());
        self.sexes.extend(sex.clone());
        FieldKind::CitizenNumber(kinds::CitizenNumber {
            birth: birth.map(|birth| birth.value),
            sex: sex.map(|sex| sex.value),
        })
    }

    fn group(&self, table: &FileTable<'_>, word: &Placed<String>, id: Option<&str>) -> FieldKind {
        let (min, max) = (size(table, "min", 0, 100), size(table, "max", 50, 200));
        if min > max {
            let message = text!("ít nhất {min} dòng và nhiều nhất {max}", "at least {min} rows and at most {max}");
            table.mistake("out-of-range", word.span.clone(), message, limits::uncrossed());
        }
        FieldKind::Group(kinds::Group { min, max, fields: self.inner(table, id) })
    }

    fn table(&self, table: &FileTable<'_>, word: &Placed<String>, id: Option<&str>) -> FieldKind {
        let rows = read_choices(table, "rows");
        for row in &rows {
            let id = Placed { value: row.value.clone(), span: word.span.clone() };
            identifier(table, &id, &mut BTreeSet::new());
        }
        FieldKind::Table(kinds::Table { rows, fields: self.inner(table, id) })
    }

    /// Reads the fields of a group or a table. Their conditions read one another before the fields of the form.
    fn inner(&self, table: &FileTable<'_>, id: Option<&str>) -> Vec<Field> {
        let own = ids(table);
        let known: Vec<&str> = own.iter().map(String::as_str).chain(self.names.known.iter().copied()).collect();
        let names = ExpressionNames { known: &known, group: Some(id.unwrap_or_default()), written: self.names.written };
        let mut reader = FormReader::new(names, self.registries);
        let fields = reader.fields(table);
        reader.check_parents(table, &fields.iter().collect::<Vec<_>>());
        if own.is_empty() {
            table.missing("[[section.field.field]]", "\nid = \"name\"");
        }
        fields
    }

    /// Checks that a list depends on the entry of another registry beside it, and that a citizen number agrees with a
    /// date and a choice beside it.
    pub fn check_parents(&self, table: &FileTable<'_>, fields: &[&Field]) {
        let of_kind = |word: &'static str| {
            fields.iter().filter(move |field| field.kind.name() == word).map(|field| field.id.as_str())
        };
        for parent in self.parents.iter().filter(|parent| !of_kind("registry").any(|id| id == parent.value)) {
            table.unknown_word("field of kind registry", parent, of_kind("registry"));
        }
        for birth in self.births.iter().filter(|birth| !of_kind("date").any(|id| id == birth.value)) {
            table.unknown_word("field of kind date", birth, of_kind("date"));
        }
        let sexes =
            || fields.iter().filter(|field| asks_sex(&field.kind)).map(|f| f.id.as_str()).chain(["male", "female"]);
        for sex in self.sexes.iter().filter(|sex| !sexes().any(|id| id == sex.value)) {
            table.unknown_word("sex or field with the choice `male`", sex, sexes());
        }
    }
}

/// Tells the author of a registry that the province does not have.
pub fn known_registry(table: &FileTable<'_>, registries: &Registries, registry: &Placed<String>) {
    if registries.get(&registry.value).is_none() {
        let known: Vec<&str> = registries.0.keys().map(String::as_str).collect();
        let (name, all) = (&registry.value, known.join(", "));
        let message = text!("không có danh mục `{name}`", "there is no registry `{name}`");
        let help = if known.is_empty() {
            text!("hãy thêm registries/{name}.csv", "add registries/{name}.csv")
        } else {
            text!("hãy thêm registries/{name}.csv; hiện có {all}", "add registries/{name}.csv; there are {all}")
        };
        table.mistake("unknown-registry", registry.span.clone(), message, help);
    }
}

/// Returns whether a question offers the answer `male`.
fn asks_sex(kind: &FieldKind) -> bool {
    kind.exclusive_choices().is_some_and(|choices| choices.iter().any(|choice| choice.value == "male"))
}

/// Returns a whole number of at least 0, such as the most characters or rows.
fn size(table: &FileTable<'_>, key: &'static str, default: i64, max: i64) -> usize {
    usize::try_from(table.integer_within(key, 0, max).unwrap_or(default)).unwrap_or_default()
}

fn read_choices(table: &FileTable<'_>, key: &'static str) -> Vec<FieldChoice> {
    let mut choices = Vec::new();
    let mut seen = BTreeSet::new();
    for choice in table.tables(key) {
        let value = choice.required_string("value", "\"new\"");
        let label = choice.required_text("label");
        choice.finish();
        if let (Some(value), Some(label)) = (value, label) {
            if !seen.insert(value.value.clone()) {
                let message = text!("hai mục của `{key}` có cùng giá trị", "two {key} have the same value");
                let help = text!("hãy đặt cho mỗi mục một giá trị riêng", "give each its own value");
                choice.mistake("duplicate", value.span, message, help);
            }
            choices.push(FieldChoice { value: value.value, label });
        }
    }
    if choices.is_empty() {
        table.missing(key, "[{ value = \"new\", label = { vi = \"Mới\", en = \"New\" } }]");
    }
    choices
}

/// Returns the accepted kinds of files: PDF and photographs by default.
pub fn accepted(table: &FileTable<'_>) -> Vec<MediaKind> {
    let accept = table.words("accept", &MediaKind::ALL, MediaKind::name);
    if accept.is_empty() { MediaKind::OF_PAPERS.to_vec() } else { accept }
}

/// Returns the size of the largest file.
pub fn max_bytes(table: &FileTable<'_>) -> u64 {
    u64::try_from(table.integer_or_default("max_mb")).unwrap_or_default() << 20
}

/// Returns the most files that are accepted.
pub fn max_files(table: &FileTable<'_>) -> usize {
    usize::try_from(table.integer_or_default("max_files")).unwrap_or_default()
}
