//! Taking, sending and sweeping files.

use crate::{Desk, Error, Rule};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use motcua_domain::event::StoredFile;
use motcua_store::files::{Accept, Arrival, Content, NotTaken, Swept};

impl From<NotTaken> for Error {
    fn from(reason: NotTaken) -> Self {
        match reason {
            NotTaken::TooLarge { .. } => Self::Invalid(Rule::FileTooLarge),
            NotTaken::Empty => Self::Invalid(Rule::FileEmpty),
            NotTaken::WrongType { .. } => Self::Invalid(Rule::FileType),
            NotTaken::BrokenOff => Self::Invalid(Rule::UploadBroken),
            NotTaken::Fault(fault) => fault.into(),
        }
    }
}

impl Desk {
    /// Takes a file while it streams in. The caller refers to the file in a later transaction.
    pub(crate) async fn take_file<E>(
        &self,
        name: &str,
        content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
        accept: Accept<'_>,
    ) -> Result<StoredFile, Error> {
        let arrival = Arrival { id: self.new_id(), name, at: self.now().as_second() };
        Ok(self.inner.files.take(&self.inner.database, arrival, content, accept).await?)
    }

    /// Opens a file. A stream that ends with an error is logged, because the answer to the browser has begun by then.
    pub(crate) async fn open_file(&self, file: &StoredFile) -> Result<Content, Error> {
        let content = self.inner.files.stream(&file.digest, file.bytes).await?;
        Ok(content.inspect_err(|fault| tracing::error!(%fault, "a download was cut off")).boxed())
    }

    /// Deletes files that nothing refers to and uploads that broke off, after their grace time.
    pub async fn sweep_files(&self) -> Result<Swept, Error> {
        Ok(self.inner.files.sweep(&self.inner.database, self.now().as_second(), false).await?)
    }
}
