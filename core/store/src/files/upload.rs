//! Taking files while they stream in.

use super::parts::Parts;
use super::{Files, INCOMING, path};
use crate::rows::file;
use crate::{Database, Fault, Transaction};
use futures::{Stream, StreamExt as _};
use motcua_domain::event::StoredFile;
use motcua_domain::names::Digest;
use motcua_domain::procedure::MediaKind;
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions, PutPayload};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The most bytes of one upload that are held in memory before they go into a bucket. A larger file is uploaded in parts
/// of this size, and a bucket takes no smaller ones.
const PART: usize = 5 << 20;

/// The same for a folder, which takes parts of any size.
const FOLDER_PART: usize = 128 << 10;

/// The number of bytes that decide on the type: a DOCX or XLSX file names its content several kB after its start.
const HEAD: usize = 64 << 10;

/// An upload that begins.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// A fresh UUID of version 7. Its time tells the sweep how old an unfinished upload is.
    pub id: Uuid,
    pub name: &'a str,
    /// The current time, in seconds since 1970.
    pub at: i64,
}

/// The types and the size that are accepted.
#[derive(Debug, Clone, Copy)]
pub struct Accept<'a> {
    pub kinds: &'a [MediaKind],
    pub max_bytes: u64,
}

/// Why a file was not taken, or could not be.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error("the file is larger than {max_bytes} bytes")]
    TooLarge { max_bytes: u64 },
    #[error("the file is empty")]
    Empty,
    #[error("the content is not of a type that is taken here")]
    WrongType { found: Option<&'static str> },
    #[error("the upload broke off")]
    BrokenOff,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Files {
    /// Takes a file while it streams in, and inserts its row. Size and type are checked while the content arrives, and
    /// the type comes from the content. The caller has to refer to the file before [`GRACE`](super::GRACE) ends.
    pub async fn take<E>(
        &self,
        database: &Database,
        arrival: Arrival<'_>,
        content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
        accept: Accept<'_>,
    ) -> Result<StoredFile, NotTaken> {
        let mut upload = Upload::new(self, arrival.id);
        let kind = match upload.receive(content, accept).await {
            Ok(kind) => kind,
            Err(reason) => {
                upload.parts.abort().await;
                return Err(reason);
            }
        };
        upload.finish_parts().await?;
        let stored = StoredFile {
            digest: upload.digest(),
            name: clean_name(arrival.name),
            media_type: kind.media_type().to_owned(),
            bytes: upload.bytes,
        };
        // The row is committed before the content gets its final name, see `crate::files`.
        let transaction = database.begin().await?;
        transaction.add_file(&stored, arrival.at).await?;
        transaction.commit().await?;
        upload.put_final(&stored.digest).await?;
        Ok(stored)
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

impl Files {
    /// Puts a content of at most one part under its final name. An object that exists there is read, and is replaced if
    /// it is damaged.
    pub(crate) async fn put_whole(&self, digest: &Digest, content: Vec<u8>) -> Result<(), Fault> {
        let (place, content) = (path(digest), PutPayload::from(content));
        match self.objects.put_opts(&place, content.clone(), PutOptions::from(PutMode::Create)).await {
            Ok(_) => return Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => {}
            Err(error) => return Err(error.into()),
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
struct Upload<'a> {
    files: &'a Files,
    /// The temporary name, used by content that is larger than one part.
    incoming: Path,
    /// Bytes that have not been uploaded yet, at most `part`.
    buffer: Vec<u8>,
    part: usize,
    parts: Parts,
    hash: Sha256,
    bytes: u64,
}

impl<'a> Upload<'a> {
    fn new(files: &'a Files, id: Uuid) -> Self {
        Self {
            files,
            incoming: Path::from(format!("{INCOMING}/{id}")),
            buffer: Vec::new(),
            part: if files.folder.is_some() { FOLDER_PART } else { PART },
            parts: Parts::default(),
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    /// Reads the whole content and returns its type. Afterwards at most one part is left in the buffer.
    async fn receive<E>(
        &mut self,
        mut content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
        accept: Accept<'_>,
    ) -> Result<MediaKind, NotTaken> {
        let mut kind = None;
        while let Some(chunk) = content.next().await {
            let chunk = chunk.map_err(|_| NotTaken::BrokenOff)?;
            let mut rest = chunk.as_ref();
            self.bytes += rest.len() as u64;
            if self.bytes > accept.max_bytes {
                return Err(NotTaken::TooLarge { max_bytes: accept.max_bytes });
            }
            self.hash.update(rest);
            while !rest.is_empty() {
                if self.buffer.len() == self.part {
                    let part = std::mem::replace(&mut self.buffer, Vec::with_capacity(self.part));
                    self.parts.put(self.files, &self.incoming, part).await?;
                }
                let (now, later) = rest.split_at(rest.len().min(self.part - self.buffer.len()));
                self.buffer.extend_from_slice(now);
                rest = later;
                if kind.is_none() && self.buffer.len() >= HEAD {
                    kind = Some(accepted_kind(&self.buffer[..HEAD], accept)?);
                }
            }
        }
        if self.bytes == 0 {
            return Err(NotTaken::Empty);
        }
        kind.map_or_else(|| accepted_kind(&self.buffer, accept), Ok)
    }

    /// Uploads the last part and makes the object under the temporary name visible, if there are parts.
    async fn finish_parts(&mut self) -> Result<(), Fault> {
        if self.parts.begun {
            let last = std::mem::take(&mut self.buffer);
            self.parts.put(self.files, &self.incoming, last).await?;
            self.parts.complete().await?;
        }
        Ok(())
    }

    /// Returns the digest of the bytes that were received.
    fn digest(&self) -> Digest {
        Digest(hex::encode(self.hash.clone().finalize()))
    }

    /// Puts the content under its final name. Content of several parts replaces an object that exists there.
    async fn put_final(self, digest: &Digest) -> Result<(), Fault> {
        let Self { files, incoming, buffer, parts, .. } = self;
        if parts.begun {
            return Ok(files.objects.rename(&incoming, &path(digest)).await?);
        }
        files.put_whole(digest, buffer).await
    }
}

/// Returns the type of the content that begins with `head`, if the type is accepted.
fn accepted_kind(head: &[u8], accept: Accept<'_>) -> Result<MediaKind, NotTaken> {
    let found = infer::get(head).map(|kind| kind.mime_type());
    let kind = found.and_then(MediaKind::from_media_type).filter(|kind| accept.kinds.contains(kind));
    kind.ok_or(NotTaken::WrongType { found })
}

/// Returns a file name that is safe to show and to send: no path, no control characters, at most 120 characters.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let bad = |c: char| c.is_control() || "\"<>|:*?".contains(c) || ('\u{202a}'..='\u{202e}').contains(&c);
    let clean: String = last.chars().filter(|c| !bad(*c)).take(120).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() { "tep".to_owned() } else { clean }
}

#[cfg(test)]
mod tests {
    use super::{Accept, Arrival, HEAD, NotTaken, PART, clean_name};
    use crate::files::testing::{NOON, PDF, Store, id};
    use crate::files::{Files, path};
    use futures::{StreamExt as _, TryStreamExt as _, stream};
    use motcua_domain::procedure::MediaKind;
    use object_store::{ObjectStore as _, ObjectStoreExt as _};
    use std::convert::Infallible;

    /// Lists the names of all objects.
    async fn names(files: &Files) -> Vec<String> {
        let names = files.objects.list(None).map_ok(|object| object.location.to_string());
        names.try_collect().await.expect("a list")
    }

    #[tokio::test]
    async fn content_of_any_size_gets_its_digest_as_its_name() {
        for store in Store::all().await {
            for bytes in [PDF.len(), HEAD, PART, PART + 1, 2 * PART + 1] {
                let mut content = PDF.to_vec();
                content.resize(bytes, b' ');
                let taken = store.take(&content, NOON).await.expect("taken");
                assert_eq!((taken.bytes, taken.media_type.as_str()), (bytes as u64, "application/pdf"));
                store.take(&content, NOON).await.expect("taken again");
                assert!(names(&store.files).await.contains(&path(&taken.digest).to_string()));
                assert!(store.files.content(&taken.digest).await.expect("stored") == content);
            }
            assert_eq!(names(&store.files).await.len(), 5, "nothing is left under its temporary name");
        }
    }

    #[tokio::test]
    async fn a_damaged_file_is_replaced_when_its_content_comes_again() {
        for store in Store::all().await {
            for bytes in [PDF.len(), PART + 1] {
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
        for store in Store::all().await {
            let taken = store.take(PDF, NOON).await.expect("taken");
            let before = store.files.objects.head(&path(&taken.digest)).await.expect("stored");
            store.take(PDF, NOON).await.expect("taken again");
            assert_eq!(store.files.objects.head(&path(&taken.digest)).await.expect("stored").e_tag, before.e_tag);
        }
    }

    #[tokio::test]
    async fn what_is_refused_leaves_nothing_behind() {
        for store in Store::all().await {
            let mut large = PDF.to_vec();
            large.resize((20 << 20) + 1, b' ');
            let large = store.take(&large, NOON).await.expect_err("too large");
            assert!(matches!(large, NotTaken::TooLarge { .. }), "{large}");
            assert!(matches!(store.take(b"", NOON).await, Err(NotTaken::Empty)));
            let page = store.take(b"<html><script>", NOON).await.expect_err("a page");
            assert!(matches!(page, NotTaken::WrongType { .. }), "{page}");
            let broken = stream::iter([Ok(PDF.to_vec()), Ok(vec![b' '; 2 * PART]), Err(())]);
            let arrival = Arrival { id: id(0), name: "a.pdf", at: NOON };
            let accept = Accept { kinds: &MediaKind::ALL, max_bytes: 1 << 30 };
            let taken = store.files.take(&store.database, arrival, broken, accept).await;
            assert!(matches!(taken, Err(NotTaken::BrokenOff)));
            assert!(names(&store.files).await.is_empty());
        }
        let store = Store::in_folder().await;
        let pages = stream::repeat(Ok::<_, Infallible>(vec![b'x'; HEAD])).take(1 << 20);
        let arrival = Arrival { id: id(0), name: "a.pdf", at: NOON };
        let accept = Accept { kinds: &[MediaKind::Pdf], max_bytes: u64::MAX };
        let taken = store.files.take(&store.database, arrival, pages, accept).await;
        assert!(matches!(taken, Err(NotTaken::WrongType { .. })), "64 GiB are refused after the first 64 KiB");
    }

    #[test]
    fn file_names_lose_paths_and_tricks() {
        assert_eq!(clean_name("C:\\Users\\an\\CCCD mặt trước.jpg"), "CCCD mặt trước.jpg");
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("a\u{202e}fdp.exe\n"), "afdp.exe");
        assert_eq!(clean_name(".."), "tep");
    }
}
