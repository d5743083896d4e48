//! The topic of a suggestion, from what its sender named.

use super::SuggestionService;
use crate::{Error, InputRule};
use motcua_domain::fold::fold;
use motcua_domain::names::{AgencyId, DossierCode, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::suggestion::SuggestionTopic;
use motcua_domain::suggestion::access::MeantOfficer;
use motcua_domain::text::{Text, one_line};
use motcua_store::accounts;

/// The most characters of the name of an officer or a procedure.
const MOST_LETTERS_OF_NAME: usize = 200;

/// The thing that a suggestion is about, as its sender named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuggestionWish {
    Portal,
    /// An officer of an agency, by the name that the sender wrote.
    Officer {
        agency: AgencyId,
        name: String,
    },
    /// A procedure by the path of its page. The agency counts if the path names none.
    Procedure {
        path: String,
        agency: AgencyId,
    },
    /// A procedure of an agency, by the name that the sender wrote.
    NamedProcedure {
        agency: AgencyId,
        name: String,
    },
    /// A dossier of the sender.
    Dossier(DossierCode),
}

/// Returns a name on one line. Rejects a name that is empty or too long.
fn name(typed: &str) -> Result<String, Error> {
    let name = one_line(typed);
    let fits = !name.is_empty() && name.chars().count() <= MOST_LETTERS_OF_NAME;
    if fits { Ok(name) } else { Err(Error::Invalid(InputRule::SuggestionTopic)) }
}

/// The forms of address before a name, such as "chị".
const TITLES: [&str; 6] = ["ong", "ba", "anh", "chi", "co", "chu"];

/// Returns whether an officer's name has each word that somebody wrote, without regard to capitals and diacritics.
fn can_mean(written: &str, officer: &str) -> bool {
    let (written, officer) = (fold(written), fold(officer));
    let officer: Vec<&str> = officer.split_whitespace().collect();
    let words: Vec<&str> = written.split_whitespace().collect();
    let name = match words.as_slice() {
        [title, name @ ..] if TITLES.contains(title) && !name.is_empty() => name,
        name => name,
    };
    !name.is_empty() && name.iter().all(|word| officer.contains(word))
}

impl SuggestionService {
    /// Returns the topic that a sender named. Rejects a topic that does not exist for the sender.
    pub(super) async fn topic(&self, actor: &Actor, wish: &SuggestionWish) -> Result<SuggestionTopic, Error> {
        Ok(match wish {
            SuggestionWish::Portal => SuggestionTopic::Portal,
            SuggestionWish::Officer { agency, name: written } => {
                let (agency, name) = (self.known(agency)?, name(written)?);
                let meant = self.officers_named(&agency, &name).await?;
                SuggestionTopic::Officer { agency, name, meant }
            }
            SuggestionWish::Procedure { path, agency } => {
                let catalogue = self.procedures.catalogue();
                let unknown = Error::Invalid(InputRule::SuggestionTopic);
                let Some(offer) = catalogue.offer_at(path) else { return Err(unknown) };
                let agency = match offer.agency {
                    Some(agency) => agency.clone(),
                    None => self.known(agency)?,
                };
                let procedure = &offer.live.procedure;
                let (name, code) = (procedure.name.clone(), Some(procedure.code.clone()));
                SuggestionTopic::Procedure { agency, name, code }
            }
            SuggestionWish::NamedProcedure { agency, name: written } => {
                let name = Text::vi(name(written)?);
                SuggestionTopic::Procedure { agency: self.known(agency)?, name, code: None }
            }
            SuggestionWish::Dossier(code) => {
                let dossier = match self.dossiers.readable(actor, code).await {
                    Ok(dossier) => dossier,
                    Err(Error::NotFound) => return Err(Error::Invalid(InputRule::SuggestionTopic)),
                    Err(error) => return Err(error),
                };
                let (agency, procedure) = (dossier.place.agency.clone(), dossier.filed.procedure_name.clone());
                SuggestionTopic::Dossier { agency, code: code.clone(), procedure }
            }
        })
    }

    fn known(&self, agency: &AgencyId) -> Result<AgencyId, Error> {
        let known = self.province.agency(agency).map(|agency| agency.id.clone());
        known.ok_or(Error::Invalid(InputRule::SuggestionAgency))
    }

    /// Returns the officers of an agency whom a name can mean.
    async fn officers_named(&self, agency: &AgencyId, name: &str) -> Result<Vec<UserId>, Error> {
        let reader = self.database.reader();
        let mut found = Vec::new();
        for row in accounts::officers(reader).await?.into_iter().filter(|row| can_mean(name, &row.name)) {
            let posts = accounts::posts(reader, &row.id).await?;
            if posts.iter().any(|post| post.agency == *agency) {
                found.push(UserId(row.id));
            }
        }
        Ok(found)
    }

    /// Returns officers with the posts that they hold now.
    pub(super) async fn officers(&self, ids: &[UserId]) -> Result<Vec<MeantOfficer>, Error> {
        let reader = self.database.reader();
        let mut found = Vec::new();
        for id in ids {
            let Some(row) = accounts::by_id(reader, id).await? else { continue };
            let posts = accounts::posts(reader, &row.id).await?;
            found.push(MeantOfficer { id: id.clone(), name: row.name, posts });
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::can_mean;

    #[test]
    fn an_officer_is_meant_by_any_part_of_the_name() {
        for written in ["Lê Thị Mai", "le thi mai", "Mai", "chị Mai", "Mai Lê"] {
            assert!(can_mean(written, "Lê Thị Mai"), "{written}");
        }
        for written in ["", "chị", "Lan", "Mai Lan", "Ma"] {
            assert!(!can_mean(written, "Lê Thị Mai"), "{written}");
        }
        assert!(can_mean("Anh", "Trần Lan Anh") && can_mean("anh Anh", "Trần Lan Anh"));
    }
}
