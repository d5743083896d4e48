//! The browser's statement about the page that sent a form.

use crate::web::failure::Failure;
use axum::http::{HeaderMap, HeaderValue};

/// Rejects a form that comes from a page of another site by the browser's own statement, before its body is read.
pub fn require_own_page(headers: &HeaderMap) -> Result<(), Failure> {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(Failure::NotOurForm),
    }
}

/// Returns whether the browser says that a page of this portal sent the request.
///
/// A page from elsewhere cannot make the browser say so. A form with an old proof is shown again only then.
pub fn is_from_own_page(headers: &HeaderMap, base_url: &str) -> bool {
    let says = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match says("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => says("origin").is_some_and(|origin| origin == base_url),
    }
}

#[cfg(test)]
mod tests {
    use super::is_from_own_page;
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

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
