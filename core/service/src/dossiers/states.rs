//! Dossiers as this node last wrote them, so that the next command need not read their journal.
//!
//! A state may be old, because another node may have written since, and the database may have lost its last entries. So
//! nothing is rejected or answered as done because of it, and the journal rejects a change that was decided on such a
//! state.

use motcua_domain::names::DossierCode;
use motcua_store::journal::Journaled;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The most states in memory. When there are more, all are dropped.
const MOST: usize = 4096;

/// The states by code.
#[derive(Debug, Default)]
pub struct DossierStates(Mutex<HashMap<DossierCode, Journaled>>);

impl DossierStates {
    /// Removes and returns a state. The caller puts the new state back after writing.
    pub fn get(&self, code: &DossierCode) -> Option<Journaled> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(code)
    }

    /// Stores the state of a dossier.
    pub fn keep(&self, state: Journaled) {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if states.len() >= MOST {
            states.clear();
        }
        states.insert(state.dossier.filed.code.clone(), state);
    }
}
