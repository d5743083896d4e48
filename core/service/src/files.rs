//! Receiving, judging, sending and sweeping files.

mod aside;
pub mod inspect;
mod photos;
mod scan;

pub use aside::Aside;

use crate::common::CommonParts;
use crate::ids::IdSource;
use crate::{Error, InputRule, TimeSource, WorkPlaces};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use motcua_catalogue::scanning::Clamd;
use motcua_documents::inspect::{Flaw, begins};
use motcua_domain::file_name::stored_name;
use motcua_domain::media::StoredFile;
use motcua_domain::procedure::MediaKind;
use motcua_store::Database;
use motcua_store::files::{Accept, FileContent, FileStore, NotTaken, ReceivedFile, Swept};
use std::sync::Arc;

/// The most files that are judged at once, and the most that wait. Each is in memory meanwhile.
const JUDGED_AT_ONCE: usize = 2;
const WAITING: usize = 100;

/// The most files that clamd scans at once, and the most that wait. Waiting files are not in memory.
const SCANNED_AT_ONCE: usize = 4;
const WAITING_FOR_SCAN: usize = 100;

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

/// The uploaded files: receiving, judging, sending and sweeping them.
#[derive(Debug)]
pub struct FileService {
    database: Database,
    clock: TimeSource,
    ids: IdSource,
    store: FileStore,
    /// The places for judging uploads.
    judging: WorkPlaces,
    /// The places for scanning uploads for viruses.
    scanning: WorkPlaces,
    /// The place for decoding photographs. Only one is decoded at a time, because each takes some hundred megabytes.
    photos: WorkPlaces,
    /// The virus scanner.
    clamd: Option<Clamd>,
}

impl FileService {
    pub(crate) fn new(common: &CommonParts, store: FileStore, clamd: Option<Clamd>) -> Self {
        let CommonParts { database, clock, ids, .. } = common.clone();
        Self {
            database,
            clock,
            ids,
            store,
            judging: WorkPlaces::new(JUDGED_AT_ONCE, WAITING),
            scanning: WorkPlaces::new(SCANNED_AT_ONCE, WAITING_FOR_SCAN),
            photos: WorkPlaces::new(1, photos::WAITING),
            clamd,
        }
    }

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
        let received = match self.store.receive(self.ids.next(), content, accept).await {
            Err(NotTaken::Unwanted { head }) => {
                let flaw = begins(&head, wanted.kinds).err().unwrap_or(Flaw::Unknown);
                return Err(Error::Invalid(flaw.into()));
            }
            received => received?,
        };
        match self.look_into(&received, wanted.kinds).await {
            Ok(kind) => {
                let (name, at) = (stored_name(name, kind), self.clock.now().as_second());
                Ok(received.keep(&self.database, name, kind.media_type(), at).await?)
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
        let place = Arc::new(self.judging.enter().await?);
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
        let Some(clamd) = &self.clamd else { return Ok(()) };
        let _place = self.scanning.enter().await?;
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
        let content = self.store.stream(&file.digest, file.bytes).await?;
        Ok(content.inspect_err(|fault| tracing::error!(%fault, "a download was cut off")).boxed())
    }

    /// Deletes files that nothing refers to and uploads that broke off, after their grace time.
    pub async fn sweep_files(&self) -> Result<Swept, Error> {
        Ok(self.store.sweep(&self.database, self.clock.now().as_second(), false).await?)
    }
}
