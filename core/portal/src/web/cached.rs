//! Answers that caches may store, and that are not sent to clients that have them.

use crate::theme::{MadeContent, SplicedPage};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

/// The cache control of an address whose content never changes.
pub const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The cache control of an address whose content changes with a release.
pub const FOR_A_MINUTE: &str = "public, max-age=60";

impl MadeContent {
    /// Answers with the content, or with the status that the client has it.
    pub fn answer(&self, headers: &HeaderMap, kind: &'static str, cache: &'static str) -> Response {
        // The tag is the same for compressed and uncompressed content.
        let tag = format!("W/\"{}\"", self.tag);
        let common = [
            (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            (header::ETAG, value(&tag)),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
        ];
        if knows(headers, &self.tag) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
        let coded = match (self.pressed(), &self.compressed) {
            (Some(pressed), _) if takes(headers, &["br"]) => Some(("br", pressed)),
            (_, Some(zipped)) if takes_gzip(headers) => Some(("gzip", zipped)),
            _ => None,
        };
        match coded {
            Some((coding, bytes)) => {
                let coding = [(header::CONTENT_ENCODING, HeaderValue::from_static(coding))];
                (common, kind, coding, Body::from(bytes.clone())).into_response()
            }
            None => (common, kind, Body::from(self.content.clone())).into_response(),
        }
    }
}

impl SplicedPage {
    /// Answers with the page for a visitor, whose forms have this proof.
    pub fn answer(&self, headers: &HeaderMap, proof: &str) -> Response {
        let vary = [(header::VARY, HeaderValue::from_static("accept-encoding"))];
        let zipped = if takes_gzip(headers) { self.gzip_with(proof) } else { None };
        match zipped {
            Some(zipped) => {
                let coding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
                (vary, coding, Html(zipped)).into_response()
            }
            None => (vary, Html(self.with(proof))).into_response(),
        }
    }
}

/// Returns whether the client takes gzip. `x-gzip` is the former name.
fn takes_gzip(headers: &HeaderMap) -> bool {
    takes(headers, &["gzip", "x-gzip"])
}

/// Returns whether the client takes a coding (RFC 9110, section 12.5.3): by one of its names, or by `*` if the client
/// does not name it.
fn takes(headers: &HeaderMap, names: &[&str]) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let codings: Vec<(&str, bool)> = lines.flat_map(|line| line.split(',')).map(coding).collect();
    let taken = |wanted: &[&str]| {
        let is_wanted = |name: &str| wanted.iter().any(|wanted| name.eq_ignore_ascii_case(wanted));
        codings.iter().filter(|(name, _)| is_wanted(name)).map(|(_, taken)| *taken).reduce(|one, other| one || other)
    };
    taken(names).or_else(|| taken(&["*"])).unwrap_or(false)
}

/// Returns the name of a coding, and whether its weight lets it be used.
fn coding(text: &str) -> (&str, bool) {
    let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
    let weight = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().ok()).flatten()
    });
    (name.trim(), weight.is_none_or(|weight| weight > 0.0))
}

/// Returns whether the client has the content with this tag.
pub fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut known = lines.flat_map(|line| line.split(',')).map(str::trim);
    known.any(|known| known == "*" || known.trim_start_matches("W/").trim_matches('"') == tag)
}

/// Returns whether caches beside the visitor's own may store an answer.
pub fn is_public(headers: &HeaderMap) -> bool {
    headers.get(header::CACHE_CONTROL).is_some_and(|cache| cache.as_bytes().starts_with(b"public"))
}

/// Returns the value of a header, for texts with plain characters only.
pub fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::HttpBody as _;

    #[test]
    fn gzip_is_taken_by_its_name_or_by_the_star_unless_its_weight_is_nothing() {
        let table: [(&[&str], bool); 28] = [
            (&[], false),
            (&[""], false),
            (&["identity"], false),
            (&["br, deflate"], false),
            (&["gzip"], true),
            (&["GZip"], true),
            (&["x-gzip"], true),
            (&[" gzip ,br"], true),
            (&["br\t,\tgzip"], true),
            (&["gzip;q=1.0"], true),
            (&["gzip ; Q = 0.001"], true),
            (&["gzip;q=0"], false),
            (&["gzip; q=0.000"], false),
            (&["GZIP;Q=0"], false),
            (&["gzip;level=9;q=0"], false),
            (&["gzip;q=odd"], true),
            (&["*"], true),
            (&[" * "], true),
            (&["*;q=0.1"], true),
            (&["*;q=0"], false),
            (&["br, *"], true),
            (&["*, gzip;q=0"], false),
            (&["gzip;q=0, *;q=1"], false),
            (&["gzip, *;q=0"], true),
            (&["identity;q=0, *;q=0.5"], true),
            (&["*", "gzip;q=0"], false),
            (&["br", "gzip"], true),
            (&["gzipped, not-gzip"], false),
        ];
        for (lines, expected) in table {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::ACCEPT_ENCODING, value(line));
            }
            assert_eq!(takes_gzip(&headers), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_content_is_sent_compressed_to_those_who_take_it_so() {
        let text = "text ".repeat(100);
        let made = MadeContent::of(text.clone());
        let length = |made: &MadeContent, taken: &str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value(taken))]);
            let answer = made.answer(&headers, "text/plain", FOR_A_MINUTE);
            assert_eq!(answer.headers().get(header::VARY), Some(&value("accept-encoding")));
            let coded = answer.headers().contains_key(header::CONTENT_ENCODING);
            (coded, answer.body().size_hint().exact().expect("it is known"))
        };
        for taken in ["gzip", "br, GZIP", "gzip;q=0.5", "deflate;q=1, gzip; q=1.0", "*"] {
            let (coded, bytes) = length(&made, taken);
            assert!(coded && bytes < text.len() as u64, "{taken}: {bytes}");
        }
        for taken in ["", "br", "gzip;q=0", "gzip;q=0.0, br", "*, gzip;q=0"] {
            assert_eq!(length(&made, taken), (false, text.len() as u64), "{taken}");
        }
        assert_eq!(length(&MadeContent::of("x"), "gzip"), (false, 1), "it is no smaller");
    }

    #[test]
    fn a_content_that_was_pressed_is_sent_in_brotli_to_those_who_take_it_so() {
        let made = MadeContent::of("text ".repeat(100));
        made.press();
        for (taken, expected) in [
            ("gzip, deflate, br", Some("br")),
            ("br;q=1.0, gzip;q=0.8", Some("br")),
            ("gzip, br;q=0", Some("gzip")),
            ("gzip", Some("gzip")),
            ("identity", None),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value(taken))]);
            let answer = made.answer(&headers, "text/plain", FOR_A_MINUTE);
            let coding = answer.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
            assert_eq!(coding, expected.map(str::as_bytes), "{taken}");
        }
    }

    #[test]
    fn who_has_the_content_is_not_sent_it() {
        let made = MadeContent::of("text");
        let asked = |known: &str| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, value(known))]);
            made.answer(&headers, "text/plain", FOR_A_MINUTE).status()
        };
        let tag = &made.tag;
        for known in [format!("W/\"{tag}\""), format!("\"{tag}\""), format!("\"0\", W/\"{tag}\""), "*".to_owned()] {
            assert_eq!(asked(&known), StatusCode::NOT_MODIFIED, "{known}");
        }
        for other in ["\"0\"", "", "W/"] {
            assert_eq!(asked(other), StatusCode::OK, "{other}");
        }
    }
}
