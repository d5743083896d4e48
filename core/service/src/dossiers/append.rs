//! Appending a decided change, until it is certain whether the change was written.

use super::DossierService;
use crate::Error;
use crate::admission::refusal;
use motcua_domain::dossier::Dossier;
use motcua_store::Fault;
use motcua_store::journal::{Append, Appended, Journaled};
use std::sync::Arc;
use std::time::Duration;

/// The pauses before a change is looked for and tried again, after the database was not available.
const PAUSES: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(250), Duration::from_secs(1)];

/// The result of appending a change.
#[derive(Debug)]
pub enum AppendOutcome {
    /// The change is in the journal, and this is the new dossier.
    Written(Box<Dossier>),
    /// Another change was faster. The change was not written.
    Overtaken(Box<Append>),
}

impl DossierService {
    /// Appends a change, unless another change was faster.
    ///
    /// If the database is not available, the service looks for the command in the journal, because a commit counts even
    /// if its answer was lost. If the journal does not answer either, the caller gets [`Error::Unavailable`], and may give
    /// the same command again.
    pub(crate) async fn append(&self, append: Append) -> Result<AppendOutcome, Error> {
        let append = Arc::new(append);
        let mut pauses = PAUSES.iter();
        loop {
            match self.database.append(&append).await {
                Ok(Appended::Overtaken) => {
                    return Ok(AppendOutcome::Overtaken(Box::new(Arc::unwrap_or_clone(append))));
                }
                Ok(Appended::NotAdmitted(refused)) => {
                    return Err(refusal(refused, &append.after.filed.applicant.id).into());
                }
                Ok(Appended::Done(head)) => {
                    let Append { command, recorded, before, mut after, .. } = Arc::unwrap_or_clone(append);
                    after.filed.code = head.code;
                    if let Some(receipt) = &head.receipt {
                        after.draw(receipt);
                    }
                    let mut commands = before.map(|before| before.commands).unwrap_or_default();
                    commands.push((command, recorded.actor));
                    let written = Journaled { dossier: after, hash: head.hash, commands };
                    let dossier = Box::new(written.dossier.clone());
                    self.states.keep(written);
                    return Ok(AppendOutcome::Written(dossier));
                }
                Err(Fault::Unavailable(reason)) => {
                    tracing::warn!(%reason, "a change could not be written; looking whether it was");
                    let Some(pause) = pauses.next() else { return Err(Error::Unavailable) };
                    tokio::time::sleep(*pause).await;
                    match self.database.find_appended(&append).await {
                        Ok(Some(found)) => return Ok(AppendOutcome::Written(Box::new(found.dossier))),
                        Ok(None) | Err(Fault::Unavailable(_)) => {}
                        Err(fault) => return Err(fault.into()),
                    }
                }
                Err(fault) => return Err(fault.into()),
            }
        }
    }
}
