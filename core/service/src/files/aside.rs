//! Content that is read once and never stored. It waits on the disk of the node while it arrives, so a slow sender
//! occupies little memory and no place for work.

use super::FileService;
use crate::Error;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use motcua_store::files::Spooled;

/// A content that has arrived.
#[derive(Debug)]
pub struct Aside(Held);

/// The place of a content that has arrived.
#[derive(Debug)]
enum Held {
    /// In memory, because it is small.
    Memory(Vec<u8>),
    Disk(Spooled),
}

impl Aside {
    /// Returns the whole content. The caller limits how many are in memory at once.
    pub async fn content(self) -> Result<Vec<u8>, Error> {
        match self.0 {
            Held::Memory(content) => Ok(content),
            Held::Disk(spooled) => Ok(spooled.content().await?),
        }
    }
}

impl FileService {
    /// Receives a content of at most `max_bytes` bytes. If it has more than `in_memory` bytes, it waits on the disk.
    /// Returns nothing if it is larger.
    pub async fn set_aside<E: From<Error>>(
        &self,
        mut content: impl Stream<Item = Result<Bytes, E>> + Unpin,
        in_memory: usize,
        max_bytes: usize,
    ) -> Result<Option<Aside>, E> {
        let (mut memory, mut disk, mut bytes) = (Vec::new(), None, 0_usize);
        while let Some(chunk) = content.next().await {
            let chunk = chunk?;
            bytes = bytes.saturating_add(chunk.len());
            if bytes > max_bytes {
                return Ok(None);
            }
            if bytes <= in_memory {
                memory.extend_from_slice(&chunk);
                continue;
            }
            if disk.is_none() {
                let mut spooled = self.store.set_aside().await.map_err(Error::from)?;
                spooled.write(&memory).await.map_err(Error::from)?;
                memory = Vec::new();
                disk = Some(spooled);
            }
            if let Some(spooled) = &mut disk {
                spooled.write(&chunk).await.map_err(Error::from)?;
            }
        }
        let held = match disk {
            Some(mut spooled) => {
                spooled.finish().await.map_err(Error::from)?;
                Held::Disk(spooled)
            }
            None => Held::Memory(memory),
        };
        Ok(Some(Aside(held)))
    }
}
