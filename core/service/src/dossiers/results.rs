//! The files of results and of messages, which stream in, and which the page of a rejected action or message remembers.

use super::DossierService;
use crate::Error;
use crate::files::WantedFiles;
use futures::Stream;
use hmac::{Hmac, KeyInit as _, Mac as _};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::media::{PAPER_MEGABYTES, StoredFile};
use motcua_domain::names::{DossierCode, UserId};
use motcua_domain::people::access::Deed;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::MediaKind;
use motcua_store::files::{GRACE, digest_of};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The types of files that an officer may issue as a result.
const KINDS: &[MediaKind] = &[MediaKind::Pdf, MediaKind::Docx];

/// The largest file of a result, in bytes.
const LARGEST: u64 = 20 << 20;

/// The types of files that a message may have: those of a paper whose procedure names none.
pub const MESSAGE_KINDS: &[MediaKind] = &MediaKind::OF_PAPERS;

/// The largest file of a message, in bytes, as for a paper.
pub const LARGEST_MESSAGE_FILE: u64 = PAPER_MEGABYTES.unsigned_abs() << 20;

/// The time for which a page remembers a file, in seconds. The sweep spares a file without references for a day longer.
const KEPT: i64 = GRACE - 24 * 60 * 60;

/// The hexadecimal digits of a seal.
const SEAL: usize = 64;

/// The words of seals, which keep the files of results and of messages apart.
const OF_RESULT: &str = "result";
const OF_MESSAGE: &str = "message";

/// A file that the page of a rejected action or message remembers.
#[derive(Debug, Serialize, Deserialize)]
struct KeptFile {
    file: StoredFile,
    /// The upload time, in seconds since 1970.
    at: i64,
}

impl DossierService {
    /// Receives the file of a result while it streams in. The file belongs to no dossier until an action issues it.
    ///
    /// An officer whose turn is over may send the file again, because a file of the dossier is found by its content.
    pub async fn take_result<E>(
        &self,
        actor: &Actor,
        code: &DossierCode,
        name: &str,
        content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
    ) -> Result<StoredFile, Error> {
        let dossier = self.readable(actor, code).await?;
        if dossier.acts_at(actor).next().is_none() {
            let digest = digest_of(content, LARGEST).await.map_err(|_| Refusal::NotAllowed)?;
            let known = dossier.files().find(|file| file.digest == digest);
            return known.cloned().ok_or_else(|| Refusal::NotAllowed.into());
        }
        self.files.take_file(name, content, WantedFiles { kinds: KINDS, max_bytes: LARGEST }).await
    }

    /// Returns a text with which the page of a rejected action remembers the file of a result, so that the officer need
    /// not choose it again.
    ///
    /// The text is sealed, because it lets its owner issue the file.
    pub fn keep_result(&self, actor: &Actor, code: &DossierCode, file: &StoredFile) -> Result<String, Error> {
        self.keep(OF_RESULT, actor, code, file)
    }

    /// Returns the file that a page remembers. Returns `None` if the text is for another person or dossier, or so old
    /// that the file may have been deleted.
    pub fn kept_result(&self, actor: &Actor, code: &DossierCode, text: &str) -> Option<StoredFile> {
        self.kept(OF_RESULT, actor, code, text)
    }

    /// Receives a file of a message while it streams in. The file belongs to no dossier until the message is sent.
    pub async fn take_message_file<E>(
        &self,
        actor: &Actor,
        code: &DossierCode,
        name: &str,
        content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
    ) -> Result<StoredFile, Error> {
        if !self.readable(actor, code).await?.lets(actor, Deed::SendMessage) {
            return Err(Refusal::NotAllowed.into());
        }
        // Judging a rejected file costs as much as judging an accepted one.
        self.quotas.count_sent_file(actor).await?;
        let wanted = WantedFiles { kinds: MESSAGE_KINDS, max_bytes: LARGEST_MESSAGE_FILE };
        let file = self.files.take_file(name, content, wanted).await?;
        self.quotas.count_sent_bytes(actor, file.bytes).await?;
        Ok(file)
    }

    /// Returns a text with which a page remembers the file of a message that was not sent yet, as
    /// [`Self::keep_result`] does.
    pub fn keep_message_file(&self, actor: &Actor, code: &DossierCode, file: &StoredFile) -> Result<String, Error> {
        self.keep(OF_MESSAGE, actor, code, file)
    }

    /// Returns the file of a message that a page remembers, as [`Self::kept_result`] does.
    pub fn kept_message_file(&self, actor: &Actor, code: &DossierCode, text: &str) -> Option<StoredFile> {
        self.kept(OF_MESSAGE, actor, code, text)
    }

    fn keep(&self, what: &str, actor: &Actor, code: &DossierCode, file: &StoredFile) -> Result<String, Error> {
        let kept = KeptFile { file: file.clone(), at: self.clock.now().as_second() };
        let kept = serde_json::to_string(&kept).map_err(Error::fault)?;
        let seal = self.seal_of(what, actor, code, &kept).finalize().into_bytes();
        Ok(hex::encode(seal) + &kept)
    }

    fn kept(&self, what: &str, actor: &Actor, code: &DossierCode, text: &str) -> Option<StoredFile> {
        let (seal, kept) = text.split_at_checked(SEAL)?;
        self.seal_of(what, actor, code, kept).verify_slice(&hex::decode(seal).ok()?).ok()?;
        let KeptFile { file, at } = serde_json::from_str(kept).ok()?;
        (self.clock.now().as_second() < at.saturating_add(KEPT)).then_some(file)
    }

    fn seal_of(&self, what: &str, actor: &Actor, code: &DossierCode, kept: &str) -> Hmac<Sha256> {
        let by = actor.reference();
        let user = by.user().map_or("", UserId::as_str);
        let mut seal: Hmac<Sha256> = Hmac::new(&self.device_key.0.into());
        seal.update(format!("{what} {code} {user} {kept}").as_bytes());
        seal
    }
}
