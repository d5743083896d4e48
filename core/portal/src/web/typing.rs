//! Cleaning people's input where it arrives: composed letters, no controls, no invisible marks.

use crate::state::Portal;
use crate::web::failure::Failure;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use motcua_domain::text::{Language, clean};
use motcua_service::PAGE_LANGUAGE;
use serde::de::DeserializeOwned;

/// The names of the fields that take passwords. They stay as they were typed.
const PASSWORDS: [&str; 3] = ["password", "old_password", "new_password"];

/// Returns whether a field takes a password.
pub fn is_password(name: &str) -> bool {
    PASSWORDS.contains(&name)
}

/// Cleans the fields of a form.
pub fn cleaned(fields: Vec<(String, String)>) -> Vec<(String, String)> {
    let clean_one = |(name, value): (String, String)| {
        let value = if is_password(&name) { value } else { clean(&value) };
        (clean(&name), value)
    };
    fields.into_iter().map(clean_one).collect()
}

/// Adds the language in which numbers were typed, if the page did not say it.
pub fn with_language(fields: &mut Vec<(String, String)>, language: Language) {
    if !fields.iter().any(|(name, _)| name == PAGE_LANGUAGE) {
        fields.push((PAGE_LANGUAGE.to_owned(), language.tag().to_owned()));
    }
}

/// Adds or removes a row of a group, if the pressed button says so: `add:GROUP` or `remove:GROUP.ROW`.
pub fn change_rows(fields: &mut Vec<(String, String)>, wish: &str) {
    if let Some(row) = wish.strip_prefix("remove:") {
        let prefix = format!("{row}.");
        fields.retain(|(name, _)| !name.starts_with(&prefix));
    }
    if let Some(group) = wish.strip_prefix("add:") {
        let rows = fields.iter().filter_map(|(name, _)| {
            name.strip_prefix(group)?.strip_prefix('.')?.split('.').next()?.parse::<usize>().ok()
        });
        let next = rows.max().map_or(0, |last| last.saturating_add(1));
        fields.push((format!("{group}.{next}._"), String::new()));
    }
}

/// The query of an address, cleaned as a form is.
#[derive(Debug)]
pub struct Query<T>(pub T);

fn query<T: DeserializeOwned>(text: &str) -> Option<T> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(text).ok()?;
    serde_urlencoded::from_str(&serde_urlencoded::to_string(cleaned(fields)).ok()?).ok()
}

impl<T: DeserializeOwned> FromRequestParts<Portal> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Portal) -> Result<Self, Failure> {
        query(parts.uri.query().unwrap_or_default()).map(Self).ok_or(Failure::Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct TypedQuery {
        #[serde(default)]
        q: String,
    }

    #[test]
    fn a_query_and_a_form_come_in_without_what_nobody_sees() {
        let asked: TypedQuery = query("q=%00Hoa%CC%80%E2%80%AE+b").expect("a query");
        assert_eq!(asked.q, "Hoà b");
        assert!(query::<TypedQuery>("").is_some_and(|asked| asked.q.is_empty()));
        let fields = [("na\0me", "An\u{200b}"), ("password", "Hoa\u{300}\u{200b}"), ("note", "a\r\nb")];
        let fields = cleaned(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        let expected = [("name", "An"), ("password", "Hoa\u{300}\u{200b}"), ("note", "a\nb")];
        assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
