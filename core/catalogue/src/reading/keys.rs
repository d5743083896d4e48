//! The vocabulary of files: the keys of each table, with their values, limits and meaning.
//!
//! Each kind of file states its keys once, with `keys!`. Its reader looks every key up here (`Table::get`), and
//! [`crate::schemas`] makes the JSON Schemas for editors from the same statement.

/// Declares the keys of tables, each with its meaning as a doc comment, its name and its shape, and a whole number with
/// its default.
macro_rules! keys {
    ($(
        $(#[doc = $about:literal])*
        $visibility:vis $table:ident = $name:literal {
            $(required {
                $($(#[doc = $needed_about:literal])* $needed:ident: $needed_shape:expr,)*
            })?
            $(optional {
                $($(#[doc = $key_about:literal])* $key:ident: $key_shape:expr $(=> $default:expr)?,)*
            })?
        }
    )*) => {
        $(
            $visibility static $table: $crate::reading::keys::Keys = $crate::reading::keys::Keys {
                name: $name,
                about: concat!($($about,)*),
                all: &[
                    $($(
                        $crate::reading::keys::Key {
                            name: stringify!($needed),
                            about: concat!($($needed_about,)*),
                            shape: $needed_shape,
                            required: true,
                            default: None,
                        },
                    )*)?
                    $($(
                        $crate::reading::keys::Key {
                            name: stringify!($key),
                            about: concat!($($key_about,)*),
                            shape: $key_shape,
                            required: false,
                            default: $crate::reading::keys::first(&[$($default)?]),
                        },
                    )*)?
                ],
            };
        )*
    };
}
pub(crate) use keys;

/// The keys of one kind of table.
pub struct Keys {
    /// The name of the table in schemas.
    pub name: &'static str,
    pub about: &'static str,
    pub all: &'static [Key],
}

/// A key of a table.
pub struct Key {
    pub name: &'static str,
    pub about: &'static str,
    pub shape: Shape,
    /// The table must have the key.
    pub required: bool,
    /// The whole number that counts if the table does not have the key.
    pub default: Option<i64>,
}

/// The values that a key takes.
#[derive(Clone, Copy)]
pub enum Shape {
    Text,
    /// Words for people, in one language or both.
    Words,
    /// A number, whole or decimal.
    Number,
    /// A whole number from the first to the second.
    Integer(i64, i64),
    Boolean,
    /// A text that is one of these words.
    Word(fn() -> Vec<&'static str>),
    /// A day, as a TOML date or as text.
    Date,
    Table(&'static Keys),
    /// A list of tables, written `[[…]]`.
    Tables(&'static Keys),
    List(&'static Self),
    /// A table whose keys the author chooses.
    Map(&'static Self),
    /// Any value.
    Any,
    /// One of several shapes, with a description of all of them.
    Either(&'static str, &'static [Self]),
}

/// A limit such as `3 working-days`.
pub const LIMIT: Shape = Shape::Text;

/// A condition over answers.
pub const CONDITION: Shape = Shape::Either(
    "`true`, `false`, or a condition in CEL over the fields of the form, such as `\"depth > 30 && purpose == 'well'\"`.",
    &[Shape::Boolean, Shape::Text],
);

/// A text, or a list of texts.
pub const ONE_OR_MANY: Shape = Shape::Either("", &[Shape::Text, Shape::List(&Shape::Text)]);

/// References to documents: one, or a list of them.
pub const BASIS: Shape = Shape::Either(
    "The id of a document of `legal_basis`, such as `\"ho-tich\"`, with article, clause and point `\"ho-tich#16.1.a\"`.",
    &[Shape::Text, Shape::List(&Shape::Text)],
);

/// A title, or a document with an id.
pub static DOCUMENT_FORMS: [Shape; 2] = [Shape::Words, Shape::Table(&LEGAL_DOCUMENT)];

keys! {
    /// A law, a decree or another document, which `basis` can name.
    pub LEGAL_DOCUMENT = "LegalDocument" {
        required {
            /// The id for `basis`, such as `ho-tich`. A reference adds the article: `ho-tich#16`.
            id: Shape::Text,
            title: Shape::Words,
        }
        optional {
            /// The address of its text, with `https://`.
            link: Shape::Text,
        }
    }

    pub BOTH_LANGUAGES = "BothLanguages" {
        required {
            vi: Shape::Text,
        }
        optional {
            en: Shape::Text,
        }
    }

    /// A table whose keys the author chooses, so none is declared.
    pub FREE = "Free" {}
}

impl Keys {
    /// Returns a key by its name.
    pub fn find(&self, name: &str) -> Option<&'static Key> {
        self.all.iter().find(|key| key.name == name)
    }
}

impl Key {
    /// Returns what the key means, with its default. The text is empty if the name says all.
    pub fn meaning(&self) -> String {
        let default = self.default.map(|default| format!(" {default} by default.")).unwrap_or_default();
        format!("{}{default}", self.about.trim())
    }
}

/// Returns the first number of a list, if there is one.
pub const fn first(numbers: &[i64]) -> Option<i64> {
    match numbers {
        [first, ..] => Some(*first),
        [] => None,
    }
}

impl Shape {
    /// Returns whether this shape, or one of its alternatives, fits.
    pub fn any(self, fits: fn(Self) -> bool) -> bool {
        match self {
            Self::Either(_, shapes) => shapes.iter().any(|shape| shape.any(fits)),
            shape => fits(shape),
        }
    }

    /// Returns the keys of the table, or of the tables in the list. Among several kinds of table, the first counts.
    pub fn keys(self) -> Option<&'static Keys> {
        match self {
            Self::Table(keys) | Self::Tables(keys) => Some(keys),
            Self::List(item) => item.keys(),
            Self::Either(_, shapes) => shapes.iter().find_map(|shape| shape.keys()),
            _ => None,
        }
    }

    /// Returns the least and the greatest whole number.
    pub fn bounds(self) -> Option<(i64, i64)> {
        match self {
            Self::Integer(min, max) => Some((min, max)),
            Self::Either(_, shapes) => shapes.iter().find_map(|shape| shape.bounds()),
            _ => None,
        }
    }

    /// Returns the words that can be written.
    pub fn words(self) -> Option<Vec<&'static str>> {
        match self {
            Self::Word(words) => Some(words()),
            Self::List(item) => item.words(),
            Self::Either(_, shapes) => shapes.iter().find_map(|shape| shape.words()),
            _ => None,
        }
    }
}
