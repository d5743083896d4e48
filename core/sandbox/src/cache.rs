//! Compiled components, stored in a folder that is not trusted.
//!
//! Loading compiled code means running it. So a file is accepted only if it carries the authentication code
//! (HMAC-SHA-256) of its writer. The key of the code is not in the folder, and the code covers the component's digest,
//! the engine's fingerprint and the content. A file that was changed, truncated, renamed or written for another engine
//! is ignored.

use hmac::{Hmac, KeyInit as _, Mac as _};
use motcua_domain::names::Digest;
use sha2::Sha256;
use std::path::{Path, PathBuf};

/// The bytes of a code.
const CODE: usize = 32;

/// A folder of compiled components.
#[derive(Clone)]
pub struct ComponentCache {
    folder: PathBuf,
    key: [u8; 64],
}

/// A file whose content differs from the one that this portal stored.
#[derive(Debug, PartialEq, Eq)]
struct ChangedFile {
    file: PathBuf,
}

impl std::fmt::Debug for ComponentCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl ComponentCache {
    /// Returns a cache in `folder`, which the first write creates. `key` is a secret of the portal.
    pub fn new(folder: &Path, key: [u8; 64]) -> Self {
        Self { folder: folder.to_owned(), key }
    }

    fn file(&self, component: &Digest, fingerprint: &str) -> PathBuf {
        self.folder.join(format!("{component}-{fingerprint}-{:08x}.compiled", self.key_name()))
    }

    /// Returns a name of the key that reveals nothing about it. Portals on other databases have other keys, so one
    /// portal does not mistake the files of another for changed files.
    fn key_name(&self) -> u32 {
        let mut mac: Hmac<Sha256> = Hmac::new(&self.key.into());
        mac.update(b"the name of this key");
        mac.finalize().into_bytes().iter().take(4).fold(0, |name, byte| (name << 8) | u32::from(*byte))
    }

    fn mac(&self, component: &Digest, fingerprint: &str, compiled: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::new(&self.key.into());
        mac.update(format!("{component} {fingerprint} {} ", compiled.len()).as_bytes());
        mac.update(compiled);
        mac
    }

    /// Returns the compiled form of this component for this engine, if it exists and nobody changed it.
    pub(crate) fn read(&self, component: &Digest, fingerprint: &str) -> Option<Vec<u8>> {
        match self.look(component, fingerprint) {
            Ok(compiled) => compiled,
            Err(ChangedFile { file }) => {
                let file = file.display();
                tracing::warn!(%file, "a compiled plugin was changed by somebody else; it is compiled anew");
                None
            }
        }
    }

    fn look(&self, component: &Digest, fingerprint: &str) -> Result<Option<Vec<u8>>, ChangedFile> {
        let file = self.file(component, fingerprint);
        let Ok(bytes) = std::fs::read(&file) else { return Ok(None) };
        let Some((code, compiled)) = bytes.split_at_checked(CODE) else { return Ok(None) };
        if self.mac(component, fingerprint, compiled).verify_slice(code).is_err() {
            return Err(ChangedFile { file });
        }
        Ok(Some(compiled.to_vec()))
    }

    /// Stores the compiled form. The portal continues if this fails.
    pub(crate) fn keep(&self, component: &Digest, fingerprint: &str, compiled: &[u8]) {
        let code = self.mac(component, fingerprint, compiled).finalize().into_bytes();
        let file = self.file(component, fingerprint);
        // The file is renamed when it is complete, so nobody ever reads half a file.
        let part = file.with_extension(format!("{}.part", std::process::id()));
        let written = std::fs::create_dir_all(&self.folder)
            .and_then(|()| std::fs::write(&part, [&code[..], compiled].concat()))
            .and_then(|()| std::fs::rename(&part, &file));
        if let Err(error) = written {
            tracing::warn!(file = %file.display(), %error, "a compiled plugin cannot be kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_portal_kept_raises_no_alarm_and_what_was_changed_does() {
        let folder = std::env::temp_dir().join(format!("motcua-cache-{}", std::process::id()));
        let (one, other) = (ComponentCache::new(&folder, [1; 64]), ComponentCache::new(&folder, [2; 64]));
        let component = Digest("ab".to_owned());
        one.keep(&component, "engine", b"code");
        assert_eq!(other.look(&component, "engine"), Ok(None), "nor is it taken");
        other.keep(&component, "engine", b"other code");
        assert_eq!(one.look(&component, "engine"), Ok(Some(b"code".to_vec())));
        let file = one.file(&component, "engine");
        std::fs::write(&file, [0; 64]).expect("written");
        assert_eq!(one.look(&component, "engine"), Err(ChangedFile { file }));
        assert_eq!(one.read(&component, "engine"), None);
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
