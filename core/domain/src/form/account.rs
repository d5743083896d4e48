//! The answers of a new draft that are facts of the applicant's account.

use crate::form::proposal::fitting;
use crate::form::{Field, FieldKind, Form};
use serde_json::{Map, Value as Json};

/// The facts of an account that answer questions about the applicant.
#[derive(Debug, Clone, Copy)]
pub struct AccountFacts<'a> {
    pub name: &'a str,
    pub phone: &'a str,
    /// The e-mail address, if the account has one.
    pub email: Option<&'a str>,
}

impl AccountFacts<'_> {
    /// Returns the answers to those questions of a form that ask for these facts, by the ids of the fields.
    pub fn answers(self, form: &Form) -> Map<String, Json> {
        let asking = form.fields().map(|(_, field)| field).filter(|field| field.from_account);
        asking.filter_map(|field| Some((field.id.clone(), self.answer_to(field)?))).collect()
    }

    fn answer_to(self, field: &Field) -> Option<Json> {
        let fact = if matches!(field.kind, FieldKind::Text(_)) {
            self.name
        } else if matches!(field.kind, FieldKind::Phone(_)) {
            self.phone
        } else if matches!(field.kind, FieldKind::Email) {
            self.email?
        } else {
            return None;
        };
        if fact.is_empty() { None } else { fitting(&field.kind, Json::from(fact)) }
    }
}

/// Returns whether a question of this kind can ask for a fact of an account.
pub const fn takes_fact(kind: &FieldKind) -> bool {
    matches!(kind, FieldKind::Text(_) | FieldKind::Phone(_) | FieldKind::Email)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::kinds;
    use crate::form::testing::{field, form};

    #[test]
    fn only_questions_that_ask_for_a_fact_of_the_account_begin_with_it() {
        let asking = |id: &str, kind| Field { from_account: true, ..field(id, kind) };
        let name = || FieldKind::Text(kinds::Text { max: 20 });
        let form = form(vec![
            asking("owner", name()),
            field("full_name", name()),
            asking("short", FieldKind::Text(kinds::Text { max: 3 })),
            asking("phone", FieldKind::Phone(kinds::Phone { landline: false, foreign: false })),
            asking("email", FieldKind::Email),
            asking("agrees", FieldKind::YesNo),
        ]);
        let facts = AccountFacts { name: "Nguyễn Văn An", phone: "0912345678", email: None };
        let expected = serde_json::json!({ "owner": "Nguyễn Văn An", "phone": "0912345678" });
        assert_eq!(Json::Object(facts.answers(&form)), expected);
        let mailing = AccountFacts { email: Some("an@example.vn"), ..facts };
        assert_eq!(mailing.answers(&form).get("email"), Some(&Json::from("an@example.vn")));
    }
}
