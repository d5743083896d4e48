//! Places for costly work: a few pieces run at once, some more wait, and all others are refused.
//!
//! Checking a package and compiling a plugin take seconds of a processor. They run off the async threads, and so few at
//! once that pages are still answered.

use crate::{Error, Rule};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Places for one kind of work.
#[derive(Debug)]
pub(crate) struct Places {
    /// Who runs or waits.
    admitted: Arc<Semaphore>,
    /// Who runs.
    running: Arc<Semaphore>,
}

impl Places {
    /// Makes so many places to run, and so many to wait.
    pub fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(at_once.saturating_add(waiting))),
            running: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Runs work off the async threads, once there is a place.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| Error::Invalid(Rule::TooBusy))?;
        let running = self.running.clone().acquire_owned().await.map_err(Error::fault)?;
        // The work keeps its places: it goes on even if nobody waits for it any more.
        let work = move || {
            let done = work();
            drop((admitted, running));
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;

    #[tokio::test]
    async fn work_that_finds_no_place_waits_and_more_is_refused_at_once() {
        let places = Places::new(1, 1);
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let mut first = pin!(places.run(move || gone.recv().is_err()));
        let mut second = pin!(places.run(|| 2));
        // Each is begun; neither can end.
        tokio::select! { biased; _ = &mut first => panic!("it waits"), () = std::future::ready(()) => {} }
        tokio::select! { biased; _ = &mut second => panic!("it waits"), () = std::future::ready(()) => {} }
        assert!(matches!(places.run(|| 3).await, Err(Error::Invalid(Rule::TooBusy))));
        drop(go);
        assert!(matches!(first.await, Ok(true)));
        assert!(matches!(second.await, Ok(2)));
        assert!(matches!(places.run(|| 4).await, Ok(4)), "there are places again");
    }

    #[tokio::test]
    async fn a_panic_gives_its_place_back() {
        let places = Places::new(1, 0);
        for _ in 0..3 {
            let broken = places.run(|| assert!(std::hint::black_box(false), "of a test")).await;
            assert!(matches!(broken, Err(Error::Fault(_))));
        }
        assert!(matches!(places.run(|| 1).await, Ok(1)));
    }
}
