//! A replica of the database, for reads that may be some seconds old.

use crate::{DatabaseReader, Fault};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time for which a request waits for a replica. The database itself answers afterwards.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// The time for which a replica that failed is not used.
const REST: Duration = Duration::from_secs(30);

/// A copy of the database that follows it.
#[derive(Debug, Clone)]
pub(crate) struct Replica {
    reader: DatabaseReader,
    rests_until: Arc<Mutex<Option<Instant>>>,
}

impl Replica {
    /// Creates a replica from the connections to it.
    pub(crate) fn new(reader: DatabaseReader) -> Self {
        Self { reader, rests_until: Arc::default() }
    }

    /// Returns the connections to the replica.
    pub(crate) const fn reader(&self) -> &DatabaseReader {
        &self.reader
    }

    /// Reads from the replica, and gives up after [`PATIENCE`].
    pub(crate) async fn read<T, F>(&self, read: impl FnOnce(DatabaseReader) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        tokio::time::timeout(PATIENCE, read(self.reader.clone())).await.unwrap_or_else(|_| {
            let seconds = PATIENCE.as_secs();
            Err(Fault::Unavailable(format!("the replica did not answer within {seconds} seconds")))
        })
    }

    /// Returns whether the replica rests, because it failed a short while ago.
    pub(crate) fn rests(&self) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Lets the replica rest for a while.
    pub(crate) fn rest(&self) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_add(REST);
    }
}
