//! The state of a node outside of the database that sealing needs: its key, and the last head that it signed or saw.
//!
//! Anybody who can write into the database can empty the log or restore an older state of it. The node compares the log
//! with its own head before it signs, so it signs no log that lacks an entry of a log that it signed before.

use super::SignedHead;
use crate::{NotSealed, durable};
use motcua_domain::transparency::note::{SigningKey, VerifierKey};
use std::io;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// The name of the file in the install folder.
pub const FILE: &str = "log-head";

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 10;

/// The keys with which a node signs the log.
#[derive(Debug)]
pub struct Signer {
    pub key: SigningKey,
    /// The public keys of the install folder, the oldest first. The last one is that of `key`.
    pub keys: Vec<VerifierKey>,
    pub kept: KeptHead,
}

/// The last head that this node signed or saw, in memory and in a file.
#[derive(Debug, Default)]
pub struct KeptHead {
    file: Option<PathBuf>,
    last: Mutex<Option<SignedHead>>,
}

impl KeptHead {
    /// Keeps the head in memory, and in the file [`FILE`] of an install folder.
    pub fn in_folder(dir: &Path) -> Self {
        Self { file: Some(dir.join(FILE)), last: Mutex::default() }
    }

    /// Returns the notes of the heads that the node has: that of the file, and that of the memory if it differs.
    pub(super) async fn notes(&self) -> Result<Vec<String>, NotSealed> {
        let in_memory = self.last.lock().await.as_ref().map(|head| head.note.clone());
        let in_file = match &self.file {
            None => None,
            Some(file) => read(file).await.map_err(|error| not_read(file, &error))?,
        };
        let in_file = in_file.filter(|note| in_memory.as_ref() != Some(note));
        Ok(in_memory.into_iter().chain(in_file).collect())
    }

    /// Returns the last head that was kept since the process started.
    pub async fn last(&self) -> Option<SignedHead> {
        self.last.lock().await.clone()
    }

    /// Stores a head, unless a later one is stored.
    pub(super) async fn keep(&self, head: &SignedHead) -> Result<(), NotSealed> {
        let mut last = self.last.lock().await;
        if last.as_ref().is_some_and(|last| last.size > head.size) {
            return Ok(());
        }
        // The memory has the head even if the file cannot be written.
        *last = Some(head.clone());
        let Some(file) = self.file.clone() else { return Ok(()) };
        let note = head.note.clone();
        let path = file.clone();
        let written = tokio::task::spawn_blocking(move || durable::replace(&path, note.as_bytes(), 0o644)).await;
        drop(last);
        let failed = |reason: String| NotSealed::File { file: file.display().to_string(), reason };
        written.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
    }
}

/// Reads the head that an install folder has, if it has one.
pub async fn read_kept(dir: &Path) -> Result<Option<String>, NotSealed> {
    let file = dir.join(FILE);
    read(&file).await.map_err(|error| not_read(&file, &error))
}

async fn read(file: &Path) -> io::Result<Option<String>> {
    let about = match tokio::fs::metadata(file).await {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if about.len() > LARGEST {
        return Err(io::Error::other(format!("it is larger than {LARGEST} bytes")));
    }
    tokio::fs::read_to_string(file).await.map(Some)
}

fn not_read(file: &Path, error: &io::Error) -> NotSealed {
    NotSealed::File { file: file.display().to_string(), reason: error.to_string() }
}
