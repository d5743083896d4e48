//! The archive of a backup: a tar whose last entry is a manifest of all others.

pub mod install;
pub mod seal;
#[cfg(test)]
mod tests;

use anyhow::{Context as _, bail, ensure};
use futures::{Stream, TryStreamExt as _};
use jiff::Timestamp;
use motcua_store::Fault;
use motcua_store::backup::CopyContents;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};

/// The name of the last entry. A stream cannot announce digests before the contents, so the manifest cannot be first.
pub const MANIFEST: &str = "manifest.json";

/// The folders of an archive, in the order in which they are written.
pub const DATABASE: &str = "database";
pub const INSTALL: &str = "install";
pub const FILES: &str = "files";

const FORMAT: &str = "motcua-backup-1";

/// Returns the context of an error of reading, whatever its cause.
pub fn unreadable() -> String {
    told!("tệp sao lưu bị cắt cụt hoặc bị hỏng", "the archive was cut off or damaged")
}

/// The last entry of an archive.
#[derive(Debug, Serialize, Deserialize)]
pub struct ArchiveManifest {
    format: String,
    /// The version of the program that wrote the archive.
    pub motcua: String,
    pub at: Timestamp,
    pub database: CopyContents,
    /// Files in the copied rows that were swept while the archive was written, because nothing used them.
    pub swept: Vec<String>,
    entries: Vec<ArchiveEntry>,
}

/// The part of a manifest that every format has.
#[derive(Deserialize)]
struct ManifestPreface {
    format: String,
}

/// An entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveEntry {
    pub path: String,
    pub bytes: u64,
    pub sha256: String,
}

impl ArchiveManifest {
    /// Returns the number of entries in a folder of the archive.
    pub fn count(&self, folder: &str) -> usize {
        let inside = |entry: &&ArchiveEntry| entry.path.split_once('/').is_some_and(|(first, _)| first == folder);
        self.entries.iter().filter(inside).count()
    }

    fn read(json: &[u8]) -> anyhow::Result<Self> {
        let preface: ManifestPreface = serde_json::from_slice(json).with_context(changed_manifest)?;
        ensure!(
            preface.format == FORMAT,
            told!(
                "tệp sao lưu có định dạng {}, chương trình này không đọc được",
                "the archive has the format {}, which this program cannot read";
                preface.format
            )
        );
        serde_json::from_slice(json).with_context(changed_manifest)
    }
}

/// A writer of an archive, entry by entry.
pub struct ArchiveWriter<W: Write> {
    tar: tar::Builder<W>,
    at: Timestamp,
    entries: Vec<ArchiveEntry>,
}

impl<W: Write> ArchiveWriter<W> {
    /// Begins an archive.
    pub fn new(inner: W, at: Timestamp) -> Self {
        Self { tar: tar::Builder::new(inner), at, entries: Vec::new() }
    }

    /// Adds an entry whose content has this many bytes.
    pub fn add(&mut self, path: &str, bytes: u64, mode: u32, content: impl Read) -> anyhow::Result<()> {
        let mut header = self.header(bytes, mode);
        let mut content = HashingReader::new(content.take(bytes));
        self.tar.append_data(&mut header, path, &mut content).with_context(|| cannot_add(path))?;
        self.added(path, bytes, content.finish()).map(drop)
    }

    /// Adds an entry from chunks that have this many bytes together. Returns the SHA-256 of its content.
    pub async fn add_chunks(
        &mut self,
        path: &str,
        bytes: u64,
        mut chunks: impl Stream<Item = Result<impl AsRef<[u8]>, Fault>> + Unpin,
    ) -> anyhow::Result<String> {
        let mut header = self.header(bytes, 0o600);
        header.set_path(path).with_context(|| cannot_add(path))?;
        header.set_cksum();
        let tar = self.tar.get_mut();
        tar.write_all(header.as_bytes()).with_context(|| cannot_add(path))?;
        let (mut read, mut hasher) = (0, Sha256::new());
        while let Some(chunk) = chunks.try_next().await.with_context(|| cannot_add(path))? {
            let chunk = chunk.as_ref();
            read += chunk.len() as u64;
            hasher.update(chunk);
            tar.write_all(chunk).with_context(|| cannot_add(path))?;
        }
        let padding = bytes.next_multiple_of(512) - bytes;
        io::copy(&mut io::repeat(0).take(padding), tar).with_context(|| cannot_add(path))?;
        self.added(path, bytes, (read, hex::encode(hasher.finalize())))
    }

    /// Writes the manifest and ends the archive.
    pub fn finish(mut self, database: CopyContents, swept: Vec<String>) -> anyhow::Result<(W, ArchiveManifest)> {
        let manifest = ArchiveManifest {
            format: FORMAT.to_owned(),
            motcua: env!("CARGO_PKG_VERSION").to_owned(),
            at: self.at,
            database,
            swept,
            entries: std::mem::take(&mut self.entries),
        };
        let json = serde_json::to_vec_pretty(&manifest)?;
        let mut header = self.header(json.len() as u64, 0o600);
        self.tar.append_data(&mut header, MANIFEST, json.as_slice()).with_context(|| cannot_add(MANIFEST))?;
        Ok((self.tar.into_inner().with_context(cannot_end)?, manifest))
    }

    fn header(&self, bytes: u64, mode: u32) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(bytes);
        header.set_mode(mode);
        header.set_mtime(u64::try_from(self.at.as_second()).unwrap_or(0));
        header.set_uid(0);
        header.set_gid(0);
        header
    }

    fn added(&mut self, path: &str, bytes: u64, (read, sha256): (u64, String)) -> anyhow::Result<String> {
        // The header announced the size, so the archive is useless now.
        ensure!(
            read == bytes,
            told!(
                "{path} đã đổi dung lượng trong khi được đọc; hãy sao lưu lại",
                "{path} changed its size while it was read; run the backup again"
            )
        );
        self.entries.push(ArchiveEntry { path: path.to_owned(), bytes, sha256: sha256.clone() });
        Ok(sha256)
    }
}

fn cannot_add(path: &str) -> String {
    told!("không thêm được {path} vào tệp sao lưu", "cannot add {path} to the archive")
}

/// Returns the context of an error of ending an archive.
pub fn cannot_end() -> String {
    told!("không ghi được phần cuối của tệp sao lưu", "cannot end the archive")
}

fn changed_manifest() -> String {
    told!("bản kê đã bị thay đổi", "the manifest was changed")
}

/// A reader that hashes its bytes.
struct HashingReader<R> {
    inner: R,
    hasher: Sha256,
    bytes: u64,
}

impl<R: Read> HashingReader<R> {
    fn new(inner: R) -> Self {
        Self { inner, hasher: Sha256::new(), bytes: 0 }
    }

    fn finish(self) -> (u64, String) {
        (self.bytes, hex::encode(self.hasher.finalize()))
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

/// An entry while it is read.
pub struct EntryContent<R: Read> {
    pub path: String,
    pub bytes: u64,
    pub mode: u32,
    inner: HashingReader<R>,
}

impl<R: Read> Read for EntryContent<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: Read> EntryContent<R> {
    /// Returns the SHA-256 of the bytes so far.
    pub fn sha256(&self) -> String {
        hex::encode(self.inner.hasher.clone().finalize())
    }
}

/// The entries of an archive that were read so far.
#[derive(Debug, Default)]
pub struct CheckedEntries {
    entries: BTreeMap<String, ArchiveEntry>,
    manifest: Option<ArchiveManifest>,
}

impl CheckedEntries {
    /// Opens an entry, unless its name or its kind is not one of ours.
    pub fn open<'a, R: Read>(
        &self,
        entry: io::Result<tar::Entry<'a, R>>,
    ) -> anyhow::Result<EntryContent<tar::Entry<'a, R>>> {
        let entry = entry.with_context(unreadable)?;
        let path = safe(&entry.path_bytes())?;
        ensure!(
            entry.header().entry_type().is_file(),
            told!(
                "{path} không phải là tệp thường, nên không do lệnh sao lưu ghi",
                "{path} is not a plain file, so no backup wrote it"
            )
        );
        ensure!(
            self.manifest.is_none(),
            told!(
                "{path} đứng sau bản kê, nên không do lệnh sao lưu ghi",
                "{path} follows the manifest, so no backup wrote it"
            )
        );
        ensure!(
            !self.entries.contains_key(&path),
            told!("tệp sao lưu có {path} hai lần", "the archive has {path} twice")
        );
        let (bytes, mode) = (entry.size(), entry.header().mode().with_context(unreadable)? & 0o777);
        Ok(EntryContent { path, bytes, mode, inner: HashingReader::new(entry) })
    }

    /// Closes an entry that was read to its end.
    pub fn close<R: Read>(&mut self, content: EntryContent<R>) -> anyhow::Result<()> {
        let EntryContent { path, bytes, inner, .. } = content;
        let (read, sha256) = inner.finish();
        ensure!(read == bytes, told!("{}: {path} không trọn vẹn", "{}: {path} is not whole"; unreadable()));
        self.entries.insert(path.clone(), ArchiveEntry { path, bytes, sha256 });
        Ok(())
    }

    /// Reads the manifest.
    pub fn read_manifest<R: Read>(&mut self, mut content: EntryContent<R>) -> anyhow::Result<()> {
        let mut json = Vec::new();
        content.read_to_end(&mut json).with_context(unreadable)?;
        ensure!(
            json.len() as u64 == content.bytes,
            told!("{}: bản kê không trọn vẹn", "{}: its manifest is not whole"; unreadable())
        );
        self.manifest = Some(ArchiveManifest::read(&json)?);
        Ok(())
    }

    /// Compares all entries with the manifest. `rest` is the data behind the last entry.
    pub fn finish(mut self, mut rest: impl Read) -> anyhow::Result<ArchiveManifest> {
        let Some(manifest) = self.manifest else {
            bail!(told!(
                "tệp sao lưu bị cắt cụt: thiếu bản kê, là mục cuối cùng",
                "the archive was cut off: it has no manifest, which is its last entry"
            ))
        };
        for entry in &manifest.entries {
            match self.entries.remove(&entry.path) {
                None => bail!(told!("tệp sao lưu thiếu {}", "{} is missing in the archive"; entry.path)),
                Some(found) if found != *entry => {
                    bail!(told!(
                        "{} đã bị thay đổi sau khi sao lưu", "{} was changed after the backup was made"; entry.path
                    ))
                }
                Some(_) => {}
            }
        }
        if let Some(extra) = self.entries.keys().next() {
            bail!(told!("{extra} được thêm vào sau khi sao lưu", "{extra} was added after the backup was made"));
        }
        // Reading to the end also lets age prove that nothing was cut off.
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = rest.read(&mut buffer).with_context(unreadable)?;
            ensure!(
                buffer[..count].iter().all(|byte| *byte == 0),
                told!(
                    "có phần được thêm vào sau chỗ kết thúc của tệp sao lưu",
                    "something was added after the end of the archive"
                )
            );
            if count == 0 {
                return Ok(manifest);
            }
        }
    }
}

/// Returns the path of an entry, unless it could lead out of the target folder.
fn safe(path: &[u8]) -> anyhow::Result<String> {
    let text = String::from_utf8_lossy(path).into_owned();
    let plain = std::str::from_utf8(path).is_ok() && !text.contains('\0');
    let inside = text.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let first = text.split_once('/').map_or("", |(first, _)| first);
    let ours = text == MANIFEST || [DATABASE, INSTALL, FILES].contains(&first);
    ensure!(
        plain && inside && ours,
        told!(
            "tệp sao lưu có mục {text:?}, không lệnh sao lưu nào ghi mục như vậy",
            "the archive has an entry {text:?}, which no backup writes"
        )
    );
    Ok(text)
}
