//! Pages that are the same for everybody but for one text, compressed once.
//!
//! ```text
//! piece ── proof ── piece ── proof ── piece       the proof differs from visitor to visitor
//!   │        │
//!   │        └─► a stored block of deflate (RFC 1951, section 3.2.4)
//!   └──────────► deflate that ends at a byte, made once
//! ```

use bytes::Bytes;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::{self, Write as _};

/// The head of a gzip member without a name and a time (RFC 1952, section 2.3.1).
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// An empty last block of deflate.
const LAST: [u8; 2] = [3, 0];

/// A page whose forms have the proof of each visitor.
#[derive(Debug)]
pub struct SplicedPage {
    /// The texts before, between and after the proofs.
    pieces: Vec<SharedPiece>,
}

/// A text that is the same for everybody.
#[derive(Debug)]
struct SharedPiece {
    text: Bytes,
    /// Blocks of deflate, none of which is the last.
    deflated: Bytes,
    sum: Crc,
}

impl SharedPiece {
    fn of(text: &str) -> io::Result<Self> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes())?;
        // Ends at a byte, so that other blocks can follow.
        encoder.flush()?;
        let deflated = Bytes::copy_from_slice(encoder.get_ref());
        Ok(Self { text: Bytes::copy_from_slice(text.as_bytes()), deflated, sum: sum_of(text.as_bytes()) })
    }
}

impl SplicedPage {
    /// Returns a page that was rendered with this proof, or nothing if it cannot be compressed.
    pub fn of(rendered: &str, proof: &str) -> Option<Self> {
        let pieces = rendered.split(proof).map(SharedPiece::of).collect::<io::Result<_>>();
        Some(Self { pieces: pieces.ok()? })
    }

    /// Returns the page with the proof of a visitor.
    pub fn with(&self, proof: &str) -> Vec<u8> {
        let texts: Vec<&[u8]> = self.pieces.iter().map(|piece| &*piece.text).collect();
        texts.join(proof.as_bytes())
    }

    /// Returns the page with the proof of a visitor in gzip. There is none if the proof is longer than a stored block
    /// may be.
    pub fn gzip_with(&self, proof: &str) -> Option<Vec<u8>> {
        let (stored, of_proof) = (stored_block(proof.as_bytes())?, sum_of(proof.as_bytes()));
        let length: usize = self.pieces.iter().map(|piece| piece.deflated.len() + stored.len()).sum();
        let mut zipped = Vec::with_capacity(HEAD.len() + length + LAST.len() + 8);
        zipped.extend_from_slice(&HEAD);
        let mut sum = Crc::new();
        for (at, piece) in self.pieces.iter().enumerate() {
            if at > 0 {
                zipped.extend_from_slice(&stored);
                sum.combine(&of_proof);
            }
            zipped.extend_from_slice(&piece.deflated);
            sum.combine(&piece.sum);
        }
        zipped.extend_from_slice(&LAST);
        zipped.extend_from_slice(&sum.sum().to_le_bytes());
        zipped.extend_from_slice(&sum.amount().to_le_bytes());
        Some(zipped)
    }
}

fn sum_of(bytes: &[u8]) -> Crc {
    let mut sum = Crc::new();
    sum.update(bytes);
    sum
}

/// Returns a block of deflate with these bytes as they are, which is not the last one.
fn stored_block(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(bytes.len()).ok()?;
    let mut block = vec![0];
    block.extend_from_slice(&length.to_le_bytes());
    block.extend_from_slice(&(!length).to_le_bytes());
    block.extend_from_slice(bytes);
    Some(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use proptest::prelude::*;
    use std::io::Read as _;

    proptest! {
        #[test]
        fn a_page_has_the_proof_of_each_visitor_as_it_is_and_in_gzip(
            pieces in proptest::collection::vec(".{0,300}", 1..5),
            proof in "[0-9a-f]{0,128}",
        ) {
            // No piece has the text of the proof with which the page is rendered.
            let pieces: Vec<String> = pieces.into_iter().map(|piece| piece.replace('@', "")).collect();
            let page = SplicedPage::of(&pieces.join("@proof@"), "@proof@").expect("compressed");
            let expected = pieces.join(&proof);
            prop_assert_eq!(String::from_utf8(page.with(&proof)).expect("text"), expected.clone());
            let mut read = String::new();
            let zipped = page.gzip_with(&proof).expect("short");
            // One member, because browsers read no more than the first.
            let mut decoder = GzDecoder::new(&*zipped);
            decoder.read_to_string(&mut read).expect("gzip");
            prop_assert_eq!(read, expected);
            prop_assert!(decoder.into_inner().is_empty());
        }
    }

    #[test]
    fn a_text_longer_than_a_stored_block_is_not_put_into_gzip() {
        let page = SplicedPage::of("a@b", "@").expect("compressed");
        assert!(page.gzip_with(&"x".repeat(65_535)).is_some());
        assert!(page.gzip_with(&"x".repeat(65_536)).is_none());
    }
}
