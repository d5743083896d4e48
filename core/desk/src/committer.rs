//! One writer for all changes of dossiers: those that come while it writes are made ready meanwhile, and are written
//! together next.

use motcua_store::{Database, Fault, Pending, Work, Written};
use tokio::sync::{mpsc, oneshot};

/// How many changes are written together at most.
const MOST: usize = 64;

type Answer = oneshot::Sender<Result<Written, Fault>>;
type Waiting = (Work, Answer);

/// The way to the writer. The writer stops when the last way to it is gone.
#[derive(Debug, Clone)]
pub struct Committer {
    queue: mpsc::Sender<Waiting>,
}

impl Committer {
    /// Starts the writer.
    pub fn start(database: Database) -> Self {
        let (queue, waiting) = mpsc::channel(4 * MOST);
        tokio::spawn(run(database, waiting));
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

/// Writes what comes until nobody can ask any more.
async fn run(database: Database, mut waiting: mpsc::Receiver<Waiting>) {
    let mut came = Vec::with_capacity(MOST);
    let (mut pending, mut answers) = (Pending::default(), Vec::new());
    loop {
        if pending.is_empty() && waiting.recv_many(&mut came, MOST).await == 0 {
            return;
        }
        take_in(&mut came, &database, &mut pending, &mut answers).await;
        let told = std::mem::take(&mut answers);
        let mut writing = std::pin::pin!(database.write(pending.take()));
        let outcome = loop {
            let room = MOST - pending.len();
            tokio::select! {
                biased;
                outcome = &mut writing => break outcome,
                _ = waiting.recv_many(&mut came, room), if room > 0 && !waiting.is_closed() => {
                    take_in(&mut came, &database, &mut pending, &mut answers).await;
                }
            }
        };
        for (answer, result) in told.into_iter().zip(outcome.results) {
            // Who asked may have gone; what was written stays written.
            let _ = answer.send(result);
        }
        pending.ended(&database, outcome.end).await;
    }
}

async fn take_in(came: &mut Vec<Waiting>, database: &Database, pending: &mut Pending, answers: &mut Vec<Answer>) {
    for (work, answer) in came.drain(..) {
        pending.add(database, work).await;
        answers.push(answer);
    }
}
