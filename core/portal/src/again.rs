//! Sending a form again from the page that says that nothing is confirmed.
//!
//! The page carries what was posted, with the proof as it was posted: so the command is the same, and is carried out
//! once. Files and passwords are not carried.

use crate::address::own_path;
use crate::typing::is_password;
use axum::http::{HeaderMap, header};
use serde::Serialize;

/// The largest form that is carried, in bytes of names and values. For a larger one, the person goes back.
const LARGEST: usize = 128 << 10;

/// The name of the field with the proof that the form came from a page of ours.
pub const PROOF: &str = "proof";

/// A form that was posted from a page of ours.
#[derive(Debug, Clone, Serialize)]
pub struct Again {
    /// Where it was posted.
    pub action: String,
    /// Names and values, as they were posted.
    pub fields: Vec<(String, String)>,
    /// It is sent in parts.
    pub upload: bool,
}

impl Again {
    /// Keeps a posted form, if its page may carry it.
    pub fn of(action: &str, fields: Vec<(String, String)>, upload: bool) -> Option<Self> {
        let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        let carried = bytes <= LARGEST && fields.iter().all(|(name, _)| !is_password(name));
        carried.then(|| Self { action: own_path(action), fields, upload })
    }

    /// Returns the form with the proof of a page that is shown now.
    pub fn with_proof(&self, proof: String) -> Self {
        let others = self.fields.iter().filter(|(name, _)| name != PROOF).cloned();
        let fields = std::iter::once((PROOF.to_owned(), proof)).chain(others).collect();
        Self { fields, ..self.clone() }
    }

    /// Forms for checking a theme.
    pub fn samples() -> [Option<Self>; 3] {
        let form = |upload| Self::of("/dossiers/H09/messages", vec![("text".into(), "Xin chào".into())], upload);
        [None, form(false), form(true)]
    }
}

/// Returns whether a form is sent in parts.
pub fn is_upload(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("multipart/")
}

#[cfg(test)]
mod tests {
    use super::{Again, LARGEST};

    fn carries(name: &str, bytes: usize) -> bool {
        let fields = vec![("proof".to_owned(), String::new()), (name.to_owned(), "x".repeat(bytes))];
        Again::of("/", fields, false).is_some()
    }

    #[test]
    fn passwords_and_very_large_forms_are_not_carried() {
        let names = "proof".len() + "text".len();
        assert!(carries("text", LARGEST - names));
        assert!(!carries("text", LARGEST - names + 1));
        assert!(!carries("password", 1));
    }
}
