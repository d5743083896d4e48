//! The people beside the applicant who have to consent to what is filed.

use crate::files::form;
use crate::reading::keys::{CONDITION, Shape, keys};
use crate::reading::node::{ExpressionNames, ExpressionPurpose, FileTable, Placed};
use motcua_domain::form::kinds::Structure;
use motcua_domain::form::{AnswerRows, Field};
use motcua_domain::names::SignerId;
use motcua_domain::procedure::co_signer::CoSigner;
use motcua_domain::text;
use std::collections::BTreeSet;

keys! {
    /// A person who has to consent to what the applicant files, with a log-in of their own.
    pub(crate) SIGNER = "Signer" {
        required {
            /// The id of small letters, digits and `_`.
            id: Shape::Text,
            /// The role of the person, such as “wife”.
            name: Shape::Words,
            /// The answer with the person's citizen number or tax code: `wife.citizen_number`.
            identity: Shape::Text,
        }
        optional {
            /// The condition under which the person has to sign. The default is `true`.
            when: CONDITION,
            /// The group of which each row names a person. `identity` then begins with it: `members.citizen_number`.
            many: Shape::Text,
            /// The words of the consent. By default those of the theme.
            consent: Shape::Words,
        }
    }
}

const NO_SIGNER: &str = "bad-signer";

/// Reads the signers.
pub fn read(root: &FileTable<'_>, names: ExpressionNames<'_>, fields: &[&Field]) -> Vec<CoSigner> {
    let mut seen = BTreeSet::new();
    root.tables("signer").iter().filter_map(|table| read_one(table, names, fields, &mut seen)).collect()
}

fn read_one(
    table: &FileTable<'_>,
    names: ExpressionNames<'_>,
    fields: &[&Field],
    seen: &mut BTreeSet<String>,
) -> Option<CoSigner> {
    let id = table.required_string("id", "\"wife\"");
    if let Some(id) = &id {
        form::identifier(table, id, seen);
    }
    let name = table.required_text("name");
    let when = table.condition("when", true, names, ExpressionPurpose::When, None);
    let (many, consent) = (table.string("many"), table.text("consent"));
    let identity = table.required_string("identity", "\"wife.citizen_number\"");
    // A field with a mistake is told at the field.
    let is_whole = |place: &&Placed<String>| {
        let first = place.value.split('.').next().unwrap_or_default();
        !names.written.borrow().faulty.contains(first)
    };
    if let Some(many) = many.as_ref().filter(is_whole) {
        check_group(table, many, fields);
    }
    if let Some(identity) = identity.as_ref().filter(is_whole) {
        check_identity(table, identity, many.as_ref(), fields);
    }
    table.finish();
    Some(CoSigner {
        id: SignerId(id?.value),
        name: name?,
        when,
        many: many.map(|many| many.value),
        identity: identity?.value,
        consent,
    })
}

/// Returns whether people add the rows of a field.
fn is_group(field: &Field) -> bool {
    matches!(field.kind.structure(), Structure::Rows(AnswerRows::Added { .. }, _))
}

fn check_group(table: &FileTable<'_>, many: &Placed<String>, fields: &[&Field]) {
    if !fields.iter().any(|field| field.id == many.value && is_group(field)) {
        let groups = fields.iter().filter(|field| is_group(field)).map(|field| field.id.as_str());
        table.unknown_word("group", many, groups);
    }
}

/// Checks that an answer names one person: a citizen number or a tax code that is asked once, or once in each row.
fn check_identity(table: &FileTable<'_>, identity: &Placed<String>, many: Option<&Placed<String>>, fields: &[&Field]) {
    let mut path = identity.value.split('.');
    let first = path.next().unwrap_or_default();
    let begun = fields.iter().copied().find(|field| field.id == first);
    let found = path.try_fold(begun, |at, part| Some(at?.kind.parts().iter().find(|inner| inner.id == part)));
    let is_identity = found.flatten().is_some_and(|field| field.kind.is_identity());
    let has_rows = begun.is_some_and(|field| field.kind.rows().is_some());
    let is_in_group = many.map_or(!has_rows, |many| many.value == first);
    if is_identity && is_in_group {
        return;
    }
    let name = &identity.value;
    let (message, help) = if is_identity {
        (
            text!(
                "`{name}` có ở nhiều dòng, nên không chỉ ra một người",
                "`{name}` is in several rows, so it names no single person"
            ),
            text!("hãy nêu nhóm chứa câu trả lời này bằng `many`", "name the group of this answer with `many`"),
        )
    } else {
        let known = identities(fields).join(", ");
        let message = text!(
            "`{name}` không phải là số định danh cá nhân hoặc mã số thuế",
            "`{name}` is no citizen number and no tax code"
        );
        let help = if known.is_empty() {
            text!("hãy hỏi một số như vậy trong biểu mẫu", "ask for such a number in the form")
        } else {
            text!("hãy nêu một trong các số: {known}", "name one of these numbers: {known}")
        };
        (message, help)
    };
    table.mistake(NO_SIGNER, identity.span.clone(), message, help);
}

/// Returns the paths of the numbers that name a person or an organisation.
fn identities(fields: &[&Field]) -> Vec<String> {
    let of_field = |field: &&Field| {
        let own = field.kind.is_identity().then(|| field.id.clone());
        let parts = field.kind.parts().iter().filter(|part| part.kind.is_identity());
        let parts = parts.map(|part| format!("{}.{}", field.id, part.id));
        own.into_iter().chain(parts).collect::<Vec<_>>()
    };
    fields.iter().flat_map(of_field).collect()
}
