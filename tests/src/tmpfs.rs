//! A small disk in memory, which a test can fill.

use anyhow::{Context as _, ensure};
use std::fs::{File, remove_file};
use std::io::{ErrorKind, Result, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A mounted disk. Dropping it unmounts it.
#[derive(Debug)]
pub struct Tmpfs {
    folder: TempDir,
}

impl Tmpfs {
    /// Mounts an empty disk of this size.
    pub fn mount(megabytes: u32) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("motcua-disk-").tempdir()?;
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"]).arg(folder.path());
        let status = command.status().context("mount is not installed")?;
        ensure!(status.success(), "a tmpfs cannot be mounted: this needs root and a machine that permits it");
        Ok(Self { folder })
    }

    /// Returns the folder where the disk is mounted.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fills the disk.
    pub fn fill(&self) -> Result<()> {
        let mut file = File::options().create(true).append(true).open(self.filling())?;
        let zeros = vec![0; 1 << 20];
        loop {
            match file.write_all(&zeros) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Frees the disk again.
    pub fn free(&self) -> Result<()> {
        remove_file(self.filling())
    }

    fn filling(&self) -> PathBuf {
        self.folder.path().join("filling")
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // A process that still has a file open keeps the disk until it ends.
        let unmounted = Command::new("umount").arg("-l").arg(self.folder.path()).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("the disk {} could not be unmounted", self.folder.path().display());
        }
    }
}
