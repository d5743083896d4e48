//! Content that is the same for everybody, compressed once.

use brotli::BrotliCompress;
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::sync::OnceLock;

/// A content with its name, as it is and compressed.
#[derive(Debug)]
pub struct MadeContent {
    pub content: Bytes,
    /// The compressed content, or nothing if that is no smaller.
    pub compressed: Option<Bytes>,
    /// The content in brotli after [`Self::press`], or nothing if that is no smaller.
    pressed: OnceLock<Option<Bytes>>,
    /// The digest of the content.
    pub tag: String,
}

impl MadeContent {
    pub fn of(content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let tag = hex::encode(Sha256::digest(&content));
        let compressed = gzip(&content).filter(|compressed| compressed.len() < content.len());
        Self { content, compressed, pressed: OnceLock::new(), tag }
    }

    /// Returns the number of bytes that most browsers get.
    pub fn sent(&self) -> usize {
        self.compressed.as_ref().map_or(self.content.len(), Bytes::len)
    }

    /// Compresses the content with brotli, which takes long. Until then it is sent in gzip.
    pub fn press(&self) {
        self.pressed.get_or_init(|| in_brotli(&self.content).filter(|pressed| pressed.len() < self.sent()));
    }

    /// Returns the content in brotli, if there is one.
    pub fn pressed(&self) -> Option<&Bytes> {
        self.pressed.get()?.as_ref()
    }

    /// Returns the content as it is.
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

/// The narrowest and the widest window of brotli, as logarithms of bytes.
const NARROWEST: i32 = 16;
const WIDEST: i32 = 22;

/// Returns the content in brotli, as small as it can be.
fn in_brotli(content: &[u8]) -> Option<Bytes> {
    // The memory that this takes grows with the window, so the window is no longer than the content.
    let window = i32::try_from(content.len().max(1).ilog2() + 1).unwrap_or(WIDEST).clamp(NARROWEST, WIDEST);
    let size_hint = content.len();
    let parameters = BrotliEncoderParams { quality: 11, lgwin: window, size_hint, ..BrotliEncoderParams::default() };
    let (mut rest, mut pressed) = (content, Vec::new());
    BrotliCompress(&mut rest, &mut pressed, &parameters).ok()?;
    Some(pressed.into())
}

/// Returns the content in gzip.
fn gzip(content: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn a_content_is_the_same_in_brotli_and_smaller_than_in_gzip() {
        let content = include_bytes!("../../../../themes/default/static/style.css");
        let made = MadeContent::of(content.as_slice());
        assert!(made.pressed().is_none(), "nobody waits for it");
        made.press();
        let pressed = made.pressed().expect("it is smaller");
        assert!(pressed.len() < made.compressed.as_ref().expect("gzip").len());
        let mut read = Vec::new();
        brotli::Decompressor::new(&**pressed, 4096).read_to_end(&mut read).expect("brotli");
        assert_eq!(read, content);
    }
}
