//! Periodic work of a running portal.

use motcua_service::{Error, Services};
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// The time for which the same error of the same work is not logged again.
const SAID: Duration = Duration::from_mins(1);

/// Work in the background of a portal. It ends when the value is dropped.
#[derive(Debug)]
pub struct Background {
    services: Services,
    works: JoinSet<()>,
    said: Arc<LoggedErrors>,
}

impl Background {
    pub fn new(services: Services) -> Self {
        Self { services, works: JoinSet::new(), said: Arc::default() }
    }

    /// Does some work at once, and again after each interval. Work that fails or panics is logged, and starts again at
    /// the next time.
    pub fn every<W, F>(&mut self, interval: Duration, name: &'static str, work: W)
    where
        W: Fn(Services) -> F + Send + 'static,
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let (services, said) = (self.services.clone(), self.said.clone());
        self.works.spawn(async move { again(interval, name, move || work(services.clone()), &said).await });
    }
}

/// Does some work periodically, for ever. A round that fails or panics ends alone.
async fn again<F>(interval: Duration, name: &'static str, work: impl Fn() -> F, said: &LoggedErrors)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // A task of its own, so that a panic ends this round alone. It ends with the portal, too.
        let mut round = JoinSet::new();
        round.spawn(work());
        match round.join_next().await {
            None | Some(Ok(Ok(()))) => {}
            Some(Ok(Err(error))) => said.tell(name, &error),
            Some(Err(error)) => said.tell(name, &error),
        }
    }
}

/// The errors that were logged last, by the name of the work.
#[derive(Debug, Default)]
struct LoggedErrors(Mutex<HashMap<&'static str, (Instant, String)>>);

impl LoggedErrors {
    fn tell(&self, name: &'static str, error: &impl Display) {
        let error = error.to_string();
        if self.is_new(name, &error) {
            tracing::error!(work = name, error, "work in the background failed");
        }
    }

    /// Returns whether an error is to be logged now.
    fn is_new(&self, name: &'static str, error: &str) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.get(name).is_some_and(|(at, last)| at.elapsed() < SAID && last == error) {
            return false;
        }
        said.insert(name, (Instant::now(), error.to_owned()));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{LoggedErrors, again};
    use motcua_service::Error;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn work_that_panics_or_fails_is_done_again_at_the_next_time() {
        let (begins, mut begun) = mpsc::unbounded_channel();
        let count = AtomicUsize::new(0);
        let work = || {
            let (round, begins) = (count.fetch_add(1, Ordering::Relaxed), begins.clone());
            async move {
                begins.send(round).expect("the test waits");
                match round {
                    0 => panic!("a mistake in the work"),
                    1 => Err(Error::Unavailable),
                    _ => Ok(()),
                }
            }
        };
        let said = LoggedErrors::default();
        let rounds = async { [begun.recv().await, begun.recv().await, begun.recv().await, begun.recv().await] };
        tokio::select! {
            () = again(Duration::from_millis(1), "work", work, &said) => panic!("it has ended"),
            rounds = rounds => assert_eq!(rounds, [Some(0), Some(1), Some(2), Some(3)]),
        }
    }

    #[test]
    fn the_same_error_of_the_same_work_is_told_once_in_a_while() {
        let said = LoggedErrors::default();
        assert!(said.is_new("jobs", "full"));
        assert!(!said.is_new("jobs", "full"));
        assert!(said.is_new("figures", "full"));
        assert!(said.is_new("jobs", "gone") && said.is_new("jobs", "full"));
    }
}
