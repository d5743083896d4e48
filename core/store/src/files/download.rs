//! Reading files, checked against their size and digest.

use super::{FileStore, earlier_path, path};
use crate::Fault;
use bytes::Bytes;
use futures::stream::{BoxStream, try_unfold};
use futures::{StreamExt as _, TryStreamExt as _};
use motcua_domain::names::Digest;
use object_store::{GetResult, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};

/// The content of a file. The stream ends with an error instead of the last chunk when the content does not have the
/// digest of the file.
pub type FileContent = BoxStream<'static, Result<Bytes, Fault>>;

impl FileStore {
    /// Returns the whole content of a file, for small files.
    pub async fn content(&self, digest: &Digest) -> Result<Vec<u8>, Fault> {
        let bytes = self.open(digest).await?.bytes().await?;
        if hex::encode(Sha256::digest(&bytes)) != digest.as_str() {
            return Err(Fault::FileChanged(digest.clone()));
        }
        Ok(bytes.to_vec())
    }

    /// Opens a file of `bytes` bytes. A missing file, and one of another size, is an error before the stream begins.
    pub async fn stream(&self, digest: &Digest, bytes: u64) -> Result<FileContent, Fault> {
        let opened = self.open(digest).await?;
        if opened.meta.size != bytes {
            return Err(Fault::FileChanged(digest.clone()));
        }
        let reader =
            FileReader { chunks: opened.into_stream(), hash: Sha256::new(), left: bytes, digest: digest.clone() };
        Ok(try_unfold(reader, FileReader::next).boxed())
    }

    /// Reads a whole file of `bytes` bytes and checks it, without holding it in memory.
    pub(super) async fn read_through(&self, digest: &Digest, bytes: u64) -> Result<(), Fault> {
        self.stream(digest, bytes).await?.try_for_each(|_| std::future::ready(Ok(()))).await
    }

    /// Checks that a file exists and has `bytes` bytes.
    pub(super) async fn check_size(&self, digest: &Digest, bytes: u64) -> Result<(), Fault> {
        let found = match self.objects.head(&path(digest)).await {
            Err(object_store::Error::NotFound { .. }) => self.objects.head(&earlier_path(digest)).await?,
            found => found?,
        };
        if found.size == bytes { Ok(()) } else { Err(Fault::FileChanged(digest.clone())) }
    }

    async fn open(&self, digest: &Digest) -> Result<GetResult, Fault> {
        match self.objects.get(&path(digest)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(self.objects.get(&earlier_path(digest)).await?),
            opened => Ok(opened?),
        }
    }
}

/// The rest of a file that is being read.
struct FileReader {
    chunks: BoxStream<'static, object_store::Result<Bytes>>,
    hash: Sha256,
    /// The number of bytes that have not been read yet.
    left: u64,
    digest: Digest,
}

impl FileReader {
    /// Reads the next chunk. The digest is checked before the last chunk is returned.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Fault> {
        if self.left == 0 {
            return Ok(None);
        }
        // A file that was shortened ends early in one store and yields empty chunks for ever in another.
        let chunk = self.chunks.next().await.transpose()?.unwrap_or_default();
        let Some(left) = self.left.checked_sub(chunk.len() as u64).filter(|_| !chunk.is_empty()) else {
            return Err(Fault::FileChanged(self.digest));
        };
        self.left = left;
        self.hash.update(&chunk);
        if left == 0 && hex::encode(self.hash.clone().finalize()) != self.digest.as_str() {
            return Err(Fault::FileChanged(self.digest));
        }
        Ok(Some((chunk, self)))
    }
}

#[cfg(test)]
mod tests {
    use crate::Fault;
    use crate::files::testing::{NOON, PDF, TestStore};
    use crate::files::{earlier_path, path};
    use bytes::Bytes;
    use futures::TryStreamExt as _;
    use object_store::ObjectStoreExt as _;

    /// A PDF of several chunks.
    fn long() -> Vec<u8> {
        let mut content = PDF.to_vec();
        content.resize(100_000, b' ');
        content
    }

    #[tokio::test]
    async fn a_file_streams_whole_also_from_where_earlier_versions_stored_it() {
        for store in TestStore::all().await {
            let taken = store.take(&long(), NOON).await.expect("taken");
            for _ in 0..2 {
                let stream = store.files.stream(&taken.digest, taken.bytes).await.expect("a stream");
                let chunks: Vec<Bytes> = stream.try_collect().await.expect("all chunks");
                assert!(chunks.concat() == long());
                // The second time, the file is where it was before there were two levels.
                let moved = store.files.objects.rename(&path(&taken.digest), &earlier_path(&taken.digest)).await;
                drop(moved);
            }
        }
    }

    #[tokio::test]
    async fn a_changed_file_ends_with_an_error_instead_of_its_last_chunk() {
        let store = TestStore::in_folder().await;
        let taken = store.take(&long(), NOON).await.expect("taken");
        let mut changed = long();
        changed[99_999] = b'!';
        store.files.objects.put(&path(&taken.digest), changed.into()).await.expect("changed");
        let mut stream = store.files.stream(&taken.digest, taken.bytes).await.expect("a stream");
        let mut sent = 0;
        let end = loop {
            match stream.try_next().await {
                Ok(Some(chunk)) => sent += chunk.len(),
                other => break other,
            }
        };
        assert!(matches!(end, Err(Fault::FileChanged(_))), "{end:?}");
        assert!(0 < sent && sent < 100_000, "{sent}");
        assert!(matches!(store.files.content(&taken.digest).await, Err(Fault::FileChanged(_))));
        assert!(matches!(store.files.stream(&taken.digest, 99_999).await, Err(Fault::FileChanged(_))));
        store.files.objects.delete(&path(&taken.digest)).await.expect("deleted");
        assert!(matches!(store.files.stream(&taken.digest, taken.bytes).await, Err(Fault::Files(_))));
    }
}
