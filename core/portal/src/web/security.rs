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

/// Sets headers: no scripts, no inline styles, no frames, nothing from elsewhere, and no caches.
///
/// A preview's pages have one script, which loads them again. Where people come by https, browsers have to stay with
/// it.
pub async fn headers(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    const HEADERS: [(header::HeaderName, &str); 6] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("permissions-policy"), NO_DEVICES),
        (header::CACHE_CONTROL, "no-store"),
    ];
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; \
        base-uri 'none'; frame-ancestors 'none'";
    const PREVIEW: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; \
        base-uri 'none'; frame-ancestors 'none'; script-src 'self'; connect-src 'self'";
    let policy = if portal.settings.preview.is_some() { PREVIEW } else { POLICY };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
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
