//! Headers for every answer, and limits on guessing.

use crate::Portal;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

/// How often something that could be guessed may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Log-ins, registrations and look-ups a minute, for one address and for one account.
    pub tries_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { tries_per_minute: 20 }
    }
}

/// Counts tries.
pub struct Throttle {
    tries: DefaultKeyedRateLimiter<String>,
}

impl Throttle {
    pub fn new(limits: Limits) -> Self {
        let tries = NonZeroU32::new(limits.tries_per_minute).unwrap_or(NonZeroU32::MIN);
        Self { tries: RateLimiter::keyed(Quota::per_minute(tries)) }
    }

    /// Whether one more try is within the limit, for each of the keys.
    pub fn allows(&self, keys: &[String]) -> bool {
        self.tries.retain_recent();
        keys.iter().all(|key| self.tries.check_key(key).is_ok())
    }
}

/// No scripts, no inline styles, no frames, nothing from elsewhere, and nothing kept in caches. A preview's pages have
/// one script, which loads them again.
pub async fn headers(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    const HEADERS: [(header::HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
        frame-ancestors 'none'";
    const PREVIEW: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
        frame-ancestors 'none'; script-src 'self'; connect-src 'self'";
    let policy = if portal.settings.preview.is_some() { PREVIEW } else { POLICY };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
