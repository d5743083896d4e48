//! Identifiers that are ordered by their creation, also within a second.

use crate::TimeSource;
use motcua_domain::names::CommandId;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::{Builder, Uuid};

/// The source of the identifiers of a node. Cheap to clone, and all clones draw from the same numbers.
#[derive(Debug, Clone)]
pub struct IdSource {
    /// The last used time and the number within it: 48 bits of milliseconds and 12 bits.
    last: Arc<AtomicU64>,
    clock: TimeSource,
}

impl IdSource {
    pub(crate) fn new(clock: TimeSource) -> Self {
        Self { last: Arc::default(), clock }
    }

    /// Returns a new identifier. The identifiers of a node are ordered by their creation.
    pub(crate) fn next(&self) -> Uuid {
        self.next_at(self.clock.now().as_millisecond())
    }

    /// Returns a new id for a command that is given now.
    pub(crate) fn command(&self) -> CommandId {
        CommandId(self.next().to_string())
    }

    /// Returns an identifier that comes after all earlier ones, even if the clock goes back.
    fn next_at(&self, millisecond: i64) -> Uuid {
        let time = u64::try_from(millisecond).unwrap_or(0) << 12;
        let after = |last: u64| time.max(last.wrapping_add(1));
        let update = self.last.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(after(last)));
        let place = update.map_or(time, after);
        let mut bytes: [u8; 10] = rand::random();
        let [.., high, low] = place.to_be_bytes();
        // The four bits above these are the version.
        bytes[0] = high & 0x0f;
        bytes[1] = low;
        Builder::from_unix_timestamp_millis(place >> 12, &bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::IdSource;
    use crate::TimeSource;

    #[test]
    fn ids_are_ordered_as_they_were_made_though_the_clock_stands_or_goes_back() {
        let ids = IdSource::new(TimeSource::System);
        let clock = |at: i64| if at < 9_000 { 1_000 } else { 500 + at };
        let made: Vec<_> = (0..10_000).map(|at| ids.next_at(clock(at))).collect();
        assert!(made.is_sorted_by(|before, after| before < after && before.to_string() < after.to_string()));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
        assert!(ids.next_at(0) > made[9_999]);
    }
}
