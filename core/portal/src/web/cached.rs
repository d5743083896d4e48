//! What is the same for everybody: made once for each release, and not sent to those who have it.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use motcua_desk::Error;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

/// What belongs to an address whose content never changes.
pub const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// What belongs to an address whose content changes with a release.
pub const FOR_A_MINUTE: &str = "public, max-age=60";

/// Values that follow from the release and from their key. A new release begins with none.
#[derive(Debug)]
pub struct PerRelease<K, V> {
    /// The most values. When there are more, all are made again.
    most: usize,
    kept: Mutex<Kept<K, V>>,
}

#[derive(Debug)]
struct Kept<K, V> {
    release: i64,
    values: HashMap<K, Value<V>>,
}

type Value<V> = Arc<OnceCell<Arc<V>>>;

impl<K: Eq + Hash, V: Send + Sync + 'static> PerRelease<K, V> {
    pub fn new(most: usize) -> Self {
        Self { most, kept: Mutex::new(Kept { release: 0, values: HashMap::new() }) }
    }

    /// Returns the value of the key. The first who asks makes it, on a thread for such work, and all others wait.
    pub async fn get(&self, release: i64, key: K, make: impl FnOnce() -> V + Send + 'static) -> Result<Arc<V>, Error> {
        let value = self.value(release, key);
        let make = || async move { spawn_blocking(make).await.map(Arc::new).map_err(Error::fault) };
        Ok(value.get_or_try_init(make).await?.clone())
    }

    fn value(&self, release: i64, key: K) -> Value<V> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if release < kept.release {
            // A request that began before the release.
            return Value::default();
        }
        if release > kept.release || (kept.values.len() >= self.most && !kept.values.contains_key(&key)) {
            *kept = Kept { release, values: HashMap::new() };
        }
        kept.values.entry(key).or_default().clone()
    }
}

/// A content with its name.
#[derive(Debug)]
pub struct Made {
    content: Bytes,
    tag: String,
}

impl Made {
    pub fn of(content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let tag = hex::encode(Sha256::digest(&content));
        Self { content, tag }
    }

    /// Answers with the content, or says that the client has it.
    pub fn answer(&self, headers: &HeaderMap, kind: &'static str, cache: &'static str) -> Response {
        // Compressed or not, the content is the same.
        let tag = format!("W/\"{}\"", self.tag);
        let common = [(header::CACHE_CONTROL, HeaderValue::from_static(cache)), (header::ETAG, value(&tag))];
        if knows(headers, &self.tag) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
        (common, kind, Body::from(self.content.clone())).into_response()
    }
}

/// Returns whether the client has the content with this tag.
pub fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut known = lines.flat_map(|line| line.split(',')).map(str::trim);
    known.any(|known| known == "*" || known.trim_start_matches("W/").trim_matches('"') == tag)
}

/// Returns whether others than the visitor may keep an answer.
pub fn is_public(headers: &HeaderMap) -> bool {
    headers.get(header::CACHE_CONTROL).is_some_and(|cache| cache.as_bytes().starts_with(b"public"))
}

/// The value of a header, for texts of which every character is plain.
pub fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn a_value_is_made_once_for_each_release_and_key() {
        let (kept, count) = (PerRelease::<&str, usize>::new(2), Arc::new(AtomicUsize::new(0)));
        let get = async |release, key| {
            let count = count.clone();
            *kept.get(release, key, move || count.fetch_add(1, Ordering::Relaxed)).await.expect("made")
        };
        assert_eq!((get(1, "a").await, get(1, "b").await, get(1, "a").await), (0, 1, 0));
        assert_eq!((get(2, "a").await, get(2, "a").await), (2, 2), "a new release");
        assert_eq!((get(1, "a").await, get(2, "a").await), (3, 2), "a request that began before it");
        assert_eq!((get(2, "b").await, get(2, "c").await, get(2, "c").await), (4, 5, 5), "no more than two are kept");
        assert_eq!(get(2, "a").await, 6);
        let (one, other) = tokio::join!(get(3, "a"), get(3, "a"));
        assert_eq!((one, other), (7, 7), "all who wait get the same");
    }

    #[test]
    fn who_has_the_content_is_not_sent_it() {
        let made = Made::of("text");
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
