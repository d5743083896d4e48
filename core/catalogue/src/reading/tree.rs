//! The files of a folder, read at once. The rest of the crate is a function from bytes to findings.

use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The largest file that a folder or a package may hold, in bytes.
pub const LARGEST_FILE: u64 = 16 << 20;

/// The file of agencies, units, posts and officers.
pub const ORGANISATION: &str = "organisation.toml";

/// The deepest folder.
const DEEPEST: usize = 8;

/// Files by path, with `/` between folders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<String, Result<Vec<u8>, String>>,
}

impl Tree {
    /// Reads `names`, files or folders of `root`. Leaves out those that do not exist.
    pub fn read(root: &Path, names: &[&str]) -> Self {
        let mut found = Vec::new();
        for name in names {
            list(&mut found, root.join(name), (*name).to_owned(), 0);
        }
        // A province has thousands of files, so each core reads the next one.
        Self { files: found.into_par_iter().map(|(name, path, size)| (name, content(&path, size))).collect() }
    }

    /// Returns the content of a file, or the reason why it cannot be read. Returns `None` if it does not exist.
    pub fn get(&self, file: &str) -> Option<Result<&[u8], &str>> {
        self.files.get(file).map(|content| content.as_ref().map(Vec::as_slice).map_err(String::as_str))
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, file: &str, content: Vec<u8>) {
        self.files.insert(file.to_owned(), Ok(content));
    }

    /// Returns all files under `folder`, by path.
    pub fn under<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        let inside = move |file: &&str| file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        self.files
            .range(folder.to_owned()..)
            .map(|(file, _)| file.as_str())
            .take_while(move |file| file.starts_with(folder))
            .filter(inside)
    }

    /// Returns the files directly in `folder` whose name ends with `extension`.
    pub fn files<'a>(&'a self, folder: &'a str, extension: &'a str) -> impl Iterator<Item = &'a str> {
        let direct = move |file: &&str| !file[folder.len() + 1..].contains('/') && file.ends_with(extension);
        self.under(folder).filter(direct)
    }

    /// Returns the names of the folders directly in `folder`.
    pub fn folders(&self, folder: &str) -> BTreeSet<String> {
        let first = |file: &str| file[folder.len() + 1..].split_once('/').map(|(first, _)| first.to_owned());
        self.under(folder).filter_map(first).collect()
    }
}

/// Adds each file at or under `path`: its name in the tree, its path and its size in bytes.
fn list(found: &mut Vec<(String, PathBuf, u64)>, path: PathBuf, name: String, depth: usize) {
    let Ok(metadata) = std::fs::metadata(&path) else { return };
    if !metadata.is_dir() {
        found.push((name, path, metadata.len()));
    } else if depth < DEEPEST {
        for entry in std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok) {
            if let Ok(inner) = entry.file_name().into_string() {
                list(found, entry.path(), format!("{name}/{inner}"), depth + 1);
            }
        }
    }
}

/// Reads a file of this size in bytes.
fn content(path: &Path, size: u64) -> Result<Vec<u8>, String> {
    if size > LARGEST_FILE {
        return Err(format!("it is larger than {} MB", LARGEST_FILE >> 20));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}
