//! Headers for every answer.

use crate::state::Portal;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// A browser uses only https for a year after a visit. Other hosts of the domain are not concerned.
const STAY_WITH_HTTPS: &str = "max-age=31536000";

/// No page uses a device or a sensor, but for the place on a page with a map. A phone's camera takes photographs of
/// papers without this.
const NO_DEVICES: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// Pages take style sheets, pictures, fonts and scripts only from the files of the portal, and a page with a map also
/// takes tiles ([`allow_map`]). Nothing inline runs, no page is in a frame, and the portal's modules talk to nobody else.
/// Frames are for the papers of a dossier, whose answers alone let themselves be framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
    font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The name of the header about devices.
const PERMISSIONS: header::HeaderName = header::HeaderName::from_static("permissions-policy");

/// The part of [`POLICY`] that names the hosts of pictures.
const PICTURES: &str = "img-src 'self'";

/// The part of [`NO_DEVICES`] that keeps the place of the device from the page.
const NO_PLACE: &str = "geolocation=()";

/// Lets an answer take pictures from one more host, unless its name is empty, and ask for the place of the device. It is
/// that of a page on which people draw a place.
pub fn allow_map(response: &mut Response, tiles: &str) {
    let policy = POLICY.replace(PICTURES, format!("{PICTURES} {tiles}").trim_end());
    put(response, header::CONTENT_SECURITY_POLICY, policy);
    put(response, PERMISSIONS, NO_DEVICES.replace(NO_PLACE, "geolocation=(self)"));
}

/// Puts a header into an answer. A value that no header can have leaves the stricter one of every answer.
fn put(response: &mut Response, name: header::HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The part of [`POLICY`] that names the receivers of forms.
const FORMS: &str = "form-action 'self'";

/// Lets a form of an answer lead to one more origin. It is that of the page from which people go to pay, whose form is
/// sent to the portal and answered with a redirect there.
pub fn allow_form(response: &mut Response, origin: &str) {
    put(response, header::CONTENT_SECURITY_POLICY, POLICY.replace(FORMS, &format!("{FORMS} {origin}")));
}

/// Headers of every answer: nothing is guessed or framed, nothing goes elsewhere, and nothing is stored.
const HEADERS: [(header::HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (PERMISSIONS, NO_DEVICES),
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
