//! Files, stored under the SHA-256 of their content and never overwritten.

use crate::rows::file;
use crate::{Fault, Transaction};
use futures::{Stream, StreamExt as _};
use motcua_domain::event::StoredFile;
use motcua_domain::names::Digest;
use motcua_domain::procedure::MediaKind;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder, QuerySelect};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Where the content of files is kept.
#[derive(Debug, Clone)]
pub struct Files {
    objects: Arc<dyn ObjectStore>,
}

/// What is taken.
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
    /// Files in a local folder, which is created.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder).map_err(|error| Fault::Unreadable(format!("{}: {error}", folder.display())))?;
        let objects = object_store::local::LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects) })
    }

    /// Takes a file while it streams in. The limit is kept while streaming, and the type is what the content says.
    pub async fn take<E>(
        &self,
        name: &str,
        mut content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
        accept: Accept<'_>,
    ) -> Result<StoredFile, NotTaken> {
        let mut bytes = Vec::new();
        while let Some(chunk) = content.next().await {
            let chunk = chunk.map_err(|_| NotTaken::BrokenOff)?;
            let chunk = chunk.as_ref();
            if (bytes.len() + chunk.len()) as u64 > accept.max_bytes {
                return Err(NotTaken::TooLarge { max_bytes: accept.max_bytes });
            }
            bytes.extend_from_slice(chunk);
        }
        if bytes.is_empty() {
            return Err(NotTaken::Empty);
        }
        let found = infer::get(&bytes).map(|kind| kind.mime_type());
        let kind = found.and_then(MediaKind::from_media_type).filter(|kind| accept.kinds.contains(kind));
        let Some(kind) = kind else { return Err(NotTaken::WrongType { found }) };
        let digest = Digest(hex::encode(Sha256::digest(&bytes)));
        let size = bytes.len() as u64;
        self.keep(&digest, bytes).await?;
        Ok(StoredFile { digest, name: clean_name(name), media_type: kind.media_type().to_owned(), bytes: size })
    }

    async fn keep(&self, digest: &Digest, bytes: Vec<u8>) -> Result<(), Fault> {
        let options = PutOptions::from(PutMode::Create);
        match self.objects.put_opts(&path(digest), bytes.into(), options).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The content of a file. Content that no longer fits its digest is a fault, not a file.
    pub async fn content(&self, digest: &Digest) -> Result<Vec<u8>, Fault> {
        let bytes = self.objects.get(&path(digest)).await?.bytes().await?;
        if hex::encode(Sha256::digest(&bytes)) != digest.as_str() {
            return Err(Fault::Unreadable(format!("file {digest} was changed after it was stored")));
        }
        Ok(bytes.to_vec())
    }
}

/// `ab/abcdef…`: no folder grows too large.
fn path(digest: &Digest) -> Path {
    let name = digest.as_str();
    Path::from(format!("{}/{name}", name.get(..2).unwrap_or("00")))
}

/// A file name that is safe to show and to send: no path, no control characters, at most 120 characters.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let bad = |c: char| c.is_control() || "\"<>|:*?".contains(c) || ('\u{202a}'..='\u{202e}').contains(&c);
    let clean: String = last.chars().filter(|c| !bad(*c)).take(120).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() { "tep".to_owned() } else { clean }
}

/// The digests of all files that were ever taken.
pub async fn all(connection: &impl ConnectionTrait) -> Result<Vec<Digest>, Fault> {
    let query = file::Entity::find().select_only().column(file::Column::Digest).order_by_asc(file::Column::Digest);
    let digests: Vec<String> = query.into_tuple().all(connection).await?;
    Ok(digests.into_iter().map(Digest).collect())
}

impl Transaction {
    /// Remembers a file that was taken.
    pub async fn add_file(&self, stored: &StoredFile, now: i64) -> Result<(), Fault> {
        let row = file::Model {
            digest: stored.digest.to_string(),
            media_type: stored.media_type.clone(),
            bytes: i64::try_from(stored.bytes).unwrap_or(i64::MAX),
            stored_at: now,
        };
        let keep = OnConflict::column(file::Column::Digest).do_nothing().to_owned();
        file::Entity::insert(row.into_active_model())
            .on_conflict(keep)
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::clean_name;

    #[test]
    fn file_names_lose_paths_and_tricks() {
        assert_eq!(clean_name("C:\\Users\\an\\CCCD mặt trước.jpg"), "CCCD mặt trước.jpg");
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("a\u{202e}fdp.exe\n"), "afdp.exe");
        assert_eq!(clean_name(".."), "tep");
    }
}
