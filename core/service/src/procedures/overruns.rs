//! Judgements that exceeded their budget of work. The author of the form is at fault, so administrators see them.

use super::ProcedureService;
use crate::Error;
use crate::rights::manager;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::Overrun;
use motcua_domain::names::Digest;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_store::jobs;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The beginning of the setting's name for an overrun. The digest of the version follows.
const OVERRUN: &str = "overrun/";

/// The versions whose overrun this node has reported.
#[derive(Debug, Default)]
pub(crate) struct ReportedOverruns(Mutex<BTreeSet<Digest>>);

impl ReportedOverruns {
    fn versions(&self) -> MutexGuard<'_, BTreeSet<Digest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProcedureService {
    /// Reports an overrun of a version to administrators, once for each version.
    ///
    /// A database that cannot be written to does not delay the answer. The next overrun is then reported.
    pub(crate) async fn tell_overrun(&self, version: &Digest, procedure: &Procedure, overrun: &Overrun) {
        if !self.told_overruns.versions().insert(version.clone()) {
            return;
        }
        tracing::error!(code = %procedure.code, %version, %overrun, "a form could not be judged");
        if let Err(error) = self.remember_overrun(version, overrun).await {
            tracing::warn!(%error, "an overrun could not be remembered for the administrator's page");
            self.told_overruns.versions().remove(version);
        }
    }

    async fn remember_overrun(&self, version: &Digest, overrun: &Overrun) -> Result<(), Error> {
        let transaction = self.database.begin().await?;
        transaction.set_setting(&format!("{OVERRUN}{version}"), &overrun.at).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns a refusal as an error, and reports an overrun to administrators first.
    pub(crate) async fn refused(&self, version: &Digest, procedure: &Procedure, refusal: Refusal) -> Error {
        if let Refusal::Overrun(overrun) = &refusal {
            self.tell_overrun(version, procedure, overrun).await;
        }
        refusal.into()
    }

    /// Returns the offered procedures whose form could not be judged, for administrators.
    pub async fn overruns(&self, actor: &Actor) -> Result<Vec<(Arc<Procedure>, Overrun)>, Error> {
        manager(actor)?;
        let known = jobs::settings(self.database.reader(), OVERRUN).await?;
        let known: BTreeMap<&str, &str> =
            known.iter().filter_map(|(name, at)| Some((name.strip_prefix(OVERRUN)?, at.as_str()))).collect();
        let catalogue = self.catalogue();
        let open = catalogue.all().iter().filter(|live| live.is_open());
        let told = open.filter_map(|live| {
            let at = (*known.get(live.version.as_str())?).to_owned();
            Some((live.procedure.clone(), Overrun { at }))
        });
        Ok(told.collect())
    }
}
