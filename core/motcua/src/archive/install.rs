//! The files of an install folder that belong in a backup.

use crate::output::cannot_read;
use anyhow::{Context as _, bail};
use motcua_store::durable;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The beginning of the names of temporary folders. A backup that broke off may have left one behind.
pub const SCRATCH: &str = ".motcua-backup-";

/// The name of the head of the log. A backup reads it before it copies the database, so the head is never newer than
/// the copy.
pub const HEAD: &str = motcua_store::log::HEAD_FILE;

/// An install folder without its database, its stored files and its caches.
#[derive(Debug)]
pub struct InstallFiles {
    root: PathBuf,
    left_out: Vec<PathBuf>,
}

impl InstallFiles {
    /// Looks at an install folder. `files` is its folder of stored files, `database` its SQLite file.
    pub fn new(dir: &Path, files: &str, database: Option<&Path>) -> anyhow::Result<Self> {
        let root = dir.canonicalize().with_context(|| cannot_read(dir.display()))?;
        let mut left_out = vec![root.join("data"), root.join(files), root.join(HEAD)];
        if let Some(database) = database {
            left_out.extend(["", "-wal", "-shm", "-journal"].map(|end| with_end(database, end)));
        }
        let resolved: Vec<PathBuf> = left_out.iter().filter_map(|path| path.canonicalize().ok()).collect();
        left_out.extend(resolved);
        Ok(Self { root, left_out })
    }

    /// Returns whether a file in this folder would be in the next backup.
    pub fn holds(&self, folder: &Path) -> bool {
        folder.starts_with(&self.root) && !self.leaves_out(folder)
    }

    /// Returns all files with their names within the folder, in a fixed order.
    pub fn files(&self) -> anyhow::Result<Vec<(String, PathBuf)>> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            let unreadable = || cannot_read(folder.display());
            for entry in std::fs::read_dir(&folder).with_context(unreadable)? {
                let entry = entry.with_context(unreadable)?;
                let (path, kind) = (entry.path(), entry.file_type().with_context(unreadable)?);
                if self.leaves_out(&path) {
                    continue;
                }
                if kind.is_symlink() {
                    bail!(told!(
                        "{} là liên kết tượng trưng; hãy đặt chính tệp vào đó, hoặc xóa liên kết",
                        "{} is a symbolic link; put the file itself there, or remove the link";
                        path.display()
                    ));
                }
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() {
                    let name = path.strip_prefix(&self.root)?.to_str();
                    let name = name.with_context(
                        || told!("tên của {} không phải là UTF-8", "{} has a name that is not UTF-8"; path.display()),
                    )?;
                    found.push((name.to_owned(), path));
                }
                // Sockets and pipes belong to running programs.
            }
        }
        found.sort();
        Ok(found)
    }

    fn leaves_out(&self, path: &Path) -> bool {
        // A running portal is about to rename a temporary file.
        let passing = |name: &str| name.starts_with(SCRATCH) || durable::is_temporary(name);
        path.file_name().and_then(OsStr::to_str).is_some_and(passing)
            || self.left_out.iter().any(|out| path.starts_with(out))
    }
}

/// Returns the path with something added to its name.
pub fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
