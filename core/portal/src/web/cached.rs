//! Content that is the same for everybody: computed once for each release, and not sent to clients that have it.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use motcua_service::{Error, WorkPlaces};
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// The cache control of an address whose content never changes.
pub const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The cache control of an address whose content changes with a release.
pub const FOR_A_MINUTE: &str = "public, max-age=60";

/// Values that follow from the release and from their key. A new release begins with none.
#[derive(Debug)]
pub struct PerRelease<K, V> {
    /// The most values. When there are more, the oldest is removed.
    most: usize,
    /// The places in which values are computed.
    places: Arc<WorkPlaces>,
    kept: Mutex<CachedValue<K, V>>,
}

#[derive(Debug)]
struct CachedValue<K, V> {
    release: i64,
    values: HashMap<K, CachedCell<V>>,
    /// The keys, the oldest first.
    order: VecDeque<K>,
}

type CachedCell<V> = Arc<OnceCell<Arc<V>>>;

impl<K: Clone + Eq + Hash, V: Send + Sync + 'static> PerRelease<K, V> {
    pub fn new(most: usize, places: &Arc<WorkPlaces>) -> Self {
        let kept = CachedValue { release: 0, values: HashMap::new(), order: VecDeque::new() };
        Self { most, places: Arc::clone(places), kept: Mutex::new(kept) }
    }

    /// Returns the value of the key. The first caller computes it, on a thread for such work, and all others wait.
    pub async fn get(&self, release: i64, key: K, make: impl FnOnce() -> V + Send + 'static) -> Result<Arc<V>, Error> {
        let value = self.value(release, key);
        let make = move || async move { self.places.run(make).await.map(Arc::new) };
        Ok(value.get_or_try_init(make).await?.clone())
    }

    /// Returns the value of the key. The first caller reads it, and all others wait.
    pub async fn read(
        &self,
        release: i64,
        key: K,
        reading: impl Future<Output = Result<V, Error>> + Send,
    ) -> Result<Arc<V>, Error> {
        let value = self.value(release, key);
        let read = move || async move {
            let _place = self.places.enter().await?;
            reading.await.map(Arc::new)
        };
        Ok(value.get_or_try_init(read).await?.clone())
    }

    fn value(&self, release: i64, key: K) -> CachedCell<V> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if release < kept.release {
            // The request began before the release.
            return CachedCell::default();
        }
        if release > kept.release {
            *kept = CachedValue { release, values: HashMap::new(), order: VecDeque::new() };
        }
        if let Some(known) = kept.values.get(&key) {
            return known.clone();
        }
        while kept.values.len() >= self.most
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.values.remove(&oldest);
        }
        let value = CachedCell::default();
        kept.order.push_back(key.clone());
        kept.values.insert(key, value.clone());
        value
    }
}

/// A content with its name, as it is and compressed.
#[derive(Debug)]
pub struct MadeContent {
    content: Bytes,
    /// The compressed content, or nothing if that is no smaller.
    compressed: Option<Bytes>,
    tag: String,
}

impl MadeContent {
    pub fn of(content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let tag = hex::encode(Sha256::digest(&content));
        let compressed = gzip(&content).filter(|compressed| compressed.len() < content.len());
        Self { content, compressed, tag }
    }

    /// Returns the content as it is.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

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
        match &self.compressed {
            Some(compressed) if takes_gzip(headers) => {
                let coding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
                (common, kind, coding, Body::from(compressed.clone())).into_response()
            }
            _ => (common, kind, Body::from(self.content.clone())).into_response(),
        }
    }
}

/// Returns the content in gzip.
fn gzip(content: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Returns whether the client takes gzip (RFC 9110, section 12.5.3): by its name, or by `*` if the client does not name
/// it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let codings: Vec<(&str, bool)> = lines.flat_map(|line| line.split(',')).map(coding).collect();
    let taken = |wanted: &[&str]| {
        let is_wanted = |name: &str| wanted.iter().any(|wanted| name.eq_ignore_ascii_case(wanted));
        codings.iter().filter(|(name, _)| is_wanted(name)).map(|(_, taken)| *taken).reduce(|one, other| one || other)
    };
    // `x-gzip` is the former name.
    taken(&["gzip", "x-gzip"]).or_else(|| taken(&["*"])).unwrap_or(false)
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn a_value_is_made_once_for_each_release_and_key() {
        let places = Arc::new(WorkPlaces::new(1, 1));
        let (kept, count) = (PerRelease::<&str, usize>::new(2, &places), Arc::new(AtomicUsize::new(0)));
        let get = async |release, key| {
            let count = count.clone();
            *kept.get(release, key, move || count.fetch_add(1, Ordering::Relaxed)).await.expect("made")
        };
        assert_eq!((get(1, "a").await, get(1, "b").await, get(1, "a").await), (0, 1, 0));
        assert_eq!((get(2, "a").await, get(2, "a").await), (2, 2), "a new release");
        assert_eq!((get(1, "a").await, get(2, "a").await), (3, 2), "a request that began before it");
        assert_eq!((get(2, "b").await, get(2, "c").await, get(2, "c").await), (4, 5, 5), "no more than two are kept");
        assert_eq!((get(2, "a").await, get(2, "c").await), (6, 5), "the oldest is forgotten, and no other one");
        let (one, other) = tokio::join!(get(3, "a"), get(3, "a"));
        assert_eq!((one, other), (7, 7), "all who wait get the same");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_read_again_and_what_was_read_is_kept() {
        let kept = PerRelease::<&str, usize>::new(2, &Arc::new(WorkPlaces::new(1, 1)));
        let broken = kept.read(1, "a", async { Err(Error::NotFound) }).await;
        assert!(matches!(broken, Err(Error::NotFound)));
        for (read, expected) in [(1, 1), (2, 1)] {
            assert_eq!(*kept.read(1, "a", async move { Ok(read) }).await.expect("read"), expected);
        }
    }

    #[tokio::test]
    async fn as_much_is_made_at_once_as_there_are_places() {
        let places = Arc::new(WorkPlaces::new(1, 0));
        let kept = PerRelease::<&str, usize>::new(2, &places);
        let place = places.enter().await.expect("a place");
        assert!(matches!(kept.get(1, "a", || 1).await, Err(Error::Invalid(_))), "the place is taken");
        drop(place);
        assert_eq!(*kept.get(1, "a", || 2).await.expect("made"), 2);
    }

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
