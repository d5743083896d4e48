//! The key of the log in the install folder: `log-key.pem` is secret, `log-key.pub` has the public keys, the oldest
//! first.
//!
//! A start that finds the files as a crash left them puts them right:
//!
//! | file | written | and renamed to `log-key.pem` |
//! | --- | --- | --- |
//! | `log-key.first.pem` | before the node claims the first key of the log in the database | after the database took it |
//! | `log-key.next.pem` | before the log tells of the next key | after `log-key.pub` has it |

use crate::output::{cannot_read, cannot_write};
use anyhow::{Context as _, bail};
use motcua_domain::transparency::note::{SigningKey, VerifierKey};
use motcua_store::log::{KeptHead, Signer};
use motcua_store::{Database, durable};
use std::io::ErrorKind;
use std::path::Path;
use std::slice::from_ref;

/// The file with the secret key.
pub const SECRET: &str = "log-key.pem";
/// The file with the public keys of the log.
pub const PUBLIC: &str = "log-key.pub";
/// The key that the node proposes as the first one of the log.
const FIRST: &str = "log-key.first.pem";
/// The key that comes after the present one.
const NEXT: &str = "log-key.next.pem";

/// Returns the public keys that the install folder names, the oldest first.
pub fn public(dir: &Path) -> anyhow::Result<Vec<VerifierKey>> {
    let path = dir.join(PUBLIC);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&path).with_context(|| cannot_read(path.display()))?;
    let read = |line: &str| {
        line.parse()
            .with_context(|| told!("{}: `{line}` không phải là khóa", "{}: `{line}` is not a key"; path.display()))
    };
    text.lines().filter(|line| !line.is_empty()).map(read).collect()
}

/// Returns the signer of this node, if the install folder has a key.
pub fn read(dir: &Path, base_url: &str) -> anyhow::Result<Option<Signer>> {
    let path = dir.join(SECRET);
    if !path.exists() {
        return Ok(None);
    }
    let keys = public(dir)?;
    let Some(last) = keys.last() else {
        // The public key follows from the secret one.
        let key = open(&path, &name(base_url))?;
        write_public(dir, from_ref(key.verifier()))?;
        return Ok(Some(signer(dir, vec![key.verifier().clone()], key)));
    };
    let key = open(&path, last.name())?;
    if key.verifier() == last {
        return Ok(Some(signer(dir, keys, key)));
    }
    // `motcua audit rotate-key` was stopped before it put the key in place.
    let next = dir.join(NEXT);
    if next.exists() {
        let key = open(&next, last.name())?;
        if key.verifier() == last {
            rename(dir, NEXT)?;
            return Ok(Some(signer(dir, keys, key)));
        }
    }
    bail!(told!(
        "{} không kết thúc bằng khóa công khai của {SECRET}; hãy sao chép cả hai tệp từ cùng một nút",
        "{} does not end with the public key of {SECRET}; copy both files from one node";
        dir.join(PUBLIC).display()
    ))
}

/// Creates the first key of a log, and returns the signer of this node. Returns nothing if another node was faster,
/// because its key is the key of the log.
pub async fn create(dir: &Path, base_url: &str, database: &Database) -> anyhow::Result<Option<Signer>> {
    let first = dir.join(FIRST);
    let key = made(&first, &name(base_url))?;
    if database.claim_log_key(key.verifier()).await? != *key.verifier() {
        match std::fs::remove_file(&first) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed.with_context(|| told!("không xóa được {}", "cannot remove {}"; first.display()))?,
        }
        return Ok(None);
    }
    write_public(dir, from_ref(key.verifier()))?;
    rename(dir, FIRST)?;
    Ok(Some(signer(dir, vec![key.verifier().clone()], key)))
}

/// Returns whether an earlier start was stopped while it created the first key of the log.
pub fn is_half_made(dir: &Path) -> bool {
    dir.join(FIRST).exists()
}

/// Creates the key that comes after another, or returns the one that an earlier try created. [`take_over`] puts it in
/// place.
pub fn next(dir: &Path, old: &SigningKey) -> anyhow::Result<SigningKey> {
    made(&dir.join(NEXT), old.verifier().name())
}

/// Puts the key that comes next in the place of the old one.
pub fn take_over(dir: &Path, key: &SigningKey) -> anyhow::Result<()> {
    let mut keys = public(dir)?;
    if keys.last() != Some(key.verifier()) {
        keys.push(key.verifier().clone());
        write_public(dir, &keys)?;
    }
    rename(dir, NEXT)
}

fn signer(dir: &Path, keys: Vec<VerifierKey>, key: SigningKey) -> Signer {
    Signer { key, keys, kept: KeptHead::in_folder(dir) }
}

fn open(path: &Path, name: &str) -> anyhow::Result<SigningKey> {
    let pem = std::fs::read_to_string(path).with_context(|| cannot_read(path.display()))?;
    SigningKey::from_pem(name, &pem).with_context(|| told!("không dùng được {}", "{} cannot be used"; path.display()))
}

/// Creates a key in a file of its own, or returns the one in the file.
///
/// Another process of this folder, or one that was stopped, may have created the file.
fn made(path: &Path, name: &str) -> anyhow::Result<SigningKey> {
    let pem = SigningKey::from_seed(name, rand::random())?.to_pem()?;
    match durable::create(path, pem.as_bytes(), 0o600) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        created => created.with_context(|| cannot_write(path.display()))?,
    }
    open(path, name)
}

/// Puts a secret key in the place of the present one.
fn rename(dir: &Path, from: &str) -> anyhow::Result<()> {
    let secret = dir.join(SECRET);
    match std::fs::rename(dir.join(from), &secret) {
        // Another process of this folder was faster.
        Err(error) if error.kind() == ErrorKind::NotFound && secret.exists() => {}
        renamed => renamed.with_context(
            || told!("không thay được {} bằng {from}", "cannot put {from} in the place of {}"; secret.display()),
        )?,
    }
    durable::sync_folder_of(&secret)
        .with_context(|| told!("không ghi chắc được {} xuống ổ đĩa", "cannot flush {}"; dir.display()))
}

fn write_public(dir: &Path, keys: &[VerifierKey]) -> anyhow::Result<()> {
    let path = dir.join(PUBLIC);
    let lines: Vec<String> = keys.iter().map(VerifierKey::to_string).collect();
    durable::replace(&path, (lines.join("\n") + "\n").as_bytes(), 0o644).with_context(|| cannot_write(path.display()))
}

/// Returns the name of the log: the portal's address without the scheme.
fn name(base_url: &str) -> String {
    let host = base_url.split_once("://").map_or(base_url, |(_, host)| host).trim_end_matches('/');
    let name: String = host.chars().filter(|c| !c.is_whitespace() && !c.is_control() && *c != '+').collect();
    if name.is_empty() { "motcua".to_owned() } else { name }
}
