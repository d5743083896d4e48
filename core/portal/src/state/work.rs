//! Places for costly work that anybody can request. The work runs off the async threads, a few pieces at once, and the
//! queue is bounded.

use motcua_service::WorkPlaces;
use std::num::NonZero;
use std::sync::Arc;

/// The proofs of the log that are checked at once, and the most that wait. Each takes many times the size of its file.
const PROOFS_AT_ONCE: usize = 2;
const MOST_WAITING_PROOFS: usize = 128;

/// The most searches that run at once, and the most that wait.
const MOST_SEARCHES: usize = 8;
const MOST_WAITING_SEARCHES: usize = 128;

/// The most values for everybody that are computed at once, and the most that wait. Requests for the same value count
/// once.
const MOST_MAKING: usize = 4;
const MOST_WAITING_MAKING: usize = 256;

/// The most letters that are printed at once, and the most that wait. Each takes a process.
const MOST_LETTERS: usize = 4;
const MOST_WAITING_LETTERS: usize = 64;

/// Places for costly work.
#[derive(Debug)]
pub struct CostlyWork {
    /// The places for checking proofs of the log. A large proof that has arrived waits for its place on the disk.
    pub proofs: WorkPlaces,
    /// The places for searching procedures.
    pub searches: WorkPlaces,
    /// The places for computing values that are the same for everybody.
    pub making: Arc<WorkPlaces>,
    /// The places for printing letters.
    pub letters: WorkPlaces,
}

impl Default for CostlyWork {
    fn default() -> Self {
        Self {
            proofs: WorkPlaces::new(PROOFS_AT_ONCE, MOST_WAITING_PROOFS),
            searches: WorkPlaces::new(cores(MOST_SEARCHES), MOST_WAITING_SEARCHES),
            making: Arc::new(WorkPlaces::new(cores(MOST_MAKING), MOST_WAITING_MAKING)),
            letters: WorkPlaces::new(cores(MOST_LETTERS), MOST_WAITING_LETTERS),
        }
    }
}

/// Returns the number of processors, within 2 and `most`.
fn cores(most: usize) -> usize {
    std::thread::available_parallelism().map_or(2, NonZero::get).clamp(2, most)
}
