//! Content that waits on the machine until it is whole. Uploads go into a bucket then, and what is set aside is read.
//!
//! A bucket takes parts of 5 MiB. If each upload held a part while a phone sends it, two hundred would hold a gigabyte.

use super::parts::FileParts;
use super::{FileStore, path, store_fault};
use crate::Fault;
use motcua_domain::names::Digest;
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The size of all parts of a file in a bucket but the last. A bucket takes no smaller ones.
pub(super) const PART: u64 = 5 << 20;

/// The most files that go into the bucket at once. Each holds one part in memory.
const AT_ONCE: usize = 4;

/// The room beyond a content that reading needs to notice its end without moving it.
const ROOM: u64 = 64;

/// The longest time that a whole file waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// The folder in which uploads wait.
#[derive(Debug, Clone)]
pub(super) struct Spool {
    folder: PathBuf,
    places: Arc<Semaphore>,
}

/// A content that waits. It has no name, so nothing is left when it is dropped or the process ends.
#[derive(Debug)]
pub struct Spooled {
    file: File,
    places: Arc<Semaphore>,
}

impl Spool {
    /// Lets uploads wait in a folder that exists.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Begins an upload.
    pub async fn begin(&self) -> Result<Spooled, Fault> {
        let folder = self.folder.clone();
        let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
        let file = made.map_err(|error| store_fault("spool", error))?.map_err(fault)?;
        Ok(Spooled { file: File::from_std(file), places: Arc::clone(&self.places) })
    }
}

impl Spooled {
    /// Adds bytes to the content.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.file.write_all(bytes).await.map_err(fault)
    }

    /// Waits until everything is written.
    pub async fn finish(&mut self) -> Result<(), Fault> {
        self.file.flush().await.map_err(fault)
    }

    /// Returns the whole content.
    pub async fn content(&self) -> Result<Vec<u8>, Fault> {
        let mut file = self.file.try_clone().await.map_err(fault)?;
        file.rewind().await.map_err(fault)?;
        let bytes = file.metadata().await.map_err(fault)?.len();
        let mut content = with_room_for(bytes);
        file.read_to_end(&mut content).await.map_err(fault)?;
        Ok(content)
    }

    /// Puts the content into the bucket under its final name. Content of several parts replaces an object that exists
    /// there, and is visible when it is complete.
    pub(super) async fn put_final(self, files: &FileStore, digest: &Digest, bytes: u64) -> Result<(), Fault> {
        let Self { mut file, places } = self;
        let Ok(Ok(_turn)) = timeout(LONGEST_WAIT, places.acquire()).await else {
            let reason = "files go into the bucket too slowly, and one waited for a minute; look at the bucket";
            return Err(Fault::Unavailable(reason.to_owned()));
        };
        file.rewind().await.map_err(fault)?;
        let (mut hash, mut left, mut parts) = (Sha256::new(), bytes, FileParts::default());
        while left > 0 {
            let part = next_part(&mut file, left).await.map_err(fault)?;
            hash.update(&part);
            left = match left.checked_sub(part.len() as u64) {
                Some(less) if !part.is_empty() => less,
                _ => return Err(Fault::FileChanged(digest.clone())),
            };
            if left == 0 && hex::encode(std::mem::take(&mut hash).finalize()) != digest.as_str() {
                return Err(Fault::FileChanged(digest.clone()));
            }
            if bytes <= PART {
                return files.put_whole(digest, part.into()).await;
            }
            parts.put(files, &path(digest), part).await?;
        }
        parts.complete().await
    }
}

/// Returns an empty buffer that takes so many bytes without being moved.
fn with_room_for(bytes: u64) -> Vec<u8> {
    Vec::with_capacity(usize::try_from(bytes.saturating_add(ROOM)).unwrap_or_default())
}

/// Reads the next part of a file with `left` bytes left. It is empty at the end.
async fn next_part(file: &mut File, left: u64) -> io::Result<Vec<u8>> {
    let mut part = with_room_for(left.min(PART));
    file.take(PART).read_to_end(&mut part).await?;
    Ok(part)
}

fn fault(error: io::Error) -> Fault {
    store_fault("spool", error)
}

#[cfg(test)]
mod tests {
    use crate::files::testing::TestStore;
    use futures::TryStreamExt as _;
    use object_store::ObjectStore as _;

    #[tokio::test]
    async fn a_content_that_is_set_aside_comes_back_whole_and_is_not_stored() {
        for store in TestStore::all().await {
            let mut aside = store.files.set_aside().await.expect("begun");
            for part in [&b"ab"[..], b"", b"c"] {
                aside.write(part).await.expect("written");
            }
            aside.finish().await.expect("finished");
            assert_eq!(aside.content().await.expect("read"), b"abc");
            let objects: Vec<_> = store.files.objects.list(None).try_collect().await.expect("a list");
            assert!(objects.is_empty(), "{objects:?}");
            let incoming = store.folder().join("incoming");
            assert!(!incoming.exists() || incoming.read_dir().expect("a folder").next().is_none());
        }
    }
}
