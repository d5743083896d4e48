//! Steps of officers who left, or whose post ended: they return to all holders of the post.

use super::DossierService;
use super::organisation::OrganisationState;
use crate::Error;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::StayId;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_store::staffing;

/// The most steps that are looked up at once.
const AT_ONCE: u64 = 200;

/// The reason in the journal.
const REASON: &str = "Người được giao không còn giữ vị trí của bước này.";

impl DossierService {
    /// Returns the open steps of officers who left, or who no longer hold the post, to the lists of the posts. Each has
    /// an event with the reason in its journal. Returns how many steps it returned.
    ///
    /// A dossier that cannot be read keeps its steps, and does not stop the others.
    pub async fn return_left_steps(&self) -> Result<usize, Error> {
        let (mut returned, mut last) = (0, None);
        loop {
            let page = staffing::steps_left_behind(self.database.reader(), last.as_ref(), AT_ONCE).await?;
            let Some(end) = page.last() else { return Ok(returned) };
            last = Some(end.clone());
            for (code, stay) in page {
                match self.return_step(&code, stay).await {
                    Ok(is_returned) => returned += usize::from(is_returned),
                    Err(error) => {
                        let reason = error.of_one_dossier()?;
                        tracing::error!(dossier = %code, %reason, "a step of an officer who left cannot be returned");
                    }
                }
            }
        }
    }

    /// Lets the steps of a written change follow the organisation: a step at a dissolved unit goes to the successor,
    /// and a step of an officer who left returns to its post.
    ///
    /// Steps that go on, or that come back with an undo, may be from before the organisation on which the change was
    /// decided.
    ///
    /// The change is committed, so a failure is logged. Applying the reorganisation again transfers the dossier.
    pub(crate) async fn follow_organisation(&self, dossier: &Dossier, organisation: &OrganisationState) {
        let moved = self.transfer_to_successors(dossier, organisation).await.unwrap_or_else(|error| {
            tracing::error!(dossier = %dossier.filed.code, %error, "a dossier stays with a dissolved unit");
            None
        });
        self.return_left_steps_of(moved.as_ref().unwrap_or(dossier), organisation).await;
    }

    /// Returns the steps of a dossier whose officers left.
    ///
    /// A failure is logged. The next start of the portal returns such a step.
    async fn return_left_steps_of(&self, dossier: &Dossier, organisation: &OrganisationState) {
        let code = &dossier.filed.code;
        for stay in dossier.flow.stays.iter().filter(|stay| stay.waits_for_office()) {
            let Some(assignee) = &stay.assignee else { continue };
            let holder = self.officer(organisation, &assignee.id).await;
            let place = dossier.place_of(stay);
            let returned = match holder {
                Ok(Some(holder)) if holder.holds(stay.at.role, place) => continue,
                Ok(_) => self.return_step(code, stay.id).await,
                Err(error) => Err(error),
            };
            if let Err(error) = returned {
                tracing::warn!(dossier = %code, %error, "a step of an officer who left stays assigned");
            }
        }
    }

    /// Returns a step to its post, and returns whether it had to be. Somebody else may have given it away meanwhile.
    async fn return_step(&self, code: &DossierCode, stay: StayId) -> Result<bool, Error> {
        let command = Command::ReturnToPost { stay, reason: REASON.to_owned(), staff: Vec::new() };
        match self.change_once(&Actor::System, code, &command, None, &self.ids.command()).await {
            Ok(_) => Ok(true),
            Err(Error::Refused(Refusal::NothingChanges | Refusal::Ended | Refusal::Changed)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
