//! Files, as they are sent to browsers.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use motcua_domain::event::StoredFile;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A file as a download: never shown inside a page, never guessed at.
pub fn attachment(file: &StoredFile, content: Vec<u8>) -> Response {
    let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC);
    let disposition = format!("attachment; filename*=UTF-8''{name}");
    let kind = HeaderValue::from_str(&file.media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, content).into_response()
}
