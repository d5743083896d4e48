//! How dossiers stood when this node last wrote them, so that the next command need not read their journal.
//!
//! It may be old: another node may have been faster. So nothing is refused on its word, and what is written is checked
//! against the journal anyway.

use motcua_domain::dossier::Dossier;
use motcua_domain::names::DossierCode;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many are kept; then all are forgotten.
const MOST: usize = 4096;

/// The states by code.
#[derive(Debug, Default)]
pub struct States(Mutex<HashMap<DossierCode, Dossier>>);

impl States {
    /// How the dossier stood. It is handed over: who writes it keeps it anew.
    pub fn get(&self, code: &DossierCode) -> Option<Dossier> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(code)
    }

    /// Keeps how a dossier stands now.
    pub fn keep(&self, dossier: Dossier) {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if states.len() >= MOST {
            states.clear();
        }
        states.insert(dossier.filed.code.clone(), dossier);
    }
}
