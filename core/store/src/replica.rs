//! A replica of the database, for reads that may be some seconds old.

use crate::database::PATIENCE_WITH_REPLICA;
use crate::{Database, Fault, Reader};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a replica that failed is left alone.
const REST: Duration = Duration::from_secs(30);

/// A copy of the database that follows it.
#[derive(Debug, Clone)]
pub(crate) struct Replica {
    reader: Reader,
    rests_until: Arc<Mutex<Option<Instant>>>,
}

impl Replica {
    /// Makes a replica of the connections to it.
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader, rests_until: Arc::default() }
    }

    /// Returns the connections to the replica.
    pub(crate) const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Reads from the replica, and gives it up after [`PATIENCE_WITH_REPLICA`], whatever it is doing.
    pub(crate) async fn read<T, F>(&self, read: impl FnOnce(Reader) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        tokio::time::timeout(PATIENCE_WITH_REPLICA, read(self.reader.clone())).await.unwrap_or_else(|_| {
            let seconds = PATIENCE_WITH_REPLICA.as_secs();
            Err(Fault::Unavailable(format!("the replica did not answer within {seconds} seconds")))
        })
    }

    fn rests(&self) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn rest(&self) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_add(REST);
    }
}

impl Database {
    /// Reads something that may be some seconds old, such as statistics. It is never what a decision rests on, and
    /// never what somebody has just written.
    ///
    /// The replica answers if there is one. If it fails, the database itself answers, and the replica is left alone for
    /// a while.
    pub async fn read_behind<T, F>(&self, read: impl Fn(Reader) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        if let Some(replica) = self.replica().filter(|replica| !replica.rests()) {
            match replica.read(&read).await {
                Ok(found) => return Ok(found),
                Err(fault) => {
                    replica.rest();
                    tracing::warn!(%fault, "the replica failed, so the database itself is read");
                }
            }
        }
        read(self.reader().clone()).await
    }
}
