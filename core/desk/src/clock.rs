//! The clock is handed in.

use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where "now" comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Set by hand, in seconds since 1970: for tests and for telling a story.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now` until it is set.
    pub fn set_to(now: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(now.as_second())))
    }

    /// Sets a clock that can be set.
    pub fn set(&self, now: Timestamp) {
        if let Self::Set(seconds) = self {
            seconds.store(now.as_second(), Ordering::SeqCst);
        }
    }

    /// The current time, in whole seconds.
    pub fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
        let seconds = match self {
            Self::System => Timestamp::now().as_second(),
            Self::Set(seconds) => seconds.load(Ordering::SeqCst),
        };
        Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
