//! One writer for all changes of dossiers: those that come while it writes wait, and are written together next.

use motcua_store::{Database, Fault, Work, Written};
use tokio::sync::{mpsc, oneshot};

/// How many changes are written together at most.
const MOST: usize = 64;

type Waiting = (Work, oneshot::Sender<Result<Written, Fault>>);

/// The way to the writer. The writer stops when the last way to it is gone.
#[derive(Debug, Clone)]
pub struct Committer {
    queue: mpsc::Sender<Waiting>,
}

impl Committer {
    /// Starts the writer.
    pub fn start(database: Database) -> Self {
        let (queue, mut waiting) = mpsc::channel::<Waiting>(4 * MOST);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(MOST);
            while waiting.recv_many(&mut batch, MOST).await > 0 {
                let (works, answers): (Vec<Work>, Vec<_>) = batch.drain(..).unzip();
                for (answer, result) in answers.into_iter().zip(database.write(works).await) {
                    // Who asked may have gone; what was written stays written.
                    let _ = answer.send(result);
                }
            }
        });
        Self { queue }
    }

    /// Writes a change; gives its outcome once it is safely on the disk.
    pub async fn write(&self, work: Work) -> Result<Written, Fault> {
        let (answer, result) = oneshot::channel();
        let stopped = || Fault::Unreadable("the writer has stopped".to_owned());
        self.queue.send((work, answer)).await.map_err(|_| stopped())?;
        result.await.map_err(|_| stopped())?
    }
}
