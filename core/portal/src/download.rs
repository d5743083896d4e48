//! Files, as they are sent to browsers.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use motcua_domain::event::StoredFile;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A name as part of an address or a header.
pub fn encoded(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// Makes a download of a stored file.
pub fn attachment(file: &StoredFile, content: Body) -> Response {
    named(&file.name, &file.media_type, file.bytes, content)
}

/// Makes a download under a name: the browser neither shows it inside a page nor guesses its type.
pub fn named(name: &str, media_type: &str, bytes: u64, content: Body) -> Response {
    let name = encoded(name);
    let disposition = format!("attachment; filename*=UTF-8''{name}");
    let kind = HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_LENGTH, HeaderValue::from(bytes)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, content).into_response()
}
