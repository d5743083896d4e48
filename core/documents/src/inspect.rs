//! Recognises uploaded files by their content and finds their flaws.
//!
//! The content is hostile until a check proves the opposite. [`picture`] reads markers only and takes time in
//! proportion to the content. [`inspect`] unpacks and parses, so its caller limits time and memory, see `motcua_service`.

mod office;
mod pdf;
mod photo;
mod xml;

pub use photo::MOST_PIXELS;

use motcua_domain::procedure::MediaKind;

/// Defines the flaws with their words.
macro_rules! flaws {
    ($($(#[$doc:meta])* $flaw:ident => $word:literal,)*) => {
        /// A flaw of a file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Flaw {
            $($(#[$doc])* $flaw,)*
        }

        impl Flaw {
            /// All flaws.
            pub const ALL: &'static [Self] = &[$(Self::$flaw),*];

            /// Returns a stable word.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$flaw => $word,)*
                }
            }
        }
    };
}

flaws! {
    /// The kind is unknown, or is not among the wanted kinds.
    Unknown => "unknown",
    /// A photograph as HEIC, which only some programs can show.
    Heic => "heic",
    /// The end is missing.
    CutOff => "cut-off",
    /// The file needs a password.
    Password => "password",
    /// The file has no pages.
    NoPages => "no-pages",
    /// The file has scripts, macros, or actions that start programs or send data.
    Active => "active",
    /// A picture of more than [`MOST_PIXELS`].
    TooManyPixels => "too-many-pixels",
    /// XML without a digital signature.
    Unsigned => "unsigned",
    /// The file cannot be read.
    Broken => "broken",
}

/// The family of formats to which the first bytes belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FormatFamily {
    Pdf,
    Jpeg,
    Png,
    Zip,
    /// Microsoft's compound files: old office files, and newer ones with a password.
    Compound,
    Xml,
    Dwg,
    Heic,
}

impl FormatFamily {
    fn of(head: &[u8]) -> Option<Self> {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        let brand = head.get(8..12).filter(|_| head.get(4..8) == Some(b"ftyp"));
        match head {
            _ if text.starts_with(b"%PDF-") => Some(Self::Pdf),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            _ if head.starts_with(b"\x89PNG\r\n\x1a\n") => Some(Self::Png),
            [b'P', b'K', 3, 4, ..] => Some(Self::Zip),
            _ if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => Some(Self::Compound),
            [b'A', b'C', b'1', b'0', b'0'..=b'9', b'0'..=b'9', ..] => Some(Self::Dwg),
            _ if text.starts_with(b"<?xml") => Some(Self::Xml),
            _ if brand.is_some_and(|brand| HEIC_BRANDS.contains(&brand)) => Some(Self::Heic),
            _ => None,
        }
    }

    /// Returns the kinds that may begin so.
    const fn kinds(self) -> &'static [MediaKind] {
        match self {
            Self::Pdf => &[MediaKind::Pdf],
            Self::Jpeg => &[MediaKind::Jpeg],
            Self::Png => &[MediaKind::Png],
            Self::Zip => &[MediaKind::Docx, MediaKind::Xlsx, MediaKind::Odt, MediaKind::Ods],
            Self::Compound => &[MediaKind::Doc, MediaKind::Xls, MediaKind::Docx, MediaKind::Xlsx],
            Self::Xml => &[MediaKind::Xml],
            Self::Dwg => &[MediaKind::Dwg],
            Self::Heic => &[],
        }
    }
}

/// The brands of files that hold HEIC and AVIF pictures.
const HEIC_BRANDS: [&[u8]; 8] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif"];

/// Decides by the first bytes whether a file may be of one of these kinds.
pub fn begins(head: &[u8], kinds: &[MediaKind]) -> Result<(), Flaw> {
    match FormatFamily::of(head) {
        Some(FormatFamily::Heic) if kinds.iter().any(|kind| kind.is_photo()) => Err(Flaw::Heic),
        Some(family) if family.kinds().iter().any(|kind| kinds.contains(kind)) => Ok(()),
        _ => Err(Flaw::Unknown),
    }
}

/// Judges a photograph, without decoding it. Returns nothing if the content is no photograph.
pub fn picture(content: &[u8]) -> Option<Result<MediaKind, Flaw>> {
    match FormatFamily::of(content)? {
        FormatFamily::Jpeg => Some(photo::jpeg(content).map(|()| MediaKind::Jpeg)),
        FormatFamily::Png => Some(photo::png(content).map(|()| MediaKind::Png)),
        _ => None,
    }
}

/// Judges a content of any kind.
pub fn inspect(content: &[u8]) -> Result<MediaKind, Flaw> {
    match FormatFamily::of(content).ok_or(Flaw::Unknown)? {
        FormatFamily::Pdf => pdf::inspect(content).map(|()| MediaKind::Pdf),
        FormatFamily::Jpeg => photo::jpeg(content).map(|()| MediaKind::Jpeg),
        FormatFamily::Png => photo::png(content).map(|()| MediaKind::Png),
        FormatFamily::Zip => office::zipped(content),
        FormatFamily::Compound => office::compound(content),
        FormatFamily::Xml => xml::inspect(content).map(|()| MediaKind::Xml),
        FormatFamily::Dwg => Ok(MediaKind::Dwg),
        FormatFamily::Heic => Err(Flaw::Heic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_refused_by_its_first_bytes_if_it_can_be_none_of_the_wanted_kinds() {
        let (photos, office) = ([MediaKind::Jpeg, MediaKind::Png], [MediaKind::Docx]);
        assert_eq!(begins(b"%PDF-1.7 <html>", &[MediaKind::Pdf]), Ok(()));
        assert_eq!(begins(b"%PDF-1.7", &photos), Err(Flaw::Unknown));
        assert_eq!(begins(b"MZ\x90\0", &MediaKind::ALL), Err(Flaw::Unknown));
        assert_eq!(begins(b"<html><script>", &MediaKind::ALL), Err(Flaw::Unknown));
        assert_eq!(begins(b"GIF89a", &MediaKind::ALL), Err(Flaw::Unknown));
        assert_eq!(begins(b"RIFF\0\0\0\0WEBPVP8 ", &MediaKind::ALL), Err(Flaw::Unknown));
        assert_eq!(begins(b"PK\x03\x04", &office), Ok(()));
        assert_eq!(begins(b"", &MediaKind::ALL), Err(Flaw::Unknown));
    }

    #[test]
    fn a_photograph_of_an_iphone_is_told_where_photographs_are_taken() {
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        assert_eq!(begins(heic, &[MediaKind::Jpeg]), Err(Flaw::Heic));
        assert_eq!(begins(heic, &[MediaKind::Docx]), Err(Flaw::Unknown));
        assert_eq!(begins(b"\0\0\0\x18ftypmp42", &[MediaKind::Jpeg]), Err(Flaw::Unknown));
    }

    #[test]
    fn a_drawing_is_known_by_its_version() {
        assert_eq!(inspect(b"AC1032\0\0\0\0"), Ok(MediaKind::Dwg));
        assert_eq!(inspect(b"AC10\0\0"), Err(Flaw::Unknown));
    }

    #[test]
    fn damaged_files_of_every_kind_end_with_an_answer() {
        let whole: [&[u8]; 3] = [
            include_bytes!("../../motcua/src/demo/paper.pdf"),
            include_bytes!("../../motcua/src/demo/photo.jpg"),
            include_bytes!(
                "../../../examples/binhduong/procedures/so-gtvt/doi-giay-phep-lai-xe/forms/don-de-nghi.docx"
            ),
        ];
        for content in whole {
            let kind = inspect(content).expect("it is sound");
            let step = content.len() / 97 + 1;
            for at in (16..content.len() - 16).step_by(step) {
                assert!(inspect(&content[..at]).is_err(), "{kind:?} cut off after {at} bytes");
                for bits in [0x01, 0x40, 0xff] {
                    let mut damaged = content.to_vec();
                    damaged[at] ^= bits;
                    // Any answer is right, as long as there is one.
                    let _ = inspect(&damaged);
                }
            }
        }
    }
}
