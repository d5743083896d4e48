//! Files, stored under the SHA-256 of their content. An object changes only when it is damaged and the same content
//! comes again.
//!
//! An upload and the sweep agree on one order, so that the sweep never deletes content that an upload counts on:
//!
//! 1. The upload receives the content: in memory, under `incoming/<uuid>` of a folder, or in a file without a name on
//!    its way to a bucket. The caller may refuse it there.
//! 2. The upload inserts the row in table `file`, or sets `stored_at` of the existing row to now, and commits.
//! 3. The upload puts the content under its final name, unless a sound object exists there. A damaged object is
//!    replaced as a whole, so a reader sees the damaged content or the sound one.
//! 4. The caller refers to the file, in a later transaction.
//!
//! The sweep deletes an old row that nothing refers to, and the object before it commits. Step 2 of an upload of the
//! same content waits for that commit, because both change the same row. After step 2 the row is young, so the sweep
//! does not touch the file until the grace time ends. Step 3 therefore finds an object that stays, or puts one.

mod download;
mod parts;
mod s3;
mod spool;
mod sweep;
#[cfg(test)]
mod testing;
mod upload;
mod verify;

pub use download::FileContent;
pub use s3::S3Bucket;
pub use spool::Spooled;
pub use sweep::{GRACE, Swept};
pub use upload::{Accept, NotTaken, ReceivedFile, digest_of};
pub use verify::{CheckDepth, CheckedFiles, FileLoss, FileReference, LostFile};

use crate::Fault;
use motcua_domain::names::Digest;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use spool::Spool;
use std::path::PathBuf;
use std::sync::Arc;

/// The folder of uploads whose digest is not known yet.
const INCOMING: &str = "incoming";

/// The store of file contents. Cheap to clone.
#[derive(Debug, Clone)]
pub struct FileStore {
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// The local folder, if the store is one.
    folder: Option<PathBuf>,
    /// The place in which uploads wait, if the store is a bucket.
    spool: Option<Spool>,
}

impl FileStore {
    /// Opens a local folder and creates it if it is missing.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder).map_err(|error| store_fault("folder", error))?;
        let objects = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects), folder: Some(folder.to_owned()), spool: None })
    }

    /// Returns the local folder, if the store is one.
    pub(crate) fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_deref()
    }

    /// Begins a content that waits on the disk of the node until it is whole and is read. It is never stored.
    pub async fn set_aside(&self) -> Result<Spooled, Fault> {
        if let Some(spool) = &self.spool {
            return spool.begin().await;
        }
        let folder = self.folder.as_ref().map_or_else(std::env::temp_dir, |folder| folder.join(INCOMING));
        tokio::fs::create_dir_all(&folder).await.map_err(|error| store_fault("spool", error))?;
        Spool::new(&folder).begin().await
    }

    /// Opens a local folder to look at it. A missing folder has no files, and is not created.
    pub fn look_at_folder(folder: &std::path::Path) -> Result<Self, Fault> {
        if folder.is_dir() {
            return Self::in_folder(folder);
        }
        Ok(Self { objects: Arc::new(InMemory::new()), folder: None, spool: None })
    }
}

/// Returns `ab/cd/abcdef…`: two levels of folders keep every folder small.
pub(crate) fn path(digest: &Digest) -> Path {
    let name = digest.as_str();
    Path::from(format!("{}/{}/{name}", name.get(..2).unwrap_or("00"), name.get(2..4).unwrap_or("00")))
}

/// Returns `ab/abcdef…`, the path under which earlier versions stored a file.
pub(crate) fn earlier_path(digest: &Digest) -> Path {
    let name = digest.as_str();
    Path::from(format!("{}/{name}", name.get(..2).unwrap_or("00")))
}

/// Wraps an error that does not come from the object store itself.
fn store_fault(store: &'static str, error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::Files(object_store::Error::Generic { store, source: Box::new(error) })
}
