//! The body of a request, with a limit on its size and on its slowness.

use crate::web::failure::Failure;
use crate::web::limits;
use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::try_unfold;
use std::error::Error;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

/// The reason why a body is not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    #[error("the body is larger than the route takes")]
    TooLarge,
    #[error("the client sent nothing for too long")]
    TooSlow,
    #[error("the connection broke off")]
    Broken,
}

/// Bounds the body of a request by the limits of its route, and by the longest wait for the next bytes.
pub async fn bound(State(idle): State<Duration>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let limit = limits::of(route);
    next.run(request.map(|body| bounded(body, limit, idle))).await
}

fn bounded(body: Body, limit: limits::Body, idle: Duration) -> Body {
    // A length that was announced and is too large is refused with the first bytes.
    let allowed = if body.size_hint().lower() > limit.bytes { 0 } else { limit.bytes };
    let arriving = Arriving { chunks: Some(body.into_data_stream()), left: limits::DRAINED };
    let begun = (arriving, allowed, Instant::now() + limit.within);
    Body::from_stream(try_unfold(begun, move |(mut chunks, left, end)| async move {
        let longest = idle.min(end.saturating_duration_since(Instant::now()));
        match timeout(longest, chunks.next()).await {
            Err(_) => {
                drop(chunks.chunks.take());
                Err(Unread::TooSlow)
            }
            Ok(None) => Ok(None),
            Ok(Some(Err(_))) => Err(Unread::Broken),
            Ok(Some(Ok(chunk))) => match left.checked_sub(chunk.len() as u64) {
                Some(left) => Ok(Some((chunk, (chunks, left, end)))),
                None => Err(Unread::TooLarge),
            },
        }
    }))
}

/// An arriving body. When nobody reads the rest, it is discarded up to a limit, because a client whose connection is
/// cut while it sends does not show the answer.
struct Arriving {
    chunks: Option<BodyDataStream>,
    /// The number of bytes to discard when nobody reads the rest. Bytes that were read count, too.
    left: u64,
}

impl Arriving {
    async fn next(&mut self) -> Option<Result<Bytes, axum::Error>> {
        let next = self.chunks.as_mut()?.next().await;
        match &next {
            Some(Ok(chunk)) => self.left = self.left.saturating_sub(chunk.len() as u64),
            _ => self.chunks = None,
        }
        next
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(rest) = self.chunks.take()
            && let Ok(runtime) = Handle::try_current()
        {
            // The bytes that have arrived are read in any case, because a connection with unread bytes ends without its
            // answer.
            let left = self.left.max(limits::HEAD as u64);
            runtime.spawn(timeout(limits::DRAINED_WITHIN, drain(rest, left)));
        }
    }
}

/// Reads and discards a body, up to a limit in bytes.
pub async fn drain(mut body: BodyDataStream, mut left: u64) {
    while let Some(Ok(chunk)) = body.next().await {
        let Some(less) = left.checked_sub(chunk.len() as u64) else { return };
        left = less;
    }
}

/// Reads a whole body of at most `largest` bytes.
pub async fn whole(body: Body, largest: u64) -> Result<Bytes, Failure> {
    let largest = usize::try_from(largest).unwrap_or(usize::MAX);
    axum::body::to_bytes(body, largest).await.map_err(|error| match unread(&error) {
        // The error is that of `to_bytes` itself.
        None => Failure::TooLarge,
        Some(_) => failure(&error),
    })
}

/// Returns the failure behind an error of a body.
pub fn failure(error: &(dyn Error + 'static)) -> Failure {
    match unread(error) {
        Some(Unread::TooLarge) => Failure::TooLarge,
        Some(Unread::TooSlow) => Failure::TooSlow,
        Some(Unread::Broken) | None => Failure::Unreadable,
    }
}

fn unread<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Unread> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(unread) = error.downcast_ref::<Unread>() {
            return Some(unread);
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use std::convert::Infallible;

    const LIMIT: limits::Body = limits::Body { bytes: 10, within: Duration::from_hours(1) };

    fn chunks(lengths: &'static [usize]) -> Body {
        Body::from_stream(stream::iter(lengths.iter().map(|length| Ok::<_, Infallible>(vec![b'x'; *length]))))
    }

    async fn read(body: Body, limit: limits::Body) -> Result<usize, Failure> {
        whole(bounded(body, limit, Duration::from_hours(1)), 100).await.map(|bytes| bytes.len())
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_no_further() {
        assert!(matches!(read(chunks(&[4, 6]), LIMIT).await, Ok(10)));
        assert!(matches!(read(chunks(&[4, 6, 1]), LIMIT).await, Err(Failure::TooLarge)));
        assert!(matches!(read(Body::from("0123456789"), LIMIT).await, Ok(10)));
        assert!(matches!(read(Body::from("0123456789a"), LIMIT).await, Err(Failure::TooLarge)));
        assert!(matches!(whole(chunks(&[4, 6]), 9).await, Err(Failure::TooLarge)));
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_in_time_is_too_slow() {
        let now = limits::Body { within: Duration::ZERO, ..LIMIT };
        let never = || Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        assert!(matches!(read(never(), now).await, Err(Failure::TooSlow)));
        let read = whole(bounded(never(), LIMIT, Duration::ZERO), 100).await;
        assert!(matches!(read, Err(Failure::TooSlow)));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_unreadable() {
        let broken = Body::from_stream(stream::iter([Ok("x"), Err(std::io::Error::other("gone"))]));
        assert!(matches!(read(broken, LIMIT).await, Err(Failure::Unreadable)));
    }
}
