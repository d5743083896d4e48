//! Uploading a large file in parts.

use super::FileStore;
use crate::Fault;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt as _};
use tokio::runtime::Handle;

/// The parts of a large file. Parts that are not completed are aborted when the value is dropped, because a store would
/// otherwise keep them.
#[derive(Default)]
pub(super) struct FileParts {
    upload: Option<Box<dyn MultipartUpload>>,
    /// At least one part was uploaded.
    pub begun: bool,
}

impl FileParts {
    /// Uploads the next part.
    pub async fn put(&mut self, files: &FileStore, to: &Path, part: Vec<u8>) -> Result<(), Fault> {
        if !self.begun {
            self.upload = Some(files.objects.put_multipart(to).await?);
            self.begun = true;
        }
        if let Some(upload) = &mut self.upload {
            upload.put_part(part.into()).await?;
        }
        Ok(())
    }

    /// Makes the object visible.
    pub async fn complete(&mut self) -> Result<(), Fault> {
        if let Some(upload) = &mut self.upload {
            upload.complete().await?;
        }
        self.upload = None;
        Ok(())
    }

    /// Deletes what was uploaded.
    pub async fn abort(&mut self) {
        if let Some(mut upload) = self.upload.take() {
            // The upload failed already, and its error is the one to report.
            drop(upload.abort().await);
        }
    }
}

impl Drop for FileParts {
    fn drop(&mut self) {
        if let Some(mut upload) = self.upload.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move { upload.abort().await });
        }
    }
}
