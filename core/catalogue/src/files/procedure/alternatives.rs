//! The rules about places of a form and its papers, of which at least one, or exactly one, has to be given.

use crate::reading::keys::{CONDITION, Shape, keys};
use crate::reading::node::{ExpressionNames, ExpressionPurpose, FileTable, Placed};
use motcua_domain::expression::Condition;
use motcua_domain::form::kinds::Structure;
use motcua_domain::form::reach::reach;
use motcua_domain::form::types::ExpressionScope;
use motcua_domain::form::{AnswerRows, Field};
use motcua_domain::procedure::Paper;
use motcua_domain::procedure::alternatives::Alternatives;
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use std::collections::BTreeSet;

keys! {
    /// Fields and papers of which at least one has to be given.
    pub(crate) ALTERNATIVES = "Alternatives" {
        required {
            /// The fields, and the papers as `papers.id`. None of them is required by itself.
            of: Shape::List(&Shape::Text),
        }
        optional {
            /// Exactly one of them has to be given, and no other.
            exactly_one: Shape::Boolean,
            /// The condition under which the rule counts. The default is `true`.
            when: CONDITION,
            /// The message for a broken rule. By default it names all of them.
            text: Shape::Words,
        }
    }
}

/// The fields and papers that a procedure asks for.
#[derive(Clone, Copy)]
pub struct AskedPlaces<'a> {
    pub fields: &'a [&'a Field],
    pub papers: &'a [Paper],
}

/// A field or a paper.
#[derive(Clone, Copy)]
enum AskedPlace<'a> {
    Field(&'a Field),
    Paper(&'a Paper),
}

const NO_ALTERNATIVE: &str = "bad-alternatives";

/// Reads the rules.
pub fn read(root: &FileTable<'_>, names: ExpressionNames<'_>, asked: AskedPlaces<'_>) -> Vec<Alternatives> {
    root.tables("alternatives").iter().map(|table| read_one(table, names, asked)).collect()
}

fn read_one(table: &FileTable<'_>, names: ExpressionNames<'_>, asked: AskedPlaces<'_>) -> Alternatives {
    let of = table.strings("of");
    let exactly_one = table.boolean("exactly_one").unwrap_or(false);
    let when = table.condition("when", true, names, ExpressionPurpose::When, None);
    let text = table.text("text");
    table.finish();
    // A field with a mistake is told at the field.
    let is_whole = |place: &&Placed<String>| !names.written.borrow().faulty.contains(&place.value);
    let found: Vec<AskedPlace<'_>> = of.iter().filter(is_whole).filter_map(|place| asked.read(table, place)).collect();
    let mut seen = BTreeSet::new();
    for place in of.iter().filter(|place| !seen.insert(&place.value)) {
        let name = &place.value;
        let message = text!("`{name}` được nêu hai lần", "`{name}` is named twice");
        table.mistake("duplicate", place.span.clone(), message, text!("hãy nêu mỗi mục một lần", "name each once"));
    }
    if !table.has("of") {
        table.missing("of", "[\"email\", \"papers.letter\"]");
    } else if of.len() < 2 {
        let message = text!("phải có ít nhất hai mục thì mới chọn được", "a choice needs at least two alternatives");
        let help = text!(
            "hãy nêu ít nhất hai mục, ví dụ of = [\"email\", \"papers.letter\"]",
            "name at least two, such as of = [\"email\", \"papers.letter\"]"
        );
        table.mistake(NO_ALTERNATIVE, table.place("of"), message, help);
    } else if found.len() == of.len() && none_is_shown(&found, &when, asked) {
        let message = text!(
            "khi quy tắc này áp dụng thì không trường nào trong số này hiện ra, nên không ai làm đúng được",
            "none of these fields is shown when this rule counts, so nobody could keep it"
        );
        let help = text!(
            "hãy đối chiếu `when` với các điều kiện của `shown`",
            "compare `when` with the conditions of `shown`"
        );
        table.mistake(NO_ALTERNATIVE, table.place("of"), message, help);
    }
    let text = text.unwrap_or_else(|| words(&found, exactly_one));
    Alternatives { of: of.into_iter().map(|place| place.value).collect(), exactly_one, when, text }
}

impl<'a> AskedPlaces<'a> {
    /// Returns the field or paper of this name. Reports one that is unknown, or that is no alternative.
    fn read(self, table: &FileTable<'_>, place: &Placed<String>) -> Option<AskedPlace<'a>> {
        let paper = |id: &str| self.papers.iter().find(|paper| paper.id.as_str() == id).map(AskedPlace::Paper);
        let field = |id: &str| self.fields.iter().copied().find(|field| field.id == id).map(AskedPlace::Field);
        let found = place.value.strip_prefix("papers.").map_or_else(|| field(&place.value), paper);
        let Some(found) = found else {
            let papers: Vec<String> = self.papers.iter().map(|paper| format!("papers.{}", paper.id)).collect();
            let known = self.fields.iter().map(|field| field.id.as_str()).chain(papers.iter().map(String::as_str));
            table.unknown_word("field or paper", place, known);
            return None;
        };
        if let Some(objection) = found.objection() {
            let (message, help) = objection.words(&place.value);
            table.mistake(NO_ALTERNATIVE, place.span.clone(), message, help);
        }
        Some(found)
    }
}

impl<'a> AskedPlace<'a> {
    const fn name(self) -> &'a Text {
        match self {
            Self::Field(field) => &field.label,
            Self::Paper(paper) => &paper.name,
        }
    }

    /// Returns why people cannot choose to leave this out or to give it.
    fn objection(self) -> Option<NoAlternative> {
        let (field, always) = match self {
            Self::Paper(paper) => return (paper.required == Condition::Fixed(true)).then_some(NoAlternative::Required),
            Self::Field(field) => (field, field.shown == Condition::Fixed(true)),
        };
        match field.kind.structure() {
            Structure::Computed(_) | Structure::Explanation => Some(NoAlternative::NotAnswered),
            Structure::Rows(AnswerRows::Added { least, .. }, _) => {
                (always && least > 0).then_some(NoAlternative::HasRows)
            }
            Structure::Rows(AnswerRows::Named(_), _) => None,
            Structure::Single(_) | Structure::Block(_) | Structure::Files(_) => {
                (always && field.required == Condition::Fixed(true)).then_some(NoAlternative::Required)
            }
        }
    }
}

/// The reason why people cannot choose to leave a field or a paper out or to give it.
#[derive(Clone, Copy)]
enum NoAlternative {
    Required,
    HasRows,
    /// Nobody answers the field.
    NotAnswered,
}

impl NoAlternative {
    /// Returns the message about a field or paper of this name, and the advice.
    fn words(self, name: &str) -> (Text, Text) {
        match self {
            Self::Required => (
                text!(
                    "`{name}` không phải là mục để chọn: lúc nào cũng bắt buộc",
                    "`{name}` is no alternative: it is always required"
                ),
                text!("hãy viết required = false ở mục đó", "write required = false at it"),
            ),
            Self::HasRows => (
                text!(
                    "`{name}` không phải là mục để chọn: lúc nào cũng có dòng",
                    "`{name}` is no alternative: it always has rows"
                ),
                text!("hãy viết min = 0 ở mục đó", "write min = 0 at it"),
            ),
            Self::NotAnswered => (
                text!(
                    "`{name}` không phải là mục để chọn: không ai trả lời mục này",
                    "`{name}` is no alternative: nobody answers it"
                ),
                text!("hãy nêu một trường mà người dân trả lời", "name a field that people answer"),
            ),
        }
    }
}

/// Returns whether all of these are fields that are hidden whenever the rule counts.
fn none_is_shown(found: &[AskedPlace<'_>], when: &Condition, asked: AskedPlaces<'_>) -> bool {
    let scope = ExpressionScope { form: asked.fields, group: &[], asked: &[] };
    let is_hidden = |place: &AskedPlace<'_>| match place {
        AskedPlace::Paper(_) => false,
        AskedPlace::Field(field) => match &field.shown {
            Condition::Fixed(shown) => !shown,
            Condition::When(shown) => reach(shown, when.expression(), scope).is_some_and(|reach| !reach.can_hold),
        },
    };
    found.iter().all(is_hidden)
}

/// Returns the message that names all alternatives.
fn words(found: &[AskedPlace<'_>], exactly_one: bool) -> Text {
    let listed = |language: Language| {
        let names: Vec<&str> = found.iter().map(|place| place.name().get(language)).collect();
        names.join("”, “")
    };
    let (vi, en) = (listed(Language::Vi), listed(Language::En));
    if exactly_one {
        Text::new(format!("Cần đúng một trong các mục: “{vi}”."), format!("Exactly one of these is needed: “{en}”."))
    } else {
        Text::new(
            format!("Cần ít nhất một trong các mục: “{vi}”."),
            format!("At least one of these is needed: “{en}”."),
        )
    }
}
