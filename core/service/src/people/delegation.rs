//! Officers on leave, and their deputies.

use super::PeopleService;
use crate::{Error, InputRule};
use jiff::civil::Date;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::UserId;
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_store::{accounts, delegation_row};

/// A deputy of an officer, from one day to another, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    pub id: String,
    pub deputy: String,
    pub since: Date,
    pub until: Date,
}

/// The longest leave, in days.
const LONGEST: i32 = 366;

fn officer(actor: &Actor) -> Result<&UserId, Error> {
    match actor {
        Actor::Officer { id, .. } if may(actor, Deed::Delegate, None) => Ok(id),
        _ => Err(Refusal::NotAllowed.into()),
    }
}

impl PeopleService {
    /// Returns the deputies of the officer, today and later.
    pub async fn delegations(&self, actor: &Actor) -> Result<Vec<Delegation>, Error> {
        let reader = self.database.reader();
        let mut found = Vec::new();
        for row in accounts::delegations(reader, officer(actor)?, self.clock.today()).await? {
            let deputy = accounts::by_id(reader, &UserId(row.deputy)).await?.map_or_else(String::new, |row| row.name);
            let (since, until) = (row.since.parse(), row.until.parse());
            let (since, until) = (since.map_err(Error::fault)?, until.map_err(Error::fault)?);
            found.push(Delegation { id: row.id, deputy, since, until });
        }
        Ok(found)
    }

    /// Returns the deputies whom the officer can name: colleagues of the same agency.
    pub async fn deputies(&self, actor: &Actor) -> Result<Vec<(UserId, String)>, Error> {
        let own = officer(actor)?;
        let reader = self.database.reader();
        let mut found = Vec::new();
        for row in accounts::officers(reader).await? {
            let posts = accounts::posts(reader, &row.id).await?;
            let colleague = posts.iter().any(|post| actor.posts().iter().any(|own| own.agency == post.agency));
            if colleague && row.id != own.as_str() && row.closed.is_none() {
                found.push((UserId(row.id), row.name));
            }
        }
        Ok(found)
    }

    /// Lets a colleague take the officer's steps from one day to another, without any other right of the officer. The
    /// same leave is stored once.
    pub async fn delegate(&self, actor: &Actor, deputy: &UserId, since: Date, until: Date) -> Result<(), Error> {
        let own = officer(actor)?;
        if until < since || until < self.clock.today() || (until - since).get_days() > LONGEST {
            return Err(Error::Invalid(InputRule::LeaveDates));
        }
        if !self.deputies(actor).await?.iter().any(|(id, _)| id == deputy) {
            return Err(Refusal::AssigneeUnfit.into());
        }
        let row = delegation_row::Model {
            id: self.ids.next().to_string(),
            officer: own.to_string(),
            deputy: deputy.to_string(),
            since: since.to_string(),
            until: until.to_string(),
        };
        let transaction = self.database.begin().await?;
        transaction.lock_account(own).await?;
        let known = accounts::delegations(transaction.connection(), own, self.clock.today()).await?;
        let same = |old: &delegation_row::Model| {
            (&old.deputy, &old.since, &old.until) == (&row.deputy, &row.since, &row.until)
        };
        if !known.iter().any(same) {
            transaction.add_delegation(row).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Ends a leave.
    pub async fn end_delegation(&self, actor: &Actor, id: &str) -> Result<(), Error> {
        let transaction = self.database.begin().await?;
        transaction.remove_delegation(id, officer(actor)?).await?;
        Ok(transaction.commit().await?)
    }
}
