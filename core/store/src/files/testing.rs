//! Helpers that the tests of this module share.

use super::spool::Spool;
use super::{Accept, FileStore, NotTaken, ReceivedFile};
use crate::{Database, DatabaseOptions};
use futures::stream;
use motcua_domain::media::StoredFile;
use object_store::memory::InMemory;
use sea_orm::ConnectionTrait as _;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

/// A small PDF.
pub const PDF: &[u8] = include_bytes!("../../../motcua/src/demo/paper.pdf");

/// Returns whether a content begins as a PDF.
pub fn is_pdf(head: &[u8]) -> bool {
    head.starts_with(b"%PDF")
}

/// A time in 2026, in seconds since 1970.
pub const NOON: i64 = 1_772_510_400;

/// Returns the UUID of an upload that began `seconds` after [`NOON`].
pub fn id(seconds: u64) -> Uuid {
    let noon = u64::try_from(NOON).expect("after 1970");
    uuid::Builder::from_unix_timestamp_millis((noon + seconds) * 1000, &[7; 10]).into_uuid()
}

/// A file store with a database, both of one test.
pub struct TestStore {
    pub files: FileStore,
    pub database: Database,
    dir: TempDir,
}

impl TestStore {
    /// Returns a store in memory, which takes uploads as a bucket does.
    pub async fn in_memory() -> Self {
        let files = |dir: &TempDir| FileStore {
            objects: Arc::new(InMemory::new()),
            folder: None,
            spool: Some(Spool::new(dir.path())),
        };
        Self::new(files).await
    }

    /// Returns a store in a folder.
    pub async fn in_folder() -> Self {
        Self::new(|dir| FileStore::in_folder(&dir.path().join("files")).expect("a folder")).await
    }

    /// Returns one store of each kind.
    pub async fn all() -> [Self; 2] {
        [Self::in_memory().await, Self::in_folder().await]
    }

    async fn new(files: impl FnOnce(&TempDir) -> FileStore) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", dir.path().join("test.db").display());
        let database = Database::open(&DatabaseOptions { url, replica: None, readers: 2 }).await.expect("a database");
        database.migrate().await.expect("the schema");
        let store = Self { files: files(&dir), database, dir };
        store
            .execute(
                "CREATE TABLE IF NOT EXISTS dossier_file
                 (dossier TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (dossier, digest))",
            )
            .await;
        store
            .execute(
                "INSERT INTO account (id, login, kind, name, phone, password, created_at)
                 VALUES ('a', 'an', 'applicant', 'An', '0912345678', '', 0)",
            )
            .await;
        store
            .execute(
                "INSERT INTO draft (id, account, procedure, version, typed, created_at, updated_at)
                 VALUES ('d', 'a', '1.001193', 'v', '', 0, 0)",
            )
            .await;
        store
    }

    /// Returns the folder of a store in a folder.
    pub fn folder(&self) -> PathBuf {
        self.dir.path().join("files")
    }

    /// Runs a statement and commits it.
    pub async fn execute(&self, sql: &str) {
        let transaction = self.database.begin().await.expect("a transaction");
        transaction.connection().execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        transaction.commit().await.expect("committed");
    }

    /// Receives a PDF of at most 20 MiB in chunks of 100 kB.
    pub async fn receive(&self, content: &[u8]) -> Result<ReceivedFile, NotTaken> {
        let chunks = stream::iter(content.chunks(100_000).map(|chunk| Ok::<_, Infallible>(chunk.to_vec())));
        self.files.receive(id(0), chunks, Accept { begins: &is_pdf, max_bytes: 20 << 20 }).await
    }

    /// Receives a PDF and keeps it.
    pub async fn take(&self, content: &[u8], at: i64) -> Result<StoredFile, NotTaken> {
        let received = self.receive(content).await?;
        Ok(received.keep(&self.database, "tệp.pdf".to_owned(), "application/pdf", at).await?)
    }
}
