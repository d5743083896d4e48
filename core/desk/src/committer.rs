//! One writer for all changes of dossiers: those that come while it writes are made ready by those who bring them, and
//! are written together next.

use motcua_store::{Database, Fault, Pending, Portion, Work, Written};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;

type Answer = oneshot::Sender<Result<Written, Fault>>;

/// The changes that wait, and who waits for each.
type Line = (Pending, Vec<Answer>);

/// The way to the writer. The writer stops when the last way to it is gone.
#[derive(Debug, Clone)]
pub struct Committer {
    database: Database,
    line: Arc<Mutex<Line>>,
    wake: mpsc::Sender<()>,
}

impl Committer {
    /// Starts the writer.
    pub fn start(database: Database) -> std::io::Result<Self> {
        let (wake, woken) = mpsc::channel(1);
        let line = Arc::new(Mutex::new(Line::default()));
        let blocks = database.blocks();
        let work = Writer { database: database.clone(), line: Arc::clone(&line), woken }.run();
        if blocks {
            let runtime = Handle::current();
            std::thread::Builder::new().name("writer".to_owned()).spawn(move || runtime.block_on(work))?;
        } else {
            tokio::spawn(work);
        }
        Ok(Self { database, line, wake })
    }

    /// Writes a change; gives its outcome once it is safely on the disk.
    pub async fn write(&self, work: Work) -> Result<Written, Fault> {
        let unknown = work.numbered.clone().filter(|day| !lock(&self.line).0.knows(day));
        let last = match &unknown {
            Some(day) => Some((day, self.database.last_number(day).await?)),
            None => None,
        };
        let (answer, result) = oneshot::channel();
        {
            let mut line = lock(&self.line);
            if let Some((day, last)) = last {
                line.0.learn(day, last);
            }
            line.0.add(work);
            line.1.push(answer);
        }
        let stopped = || Fault::Unreadable("the writer has stopped".to_owned());
        match self.wake.try_send(()) {
            Err(TrySendError::Closed(())) => return Err(stopped()),
            // It was told already.
            Ok(()) | Err(TrySendError::Full(())) => {}
        }
        result.await.map_err(|_| stopped())?
    }
}

struct Writer {
    database: Database,
    line: Arc<Mutex<Line>>,
    woken: mpsc::Receiver<()>,
}

impl Writer {
    /// Writes what comes until nobody can ask any more.
    async fn run(mut self) {
        while self.woken.recv().await.is_some() {
            while let Some((portion, answers)) = self.next() {
                let outcome = self.database.write(portion).await;
                for (answer, result) in answers.into_iter().zip(outcome.results) {
                    // Who asked may have gone; what was written stays written.
                    let _ = answer.send(result);
                }
                lock(&self.line).0.ended(outcome.end);
            }
        }
    }

    /// All that wait, if any do.
    fn next(&self) -> Option<(Portion, Vec<Answer>)> {
        let (pending, answers) = &mut *lock(&self.line);
        (!pending.is_empty()).then(|| (pending.take(), std::mem::take(answers)))
    }
}

impl Drop for Writer {
    /// Nobody waits for a writer that is gone.
    fn drop(&mut self) {
        self.woken.close();
        *lock(&self.line) = Line::default();
    }
}

/// Who panicked with the lock added neither a change nor one who waits for it.
fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}
