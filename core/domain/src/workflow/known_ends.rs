//! The states from which a dossier can end, as a workflow remembers them.
//!
//! A move to another version asks for each dossier. Many dossiers share a state, and each state may take the exploration
//! of thousands.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most states that a workflow remembers.
const MOST_KNOWN: usize = 10_000;

/// A state of the net, in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct KnownState {
    /// The step of each token, the units that have not answered, and the answers that are wanted.
    pub open: Vec<(usize, u32, u32)>,
    /// The target and the origin of each waiting branch, and whether the branch is spent.
    pub arrived: Vec<(usize, usize, bool)>,
}

/// The states that were explored, each with whether a dossier can end from it. A copy of a workflow may be changed, so it
/// remembers nothing.
#[derive(Debug, Default)]
pub struct KnownEnds(Mutex<HashMap<KnownState, bool>>);

impl Clone for KnownEnds {
    fn clone(&self) -> Self {
        Self::default()
    }
}

// The memory of a workflow does not make it another workflow.
impl PartialEq for KnownEnds {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl KnownEnds {
    fn states(&self) -> MutexGuard<'_, HashMap<KnownState, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether a dossier can end from a state that was explored.
    pub(super) fn get(&self, state: &KnownState) -> Option<bool> {
        self.states().get(state).copied()
    }

    /// Remembers a state, if there is room.
    pub(super) fn keep(&self, state: KnownState, ends: bool) {
        let mut states = self.states();
        if states.len() < MOST_KNOWN {
            states.insert(state, ends);
        }
    }
}
