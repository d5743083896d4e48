//! Publishing the heads of the log: to folders, files and other systems.

use crate::{Desk, Error};
use jiff::SignedDuration;
use motcua_catalogue::publishing::PublishTo;
use motcua_sandbox::Client;
use motcua_store::durable;
use motcua_store::log::Head;
use std::path::Path;

/// Where the heads of the log are published, and how often at most.
#[derive(Debug, Clone, Default)]
pub struct Publishing {
    pub places: Vec<PublishTo>,
    pub every: SignedDuration,
}

impl Desk {
    /// Publishes the last head that this node signed or saw at each place that is due, and returns at how many. A place
    /// that does not take it is tried again later.
    pub async fn publish_heads(&self) -> Result<usize, Error> {
        let log = &self.inner.log;
        let Some(signer) = &log.signer else { return Ok(0) };
        let Some(head) = signer.kept.last().await else { return Ok(0) };
        let mut published = 0;
        for place in &log.publishing.places {
            let name = match place {
                PublishTo::Folder(path) | PublishTo::File(path) => path.display().to_string(),
                PublishTo::Web(address) => address.clone(),
            };
            let now = self.now().as_second();
            if !self.inner.database.claim_publication(&name, head.size, now).await? {
                continue;
            }
            let (to, sent) = (place.clone(), head.clone());
            match tokio::task::spawn_blocking(move || send(&to, &sent)).await.map_err(Error::fault)? {
                Ok(()) => {
                    let next = now.saturating_add(log.publishing.every.as_secs());
                    self.inner.database.published(&name, head.size, next).await?;
                    published += 1;
                }
                Err(reason) => {
                    tracing::warn!(%place, %reason, "a head of the log was not published; it is tried again")
                }
            }
        }
        Ok(published)
    }
}

/// Brings a head to a place. Returns why the place did not take it.
fn send(place: &PublishTo, head: &Head) -> Result<(), String> {
    match place {
        PublishTo::Folder(folder) => write_into(folder, head),
        PublishTo::File(file) if file.is_dir() => write_into(file, head),
        PublishTo::File(file) => write(file, head),
        PublishTo::Web(address) => Client::default().post_text(address, &head.note),
    }
}

fn write_into(folder: &Path, head: &Head) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("the folder cannot be made: {error}"))?;
    write(&folder.join(format!("checkpoint-{}", head.size)), head)?;
    write(&folder.join("checkpoint"), head)
}

fn write(file: &Path, head: &Head) -> Result<(), String> {
    durable::replace(file, head.note.as_bytes(), 0o644).map_err(|error| format!("it cannot be written: {error}"))
}
