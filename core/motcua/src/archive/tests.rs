//! An archive is read as it was written, or not at all.

use super::*;

fn contents() -> CopyContents {
    CopyContents { kind: "sqlite".to_owned(), migrations: Vec::new(), tables: Vec::new(), events: 3 }
}

/// Writes an archive with these entries.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ArchiveWriter::new(Vec::new(), Timestamp::UNIX_EPOCH);
    for (path, content) in entries {
        writer.add(path, content.len() as u64, 0o640, *content).expect("added");
    }
    writer.finish(contents(), Vec::new()).expect("finished").0
}

fn read(bytes: &[u8]) -> anyhow::Result<ArchiveManifest> {
    let mut tar = tar::Archive::new(bytes);
    let mut checked = CheckedEntries::default();
    for entry in tar.entries()? {
        let mut content = checked.open(entry)?;
        if content.path == MANIFEST {
            checked.read_manifest(content)?;
            continue;
        }
        io::copy(&mut content, &mut io::sink())?;
        checked.close(content)?;
    }
    checked.finish(tar.into_inner())
}

fn refused(bytes: &[u8]) -> String {
    format!("{:#}", read(bytes).expect_err("refused"))
}

#[test]
fn an_archive_is_read_as_it_was_written() {
    let long = format!("install/{}/procedure.toml", "thủ-tục-".repeat(30));
    let manifest = read(&archive(&[("database/motcua.db", b"rows"), (&long, b""), ("files/ab/abcd", b"x")]));
    let manifest = manifest.expect("read");
    assert_eq!((manifest.database.events, manifest.count(FILES), manifest.count(INSTALL)), (3, 1, 1));
}

#[test]
fn every_changed_byte_of_a_content_is_named_with_its_entry() {
    let sound = archive(&[("install/motcua.toml", b"listen")]);
    for at in 512..518 {
        let mut changed = sound.clone();
        changed[at] ^= 1;
        assert_eq!(refused(&changed), "install/motcua.toml was changed after the backup was made");
    }
}

#[test]
fn an_archive_that_was_cut_off_anywhere_before_its_end_is_refused() {
    let sound = archive(&[("database/motcua.db", &[7; 700]), ("install/motcua.toml", b"listen")]);
    let trailer = 1024;
    let padding = sound[..sound.len() - trailer].iter().rev().take_while(|byte| **byte == 0).count();
    let end = sound.len() - trailer - padding;
    for length in 0..end {
        let said = refused(&sound[..length]);
        assert!(said.contains("cut off"), "{length}: {said}");
    }
}

#[test]
fn an_entry_that_was_taken_out_or_added_is_named() {
    let (one, two) = (("install/one", b"1".as_slice()), ("install/two", b"2".as_slice()));
    let (both, first) = (archive(&[one, two]), archive(&[one]));
    // Each entry here is a header and one block.
    let without = [&both[..1024], &both[2048..]].concat();
    assert_eq!(refused(&without), "install/two is missing in the archive");
    let with = [&both[..2048], &first[1024..]].concat();
    assert_eq!(refused(&with), "install/two was added after the backup was made");
    let twice = [&first[..1024], &first[..]].concat();
    assert_eq!(refused(&twice), "the archive has install/one twice");
    assert!(refused(&[first, b"more".to_vec()].concat()).contains("after the end"));
}

#[test]
fn no_entry_leads_out_of_the_folder() {
    let bad: [&[u8]; 9] = [
        b"/etc/passwd",
        b"install/../../etc/passwd",
        b"install//x",
        b"install/./x",
        b"elsewhere/x",
        b"install",
        b"",
        b"install/\xff",
        b"install/a\0b",
    ];
    for path in bad {
        assert!(safe(path).is_err(), "{path:?}");
    }
    assert_eq!(safe("install/thủ tục\\1.toml".as_bytes()).expect("it is safe"), "install/thủ tục\\1.toml");
}
