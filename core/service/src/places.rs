//! Places for costly work: a few pieces run at once, some more wait, and all others are rejected.
//!
//! Checking a package and compiling a plugin take seconds of a processor. Judging a file takes memory, and a scan for
//! viruses takes as long as clamd wants. So few of them run at once that pages are still answered. Each kind has places
//! of its own, so that none waits for another.

use crate::{Error, InputRule};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The longest time that a caller waits for a place.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Places for one kind of work.
#[derive(Debug)]
pub struct WorkPlaces {
    /// Permits for the tasks that run or wait.
    admitted: Arc<Semaphore>,
    /// Permits for the tasks that run.
    running: Arc<Semaphore>,
}

/// An occupied place. It moves to the thread that does the work, so that it is free only when the work has ended, even
/// if the caller is gone.
#[derive(Debug)]
pub struct WorkPlace {
    _admitted: OwnedSemaphorePermit,
    _running: OwnedSemaphorePermit,
}

impl WorkPlaces {
    /// Creates places for `at_once` running and `waiting` waiting tasks.
    pub fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(at_once.saturating_add(waiting))),
            running: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Occupies a place, in the order of the calls.
    pub async fn enter(&self) -> Result<WorkPlace, Error> {
        let busy = || Error::Invalid(InputRule::TooBusy);
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| busy())?;
        let running = timeout(LONGEST_WAIT, Arc::clone(&self.running).acquire_owned()).await.map_err(|_| busy())?;
        Ok(WorkPlace { _admitted: admitted, _running: running.map_err(Error::fault)? })
    }

    /// Runs work off the async threads, once a place is free.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        self.enter().await?.run(work).await
    }
}

impl WorkPlace {
    /// Runs work off the async threads. The place is free when the work has ended, even if the caller is gone.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let work = move || {
            let done = work();
            drop(self);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use std::pin::pin;

    #[tokio::test]
    async fn work_that_finds_no_place_waits_and_more_is_refused_at_once() {
        let places = WorkPlaces::new(1, 1);
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let mut first = pin!(places.run(move || gone.recv().is_err()));
        let mut second = pin!(places.run(|| 2));
        // Each future is polled, and neither can end.
        tokio::select! { biased; _ = &mut first => panic!("it waits"), () = std::future::ready(()) => {} }
        tokio::select! { biased; _ = &mut second => panic!("it waits"), () = std::future::ready(()) => {} }
        assert!(matches!(places.run(|| 3).await, Err(Error::Invalid(InputRule::TooBusy))));
        drop(go);
        assert!(matches!(first.await, Ok(true)));
        assert!(matches!(second.await, Ok(2)));
        assert!(matches!(places.run(|| 4).await, Ok(4)), "there are places again");
    }

    #[tokio::test]
    async fn a_panic_gives_its_place_back() {
        let places = WorkPlaces::new(1, 0);
        for _ in 0..3 {
            let broken = places.run(|| assert!(std::hint::black_box(false), "of a test")).await;
            assert!(matches!(broken, Err(Error::Fault(_))));
        }
        assert!(matches!(places.run(|| 1).await, Ok(1)));
    }

    #[tokio::test]
    async fn those_who_find_no_room_to_wait_are_refused_and_those_who_wait_get_their_turn() {
        let places = WorkPlaces::new(1, 1);
        let first = places.enter().await.expect("a place");
        let mut second = Box::pin(places.enter());
        assert!(second.as_mut().now_or_never().is_none(), "it waits");
        assert!(matches!(places.enter().await, Err(Error::Invalid(InputRule::TooBusy))));
        drop(first);
        let second = second.await.expect("its turn");
        drop(second);
        places.enter().await.expect("a place again");
    }

    #[tokio::test]
    async fn one_who_stops_waiting_leaves_room_for_others() {
        let places = WorkPlaces::new(1, 1);
        let _first = places.enter().await.expect("a place");
        for _ in 0..3 {
            let mut waiting = Box::pin(places.enter());
            assert!(waiting.as_mut().now_or_never().is_none(), "there is room to wait");
        }
    }
}
