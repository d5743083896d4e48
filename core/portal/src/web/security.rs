//! Headers for every answer.

use crate::state::Portal;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// A browser uses only https for a year after a visit. Other hosts of the domain are not concerned.
const STAY_WITH_HTTPS: &str = "max-age=31536000";

/// No page uses a device or a sensor. A phone's camera takes photographs of papers without this.
const NO_DEVICES: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// Pages take style sheets, pictures, fonts and scripts only from the files of the portal. Nothing inline runs, no page
/// is in a frame, and the portal's module talks to nobody else. Frames are for the papers of a dossier, whose answers
/// alone let themselves be framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
    font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer: nothing is guessed or framed, nothing goes elsewhere, and nothing is stored.
const HEADERS: [(header::HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::HeaderName::from_static("permissions-policy"), NO_DEVICES),
    (header::CACHE_CONTROL, "no-store"),
];

/// Sets the headers that an answer does not have yet: the policy of the content, no frames, nothing from elsewhere, and
/// no caches.
pub async fn common_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Sets the common headers. Where people come by https, browsers have to stay with it.
pub async fn headers(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let mut response = common_headers(request, next).await;
    if is_https(&portal.settings.base_url) {
        let stay = HeaderValue::from_static(STAY_WITH_HTTPS);
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, stay);
    }
    response
}

/// Returns whether people reach the portal by https.
pub fn is_https(base_url: &str) -> bool {
    base_url.starts_with("https:")
}
