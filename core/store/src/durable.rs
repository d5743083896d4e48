//! Small files that are replaced as a whole. A reader, or the next start after a crash, finds the old or the new
//! contents.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The end of the names of temporary files.
const PART: &str = ".part";

/// Writes a file beside its place, flushes it, and renames it into its place. `mode` is that of the new file.
pub fn replace(path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    let part = beside(path)?;
    let written = write_new(&part, contents, mode).and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        // The caller gets the first error.
        drop(std::fs::remove_file(&part));
    }
    written?;
    sync_folder_of(path)
}

/// Does the same for a file that must not exist.
///
/// If several processes create the file at once, one succeeds, and the others get [`io::ErrorKind::AlreadyExists`].
pub fn create(path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    let part = beside(path)?;
    let written = write_new(&part, contents, mode).and_then(|()| std::fs::hard_link(&part, path));
    drop(std::fs::remove_file(&part));
    written?;
    sync_folder_of(path)
}

/// Returns a new path beside a file.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    Ok(path.with_file_name(format!("{}.{}{PART}", name.to_string_lossy(), Uuid::now_v7().simple())))
}

/// Returns whether a name belongs to a file that this module wrote and has not put into its place yet.
pub fn is_temporary(name: &str) -> bool {
    let id = name.strip_suffix(PART).and_then(|name| name.rsplit_once('.')).map(|(_, id)| id);
    id.is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

/// Writes a file that must not exist, and flushes it.
fn write_new(path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// Makes the names of files in the folder of a file durable.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("head");
        for contents in ["a longer text", "b"] {
            replace(&file, contents.as_bytes(), 0o600).expect("written");
            assert_eq!(std::fs::read_to_string(&file).expect("read"), contents);
        }
        assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        assert!(replace(&dir.path().join("none/head"), b"", 0o600).is_err());
        assert!(replace(dir.path(), b"", 0o600).is_err(), "a folder is not replaced");
        let again = create(&file, b"c", 0o600).expect_err("it exists");
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        std::fs::remove_file(&file).expect("removed");
        create(&file, b"c", 0o600).expect("created");
        assert_eq!(std::fs::read_to_string(&file).expect("read"), "c");
        let names = std::fs::read_dir(dir.path()).expect("read").count();
        assert_eq!(names, 1);
    }

    #[test]
    fn a_temporary_file_is_told_by_its_name_from_a_file_of_somebody_else() {
        let temporary = beside(Path::new("/srv/tinh/log-head")).expect("a path");
        assert!(is_temporary(temporary.file_name().and_then(|name| name.to_str()).expect("a name")));
        let id = "0123456789abcdef0123456789abcdef";
        assert!(is_temporary(&format!("log-head.{id}.part")));
        for name in ["song.part", "a.b.part", ".part", "part", &format!("{id}.part"), &format!("a.{id}"), "a.0.part"] {
            assert!(!is_temporary(name), "{name}");
        }
    }
}
