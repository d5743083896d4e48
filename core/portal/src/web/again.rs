//! Sending a form again from the page that says that nothing is confirmed.
//!
//! The page carries the posted fields with the proof as it was posted, so the command is the same and is carried out
//! once. Files and passwords are not carried. A form with a password is shown again with its other fields.

use crate::web::address::own_path;
use crate::web::typing::is_password;
use axum::http::{HeaderMap, header};
use serde::Serialize;

/// The largest form that is carried, in bytes of names and values. For a larger one, the person goes back.
const LARGEST: usize = 128 << 10;

/// The name of the field with the proof that the form came from a page of ours.
pub const PROOF: &str = "proof";

/// The name of the field with the purpose of a button.
pub const WISH: &str = "do";

/// The purpose of a button that only shows a form with its typed fields.
pub const OPEN: &str = "open";

/// A field of a form that a page carries on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CarriedField {
    /// The name of the field, as it was posted.
    pub name: String,
    /// The value of the field, as it was posted.
    pub value: String,
}

impl CarriedField {
    /// Returns fields as they were posted.
    pub fn all(posted: impl IntoIterator<Item = (String, String)>) -> Vec<Self> {
        posted.into_iter().map(|(name, value)| Self { name, value }).collect()
    }

    /// Returns fields for checking a theme.
    pub fn samples() -> Vec<Self> {
        vec![Self { name: "full_name".into(), value: "An".into() }]
    }
}

/// A form that was posted from a page of ours.
#[derive(Debug, Clone, Serialize)]
pub struct AgainForm {
    /// The address to which the form was posted.
    pub action: String,
    /// The fields, as they were posted.
    pub fields: Vec<CarriedField>,
    /// The form is sent in parts.
    pub upload: bool,
    /// The form had a password, so it is opened instead of sent.
    pub password: bool,
}

impl AgainForm {
    /// Stores a posted form without its passwords, if its page may carry it. Returns none if the form had only
    /// passwords.
    pub fn of(action: &str, fields: Vec<(String, String)>, upload: bool) -> Option<Self> {
        let (passwords, mut fields): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, _)| is_password(name));
        let password = !passwords.is_empty();
        if password {
            fields.retain(|(name, _)| name != WISH);
            if fields.iter().all(|(name, _)| name == PROOF) {
                return None;
            }
            fields.push((WISH.to_owned(), OPEN.to_owned()));
        }
        let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        (bytes <= LARGEST).then(|| Self {
            action: own_path(action),
            fields: CarriedField::all(fields),
            upload,
            password,
        })
    }

    /// Returns the form with the proof of the page that is shown now.
    pub fn with_proof(&self, proof: String) -> Self {
        let proof = CarriedField { name: PROOF.to_owned(), value: proof };
        let others = self.fields.iter().filter(|field| field.name != PROOF).cloned();
        let fields = std::iter::once(proof).chain(others).collect();
        Self { fields, ..self.clone() }
    }

    /// Returns forms for checking a theme.
    pub fn samples() -> [Option<Self>; 4] {
        let form = |upload| Self::of("/dossiers/H09/messages", vec![("text".into(), "Xin chào".into())], upload);
        let account = vec![("name".into(), "An".into()), ("password".into(), String::new())];
        [None, form(false), form(true), Self::of("/register", account, false)]
    }
}

/// Returns whether a form is sent in parts.
pub fn is_upload(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("multipart/")
}

#[cfg(test)]
mod tests {
    use super::{AgainForm, LARGEST};

    fn of(fields: &[(&str, &str)]) -> Option<AgainForm> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        AgainForm::of("/", fields.iter().map(owned).collect(), false)
    }

    #[test]
    fn very_large_forms_are_not_carried() {
        let most = LARGEST - "proof".len() - "text".len();
        assert!(of(&[("proof", ""), ("text", &"x".repeat(most))]).is_some());
        assert!(of(&[("proof", ""), ("text", &"x".repeat(most + 1))]).is_none());
    }

    #[test]
    fn a_form_with_a_password_is_opened_again_with_everything_else() {
        let again = of(&[("proof", "0"), ("do", "next"), ("name", "An"), ("password", "x")]).expect("a form");
        let fields: Vec<(&str, &str)> =
            again.fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        assert_eq!(fields, [("proof", "0"), ("name", "An"), ("do", "open")]);
        assert!(again.password);
        assert_eq!(of(&[("proof", "0"), ("old_password", "x"), ("new_password", "y")]).map(|form| form.fields), None);
    }
}
