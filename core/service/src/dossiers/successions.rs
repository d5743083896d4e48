//! Places that follow the succession of units.

use super::DossierService;
use crate::Error;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::names::Digest;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::workflow::UnitPlace;
use motcua_store::successions::successions;
use std::sync::Arc;

/// The reason in the journal for a dossier that comes to a unit whose work another unit has.
const REASON: &str = "Đơn vị được giao hồ sơ đã được tổ chức lại.";

impl DossierService {
    /// Returns the version with this digest as decisions need it today: a step at a unit that was dissolved is at the
    /// successor.
    ///
    /// The table of successions is read for each decision, because another process may have changed it.
    pub(crate) async fn version_today(&self, digest: &Digest) -> Result<Arc<Procedure>, Error> {
        let procedure = self.procedures.version(digest).await?;
        if !procedure.workflow.names_places() {
            return Ok(procedure);
        }
        let successions = successions(self.database.reader()).await?;
        Ok(match successions.applied_to(&procedure.workflow) {
            Some(workflow) => Arc::new(Procedure { workflow, ..procedure.as_ref().clone() }),
            None => procedure,
        })
    }

    /// Returns the units that have the work of these units today, for a choice on a page from before a reorganisation.
    pub(crate) async fn places_today(&self, places: Vec<UnitPlace>) -> Result<Vec<UnitPlace>, Error> {
        if places.is_empty() {
            return Ok(places);
        }
        let successions = successions(self.database.reader()).await?;
        Ok(places.iter().map(|place| successions.resolve(place).clone()).collect())
    }

    /// Transfers a dossier that was filed with a unit whose work another unit has, or that came back to one.
    ///
    /// The change before is committed, so a failure is logged. Applying the reorganisation again transfers the dossier.
    pub(crate) async fn transfer_to_today(&self, dossier: &Dossier) {
        if let Err(error) = self.transfer_to_successors(dossier).await {
            tracing::error!(dossier = %dossier.filed.code, %error, "a dossier stays with a dissolved unit");
        }
    }

    async fn transfer_to_successors(&self, dossier: &Dossier) -> Result<(), Error> {
        let successions = successions(self.database.reader()).await?;
        let stays = dossier.flow.stays.iter().map(|stay| dossier.place_of(stay));
        let moves = successions.of(stays.chain([&dossier.place]));
        if moves.is_empty() {
            return Ok(());
        }
        let command = Command::Transfer { reason: REASON.to_owned(), moves };
        self.change_and(&Actor::System, &dossier.filed.code, &command, None, &self.ids.command()).await.map(|_| ())
    }
}
