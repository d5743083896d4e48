//! The record of the heads that each place has, so that only one of several nodes publishes a head.

use crate::database::PUBLISH_LOCK;
use crate::jobs::setting;
use crate::{Database, Fault};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The seconds after which a node sends a head again to a place that did not take it. No other node sends it meanwhile.
pub const RETRY: i64 = 60;

/// The record of a place. A place never gets a smaller head than the one that it took, because the log would seem to
/// have lost entries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct PublishedRecord {
    /// The size of the last head that the place took.
    size: u64,
    /// The place gets no head before this time, in seconds since 1970.
    next: i64,
}

impl PublishedRecord {
    /// Reads the record from the database. An unknown place has nothing.
    fn read(value: Option<&str>) -> Self {
        let parsed = value.and_then(|value| {
            let (size, next) = value.split_once(' ')?;
            Some(Self { size: size.parse().ok()?, next: next.parse().ok()? })
        });
        parsed.unwrap_or_default()
    }

    const fn is_due(self, size: u64, now: i64) -> bool {
        size > self.size && now >= self.next
    }
}

impl fmt::Display for PublishedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.size, self.next)
    }
}

impl Database {
    /// Returns whether this node must publish the head of this size at a place now.
    ///
    /// If the node does not confirm its success with [`Self::published`], a node tries again after [`RETRY`].
    pub async fn claim_publication(&self, place: &str, size: u64, now: i64) -> Result<bool, Fault> {
        let name = name_of(place);
        if !PublishedRecord::read(setting(self.reader(), &name).await?.as_deref()).is_due(size, now) {
            return Ok(false);
        }
        let transaction = self.begin().await?;
        if !transaction.try_lock(PUBLISH_LOCK).await? {
            return Ok(false);
        }
        let state = PublishedRecord::read(setting(transaction.connection(), &name).await?.as_deref());
        if !state.is_due(size, now) {
            return Ok(false);
        }
        transaction.set_setting(&name, &PublishedRecord { next: now + RETRY, ..state }.to_string()).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Records that a place took the head of this size, and gets no other one before `next`.
    pub async fn published(&self, place: &str, size: u64, next: i64) -> Result<(), Fault> {
        let name = name_of(place);
        let transaction = self.begin().await?;
        transaction.lock(PUBLISH_LOCK).await?;
        // Another node may have published a larger head, if the place was slower than [`RETRY`].
        if PublishedRecord::read(setting(transaction.connection(), &name).await?.as_deref()).size < size {
            transaction.set_setting(&name, &PublishedRecord { size, next }.to_string()).await?;
        }
        transaction.commit().await
    }
}

/// Returns the name of a place's record. It is no address, because an address may hold a secret.
fn name_of(place: &str) -> String {
    format!("log-published/{}", hex::encode(Sha256::digest(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_gets_only_larger_heads_and_none_before_its_time() {
        let state = PublishedRecord { size: 7, next: 100 };
        assert_eq!(PublishedRecord::read(Some(&state.to_string())), state);
        assert_eq!(PublishedRecord::read(Some("seven")), PublishedRecord::default());
        assert!(PublishedRecord::read(None).is_due(1, 0));
        for (size, now, due) in [(7, 100, false), (8, 99, false), (8, 100, true), (6, 100, false)] {
            assert_eq!(state.is_due(size, now), due, "{size} {now}");
        }
    }
}
