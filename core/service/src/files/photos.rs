//! Combining photographs into a PDF.

use super::FileService;
use crate::{Error, InputRule};
use motcua_documents::photos::{self, PhotoPage};
use motcua_domain::names::Digest;

/// The most requests that wait until their photographs are combined.
pub(super) const WAITING: usize = 20;

impl FileService {
    /// Creates a PDF of at most `max_bytes` bytes from photographs. Each photograph is read when the one before is a
    /// page.
    pub(crate) async fn photos_to_pdf(&self, photos: &[Digest], max_bytes: u64) -> Result<Vec<u8>, Error> {
        let mut place = self.photos.enter().await?;
        let (mut pages, mut bytes) = (Vec::new(), 0_u64);
        for digest in photos {
            let content = self.store.content(digest).await?;
            // The work runs off the async threads. It holds the place until it has ended.
            let read = move || (PhotoPage::read(&content), place);
            let (page, returned) = tokio::task::spawn_blocking(read).await.map_err(Error::fault)?;
            place = returned;
            let page = page.map_err(|_| Error::Invalid(InputRule::PhotosUnreadable))?;
            bytes += page.bytes() as u64;
            if bytes > max_bytes {
                return Err(Error::Invalid(InputRule::FileTooLarge));
            }
            pages.push(page);
        }
        drop(place);
        Ok(photos::to_pdf(&pages))
    }
}
