//! The fonts of letters: Liberation Serif, which has the widths of the Times New Roman that Decree 30/2020 asks for.

use std::sync::LazyLock;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// The files of the faces. Their licence is beside them.
const FACES: [&[u8]; 3] = [
    include_bytes!("../fonts/LiberationSerif-Regular.ttf"),
    include_bytes!("../fonts/LiberationSerif-Bold.ttf"),
    include_bytes!("../fonts/LiberationSerif-Italic.ttf"),
];

/// The fonts, read once.
pub static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| FACES.into_iter().flat_map(|face| Font::iter(Bytes::new(face))).collect());

/// The list of the fonts, by their names.
pub static BOOK: LazyLock<LazyHash<FontBook>> = LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// Returns whether all faces have a glyph for a sign.
pub fn covers(sign: char) -> bool {
    FONTS.iter().all(|font| font.info().coverage.contains(u32::from(sign)))
}
