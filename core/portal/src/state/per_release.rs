//! Values that are the same for everybody, computed once for each release.

use motcua_service::{Error, WorkPlaces};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Values that follow from the release and from their key. A new release begins with none.
#[derive(Debug)]
pub struct PerRelease<K, V> {
    /// The most values. When there are more, the oldest is removed.
    most: usize,
    /// The places in which values are computed.
    places: Arc<WorkPlaces>,
    kept: Mutex<CachedValue<K, V>>,
}

#[derive(Debug)]
struct CachedValue<K, V> {
    release: i64,
    values: HashMap<K, CachedCell<V>>,
    /// The keys, the oldest first.
    order: VecDeque<K>,
}

type CachedCell<V> = Arc<OnceCell<Arc<V>>>;

impl<K: Clone + Eq + Hash, V: Send + Sync + 'static> PerRelease<K, V> {
    pub fn new(most: usize, places: &Arc<WorkPlaces>) -> Self {
        let kept = CachedValue { release: 0, values: HashMap::new(), order: VecDeque::new() };
        Self { most, places: Arc::clone(places), kept: Mutex::new(kept) }
    }

    /// Returns the value of the key. The first caller computes it, on a thread for such work, and all others wait.
    pub async fn get(&self, release: i64, key: K, make: impl FnOnce() -> V + Send + 'static) -> Result<Arc<V>, Error> {
        let value = self.value(release, key);
        let make = move || async move { self.places.run(make).await.map(Arc::new) };
        Ok(value.get_or_try_init(make).await?.clone())
    }

    /// Returns the value of the key. The first caller reads it, and all others wait.
    pub async fn read(
        &self,
        release: i64,
        key: K,
        reading: impl Future<Output = Result<V, Error>> + Send,
    ) -> Result<Arc<V>, Error> {
        let value = self.value(release, key);
        let read = move || async move {
            let _place = self.places.enter().await?;
            reading.await.map(Arc::new)
        };
        Ok(value.get_or_try_init(read).await?.clone())
    }

    fn value(&self, release: i64, key: K) -> CachedCell<V> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if release < kept.release {
            // The request began before the release.
            return CachedCell::default();
        }
        if release > kept.release {
            *kept = CachedValue { release, values: HashMap::new(), order: VecDeque::new() };
        }
        if let Some(known) = kept.values.get(&key) {
            return known.clone();
        }
        while kept.values.len() >= self.most
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.values.remove(&oldest);
        }
        let value = CachedCell::default();
        kept.order.push_back(key.clone());
        kept.values.insert(key, value.clone());
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn a_value_is_made_once_for_each_release_and_key() {
        let places = Arc::new(WorkPlaces::new(1, 1));
        let (kept, count) = (PerRelease::<&str, usize>::new(2, &places), Arc::new(AtomicUsize::new(0)));
        let get = async |release, key| {
            let count = count.clone();
            *kept.get(release, key, move || count.fetch_add(1, Ordering::Relaxed)).await.expect("made")
        };
        assert_eq!((get(1, "a").await, get(1, "b").await, get(1, "a").await), (0, 1, 0));
        assert_eq!((get(2, "a").await, get(2, "a").await), (2, 2), "a new release");
        assert_eq!((get(1, "a").await, get(2, "a").await), (3, 2), "a request that began before it");
        assert_eq!((get(2, "b").await, get(2, "c").await, get(2, "c").await), (4, 5, 5), "no more than two are kept");
        assert_eq!((get(2, "a").await, get(2, "c").await), (6, 5), "the oldest is forgotten, and no other one");
        let (one, other) = tokio::join!(get(3, "a"), get(3, "a"));
        assert_eq!((one, other), (7, 7), "all who wait get the same");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_read_again_and_what_was_read_is_kept() {
        let kept = PerRelease::<&str, usize>::new(2, &Arc::new(WorkPlaces::new(1, 1)));
        let broken = kept.read(1, "a", async { Err(Error::NotFound) }).await;
        assert!(matches!(broken, Err(Error::NotFound)));
        for (read, expected) in [(1, 1), (2, 1)] {
            assert_eq!(*kept.read(1, "a", async move { Ok(read) }).await.expect("read"), expected);
        }
    }

    #[tokio::test]
    async fn as_much_is_made_at_once_as_there_are_places() {
        let places = Arc::new(WorkPlaces::new(1, 0));
        let kept = PerRelease::<&str, usize>::new(2, &places);
        let place = places.enter().await.expect("a place");
        assert!(matches!(kept.get(1, "a", || 1).await, Err(Error::Invalid(_))), "the place is taken");
        drop(place);
        assert_eq!(*kept.get(1, "a", || 2).await.expect("made"), 2);
    }
}
