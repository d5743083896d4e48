//! Publishing the heads of the log: to folders, files and other systems.

use super::LogService;
use crate::Error;
use jiff::SignedDuration;
use motcua_catalogue::publishing::PublishTo;
use motcua_sandbox::HttpClient;
use motcua_store::durable;
use motcua_store::log::SignedHead;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

/// The largest published head that is compared, in bytes.
const LARGEST: u64 = 64 << 10;

/// The places where the heads of the log are published, and the shortest time between two heads.
#[derive(Debug, Clone, Default)]
pub struct PublishPlaces {
    pub places: Vec<PublishTo>,
    pub every: SignedDuration,
}

impl LogService {
    /// Publishes the last head of the log at each place that is due, and returns the number of places that took it. A
    /// place that did not take it is tried again later.
    ///
    /// A node publishes only a head that it signed or vouched for. A node that lags or that refuses to seal publishes
    /// nothing, because its own head is not the last one.
    pub async fn publish_heads(&self) -> Result<usize, Error> {
        let log = &self.log;
        let Some(signer) = &log.signer else { return Ok(0) };
        if log.publishing.places.is_empty() {
            return Ok(0);
        }
        let Some(head) = signer.kept.last().await else { return Ok(0) };
        if self.database.log_head().await?.as_ref() != Some(&head) {
            return Ok(0);
        }
        let mut published = 0;
        for place in &log.publishing.places {
            let name = match place {
                PublishTo::Folder(path) | PublishTo::File(path) => path.display().to_string(),
                PublishTo::Web(address) => address.clone(),
            };
            let now = self.clock.now().as_second();
            if !self.database.claim_publication(&name, head.size, now).await? {
                continue;
            }
            let (to, sent) = (place.clone(), head.clone());
            match tokio::task::spawn_blocking(move || send(&to, &sent)).await.map_err(Error::fault)? {
                Ok(()) => {
                    let next = now.saturating_add(log.publishing.every.as_secs());
                    self.database.published(&name, head.size, next).await?;
                    published += 1;
                }
                Err(reason) => {
                    tracing::warn!(%place, %reason, "a head of the log was not published; it is tried again");
                }
            }
        }
        Ok(published)
    }
}

/// Sends a head to a place. Returns the reason if the place did not take it.
fn send(place: &PublishTo, head: &SignedHead) -> Result<(), String> {
    match place {
        PublishTo::Folder(folder) => write_into(folder, head),
        PublishTo::File(file) if file.is_dir() => write_into(file, head),
        PublishTo::File(file) => write(file, head),
        PublishTo::Web(address) => HttpClient::default().post_text(address, &head.note),
    }
}

fn write_into(folder: &Path, head: &SignedHead) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("the folder cannot be made: {error}"))?;
    if keep_for_good(folder, head)? { write(&folder.join("checkpoint"), head) } else { Ok(()) }
}

/// Writes a head to a file that is named after its size, and never replaces another one.
///
/// Returns whether the folder had no other head of this size. Two heads of one size with different roots prove that the
/// log was rewritten, so both stay.
fn keep_for_good(folder: &Path, head: &SignedHead) -> Result<bool, String> {
    let name = format!("checkpoint-{}", head.size);
    let file = folder.join(&name);
    if create(&file, head)? {
        return Ok(true);
    }
    let mut there = Vec::new();
    let read = File::open(&file).and_then(|file| file.take(LARGEST).read_to_end(&mut there));
    read.map_err(|error| format!("{name} cannot be read: {error}"))?;
    if is_of_the_same_log(&String::from_utf8_lossy(&there), &head.note) {
        return Ok(true);
    }
    let digest = hex::encode(Sha256::digest(&head.note));
    let beside = format!("{name}-{}", digest.get(..16).unwrap_or(&digest));
    create(&folder.join(&beside), head)?;
    tracing::error!(
        folder = %folder.display(),
        "{name} is a head of another log with as many entries, so the head of this log was written to {beside}: \
         somebody rewrote the log, or a copy of the portal published there; keep both files and run motcua audit verify"
    );
    Ok(false)
}

/// Returns whether two notes are heads of one log with the same size and root: the first three lines of each.
fn is_of_the_same_log(one: &str, other: &str) -> bool {
    one.lines().take(3).eq(other.lines().take(3))
}

/// Writes a head to a file that must not exist. Returns whether the file existed.
fn create(file: &Path, head: &SignedHead) -> Result<bool, String> {
    match durable::create(file, head.note.as_bytes(), 0o644) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        created => created.map(|()| true).map_err(|error| format!("it cannot be written: {error}")),
    }
}

fn write(file: &Path, head: &SignedHead) -> Result<(), String> {
    durable::replace(file, head.note.as_bytes(), 0o644).map_err(|error| format!("it cannot be written: {error}"))
}
