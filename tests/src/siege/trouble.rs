//! Failures of a database while the portal runs.

use crate::postgres::Terminator;
use crate::tmpfs::Tmpfs;
use std::sync::Arc;
use std::time::Duration;

/// The time for which a disk stays full.
const FULL: Duration = Duration::from_millis(300);

/// The trouble of a siege.
#[derive(Debug)]
pub enum Trouble {
    Nothing,
    /// The disk is full for a while.
    FullDisk(Arc<Tmpfs>),
    /// All connections to PostgreSQL end.
    EndedConnections(Terminator),
}

impl Trouble {
    /// Returns whether the portal has a reason to answer that it cannot write.
    pub const fn is_made(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// Causes trouble once, at a random moment.
    pub async fn strike(&self) -> anyhow::Result<()> {
        if self.is_made() {
            tokio::time::sleep(Duration::from_millis(rand::random_range(5..400))).await;
        }
        match self {
            Self::Nothing => Ok(()),
            Self::FullDisk(disk) => {
                let filled = Arc::clone(disk);
                tokio::task::spawn_blocking(move || filled.fill()).await??;
                tokio::time::sleep(FULL).await;
                Ok(disk.free()?)
            }
            Self::EndedConnections(terminator) => terminator.strike().await,
        }
    }
}
