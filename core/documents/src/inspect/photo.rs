//! Photographs: checks their size and their end by their markers, without decoding.

use super::Flaw;

/// The most pixels of a picture. Cameras of 50 megapixels have some more.
pub const MOST_PIXELS: u64 = 52_000_000;

fn checked(width: u32, height: u32) -> Result<(), Flaw> {
    match u64::from(width) * u64::from(height) {
        0 => Err(Flaw::Broken),
        pixels if pixels > MOST_PIXELS => Err(Flaw::TooManyPixels),
        _ => Ok(()),
    }
}

fn two(content: &[u8], at: usize) -> Option<u32> {
    let bytes = content.get(at..at.checked_add(2)?)?;
    Some(bytes.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte)))
}

fn four(content: &[u8], at: usize) -> Option<u32> {
    let bytes = content.get(at..at.checked_add(4)?)?;
    Some(bytes.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte)))
}

/// Follows the segments of a JPEG to the marker of its end.
pub fn jpeg(content: &[u8]) -> Result<(), Flaw> {
    let (mut at, mut sized, mut scanned) = (2, false, false);
    loop {
        // Programs skip bytes between two segments.
        at += content.get(at..).and_then(|rest| rest.iter().position(|b| *b == 0xff)).ok_or(Flaw::CutOff)?;
        at += content.get(at..).and_then(|rest| rest.iter().position(|b| *b != 0xff)).ok_or(Flaw::CutOff)?;
        let code = *content.get(at).ok_or(Flaw::CutOff)?;
        at += 1;
        match code {
            0xd9 => break,
            // A byte of data, a mark within it, or a mark without data.
            0x00 | 0x01 | 0xd0..=0xd8 => continue,
            // The segment that contains the size.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let height = two(content, at + 3).ok_or(Flaw::CutOff)?;
                let width = two(content, at + 5).ok_or(Flaw::CutOff)?;
                checked(width, height)?;
                sized = true;
            }
            0xda => scanned = true,
            _ => {}
        }
        let length = two(content, at).ok_or(Flaw::CutOff)?;
        at += usize::try_from(length).map_err(|_| Flaw::Broken)?.max(2);
    }
    if sized && scanned { Ok(()) } else { Err(Flaw::Broken) }
}

/// Follows the chunks of a PNG to the last one.
pub fn png(content: &[u8]) -> Result<(), Flaw> {
    let mut at: usize = 8;
    let mut sized = false;
    loop {
        let length = four(content, at).ok_or(Flaw::CutOff)?;
        let name = content.get(at + 4..at + 8).ok_or(Flaw::CutOff)?;
        match name {
            b"IHDR" => {
                let width = four(content, at + 8).ok_or(Flaw::CutOff)?;
                let height = four(content, at + 12).ok_or(Flaw::CutOff)?;
                checked(width, height)?;
                sized = true;
            }
            b"IEND" => break,
            _ => {}
        }
        let length = usize::try_from(length).map_err(|_| Flaw::Broken)?;
        at = at.checked_add(length).and_then(|at| at.checked_add(12)).ok_or(Flaw::CutOff)?;
    }
    if sized { Ok(()) } else { Err(Flaw::Broken) }
}

#[cfg(test)]
mod tests {
    use crate::inspect::{Flaw, picture};
    use image::{DynamicImage, ImageFormat, RgbImage};
    use motcua_domain::procedure::MediaKind;
    use std::io::Cursor;

    fn photo(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(RgbImage::new(60, 40)).write_to(&mut bytes, format).expect("a picture");
        bytes.into_inner()
    }

    #[test]
    fn a_photograph_that_was_cut_off_is_told_wherever_it_ends() {
        for (format, kind) in [(ImageFormat::Jpeg, MediaKind::Jpeg), (ImageFormat::Png, MediaKind::Png)] {
            let whole = photo(format);
            assert_eq!(picture(&whole), Some(Ok(kind)));
            let last = if kind == MediaKind::Png { whole.len() - 8 } else { whole.len() };
            for end in 8..last {
                assert_eq!(picture(&whole[..end]), Some(Err(Flaw::CutOff)), "{kind:?} after {end} bytes");
            }
            let with_more = [whole.as_slice(), b"what some cameras write behind the picture"].concat();
            assert_eq!(picture(&with_more), Some(Ok(kind)));
        }
    }

    #[test]
    fn the_size_of_a_photograph_is_known_before_it_is_decoded() {
        let mut png = photo(ImageFormat::Png);
        png[16..24].copy_from_slice(&[0, 0, 0x32, 0xc8, 0, 0, 0x32, 0xc8]);
        assert_eq!(picture(&png), Some(Err(Flaw::TooManyPixels)), "13,000 × 13,000");
        png[16..24].copy_from_slice(&[0xff; 8]);
        assert_eq!(picture(&png), Some(Err(Flaw::TooManyPixels)));
        png[16..24].copy_from_slice(&[0; 8]);
        assert_eq!(picture(&png), Some(Err(Flaw::Broken)));
        let mut jpeg = photo(ImageFormat::Jpeg);
        let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame");
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
        assert_eq!(picture(&jpeg), Some(Err(Flaw::TooManyPixels)));
    }
}
