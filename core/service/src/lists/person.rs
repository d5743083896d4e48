//! The search for a dossier or a person among all dossiers that an officer may read, ended ones too.

use super::{DeskRow, ListService, row};
use crate::Error;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::fold::name_key;
use motcua_domain::identity;
use motcua_domain::names::{DossierCode, UserId};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_store::desk::{self, PersonKey, PersonPlace};
use motcua_store::{accounts, lists};

/// The most codes that a text without dashes is tried as.
const MOST_CODES: usize = 5;

/// The number of dossiers of each group, when a search shows several groups.
const FIRST: u64 = 10;

/// The property of a person by which a search finds dossiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    Identity,
    Phone,
    Name,
}

impl FoundBy {
    /// All properties, in the order in which their groups are shown.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Phone, Self::Name];

    /// Returns the word for addresses and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Phone => "phone",
            Self::Name => "name",
        }
    }

    /// Returns the text in the form in which this property is stored, if the text can be one.
    fn read(self, typed: &str) -> Option<String> {
        match self {
            Self::Identity => identity::tax_code(typed),
            Self::Phone => identity::phone(typed, true, true),
            Self::Name => Some(name_key(typed)).filter(|key| key.bytes().any(|byte| byte.is_ascii_alphabetic())),
        }
    }
}

/// The dossiers that a search found by one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundGroup {
    pub by: FoundBy,
    pub rows: Vec<DeskRow>,
    /// The place of the last line, if others follow.
    pub last: Option<PersonPlace>,
}

impl ListService {
    /// Returns the code that an officer searches for, if it is that of a dossier that the officer may read. The code may
    /// lack its dashes.
    pub async fn desk_code(&self, actor: &Actor, search: &str) -> Result<Option<DossierCode>, Error> {
        let agencies = self.province.agencies.iter().map(|agency| agency.code.as_str());
        let codes =
            DossierCode::parse(search).map_or_else(|| DossierCode::parse_plain(search, agencies), |code| vec![code]);
        for code in codes.into_iter().take(MOST_CODES) {
            match self.dossiers.readable(actor, &code).await {
                Ok(_) | Err(Error::Erased) => return Ok(Some(code)),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Returns the properties that a text can be.
    pub fn found_by(search: &str) -> Vec<FoundBy> {
        FoundBy::ALL.into_iter().filter(|by| by.read(search).is_some()).collect()
    }

    /// Returns the dossiers of the people whom a text can mean: a group for each property that the text can be, or those of
    /// one property after a place. Finding dossiers by the number of a person is a reading of each.
    pub async fn find_person(
        &self,
        actor: &Actor,
        search: &str,
        by: Option<FoundBy>,
        after: Option<&PersonPlace>,
    ) -> Result<Vec<FoundGroup>, Error> {
        let Actor::Officer { id, name, posts, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        if !may(actor, Deed::ReadDesk, None) {
            return Err(Refusal::NotAllowed.into());
        }
        let (reader, now) = (self.database.reader(), self.clock.now().as_second());
        let asked: Vec<FoundBy> = by.map_or_else(|| FoundBy::ALL.to_vec(), |by| vec![by]);
        let most = if by.is_some() { lists::PAGE } else { FIRST };
        let mut groups = Vec::new();
        for by in asked {
            let Some(text) = by.read(search) else { continue };
            let key = match by {
                FoundBy::Phone => PersonKey::Phone(text),
                FoundBy::Name => PersonKey::Name(text),
                FoundBy::Identity => {
                    let account = accounts::by_login(reader, &text).await?;
                    let account = account.filter(|row| row.kind == accounts::kind::APPLICANT);
                    PersonKey::Identity { number: text, account: account.map(|row| UserId(row.id)) }
                }
            };
            let found = desk::of_person(reader, posts, &key, after, most).await?;
            if by != FoundBy::Name && !found.rows.is_empty() {
                let codes: Vec<&str> = found.rows.iter().map(|row| row.code.as_str()).collect();
                self.dossiers.log_readings(id, name, &codes).await?;
            }
            let rows = found.rows.into_iter().map(|found| row(found, now)).collect::<Result<Vec<_>, _>>()?;
            if !rows.is_empty() {
                groups.push(FoundGroup { by, rows, last: found.last });
            }
        }
        Ok(groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_searched_as_whatever_it_can_be_and_nothing_else() {
        let found_by = ListService::found_by;
        assert_eq!(found_by("0912345678"), [FoundBy::Phone]);
        assert_eq!(found_by("+84 912 345 678"), [FoundBy::Phone]);
        assert_eq!(found_by("074190001234"), [FoundBy::Identity]);
        assert!(found_by("0100109106").contains(&FoundBy::Identity), "the tax code of an organisation");
        assert_eq!(found_by("nguyen thi"), [FoundBy::Name]);
        assert_eq!(found_by("Nguyễn Thị"), [FoundBy::Name]);
        for nothing in ["", " ", "🙂", &"1".repeat(40), "%", "0", "\u{0}"] {
            assert!(found_by(nothing).is_empty(), "{nothing:?}");
        }
    }
}
