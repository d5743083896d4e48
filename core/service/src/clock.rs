//! The clock, which callers pass in.

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_domain::time::calendar::local;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The source of the current time.
#[derive(Debug, Clone)]
pub enum TimeSource {
    /// The machine's clock.
    System,
    /// A time that is set by hand, in seconds since 1970, for tests and demonstrations.
    Set(Arc<AtomicI64>),
}

impl TimeSource {
    /// Returns a clock that stands at `now` until it is set.
    pub fn set_to(now: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(now.as_second())))
    }

    /// Sets the clock, unless it is the machine's.
    pub fn set(&self, now: Timestamp) {
        if let Self::Set(seconds) = self {
            seconds.store(now.as_second(), Ordering::SeqCst);
        }
    }

    /// Returns the current day in Vietnam.
    pub(crate) fn today(&self) -> Date {
        local(self.now()).date()
    }

    /// Returns the current time, in whole seconds.
    pub fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
        let seconds = match self {
            Self::System => Timestamp::now().as_second(),
            Self::Set(seconds) => seconds.load(Ordering::SeqCst),
        };
        moment(seconds)
    }
}

/// Returns the moment that is kept as seconds since 1970.
pub(crate) fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}
