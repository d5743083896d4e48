//! The kinds of fields: one file for each family of kinds, and the table of all.
//!
//! A new kind gets its file here, a variant of [`FieldKind`] with its word, and a line in [`FieldKind::structure`]. The rules for
//! the answers of one kind stand in its file. The walkers (`judge`, `types`, `reach`, `load`, `schema`) know no kind,
//! and go by the [`Structure`].

mod answer_type;
mod block;
mod choice;
mod computed;
mod contact;
mod date;
mod file;
mod identity;
mod map;
mod number;
mod registry;
mod rows;
mod single;
mod text;
mod yes_no;

pub use answer_type::AnswerType;
pub use block::{ADDRESS_REGISTRIES, Block, Person};
pub use choice::{OneOf, SeveralOf};
pub use computed::Computed;
pub use contact::{AccountFact, Email, Phone};
pub use date::{Date, DateTime};
pub use file::File;
pub use identity::{CitizenNumber, TaxCode};
pub use map::{Map, MapShape};
pub use number::{Decimal, Dong, Integer};
pub use registry::{Registry, entry_code};
pub use rows::{Group, Table};
pub use single::{Input, InputForm, SingleKind};
pub use text::{LongText, Text};
pub use yes_no::{Consent, YesNo};

pub(crate) use single::plain;

use crate::dates::Precision;
use crate::expression::Expression;
use crate::form::{AnswerRows, Field, FieldChoice};
use crate::text::Language;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The kind of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FieldKind {
    Text(Text),
    LongText(LongText),
    Integer(Integer),
    Decimal(Decimal),
    Dong(Dong),
    Date(Date),
    DateTime(DateTime),
    YesNo,
    /// A consent that is required.
    Consent,
    /// Words on the page without an answer.
    Explanation,
    Computed(Computed),
    OneOf(OneOf),
    SeveralOf(SeveralOf),
    Registry(Registry),
    Phone(Phone),
    Email,
    CitizenNumber(CitizenNumber),
    TaxCode,
    /// Bank, number and holder.
    BankAccount,
    /// Province, commune and the rest, from the registries `provinces` and `communes`.
    Address,
    Person(Person),
    /// Name, tax code, address and telephone.
    Organisation,
    Group(Group),
    Table(Table),
    File(File),
    Map(Map),
}

macro_rules! kinds {
    ($($pattern:pat => $word:literal,)*) => {
        impl FieldKind {
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
    Self::Text(_) => "text",
    Self::LongText(_) => "long-text",
    Self::Integer(_) => "integer",
    Self::Decimal(_) => "decimal",
    Self::Dong(_) => "dong",
    Self::Date(_) => "date",
    Self::DateTime(_) => "date-time",
    Self::YesNo => "yes-no",
    Self::Consent => "consent",
    Self::Explanation => "explanation",
    Self::Computed(_) => "computed",
    Self::OneOf(_) => "one-of",
    Self::SeveralOf(_) => "several-of",
    Self::Registry(_) => "registry",
    Self::Phone(_) => "phone",
    Self::Email => "email",
    Self::CitizenNumber(_) => "citizen-number",
    Self::TaxCode => "tax-code",
    Self::BankAccount => "bank-account",
    Self::Address => "address",
    Self::Person(_) => "person",
    Self::Organisation => "organisation",
    Self::Group(_) => "group",
    Self::Table(_) => "table",
    Self::File(_) => "file",
    Self::Map(_) => "map",
}

/// The structure of a field, by which the walkers go through a form.
#[derive(Clone, Copy)]
pub enum Structure<'a> {
    /// One answer that a person types.
    Single(&'a dyn SingleKind),
    /// Several questions that are asked once.
    Block(&'a Block),
    /// The questions that are asked in each row.
    Rows(AnswerRows<'a>, &'a [Field]),
    /// Attached files.
    Files(&'a File),
    /// A value that follows from other answers.
    Computed(&'a Computed),
    /// Words without an answer.
    Explanation,
}

impl FieldKind {
    /// Returns the structure of the kind.
    pub fn structure(&self) -> Structure<'_> {
        match self {
            Self::Text(kind) => Structure::Single(kind),
            Self::LongText(kind) => Structure::Single(kind),
            Self::Integer(kind) => Structure::Single(kind),
            Self::Decimal(kind) => Structure::Single(kind),
            Self::Dong(kind) => Structure::Single(kind),
            Self::Date(kind) => Structure::Single(kind),
            Self::DateTime(kind) => Structure::Single(kind),
            Self::YesNo => Structure::Single(&YesNo),
            Self::Consent => Structure::Single(&Consent),
            Self::Explanation => Structure::Explanation,
            Self::Computed(kind) => Structure::Computed(kind),
            Self::OneOf(kind) => Structure::Single(kind),
            Self::SeveralOf(kind) => Structure::Single(kind),
            Self::Registry(kind) => Structure::Single(kind),
            Self::Phone(kind) => Structure::Single(kind),
            Self::Email => Structure::Single(&Email),
            Self::CitizenNumber(kind) => Structure::Single(kind),
            Self::TaxCode => Structure::Single(&TaxCode),
            Self::BankAccount => Structure::Block(block::bank_account()),
            Self::Address => Structure::Block(block::address()),
            Self::Person(kind) => Structure::Block(kind.block()),
            Self::Organisation => Structure::Block(block::organisation()),
            Self::Group(kind) => Structure::Rows(kind.rows(), &kind.fields),
            Self::Table(kind) => Structure::Rows(kind.rows(), &kind.fields),
            Self::File(kind) => Structure::Files(kind),
            Self::Map(kind) => Structure::Single(kind),
        }
    }

    fn single(&self) -> Option<&dyn SingleKind> {
        match self.structure() {
            Structure::Single(kind) => Some(kind),
            Structure::Block(_)
            | Structure::Rows(..)
            | Structure::Files(_)
            | Structure::Computed(_)
            | Structure::Explanation => None,
        }
    }

    /// Returns the rows in each of which the parts of the kind are asked, or `None` if they are asked once.
    pub fn rows(&self) -> Option<AnswerRows<'_>> {
        match self.structure() {
            Structure::Rows(rows, _) => Some(rows),
            Structure::Single(_)
            | Structure::Block(_)
            | Structure::Files(_)
            | Structure::Computed(_)
            | Structure::Explanation => None,
        }
    }

    /// Returns the questions of which the kind consists, if there are several.
    pub fn parts(&self) -> &[Field] {
        match self.structure() {
            Structure::Block(block) => &block.parts,
            Structure::Rows(_, parts) => parts,
            Structure::Single(_) | Structure::Files(_) | Structure::Computed(_) | Structure::Explanation => &[],
        }
    }

    /// Returns whether the answers are files that are attached at the field.
    pub fn takes_files(&self) -> bool {
        matches!(self.structure(), Structure::Files(_))
    }

    /// Returns whether the value follows from other answers.
    pub fn is_computed(&self) -> bool {
        matches!(self.structure(), Structure::Computed(_))
    }

    /// Returns whether people do not see the value, which only conditions and other values read.
    pub fn is_helper(&self) -> bool {
        matches!(self.structure(), Structure::Computed(kind) if kind.helper)
    }

    /// Returns whether a plugin computes the value.
    pub fn is_left_to_plugins(&self) -> bool {
        self.is_computed() && self.formula().is_none()
    }

    /// Returns the expression that computes the value.
    pub fn formula(&self) -> Option<&Expression> {
        match self.structure() {
            Structure::Computed(kind) => kind.value.as_ref(),
            Structure::Single(_)
            | Structure::Block(_)
            | Structure::Rows(..)
            | Structure::Files(_)
            | Structure::Explanation => None,
        }
    }

    /// Returns whether a plugin may propose an answer for a new form.
    pub fn may_be_proposed(&self) -> bool {
        match self.structure() {
            Structure::Single(kind) => kind.may_be_proposed(),
            Structure::Block(_) | Structure::Rows(..) => true,
            Structure::Files(_) | Structure::Computed(_) | Structure::Explanation => false,
        }
    }

    /// Returns whether the author may propose an answer.
    pub fn takes_default(&self) -> bool {
        self.parts().is_empty() && self.may_be_proposed()
    }

    /// Returns whether the field can keep an answer of this type, which somebody else gave.
    pub fn keeps(&self, answer: &AnswerType<'_>) -> bool {
        let own = self.answer_type();
        let is_text = own == AnswerType::Text && answer.is_text();
        let fits = *answer == AnswerType::Any || is_text || (own.is_number() && answer.is_number()) || own == *answer;
        fits && self.may_be_proposed()
    }

    /// Returns whether the answer identifies one person or organisation: a citizen number or a tax code.
    pub fn is_identity(&self) -> bool {
        self.single().is_some_and(SingleKind::is_identity)
    }

    /// Returns whether the answer describes a case without naming anybody, as a choice, a number and a day do.
    pub fn describes_case(&self) -> bool {
        self.single().is_some_and(SingleKind::describes_case)
    }

    /// Returns whether the answer is a day that never lies in the future.
    pub(crate) fn is_past(&self) -> bool {
        self.single().is_some_and(SingleKind::is_past)
    }

    /// Returns whether the answer is measured by limits that depend on other answers.
    pub fn is_measured(&self) -> bool {
        self.single().is_some_and(SingleKind::is_measured)
    }

    /// Returns whether no answer can lie between the limits of the kind.
    pub fn has_crossed_limits(&self) -> bool {
        self.single().is_some_and(SingleKind::has_crossed_limits)
    }

    /// Returns the form in which a browser posts the answer, if it is one.
    pub fn input_form(&self) -> InputForm {
        self.single().map_or(InputForm::Text, SingleKind::input_form)
    }

    /// Returns the choices of a closed question.
    pub fn choices(&self) -> &[FieldChoice] {
        self.single().map(SingleKind::choices).unwrap_or_default()
    }

    /// Returns the name of the registry among whose entries the answer is chosen.
    pub fn registry(&self) -> Option<&str> {
        self.single().and_then(SingleKind::registry)
    }

    /// Returns the field to whose entry the answer must belong.
    pub fn under(&self) -> Option<&str> {
        self.single().and_then(SingleKind::under)
    }

    /// Returns the part of a date that must be known.
    pub fn precision(&self) -> Precision {
        self.single().map(SingleKind::precision).unwrap_or_default()
    }

    /// Returns the shape of a place that people draw on a map.
    pub fn shape(&self) -> Option<MapShape> {
        self.single().and_then(SingleKind::shape)
    }

    /// Returns the fact of an account that can be the answer.
    pub fn account_fact(&self) -> Option<AccountFact> {
        self.single().and_then(SingleKind::account_fact)
    }

    /// Returns the choices of a question whose answer is exactly one of them.
    pub fn exclusive_choices(&self) -> Option<&[FieldChoice]> {
        self.single().and_then(SingleKind::exclusive_choices)
    }

    /// Returns the answers beside the field that reading its answer needs.
    pub(crate) fn names_beside(&self) -> Vec<&str> {
        self.single().map(SingleKind::names_beside).unwrap_or_default()
    }

    /// Returns the greatest length of the list that answers a field. Returns nothing if the answer is no list.
    pub(crate) fn longest(&self) -> Option<usize> {
        match self.structure() {
            Structure::Single(kind) => kind.longest(),
            Structure::Block(block) => Some(block.parts.len()),
            Structure::Rows(rows, _) => Some(rows.most()),
            Structure::Files(kind) => Some(kind.max_files),
            Structure::Computed(_) | Structure::Explanation => None,
        }
    }

    /// Returns the type of the answer in expressions. The type of a computed value is that of its expression.
    pub fn answer_type(&self) -> AnswerType<'_> {
        match self.structure() {
            Structure::Single(kind) => kind.answer_type(),
            Structure::Block(block) => AnswerType::of_parts(&block.parts),
            Structure::Rows(AnswerRows::Added { .. }, parts) => AnswerType::List(Box::new(AnswerType::of_parts(parts))),
            Structure::Files(_) => AnswerType::List(Box::new(AnswerType::Any)),
            Structure::Rows(AnswerRows::Named(rows), parts) => AnswerType::Rows(rows, parts),
            Structure::Computed(_) | Structure::Explanation => AnswerType::Any,
        }
    }

    /// Returns the unit of the answer, or an empty text.
    pub fn unit(&self, language: Language) -> &str {
        match self.structure() {
            Structure::Single(kind) => kind.unit(language),
            Structure::Computed(kind) => kind.unit(language),
            Structure::Block(_) | Structure::Rows(..) | Structure::Files(_) | Structure::Explanation => "",
        }
    }

    /// Formats one value for readers. Parts and rows have no text as a whole.
    pub fn shown(&self, value: &Json, language: Language) -> String {
        match self.structure() {
            Structure::Single(kind) => kind.shown(value, language),
            Structure::Files(_) => File::shown(value),
            Structure::Computed(kind) => kind.shown(value, language),
            Structure::Block(_) | Structure::Rows(..) | Structure::Explanation => single::text_of(value),
        }
    }

    /// Returns the earlier input of a box, or a stored value, as a person types it on a page in the language.
    pub fn retyped(&self, kept: &Json, language: Language) -> String {
        self.single().map_or_else(|| single::as_typed(kept), |kind| kind.retyped(kept, language))
    }

    /// Formats an outline of the value as points of an SVG polygon, or an empty text.
    pub fn outline(&self, value: &Json) -> String {
        self.single().map_or_else(String::new, |kind| kind.outline(value))
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{
        CitizenNumber, Computed, Date, DateTime, Decimal, Dong, FieldKind, File, Group, Integer, LongText, Map,
    };
    use super::{MapShape, OneOf, Person, Phone, Registry, SeveralOf, Table, Text};
    use crate::dates::Precision;
    use crate::expression::Expression;
    use crate::form::{Field, FieldChoice};
    use crate::media::MediaKind;
    use crate::text;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn choice(value: &str) -> FieldChoice {
        FieldChoice { value: value.to_owned(), label: text::Text::vi(value) }
    }

    /// Returns the kinds that can stand in a row.
    fn in_rows() -> Vec<FieldKind> {
        let beside = |id: &str| Some(id.to_owned());
        vec![
            FieldKind::Text(Text { max: 5 }),
            FieldKind::LongText(LongText { max: 5 }),
            FieldKind::Integer(Integer { min: Some(0), max: None, unit: None }),
            FieldKind::Decimal(Decimal { min: None, max: None, places: 2, unit: None }),
            FieldKind::Dong(Dong { min: None, max: None }),
            FieldKind::Date(Date { past: true, precision: Precision::Day }),
            FieldKind::Date(Date { past: false, precision: Precision::Year }),
            FieldKind::DateTime(DateTime { past: true }),
            FieldKind::Consent,
            FieldKind::Explanation,
            FieldKind::YesNo,
            FieldKind::OneOf(OneOf { choices: vec![choice("a")] }),
            FieldKind::SeveralOf(SeveralOf { choices: vec![choice("a")] }),
            FieldKind::Phone(Phone { landline: true, foreign: true }),
            FieldKind::Email,
            FieldKind::CitizenNumber(CitizenNumber { birth: beside("date"), sex: beside("one_of") }),
            FieldKind::TaxCode,
            FieldKind::Address,
            FieldKind::Person(Person { precision: Precision::Month }),
            FieldKind::Organisation,
            FieldKind::BankAccount,
            FieldKind::Map(Map { shape: MapShape::Point }),
            FieldKind::Map(Map { shape: MapShape::Area }),
            FieldKind::Registry(Registry { registry: "provinces".to_owned(), under: None }),
        ]
    }

    /// Returns samples of every kind.
    pub fn samples() -> Vec<FieldKind> {
        let sum = Expression::parse("integer + dong").expect("it is CEL");
        let rows = vec![choice("a"), choice("b")];
        let others = [
            FieldKind::Computed(Computed { value: Some(sum), unit: None, helper: false }),
            FieldKind::File(File { accept: vec![MediaKind::Pdf], max_bytes: 1 << 20, max_files: 2 }),
            FieldKind::Group(Group { min: 0, max: 2, fields: named(in_rows()) }),
            FieldKind::Table(Table { rows, fields: named(in_rows()) }),
        ];
        in_rows().into_iter().chain(others).collect()
    }

    /// Returns fields that are named as their kinds are. The second of a kind has a number.
    pub fn named(kinds: Vec<FieldKind>) -> Vec<Field> {
        let mut seen = BTreeSet::new();
        let field = |kind: FieldKind| {
            let name = kind.name().replace('-', "_");
            let id = if seen.insert(name.clone()) { name } else { format!("{name}_2") };
            Field::new(&id, text::Text::new(id.as_str(), id.as_str()), kind)
        };
        kinds.into_iter().map(field).collect()
    }

    #[test]
    fn every_kind_has_a_sample_and_is_read_as_it_was_written() {
        let mut seen = BTreeSet::new();
        for kind in samples() {
            let written = serde_json::to_value(&kind).expect("JSON");
            assert_eq!(written["kind"], kind.name());
            assert_eq!(serde_json::from_value::<FieldKind>(written).expect("a kind"), kind);
            seen.insert(kind.name());
        }
        assert_eq!(seen, FieldKind::NAMES.iter().copied().collect());
    }

    #[test]
    fn a_kind_is_written_with_its_word_first_and_its_settings_beside_it() {
        let text = |kind: FieldKind| serde_json::to_string(&kind).expect("JSON");
        assert_eq!(text(FieldKind::YesNo), r#"{"kind":"yes-no"}"#);
        assert_eq!(text(FieldKind::Text(Text { max: 5 })), r#"{"kind":"text","max":5}"#);
        assert_eq!(
            text(FieldKind::Date(Date { past: true, precision: Precision::Day })),
            r#"{"kind":"date","past":true}"#
        );
        let whole = FieldKind::Integer(Integer { min: Some(0), max: None, unit: None });
        assert_eq!(text(whole), r#"{"kind":"integer","min":0,"max":null,"unit":null}"#);
        assert_eq!(
            serde_json::from_value::<FieldKind>(json!({ "kind": "address" })).expect("a kind"),
            FieldKind::Address
        );
    }
}
