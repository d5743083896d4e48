//! The register of results: an applicant's own, and those of the agencies whose dossiers an officer may read.

use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::rights::applicant;
use crate::{Error, TimeSource};
use jiff::ToSpan as _;
use jiff::civil::Date;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::DossierCode;
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::result::ResultStatus;
use motcua_domain::text::narrow;
use motcua_store::Database;
use motcua_store::register::{self, RegisterQuery, RegisteredResult};
use std::sync::Arc;

/// The most results that a page of the register shows.
const PAGE: u64 = 50;

/// The most results that an export has.
pub const MOST_EXPORTED: u64 = 1000;

/// The most days within which a result may end.
const MOST_DAYS: u32 = 3650;

/// A result with its standing today.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedResult {
    pub result: RegisteredResult,
    pub status: ResultStatus,
}

/// A search in the register.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegisterSearch {
    /// Words among numbers, holders and codes, or an empty text.
    pub words: String,
    /// The days within which the results end, from today. `None` means all results.
    pub within_days: Option<u32>,
}

/// The register of results.
#[derive(Debug)]
pub struct RegisterService {
    database: Database,
    clock: TimeSource,
    dossiers: Arc<DossierService>,
}

impl RegisterService {
    pub(crate) fn new(common: &CommonParts, dossiers: Arc<DossierService>) -> Self {
        let CommonParts { database, clock, .. } = common.clone();
        Self { database, clock, dossiers }
    }

    /// Returns the applicant's own results, latest first.
    pub async fn own(&self, actor: &Actor) -> Result<Vec<ListedResult>, Error> {
        let found = register::of_applicant(self.database.reader(), applicant(actor)?).await?;
        Ok(listed(found, self.clock.today()))
    }

    /// Returns the result that a paper shows, for anybody who read its number, its holder and its day of issue there.
    pub async fn verify(&self, number: &str, holder: &str, day: Date) -> Result<ListedResult, Error> {
        let found = register::of_number(self.database.reader(), number).await?;
        let is_shown = |result: &RegisteredResult| result.from == day && is_same_name(&result.holder.name, holder);
        let found: Vec<RegisteredResult> = found.into_iter().filter(is_shown).take(1).collect();
        listed(found, self.clock.today()).pop().ok_or(Error::NotFound)
    }

    /// Returns the results that an officer may see, and whether there are more.
    pub async fn list(&self, actor: &Actor, search: &RegisterSearch) -> Result<(Vec<ListedResult>, bool), Error> {
        let mut found = self.found(actor, search, PAGE + 1).await?;
        let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let more = found.len() > shown;
        found.truncate(shown);
        Ok((found, more))
    }

    /// Returns the same results for a table, at most [`MOST_EXPORTED`]. Each counts as a reading of its dossier.
    pub async fn export(&self, actor: &Actor, search: &RegisterSearch) -> Result<Vec<ListedResult>, Error> {
        let found = self.found(actor, search, MOST_EXPORTED).await?;
        if let Actor::Officer { id, name, .. } = actor {
            let codes: Vec<DossierCode> = found.iter().map(|listed| listed.result.dossier.clone()).collect();
            self.dossiers.log_readings(id, name, &codes).await?;
        }
        Ok(found)
    }

    async fn found(&self, actor: &Actor, search: &RegisterSearch, most: u64) -> Result<Vec<ListedResult>, Error> {
        if !may(actor, Deed::ReadDesk, None) {
            return Err(Refusal::NotAllowed.into());
        }
        let today = self.clock.today();
        let last = |days: u32| today.checked_add(i64::from(days.min(MOST_DAYS)).days()).unwrap_or(Date::MAX);
        let query = RegisterQuery {
            search: search.words.clone(),
            ends_within: search.within_days.map(|days| (today, last(days))),
        };
        let found = register::of_posts(self.database.reader(), actor.posts(), &query, most).await?;
        Ok(listed(found, today))
    }
}

/// Returns whether two names are the same, as people type them: with blanks and capitals as they like.
fn is_same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| narrow(name).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    plain(one) == plain(other)
}

fn listed(found: Vec<RegisteredResult>, today: Date) -> Vec<ListedResult> {
    found.into_iter().map(|result| ListedResult { status: result.status(today), result }).collect()
}

#[cfg(test)]
mod tests {
    use super::is_same_name;

    #[test]
    fn a_name_is_the_same_with_other_blanks_and_capitals_but_not_with_other_letters() {
        assert!(is_same_name("Nguyễn Văn An", " NGUYỄN  VĂN an "));
        assert!(!is_same_name("Nguyễn Văn An", "Nguyễn Văn Ân"));
        assert!(!is_same_name("Nguyễn Văn An", ""));
    }
}
