//! Looking up a dossier without an account.

use super::DossierService;
use crate::Error;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::Rating;
use motcua_domain::names::{CommandId, DossierCode};
use motcua_domain::people::organisation::Actor;
use motcua_store::{Fault, journal, lists};

/// The data that anybody sees who knows the code and the last digits of the phone number.
#[derive(Debug, Clone)]
pub struct PublicDossier {
    pub dossier: Dossier,
}

impl DossierService {
    /// Returns the data that anybody may see who knows the code and the last four digits of the applicant's phone
    /// number.
    pub async fn look_up(&self, code: &DossierCode, digits: &str) -> Result<PublicDossier, Error> {
        let reader = self.database.reader();
        let knows = |phone: &str| {
            let last = phone.len().checked_sub(4).and_then(|from| phone.get(from..));
            digits.len() == 4 && last == Some(digits)
        };
        match journal::dossier(reader, code).await {
            Ok(Some(dossier)) if knows(&dossier.filed.applicant.phone) => Ok(PublicDossier { dossier }),
            Err(fault @ Fault::Erased { .. }) => {
                let row = lists::row(reader, code).await?.filter(|row| knows(&row.phone));
                Err(row.map_or(Error::NotFound, |_| fault.into()))
            }
            Ok(_) => Err(Error::NotFound),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Rates the service at a counter in the place of the applicant, for anybody who knows the same two. The rating says
    /// that nobody logged in.
    pub async fn rate_at_counter(
        &self,
        code: &DossierCode,
        digits: &str,
        id: CommandId,
        rating: Rating,
    ) -> Result<Dossier, Error> {
        let applicant = self.look_up(code, digits).await?.dossier.filed.applicant;
        let actor = Actor::Applicant { id: applicant.id, name: applicant.name };
        self.change(&actor, code, id, Command::Rate(Rating { at_counter: true, ..rating })).await
    }
}
