//! Sending a form again from the page that says that nothing is confirmed.
//!
//! The page carries what was posted, with the proof as it was posted: so the command is the same, and is carried out
//! once. Files and passwords are not carried.

use crate::pages::public::own_path;
use crate::typing::PASSWORD;
use crate::visitor::{Visitor, fields_of};
use crate::web::parts::Parts;
use crate::web::{body, limits};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use serde::Serialize;

/// The largest form that is carried, in bytes of names and values. For a larger one, the person goes back.
const LARGEST: usize = 128 << 10;

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
        let carried = bytes <= LARGEST && fields.iter().all(|(name, _)| name != PASSWORD);
        carried.then(|| Self { action: own_path(action), fields, upload })
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
    let proof = fields.iter().rev().find(|(name, _)| name == "proof").map_or("", |(_, value)| value);
    if visitor.token().proves(proof) {
        visitor.keep(fields, upload);
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
