//! The answers of a new draft that are facts of the applicant's account.

use crate::form::kinds::AccountFact;
use crate::form::proposal::fitting;
use crate::form::{Field, Form};
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
        let fact = match field.kind.account_fact()? {
            AccountFact::Name => self.name,
            AccountFact::Phone => self.phone,
            AccountFact::Email => self.email?,
        };
        if fact.is_empty() { None } else { fitting(&field.kind, Json::from(fact)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{field, form};
    use crate::form::{FieldKind, kinds};

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
