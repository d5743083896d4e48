//! The keys of sections, rules and fields.

use crate::reading::keys::{BASIS, CONDITION, Shape, keys};
use motcua_domain::dates::Precision;
use motcua_domain::form::{self, FieldKind};
use motcua_domain::media::{PAPER_FILES, PAPER_MEGABYTES};
use motcua_domain::procedure::MediaKind;

keys! {
    /// A page of the form.
    pub(crate) SECTION = "Section" {
        required {
            id: Shape::Text,
            title: Shape::Words,
            field: Shape::Tables(&FIELD),
        }
        optional {
            help: Shape::Words,
        }
    }

    /// A rule over several answers.
    pub(crate) CHECK = "Check" {
        required {
            /// The condition that must be true, in CEL. It is skipped while an answer is missing.
            holds: Shape::Text,
            /// The message for a broken rule.
            text: Shape::Words,
        }
        optional {
            /// The field at which the message stands.
            field: Shape::Text,
            /// The legal basis of the rule, as `basis` of a paper.
            basis: BASIS,
        }
    }

    /// A question.
    pub(crate) FIELD = "Field" {
        required {
            /// The id of small letters, digits and `_`. Conditions use it as the name of the answer.
            id: Shape::Text,
            label: Shape::Words,
            kind: Shape::Word(|| FieldKind::NAMES.to_vec()),
        }
        optional {
            /// A help in limited Markdown: paragraphs, lists, emphasis, links.
            help: Shape::Words,
            /// The condition for requiring an answer. The default is `true`.
            required: CONDITION,
            /// The condition for showing the field. The default is `true`. Hidden fields are neither checked nor stored.
            shown: CONDITION,
            /// The legal basis of asking, as `basis` of a paper.
            basis: BASIS,
            /// The value before anybody types.
            default: PROPOSAL,
            /// A new draft begins with the applicant's name (`text`), telephone (`phone`) or e-mail address (`email`) from
            /// the account, marked until the page is saved.
            from_account: Shape::Boolean,
            /// The least value. For a group, the fewest rows.
            min: BOUND,
            /// The greatest value. For a text, the most characters. For a group, the most rows.
            max: BOUND,
            /// The digits after the decimal sign, for a decimal number.
            places: Shape::Integer(0, 9) => 2,
            unit: Shape::Words,
            /// The date must not be in the future.
            past: Shape::Boolean,
            /// The required part of a date, or of a person's birth date. The default is `day`. With `month` or `year`
            /// the answer is the known parts of `{ year, month, day }`.
            precision: Shape::Word(|| Precision::ALL.map(Precision::name).to_vec()),
            /// A telephone field also accepts numbers of the fixed network.
            landline: Shape::Boolean,
            /// A telephone field also accepts numbers of other countries.
            foreign: Shape::Boolean,
            /// The field of the birth date with which a citizen number must agree.
            birth: Shape::Text,
            /// The field of the sex with which a citizen number must agree, or `male` or `female`.
            sex: Shape::Text,
            /// The source of a computed value: `plugin`, if a plugin computes it.
            from: Shape::Word(|| vec!["plugin"]),
            /// The expression of a computed value, in CEL.
            value: Shape::Text,
            /// People do not see the computed value. Conditions read it, and the data of the dossier has it.
            helper: Shape::Boolean,
            /// The choices of `one-of` and `several-of`.
            choices: Shape::Tables(&CHOICE),
            /// The rows of a table.
            rows: Shape::Tables(&CHOICE),
            /// A file in `registries`, without `.csv`.
            registry: Shape::Text,
            /// The field whose entry is the parent: the province of a commune.
            under: Shape::Text,
            /// The shape of a place on a map.
            shape: Shape::Word(|| form::MapShape::ALL.map(form::MapShape::name).to_vec()),
            accept: ACCEPT,
            /// The megabytes of the largest file.
            max_mb: MAX_MB => PAPER_MEGABYTES,
            /// The most files.
            max_files: MAX_FILES => PAPER_FILES,
            /// The questions of a group or a table.
            field: Shape::Tables(&FIELD),
        }
    }

    CHOICE = "Choice" {
        required {
            value: Shape::Text,
            label: Shape::Words,
        }
    }
}

/// The kinds of files that are accepted.
pub const ACCEPT: Shape = Shape::List(&Shape::Word(|| MediaKind::ALL.map(MediaKind::name).to_vec()));

/// The megabytes of the largest file.
pub const MAX_MB: Shape = Shape::Integer(1, 100);

/// The most files.
pub const MAX_FILES: Shape = Shape::Integer(1, 50);

const BOUND: Shape = Shape::Either(
    "A number, a day, or an expression in CEL that returns one.",
    &[Shape::Number, Shape::Text, Shape::Date],
);

const PROPOSAL: Shape = Shape::Either(
    "A number, a day, true, false, or an expression in CEL. A text within it has its own quotes: `\"'male'\"`.",
    &[Shape::Boolean, Shape::Number, Shape::Text, Shape::Date],
);
