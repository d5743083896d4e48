//! Sending a form again from the page that says that nothing is confirmed.
//!
//! The page carries what was posted, with the proof as it was posted: so the command is the same, and is carried out
//! once. Files and passwords are not carried.

use crate::pages::public::own_path;
use crate::typing::is_password;
use crate::visitor::{Visitor, fields_of};
use crate::web::parts::Parts;
use crate::web::{body, limits};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use serde::Serialize;

/// The largest form that is carried, in bytes of names and values. For a larger one, the person goes back.
const LARGEST: usize = 128 << 10;

/// The name of the field with the proof that the form came from a page of ours.
const PROOF: &str = "proof";

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

/// Reads and keeps the form of a request that reaches no handler. It is kept only if it came from a page of ours, as a
/// handler would take it.
pub async fn keep_unread(visitor: &Visitor, request: Request) {
    if request.method() != Method::POST {
        return;
    }
    let (parts, body) = request.into_parts();
    let upload = is_upload(&parts.headers);
    let Ok(bytes) = body::whole(body, limits::FORM.bytes).await else { return };
    let fields = if upload { texts(&parts.headers, Body::from(bytes)).await } else { fields_of(&bytes).ok() };
    let Some(fields) = fields else { return };
    let proof = fields.iter().rev().find(|(name, _)| name == PROOF).map_or("", |(_, value)| value);
    if visitor.token().proves(proof) {
        visitor.keep(fields, upload);
    }
}

/// Returns whether the browser says that a page of this portal sent the request. A page from elsewhere cannot say so.
/// A form with an old proof is shown again only then.
pub fn is_from_own_page(headers: &HeaderMap, base_url: &str) -> bool {
    let says = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match says("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => says("origin").is_some_and(|origin| origin == base_url),
    }
}

/// Returns whether a form is sent in parts.
pub fn is_upload(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("multipart/")
}

/// Returns the fields of a form in parts, unless a file was chosen.
async fn texts(headers: &HeaderMap, body: Body) -> Option<Vec<(String, String)>> {
    let mut parts = Parts::of(headers, body)?;
    let mut fields = Vec::new();
    while let Some(part) = parts.next().await.ok()? {
        if part.file_name().is_some() {
            return None;
        }
        if !part.is_file() {
            fields.push((part.name().to_owned(), part.text().await.ok()?));
        }
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::{Again, LARGEST, is_from_own_page};
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

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

    #[test]
    fn only_a_browser_that_names_this_portal_posts_from_its_own_page() {
        let own = |headers: &[(&'static str, &'static str)]| {
            let headers =
                headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            is_from_own_page(&headers.collect::<HeaderMap>(), "https://portal.example")
        };
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(own(&[("origin", "https://portal.example")]));
        assert!(!own(&[]));
        assert!(!own(&[("origin", "null")]));
        assert!(!own(&[("origin", "https://portal.example.evil.example")]));
        assert!(!own(&[("sec-fetch-site", "same-site"), ("origin", "https://portal.example")]));
        assert!(!own(&[("sec-fetch-site", "cross-site")]));
    }
}
