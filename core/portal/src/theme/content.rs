//! Content that is the same for everybody, compressed once.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;

/// A content with its name, as it is and compressed.
#[derive(Debug)]
pub struct MadeContent {
    pub content: Bytes,
    /// The compressed content, or nothing if that is no smaller.
    pub compressed: Option<Bytes>,
    /// The digest of the content.
    pub tag: String,
}

impl MadeContent {
    pub fn of(content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let tag = hex::encode(Sha256::digest(&content));
        let compressed = gzip(&content).filter(|compressed| compressed.len() < content.len());
        Self { content, compressed, tag }
    }

    /// Returns the content as it is.
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

/// Returns the content in gzip.
fn gzip(content: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).ok()?;
    encoder.finish().ok().map(Bytes::from)
}
