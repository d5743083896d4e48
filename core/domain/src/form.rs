//! The questions of a form: sections, which become pages, and their fields.

pub mod answer;
pub mod finding;
pub mod judge;
pub mod load;
pub mod reach;
mod rows;
mod settle;
pub mod types;

pub use rows::Rows;

use crate::dates::Precision;
use crate::expression::{Condition, Expression, Work};
use crate::media::MediaKind;
use crate::money::Dong;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A form: its sections in the order in which they are filled in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Form {
    pub sections: Vec<Section>,
    /// Rules over several answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

/// One page of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub id: String,
    pub title: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    pub fields: Vec<Field>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// A CEL identifier, unique within the form (or within its group).
    pub id: String,
    pub label: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    pub required: Condition,
    pub shown: Condition,
    /// The value before anybody types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expression>,
    /// The least value, if it depends on other answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Expression>,
    /// The greatest value, if it depends on other answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Expression>,
    pub kind: Kind,
}

/// A rule over the answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The condition that must be true. The rule is skipped while one of its answers is missing.
    pub holds: Expression,
    /// The message for a broken rule.
    pub text: Text,
    /// The field at which the message stands. `None` means the form as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// The kind of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// One line of at most `max` characters.
    Text {
        max: usize,
    },
    /// Several lines of at most `max` characters.
    LongText {
        max: usize,
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
        unit: Option<Text>,
    },
    /// A number with at most `places` decimals.
    Decimal {
        min: Option<f64>,
        max: Option<f64>,
        places: u32,
        unit: Option<Text>,
    },
    Dong {
        min: Option<Dong>,
        max: Option<Dong>,
    },
    /// A date as text. If the day may be unknown, the known parts of `{ year, month, day }`.
    Date {
        past: bool,
        #[serde(default, skip_serializing_if = "is_default")]
        precision: Precision,
    },
    /// A day with a time, in Vietnam.
    DateTime {
        past: bool,
    },
    YesNo,
    /// A consent that is required.
    Consent,
    /// Words on the page without an answer.
    Explanation,
    /// A value that follows from other answers.
    Computed {
        /// The expression. `None` means that a plugin computes the value.
        value: Option<Expression>,
        unit: Option<Text>,
    },
    OneOf {
        choices: Vec<Choice>,
    },
    SeveralOf {
        choices: Vec<Choice>,
    },
    /// An entry of a registry: `{ code, name }`. `under` names the field to whose entry it must belong.
    Registry {
        registry: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        under: Option<String>,
    },
    /// A mobile number. Other numbers need the author's permission.
    Phone {
        #[serde(default, skip_serializing_if = "is_default")]
        landline: bool,
        #[serde(default, skip_serializing_if = "is_default")]
        foreign: bool,
    },
    Email,
    /// The number of a person, which must agree with the answers beside it.
    CitizenNumber {
        /// The field of the date of birth.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        birth: Option<String>,
        /// The field of the sex, or `male` or `female`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sex: Option<String>,
    },
    TaxCode,
    /// Bank, number and holder.
    BankAccount,
    /// Province, commune and the rest, from the registries `provinces` and `communes`.
    Address,
    /// Name, birth date, sex, citizen number and address.
    Person {
        /// The part of the birth date that must be known.
        #[serde(default, skip_serializing_if = "is_default")]
        precision: Precision,
    },
    /// Name, tax code, address and telephone.
    Organisation,
    /// A repeating group, such as the members of a company.
    Group {
        min: usize,
        max: usize,
        fields: Vec<Field>,
    },
    /// The same questions for each row of a fixed list.
    Table {
        rows: Vec<Choice>,
        fields: Vec<Field>,
    },
    /// Files within the form.
    File {
        accept: Vec<MediaKind>,
        max_bytes: u64,
        max_files: usize,
    },
    /// A place, as a GeoJSON geometry.
    Map {
        shape: Shape,
    },
}

/// The shape of a place on a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    Point,
    Area,
}

impl Shape {
    pub const ALL: [Self; 2] = [Self::Point, Self::Area];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Area => "area",
        }
    }
}

/// One answer of a closed question, or one row of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub value: String,
    pub label: Text,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

macro_rules! kinds {
    ($($pattern:pat => $word:literal,)*) => {
        impl Kind {
            /// Returns the word for this kind in `procedure.toml`.
            pub const fn name(&self) -> &'static str {
                match self {
                    $($pattern => $word,)*
                }
            }

            /// All words for kinds, for messages.
            pub const NAMES: &'static [&'static str] = &[$($word),*];
        }
    };
}

kinds! {
    Self::Text { .. } => "text",
    Self::LongText { .. } => "long-text",
    Self::Integer { .. } => "integer",
    Self::Decimal { .. } => "decimal",
    Self::Dong { .. } => "dong",
    Self::Date { .. } => "date",
    Self::DateTime { .. } => "date-time",
    Self::YesNo => "yes-no",
    Self::Consent => "consent",
    Self::Explanation => "explanation",
    Self::Computed { .. } => "computed",
    Self::OneOf { .. } => "one-of",
    Self::SeveralOf { .. } => "several-of",
    Self::Registry { .. } => "registry",
    Self::Phone { .. } => "phone",
    Self::Email => "email",
    Self::CitizenNumber { .. } => "citizen-number",
    Self::TaxCode => "tax-code",
    Self::BankAccount => "bank-account",
    Self::Address => "address",
    Self::Person { .. } => "person",
    Self::Organisation => "organisation",
    Self::Group { .. } => "group",
    Self::Table { .. } => "table",
    Self::File { .. } => "file",
    Self::Map { .. } => "map",
}

/// The registries from which an address is chosen.
pub const ADDRESS_REGISTRIES: [&str; 2] = ["provinces", "communes"];

fn part(id: &str, vi: &str, en: &str, required: bool, kind: Kind) -> Field {
    Field { required: Condition::Fixed(required), ..Field::new(id, Text::new(vi, en), kind) }
}

static ADDRESS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let [provinces, communes] = ADDRESS_REGISTRIES.map(str::to_owned);
    vec![
        part("province", "Tỉnh, thành phố", "Province", true, Kind::Registry { registry: provinces, under: None }),
        part(
            "commune",
            "Xã, phường, đặc khu",
            "Commune",
            true,
            Kind::Registry { registry: communes, under: Some("province".to_owned()) },
        ),
        part("detail", "Số nhà, đường, ấp, khu phố", "House number, street, hamlet", true, Kind::Text { max: 200 }),
    ]
});

/// The questions of a person, by the required part of the birth date.
static PERSON: LazyLock<[Vec<Field>; 3]> = LazyLock::new(|| Precision::ALL.map(person));

fn person(precision: Precision) -> Vec<Field> {
    let sexes = [("male", "Nam", "Male"), ("female", "Nữ", "Female")]
        .map(|(value, vi, en)| Choice { value: value.to_owned(), label: Text::new(vi, en) });
    let number = Kind::CitizenNumber { birth: Some("birth_date".to_owned()), sex: Some("sex".to_owned()) };
    vec![
        part("name", "Họ, chữ đệm, tên", "Full name", true, Kind::Text { max: 120 }),
        part("birth_date", "Ngày sinh", "Date of birth", true, Kind::Date { past: true, precision }),
        part("sex", "Giới tính", "Sex", true, Kind::OneOf { choices: sexes.to_vec() }),
        part("citizen_number", "Số định danh cá nhân (CCCD)", "Citizen number", true, number),
        part("address", "Nơi cư trú", "Residence", true, Kind::Address),
    ]
}

static ORGANISATION: LazyLock<Vec<Field>> = LazyLock::new(|| {
    vec![
        part("name", "Tên tổ chức", "Name of the organisation", true, Kind::Text { max: 200 }),
        part("tax_code", "Mã số thuế", "Tax code", true, Kind::TaxCode),
        part("address", "Trụ sở", "Head office", true, Kind::Address),
        part("phone", "Điện thoại", "Telephone", false, Kind::Phone { landline: true, foreign: true }),
    ]
});

static BANK_ACCOUNT: LazyLock<Vec<Field>> = LazyLock::new(|| {
    vec![
        part("bank", "Ngân hàng", "Bank", true, Kind::Text { max: 120 }),
        part("number", "Số tài khoản", "Account number", true, Kind::Text { max: 19 }),
        part("holder", "Tên chủ tài khoản", "Account holder", true, Kind::Text { max: 120 }),
    ]
});

impl Kind {
    /// Returns the rows in each of which the parts of the kind are asked, or `None` if they are asked once.
    pub fn rows(&self) -> Option<Rows<'_>> {
        match self {
            Self::Group { max, .. } => Some(Rows::Added(*max)),
            Self::Table { rows, .. } => Some(Rows::Named(rows)),
            Self::Text { .. }
            | Self::LongText { .. }
            | Self::Integer { .. }
            | Self::Decimal { .. }
            | Self::Dong { .. }
            | Self::Date { .. }
            | Self::DateTime { .. }
            | Self::YesNo
            | Self::Consent
            | Self::Explanation
            | Self::Computed { .. }
            | Self::OneOf { .. }
            | Self::SeveralOf { .. }
            | Self::Registry { .. }
            | Self::Phone { .. }
            | Self::Email
            | Self::CitizenNumber { .. }
            | Self::TaxCode
            | Self::BankAccount
            | Self::Address
            | Self::Person { .. }
            | Self::Organisation
            | Self::File { .. }
            | Self::Map { .. } => None,
        }
    }

    /// Returns the questions of which the kind consists, if there are several.
    pub fn parts(&self) -> &[Field] {
        match self {
            Self::Group { fields, .. } | Self::Table { fields, .. } => fields,
            Self::Address => &ADDRESS,
            Self::Person { precision } => {
                let [day, month, year] = &*PERSON;
                match precision {
                    Precision::Day => day,
                    Precision::Month => month,
                    Precision::Year => year,
                }
            }
            Self::Organisation => &ORGANISATION,
            Self::BankAccount => &BANK_ACCOUNT,
            Self::Text { .. }
            | Self::LongText { .. }
            | Self::Integer { .. }
            | Self::Decimal { .. }
            | Self::Dong { .. }
            | Self::Date { .. }
            | Self::DateTime { .. }
            | Self::YesNo
            | Self::Consent
            | Self::Explanation
            | Self::Computed { .. }
            | Self::OneOf { .. }
            | Self::SeveralOf { .. }
            | Self::Registry { .. }
            | Self::Phone { .. }
            | Self::Email
            | Self::CitizenNumber { .. }
            | Self::TaxCode
            | Self::File { .. }
            | Self::Map { .. } => &[],
        }
    }

    /// Returns whether the kind is one block of several questions: an address, a person, an organisation, a bank
    /// account.
    pub const fn is_block(&self) -> bool {
        matches!(self, Self::Address | Self::Person { .. } | Self::Organisation | Self::BankAccount)
    }
}

impl Field {
    /// Returns a question that is always shown and required.
    pub fn new(id: &str, label: Text, kind: Kind) -> Self {
        Self {
            id: id.to_owned(),
            label,
            help: None,
            required: Condition::Fixed(true),
            shown: Condition::Fixed(true),
            default: None,
            at_least: None,
            at_most: None,
            kind,
        }
    }

    /// Returns the expressions of the field, without those of its parts.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let computed = match &self.kind {
            Kind::Computed { value, .. } => value.as_ref(),
            _ => None,
        };
        let written = [&self.default, &self.at_least, &self.at_most].into_iter().flatten().chain(computed);
        let conditions = [&self.required, &self.shown].into_iter().filter_map(|condition| match condition {
            Condition::When(expression) => Some(expression),
            Condition::Fixed(_) => None,
        });
        written.chain(conditions)
    }

    /// Adds the answers that judging the field reads, beside the answer to the field itself.
    pub(crate) fn reads<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        names.extend(self.expressions().flat_map(Expression::names).map(String::as_str));
        if let Kind::Registry { under: Some(under), .. } = &self.kind {
            names.insert(under);
        }
        if let Kind::CitizenNumber { birth, sex } = &self.kind {
            names.extend([birth, sex].into_iter().filter_map(Option::as_deref));
        }
        for part in self.kind.parts() {
            part.reads(names);
        }
    }
}

/// Returns the context of the expressions of `fields`, which are one row of a group or one block. The row's own answers
/// come before those around it. The context contains only named answers, because a group may have many rows, and only
/// as long as the judgement has a budget.
pub fn row_context(
    fields: &[Field],
    around: &Map<String, Json>,
    row: &Map<String, Json>,
    work: &Work,
) -> Map<String, Json> {
    let named = named_around(fields);
    let outer = around.iter().filter(|(id, _)| named.contains(id.as_str()));
    let outer = outer.filter(|(id, value)| work.take(weight(value), || (*id).clone()));
    outer.chain(row).map(|(id, value)| (id.clone(), value.clone())).collect()
}

/// Returns the steps of copying an answer: one for each value in it, and for each 256 bytes of text.
pub(crate) fn weight(answer: &Json) -> usize {
    1 + match answer {
        Json::String(text) => text.len() / 256,
        Json::Array(items) => items.iter().map(weight).sum(),
        Json::Object(parts) => parts.values().map(weight).sum(),
        _ => 0,
    }
}

/// Returns the answers that the expressions of `fields` name, without those of `fields` themselves.
pub(crate) fn named_around(fields: &[Field]) -> BTreeSet<&str> {
    let mut named: BTreeSet<&str> =
        fields.iter().flat_map(Field::expressions).flat_map(Expression::names).map(String::as_str).collect();
    for field in fields {
        named.remove(field.id.as_str());
    }
    named
}

impl Form {
    /// Returns all top-level fields with their sections.
    pub fn fields(&self) -> impl Iterator<Item = (&Section, &Field)> {
        self.sections.iter().flat_map(|section| section.fields.iter().map(move |field| (section, field)))
    }
}
