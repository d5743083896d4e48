//! The key of the log in the install folder: `log-key.pem` is secret, `log-key.pub` has the public keys, the oldest first.

use anyhow::{Context as _, bail, ensure};
use motcua_domain::transparency::note::{SigningKey, VerifierKey};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The file with the secret key.
pub const SECRET: &str = "log-key.pem";
/// The file with the public keys of the log.
pub const PUBLIC: &str = "log-key.pub";

/// Returns the public keys that the install folder names, the oldest first.
pub fn public(dir: &Path) -> anyhow::Result<Vec<VerifierKey>> {
    let path = dir.join(PUBLIC);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let read = |line: &str| line.parse().with_context(|| format!("{}: `{line}` is not a key", path.display()));
    text.lines().filter(|line| !line.is_empty()).map(read).collect()
}

/// Returns the key of the log, if the install folder has one.
pub fn read(dir: &Path) -> anyhow::Result<Option<SigningKey>> {
    let path = dir.join(SECRET);
    if !path.exists() {
        return Ok(None);
    }
    let pem = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let Some(last) = public(dir)?.pop() else { bail!("{} has no public key for {SECRET}", dir.join(PUBLIC).display()) };
    let key = SigningKey::from_pem(last.name(), &pem).with_context(|| format!("{} cannot be used", path.display()))?;
    ensure!(*key.verifier() == last, "{PUBLIC} does not end with the public key of {SECRET}");
    Ok(Some(key))
}

/// Makes a key under a name. The folder must not have one.
pub fn create(dir: &Path, base_url: &str) -> anyhow::Result<SigningKey> {
    let key = SigningKey::from_seed(&name(base_url), rand::random())?;
    write_secret(&dir.join(SECRET), &key)?;
    add_public(dir, key.verifier())?;
    Ok(key)
}

/// Makes the key that comes after another, or returns the one that an earlier try made. [`take_over`] puts it in place.
pub fn next(dir: &Path, old: &SigningKey) -> anyhow::Result<SigningKey> {
    let path = dir.join("log-key.next.pem");
    if path.exists() {
        let pem = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        return SigningKey::from_pem(old.verifier().name(), &pem)
            .with_context(|| format!("{} cannot be used", path.display()));
    }
    let key = SigningKey::from_seed(old.verifier().name(), rand::random())?;
    write_secret(&dir.join("log-key.next.pem"), &key)?;
    Ok(key)
}

/// Puts the key that comes next in the place of the old one.
pub fn take_over(dir: &Path, key: &SigningKey) -> anyhow::Result<()> {
    if public(dir)?.last() != Some(key.verifier()) {
        add_public(dir, key.verifier())?;
    }
    std::fs::rename(dir.join("log-key.next.pem"), dir.join(SECRET)).context("cannot put the new key in place")?;
    sync(dir)
}

/// Makes the names of files in a folder durable.
fn sync(dir: &Path) -> anyhow::Result<()> {
    let synced = std::fs::File::open(dir).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("cannot flush {}", dir.display()))
}

fn write_secret(path: &Path, key: &SigningKey) -> anyhow::Result<()> {
    let cannot_write = || format!("cannot write {}", path.display());
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(cannot_write)?;
    file.write_all(key.to_pem()?.as_bytes()).with_context(cannot_write)?;
    file.sync_all().with_context(cannot_write)?;
    path.parent().map_or(Ok(()), sync)
}

fn add_public(dir: &Path, key: &VerifierKey) -> anyhow::Result<()> {
    let path = dir.join(PUBLIC);
    let cannot_write = || format!("cannot write {}", path.display());
    let mut file = OpenOptions::new().create(true).append(true).open(&path).with_context(cannot_write)?;
    writeln!(file, "{key}").with_context(cannot_write)?;
    file.sync_all().with_context(cannot_write)
}

/// Returns the name of the log: the portal's address without the scheme.
fn name(base_url: &str) -> String {
    let host = base_url.split_once("://").map_or(base_url, |(_, host)| host).trim_end_matches('/');
    let name: String = host.chars().filter(|c| !c.is_whitespace() && !c.is_control() && *c != '+').collect();
    if name.is_empty() { "motcua".to_owned() } else { name }
}
