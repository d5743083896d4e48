//! Files of office programs: ZIP archives and Microsoft's compound files. Their entries identify the kind.

use super::Flaw;
use cfb::CompoundFile;
use motcua_domain::procedure::MediaKind;
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// The most entries of an archive or a compound file.
const MOST_ENTRIES: usize = 20_000;

/// The most bytes that are unpacked of one entry.
const MOST_TEXT: u64 = 2 << 20;

/// The most records of a workbook before the one that declares a password.
const MOST_RECORDS: usize = 16;

type OfficeArchive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Judges a ZIP archive, whatever the order of its entries.
pub fn zipped(content: &[u8]) -> Result<MediaKind, Flaw> {
    // The limit exists because the reader holds all entries in memory.
    if content.windows(4).filter(|mark| *mark == b"PK\x01\x02").take(MOST_ENTRIES + 1).count() > MOST_ENTRIES {
        return Err(Flaw::Broken);
    }
    let Ok(mut archive) = ZipArchive::new(Cursor::new(content)) else {
        return Err(if begins_as_office(content) { Flaw::CutOff } else { Flaw::Unknown });
    };
    let names: Vec<String> =
        archive.file_names_raw().map(|name| String::from_utf8_lossy(name).to_ascii_lowercase()).collect();
    let has = |name: &str| names.iter().any(|known| known == name);
    if has("mimetype") || has("meta-inf/manifest.xml") {
        return open_document(&mut archive, &names);
    }
    let types = text(&mut archive, "[Content_Types].xml").unwrap_or_default();
    if types.contains("macroEnabled") || names.iter().any(|name| name.ends_with("vbaproject.bin")) {
        return Err(Flaw::Active);
    }
    if types.contains("wordprocessingml.document.main+xml") || has("word/document.xml") {
        return Ok(MediaKind::Docx);
    }
    if types.contains("spreadsheetml.sheet.main+xml") || has("xl/workbook.xml") {
        return Ok(MediaKind::Xlsx);
    }
    Err(Flaw::Unknown)
}

fn open_document(archive: &mut OfficeArchive<'_>, names: &[String]) -> Result<MediaKind, Flaw> {
    let manifest = text(archive, "META-INF/manifest.xml").unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(Flaw::Password);
    }
    if names.iter().any(|name| name.starts_with("basic/") || name.starts_with("scripts/")) {
        return Err(Flaw::Active);
    }
    let written = text(archive, "mimetype").unwrap_or_default();
    [MediaKind::Odt, MediaKind::Ods].into_iter().find(|kind| written.trim() == kind.media_type()).ok_or(Flaw::Unknown)
}

/// Returns the text of an entry, whatever the case of its name.
fn text(archive: &mut OfficeArchive<'_>, name: &str) -> Option<String> {
    let written = archive.file_names_raw().find(|known| known.eq_ignore_ascii_case(name.as_bytes()))?.to_vec();
    let entry = archive.by_name(std::str::from_utf8(&written).ok()?).ok()?;
    let mut bytes = Vec::new();
    entry.take(MOST_TEXT).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns whether the first entry of an archive is one of an office file.
fn begins_as_office(content: &[u8]) -> bool {
    const FIRST: [&[u8]; 6] = [b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"mimetype"];
    let name = content.get(30..).unwrap_or_default();
    FIRST.iter().any(|known| name.starts_with(known))
}

/// Judges a compound file.
pub fn compound(content: &[u8]) -> Result<MediaKind, Flaw> {
    let mut file = CompoundFile::open(Cursor::new(content)).map_err(|_| Flaw::Broken)?;
    let names: Vec<String> = file.walk().take(MOST_ENTRIES).map(|entry| entry.name().to_ascii_lowercase()).collect();
    let has = |name: &str| names.iter().any(|known| known == name);
    if has("encryptedpackage") {
        return Err(Flaw::Password);
    }
    let (kind, stream) = if has("worddocument") {
        (MediaKind::Doc, "/WordDocument")
    } else if has("workbook") {
        (MediaKind::Xls, "/Workbook")
    } else if has("book") {
        (MediaKind::Xls, "/Book")
    } else {
        return Err(Flaw::Unknown);
    };
    if has("vba") || has("macros") || has("_vba_project_cur") {
        return Err(Flaw::Active);
    }
    let mut head = Vec::new();
    let opened = file.open_stream(stream).map_err(|_| Flaw::Broken)?;
    opened.take(4096).read_to_end(&mut head).map_err(|_| Flaw::Broken)?;
    let locked = if kind == MediaKind::Doc { is_locked_document(&head) } else { is_locked_workbook(&head) };
    if locked { Err(Flaw::Password) } else { Ok(kind) }
}

/// Returns whether the header of a Word document declares encryption.
fn is_locked_document(head: &[u8]) -> bool {
    head.get(11).is_some_and(|flags| flags & 1 != 0)
}

/// Returns whether one of the first records of a workbook declares a password.
fn is_locked_workbook(mut head: &[u8]) -> bool {
    for _ in 0..MOST_RECORDS {
        let [kind, more_kind, length, more_length, rest @ ..] = head else { return false };
        if u16::from_le_bytes([*kind, *more_kind]) == 0x2f {
            return true;
        }
        let length = usize::from(u16::from_le_bytes([*length, *more_length]));
        head = rest.get(length..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::inspect::{Flaw, inspect};
    use cfb::CompoundFile;
    use motcua_domain::procedure::MediaKind;
    use std::io::{Cursor, Write as _};
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    const WORD: &str = "<Types><Override PartName=\"/word/document.xml\" \
        ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
    const SHEET: &str = "<Types><Default Extension=\"xml\" \
        ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>";
    const ODT: &str = "application/vnd.oasis.opendocument.text";

    fn zip(entries: &[(&str, &str)], options: SimpleFileOptions) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            writer.start_file(*name, options).expect("an entry");
            writer.write_all(content.as_bytes()).expect("written");
        }
        writer.finish().expect("an archive").into_inner()
    }

    /// Returns the entries in every order that begins with another one, packed, plain, and with the long sizes of
    /// ZIP64.
    fn every_way(entries: &[(&str, &str)]) -> Vec<Vec<u8>> {
        let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let ways = [plain, packed, plain.large_file(true), packed.large_file(true)];
        let turned = (0..entries.len()).map(|first| [&entries[first..], &entries[..first]].concat());
        turned.flat_map(|entries| ways.map(|way| zip(&entries, way))).collect()
    }

    #[test]
    fn office_files_are_known_however_they_were_written() {
        let long = "<w:document/>".repeat(10_000);
        let word = [
            ("word/media/image1.png", long.as_str()),
            ("docProps/app.xml", "<Properties/>"),
            ("word/document.xml", long.as_str()),
            ("[Content_Types].xml", WORD),
            ("_rels/.rels", "<Relationships/>"),
        ];
        let sheet = [("xl/workbook2.xml", long.as_str()), ("[content_types].xml", SHEET)];
        let odt = [("content.xml", long.as_str()), ("mimetype", ODT), ("META-INF/manifest.xml", "<manifest/>")];
        let ods = [("mimetype", "application/vnd.oasis.opendocument.spreadsheet\n"), ("content.xml", "")];
        let cases: [(&[(&str, &str)], MediaKind); 4] =
            [(&word, MediaKind::Docx), (&sheet, MediaKind::Xlsx), (&odt, MediaKind::Odt), (&ods, MediaKind::Ods)];
        for (entries, kind) in cases {
            for bytes in every_way(entries) {
                assert_eq!(inspect(&bytes), Ok(kind), "{:?}", &bytes[..60]);
            }
        }
    }

    #[test]
    fn archives_that_are_no_office_files_are_unknown_and_macros_and_passwords_are_told() {
        let one = |entries: &[(&str, &str)]| inspect(&zip(entries, SimpleFileOptions::default()));
        assert_eq!(one(&[("virus.exe", "MZ")]), Err(Flaw::Unknown));
        assert_eq!(one(&[("mimetype", "application/epub+zip")]), Err(Flaw::Unknown));
        assert_eq!(one(&[("[Content_Types].xml", WORD), ("word/vbaProject.bin", "")]), Err(Flaw::Active));
        let macros = WORD.replace("openxmlformats-officedocument.wordprocessingml", "ms-word.document.macroEnabled");
        assert_eq!(one(&[("[Content_Types].xml", &macros)]), Err(Flaw::Active));
        assert_eq!(one(&[("mimetype", ODT), ("Basic/Standard/a.xml", "")]), Err(Flaw::Active));
        let locked = "<manifest:encryption-data/>";
        assert_eq!(one(&[("mimetype", ODT), ("META-INF/manifest.xml", locked)]), Err(Flaw::Password));
    }

    #[test]
    fn an_office_file_that_was_cut_off_is_told() {
        let whole = zip(&[("[Content_Types].xml", WORD), ("word/document.xml", "x")], SimpleFileOptions::default());
        assert_eq!(inspect(&whole[..whole.len() - 30]), Err(Flaw::CutOff));
        assert_eq!(inspect(b"PK\x03\x04 not an office file"), Err(Flaw::Unknown));
    }

    fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).expect("a file");
        for (path, content) in streams {
            if let Some((storage, _)) = path.rsplit_once('/').filter(|(storage, _)| !storage.is_empty()) {
                file.create_storage_all(storage).expect("a storage");
            }
            file.create_stream(path).expect("a stream").write_all(content).expect("written");
        }
        file.flush().expect("whole");
        file.into_inner().into_inner()
    }

    #[test]
    fn old_office_files_are_known_by_their_streams() {
        assert_eq!(inspect(&compound(&[("/WordDocument", &[0; 64])])), Ok(MediaKind::Doc));
        assert_eq!(inspect(&compound(&[("/Workbook", &[9, 8, 2, 0, 0, 6])])), Ok(MediaKind::Xls));
        assert_eq!(inspect(&compound(&[("/Book", &[9, 8])])), Ok(MediaKind::Xls));
        assert_eq!(inspect(&compound(&[("/PowerPoint Document", b"x")])), Err(Flaw::Unknown));
    }

    #[test]
    fn macros_and_passwords_of_old_office_files_are_told() {
        assert_eq!(inspect(&compound(&[("/EncryptedPackage", b"x")])), Err(Flaw::Password), "a newer file in it");
        let mut locked = [0; 64];
        locked[11] = 1;
        assert_eq!(inspect(&compound(&[("/WordDocument", &locked)])), Err(Flaw::Password));
        assert_eq!(inspect(&compound(&[("/Workbook", &[9, 8, 2, 0, 0, 6, 0x2f, 0, 0, 0])])), Err(Flaw::Password));
        let macros: [(&str, &[u8]); 2] = [("/WordDocument", &[0; 64]), ("/Macros/VBA/dir", b"x")];
        assert_eq!(inspect(&compound(&macros)), Err(Flaw::Active));
    }
}
