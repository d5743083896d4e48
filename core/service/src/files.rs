//! Receiving, judging, sending and sweeping files.

use crate::{Error, InputRule, Services, inspect, scan};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use motcua_documents::inspect::{Flaw, begins};
use motcua_domain::file_name::stored_name;
use motcua_domain::media::StoredFile;
use motcua_domain::procedure::MediaKind;
use motcua_store::files::{Accept, FileContent, NotTaken, ReceivedFile, Swept};
use std::sync::Arc;

/// The most files that are judged at once, and the most that wait. Each is in memory meanwhile.
pub(crate) const JUDGED_AT_ONCE: usize = 2;
pub(crate) const WAITING: usize = 100;

/// The most files that clamd scans at once, and the most that wait. Waiting files are not in memory.
pub(crate) const SCANNED_AT_ONCE: usize = 4;
pub(crate) const WAITING_FOR_SCAN: usize = 100;

/// The kinds and the size of files that a place takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WantedFiles<'a> {
    pub kinds: &'a [MediaKind],
    pub max_bytes: u64,
}

impl From<NotTaken> for Error {
    fn from(reason: NotTaken) -> Self {
        match reason {
            NotTaken::TooLarge { .. } => Self::Invalid(InputRule::FileTooLarge),
            NotTaken::Empty => Self::Invalid(InputRule::FileEmpty),
            NotTaken::Unwanted { .. } => Self::Invalid(InputRule::FileType),
            NotTaken::BrokenOff => Self::Invalid(InputRule::UploadBroken),
            NotTaken::Fault(fault) => fault.into(),
        }
    }
}

impl From<Flaw> for InputRule {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Unknown => Self::FileType,
            Flaw::Heic => Self::FileHeic,
            Flaw::CutOff => Self::FileCutOff,
            Flaw::Password => Self::FilePassword,
            Flaw::NoPages => Self::FileNoPages,
            Flaw::Active => Self::FileActive,
            Flaw::TooManyPixels => Self::PictureTooLarge,
            Flaw::Unsigned => Self::FileUnsigned,
            Flaw::Broken => Self::FileBroken,
        }
    }
}

impl Services {
    /// Receives a file while it streams in, and judges it before it is stored. The caller refers to the file in a later
    /// transaction.
    pub(crate) async fn take_file<E>(
        &self,
        name: &str,
        content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
        wanted: WantedFiles<'_>,
    ) -> Result<StoredFile, Error> {
        let may_begin = |head: &[u8]| begins(head, wanted.kinds).is_ok();
        let accept = Accept { begins: &may_begin, max_bytes: wanted.max_bytes };
        let received = match self.inner.files.receive(self.new_id(), content, accept).await {
            Err(NotTaken::Unwanted { head }) => {
                let flaw = begins(&head, wanted.kinds).err().unwrap_or(Flaw::Unknown);
                return Err(Error::Invalid(flaw.into()));
            }
            received => received?,
        };
        match self.look_into(&received, wanted.kinds).await {
            Ok(kind) => {
                let (name, at) = (stored_name(name, kind), self.now().as_second());
                Ok(received.keep(&self.inner.database, name, kind.media_type(), at).await?)
            }
            Err(reason) => {
                if let Err(fault) = received.discard().await {
                    tracing::warn!(%fault, "a refused upload could not be deleted, and is left to the sweep");
                }
                Err(reason)
            }
        }
    }

    /// Judges a received file. Returns its kind, which is one of `kinds`, or the rule that it breaks.
    async fn look_into(&self, received: &ReceivedFile, kinds: &[MediaKind]) -> Result<MediaKind, Error> {
        let kind = self.inspect(received).await?.map_err(|flaw| Error::Invalid(flaw.into()))?;
        if !kinds.contains(&kind) {
            return Err(Error::Invalid(InputRule::FileType));
        }
        self.scan(received).await?;
        Ok(kind)
    }

    /// Returns the kind of a file, or its flaw. The work takes one of the places for judging.
    async fn inspect(&self, received: &ReceivedFile) -> Result<Result<MediaKind, Flaw>, Error> {
        let place = Arc::new(self.inner.judging.enter().await?);
        let content = received.content().await?;
        let judged = inspect::judge(content, Arc::clone(&place)).await;
        drop(place);
        judged
    }

    /// Asks clamd about a file, if the operator configured it.
    ///
    /// A file that clamd cannot judge is rejected. Scans have places of their own, so that a slow clamd does not delay
    /// other work.
    async fn scan(&self, received: &ReceivedFile) -> Result<(), Error> {
        let Some(clamd) = &self.inner.clamd else { return Ok(()) };
        let _place = self.inner.scanning.enter().await?;
        let (content, digest) = (received.content().await?, received.digest());
        match scan::scan(clamd, content).await {
            Ok(scan::ScanVerdict::Clean) => Ok(()),
            Ok(scan::ScanVerdict::Infected(found)) => {
                tracing::warn!(%digest, found, "clamd found something in an upload, which was refused");
                Err(Error::Invalid(InputRule::FileInfected))
            }
            Err(error) => {
                tracing::error!(%clamd, %error, "an upload was refused because clamd did not judge it; look at [scan]");
                Err(Error::Invalid(InputRule::ScanUnavailable))
            }
        }
    }

    /// Opens a file. Logs an error within the stream, because the answer to the browser has begun by then.
    pub(crate) async fn open_file(&self, file: &StoredFile) -> Result<FileContent, Error> {
        let content = self.inner.files.stream(&file.digest, file.bytes).await?;
        Ok(content.inspect_err(|fault| tracing::error!(%fault, "a download was cut off")).boxed())
    }

    /// Deletes files that nothing refers to and uploads that broke off, after their grace time.
    pub async fn sweep_files(&self) -> Result<Swept, Error> {
        Ok(self.inner.files.sweep(&self.inner.database, self.now().as_second(), false).await?)
    }
}
