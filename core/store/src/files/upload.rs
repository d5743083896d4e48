//! Taking files while they stream in.

use super::parts::FileParts;
use super::spool::Spooled;
use super::{FileStore, INCOMING, path};
use crate::rows::file;
use crate::{Database, Fault, Transaction};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use motcua_domain::media::StoredFile;
use motcua_domain::names::Digest;
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions, PutPayload};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};
use sha2::{Digest as _, Sha256};
use std::fmt;
use uuid::Uuid;

/// The most bytes of one upload that are held in memory while it streams in.
const PART: usize = 128 << 10;

/// The number of bytes that decide whether the rest is received.
const HEAD: usize = 4 << 10;

/// The conditions under which content is received.
#[derive(Clone, Copy)]
pub struct Accept<'a> {
    /// Decides by the first bytes whether the rest is received.
    pub begins: &'a (dyn Fn(&[u8]) -> bool + Sync),
    pub max_bytes: u64,
}

impl fmt::Debug for Accept<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accept").field("max_bytes", &self.max_bytes).finish_non_exhaustive()
    }
}

/// The reason why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error("the file is larger than {max_bytes} bytes")]
    TooLarge { max_bytes: u64 },
    #[error("the file is empty")]
    Empty,
    /// The content does not begin as the caller demands.
    #[error("the content is not of a type that is taken here")]
    Unwanted { head: Vec<u8> },
    #[error("the upload broke off")]
    BrokenOff,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A file that was received and is not kept yet. Unless it is kept or discarded, the sweep deletes it.
#[derive(Debug)]
pub struct ReceivedFile {
    files: FileStore,
    held: ContentPlace,
    digest: Digest,
    bytes: u64,
}

/// The place of a content that is not kept yet.
#[derive(Debug)]
enum ContentPlace {
    /// In memory, because it has at most one part.
    Memory(Bytes),
    /// Under a temporary name in the store.
    Store(Path),
    /// On its way to a bucket.
    Spool(Spooled),
}

impl FileStore {
    /// Receives a file while it streams in, and checks its size and its first bytes meanwhile.
    ///
    /// The id is a fresh UUID of version 7, whose time tells the sweep how old an unfinished upload is.
    pub async fn receive<E>(
        &self,
        id: Uuid,
        content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
        accept: Accept<'_>,
    ) -> Result<ReceivedFile, NotTaken> {
        let mut upload = ReceivingUpload::new(self, id);
        if let Err(reason) = upload.receive(content, accept).await {
            upload.parts.abort().await;
            return Err(reason);
        }
        upload.finish_parts().await?;
        Ok(upload.received())
    }
}

impl ReceivedFile {
    /// Returns the digest of the content.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Returns the whole content. The caller limits how many run at once.
    pub async fn content(&self) -> Result<Bytes, Fault> {
        let content = match &self.held {
            ContentPlace::Memory(content) => return Ok(content.clone()),
            ContentPlace::Store(incoming) => self.files.objects.get(incoming).await?.bytes().await?,
            ContentPlace::Spool(spooled) => spooled.content().await?.into(),
        };
        if hex::encode(Sha256::digest(&content)) != self.digest.as_str() {
            return Err(Fault::FileChanged(self.digest.clone()));
        }
        Ok(content)
    }

    /// Keeps the file and inserts its row. The caller has to refer to the file before [`GRACE`](super::GRACE) ends.
    /// `at` is the current time, in seconds since 1970.
    pub async fn keep(self, database: &Database, name: String, media_type: &str, at: i64) -> Result<StoredFile, Fault> {
        let media_type = media_type.to_owned();
        let stored = StoredFile { digest: self.digest.clone(), name, media_type, bytes: self.bytes };
        // The row is committed before the content gets its final name, see `crate::files`.
        let transaction = database.begin().await?;
        transaction.add_file(&stored, at).await?;
        transaction.commit().await?;
        self.put_final().await?;
        Ok(stored)
    }

    /// Deletes the received content.
    pub async fn discard(self) -> Result<(), Fault> {
        match self.held {
            ContentPlace::Store(incoming) => Ok(self.files.objects.delete(&incoming).await?),
            ContentPlace::Memory(_) | ContentPlace::Spool(_) => Ok(()),
        }
    }

    /// Puts the content under its final name. Content of several parts replaces an object that exists there.
    async fn put_final(self) -> Result<(), Fault> {
        let Self { files, held, digest, bytes } = self;
        match held {
            ContentPlace::Memory(content) => files.put_whole(&digest, content).await,
            ContentPlace::Store(incoming) => Ok(files.objects.rename(&incoming, &path(&digest)).await?),
            ContentPlace::Spool(spooled) => spooled.put_final(&files, &digest, bytes).await,
        }
    }
}

/// Computes the digest of a content while it streams in, without keeping the content.
pub async fn digest_of<E>(
    mut content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
    max_bytes: u64,
) -> Result<Digest, NotTaken> {
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    while let Some(chunk) = content.next().await {
        let chunk = chunk.map_err(|_| NotTaken::BrokenOff)?;
        bytes += chunk.as_ref().len() as u64;
        if bytes > max_bytes {
            return Err(NotTaken::TooLarge { max_bytes });
        }
        hash.update(chunk.as_ref());
    }
    Ok(Digest(hex::encode(hash.finalize())))
}

impl FileStore {
    /// Puts a content that is in memory under its final name. An object that exists there is read, and is replaced if
    /// it is damaged.
    pub(crate) async fn put_whole(&self, digest: &Digest, content: Bytes) -> Result<(), Fault> {
        let (place, content) = (path(digest), PutPayload::from(content));
        match self.objects.put_opts(&place, content.clone(), PutOptions::from(PutMode::Create)).await {
            Ok(_) => return Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => {}
            // A bucket that has the object may close the connection before it has read the content again, and its
            // answer is lost then.
            Err(error) => {
                let known = self.read_through(digest, content.content_length() as u64).await;
                return known.map_err(|_| error.into());
            }
        }
        if let Err(fault) = self.read_through(digest, content.content_length() as u64).await {
            tracing::error!(%digest, %fault, "a stored file was damaged; the same content came again and replaces it");
            self.objects.put(&place, content).await?;
        }
        Ok(())
    }
}

impl Transaction {
    /// Inserts the row of a file. If the row exists, sets `stored_at`, so that the sweep spares the file.
    async fn add_file(&self, stored: &StoredFile, now: i64) -> Result<(), Fault> {
        let row = file::Model {
            digest: stored.digest.to_string(),
            media_type: stored.media_type.clone(),
            bytes: i64::try_from(stored.bytes).unwrap_or(i64::MAX),
            stored_at: now,
        };
        let touch = OnConflict::column(file::Column::Digest).update_column(file::Column::StoredAt).to_owned();
        let insert = file::Entity::insert(row.into_active_model()).on_conflict(touch);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }
}

/// The state of an upload.
struct ReceivingUpload<'a> {
    files: &'a FileStore,
    /// The temporary name, used by content that is larger than one part.
    incoming: Path,
    /// The last bytes, at most one part.
    buffer: Vec<u8>,
    parts: FileParts,
    /// The bytes before those in the buffer, if the store is a bucket.
    spooled: Option<Spooled>,
    hash: Sha256,
    bytes: u64,
}

impl<'a> ReceivingUpload<'a> {
    fn new(files: &'a FileStore, id: Uuid) -> Self {
        Self {
            files,
            incoming: Path::from(format!("{INCOMING}/{id}")),
            buffer: Vec::new(),
            parts: FileParts::default(),
            spooled: None,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    /// Reads the whole content. Afterwards at most one part is left in the buffer.
    async fn receive<E>(
        &mut self,
        mut content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
        accept: Accept<'_>,
    ) -> Result<(), NotTaken> {
        let mut checked = false;
        while let Some(chunk) = content.next().await {
            let chunk = chunk.map_err(|_| NotTaken::BrokenOff)?;
            let mut rest = chunk.as_ref();
            self.bytes += rest.len() as u64;
            if self.bytes > accept.max_bytes {
                return Err(NotTaken::TooLarge { max_bytes: accept.max_bytes });
            }
            self.hash.update(rest);
            while !rest.is_empty() {
                if self.buffer.len() == PART {
                    let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(PART));
                    self.put(full).await?;
                }
                let (now, later) = rest.split_at(rest.len().min(PART - self.buffer.len()));
                self.buffer.extend_from_slice(now);
                rest = later;
                if !checked && self.buffer.len() >= HEAD {
                    begins(&self.buffer[..HEAD], accept)?;
                    checked = true;
                }
            }
        }
        if self.bytes == 0 {
            return Err(NotTaken::Empty);
        }
        if checked { Ok(()) } else { begins(&self.buffer, accept) }
    }

    /// Passes a part on: into the store, or into the spool of a bucket.
    async fn put(&mut self, part: Vec<u8>) -> Result<(), Fault> {
        let Some(spool) = &self.files.spool else {
            return self.parts.put(self.files, &self.incoming, part).await;
        };
        if self.spooled.is_none() {
            self.spooled = Some(spool.begin().await?);
        }
        match &mut self.spooled {
            Some(spooled) => spooled.write(&part).await,
            None => Ok(()),
        }
    }

    /// Uploads the last part and makes the object under the temporary name visible, if there are parts.
    async fn finish_parts(&mut self) -> Result<(), Fault> {
        if !self.parts.begun && self.spooled.is_none() {
            return Ok(());
        }
        let last = std::mem::take(&mut self.buffer);
        self.put(last).await?;
        match &mut self.spooled {
            Some(spooled) => spooled.finish().await,
            None => self.parts.complete().await,
        }
    }

    /// Returns the received file.
    fn received(self) -> ReceivedFile {
        let Self { files, incoming, buffer, parts, spooled, hash, bytes } = self;
        let held = match spooled {
            Some(spooled) => ContentPlace::Spool(spooled),
            None if parts.begun => ContentPlace::Store(incoming),
            None => ContentPlace::Memory(buffer.into()),
        };
        ReceivedFile { files: files.clone(), held, digest: Digest(hex::encode(hash.finalize())), bytes }
    }
}

/// Checks whether content that begins with `head` is received.
fn begins(head: &[u8], accept: Accept<'_>) -> Result<(), NotTaken> {
    if (accept.begins)(head) { Ok(()) } else { Err(NotTaken::Unwanted { head: head.to_vec() }) }
}

#[cfg(test)]
mod tests {
    use super::{Accept, HEAD, NotTaken, PART};
    use crate::files::spool;
    use crate::files::testing::{NOON, PDF, TestStore, id, is_pdf};
    use crate::files::{FileStore, path};
    use futures::{StreamExt as _, TryStreamExt as _, stream};
    use object_store::{ObjectStore as _, ObjectStoreExt as _};
    use std::convert::Infallible;

    /// Lists the names of all objects.
    async fn names(files: &FileStore) -> Vec<String> {
        let names = files.objects.list(None).map_ok(|object| object.location.to_string());
        names.try_collect().await.expect("a list")
    }

    #[tokio::test]
    async fn content_of_any_size_gets_its_digest_as_its_name() {
        for store in TestStore::all().await {
            let large = usize::try_from(spool::PART).expect("it fits into memory");
            for bytes in [PDF.len(), HEAD, PART, PART + 1, 2 * PART + 1, large, large + 1, 2 * large, 2 * large + 1] {
                let mut content = PDF.to_vec();
                content.resize(bytes, b' ');
                let taken = store.take(&content, NOON).await.expect("taken");
                assert_eq!((taken.bytes, taken.media_type.as_str()), (bytes as u64, "application/pdf"));
                store.take(&content, NOON).await.expect("taken again");
                assert!(names(&store.files).await.contains(&path(&taken.digest).to_string()));
                assert!(store.files.content(&taken.digest).await.expect("stored") == content);
            }
            assert_eq!(names(&store.files).await.len(), 9, "nothing is left under its temporary name");
        }
    }

    #[tokio::test]
    async fn a_damaged_file_is_replaced_when_its_content_comes_again() {
        for store in TestStore::all().await {
            for bytes in [PDF.len(), 6 << 20] {
                let mut content = PDF.to_vec();
                content.resize(bytes, b' ');
                let taken = store.take(&content, NOON).await.expect("taken");
                let mut changed = content.clone();
                changed[bytes - 1] ^= 1;
                for damaged in [changed, content[..bytes / 2].to_vec(), Vec::new()] {
                    store.files.objects.put(&path(&taken.digest), damaged.into()).await.expect("damaged");
                    store.files.content(&taken.digest).await.expect_err("it is damaged");
                    assert_eq!(store.take(&content, NOON).await.expect("taken again"), taken);
                    assert!(store.files.content(&taken.digest).await.expect("it is sound") == content);
                }
            }
            assert_eq!(names(&store.files).await.len(), 2, "nothing is left under its temporary name");
        }
    }

    #[tokio::test]
    async fn a_sound_file_stays_the_same_object_when_its_content_comes_again() {
        for store in TestStore::all().await {
            let taken = store.take(PDF, NOON).await.expect("taken");
            let before = store.files.objects.head(&path(&taken.digest)).await.expect("stored");
            store.take(PDF, NOON).await.expect("taken again");
            assert_eq!(store.files.objects.head(&path(&taken.digest)).await.expect("stored").e_tag, before.e_tag);
        }
    }

    #[tokio::test]
    async fn what_is_refused_leaves_nothing_behind() {
        for store in TestStore::all().await {
            let mut large = PDF.to_vec();
            large.resize((20 << 20) + 1, b' ');
            let large = store.take(&large, NOON).await.expect_err("too large");
            assert!(matches!(large, NotTaken::TooLarge { .. }), "{large}");
            assert!(matches!(store.take(b"", NOON).await, Err(NotTaken::Empty)));
            let page = store.take(b"<html><script>", NOON).await.expect_err("a page");
            assert!(matches!(page, NotTaken::Unwanted { .. }), "{page}");
            let broken = stream::iter([Ok(PDF.to_vec()), Ok(vec![b' '; 2 * PART]), Err(())]);
            let accept = Accept { begins: &is_pdf, max_bytes: 1 << 30 };
            let received = store.files.receive(id(0), broken, accept).await;
            assert!(matches!(received, Err(NotTaken::BrokenOff)));
            for bytes in [PDF.len(), PART + 1] {
                let mut content = PDF.to_vec();
                content.resize(bytes, b' ');
                let received = store.receive(&content).await.expect("received");
                assert!(received.content().await.expect("the content") == content);
                received.discard().await.expect("discarded");
            }
            assert!(names(&store.files).await.is_empty());
        }
        let store = TestStore::in_folder().await;
        let pages = stream::repeat(Ok::<_, Infallible>(vec![b'x'; 64 << 10])).take(1 << 20);
        let accept = Accept { begins: &is_pdf, max_bytes: u64::MAX };
        let received = store.files.receive(id(0), pages, accept).await;
        assert!(matches!(received, Err(NotTaken::Unwanted { .. })), "64 GiB are refused after the first 64 KiB");
    }
}
