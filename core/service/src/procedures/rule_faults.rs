//! Rules that could not be evaluated, and judgements that exceeded their budget of work. The author of the form is at
//! fault, so administrators see them, and the dossier waits.

use super::ProcedureService;
use crate::Error;
use crate::rights::manager;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::RuleFault;
use motcua_domain::names::Digest;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_store::{jobs, versions};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The beginning of the setting's name for a fault. The digest of the version follows.
const FAULT: &str = "overrun/";

/// The versions whose fault this node has reported.
#[derive(Debug, Default)]
pub(crate) struct ReportedFaults(Mutex<BTreeSet<Digest>>);

impl ReportedFaults {
    fn versions(&self) -> MutexGuard<'_, BTreeSet<Digest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProcedureService {
    /// Reports a fault in the rules of a version to administrators, once for each version.
    ///
    /// A database that cannot be written to does not delay the answer. The next fault is then reported.
    pub(crate) async fn tell_fault(&self, version: &Digest, procedure: &Procedure, fault: &RuleFault) {
        if !self.told_faults.versions().insert(version.clone()) {
            return;
        }
        tracing::error!(code = %procedure.code, %version, %fault, "a rule could not be evaluated");
        if let Err(error) = self.remember_fault(version, fault).await {
            tracing::warn!(%error, "a fault could not be remembered for the administrator's page");
            self.told_faults.versions().remove(version);
        }
    }

    async fn remember_fault(&self, version: &Digest, fault: &RuleFault) -> Result<(), Error> {
        let stored = serde_json::to_string(fault).unwrap_or_else(|_| fault.to_string());
        let transaction = self.database.begin().await?;
        transaction.set_setting(&format!("{FAULT}{version}"), &stored).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns a refusal as an error, and reports a fault of the rules to administrators first.
    pub(crate) async fn refused(&self, version: &Digest, procedure: &Procedure, refusal: Refusal) -> Error {
        if let Refusal::FaultyRule(fault) = &refusal {
            self.tell_fault(version, procedure, fault).await;
        }
        refusal.into()
    }

    /// Returns the versions whose rules have a fault, for administrators: those that are offered, and those that open
    /// dossiers and drafts follow.
    pub async fn rule_faults(&self, actor: &Actor) -> Result<Vec<(Arc<Procedure>, RuleFault)>, Error> {
        manager(actor)?;
        let reader = self.database.reader();
        let known = jobs::settings(reader, FAULT).await?;
        let mut told = Vec::new();
        if known.is_empty() {
            return Ok(told);
        }
        let mut in_use: BTreeSet<Digest> = versions::followed(reader).await?.into_iter().collect();
        let catalogue = self.catalogue();
        in_use.extend(catalogue.all().iter().filter(|live| live.is_open()).map(|live| live.version.clone()));
        for (name, stored) in &known {
            let version = name.strip_prefix(FAULT).and_then(|version| in_use.get(&Digest(version.to_owned())));
            let Some(version) = version else { continue };
            // Versions before stored only the place where a budget ended.
            let fault = serde_json::from_str(stored).unwrap_or_else(|_| RuleFault::Overrun { at: stored.clone() });
            told.push((self.version(version).await?, fault));
        }
        Ok(told)
    }
}
