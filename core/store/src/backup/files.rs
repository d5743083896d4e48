//! Contents of files that stream out of the file store and into it.

use crate::Fault;
use crate::files::{FileStore, earlier_path, path};
use futures::{Stream, TryStreamExt as _};
use motcua_domain::names::Digest;
use object_store::{GetResult, MultipartUpload, ObjectStoreExt as _};

/// The size of all parts of a large file but the last. S3 refuses smaller parts than 5 MiB.
pub const PART: u64 = 8 << 20;

/// A stored file whose content has not been read yet.
pub struct OpenedFile(GetResult);

/// The outcome of reading one more part of a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadStep {
    /// More parts follow.
    More,
    /// This was the last part, and the content fits its digest.
    Keep,
    /// The content does not fit its digest.
    Discard,
}

impl OpenedFile {
    /// Returns the size of the content.
    pub const fn bytes(&self) -> u64 {
        self.0.meta.size
    }

    /// Returns the content. The reader compares it with the digest.
    pub fn chunks(self) -> impl Stream<Item = Result<impl AsRef<[u8]>, Fault>> + Unpin {
        self.0.into_stream().map_err(Fault::from)
    }
}

impl FileStore {
    /// Finds a file, or returns nothing if the store does not have it.
    pub async fn find(&self, digest: &Digest) -> Result<Option<OpenedFile>, Fault> {
        for place in [path(digest), earlier_path(digest)] {
            match self.objects.get(&place).await {
                Ok(found) => return Ok(Some(OpenedFile(found))),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Stores a content that `next` reads, [`PART`] bytes into the given buffer at a time. Returns whether the content
    /// was stored, which is so unless `next` discards it.
    pub async fn keep_parts<E: From<Fault>>(
        &self,
        digest: &Digest,
        mut next: impl FnMut(&mut Vec<u8>) -> Result<ReadStep, E>,
    ) -> Result<bool, E> {
        let mut part = Vec::new();
        match next(&mut part)? {
            ReadStep::Keep => {
                self.put_whole(digest, part.into()).await?;
                return Ok(true);
            }
            ReadStep::Discard => return Ok(false),
            ReadStep::More => {}
        }
        let mut upload = self.objects.put_multipart(&path(digest)).await.map_err(Fault::from)?;
        let kept = send(&mut *upload, part, next).await;
        if !matches!(kept, Ok(true)) {
            // The first error counts. Without this, S3 would keep the parts.
            _ = upload.abort().await;
        }
        kept
    }
}

async fn send<E: From<Fault>>(
    upload: &mut dyn MultipartUpload,
    mut part: Vec<u8>,
    mut next: impl FnMut(&mut Vec<u8>) -> Result<ReadStep, E>,
) -> Result<bool, E> {
    loop {
        upload.put_part(part.into()).await.map_err(Fault::from)?;
        part = Vec::new();
        match next(&mut part)? {
            ReadStep::More => {}
            ReadStep::Discard => return Ok(false),
            ReadStep::Keep => {
                upload.put_part(part.into()).await.map_err(Fault::from)?;
                upload.complete().await.map_err(Fault::from)?;
                return Ok(true);
            }
        }
    }
}
