//! Names of files that people attach.

use crate::media::{MediaKind, StoredFile};
use crate::text::is_invisible;
use unicode_normalization::UnicodeNormalization as _;

/// The most characters that are read of a name.
const MOST_READ: usize = 4096;

/// The most characters and bytes of a stored name. File systems take 255 bytes.
const MOST_CHARACTERS: usize = 120;
const MOST_BYTES: usize = 240;

/// The most letters of an ending: `xhtml`.
const LONGEST_EXTENSION: usize = 5;

/// The name of a file without one.
const NAMELESS: &str = "tep";

/// Names that Windows reserves for devices, whatever follows a dot.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Returns the name under which a file of this kind is stored. The name has no path, no control characters and no
/// invisible marks. It is in NFC and short enough for every file system. It ends as the content demands, so an ending
/// of another kind is replaced.
pub fn stored_name(name: &str, kind: MediaKind) -> String {
    let clean = shown_name(name);
    let (stem, written) = match clean.rsplit_once('.') {
        Some((stem, written)) if is_extension(written) => (stem, written),
        _ => (clean.as_str(), ""),
    };
    let fits = [kind.extension(), kind.name()].iter().any(|known| written.eq_ignore_ascii_case(known));
    let extension = if fits { written } else { kind.extension() };
    let device = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let stem = if DEVICES.contains(&device.as_str()) { format!("{NAMELESS}-{stem}") } else { stem.to_owned() };
    let stem = cut(&stem, extension.len() + 1);
    let stem = if stem.is_empty() { NAMELESS } else { stem };
    format!("{stem}.{extension}")
}

/// Returns the name under which a person saves a stored file. Earlier versions of the portal stored names as their senders
/// wrote them.
pub fn saved_name(file: &StoredFile) -> String {
    match MediaKind::from_media_type(&file.media_type) {
        Some(kind) => stored_name(&file.name, kind),
        None => shown_name(&file.name),
    }
}

/// Returns a name that is safe to show to the person who chose the file.
pub fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().take(MOST_READ).filter(|c| !is_unsafe(*c)).nfc().collect();
    let clean = clean.trim_start_matches(|c: char| c == '.' || c.is_whitespace());
    let clean = clean.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    if clean.is_empty() { NAMELESS.to_owned() } else { clean.to_owned() }
}

/// Returns whether the text after the last dot is an ending, and not a part of the name such as a year.
fn is_extension(text: &str) -> bool {
    text.len() <= LONGEST_EXTENSION
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Returns whether a character is forbidden in the name of a file: invisible marks, line ends, and characters that file
/// systems reject.
fn is_unsafe(c: char) -> bool {
    is_invisible(c) || "\u{2028}\u{2029}\"<>|:*?/\\".contains(c)
}

/// Cuts a stem so that `rest` bytes more fit after it.
fn cut(stem: &str, rest: usize) -> &str {
    let most = MOST_BYTES.saturating_sub(rest);
    let fits = |(at, c): &(usize, char)| at + c.len_utf8() <= most;
    let letters = stem.char_indices().take(MOST_CHARACTERS.saturating_sub(rest)).take_while(fits);
    let end = letters.last().map_or(0, |(at, c)| at + c.len_utf8());
    let short = stem.get(..end).unwrap_or_default();
    short.trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Digest;
    use proptest::prelude::*;

    #[test]
    fn a_name_ends_as_its_content_demands() {
        let names = [
            ("x.html", "x.pdf"),
            ("anh.exe", "anh.pdf"),
            ("quét.PDF", "quét.PDF"),
            ("quét", "quét.pdf"),
            ("Quyết định 12.2026", "Quyết định 12.2026.pdf"),
            ("giay-to.hta", "giay-to.pdf"),
            ("mau.library-ms", "mau.library-ms.pdf"),
            ("a.pdf.exe", "a.pdf.pdf"),
        ];
        for (given, stored) in names {
            assert_eq!(stored_name(given, MediaKind::Pdf), stored);
        }
        assert_eq!(stored_name("ảnh.jpeg", MediaKind::Jpeg), "ảnh.jpeg");
        assert_eq!(stored_name("ảnh.pdf", MediaKind::Jpeg), "ảnh.jpg");
        assert_eq!(stored_name("đơn.docx", MediaKind::Doc), "đơn.doc");
    }

    #[test]
    fn a_file_of_an_earlier_version_is_saved_as_its_content_demands() {
        let saved = |name: &str, media_type: &str| {
            let (name, media_type) = (name.to_owned(), media_type.to_owned());
            saved_name(&StoredFile { digest: Digest("0".repeat(64)), name, media_type, bytes: 1 })
        };
        assert_eq!(saved("anh.exe", "application/pdf"), "anh.pdf");
        assert_eq!(saved("a\u{306}nh.pdf", "image/jpeg"), "ănh.jpg");
        assert_eq!(saved("giấy tờ.jpeg", "image/jpeg"), "giấy tờ.jpeg");
        assert_eq!(saved("../bản\u{202e}.zip", "application/zip"), "bản.zip");
    }

    #[test]
    fn names_lose_paths_and_tricks() {
        let stored = |name: &str| stored_name(name, MediaKind::Pdf);
        assert_eq!(stored("C:\\Users\\an\\CCCD mặt trước.pdf"), "CCCD mặt trước.pdf");
        assert_eq!(stored("../../etc/passwd"), "passwd.pdf");
        assert_eq!(stored("a\u{202e}fdp.exe\n"), "afdp.pdf");
        assert_eq!(stored("a\u{2067}\u{200b}\u{feff}\0b.pdf"), "ab.pdf");
        assert_eq!(stored(".."), "tep.pdf");
        assert_eq!(stored(".pdf"), "pdf.pdf");
        assert_eq!(stored("CON.txt"), "tep-CON.pdf");
        assert_eq!(stored("nul"), "tep-nul.pdf");
    }

    #[test]
    fn a_name_is_composed_and_a_long_one_keeps_its_ending() {
        assert_eq!(stored_name("giâ\u{301}y to\u{31b}\u{300}.pdf", MediaKind::Pdf), "giấy tờ.pdf");
        let long = stored_name(&format!("{}.jpg", "ữ".repeat(300)), MediaKind::Jpeg);
        assert!(long.ends_with("ữ.jpg") && long.len() <= MOST_BYTES, "{long}");
        assert_eq!(stored_name(&"a".repeat(100_000), MediaKind::Pdf).chars().count(), MOST_CHARACTERS);
    }

    proptest! {
        #[test]
        fn a_stored_name_is_stored_as_it_is(name in "\\PC{0,200}|[ ./\\\\a-z]{0,20}") {
            for kind in MediaKind::ALL {
                let stored = stored_name(&name, kind);
                prop_assert_eq!(&stored_name(&stored, kind), &stored);
                prop_assert!(stored.len() <= MOST_BYTES && stored.chars().count() <= MOST_CHARACTERS);
                prop_assert!(!stored.starts_with('.') && !stored.chars().any(is_unsafe));
            }
        }
    }
}
