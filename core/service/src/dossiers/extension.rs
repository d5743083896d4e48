//! More time for applicants whom a fault of the procedure's rules kept from what they were asked for.

use super::DossierService;
use crate::Error;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::RuleFault;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;

impl DossierService {
    /// Returns the outcome of a command. If a fault of the rules kept an applicant from the command, gives the applicant
    /// more time before it returns.
    pub(crate) async fn extended_if_faulty(
        &self,
        actor: &Actor,
        code: &DossierCode,
        outcome: Result<Dossier, Error>,
    ) -> Result<Dossier, Error> {
        let fault = match &outcome {
            Err(Error::Refused(Refusal::FaultyRule(fault))) if matches!(actor, Actor::Applicant { .. }) => {
                Some(fault.clone())
            }
            _ => None,
        };
        if let Some(fault) = fault {
            Box::pin(self.extend(code, fault)).await?;
        }
        outcome
    }

    /// Gives the applicant of a dossier more time because of a fault, if the rules do.
    pub(crate) async fn extend(&self, code: &DossierCode, fault: RuleFault) -> Result<(), Error> {
        let command = Command::Extend { fault };
        match self.change_and(&Actor::System, code, &command, None, &self.ids.command()).await {
            Ok(_) | Err(Error::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
