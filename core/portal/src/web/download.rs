//! Files, as they are sent to browsers.

use crate::web::cached::{knows, value};
use axum::BoxError;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::stream::try_unfold;
use futures::{Stream, StreamExt as _};
use motcua_domain::file_name::saved_name;
use motcua_domain::media::StoredFile;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::ops::Range;

/// The policy of every file: it loads nothing, runs nothing, and has an origin of its own.
const APART: &str = "default-src 'none'; sandbox";

/// The same policy of a file that pages of this portal show in a frame.
const APART_IN_FRAME: &str = "default-src 'none'; sandbox; frame-ancestors 'self'";

/// Returns how a browser displays a type: `pdf`, `picture`, or `other` for a type that is only saved. The type of a
/// stored file comes from its content, so nothing else is displayed.
pub fn displayed(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "pdf",
        "image/jpeg" | "image/png" => "picture",
        _ => "other",
    }
}

/// Encodes a name as part of an address or a header.
pub fn encoded(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// The choice among several files with the same content.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DownloadQuery {
    #[serde(default)]
    pub name: String,
}

/// Returns the address of a file in a folder. The address has the name if `all` has the same content under another name
/// too.
pub fn url(folder: &str, file: &StoredFile, all: &[&StoredFile]) -> String {
    let plain = format!("{folder}/{}", file.digest);
    let twin = all.iter().any(|other| other.digest == file.digest && other.name != file.name);
    if twin { format!("{plain}?name={}", encoded(&file.name)) } else { plain }
}

/// Creates a download under a name. The browser neither displays it inside a page nor guesses its type.
pub fn named(name: &str, media_type: &str, bytes: u64, content: Body) -> Response {
    (of("attachment", name, media_type), [(header::CONTENT_LENGTH, HeaderValue::from(bytes))], content).into_response()
}

/// Creates a download of a table for spreadsheets.
pub fn csv(name: &str, table: String) -> Response {
    made(name, "text/csv; charset=utf-8", table.into())
}

/// Creates a download of a file that the portal has made.
pub fn made(name: &str, media_type: &str, content: Vec<u8>) -> Response {
    named(name, media_type, u64::try_from(content.len()).unwrap_or(u64::MAX), Body::from(content))
}

/// Answers with a file that the portal has made. The browser shows it apart from the portal's pages.
pub fn shown(name: &str, media_type: &str, content: Vec<u8>) -> Response {
    (of("inline", name, media_type), content).into_response()
}

/// Creates a download under a name whose length is not known before its end.
pub fn streamed(name: &str, media_type: &str, content: Body) -> Response {
    (of("attachment", name, media_type), content).into_response()
}

/// Answers with a stored file, or with the range of it that the headers request.
///
/// PDF, JPEG and PNG are shown in the browser, without scripts and apart from the portal's pages. All others are saved.
///
/// The file is always read to its end, because only then is it known to be the stored content. The last bytes are sent
/// afterwards.
pub fn stored<S, E>(headers: &HeaderMap, file: &StoredFile, content: S) -> Response
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: Into<BoxError> + Send + 'static,
{
    let tag = format!("\"{}\"", file.digest);
    let disposition = if displayed(&file.media_type) == "other" { "attachment" } else { "inline" };
    let known = [(header::ETAG, value(&tag)), (header::ACCEPT_RANGES, HeaderValue::from_static("bytes"))];
    if knows(headers, file.digest.as_str()) {
        return (StatusCode::NOT_MODIFIED, known).into_response();
    }
    let common = (known, of(disposition, &saved_name(file), &file.media_type));
    let length = |bytes: u64| [(header::CONTENT_LENGTH, HeaderValue::from(bytes))];
    let range = |text: &str| [(header::CONTENT_RANGE, value(text))];
    match asked(headers, &tag, file.bytes) {
        RequestedRange::Whole => (common, length(file.bytes), Body::from_stream(content)).into_response(),
        RequestedRange::Part(part) => {
            let shown = format!("bytes {}-{}/{}", part.start, part.end - 1, file.bytes);
            let bytes = length(part.end - part.start);
            let content = Body::from_stream(cut(content, part));
            (StatusCode::PARTIAL_CONTENT, common, range(&shown), bytes, content).into_response()
        }
        RequestedRange::Nothing => {
            (StatusCode::RANGE_NOT_SATISFIABLE, range(&format!("bytes */{}", file.bytes))).into_response()
        }
    }
}

/// Returns the headers of a file under a name.
fn of(disposition: &str, name: &str, media_type: &str) -> [(header::HeaderName, HeaderValue); 3] {
    let kind = HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition = HeaderValue::from_str(&format!("{disposition}; filename*=UTF-8''{}", encoded(name)));
    [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment"))),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(APART)),
    ]
}

/// Lets pages of this portal show an answer of [`stored`] in a frame, if the browser displays the file. The file stays
/// apart from the pages. An answer that is saved stays out of frames.
pub fn in_frame(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    let is_displayed =
        headers.get(header::CONTENT_DISPOSITION).is_some_and(|value| value.as_bytes().starts_with(b"inline"));
    if is_displayed {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(APART_IN_FRAME));
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    }
    answer
}

/// The part of a file that a client requests.
#[derive(Debug, PartialEq, Eq)]
enum RequestedRange {
    Whole,
    Part(Range<u64>),
    /// A part behind the end.
    Nothing,
}

/// Reads the header `Range` (RFC 9110). Several ranges, and an unreadable header, get the whole file.
fn asked(headers: &HeaderMap, tag: &str, bytes: u64) -> RequestedRange {
    if headers.get(header::IF_RANGE).is_some_and(|known| known.as_bytes() != tag.as_bytes()) {
        return RequestedRange::Whole;
    }
    let range =
        headers.get(header::RANGE).and_then(|range| range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-'));
    let Some((first, last)) = range else { return RequestedRange::Whole };
    let part = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(bytes),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..bytes,
        (Err(_), Ok(last)) if first.trim().is_empty() => bytes.saturating_sub(last)..bytes,
        _ => return RequestedRange::Whole,
    };
    if part.is_empty() { RequestedRange::Nothing } else { RequestedRange::Part(part) }
}

/// Returns a part of a content. The last bytes of the part come only when the content has ended without an error.
fn cut<S, E>(content: S, part: Range<u64>) -> impl Stream<Item = Result<Bytes, E>> + Send
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin,
    E: Send,
{
    let begun = (content, 0_u64, None::<Bytes>);
    try_unfold(begun, move |(mut content, mut at, mut held)| {
        let part = part.clone();
        async move {
            while let Some(chunk) = content.next().await {
                let chunk = chunk?;
                let within = |place: u64| {
                    usize::try_from(place.saturating_sub(at)).map_or(chunk.len(), |to| to.min(chunk.len()))
                };
                let piece = chunk.slice(within(part.start)..within(part.end));
                at += chunk.len() as u64;
                if piece.is_empty() {
                    continue;
                }
                if let Some(before) = held.replace(piece) {
                    return Ok(Some((before, (content, at, held))));
                }
            }
            Ok::<_, E>(held.take().map(|last| (last, (content, at, None))))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{TryStreamExt as _, stream};
    use motcua_domain::names::Digest;

    const TAG: &str = "\"0\"";

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, text)| (name.clone(), value(text))).collect()
    }

    #[test]
    fn a_range_is_read_and_anything_else_is_the_whole() {
        let asked = |range: &str| asked(&headers(&[(header::RANGE, range)]), TAG, 10);
        assert_eq!(asked("bytes=0-0"), RequestedRange::Part(0..1));
        assert_eq!(asked("bytes=3-5"), RequestedRange::Part(3..6));
        assert_eq!(asked("bytes=3-"), RequestedRange::Part(3..10));
        assert_eq!(asked("bytes=3-99999999999999999999"), RequestedRange::Whole);
        assert_eq!(asked("bytes=3-18446744073709551615"), RequestedRange::Part(3..10));
        assert_eq!(asked("bytes=-4"), RequestedRange::Part(6..10));
        assert_eq!(asked("bytes=-40"), RequestedRange::Part(0..10));
        assert_eq!(asked("bytes=10-"), RequestedRange::Nothing);
        assert_eq!(asked("bytes=-0"), RequestedRange::Nothing);
        for other in ["bytes=5-3", "bytes=-", "bytes=0-1,3-4", "bytes", "lines=0-1", "", "bytes=a-b"] {
            assert_eq!(asked(other), RequestedRange::Whole, "{other}");
        }
    }

    #[test]
    fn the_range_of_another_content_is_not_sent() {
        let asked = |known| asked(&headers(&[(header::RANGE, "bytes=3-"), (header::IF_RANGE, known)]), TAG, 10);
        assert_eq!(asked(TAG), RequestedRange::Part(3..10));
        assert_eq!(asked("\"1\""), RequestedRange::Whole);
        assert_eq!(asked("Wed, 21 Oct 2026 07:28:00 GMT"), RequestedRange::Whole);
    }

    async fn sent(range: Range<u64>, length: usize, breaks: bool) -> (Vec<u8>, bool) {
        let content: Vec<u8> = (0..100).collect();
        let mut chunks: Vec<Result<Bytes, &str>> =
            content.chunks(length).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        if breaks {
            chunks.push(Err("changed"));
        }
        let mut stream = std::pin::pin!(cut(stream::iter(chunks), range));
        let mut bytes = Vec::new();
        loop {
            match stream.try_next().await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => return (bytes, true),
                Err(_) => return (bytes, false),
            }
        }
    }

    #[tokio::test]
    async fn a_part_is_what_the_whole_has_there_and_does_not_end_before_the_whole_is_read() {
        for length in [1, 7, 50, 100] {
            for range in [0..1, 0..100, 13..14, 13..57, 99..100] {
                let expected: Vec<u8> = (0..100).collect();
                let at = usize::try_from(range.start).expect("small")..usize::try_from(range.end).expect("small");
                assert_eq!(sent(range.clone(), length, false).await, (expected[at.clone()].to_vec(), true));
                let (bytes, whole) = sent(range, length, true).await;
                assert!(!whole && bytes.len() < at.len(), "{at:?} in chunks of {length}");
            }
        }
    }

    #[test]
    fn only_what_a_browser_shows_safely_is_shown_and_may_stand_in_a_frame() {
        let shown = |media_type: &str| {
            let file = StoredFile {
                digest: Digest("0".repeat(64)),
                name: "giấy tờ".to_owned(),
                media_type: media_type.to_owned(),
                bytes: 0,
            };
            let answer = || stored(&HeaderMap::new(), &file, stream::empty::<Result<Bytes, BoxError>>());
            assert_eq!(answer().headers()[header::CONTENT_SECURITY_POLICY], APART);
            assert!(!answer().headers().contains_key(header::X_FRAME_OPTIONS));
            let framed = in_frame(answer());
            let is_shown = framed.headers()[header::CONTENT_DISPOSITION].as_bytes().starts_with(b"inline");
            let policy = if is_shown { APART_IN_FRAME } else { APART };
            assert_eq!(framed.headers()[header::CONTENT_SECURITY_POLICY], policy);
            assert_eq!(framed.headers().contains_key(header::X_FRAME_OPTIONS), is_shown);
            is_shown
        };
        for media_type in ["application/pdf", "image/jpeg", "image/png"] {
            assert!(shown(media_type), "{media_type}");
        }
        for media_type in ["text/html", "image/svg+xml", "application/zip", ""] {
            assert!(!shown(media_type), "{media_type}");
        }
    }
}
